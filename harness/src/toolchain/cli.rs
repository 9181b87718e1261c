//! Finds `tofu` and `terraform`. Must not run any command except `version`.

use std::fmt;
use std::process::Command;
use std::str::FromStr;
use std::sync::OnceLock;

use camino::Utf8PathBuf;
use semver::Version;

use super::go_program::BuildError;
use super::opentofu;
use super::{Progress, Quiet, tool};

/// Oldest supported release of both CLIs. Earlier releases do not support write-only arguments.
pub const FLOOR: Version = Version::new(1, 11, 0);

/// The CLI product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// OpenTofu.
    Tofu,
    /// HashiCorp Terraform.
    Terraform,
}

impl Kind {
    /// Both CLIs, in order of preference.
    pub const ALL: [Self; 2] = [Self::Tofu, Self::Terraform];

    /// Returns the name of the program.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Tofu => "tofu",
            Self::Terraform => "terraform",
        }
    }

    fn product(self) -> &'static str {
        match self {
            Self::Tofu => "OpenTofu",
            Self::Terraform => "Terraform",
        }
    }

    fn variable(self) -> &'static str {
        match self {
            Self::Tofu => "SKREG_TOFU",
            Self::Terraform => "SKREG_TERRAFORM",
        }
    }

    /// Returns installation instructions for the CLI.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Tofu => "install Go and run cargo xtask demo --cli tofu, which builds it",
            Self::Terraform if cfg!(target_os = "macos") => "brew install hashicorp/tap/terraform",
            Self::Terraform => {
                "follow https://developer.hashicorp.com/terraform/install, or set SKREG_TERRAFORM to the program"
            }
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program())
    }
}

/// The name is neither `tofu` nor `terraform`.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is neither tofu nor terraform")]
pub struct UnknownKind(String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.program() == name)
            .ok_or_else(|| UnknownKind(name.to_owned()))
    }
}

/// Reason why a CLI cannot be found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The CLI is not installed.
    #[error("{kind} >= {FLOOR} is not installed{}; to install it: {}", older(.found), .kind.remedy())]
    Missing {
        /// The CLI.
        kind: Kind,
        /// Programs with this name that are too old or that fail.
        found: Vec<String>,
    },
    /// The program is not the expected CLI.
    #[error("{path} is not OpenTofu or Terraform version {FLOOR} or later")]
    Unusable {
        /// The program.
        path: Utf8PathBuf,
    },
    /// OpenTofu is missing and cannot be built.
    #[error("OpenTofu is not installed and cannot be built")]
    Build(#[from] BuildError),
    /// `SKREG_CLI` or `SKREG_REQUIRE` contains an unknown name.
    #[error("in {variable}: {source}")]
    Variable {
        /// The variable.
        variable: &'static str,
        /// The unknown name.
        source: UnknownKind,
    },
    /// `SKREG_CLI` does not select a CLI.
    #[error("SKREG_CLI does not select a CLI; unset it, or set it to tofu or terraform")]
    NoneWanted,
}

fn older(found: &[String]) -> String {
    if found.is_empty() {
        String::new()
    } else {
        format!(" (found {})", found.join(", "))
    }
}

/// A CLI program with a verified version.
#[derive(Clone, Debug)]
pub struct Cli {
    kind: Kind,
    path: Utf8PathBuf,
    version: Version,
}

impl Cli {
    /// Finds a CLI. The program in `SKREG_TOFU` or `SKREG_TERRAFORM` takes precedence over the first program on the
    /// PATH that is recent enough. For OpenTofu, the last choice is the pinned build in the cache.
    ///
    /// # Errors
    /// Returns an error if the CLI is not found. The error contains installation instructions.
    pub fn find(kind: Kind) -> Result<Self, FindError> {
        Self::find_with(kind, &Quiet)
    }

    /// Finds a CLI like [`Cli::find`], and reports the progress of a build.
    ///
    /// # Errors
    /// Returns an error if the CLI is not found. The error contains installation instructions.
    pub fn find_with(kind: Kind, progress: &dyn Progress) -> Result<Self, FindError> {
        match Self::installed(kind) {
            Err(FindError::Missing {
                kind: Kind::Tofu, ..
            }) => Self::at(opentofu::build(progress)?),
            found => found,
        }
    }

    /// Finds an installed CLI. Does not build one.
    ///
    /// # Errors
    /// Returns an error if the CLI is neither installed nor in the cache.
    pub fn installed(kind: Kind) -> Result<Self, FindError> {
        let mut found = Vec::new();
        let built = (kind == Kind::Tofu)
            .then(opentofu::path)
            .and_then(Result::ok)
            .filter(|path| path.is_file());
        for path in tool::candidates(kind.variable(), &[kind.program()]).chain(built) {
            match Self::at(path.clone()) {
                Ok(cli) if cli.kind == kind => return Ok(cli),
                _ => found.push(path.into_string()),
            }
        }
        Err(FindError::Missing { kind, found })
    }

    /// Returns every CLI for the tests: OpenTofu (built if missing) and Terraform (if installed). `SKREG_CLI=tofu`
    /// restricts the list. `SKREG_REQUIRE=tofu,terraform` specifies CLIs that must exist.
    ///
    /// # Errors
    /// Returns an error if a required CLI is missing, or if none is available.
    pub fn all() -> Result<Vec<Self>, FindError> {
        static FOUND: OnceLock<Vec<Cli>> = OnceLock::new();
        if let Some(found) = FOUND.get() {
            return Ok(found.clone());
        }
        let wanted = listed("SKREG_CLI")?.unwrap_or_else(|| Kind::ALL.to_vec());
        let required = listed("SKREG_REQUIRE")?.unwrap_or_default();
        let mut found = Vec::new();
        let mut reason = FindError::NoneWanted;
        for kind in wanted {
            match Self::find(kind) {
                Ok(cli) => found.push(cli),
                Err(error) if required.contains(&kind) => return Err(error),
                Err(error) => reason = error,
            }
        }
        if found.is_empty() {
            return Err(reason);
        }
        Ok(FOUND.get_or_init(|| found).clone())
    }

    /// Returns the CLI at the specified path.
    ///
    /// # Errors
    /// Returns an error if the program is neither OpenTofu nor Terraform, or if it is too old.
    pub fn at(path: impl Into<Utf8PathBuf>) -> Result<Self, FindError> {
        let path = path.into();
        let output = Command::new(&path)
            .arg("version")
            .env_clear()
            .env("CHECKPOINT_DISABLE", "1")
            .current_dir("/")
            .output()
            .ok()
            .filter(|output| output.status.success());
        let text = output
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| line.starts_with(kind.product()));
        match (kind, tool::version_in(line)) {
            (Some(kind), Some(version)) if version >= FLOOR => Ok(Self {
                kind,
                path,
                version,
            }),
            _ => Err(FindError::Unusable { path }),
        }
    }

    /// Returns the CLI product.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the path to the program.
    #[must_use]
    pub fn path(&self) -> &camino::Utf8Path {
        &self.path
    }

    /// Returns the version.
    #[must_use]
    pub fn version(&self) -> &Version {
        &self.version
    }
}

impl fmt::Display for Cli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.version)
    }
}

fn listed(variable: &'static str) -> Result<Option<Vec<Kind>>, FindError> {
    let Ok(text) = std::env::var(variable) else {
        return Ok(None);
    };
    let names = text
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let kinds: Vec<Kind> = names
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|source| FindError::Variable { variable, source })?;
    Ok((!kinds.is_empty()).then_some(kinds))
}
