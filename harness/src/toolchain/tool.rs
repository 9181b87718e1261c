//! Finds Go and Python, and runs installers. Does not install anything itself.

use std::io::{self, BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use camino::Utf8PathBuf;
use semver::Version;

use super::Progress;
use crate::process::Group;

/// A tool on this machine.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Path of the program.
    pub path: Utf8PathBuf,
    /// Version that the program reports.
    pub version: Version,
}

/// Reason why a tool cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// No suitable program is on the PATH.
    #[error("{name} is not installed; install it with: {command}")]
    Missing {
        /// The tool and its minimum version.
        name: &'static str,
        /// The command that installs it.
        command: &'static str,
    },
    /// The tool cannot be started.
    #[error("cannot run {program}")]
    Start {
        /// The program.
        program: Utf8PathBuf,
        /// Operating system error.
        #[source]
        source: io::Error,
    },
    /// The tool failed.
    #[error("{what} failed; last lines of its output:\n{output}")]
    Failed {
        /// Name of the step.
        what: String,
        /// The last lines of its output.
        output: String,
    },
}

/// Oldest Python version that the local AWS emulator supports.
pub(super) const PYTHON_FLOOR: Version = Version::new(3, 11, 0);
/// Oldest Go version that can download the toolchain in `tools/go.mod`.
pub(super) const GO_FLOOR: Version = Version::new(1, 21, 0);

/// Returns the installation command for this operating system.
fn installs(macos: &'static str, elsewhere: &'static str) -> &'static str {
    if cfg!(target_os = "macos") {
        macos
    } else {
        elsewhere
    }
}

/// Returns Python 3.11 or later. `SKREG_PYTHON` takes precedence over the first suitable program on the PATH.
///
/// # Errors
/// Returns an error if Python is missing. The error contains the installation command.
pub fn python() -> Result<Tool, ToolError> {
    let names = [
        "python3",
        "python3.14",
        "python3.13",
        "python3.12",
        "python3.11",
    ];
    candidates("SKREG_PYTHON", &names)
        .filter_map(|path| fitting(path, &["--version"], &PYTHON_FLOOR))
        .find(makes_environments)
        .ok_or(ToolError::Missing {
            name: "Python >= 3.11 with its venv module",
            command: installs(
                "brew install python@3.13",
                "sudo apt-get install -y python3 python3-venv (python3.11 python3.11-venv if that is older)",
            ),
        })
}

/// Returns a Go program that can build OpenTofu.
///
/// # Errors
/// Returns an error if Go is missing. The error contains the installation command.
pub fn go() -> Result<Tool, ToolError> {
    candidates("SKREG_GO", &["go"])
        .find_map(|path| fitting(path, &["version"], &GO_FLOOR))
        .ok_or(ToolError::Missing {
            name: "Go >= 1.21",
            command: installs("brew install go", "sudo apt-get install -y golang-go (or follow https://go.dev/doc/install if that is older)"),
        })
}

/// Returns the path in `variable` if it is set. Otherwise, returns every program on the PATH with one of these names,
/// in order.
pub(super) fn candidates(variable: &str, names: &[&str]) -> impl Iterator<Item = Utf8PathBuf> {
    let given = std::env::var(variable)
        .ok()
        .filter(|value| !value.is_empty())
        .map(Utf8PathBuf::from);
    let searched: Vec<_> = match given {
        Some(path) => vec![path],
        None => names
            .iter()
            .flat_map(|name| which::which_all(name).into_iter().flatten())
            .filter_map(|path| Utf8PathBuf::from_path_buf(path).ok())
            .collect(),
    };
    searched.into_iter()
}

/// Returns whether Python has the modules that `python -m venv` requires. On Debian, they are in a separate package.
fn makes_environments(python: &Tool) -> bool {
    let output = Command::new(&python.path)
        .args(["-c", "import venv, ensurepip"])
        .current_dir("/")
        .output();
    output.is_ok_and(|output| output.status.success())
}

fn fitting(path: Utf8PathBuf, arguments: &[&str], floor: &Version) -> Option<Tool> {
    let output = Command::new(&path)
        .args(arguments)
        .current_dir("/")
        .output()
        .ok()?;
    let version = version_in(&String::from_utf8_lossy(&output.stdout))?;
    (output.status.success() && version >= *floor).then_some(Tool { path, version })
}

/// Returns the first `X.Y` or `X.Y.Z` in a string such as `go version go1.26.8 linux/amd64`.
pub(super) fn version_in(text: &str) -> Option<Version> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .find_map(|word| {
            let mut parts = word.split('.').map(str::parse::<u64>);
            let (major, minor) = (parts.next()?.ok()?, parts.next()?.ok()?);
            let patch = parts.next().and_then(Result::ok).unwrap_or(0);
            Some(Version::new(major, minor, patch))
        })
}

/// Runs an installer in a separate process group, and passes each output line to `progress`.
pub(super) fn run(
    what: &str,
    command: &mut Command,
    progress: &dyn Progress,
) -> Result<(), ToolError> {
    let program = Utf8PathBuf::from(command.get_program().to_string_lossy().into_owned());
    let start = |source| ToolError::Start {
        program: program.clone(),
        source,
    };
    let (reader, writer) = io::pipe().map_err(start)?;
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone().map_err(start)?)
        .stderr(writer);
    let mut group = Group::spawn(command).map_err(start)?;
    // The command holds the write ends of the pipe. The reader reaches the end of the output only after they are
    // closed.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    group.interruptible();
    let mut last = std::collections::VecDeque::new();
    for line in BufReader::new(reader).lines().map_while(Result::ok) {
        progress.line(&line);
        if last.len() == 15 {
            last.pop_front();
        }
        last.push_back(line);
    }
    let status = group.wait(Duration::MAX).map_err(start)?;
    if status.is_some_and(|status| status.success()) {
        return Ok(());
    }
    let output = last.into_iter().collect::<Vec<_>>().join("\n");
    Err(ToolError::Failed {
        what: what.to_owned(),
        output,
    })
}

/// Runs an installer like [`run`], and returns its output.
pub(super) fn output(
    what: &str,
    command: &mut Command,
    progress: &dyn Progress,
) -> Result<String, ToolError> {
    let lines = Lines {
        shown: progress,
        all: Mutex::default(),
    };
    run(what, command, &lines)?;
    let all = lines.all.into_inner();
    Ok(all.unwrap_or_else(PoisonError::into_inner).join("\n"))
}

/// Collects output lines, and passes them on.
struct Lines<'a> {
    shown: &'a dyn Progress,
    all: Mutex<Vec<String>>,
}

impl Progress for Lines<'_> {
    fn begin(&self, name: &str) {
        self.shown.begin(name);
    }

    fn line(&self, line: &str) {
        self.shown.line(line);
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(line.to_owned());
    }

    fn end(&self, name: &str, elapsed: Duration) {
        self.shown.end(name, elapsed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_parsed_from_tool_output() {
        for (text, expected) in [
            ("go version go1.26.8 linux/amd64", Version::new(1, 26, 8)),
            ("Python 3.11.7", Version::new(3, 11, 7)),
            ("OpenTofu v1.12.6\non linux_amd64", Version::new(1, 12, 6)),
            ("go version go1.26 darwin/arm64", Version::new(1, 26, 0)),
        ] {
            assert_eq!(version_in(text), Some(expected), "{text}");
        }
        assert_eq!(version_in("no number here"), None);
    }
}
