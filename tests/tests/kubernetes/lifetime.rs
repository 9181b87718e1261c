//! Credentials, processes, and files of the control plane.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use camino::Utf8PathBuf;
use rustix::process::Pid;
use tfharness::kubernetes::ControlPlane;
use tfharness::process::processes_in_group;

/// Time limit within which processes and files disappear.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs in a separate process: starts a control plane, prints its process groups and its directory, and waits.
#[test]
#[ignore = "a part of another test, which starts it in a separate process"]
fn holder() -> Result<()> {
    let cluster = ControlPlane::start()?;
    for group in cluster.groups() {
        println!("\nGROUP {}", group.as_raw_nonzero());
    }
    println!("DIRECTORY {}", cluster.directory());
    println!("READY");
    std::io::read_to_string(std::io::stdin())?;
    Ok(())
}

#[test]
fn sigkill_of_the_owner_ends_the_control_plane_and_deletes_its_credentials() -> Result<()> {
    let mut owner = Command::new(std::env::current_exe()?)
        .args(["--ignored", "--exact", "lifetime::holder", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut groups = Vec::new();
    let mut directory = Utf8PathBuf::new();
    let stdout = owner.stdout.take().context("no standard output")?;
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        if let Some(id) = line.strip_prefix("GROUP ") {
            groups.push(Pid::from_raw(id.parse()?).context("not a process ID")?);
        }
        if let Some(path) = line.strip_prefix("DIRECTORY ") {
            directory = path.into();
        }
        if line == "READY" {
            break;
        }
    }
    ensure!(groups.len() == 3, "process groups: {groups:?}");
    for group in &groups {
        let running = processes_in_group(*group)?;
        ensure!(
            running.len() == 1,
            "{group:?} has the processes {running:?}"
        );
    }
    expect_private(&directory)?;
    owner.kill()?;
    owner.wait()?;

    // The keeper needs a moment. The process table shows when each group has exited.
    let deadline = Instant::now() + LIMIT;
    for group in groups {
        while !processes_in_group(group)?.is_empty() {
            ensure!(Instant::now() < deadline, "{group:?} remains");
            std::thread::yield_now();
        }
    }
    while directory.exists() {
        ensure!(Instant::now() < deadline, "{directory} remains");
        std::thread::yield_now();
    }
    Ok(())
}

/// Expects that only the current user can read the directory, and its tokens and keys.
fn expect_private(directory: &camino::Utf8Path) -> Result<()> {
    let mode = |path: &camino::Utf8Path| -> Result<u32> {
        Ok(path.metadata()?.permissions().mode() & 0o777)
    };
    ensure!(mode(directory)? == 0o700, "{directory} is not private");
    for name in [
        "tokens.csv",
        "server.key",
        "accounts.key",
        "controller.kubeconfig",
    ] {
        let path = directory.join(name);
        ensure!(mode(&path)? == 0o600, "{path} is not private");
    }
    Ok(())
}
