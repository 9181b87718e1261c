//! An open workspace with CLI commands and typed results.

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use camino::{Utf8Path, Utf8PathBuf};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::environment::{self, NetworkAccess};
use super::shared::Idle;
use super::state::Shown;
use super::subset::Types;
use super::{
    Error, Failure, Finished, OWN_PROVIDER, Output, Plan, Providers, Running, Settings, State,
    Validation, Workspace, configuration, double, lock, source,
};
use crate::check::StateCheck;
use crate::process::{keep_at_end, remove_at_end};
use crate::schedule::{Admission, MAXIMUM_MEMORY, Request};
use crate::toolchain::Cli;

/// Source address of the provider that uses most of the memory.
const AWS_PROVIDER: &str = "hashicorp/aws";
/// Measured memory of a CLI with only the providers in this repository, in MiB.
const MEMORY: u32 = 200;
/// Name of the plan file that `plan` writes.
const PLAN_FILE: &str = "harness.tfplan";

/// A working directory for one CLI.
///
/// Dropping the handle deletes the directory. The directory remains if [`keep`](Self::keep) was called, a command
/// failed, or the test panicked. The provider copies in a remaining directory are deleted when the process exits,
/// because they are large.
pub struct Stack {
    cli: Cli,
    base: Option<tempfile::TempDir>,
    path: Utf8PathBuf,
    root: Utf8PathBuf,
    settings: Settings,
    providers: Providers,
    /// Types whose schemas the installed providers serve. `None` if they serve all schemas.
    types: Option<Types>,
    /// Provider processes of earlier commands.
    idle: Idle,
    failed: AtomicBool,
    /// Name of the test that opened the workspace, for the schedule record.
    test: String,
    /// Maximum memory that a command and its providers use, in MiB.
    memory: u32,
}

impl Stack {
    pub(super) fn open(workspace: Workspace) -> Result<Self, Error> {
        let Workspace {
            source,
            files,
            cli,
            local_providers,
            subset,
            doubles,
            mut settings,
        } = workspace;
        let cli = match cli {
            Some(cli) => cli,
            None => Cli::all()?.swap_remove(0),
        };
        let temp =
            Utf8PathBuf::from_path_buf(std::env::temp_dir()).unwrap_or_else(|_| "/tmp".into());
        let base = tempfile::Builder::new()
            .prefix("skreg-")
            .tempdir_in(&temp)
            .map_err(Error::io("create", &temp))?;
        let path = Utf8PathBuf::from_path_buf(base.path().to_owned()).unwrap_or(temp);
        for name in ["home", "tmp"] {
            let directory = path.join(name);
            fs::create_dir(&directory).map_err(Error::io("create", &directory))?;
        }
        let root = source.copy_into(&path.join("tree"))?;
        for (name, text) in &files {
            write(&root.join(name), text)?;
        }
        let doubled = |name: &str| doubles.iter().any(|double| double.address() == name);
        let mut local = configuration::local_providers(
            &local_providers,
            !doubled(OWN_PROVIDER) && source::mentions(&path.join("tree"), OWN_PROVIDER),
        )?;
        local.retain(|address, _| !doubled(address));
        if !doubles.is_empty() {
            let objects = path.join("objects");
            fs::create_dir(&objects).map_err(Error::io("create", &objects))?;
            let marker = settings.environment.entry(double::MARKER.to_owned());
            marker.or_insert(Some(objects.into_string()));
        }
        let mirror = configuration::mirror(&path);
        if !settings.keep {
            remove_at_end(&mirror).map_err(Error::io("register for removal", &mirror))?;
        }
        configuration::write(&path, &local, subset.as_deref(), &doubles)?;
        environment::write_authority(&path)?;
        let is_selective = subset.is_some() || !doubles.is_empty();
        let types = is_selective.then(|| Types::of(&path.join("tree"), path.join("types")));
        let kinds = local
            .keys()
            .filter_map(|address| Some(address.rsplit('/').next()?.to_owned()))
            .collect();
        let loads_aws = source::mentions(&path.join("tree"), AWS_PROVIDER);
        let memory = match loads_aws && !doubled(AWS_PROVIDER) {
            true => MAXIMUM_MEMORY,
            false => MEMORY,
        };
        // libtest names each thread after the test that it runs.
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        let failed = AtomicBool::new(false);
        let idle = Idle::new(settings.keep_processes);
        Ok(Self {
            cli,
            base: Some(base),
            path,
            root,
            settings,
            providers: Providers::of(kinds),
            types,
            idle,
            failed,
            test,
            memory,
        })
    }

    /// Returns the CLI.
    #[must_use]
    pub fn cli(&self) -> &Cli {
        &self.cli
    }

    /// Returns the directory of the root module.
    #[must_use]
    pub fn directory(&self) -> &Utf8Path {
        &self.root
    }

    /// Returns the environment for running a command in this directory manually.
    ///
    /// # Errors
    /// Returns an error if a variable could make a real AWS account reachable.
    pub fn environment(&self) -> Result<std::collections::BTreeMap<String, String>, Error> {
        environment::build(&self.settings, &self.path, NetworkAccess::Loopback)
    }

    /// Returns a handle to the local provider processes, for rules that kill them.
    #[must_use]
    pub fn providers(&self) -> Providers {
        self.providers.clone()
    }

    /// Keeps the directory and its providers when the handle is dropped.
    ///
    /// # Errors
    /// Returns an error if the keeper process cannot be written to.
    pub fn keep(&mut self) -> Result<(), Error> {
        self.settings.keep = true;
        let mirror = configuration::mirror(&self.path);
        keep_at_end(&mirror).map_err(Error::io("keep", &mirror))
    }

    /// Sets a root variable for subsequent commands.
    pub fn set_var(&mut self, name: &str, value: impl Into<Value>) {
        self.settings.variable(name, &value.into());
    }

    /// Sets or removes an environment variable for subsequent commands.
    pub fn set_env(&mut self, name: &str, value: Option<&str>) {
        self.settings
            .environment
            .insert(name.to_owned(), value.map(str::to_owned));
    }

    /// Sets the timeout for subsequent commands.
    pub fn set_limit(&mut self, limit: std::time::Duration) {
        self.settings.limit = limit;
    }

    /// Writes a file in the root module.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        write(&self.root.join(name), text)
    }

    /// Returns the trace log if [`Workspace::trace`] enabled it.
    ///
    /// # Errors
    /// Returns an error if the log does not exist.
    pub fn trace(&self) -> Result<String, Error> {
        let path = self.path.join("trace.log");
        let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Starts a command and returns immediately.
    ///
    /// # Errors
    /// Returns an error if the command cannot be started.
    pub fn start(&self, arguments: &[&str]) -> Result<Running, Error> {
        self.start_program(self.cli.path().as_str(), arguments)
    }

    /// Starts another program in the root module with the environment of the CLI, such as a shell that runs the CLI.
    ///
    /// # Errors
    /// Returns an error if the program cannot be started.
    pub fn start_program(&self, program: &str, arguments: &[&str]) -> Result<Running, Error> {
        let reach = if arguments.first() == Some(&"init") {
            NetworkAccess::Registries
        } else {
            NetworkAccess::Loopback
        };
        let mut environment = environment::build(&self.settings, &self.path, reach)?;
        let mut shared = None;
        // `providers schema` prints the schemas of all types.
        if let Some(types) = &self.types
            && arguments.first() != Some(&"providers")
        {
            types.select(&self.path.join("tree"), &mut environment)?;
            // A shared process does not write to the trace log of the command.
            if !self.settings.trace {
                let processes = self.idle.take(&self.path, &mut environment)?;
                shared = Some((processes, self.idle.clone()));
            }
        }
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(environment)
            .current_dir(&self.root);
        let failed = |source| Error::Run {
            what: self.what(arguments),
            source,
        };
        let admission = self.admission(arguments).map_err(failed)?;
        Running::start(
            &mut command,
            self.settings.limit,
            self.settings.listener.as_ref(),
            &self.providers,
        )
        .map(|running| running.holding(admission).sharing(shared))
        .map_err(failed)
    }

    /// If a schedule exists, waits for the memory that a command requires.
    fn admission(&self, arguments: &[&str]) -> std::io::Result<Option<Admission>> {
        let cloud = self.settings.cloud.as_ref();
        let account = cloud.map_or(self.path.as_str(), |cloud| cloud.account());
        let verb = arguments.first().copied().unwrap_or_default();
        let command = format!("{} {verb}", self.cli.kind().program());
        Admission::wait(account, Request::new(&self.test, &command, self.memory))
    }

    /// Runs a command and returns its result, even if the command fails.
    ///
    /// # Errors
    /// Returns an error if the command cannot be started or exceeds the timeout.
    pub fn run(&self, arguments: &[&str]) -> Result<Finished, Error> {
        let finished = self.start(arguments)?.wait().map_err(|source| Error::Run {
            what: self.what(arguments),
            source,
        })?;
        if finished.status.is_none() {
            let failure = self.failure(arguments, &finished);
            return Err(Error::TimedOut {
                limit: self.settings.limit,
                failure,
            });
        }
        Ok(finished)
    }

    /// Runs a command that must succeed and returns its standard output.
    ///
    /// # Errors
    /// Returns an error if the command fails. The error contains the diagnostics.
    pub fn succeed(&self, arguments: &[&str]) -> Result<String, Error> {
        let finished = self.run(arguments)?;
        if finished.code() == Some(0) {
            return Ok(finished.stdout);
        }
        Err(Error::Failed(self.failure(arguments, &finished)))
    }

    /// Runs `init`, and then removes the checksums from the lock file. No other process changes the mirror in this
    /// workspace, and verification would require every command to read all providers again.
    ///
    /// # Errors
    /// Returns an error if `init` fails.
    pub fn init(&self) -> Result<(), Error> {
        self.succeed(&["init", "-input=false", "-no-color"])?;
        lock::remove_checksums(&self.root)
    }

    /// Runs `validate`. A configuration with errors is a result, not a failure.
    ///
    /// # Errors
    /// Returns an error if the command cannot be run or its output cannot be parsed.
    pub fn validate(&self) -> Result<Validation, Error> {
        let arguments = ["validate", "-json", "-no-color"];
        let finished = self.run(&arguments)?;
        self.read(&arguments, &finished.stdout)
    }

    /// Runs `plan` and returns the planned changes.
    ///
    /// # Errors
    /// Returns an error if `plan` fails.
    pub fn plan(&self) -> Result<Plan, Error> {
        self.plan_with(&[])
    }

    /// Runs `plan` with additional arguments, such as `-destroy` or `-refresh-only`.
    ///
    /// # Errors
    /// Returns an error if `plan` fails.
    pub fn plan_with(&self, more: &[&str]) -> Result<Plan, Error> {
        let out = format!("-out={PLAN_FILE}");
        self.succeed(&self.operation("plan", &[&[out.as_str()], more].concat()))?;
        let arguments = ["show", "-json", PLAN_FILE];
        let text = self.succeed(&arguments)?;
        self.read(&arguments, &text)
    }

    /// Runs `apply`, and checks that a second plan is empty.
    ///
    /// # Errors
    /// Returns an error if `apply` fails, or if the second plan contains a change. The error contains the change.
    pub fn apply(&self) -> Result<(), Error> {
        self.apply_once()?;
        self.expect_empty_plan()
    }

    /// Runs `apply` without a second plan. Prefer [`apply`](Self::apply).
    ///
    /// # Errors
    /// Returns an error if `apply` fails.
    pub fn apply_once(&self) -> Result<Finished, Error> {
        let arguments = self.operation("apply", &["-auto-approve"]);
        let finished = self.run(&arguments)?;
        match finished.code() {
            Some(0) => Ok(finished),
            _ => Err(Error::Failed(self.failure(&arguments, &finished))),
        }
    }

    /// Checks that a plan is empty, with no changes to resources or outputs.
    ///
    /// # Errors
    /// Returns an error if the plan is not empty. The error contains the changes.
    pub fn expect_empty_plan(&self) -> Result<(), Error> {
        let arguments = self.operation("plan", &["-detailed-exitcode"]);
        let finished = self.run(&arguments)?;
        match finished.code() {
            Some(0) => Ok(()),
            Some(2) => {
                let mut failure = self.failure(&arguments, &finished);
                failure.text = changes(&finished.stdout);
                Err(Error::SecondPlan(failure))
            }
            _ => Err(Error::Failed(self.failure(&arguments, &finished))),
        }
    }

    /// Runs `destroy`.
    ///
    /// # Errors
    /// Returns an error if `destroy` fails.
    pub fn destroy(&self) -> Result<(), Error> {
        self.succeed(&self.operation("destroy", &["-auto-approve"]))
            .map(drop)
    }

    /// Imports an existing object to the specified address.
    ///
    /// # Errors
    /// Returns an error if `import` fails.
    pub fn import(&self, address: &str, id: &str) -> Result<(), Error> {
        self.succeed(&["import", "-input=false", "-no-color", address, id])
            .map(drop)
    }

    /// Returns the stored state, from `show`.
    ///
    /// # Errors
    /// Returns an error if `show` fails or its output cannot be parsed.
    pub fn show(&self) -> Result<State, Error> {
        let arguments = ["show", "-json"];
        let text = self.succeed(&arguments)?;
        Ok(self.read::<Shown>(&arguments, &text)?.into())
    }

    /// Returns all outputs of the root module.
    ///
    /// # Errors
    /// Returns an error if the outputs cannot be read.
    pub fn outputs(&self) -> Result<std::collections::BTreeMap<String, Output>, Error> {
        let arguments = ["output", "-json"];
        let text = self.succeed(&arguments)?;
        self.read(&arguments, &text)
    }

    /// Returns one output, deserialized from JSON.
    ///
    /// # Errors
    /// Returns an error if the output does not exist or has a different type.
    pub fn output<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        let mut outputs = self.outputs()?;
        let Some(output) = outputs.remove(name) else {
            let known = outputs.into_keys().collect::<Vec<_>>().join(", ");
            return Err(Error::NoOutput {
                name: name.to_owned(),
                known,
            });
        };
        serde_json::from_value(output.value)
            .map_err(|source| self.unreadable(&["output", name], source))
    }

    /// Returns the stored state as a string.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub fn state_text(&self) -> Result<String, Error> {
        self.succeed(&["state", "pull"])
    }

    /// Returns the schemas for all providers in the configuration.
    ///
    /// # Errors
    /// Returns an error if the schemas cannot be read.
    pub fn schemas(&self) -> Result<Value, Error> {
        let arguments = ["providers", "schema", "-json"];
        let text = self.succeed(&arguments)?;
        self.read(&arguments, &text)
    }

    /// Checks an expectation for the stored state.
    ///
    /// # Errors
    /// Returns an error if the expectation is not met. The error contains the expected value, the actual value, and the
    /// location.
    pub fn expect(&self, check: StateCheck) -> Result<(), Error> {
        let state = self.show()?;
        check.run(&state).map_err(|unmet| {
            self.failed.store(true, Ordering::Relaxed);
            Error::Unmet(Box::new(unmet.seen_at(&self.root, &self.last_calls())))
        })
    }

    /// Runs a step that must fail, and returns its error. Because the failure is expected, the directory is not kept.
    ///
    /// # Errors
    /// Returns an error if the step succeeds.
    pub fn failing<T>(&self, step: impl FnOnce(&Self) -> Result<T, Error>) -> Result<Error, Error> {
        let before = self.failed.load(Ordering::Relaxed);
        match step(self) {
            Err(error) => {
                self.failed.store(before, Ordering::Relaxed);
                Ok(error)
            }
            Ok(_) => {
                self.failed.store(true, Ordering::Relaxed);
                Err(Error::DidNotFail {
                    directory: self.root.clone(),
                })
            }
        }
    }

    fn operation<'a>(&self, verb: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = vec![verb, "-input=false", "-no-color"];
        arguments.extend(more);
        arguments
    }

    fn read<T: DeserializeOwned>(&self, arguments: &[&str], text: &str) -> Result<T, Error> {
        serde_json::from_str(text).map_err(|source| self.unreadable(arguments, source))
    }

    fn unreadable(&self, arguments: &[&str], source: serde_json::Error) -> Error {
        self.failed.store(true, Ordering::Relaxed);
        Error::Unreadable {
            what: self.what(arguments),
            directory: self.root.clone(),
            source,
        }
    }

    fn what(&self, arguments: &[&str]) -> String {
        let words = arguments
            .iter()
            .filter(|argument| !["-input=false", "-no-color"].contains(argument));
        let words: Vec<_> = words.copied().collect();
        format!("{} {}", self.cli, words.join(" "))
    }

    fn failure(&self, arguments: &[&str], finished: &Finished) -> Box<Failure> {
        self.failed.store(true, Ordering::Relaxed);
        let text = if finished.stderr.trim().is_empty() {
            &finished.stdout
        } else {
            &finished.stderr
        };
        Box::new(Failure {
            what: self.what(arguments),
            ended: finished
                .status
                .map_or_else(|| "killed".to_owned(), |status| status.to_string()),
            text: text.clone(),
            directory: self.root.clone(),
            calls: self.last_calls(),
        })
    }

    fn last_calls(&self) -> String {
        let cloud = self.settings.cloud.as_ref();
        cloud.map(|cloud| cloud.last_calls(8)).unwrap_or_default()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // Running providers could write into the directory while it is deleted.
        self.idle.end();
        let wanted =
            self.settings.keep || self.failed.load(Ordering::Relaxed) || std::thread::panicking();
        if let Some(base) = self.base.take().filter(|_| wanted) {
            let _ = base.keep();
        }
    }
}

fn write(path: &Utf8Path, text: &str) -> Result<(), Error> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
    }
    fs::write(path, text).map_err(Error::io("write", path))
}

/// Removes the refresh progress lines from a plan, because they fill the screen for a large stack.
fn changes(plan: &str) -> String {
    let looked = |line: &&str| {
        let (_, what) = line.split_once(": ").unwrap_or_default();
        [
            "Refreshing state...",
            "Reading...",
            "Read complete",
            "Opening...",
            "Opening complete",
            "Open complete",
            "Closing...",
            "Closing complete",
            "Close complete",
        ]
        .iter()
        .any(|word| what.starts_with(word))
    };
    let lines: Vec<_> = plan.lines().filter(|line| !looked(line)).collect();
    lines.join("\n").trim().to_owned()
}
