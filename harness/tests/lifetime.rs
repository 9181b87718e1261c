//! Tests that no process or directory outlives the process that uses the harness.

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use camino::Utf8Path;
use rustix::process::Pid;
use serde_json::json;
use tfharness::process::{Group, processes_in_group};
use tfharness::toolchain::Quiet;
use tfharness::{LocalAws, Workspace};

type TestResult = Result<(), Box<dyn Error>>;

/// Runs in a separate process: starts a local AWS emulator and a command, prints their process groups, and waits.
#[test]
#[ignore = "a part of another test, which starts it in a separate process"]
fn holder() -> TestResult {
    let _aws = LocalAws::account()?;
    let sleeper = "resource \"terraform_data\" \"this\" {\n  provisioner \"local-exec\" { command = \"sleep 600\" }\n}\n";
    let stack = Workspace::inline(sleeper).init()?;
    let running = stack.start(&["apply", "-auto-approve", "-input=false"])?;
    let group = Group::spawn(Command::new("sleep").arg("600"))?;
    let mut kept = Workspace::inline("").open()?;
    kept.keep()?;
    println!("\nGROUP {}", running.group().as_raw_nonzero());
    println!("GROUP {}", group.id().as_raw_nonzero());
    println!("DIRECTORY {}", kept.directory());
    println!("DIRECTORY {}", stack.directory());
    println!("READY");
    running.wait()?;
    Ok(())
}

#[test]
fn sigkill_of_the_owner_kills_all_descendants() -> TestResult {
    let mut owner = Command::new(std::env::current_exe()?)
        .args(["--ignored", "--exact", "holder", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = owner.stdout.take().ok_or("no standard output")?;
    let mut groups = Vec::new();
    let mut workspaces = Vec::new();
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        if let Some(id) = line.strip_prefix("GROUP ") {
            groups.push(Pid::from_raw(id.parse()?).ok_or("not a process ID")?);
        }
        if let Some(root) = line.strip_prefix("DIRECTORY ") {
            let root = Utf8Path::new(root);
            workspaces.push(root.ancestors().nth(2).ok_or("no directory")?.to_owned());
        }
        if line == "READY" {
            break;
        }
    }
    assert_eq!(groups.len(), 2);
    let own = children_of(owner.id())?;
    assert!(
        own.len() >= 3,
        "local AWS emulator, command, and other group: {own:?}"
    );
    owner.kill()?;
    owner.wait()?;

    // The keeper needs a moment. The process table shows when each group has exited.
    let deadline = Instant::now() + Duration::from_secs(60);
    let all: Vec<Pid> = groups.into_iter().chain(own).collect();
    for group in all {
        loop {
            let left = processes_in_group(group)?;
            if left.is_empty() {
                break;
            }
            assert!(Instant::now() < deadline, "remaining: {left:?}");
            std::thread::yield_now();
        }
    }
    // Configuration and state remain, because a killed process cannot determine whether they are still needed. The
    // provider copies are deleted unless the workspace is kept.
    let [kept, workspace] = workspaces.as_slice() else {
        return Err("two directories".into());
    };
    while workspace.join("mirror").exists() {
        assert!(Instant::now() < deadline, "{workspace}/mirror still exists");
        std::thread::yield_now();
    }
    assert!(workspace.join("tree").exists() && kept.join("mirror").exists());
    for workspace in [kept, workspace] {
        std::fs::remove_dir_all(workspace)?;
    }
    Ok(())
}

/// Returns the child processes of a process. Each leads a separate group, so its process ID is also the group ID.
fn children_of(parent: u32) -> Result<Vec<Pid>, Box<dyn Error>> {
    let table = Command::new("ps")
        .args(["-A", "-o", "ppid=,pid="])
        .output()?;
    let text = String::from_utf8(table.stdout)?;
    let pairs = text
        .lines()
        .filter_map(|line| line.trim().split_once(char::is_whitespace));
    let children = pairs.filter(|(owner, _)| owner.parse() == Ok(parent));
    Ok(children
        .filter_map(|(_, id)| Pid::from_raw(id.trim().parse().ok()?))
        .collect())
}

/// Another process can bind the port as soon as it is available. Therefore, the test identifies this local AWS emulator
/// by a secret that only this emulator stores.
#[test]
fn dropping_the_handle_stops_a_standalone_local_aws() -> TestResult {
    let served = LocalAws::serve(0, &Quiet)?;
    let aws = served.account().clone();
    let lines = served.export_lines();
    assert!(
        lines.contains(&format!("export AWS_ENDPOINT_URL={}", aws.endpoint())),
        "{lines:?}"
    );
    assert!(
        lines.contains(&format!("export AWS_ACCESS_KEY_ID={}", aws.id())),
        "{lines:?}"
    );
    assert_eq!(
        aws.call("sts", "GetCallerIdentity", json!({}))?["Account"],
        aws.id()
    );
    let directory = tempfile::tempdir()?;
    let value = directory.path().display().to_string();
    let secret = json!({ "Name": "mark", "SecretString": value });
    aws.call("secretsmanager", "CreateSecret", secret)?;

    let (endpoint, account, emulator) = (aws.endpoint(), aws.id().to_owned(), served.emulator());
    let holds_mark = || secret_value(&endpoint, &account, "mark").contains(&value);
    assert!(
        holds_mark(),
        "the secret must be readable while the emulator runs"
    );
    assert!(!processes_in_group(emulator)?.is_empty());
    drop(aws);
    drop(served);
    assert!(!holds_mark(), "{endpoint} still responds");
    let left = processes_in_group(emulator)?;
    assert!(left.is_empty(), "remaining: {left:?}");
    Ok(())
}

/// Returns the `GetSecretValue` response from the specified address. Returns an empty string on timeout or error.
fn secret_value(endpoint: &str, account: &str, name: &str) -> String {
    let scope = format!("{account}/20260101/us-east-1/secretsmanager/aws4_request");
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into();
    agent
        .post(endpoint)
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
        )
        .header("x-amz-target", "secretsmanager.GetSecretValue")
        .header("content-type", "application/x-amz-json-1.1")
        .send(json!({ "SecretId": name }).to_string())
        .and_then(|mut answer| answer.body_mut().read_to_string())
        .unwrap_or_default()
}
