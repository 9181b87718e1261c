//! The commands as a user meets them in a shell: exit codes, and what is left after Ctrl-C.

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

type Tested = Result<(), Box<dyn Error>>;

fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// A run on a machine that lacks the tools which these variables name.
fn without(arguments: &[&str], tools: &[&str]) -> Result<Output, Box<dyn Error>> {
    let empty = tempfile::tempdir()?;
    let mut command = xtask(arguments);
    for tool in tools {
        command.env(tool, empty.path().join("nothing"));
    }
    Ok(command.env("SKREG_CACHE", empty.path()).output()?)
}

#[test]
fn what_is_missing_ends_with_the_command_that_installs_it() -> Tested {
    let go = ["SKREG_TOFU", "SKREG_GO"];
    let all = ["SKREG_TOFU", "SKREG_GO", "SKREG_TERRAFORM", "SKREG_PYTHON"];
    for (arguments, tools, says) in [
        (&["demo"][..], &["SKREG_PYTHON"][..], "Python >= 3.11"),
        (&["demo"], &all, "Go >= 1.21"),
        (&["demo", "--cli", "tofu"], &go, "Go >= 1.21"),
        (
            &["demo", "--cli", "terraform"],
            &["SKREG_TERRAFORM"],
            "no terraform",
        ),
        (&["doctor", "--install"], &go, "Go >= 1.21"),
    ] {
        let output = without(arguments, tools)?;
        let said = String::from_utf8(output.stdout)?;
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {said}");
        assert!(said.contains(says) && said.contains("install"), "{said}");
        assert!(!said.contains("Getting ready"), "{said}");
    }
    Ok(())
}

/// The build of the provider never ends by itself, so that it is under way when the signal arrives, however busy the
/// machine is. Everything before it is done by the real cargo.
#[test]
fn ctrl_c_ends_the_demo_and_everything_it_started() -> Tested {
    // Children inherit it, so it tells them from all others.
    let mark = format!("SKREG_TEST_MARK=demo-{}", std::process::id());
    let (name, value) = mark.split_once('=').ok_or("no value")?;
    let tools = tempfile::tempdir()?;
    let cargo = tools.path().join("cargo");
    // Written by another process: a file that this one has open for writing cannot be executed, nor can it be while a child
    // that another test has just started still holds the descriptor.
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n*--workspace*) exec sleep 600 ;;\n*) exec '{}' \"$@\" ;;\nesac\n",
        env!("CARGO")
    );
    let written = Command::new("sh")
        .args(["-c", r#"printf '%s' "$1" > "$0" && chmod 755 "$0""#])
        .arg(&cargo)
        .arg(script)
        .status()?;
    assert!(written.success());
    let mut demo = xtask(&["demo"])
        .env(name, value)
        .env("CARGO", &cargo)
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = demo.stdout.take().ok_or("no standard output")?;
    let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
    assert!(
        lines.any(|line| line.contains("building the provider")),
        "the demo did not begin"
    );
    assert!(!marked(&mark)?.is_empty());
    let sent = Command::new("kill")
        .args(["-INT", &demo.id().to_string()])
        .status()?;
    assert!(sent.success());
    let rest: Vec<String> = lines.collect();
    assert_eq!(demo.wait()?.code(), Some(130), "{rest:?}");
    assert!(
        !rest.iter().any(|line| line.contains("local AWS")),
        "it went on: {rest:?}"
    );
    // The guardian of the process groups needs a moment.
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let left = marked(&mark)?;
        if left.is_empty() {
            return Ok(());
        }
        assert!(Instant::now() < deadline, "left: {left:?}");
        std::thread::yield_now();
    }
}

/// Processes with that variable, as `ps` lists them with their environment.
fn marked(mark: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let table = Command::new("ps").args(["axeww"]).output()?;
    let text = String::from_utf8_lossy(&table.stdout).into_owned();
    Ok(text
        .lines()
        .filter(|line| line.contains(mark))
        .map(|line| line.chars().take(80).collect())
        .collect())
}
