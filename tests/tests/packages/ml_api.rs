//! The package `ml-api`: applies both examples side by side in one account, one of them after failed applies, checks
//! every row of the requirements and all policies through the API, and destroys them. Prints each row with its evidence.

mod bad_input;
mod rows;

use std::collections::BTreeMap;
use std::thread;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tfharness::gateway::Call;
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, Workspace};

use crate::facts::all;
use crate::half_failed::{Failure, fail_once};
use crate::package::repository;
use crate::scenario::with_one_cli;
use crate::{permissions, policies};
use rows::Api;

/// Failures of the first applies of the example `ml-api`. The resources of an apply do not depend on each other.
const FAILURES: [&[Failure]; 2] = [
    &[
        Failure {
            service: "rds",
            action: "CreateDBCluster",
            about: "ml-api-blue",
            status: 400,
            code: "InvalidParameterCombination",
        },
        Failure {
            service: "cloudfront",
            action: "POST /*/*?WithTags",
            about: "API of ml-api-blue",
            status: 400,
            code: "InvalidArgument",
        },
        Failure {
            service: "secretsmanager",
            action: "RotateSecret",
            about: "model-key-",
            status: 400,
            code: "InvalidRequestException",
        },
    ],
    &[Failure {
        service: "application-autoscaling",
        action: "RegisterScalableTarget",
        about: "ml-api-blue-v1",
        status: 400,
        code: "ValidationException",
    }],
];

#[test]
fn ml_api_examples_meet_the_requirements_side_by_side() -> Result<()> {
    with_one_cli(|cli, aws| {
        let before = Workspace::inline(BEFORE).cli(cli).aws(aws).init()?;
        before.apply_once()?;
        let existing = Existing {
            secret: before.output("secret")?,
            function: before.output("function")?,
            zone: before.output("zone")?,
        };
        thread::scope(|scope| {
            let minimal = scope.spawn(|| minimal(cli, aws).context("ml-api-minimal"));
            let full = full(cli, aws, &existing).context("ml-api");
            let minimal = minimal.join();
            full.and(minimal.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })?;
        let examples = ["ml-api", "ml-api-minimal"];
        all(&[
            ("objects", &|| expect_created_once(aws)),
            ("permissions", &|| {
                permissions::expect_documented(aws, examples)
            }),
        ])?;
        before.destroy()?;
        aws.expect_empty()?;
        Ok(())
    })
}

fn minimal(cli: &Cli, aws: &LocalAws) -> Result<()> {
    let example = Workspace::of("examples/ml-api-minimal");
    let stack = permissions::labelled(example, "ml-api-minimal")
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
        zone: None,
    };
    api.expect_as_required(&stack)?;
    Ok(stack.destroy()?)
}

fn full(cli: &Cli, aws: &LocalAws, existing: &Existing) -> Result<()> {
    let example = Workspace::of("examples/ml-api");
    let stack = permissions::labelled(example, "ml-api")
        .cli(cli)
        .aws(aws)
        .var("environment_suffix", "blue")
        .var("gpu", json!({ "instance_type": "g5.xlarge" }))
        .var(
            "secrets",
            json!({ "MODEL_KEY": { "arn": existing.secret, "rotation": { "function_arn": existing.function } } }),
        )
        .var("domain_name", DOMAIN)
        .var("hosted_zone_id", existing.zone.as_str())
        .init()?;
    for failures in &FAILURES {
        fail_once(&stack, aws, failures)?;
    }
    stack.apply().context("the apply after the last failure")?;
    let api = Api {
        aws,
        prefix: "ml-api-blue",
        min_acu: "0",
        gpu: true,
        secret: Some(&existing.secret),
        zone: Some(&existing.zone),
    };
    api.expect_as_required(&stack)?;
    policies::expect_ml_api(aws, api.prefix, &api.key_arn()?, &existing.secret)?;
    flat_outputs(cli, &stack)?;
    Ok(stack.destroy()?)
}

/// Checks that both examples created their objects once, apart from the calls that failed.
fn expect_created_once(aws: &LocalAws) -> Result<()> {
    for (service, operation, expected) in [
        ("rds", "CreateDBCluster", 2),
        ("rds", "CreateDBInstance", 2),
        ("cloudfront", "CreateDistributionWithTags", 2),
        ("application-autoscaling", "RegisterScalableTarget", 4),
        ("secretsmanager", "RotateSecret", 1),
    ] {
        let journal = aws.journal();
        // Names of CloudFront operations end with the API version.
        let name = |call: &Call| {
            let operation = call.operation.as_deref().unwrap_or(&call.action);
            operation.trim_end_matches("2020_05_31").to_owned()
        };
        let calls = journal.iter().filter(|call| {
            let succeeded = call.status.is_some_and(|status| status < 300);
            call.service == service && succeeded && name(call) == operation
        });
        let found = calls.count();
        ensure!(
            found == expected,
            "expected {expected} successful calls of {operation}, found {found}"
        );
    }
    Ok(())
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

/// Domain of the load balancer in the example `ml-api`.
const DOMAIN: &str = "api.example.com";

/// A secret that exists before the API, the function that rotates it, and the hosted zone of the domain.
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

resource "aws_route53_zone" "this" {
  name = "example.com"
}

output "zone" {
  value = aws_route53_zone.this.zone_id
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

/// Resources that exist before the API.
struct Existing {
    /// ARN of a secret.
    secret: String,
    /// ARN of the function that rotates the secret.
    function: String,
    /// ID of the hosted zone of [`DOMAIN`].
    zone: String,
}
