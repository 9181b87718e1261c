//! The package `ml-api`: applies both examples side by side in one account, checks every row of the requirements
//! through the API, and destroys them. Prints each row with its evidence.

mod bad_input;
mod rows;

use std::collections::BTreeMap;
use std::thread;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, Workspace};

use crate::package::repository;
use crate::scenario::with_every_cli;
use rows::Api;

#[test]
fn ml_api_examples_meet_the_requirements_side_by_side() -> Result<()> {
    with_every_cli(|cli, aws| {
        let before = Workspace::inline(BEFORE).cli(cli).aws(aws).init()?;
        before.apply_once()?;
        let secret = Secret {
            arn: before.output("secret")?,
            function: before.output("function")?,
        };
        thread::scope(|scope| {
            let minimal = scope.spawn(|| minimal(cli, aws).context("ml-api-minimal"));
            let full = full(cli, aws, &secret).context("ml-api");
            let minimal = minimal.join();
            full.and(minimal.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })?;
        before.destroy()?;
        aws.expect_empty()?;
        Ok(())
    })
}

fn minimal(cli: &Cli, aws: &LocalAws) -> Result<()> {
    let stack = Workspace::of("examples/ml-api-minimal")
        .cli(cli)
        .aws(aws)
        .var("environment_suffix", "green")
        .apply()?;
    let api = Api {
        aws,
        prefix: "ml-api-green",
        min_acu: "0.5",
        gpu: false,
        secret: None,
    };
    api.expect_as_required(&stack)?;
    Ok(stack.destroy()?)
}

fn full(cli: &Cli, aws: &LocalAws, secret: &Secret) -> Result<()> {
    let stack = Workspace::of("examples/ml-api")
        .cli(cli)
        .aws(aws)
        .var("environment_suffix", "blue")
        .var("gpu", json!({ "instance_type": "g5.xlarge" }))
        .var(
            "secrets",
            json!({ "MODEL_KEY": { "arn": secret.arn, "rotation": { "function_arn": secret.function } } }),
        )
        .apply()?;
    let api = Api {
        aws,
        prefix: "ml-api-blue",
        min_acu: "0",
        gpu: true,
        secret: Some(&secret.arn),
    };
    api.expect_as_required(&stack)?;
    flat_outputs(cli, &stack)?;
    Ok(stack.destroy()?)
}

/// Executes the command in the README of the example, and reads the file that it writes.
fn flat_outputs(cli: &Cli, stack: &Stack) -> Result<()> {
    let readme = repository()?.join("examples/ml-api/README.md");
    let readme = std::fs::read_to_string(readme)?;
    let command = readme
        .lines()
        .find(|line| line.ends_with("outputs/flat-outputs.json"))
        .context("the README has no command that writes outputs/flat-outputs.json")?;
    let command = command.replace("tofu ", &format!("{} ", cli.path()));
    let status = std::process::Command::new("sh")
        .args(["-c", &command])
        .current_dir(stack.directory())
        .env_clear()
        .envs(stack.environment()?)
        .status()?;
    ensure!(status.success(), "`{command}` failed with {status}");
    let text = std::fs::read_to_string(stack.directory().join("outputs/flat-outputs.json"))?;
    let outputs: BTreeMap<String, String> = serde_json::from_str(&text)?;
    for name in [
        "load_balancer_dns_name",
        "cloudfront_url",
        "database_endpoint",
    ] {
        let expected: String = stack.output(name)?;
        ensure!(
            outputs.get(name) == Some(&expected),
            "{name} in {outputs:?}"
        );
    }
    println!("outputs/flat-outputs.json → {text}");
    Ok(())
}

/// A secret that exists before the API, and the function that rotates it.
const BEFORE: &str = r#"
resource "aws_secretsmanager_secret" "model" {
  name_prefix             = "model-key-"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "model" {
  secret_id     = aws_secretsmanager_secret.model.id
  secret_string = "secret"
}

resource "aws_iam_role" "rotate" {
  name_prefix        = "rotate-"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_lambda_function" "rotate" {
  function_name                  = "rotate"
  role                           = aws_iam_role.rotate.arn
  package_type                   = "Image"
  image_uri                      = "123456789012.dkr.ecr.us-east-1.amazonaws.com/rotate:1"
}

resource "aws_lambda_permission" "rotate" {
  statement_id  = "rotate"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.rotate.function_name
  principal     = "secretsmanager.amazonaws.com"
}

output "secret" {
  value      = aws_secretsmanager_secret.model.arn
  depends_on = [aws_secretsmanager_secret_version.model]
}

output "function" {
  value      = aws_lambda_function.rotate.arn
  depends_on = [aws_lambda_permission.rotate]
}
"#;

/// ARNs of a secret and of the function that rotates it.
struct Secret {
    arn: String,
    function: String,
}
