//! Runs a configuration with a CLI. Each workspace has a separate directory, and a separate environment that is built
//! from scratch and cannot reach a real account.
//!
//! ```no_run
//! use tfharness::{Cli, LocalAws, Workspace};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let aws = LocalAws::account()?;
//! for cli in Cli::all()? {
//!     let stack = Workspace::of("examples/root-ca").cli(&cli).aws(&aws).apply()?; // also checks that a second plan is empty
//!     let arn: String = stack.output("arn")?;
//!     stack.destroy()?;
//!     aws.expect_empty()?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Must not depend on any property of a provider except its address, or on any property of a module except its
//! directory.

mod cloud;
mod configuration;
mod double;
mod environment;
mod error;
mod lock;
mod plan;
mod providers;
mod run;
mod shared;
mod source;
mod stack;
mod state;
mod subset;

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

pub use cloud::Cloud;
pub use double::Double;
pub use error::{Error, Failure};
pub use plan::{Action, Change, Plan, ResourceChange};
pub use providers::Providers;
pub use run::{Finished, Running};
pub use stack::Stack;
pub use state::{Output, Resource, State, Validation};
pub use subset::VARIABLE as SUBSET_VARIABLE;

use crate::aws::LocalAws;
use crate::toolchain::Cli;
use source::Source;

/// Creates a provider mirror in a directory, and a CLI configuration that refers to it. The mirror contains the
/// specified programs by address, such as `skreg/skreg`, and the packages in installed mirrors. Replaces the content of
/// the directory and returns the path to the configuration, for `TF_CLI_CONFIG_FILE`.
///
/// # Errors
/// Returns an error if a program does not exist, or if the directory cannot be written.
pub fn install(
    directory: &Utf8Path,
    programs: &BTreeMap<String, Utf8PathBuf>,
) -> Result<Utf8PathBuf, Error> {
    if directory.exists() {
        std::fs::remove_dir_all(directory).map_err(Error::io("replace", directory))?;
    }
    let local = configuration::local_providers(programs, true)?;
    configuration::write(directory, &local, None, &[])
}

/// Default timeout for a command.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// Address of the provider in this repository.
const OWN_PROVIDER: &str = "skreg/skreg";
/// Version that local providers receive.
const LOCAL_VERSION: &str = "0.1.0";

/// Called with each line of standard output and standard error.
pub type Listener = Arc<dyn Fn(&str) + Send + Sync>;

/// A configuration and its settings. No file is created and no command runs before [`open`](Self::open),
/// [`init`](Self::init), or [`apply`](Self::apply).
#[derive(Clone)]
pub struct Workspace {
    source: Source,
    files: BTreeMap<String, String>,
    cli: Option<Cli>,
    local_providers: BTreeMap<String, Utf8PathBuf>,
    subset: Option<Utf8PathBuf>,
    doubles: Vec<Double>,
    settings: Settings,
}

/// Settings that can change between two commands in a stack.
#[derive(Clone)]
struct Settings {
    cloud: Option<Arc<dyn Cloud>>,
    environment: BTreeMap<String, Option<String>>,
    variables: BTreeMap<String, String>,
    parallelism: Option<u16>,
    trace: bool,
    limit: Duration,
    listener: Option<Listener>,
    keep: bool,
    keep_processes: bool,
}

impl Workspace {
    /// Uses a copy of a directory with a root module. A relative path is resolved in the current directory and its
    /// parents, so `examples/root-ca` works from any directory in the repository. The copy also contains `modules/` at
    /// the same relative path.
    #[must_use]
    pub fn of(directory: impl Into<Utf8PathBuf>) -> Self {
        Self::new(Source::Directory(directory.into()))
    }

    /// Uses a root module from a string.
    #[must_use]
    pub fn inline(hcl: impl Into<String>) -> Self {
        Self::new(Source::Empty).file("main.tf", hcl)
    }

    fn new(source: Source) -> Self {
        let settings = Settings {
            cloud: None,
            environment: BTreeMap::new(),
            variables: BTreeMap::new(),
            parallelism: None,
            trace: false,
            limit: DEFAULT_TIMEOUT,
            listener: None,
            keep: false,
            keep_processes: false,
        };
        Self {
            source,
            files: BTreeMap::new(),
            cli: None,
            local_providers: BTreeMap::new(),
            subset: subset::program(),
            doubles: Vec::new(),
            settings,
        }
    }

    /// Adds or replaces a file in the root module.
    #[must_use]
    pub fn file(mut self, name: &str, text: impl Into<String>) -> Self {
        self.files.insert(name.to_owned(), text.into());
        self
    }

    /// Sets the CLI. The default is the first CLI in [`Cli::all`].
    #[must_use]
    pub fn cli(mut self, cli: impl Borrow<Cli>) -> Self {
        self.cli = Some(cli.borrow().clone());
        self
    }

    /// Sets the account for all providers. Without an account, no credentials and no endpoint are available.
    #[must_use]
    pub fn cloud(mut self, cloud: impl Cloud + 'static) -> Self {
        self.settings.cloud = Some(Arc::new(cloud));
        self
    }

    /// Sets an account on the local AWS emulator as the account for all providers.
    #[must_use]
    pub fn aws(self, aws: &LocalAws) -> Self {
        self.cloud(aws.clone())
    }

    /// Provides a local program as a provider with an address such as `hello/hello` and version 0.1.0. `skreg/skreg` is
    /// always available: its program is the path in `SKREG_PROVIDER` if this variable is set, and otherwise
    /// `target/debug/terraform-provider-skreg`.
    #[must_use]
    pub fn provider(mut self, address: &str, program: impl Into<Utf8PathBuf>) -> Self {
        self.local_providers
            .insert(address.to_owned(), program.into());
        self
    }

    /// Sets the program that stands in front of installed providers and serves the schemas of the types that the
    /// configuration and the state name. The default is the path in `TFHARNESS_SUBSET`. With `None`, the CLI starts the
    /// installed providers directly.
    #[must_use]
    pub fn subset(mut self, program: Option<Utf8PathBuf>) -> Self {
        self.subset = program;
        self
    }

    /// Installs doubles in place of providers. Commands then use neither these providers nor their APIs. The objects that
    /// the doubles create exist only in the workspace.
    #[must_use]
    pub fn doubles(mut self, doubles: impl IntoIterator<Item = Double>) -> Self {
        self.doubles.extend(doubles);
        self
    }

    /// Sets a root variable. A string is passed unchanged. Other values are passed as JSON.
    #[must_use]
    pub fn var(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.settings.variable(name, &value.into());
        self
    }

    /// Sets an environment variable for the commands and their providers.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings
            .environment
            .insert(name.to_owned(), Some(value.into()));
        self
    }

    /// Removes a default environment variable, such as `AWS_REGION`.
    #[must_use]
    pub fn without_env(mut self, name: &str) -> Self {
        self.settings.environment.insert(name.to_owned(), None);
        self
    }

    /// Uses providers that are already running. `json` is the value of `TF_REATTACH_PROVIDERS`.
    #[must_use]
    pub fn reattach(self, json: impl Into<String>) -> Self {
        self.env("TF_REATTACH_PROVIDERS", json)
    }

    /// Sets the number of concurrent operations.
    #[must_use]
    pub fn parallelism(mut self, operations: u16) -> Self {
        self.settings.parallelism = Some(operations);
        self
    }

    /// Writes the trace log of the CLI and the providers to a file. See [`Stack::trace`].
    #[must_use]
    pub fn trace(mut self) -> Self {
        self.settings.trace = true;
        self
    }

    /// Sets the timeout for each command. After the timeout, the process group is killed. The default is 15 minutes.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.settings.limit = limit;
        self
    }

    /// Calls `listener` with every line when a command prints it.
    #[must_use]
    pub fn listen(mut self, listener: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.settings.listener = Some(Arc::new(listener));
        self
    }

    /// Keeps the directory when the stack is dropped.
    #[must_use]
    pub fn keep(mut self) -> Self {
        self.settings.keep = true;
        self
    }

    /// Keeps the processes of installed providers for later commands, even if memory is scarce.
    #[must_use]
    pub fn keep_processes(mut self) -> Self {
        self.settings.keep_processes = true;
        self
    }

    /// Creates the directory without running a command.
    ///
    /// # Errors
    /// Returns an error if the source, a provider, or the CLI is missing, or if the directory cannot be written.
    pub fn open(self) -> Result<Stack, Error> {
        Stack::open(self)
    }

    /// Creates the directory and runs `init`.
    ///
    /// # Errors
    /// Returns an error if [`open`](Self::open) or `init` fails.
    pub fn init(self) -> Result<Stack, Error> {
        let stack = self.open()?;
        stack.init()?;
        Ok(stack)
    }

    /// Creates the directory, runs `init` and `apply`, and checks that a second plan is empty.
    ///
    /// # Errors
    /// Returns an error if [`init`](Self::init) or `apply` fails, or if the second plan contains a change.
    pub fn apply(self) -> Result<Stack, Error> {
        let stack = self.init()?;
        stack.apply()?;
        Ok(stack)
    }
}

impl Settings {
    fn variable(&mut self, name: &str, value: &serde_json::Value) {
        let text = match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.variables.insert(name.to_owned(), text);
    }
}
