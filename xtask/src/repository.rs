//! Where the repository is, which files are in it, and how its tools are run. Nothing else starts cargo, git or go.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tfharness::process::Group;

/// The program of the provider.
pub(crate) const PROVIDER: &str = "terraform-provider-skreg";

/// The checkout that this program was built from.
pub(crate) struct Repository {
    root: PathBuf,
}

impl Repository {
    /// Finds the checkout.
    ///
    /// # Errors
    /// When the program was moved away from it.
    pub(crate) fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("the manifest directory of xtask has no parent")?;
        ensure!(
            root.join("Cargo.lock").is_file(),
            "{} is not the repository any more; run `cargo xtask` inside it",
            root.display()
        );
        Ok(Self { root: root.into() })
    }

    /// Any folder, as if it were the checkout.
    #[cfg(test)]
    pub(crate) fn at(root: &Path) -> Self {
        Self { root: root.into() }
    }

    /// A path of the repository as an absolute path.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A command that runs in the root folder and reads nothing.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).stdin(Stdio::null());
        command
    }

    /// The cargo that started this program.
    pub(crate) fn cargo(&self) -> Command {
        self.command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
    }

    /// Builds every binary and says which program the provider is: the one that this build made, wherever cargo puts it.
    ///
    /// Always the whole workspace with its examples, as tests do: any other selection gets other features of what
    /// packages share, and the AWS SDK would be compiled once more.
    ///
    /// # Errors
    /// When they do not build.
    pub(crate) fn build(&self) -> Result<PathBuf> {
        self.build_but(&[])
    }

    /// As [`Repository::build`], without what is generated from the provider's schema: that may be what has to be made anew.
    ///
    /// # Errors
    /// When they do not build.
    pub(crate) fn build_provider(&self) -> Result<PathBuf> {
        self.build_but(&["skreg-blocks", "catalog"])
    }

    fn build_but(&self, packages: &[&str]) -> Result<PathBuf> {
        let mut cargo = self.cargo();
        cargo.args(["build", "--workspace", "--bins", "--examples"]);
        for package in packages {
            cargo.args(["--exclude", package]);
        }
        run(&mut cargo)?;
        Ok(self.target()?.join("debug").join(PROVIDER))
    }

    /// Builds the binaries of some packages for release and says where cargo put them.
    ///
    /// # Errors
    /// When they do not build.
    pub(crate) fn build_release(&self, packages: &[&str]) -> Result<PathBuf> {
        let mut cargo = self.cargo();
        cargo.args(["build", "--release", "--bins"]);
        for package in packages {
            cargo.args(["--package", package]);
        }
        run(&mut cargo)?;
        Ok(self.target()?.join("release"))
    }

    /// The target directory of this workspace.
    ///
    /// # Errors
    /// When cargo cannot say.
    pub(crate) fn target(&self) -> Result<PathBuf> {
        Ok(self.metadata()?.target_directory.into_std_path_buf())
    }

    /// The packages of this workspace and their targets, without what they depend on.
    ///
    /// # Errors
    /// When cargo cannot say.
    pub(crate) fn metadata(&self) -> Result<cargo_metadata::Metadata> {
        let mut command = cargo_metadata::MetadataCommand::new();
        command.current_dir(&self.root).no_deps();
        command.exec().context("cargo metadata")
    }

    /// Paths of every file that is or could be committed.
    ///
    /// # Errors
    /// When git fails.
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

    /// Texts of every file that could be committed below `folder`, by path; files that are not text are left out.
    ///
    /// # Errors
    /// When git fails or a file cannot be read.
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

/// Something that has to be installed first; the text says what, and by which command.
#[derive(Debug)]
pub(crate) struct Missing(pub(crate) String);

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

/// A child under way, in a process group of its own: nothing of it is left when this program ends, however that is.
pub(crate) struct Child {
    group: Group,
    line: String,
}

impl Child {
    /// Starts a command; its standard output is read by [`Child::each_line`] or [`Child::text`], its errors go where ours go.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        Self::spawn(command.stdout(Stdio::piped()))
    }

    fn spawn(command: &mut Command) -> Result<Self> {
        let line = spell(command);
        let group = Group::spawn(command).with_context(|| format!("could not start `{line}`"))?;
        group.interruptible();
        Ok(Self { group, line })
    }

    /// Hears every line, then waits for the end.
    ///
    /// # Errors
    /// When the output cannot be read or the end cannot be told.
    pub(crate) fn each_line(mut self, mut hear: impl FnMut(&str)) -> Result<ExitStatus> {
        if let Some(stdout) = self.group.stdout() {
            for line in BufReader::new(stdout).lines() {
                hear(&line.with_context(|| format!("reading what `{}` prints", self.line))?);
            }
        }
        self.end()
    }

    /// Reads everything, then waits for an end that must be good.
    ///
    /// # Errors
    /// When it does not succeed, or prints something that is not text.
    pub(crate) fn text(mut self) -> Result<String> {
        let mut text = String::new();
        if let Some(mut stdout) = self.group.stdout() {
            let read = stdout.read_to_string(&mut text);
            read.with_context(|| format!("`{}` printed no text", self.line))?;
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
        status.with_context(|| format!("`{}` did not end", self.line))
    }
}

/// Runs a command to its end, with its output where ours goes.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    Child::spawn(command)?.succeed()
}

/// Runs a command to its end and answers what it printed.
///
/// # Errors
/// When it cannot be started, does not succeed, or prints something that is not text.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    Child::start(command)?.text()
}

/// A command as one would type it.
fn spell(command: &Command) -> String {
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
