//! Tests commands in a shell: exit codes, and processes after Ctrl-C.

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

type TestResult = Result<(), Box<dyn Error>>;

fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs a command in an environment where the tools that these variables select are missing.
fn without_tools(arguments: &[&str], tools: &[&str]) -> Result<Output, Box<dyn Error>> {
    let empty = tempfile::tempdir()?;
    let mut command = xtask(arguments);
    for tool in tools {
        command.env(tool, empty.path().join("nothing"));
    }
    Ok(command.env("SKREG_CACHE", empty.path()).output()?)
}

#[test]
fn missing_tool_error_specifies_the_install_command() -> TestResult {
    let go = ["SKREG_TOFU", "SKREG_GO"];
    let all = ["SKREG_TOFU", "SKREG_GO", "SKREG_TERRAFORM", "SKREG_PYTHON"];
    for (arguments, tools, expected) in [
        (&["demo"][..], &["SKREG_PYTHON"][..], "Python >= 3.11"),
        (&["demo"], &all, "Go >= 1.21"),
        (&["demo", "--cli", "tofu"], &go, "Go >= 1.21"),
        (
            &["demo", "--cli", "terraform"],
            &["SKREG_TERRAFORM"],
            "terraform >= 1.11",
        ),
        (&["doctor", "--install"], &go, "Go >= 1.21"),
    ] {
        let output = without_tools(arguments, tools)?;
        let stdout = String::from_utf8(output.stdout)?;
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {stdout}");
        assert!(
            stdout.contains(expected) && stdout.contains("install"),
            "{stdout}"
        );
        assert!(!stdout.contains("Preparation"), "{stdout}");
    }
    Ok(())
}

/// The provider build never exits, which ensures that it is in progress when the signal arrives. The actual cargo
/// program runs all earlier steps.
#[test]
fn ctrl_c_ends_the_demo_and_all_child_processes() -> TestResult {
    // Child processes inherit the variable, which identifies them.
    let mark = format!("SKREG_TEST_MARK=demo-{}", std::process::id());
    let (name, value) = mark.split_once('=').ok_or("the variable has no value")?;
    let tools = tempfile::tempdir()?;
    let cargo = tools.path().join("cargo");
    // A separate process writes the script, because a file that is open for writing cannot be executed. A child process
    // that another test has just started could inherit the descriptor.
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
    let stdout = demo
        .stdout
        .take()
        .ok_or("the process has no standard output")?;
    let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
    assert!(
        lines.any(|line| line.contains("building the provider")),
        "the demo did not start"
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
        "the demo continued: {rest:?}"
    );
    // The keeper process needs time to kill the process groups.
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

/// Returns the processes with this variable, as listed by `ps` with their environment.
fn marked(mark: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let table = Command::new("ps").args(["axeww"]).output()?;
    let text = String::from_utf8_lossy(&table.stdout).into_owned();
    Ok(text
        .lines()
        .filter(|line| line.contains(mark))
        .map(|line| line.chars().take(80).collect())
        .collect())
}
