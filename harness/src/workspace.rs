//! Runs a configuration under a command line: a directory of its own, an environment built from nothing, and no way
//! to a real account.
//!
//! ```no_run
//! use tfharness::{Cli, LocalAws, Workspace};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let aws = LocalAws::account()?;
//! for cli in Cli::all()? {
//!     let stack = Workspace::of("examples/root-ca").cli(&cli).aws(&aws).apply()?; // the second plan is checked here
//!     let arn: String = stack.output("arn")?;
//!     stack.destroy()?;
//!     aws.expect_empty()?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Must not know a provider beyond its address, nor a module beyond its directory.

mod configuration;
mod environment;
mod error;
mod lock;
mod plan;
mod providers;
mod run;
mod source;
mod stack;
mod state;

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

pub use error::{Error, Failure};
pub use plan::{Action, Change, Plan, ResourceChange};
pub use providers::Providers;
pub use run::{Finished, Running};
pub use stack::Stack;
pub use state::{Output, Resource, State, Validation};

use crate::aws::LocalAws;
use crate::toolchain::Cli;
use source::Source;

/// Makes a mirror of providers in a directory of its own, and the command line's configuration that names it: the given
/// programs by address, such as `skreg/skreg`, and what the machine's own mirrors have. Answers the path of the
/// configuration, which is for `TF_CLI_CONFIG_FILE`. What was in the directory is replaced.
///
/// # Errors
/// When a program is not there, or the directory cannot be written.
pub fn install(
    directory: &Utf8Path,
    programs: &BTreeMap<String, Utf8PathBuf>,
) -> Result<Utf8PathBuf, Error> {
    if directory.exists() {
        std::fs::remove_dir_all(directory).map_err(Error::io("replace", directory))?;
    }
    let local = configuration::local_providers(programs, true)?;
    configuration::write(directory, &local)
}

/// How long a single command may take.
const LIMIT: Duration = Duration::from_secs(15 * 60);
/// The address of this project's provider.
const OWN_PROVIDER: &str = "skreg/skreg";
/// The release that a local provider is offered as.
const LOCAL_VERSION: &str = "0.1.0";

/// Hears the lines that a command prints, standard output and standard error alike.
pub type Listener = Arc<dyn Fn(&str) + Send + Sync>;

/// A configuration and how to run it; nothing happens before [`open`](Self::open), [`init`](Self::init) or
/// [`apply`](Self::apply).
#[derive(Clone)]
pub struct Workspace {
    source: Source,
    files: BTreeMap<String, String>,
    cli: Option<Cli>,
    local_providers: BTreeMap<String, Utf8PathBuf>,
    settings: Settings,
}

/// What may also change between two commands of one stack.
#[derive(Clone)]
struct Settings {
    aws: Option<LocalAws>,
    environment: BTreeMap<String, Option<String>>,
    variables: BTreeMap<String, String>,
    parallelism: Option<u16>,
    trace: bool,
    limit: Duration,
    listener: Option<Listener>,
    keep: bool,
}

impl Workspace {
    /// A copy of a directory with a root module. A relative path is looked up in the current directory and then in
    /// its parents, so `examples/root-ca` works from everywhere in the repository; `modules/` beside it stays
    /// reachable at the same relative path.
    #[must_use]
    pub fn of(directory: impl Into<Utf8PathBuf>) -> Self {
        Self::new(Source::Directory(directory.into()))
    }

    /// A root module given as text.
    #[must_use]
    pub fn inline(hcl: impl Into<String>) -> Self {
        Self::new(Source::Empty).file("main.tf", hcl)
    }

    fn new(source: Source) -> Self {
        let settings = Settings {
            aws: None,
            environment: BTreeMap::new(),
            variables: BTreeMap::new(),
            parallelism: None,
            trace: false,
            limit: LIMIT,
            listener: None,
            keep: false,
        };
        Self {
            source,
            files: BTreeMap::new(),
            cli: None,
            local_providers: BTreeMap::new(),
            settings,
        }
    }

    /// Adds a file to the root module, or replaces one.
    #[must_use]
    pub fn file(mut self, name: &str, text: impl Into<String>) -> Self {
        self.files.insert(name.to_owned(), text.into());
        self
    }

    /// The command line to run; without it, the first of [`Cli::all`].
    #[must_use]
    pub fn cli(mut self, cli: impl Borrow<Cli>) -> Self {
        self.cli = Some(cli.borrow().clone());
        self
    }

    /// The account that every provider works in. Without it there are no credentials and no endpoint at all.
    #[must_use]
    pub fn aws(mut self, aws: &LocalAws) -> Self {
        self.settings.aws = Some(aws.clone());
        self
    }

    /// Offers a local program as a provider, under an address such as `hello/hello`, as release 0.1.0.
    /// `skreg/skreg` needs no mention: it is `SKREG_PROVIDER`, else `target/debug/terraform-provider-skreg`.
    #[must_use]
    pub fn provider(mut self, address: &str, program: impl Into<Utf8PathBuf>) -> Self {
        self.local_providers
            .insert(address.to_owned(), program.into());
        self
    }

    /// Sets a root variable: text as it is, anything else in its JSON form.
    #[must_use]
    pub fn var(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.settings.variable(name, &value.into());
        self
    }

    /// Sets an environment variable of the command and its providers.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings
            .environment
            .insert(name.to_owned(), Some(value.into()));
        self
    }

    /// Takes an environment variable away that would be set otherwise, such as `AWS_REGION`.
    #[must_use]
    pub fn without_env(mut self, name: &str) -> Self {
        self.settings.environment.insert(name.to_owned(), None);
        self
    }

    /// Uses providers that run already: the JSON of `TF_REATTACH_PROVIDERS`.
    #[must_use]
    pub fn reattach(self, json: impl Into<String>) -> Self {
        self.env("TF_REATTACH_PROVIDERS", json)
    }

    /// How many operations run at once.
    #[must_use]
    pub fn parallelism(mut self, operations: u16) -> Self {
        self.settings.parallelism = Some(operations);
        self
    }

    /// Writes the trace log of command line and providers to a file; see [`Stack::trace`].
    #[must_use]
    pub fn trace(mut self) -> Self {
        self.settings.trace = true;
        self
    }

    /// How long a single command may take before its group is killed; 15 minutes unless said.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.settings.limit = limit;
        self
    }

    /// Hears every line that a command prints, as it is printed.
    #[must_use]
    pub fn listen(mut self, listener: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.settings.listener = Some(Arc::new(listener));
        self
    }

    /// Leaves the directory standing.
    #[must_use]
    pub fn keep(mut self) -> Self {
        self.settings.keep = true;
        self
    }

    /// Makes the directory and runs nothing.
    ///
    /// # Errors
    /// When the source, a provider or the command line is missing, or the directory cannot be written.
    pub fn open(self) -> Result<Stack, Error> {
        Stack::open(self)
    }

    /// Makes the directory and runs `init`.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when `init` fails.
    pub fn init(self) -> Result<Stack, Error> {
        let stack = self.open()?;
        stack.init()?;
        Ok(stack)
    }

    /// Makes the directory, runs `init` and `apply`, and checks that a second plan is empty.
    ///
    /// # Errors
    /// As [`init`](Self::init), when `apply` fails, and when the second plan holds a change.
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
