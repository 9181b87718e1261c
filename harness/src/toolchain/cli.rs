//! Finds `tofu` and `terraform`. Must not run anything but `version`.

use std::fmt;
use std::process::Command;
use std::str::FromStr;
use std::sync::OnceLock;

use camino::Utf8PathBuf;
use semver::Version;

use super::opentofu::{self, BuildError};
use super::{Progress, Quiet, tool};

/// The oldest release of both command lines that this project supports: write-only arguments need it.
pub const FLOOR: Version = Version::new(1, 11, 0);

/// Which command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// OpenTofu.
    Tofu,
    /// HashiCorp Terraform.
    Terraform,
}

impl Kind {
    /// Both, in the order in which they are tried.
    pub const ALL: [Self; 2] = [Self::Tofu, Self::Terraform];

    /// The name of the program.
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

    /// What installs it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Tofu => "cargo xtask demo --cli tofu builds it, where Go is installed",
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

/// A name that is neither `tofu` nor `terraform`.
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

/// Why a command line was not found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// None is installed.
    #[error("no {kind} >= {FLOOR} is installed{}; install it: {}", older(.found), .kind.remedy())]
    Missing {
        /// Which one.
        kind: Kind,
        /// Programs of that name that are too old or do not answer.
        found: Vec<String>,
    },
    /// The program does not answer as this command line.
    #[error("{path} does not answer `version` as OpenTofu or Terraform >= {FLOOR} would")]
    Unusable {
        /// The program.
        path: Utf8PathBuf,
    },
    /// It is missing and could not be built.
    #[error("OpenTofu is not installed and could not be built")]
    Build(#[from] BuildError),
    /// `SKREG_CLI` or `SKREG_REQUIRE` names something else.
    #[error("in {variable}: {source}")]
    Variable {
        /// The variable.
        variable: &'static str,
        /// The bad name.
        source: UnknownKind,
    },
    /// `SKREG_CLI` leaves nothing to run.
    #[error("SKREG_CLI names no command line; unset it or name tofu or terraform")]
    NoneWanted,
}

fn older(found: &[String]) -> String {
    if found.is_empty() {
        String::new()
    } else {
        format!(" (found {})", found.join(", "))
    }
}

/// A command line that is known to work.
#[derive(Clone, Debug)]
pub struct Cli {
    kind: Kind,
    path: Utf8PathBuf,
    version: Version,
}

impl Cli {
    /// The command line of that kind: the program that `SKREG_TOFU` or `SKREG_TERRAFORM` names, else the first on
    /// the PATH that is new enough, else (OpenTofu only) the pinned one, built into the cache.
    ///
    /// # Errors
    /// When there is none; the error names what installs it.
    pub fn find(kind: Kind) -> Result<Self, FindError> {
        Self::find_with(kind, &Quiet)
    }

    /// As [`Cli::find`], with a listener to the build.
    ///
    /// # Errors
    /// When there is none; the error names what installs it.
    pub fn find_with(kind: Kind, progress: &dyn Progress) -> Result<Self, FindError> {
        match Self::installed(kind) {
            Err(FindError::Missing {
                kind: Kind::Tofu, ..
            }) => Self::at(opentofu::build(progress)?),
            found => found,
        }
    }

    /// The command line of that kind, without building anything.
    ///
    /// # Errors
    /// When the machine has none and none was built before.
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

    /// Every command line that tests run under: OpenTofu (built where it is missing) and Terraform where it is
    /// installed. `SKREG_CLI=tofu` restricts the list; what `SKREG_REQUIRE=tofu,terraform` names must be there.
    ///
    /// # Errors
    /// When a required one is missing, or none is there at all.
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

    /// The command line at a path.
    ///
    /// # Errors
    /// When the program there is something else, or too old.
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

    /// Which command line it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The program.
    #[must_use]
    pub fn path(&self) -> &camino::Utf8Path {
        &self.path
    }

    /// Its release.
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
