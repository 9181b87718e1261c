//! Tests workspaces with the real CLIs, the real AWS provider, and the local AWS emulator.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::json;
use tfharness::check::{
    creates, deletes, equals, inventory, matches, no_changes, only, output, replaces,
    resource_attribute, updates,
};
use tfharness::process::processes_in_group;
use tfharness::workspace::Error as WorkspaceError;
use tfharness::{Cli, LocalAws, Workspace};

type TestResult = Result<(), Box<dyn Error>>;

const LOGS: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "name" { type = string }

resource "aws_cloudwatch_log_group" "this" {
  name              = "/ecs/${var.name}"
  retention_in_days = 7
}

output "arn" { value = aws_cloudwatch_log_group.this.arn }
"#;

/// A configuration with a resource that requires no provider download.
const DATA: &str = r#"
variable "input" { default = "a" }
resource "terraform_data" "this" { input = var.input }
"#;

#[test]
fn stack_applies_and_destroys_with_every_cli() -> TestResult {
    for cli in Cli::all()? {
        let aws = LocalAws::account()?;
        let stack = Workspace::inline(LOGS)
            .var("name", "web")
            .cli(&cli)
            .aws(&aws)
            .apply()?;

        let arn: String = stack.output("arn")?;
        assert_eq!(
            arn,
            format!("arn:aws:logs:us-east-1:{}:log-group:/ecs/web", aws.id()),
            "{cli}"
        );
        let groups = aws.call("logs", "DescribeLogGroups", json!({}))?;
        assert_eq!(groups["logGroups"][0]["retentionInDays"], 7);
        assert_eq!(aws.count("logs", "CreateLogGroup"), 1);
        stack.expect(
            inventory(&["aws_cloudwatch_log_group.this"])
                .and(output("arn", matches("^arn:aws:logs:")))
                .and(resource_attribute(
                    "aws_cloudwatch_log_group.this",
                    "retention_in_days",
                    equals(7),
                )),
        )?;
        let left = aws.expect_empty().unwrap_err().to_string();
        assert!(left.contains("log group /ecs/web"), "{left}");

        let directory = stack.directory().to_owned();
        stack.destroy()?;
        aws.expect_empty()?;
        drop(stack);
        assert!(!directory.exists(), "{directory} still exists");
    }
    Ok(())
}

#[test]
fn plan_checks_compare_effects_by_address() -> TestResult {
    for cli in Cli::all()? {
        let mut stack = Workspace::inline(DATA).cli(&cli).init()?;
        stack
            .plan()?
            .expect(only([creates("terraform_data.this")]))?;
        stack.apply()?;
        stack.plan()?.expect(no_changes())?;
        stack.set_var("input", "b");
        stack
            .plan()?
            .expect(only([updates("terraform_data.this")]))?;
        stack
            .plan_with(&["-destroy"])?
            .expect(only([deletes("terraform_data.this")]))?;
        let unmet = stack.plan()?.expect(no_changes()).unwrap_err().to_string();
        assert!(
            unmet.contains("expected an empty plan\nfound a plan to update terraform_data.this"),
            "{cli}: {unmet}"
        );
    }
    Ok(())
}

#[test]
fn unmet_expectation_reports_the_actual_value_and_the_location() -> TestResult {
    let stack = Workspace::inline(DATA).apply()?;
    let error = stack
        .expect(resource_attribute(
            "terraform_data.this",
            "output",
            equals("b"),
        ))
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("expected terraform_data.this.output to be \"b\"\nfound \"a\""),
        "{text}"
    );
    let directory = stack.directory().to_owned();
    assert!(text.contains(directory.as_str()), "{text}");
    drop(stack);
    assert!(
        directory.exists(),
        "the directory of a failure must be kept"
    );
    fs::remove_dir_all(directory.ancestors().nth(2).ok_or("no parent")?)?;
    Ok(())
}

#[test]
fn changes_in_the_second_plan_fail_the_apply() -> TestResult {
    for cli in Cli::all()? {
        let restless = r#"resource "terraform_data" "this" { triggers_replace = timestamp() }"#;
        let stack = Workspace::inline(restless).cli(&cli).init()?;
        let error = stack.failing(|stack| stack.apply())?;
        let shown = matches!(&error, WorkspaceError::SecondPlan(failure)
            if failure.text.contains("triggers_replace") && !failure.text.contains("Refreshing"));
        assert!(shown, "{cli}: {error}");
        stack
            .plan()?
            .expect(only([replaces("terraform_data.this")]))?;
        let directory = stack.directory().to_owned();
        drop(stack);
        assert!(
            !directory.exists(),
            "an expected failure must not keep the directory"
        );
    }
    Ok(())
}

#[test]
fn failed_command_reports_its_diagnostics() -> TestResult {
    for cli in Cli::all()? {
        let stack = Workspace::inline("output \"x\" { value = local.missing }")
            .cli(&cli)
            .init()?;
        let error = stack.failing(|stack| stack.plan())?;
        let failure = error.failure().ok_or("not a failed command")?;
        assert!(
            failure.what.starts_with(&format!("{cli} plan")),
            "{}",
            failure.what
        );
        assert!(
            failure
                .text
                .contains("no local value with the name \"missing\"")
                || failure.text.contains("missing"),
            "{error}"
        );
        let validation = stack.validate()?;
        assert!(!validation.valid);
        assert_eq!(validation.diagnostics.len(), 1);
    }
    Ok(())
}

/// Returns the environment of a program that a CLI starts.
fn environment_seen(stack: &tfharness::Stack) -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    stack.apply_once()?;
    let text = fs::read_to_string(stack.directory().join("seen"))?;
    let lines = text.lines().filter_map(|line| line.split_once('='));
    Ok(lines
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}

const SPY: &str = r#"
resource "terraform_data" "this" {
  provisioner "local-exec" { command = "env > seen" }
}
"#;

#[test]
fn command_does_not_inherit_the_user_environment() -> TestResult {
    // Cargo always sets these variables, so they represent any variable in the user's environment.
    let users = ["CARGO", "CARGO_MANIFEST_DIR", "CARGO_PKG_NAME"];
    assert!(users.iter().all(|name| std::env::var_os(name).is_some()));
    for cli in Cli::all()? {
        let aws = LocalAws::account()?;
        let stack = Workspace::inline(SPY).cli(&cli).aws(&aws).init()?;
        let seen = environment_seen(&stack)?;
        for name in users
            .into_iter()
            .chain(["AWS_PROFILE", "AWS_SESSION_TOKEN", "SSL_CERT_DIR"])
        {
            assert!(!seen.contains_key(name), "{cli} must not receive {name}");
        }
        let users_home = std::env::var("HOME")?;
        assert!(!seen["HOME"].is_empty() && seen["HOME"] != users_home);
        assert!(!seen["TF_CLI_CONFIG_FILE"].starts_with(&users_home));
        assert_eq!(
            (&seen["AWS_ACCESS_KEY_ID"], &seen["AWS_ENDPOINT_URL"]),
            (&aws.id().to_owned(), &aws.endpoint())
        );
        assert_eq!(seen["HTTPS_PROXY"], aws.proxy());
        let trusted = std::fs::read_to_string(&seen["SSL_CERT_FILE"])?;
        assert_eq!(trusted.matches("BEGIN CERTIFICATE").count(), 1, "{cli}");

        let bare = environment_seen(&Workspace::inline(SPY).cli(&cli).init()?)?;
        let leaked: Vec<_> = bare
            .keys()
            .filter(|name| name.starts_with("AWS_"))
            .collect();
        assert_eq!(leaked, ["AWS_EC2_METADATA_DISABLED"]);
        assert_eq!(bare["AWS_EC2_METADATA_DISABLED"], "true");
    }
    Ok(())
}

#[test]
fn variables_that_could_reach_a_real_account_are_rejected() -> TestResult {
    let aws = LocalAws::behind("127.0.0.1:9".parse()?)?;
    for (name, value) in [
        ("AWS_ENDPOINT_URL", "https://ecs.eu-west-1.amazonaws.com"),
        ("AWS_ENDPOINT_URL_ECS", "http://127.0.0.1.example.com"),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SESSION_TOKEN", "token"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/etc/aws/credentials"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/token"),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/deploy"),
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("HTTP_PROXY", "http://proxy.example.com:3128"),
        ("HTTPS_PROXY", "http://proxy.example.com:3128"),
        ("NO_PROXY", "amazonaws.com"),
        ("http_proxy", "http://proxy.example.com:3128"),
        ("https_proxy", "http://proxy.example.com:3128"),
        ("no_proxy", "*"),
        ("HOME", "/root"),
    ] {
        let stack = Workspace::inline(DATA).aws(&aws).env(name, value).open()?;
        let refused = stack.failing(|stack| stack.plan())?;
        assert!(
            matches!(&refused, WorkspaceError::Unsafe { name: refused, .. } if refused == name),
            "{refused}"
        );
    }
    for (name, reason) in [
        (
            "AWS_ENDPOINT_URL",
            "an access key requires a local endpoint",
        ),
        ("AWS_EC2_METADATA_DISABLED", "the metadata service"),
        ("HTTPS_PROXY", "the proxy blocks calls"),
    ] {
        let stack = Workspace::inline(DATA).aws(&aws).without_env(name).open()?;
        let refused = stack.failing(|stack| stack.plan())?;
        assert!(refused.to_string().contains(reason), "{refused}");
    }
    Ok(())
}

#[test]
fn gateway_rejects_provider_calls_to_other_hosts() -> TestResult {
    let aws = LocalAws::account()?;
    let stray = r#"
provider "aws" {
  endpoints { logs = "https://logs.us-east-1.amazonaws.com" }
  max_retries = 1
}
"#;
    let stack = Workspace::inline(LOGS)
        .file("stray.tf", stray)
        .var("name", "x")
        .aws(&aws)
        .init()?;
    let error = stack.failing(|stack| stack.apply())?;
    assert!(error.to_string().contains("Forbidden"), "{error}");
    assert!(
        aws.count("network", "logs.us-east-1.amazonaws.com:443") > 0,
        "{}",
        aws.last_calls(9)
    );
    Ok(())
}

#[test]
fn dropping_a_stack_kills_its_processes() -> TestResult {
    for cli in Cli::all()? {
        let (sender, started) = std::sync::mpsc::channel();
        let sender = Mutex::new(sender);
        let stack = Workspace::inline(sleeper()).cli(&cli).listen(move |line| {
            if line.ends_with("(local-exec): asleep") {
                let _ = sender.lock().map(|sender| sender.send(()));
            }
        });
        let stack = stack.init()?;
        let running = stack.start(&["apply", "-auto-approve", "-input=false", "-no-color"])?;
        started.recv_timeout(Duration::from_secs(300))?;
        let group = running.group();
        assert!(
            processes_in_group(group)?.len() >= 2,
            "expected the CLI process and its child processes"
        );
        drop(running);
        assert!(
            processes_in_group(group)?.is_empty(),
            "processes started by {cli} are still running"
        );
    }
    Ok(())
}

/// Ignores an interrupt, so that only the command line can end it.
fn sleeper() -> &'static str {
    r#"
resource "terraform_data" "this" {
  provisioner "local-exec" { command = "trap '' INT; echo a''sleep; exec sleep 600" }
}
"#
}

#[test]
fn command_is_killed_on_timeout() -> TestResult {
    let mut stack = Workspace::inline(sleeper()).init()?;
    stack.set_limit(Duration::from_secs(3));
    let error = stack.failing(|stack| stack.apply())?;
    assert!(matches!(error, WorkspaceError::TimedOut { .. }), "{error}");
    Ok(())
}

#[test]
fn cli_exits_gracefully_after_an_interrupt() -> TestResult {
    let (sender, started) = std::sync::mpsc::channel();
    let sender = Mutex::new(sender);
    let stack = Workspace::inline(sleeper()).listen(move |line| {
        if line.ends_with("(local-exec): asleep") {
            let _ = sender.lock().map(|sender| sender.send(()));
        }
    });
    let stack = stack.init()?;
    let running = stack.start(&["apply", "-auto-approve", "-input=false", "-no-color"])?;
    started.recv_timeout(Duration::from_secs(300))?;
    running.interrupt();
    let finished = running.wait()?;
    assert_eq!(finished.code(), Some(1), "{}", finished.stdout);
    assert!(
        finished.stdout.contains("Interrupt received"),
        "{}",
        finished.stdout
    );
    Ok(())
}

/// Creates a program that is not a provider.
fn impostor(directory: &Utf8Path) -> std::io::Result<Utf8PathBuf> {
    let path = directory.join("impostor");
    fs::write(&path, "#!/bin/sh\necho not a provider\n")?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

#[test]
fn local_program_is_installed_as_a_provider_from_the_mirror() -> TestResult {
    let temp = tempfile::tempdir()?;
    let program = impostor(Utf8Path::from_path(temp.path()).ok_or("not UTF-8")?)?;
    let hcl =
        "terraform {\n  required_providers {\n    hello = { source = \"hello/hello\" }\n  }\n}\n";
    for cli in Cli::all()? {
        let stack = Workspace::inline(hcl)
            .provider("hello/hello", &program)
            .cli(&cli)
            .init()?;
        let lock = fs::read_to_string(stack.directory().join(".terraform.lock.hcl"))?;
        assert!(
            lock.contains("hello/hello\"") && lock.contains("version = \"0.1.0\""),
            "{lock}"
        );
        let error = stack.failing(|stack| stack.schemas())?.to_string();
        assert!(
            error.contains("hello/hello"),
            "expected the program to be started: {error}"
        );
    }
    let missing = Workspace::inline(hcl)
        .provider("hello/hello", "/nowhere/hello")
        .open();
    let text = missing
        .err()
        .ok_or("a missing program must be rejected")?
        .to_string();
    assert!(
        text.contains("/nowhere/hello") && text.contains("hello/hello"),
        "{text}"
    );
    Ok(())
}

#[test]
fn directory_is_copied_without_cli_files() -> TestResult {
    let temp = tempfile::tempdir()?;
    let root = Utf8Path::from_path(temp.path())
        .ok_or("not UTF-8")?
        .join("root");
    fs::create_dir_all(root.join("part"))?;
    fs::write(
        root.join("main.tf"),
        "module \"part\" { source = \"./part\" }\n",
    )?;
    fs::write(root.join("part/main.tf"), DATA)?;
    for left in [
        ".terraform.lock.hcl",
        "terraform.tfstate",
        "terraform.tfstate.backup",
    ] {
        fs::write(root.join(left), "not even valid")?;
    }
    let stack = Workspace::of(&root).apply()?;
    stack.expect(inventory(&["module.part.terraform_data.this"]))?;
    assert_eq!(
        fs::read_to_string(root.join("terraform.tfstate"))?,
        "not even valid"
    );
    stack.destroy()?;

    let missing = Workspace::of("examples/no-such-example")
        .open()
        .err()
        .ok_or("a missing directory must be rejected")?;
    assert!(
        missing.to_string().contains("examples/no-such-example"),
        "{missing}"
    );
    Ok(())
}

#[test]
fn listener_receives_lines_while_the_command_runs() -> TestResult {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let recorder = Arc::clone(&lines);
    let stack = Workspace::inline(DATA).listen(move |line| {
        if let Ok(mut lines) = recorder.lock() {
            lines.push(line.to_owned());
        }
    });
    stack.apply()?.destroy()?;
    let lines = lines.lock().map_err(|_| "the listener panicked")?;
    assert!(
        lines
            .iter()
            .any(|line| line.contains("terraform_data.this: Creation complete")),
        "{lines:?}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line.contains("Destroy complete! Resources: 1 destroyed.")),
        "{lines:?}"
    );
    Ok(())
}
