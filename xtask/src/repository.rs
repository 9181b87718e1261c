//! Location, files, and tools of the repository. No other module starts cargo, git, or go.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tfharness::process::Group;

/// The program of the provider.
pub(crate) const PROVIDER: &str = "terraform-provider-skreg";
/// The program in front of installed providers, which serves the schemas of selected types.
pub(crate) const SUBSET: &str = "tfsubset";

/// The checkout that this program was built from.
pub(crate) struct Repository {
    root: PathBuf,
}

impl Repository {
    /// Finds the checkout.
    ///
    /// # Errors
    /// Returns an error if the checkout was moved or deleted after the build.
    pub(crate) fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("the manifest directory of xtask has no parent")?;
        ensure!(
            root.join("Cargo.lock").is_file(),
            "{} is no longer the repository; run `cargo xtask` inside the checkout",
            root.display()
        );
        Ok(Self { root: root.into() })
    }

    /// Treats any folder as the checkout.
    #[cfg(test)]
    pub(crate) fn at(root: &Path) -> Self {
        Self { root: root.into() }
    }

    /// Returns the absolute path of a path in the repository.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Returns a command that runs in the root folder with an empty standard input.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).stdin(Stdio::null());
        command
    }

    /// Returns a command for the cargo that started this program.
    pub(crate) fn cargo(&self) -> Command {
        self.command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
    }

    /// Builds every binary and returns the path of the provider.
    ///
    /// Always builds the whole workspace with examples, as tests do. Any other selection changes the features of shared
    /// dependencies and compiles the AWS SDK again.
    ///
    /// # Errors
    /// Returns an error if the build fails.
    pub(crate) fn build(&self) -> Result<PathBuf> {
        self.build_without(&[])
    }

    /// Builds like [`Repository::build`], but excludes the packages that are generated from the provider's schema, because
    /// these packages might be out of date.
    ///
    /// # Errors
    /// Returns an error if the build fails.
    pub(crate) fn build_provider(&self) -> Result<PathBuf> {
        self.build_without(&["skreg-blocks", "catalog"])
    }

    fn build_without(&self, packages: &[&str]) -> Result<PathBuf> {
        let mut cargo = self.cargo();
        cargo.args(["build", "--workspace", "--bins", "--examples"]);
        for package in packages {
            cargo.args(["--exclude", package]);
        }
        run(&mut cargo)?;
        Ok(self.target()?.join("debug").join(PROVIDER))
    }

    /// Builds the binaries of the specified packages with the release profile and returns their folder.
    ///
    /// # Errors
    /// Returns an error if the build fails.
    pub(crate) fn build_release(&self, packages: &[&str]) -> Result<PathBuf> {
        let mut cargo = self.cargo();
        cargo.args(["build", "--release", "--bins"]);
        for package in packages {
            cargo.args(["--package", package]);
        }
        run(&mut cargo)?;
        Ok(self.target()?.join("release"))
    }

    /// Returns the target directory of this workspace.
    ///
    /// # Errors
    /// Returns an error if `cargo metadata` fails.
    pub(crate) fn target(&self) -> Result<PathBuf> {
        Ok(self.metadata()?.target_directory.into_std_path_buf())
    }

    /// Returns the packages and targets of this workspace, without dependencies.
    ///
    /// # Errors
    /// Returns an error if `cargo metadata` fails.
    pub(crate) fn metadata(&self) -> Result<cargo_metadata::Metadata> {
        let mut command = cargo_metadata::MetadataCommand::new();
        command.current_dir(&self.root).no_deps();
        command.exec().context("running cargo metadata")
    }

    /// Returns the paths of every file that is tracked, or untracked and not ignored.
    ///
    /// # Errors
    /// Returns an error if git fails.
    pub(crate) fn files(&self) -> Result<Vec<String>> {
        let mut git = self.command("git");
        git.args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let listing = output(&mut git)?;
        let mut files: Vec<String> = listing
            .split('\0')
            .filter(|name| !name.is_empty() && self.path(name).is_file())
            .map(Into::into)
            .collect();
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// Returns the short hash and subject of every commit on the current branch since an instant, without merges.
    ///
    /// # Errors
    /// Returns an error if git fails.
    pub(crate) fn commits_since(&self, instant: &str) -> Result<Vec<(String, String)>> {
        let mut git = self.command("git");
        git.args(["log", "--no-merges", "--format=%h%x09%s"]);
        git.arg(format!("--since={instant}"));
        let listing = output(&mut git)?;
        let commits = listing.lines().filter_map(|line| line.split_once('\t'));
        Ok(commits
            .map(|(hash, subject)| (hash.to_owned(), subject.to_owned()))
            .collect())
    }

    /// Returns the contents of these files in `folder`, by path. Binary files are omitted.
    ///
    /// # Errors
    /// Returns an error if git fails or a file cannot be read.
    pub(crate) fn texts(&self, folder: &str) -> Result<BTreeMap<String, String>> {
        let mut texts = BTreeMap::new();
        for path in self.files()? {
            if !path.starts_with(folder) {
                continue;
            }
            let bytes =
                std::fs::read(self.path(&path)).with_context(|| format!("reading {path}"))?;
            if let Ok(text) = String::from_utf8(bytes) {
                texts.insert(path, text);
            }
        }
        Ok(texts)
    }
}

/// A missing prerequisite. The message specifies the missing prerequisite and the command that installs it.
#[derive(Debug)]
pub(crate) struct Missing(pub(crate) String);

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

/// A child process in its own process group. The group is killed when this program ends for any reason.
pub(crate) struct Child {
    group: Group,
    line: String,
}

impl Child {
    /// Starts a command. [`Child::each_line`] or [`Child::text`] reads standard output. Standard error is inherited.
    ///
    /// # Errors
    /// Returns an error if the command cannot be started.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        Self::spawn(command.stdout(Stdio::piped()))
    }

    fn spawn(command: &mut Command) -> Result<Self> {
        let line = display(command);
        let group = Group::spawn(command).with_context(|| format!("could not start `{line}`"))?;
        group.interruptible();
        Ok(Self { group, line })
    }

    /// Calls `on_line` with every line, then waits for the process to exit.
    ///
    /// # Errors
    /// Returns an error if the output or the exit status cannot be read.
    pub(crate) fn each_line(mut self, mut on_line: impl FnMut(&str)) -> Result<ExitStatus> {
        if let Some(stdout) = self.group.stdout() {
            for line in BufReader::new(stdout).lines() {
                on_line(&line.with_context(|| format!("reading the output of `{}`", self.line))?);
            }
        }
        self.end()
    }

    /// Reads all output, then waits for the process to exit successfully.
    ///
    /// # Errors
    /// Returns an error if the process fails, or if its output is not UTF-8.
    pub(crate) fn text(mut self) -> Result<String> {
        let mut text = String::new();
        if let Some(mut stdout) = self.group.stdout() {
            let read = stdout.read_to_string(&mut text);
            read.with_context(|| format!("`{}` did not print UTF-8", self.line))?;
        }
        self.succeed().map(|()| text)
    }

    fn succeed(&mut self) -> Result<()> {
        let status = self.end()?;
        ensure!(status.success(), "`{}` failed ({status})", self.line);
        Ok(())
    }

    fn end(&mut self) -> Result<ExitStatus> {
        let status = self.group.wait(Duration::MAX)?;
        status.with_context(|| format!("waiting for `{}`", self.line))
    }
}

/// Runs a command to completion with inherited output.
///
/// # Errors
/// Returns an error if the command cannot be started or fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    Child::spawn(command)?.succeed()
}

/// Runs a command to completion and returns its standard output.
///
/// # Errors
/// Returns an error if the command cannot be started or fails, or if its output is not UTF-8.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    Child::start(command)?.text()
}

/// Formats a command as entered in a shell.
fn display(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name();
    let program = name.unwrap_or(command.get_program()).to_string_lossy();
    let arguments = command
        .get_args()
        .map(|argument| argument.to_string_lossy());
    std::iter::once(program)
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}
