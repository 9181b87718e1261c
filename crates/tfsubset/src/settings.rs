//! Settings of the program. No other module reads the environment or the arguments.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;

use camino::Utf8PathBuf;
use serde::Deserialize;

/// Environment variable that contains the path of a file with the names of the selected types, one on each line. If the
/// variable is not set, the schemas of all types are served.
const TYPES: &str = "TFSUBSET_TYPES";

/// Environment variable that contains a directory in which the instances of this program register provider processes
/// that they share. If the variable is not set, each instance starts its own process.
const PROCESSES: &str = "TFSUBSET_PROCESSES";

/// Environment variable that contains the ID of the process group to which shared processes belong. If the variable is not
/// set, they belong to the group of the instance that starts them.
const GROUP: &str = "TFSUBSET_GROUP";

/// The provider behind this program, from the file `<program>.json`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Source address of the provider, such as `registry.terraform.io/hashicorp/aws`.
    pub(crate) address: String,
    /// Major version of the plugin protocol that the provider implements: 5 or 6.
    pub(crate) protocol: u16,
    /// Program of the provider.
    pub(crate) program: Utf8PathBuf,
    /// File with the response to `GetProviderSchema`. The program writes the file if it does not exist.
    pub(crate) schemas: Utf8PathBuf,
    /// Names of the selected types. `None` selects all types.
    #[serde(skip)]
    pub(crate) types: Option<BTreeSet<String>>,
    /// Directory in which shared processes are registered. `None` if processes are not shared.
    #[serde(skip)]
    pub(crate) processes: Option<Utf8PathBuf>,
    /// Process group of the shared processes. `None` for the group of this process.
    #[serde(skip)]
    pub(crate) group: Option<i32>,
    /// Hash of the environment.
    #[serde(skip)]
    pub(crate) environment: u64,
}

/// Error in the settings.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// The path of the program is unknown, so its settings cannot be found.
    #[error("the name of this program is missing or is not UTF-8; start it with its path")]
    NoName,
    /// A file cannot be read.
    #[error(
        "{path} cannot be read ({source}); this program stands in front of a provider in tests, and tfharness installs it"
    )]
    Read {
        /// The file.
        path: Utf8PathBuf,
        /// The error.
        source: io::Error,
    },
    /// The settings are invalid.
    #[error("{path} does not contain the settings of tfsubset: {source}")]
    Invalid {
        /// The file.
        path: Utf8PathBuf,
        /// The error.
        source: serde_json::Error,
    },
    /// The protocol is not supported.
    #[error("{path} specifies plugin protocol {protocol}, but only 5 and 6 are supported")]
    Protocol {
        /// The file.
        path: Utf8PathBuf,
        /// The version in the file.
        protocol: u16,
    },
    /// The process group is not a number.
    #[error("{GROUP} is {value:?}; set it to the ID of a process group, or remove it")]
    Group {
        /// The value of the variable.
        value: OsString,
    },
}

impl Settings {
    /// Reads the settings of this process.
    ///
    /// # Errors
    /// Returns an error if a file is missing or invalid.
    pub(crate) fn of_process() -> Result<Self, SettingsError> {
        let program = std::env::args_os().next();
        let settings = Self::read(
            program,
            std::env::var_os(TYPES),
            std::env::var_os(PROCESSES),
        )?;
        let group = std::env::var_os(GROUP).map(group).transpose()?;
        let environment = environment();
        Ok(Self {
            group,
            environment,
            ..settings
        })
    }

    fn read(
        program: Option<OsString>,
        types: Option<OsString>,
        processes: Option<OsString>,
    ) -> Result<Self, SettingsError> {
        let name = |name: OsString| name.into_string().map_err(|_| SettingsError::NoName);
        let program = name(program.ok_or(SettingsError::NoName)?)?;
        let path = Utf8PathBuf::from(format!("{program}.json"));
        let mut settings: Self = serde_json::from_str(&read(&path)?).map_err(|source| {
            let path = path.clone();
            SettingsError::Invalid { path, source }
        })?;
        if ![5, 6].contains(&settings.protocol) {
            let protocol = settings.protocol;
            return Err(SettingsError::Protocol { path, protocol });
        }
        if let Some(types) = types {
            let lines = read(&name(types)?.into())?;
            settings.types = Some(lines.lines().map(str::to_owned).collect());
        }
        settings.processes = processes.map(name).transpose()?.map(Utf8PathBuf::from);
        Ok(settings)
    }

    /// Returns the path of the RPC that configures the provider, from tfplugin5.proto and tfplugin6.proto.
    pub(crate) fn configure_rpc(&self) -> &'static str {
        match self.protocol {
            5 => "/tfplugin5.Provider/Configure",
            _ => "/tfplugin6.Provider/ConfigureProvider",
        }
    }

    /// Returns the path of the RPC that returns the schemas, from tfplugin5.proto and tfplugin6.proto.
    pub(crate) fn schema_rpc(&self) -> &'static str {
        match self.protocol {
            5 => "/tfplugin5.Provider/GetSchema",
            _ => "/tfplugin6.Provider/GetProviderSchema",
        }
    }
}

/// Returns a hash of the working directory and the environment variables. It excludes those of go-plugin, which differ in each start, and the input
/// variables of the root module, which providers do not read.
fn environment() -> u64 {
    let mut variables: Vec<_> = std::env::vars_os()
        .filter(|(name, _)| {
            let name = name.to_string_lossy();
            !name.starts_with("PLUGIN_") && !name.starts_with("TF_VAR_")
        })
        .collect();
    variables.sort();
    let mut hasher = DefaultHasher::new();
    (std::env::current_dir().ok(), variables).hash(&mut hasher);
    hasher.finish()
}

fn group(value: OsString) -> Result<i32, SettingsError> {
    let number = value.to_str().and_then(|text| text.parse().ok());
    number.ok_or(SettingsError::Group { value })
}

fn read(path: &Utf8PathBuf) -> Result<String, SettingsError> {
    std::fs::read_to_string(path).map_err(|source| {
        let path = path.clone();
        SettingsError::Read { path, source }
    })
}
