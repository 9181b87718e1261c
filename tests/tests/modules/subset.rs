//! Compares commands that start hashicorp/aws directly with commands that start it behind `tfsubset`.

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use camino::Utf8PathBuf;
use tfharness::workspace::Stack;
use tfharness::{Kind, LocalAws, Workspace};

/// A configuration with all modes of a type: a resource with a nested block and a default, a data source that the provider
/// computes, a data source that calls AWS, and a function. It has two configurations of the provider.
const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  alias  = "other"
  region = "eu-central-1"
}

data "aws_caller_identity" "this" {}

data "aws_region" "other" {
  provider = aws.other
}

output "region" {
  value = data.aws_region.other.id
}

data "aws_iam_policy_document" "this" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.this.arn]

    principals {
      type        = "AWS"
      identifiers = [data.aws_caller_identity.this.account_id]
    }
  }
}

resource "aws_sqs_queue" "this" {
  name = "first"
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = aws_sqs_queue.this.url
  policy    = data.aws_iam_policy_document.this.json
}

output "partition" {
  value = provider::aws::arn_parse("arn:aws-cn:sqs:cn-north-1:123456789012:first").partition
}
"#;

fn program() -> Result<Utf8PathBuf> {
    let test = Utf8PathBuf::from_path_buf(std::env::current_exe()?)
        .ok()
        .context("the path is not UTF-8")?;
    let program = test
        .ancestors()
        .nth(2)
        .context("the test is not in target/PROFILE/deps")?
        .join("tfsubset");
    ensure!(
        program.is_file(),
        "{program} is not built; build it with: cargo build --workspace --bins"
    );
    Ok(program)
}

fn both_ways(configuration: &str) -> Result<[Workspace; 2]> {
    let workspace = Workspace::inline(configuration);
    Ok([
        workspace.clone().subset(None),
        workspace.subset(Some(program()?)),
    ])
}

#[test]
fn plans_and_states_are_the_same_with_a_subset_of_the_schemas() -> Result<()> {
    for cli in alternating_clis()? {
        let aws = LocalAws::account()?;
        let mut seen = Vec::new();
        for workspace in both_ways(CONFIGURATION)? {
            let stack = workspace.cli(&cli).aws(&aws).init()?;
            let plan = stack.run(&["plan", "-no-color", "-input=false"])?;
            ensure!(plan.code() == Some(0), "{}", plan.stderr);
            stack.apply()?;
            let state: serde_json::Value = serde_json::from_str(&stack.state_text()?)?;
            // The command reads the type of the removed resource from the state.
            let removed = CONFIGURATION.replace("\"first\"", "\"second\"");
            let (kept, _) = removed
                .split_once("resource \"aws_sqs_queue_policy\"")
                .context("the policy is last")?;
            stack.write("main.tf", kept)?;
            let replaced = stack.run(&["plan", "-no-color", "-input=false"])?;
            stack.write("main.tf", CONFIGURATION)?;
            stack.destroy()?;
            aws.expect_empty()?;
            seen.push((
                lines_of(&plan.stdout),
                state["resources"].clone(),
                lines_of(&replaced.stdout),
            ));
        }
        ensure!(
            seen[0]
                .2
                .iter()
                .any(|line| line.contains("must be replaced")),
            "{:?}",
            seen[0].2
        );
        assert_eq!(seen[0], seen[1], "{cli}");
    }
    Ok(())
}

/// A provider that is configured in another region must not serve calls in this one, and a process must not be started
/// again for phases of a command that configure it in the same way.
#[test]
fn a_command_starts_one_process_for_each_configuration() -> Result<()> {
    for cli in alternating_clis()? {
        let aws = LocalAws::account()?;
        let workspace = Workspace::inline(CONFIGURATION).subset(Some(program()?));
        let stack = workspace.keep_processes().cli(&cli).aws(&aws).init()?;
        stack.apply_once()?;
        let processes: Vec<_> = registers(&stack)?.iter().map(Vec::len).collect();
        // Terraform 1.11 sends different requests to `Configure` when it plans and when it applies.
        let expected = match cli.kind() {
            Kind::Tofu => 2,
            Kind::Terraform => 4,
        };
        assert_eq!(processes, [expected], "{cli}");
        let region: String = stack.output("region")?;
        assert_eq!(region, "eu-central-1", "{cli}");
        let queue = stack.succeed(&["state", "show", "-no-color", "aws_sqs_queue.this"])?;
        ensure!(queue.contains("arn:aws:sqs:us-east-1:"), "{queue}");
        stack.destroy()?;
    }
    Ok(())
}

/// Starting a provider requires most of the time of a command. Calls in progress of a killed command must not reach AWS
/// during the next command.
#[test]
fn later_commands_use_the_same_processes_until_a_command_is_killed() -> Result<()> {
    for cli in alternating_clis()? {
        let aws = LocalAws::account()?;
        let workspace = Workspace::inline(CONFIGURATION).subset(Some(program()?));
        let mut stack = workspace.keep_processes().cli(&cli).aws(&aws).init()?;
        let plan = ["plan", "-no-color", "-input=false"];
        stack.succeed(&plan)?;
        let first = registers(&stack)?;
        ensure!(
            first.iter().any(|list| !list.is_empty()),
            "no process is registered"
        );
        stack.succeed(&plan)?;
        assert_eq!(registers(&stack)?, first, "{cli}");

        // Providers read credentials from the environment.
        stack.set_env("AWS_REGION", Some("eu-west-1"));
        stack.succeed(&plan)?;
        let both = registers(&stack)?;
        ensure!(
            both.concat().len() > first.concat().len(),
            "a process was used with another environment: {both:?}"
        );

        let killed = stack.start(&plan)?;
        killed.kill();
        killed.wait()?;
        assert_eq!(
            registers(&stack)?,
            Vec::<Vec<serde_json::Value>>::new(),
            "{cli}"
        );
    }
    Ok(())
}

/// Returns the registered provider processes of the commands in a workspace.
fn registers(stack: &Stack) -> Result<Vec<Vec<serde_json::Value>>> {
    let environment = stack.environment()?;
    let home = Utf8PathBuf::from(environment.get("HOME").context("a home directory")?);
    let base = home.parent().context("a workspace")?;
    let mut registers = Vec::new();
    for entry in base.read_dir_utf8()? {
        let register = entry?
            .path()
            .join("terraform-provider-aws_v5.100.0_x5.processes");
        if register.is_file() {
            registers.push(serde_json::from_str(&std::fs::read_to_string(register)?)?);
        }
    }
    Ok(registers)
}

#[test]
fn errors_are_the_same_with_a_subset_of_the_schemas() -> Result<()> {
    let invalid = CONFIGURATION
        .replace(
            "name = \"first\"",
            "name = \"a b\"\n  visibility_timeout_seconds = 1000000",
        )
        .replace("arn:aws-cn:sqs", "arn");
    let unsupported = CONFIGURATION.replace("aws_sqs_queue_policy", "aws_sqs_no_such_type");
    for configuration in [invalid, unsupported] {
        for cli in alternating_clis()? {
            let mut seen = Vec::new();
            for workspace in both_ways(&configuration)? {
                let validation = workspace.cli(&cli).init()?.validate()?;
                ensure!(!validation.valid, "the configuration is valid");
                let diagnostics = validation.diagnostics.iter();
                let mut diagnostics: Vec<_> = diagnostics.map(ToString::to_string).collect();
                // The CLI validates resources concurrently.
                diagnostics.sort();
                seen.push(diagnostics);
            }
            assert_eq!(seen[0], seen[1], "{cli}");
        }
    }
    Ok(())
}

#[test]
fn all_schemas_are_printed_with_a_subset() -> Result<()> {
    for cli in alternating_clis()? {
        let [direct, subset] = both_ways(CONFIGURATION)?;
        let [direct, subset] = [direct, subset].map(|workspace| -> Result<_> {
            let schemas = workspace.cli(&cli).init()?.schemas()?;
            Ok(schemas["provider_schemas"].clone())
        });
        assert_eq!(direct?, subset?, "{cli}");
    }
    Ok(())
}

/// Returns the lines of a plan in a fixed order, because concurrent operations print their lines in any order.
fn lines_of(plan: &str) -> Vec<String> {
    let mut lines: Vec<_> = plan
        .lines()
        .filter(|line| !line.contains("Read complete after"))
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}
