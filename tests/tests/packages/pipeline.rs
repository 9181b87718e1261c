//! The package `pipeline`: applies both examples side by side in one account, checks every requirement through the API,
//! and destroys them. Also continues failed applies, and plans invalid inputs.

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, Workspace, on};

use crate::inputs::{expect_at_most, expect_tried, variables};
use crate::package::{Package, caller, refusal};
use crate::requirements::{Pipeline, Source};
use crate::scenario::with_one_cli;
use crate::{permissions, policies};

/// Token that must not be in the state or a plan.
const TOKEN: &str = "ghp_0123456789abcdefghijklmnopqrstuvwxyz";

/// Returns the ECS service to deploy.
pub(crate) fn service() -> Value {
    json!({
        "cluster_name": "shop",
        "service_name": "shop-api",
        "container_name": "api",
        "role_arns": ["arn:aws:iam::123456789012:role/shop-execution", "arn:aws:iam::123456789012:role/shop-api-task"],
    })
}

/// Returns the GitHub example, whose prefix is `shop-prod`.
fn github(cli: &Cli, aws: &LocalAws) -> Workspace {
    let example = Workspace::of("examples/pipeline-github");
    permissions::labelled(example, "pipeline-github")
        .cli(cli)
        .aws(aws)
        .env("TF_VAR_github_token", TOKEN)
        .var("github_token_version", 1)
        .var("github_source_credential", true)
        .var("github_repository", "acme/shop")
        .var("codecommit_mirror", "shop-mirror")
        .var("notification_email", "devops@example.com")
        .var("ecs_service", service())
        .var("disposable", true)
}

fn pipeline<'a>(aws: &'a LocalAws) -> Pipeline<'a> {
    Pipeline {
        aws,
        prefix: "shop-prod",
        environment: "prod",
    }
}

#[test]
fn pipeline_examples_meet_the_requirements() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut prod = github(cli, aws).apply().context("the GitHub example")?;
        let example = Workspace::of("examples/pipeline-codecommit");
        let mut dev = permissions::labelled(example, "pipeline-codecommit")
            .cli(cli)
            .aws(aws)
            .var("repository", "shop")
            .var("notification_email", "devops@example.com")
            .var("disposable", true)
            .apply()
            .context("the CodeCommit example")?;
        pipeline(aws).expect_as_required()?;
        let other = Pipeline {
            aws,
            prefix: "shop-dev",
            environment: "dev",
        };
        other.expect_codecommit()?;
        every_tag(&prod, &pipeline(aws))?;
        every_tag(&dev, &other)?;
        policies::expect_pipeline(&pipeline(aws))?;
        policies::expect_codecommit_pipeline(&other)?;
        other_sources(&mut dev, &other)?;
        pending_connection(&prod)?;
        token(&mut prod, aws)?;
        prod.expect_empty_plan()
            .context("next to the other pipeline")?;
        prod.destroy()?;
        dev.destroy()?;
        aws.expect_empty()?;
        permissions::expect_documented(aws, ["pipeline-github", "pipeline-codecommit"])?;
        Ok(())
    })
}

/// Checks that the API returns the tag for as many objects as the state contains objects with tags.
fn every_tag(stack: &Stack, pipeline: &Pipeline<'_>) -> Result<()> {
    let state = stack.show()?;
    let taggable = state
        .managed()
        .filter(|resource| resource.values.get("tags_all").is_some())
        .count();
    let tagged = pipeline.tagged()?;
    ensure!(
        tagged == taggable,
        "{tagged} objects have the tag, and the state contains {taggable} objects with tags"
    );
    Ok(())
}

/// Replaces the source of the CodeCommit pipeline with an image and with an object, and checks the rows of the source.
fn other_sources(stack: &mut Stack, pipeline: &Pipeline<'_>) -> Result<()> {
    // The calls until the source of the example is back are not calls of the example.
    stack.set_env(permissions::LABEL, Some("other-sources"));
    let main = std::fs::read_to_string(stack.directory().join("main.tf"))?;
    let (start, rest) = main
        .split_once("  source_repository = {\n")
        .context("source")?;
    let (_, end) = rest.split_once("  }\n").context("end of the source")?;
    for (source, expected) in [
        (
            r#"provider = "ecr", name = "shop-base", image_tag = "stable""#,
            Source {
                provider: "ECR",
                configuration: json!({ "ImageTag": "stable", "RepositoryName": "shop-base" }),
                pattern: json!({
                    "source": ["aws.ecr"],
                    "detail-type": ["ECR Image Action"],
                    "detail": {
                        "action-type": ["PUSH"],
                        "image-tag": ["stable"],
                        "repository-name": ["shop-base"],
                        "result": ["SUCCESS"],
                    },
                }),
            },
        ),
        (
            r#"provider = "s3", name = "shop-sources", object_key = "shop.zip""#,
            Source {
                provider: "S3",
                configuration: json!({
                    "PollForSourceChanges": "false", "S3Bucket": "shop-sources", "S3ObjectKey": "shop.zip",
                }),
                pattern: json!({
                    "source": ["aws.s3"],
                    "detail-type": ["Object Created"],
                    "detail": { "bucket": { "name": ["shop-sources"] }, "object": { "key": ["shop.zip"] } },
                }),
            },
        ),
    ] {
        let main = format!("{start}  source_repository = {{ {source} }}\n{end}");
        stack.write("main.tf", &main)?;
        stack.apply_once().context(source)?;
        pipeline.expect_source(&expected).context(source)?;
        policies::expect_source(pipeline, expected.provider).context(source)?;
    }
    stack.expect_empty_plan()?;
    stack.write("main.tf", &main)?;
    stack.apply_once().context("the source of the example")?;
    stack.set_env(permissions::LABEL, Some("pipeline-codecommit"));
    Ok(())
}

/// Checks that each plan reports a connection that is not authorized.
fn pending_connection(stack: &Stack) -> Result<()> {
    let status: String = stack.output("connection_status")?;
    ensure!(status == "PENDING", "connection_status is {status}");
    let plan = stack.succeed(&["plan", "-no-color", "-input=false"])?;
    let plan = plan.split_whitespace().collect::<Vec<_>>().join(" ");
    ensure!(
        plan.contains("The connection to GitHub is not authorized"),
        "the plan has no warning: {plan}"
    );
    Ok(())
}

/// Checks that the token is in the secret and in neither the state nor a plan that writes it again.
fn token(stack: &mut Stack, aws: &LocalAws) -> Result<()> {
    let id = json!({ "SecretId": "shop-prod/github-token" });
    let secret = aws.call("secretsmanager", "GetSecretValue", id)?;
    let value: Value = serde_json::from_str(secret["SecretString"].as_str().context("value")?)?;
    let expected =
        json!({ "ServerType": "GITHUB", "AuthType": "PERSONAL_ACCESS_TOKEN", "Token": TOKEN });
    ensure!(value == expected, "the secret contains {value}");
    let state = stack.state_text()?;
    ensure!(!state.contains(TOKEN), "the state contains the token");
    stack.set_var("github_token_version", 2);
    stack.succeed(&["plan", "-no-color", "-input=false", "-out=token.tfplan"])?;
    let plan = stack.succeed(&["show", "-json", "token.tfplan"])?;
    stack.set_var("github_token_version", 1);
    ensure!(
        plan.contains("\"secret_string_wo_version\":2"),
        "the plan does not write the token again"
    );
    ensure!(!plan.contains(TOKEN), "the plan contains the token");
    Ok(())
}

#[test]
fn next_apply_continues_a_failed_apply_of_a_pipeline() -> Result<()> {
    with_one_cli(|cli, aws| {
        let stack = github(cli, aws).init()?;
        for (service, action, about, code) in [
            (
                "codebuild",
                "CreateProject",
                "shop-prod-unit-test",
                "InvalidInputException",
            ),
            (
                "codepipeline",
                "CreatePipeline",
                "shop-prod",
                "InvalidStageDeclarationException",
            ),
            ("events", "PutTargets", "shop-prod", "ManagedRuleException"),
        ] {
            let rule =
                on(service, action)
                    .mentioning(about)
                    .first()
                    .fail(400, code, "injected failure");
            aws.add_rule(&rule);
            let error = stack.failing(|stack| stack.apply_once())?.to_string();
            aws.clear_rules();
            ensure!(
                rule.fired() == 1 && error.contains("injected failure"),
                "{action}: the rule applied to {} calls; the error is: {error}",
                rule.fired()
            );
        }
        stack.apply().context("the apply after the last failure")?;
        pipeline(aws).expect_as_required()?;
        let created = aws.count("codepipeline", "CreatePipeline");
        ensure!(
            created == 2,
            "expected 2 calls of CreatePipeline, found {created}"
        );
        stack.destroy()?;
        aws.expect_empty()?;
        Ok(())
    })
}

/// Returns valid inputs.
fn valid() -> Vec<(&'static str, Value)> {
    vec![
        ("suffix", json!("dev")),
        (
            "source_repository",
            json!({ "provider": "github", "name": "acme/shop" }),
        ),
        ("notification_email", json!("devops@example.com")),
        ("ecs_service", service()),
    ]
}

/// Returns stages with one build action.
fn build(inputs: Value, outputs: Value) -> Value {
    json!([{ "name": "Build", "actions": [{
        "name": "Image", "type": "build", "project": "image", "inputs": inputs, "outputs": outputs,
    }]}])
}

/// Returns invalid values with a part of the expected message.
fn invalid() -> Vec<(&'static str, Value, &'static str)> {
    let source = |provider: &str, name: &str| json!({ "provider": provider, "name": name });
    let branch =
        |branch: &str| json!({ "provider": "github", "name": "acme/shop", "branch": branch });
    let host = "must match the provider";
    let reference = "a name that git accepts";
    let mut all = vec![
        (
            "suffix",
            json!("a-suffix-that-is-too-long"),
            "has 34 characters, and AWS allows 32",
        ),
        (
            "suffix",
            json!(""),
            "lowercase letters, digits, and single hyphens",
        ),
        (
            "suffix",
            json!("Prod"),
            "lowercase letters, digits, and single hyphens",
        ),
        ("notification_email", json!("devops"), "an e-mail address"),
        (
            "notification_email",
            json!("devops@example"),
            "an e-mail address",
        ),
        (
            "notification_email",
            json!("a b@example.com"),
            "an e-mail address",
        ),
        (
            "source_repository",
            source("gitlab", "acme/shop"),
            "github, codecommit, ecr, or s3",
        ),
        ("source_repository", source("github", "shop"), host),
        ("source_repository", source("github", "acme/shop/x"), host),
        ("source_repository", source("codecommit", "acme/shop"), host),
        ("source_repository", source("ecr", "Shop"), host),
        ("stages", json!([]), "at least one stage"),
        (
            "stages",
            json!([{ "name": "Build", "actions": [] }]),
            "at least one action",
        ),
        ("stages", build(json!([]), json!([])), "1 to 5 inputs"),
        (
            "stages",
            build(json!(["image"]), json!(["image"])),
            "the actions form a cycle",
        ),
        (
            "stages",
            build(json!(["missing"]), json!([])),
            "An earlier action must produce each input",
        ),
        (
            "ecs_service",
            Value::Null,
            "stages contains an action of the type ecs",
        ),
        ("name", json!("Shop"), "1 to 24 lowercase letters"),
        ("name", json!("aws-shop"), "AWS reserves these names"),
        ("projects", json!({ "Image": {} }), "Keys must be 1 to 40"),
        ("projects", json!({ "lint": {} }), "Set buildspec"),
        (
            "projects",
            json!({ "image": { "timeout_minutes": 4 } }),
            "from 5 to 2160",
        ),
        // The token has no rule, but another type is not valid.
        ("github_token", json!([]), "required"),
        (
            "github_token_version",
            json!(-1),
            "an integer from 0 to 1000000",
        ),
        (
            "github_source_credential",
            json!(true),
            "Set github_token and github_token_version",
        ),
        (
            "artifact_retention_days",
            json!(0),
            "an integer from 1 to 3650",
        ),
        ("images_kept", json!(0), "an integer from 1 to 10000"),
        (
            "log_retention_days",
            json!(31),
            "a retention period that CloudWatch Logs supports",
        ),
        ("force_destroy", json!("perhaps"), "required"),
        (
            "kms_key_arn",
            json!("alias/shop"),
            "Must be the ARN of a KMS key",
        ),
        (
            "tags",
            json!({ "aws:x": "1" }),
            "Keys with the prefix aws: or skreg: are reserved",
        ),
    ];
    for bad in [
        "a b",
        "a..b",
        "main.lock",
        "-main",
        "/main",
        "main/",
        "a~b",
        "a@{b",
        "",
        "a//b",
        "a\\b",
    ] {
        all.push(("source_repository", branch(bad), reference));
    }
    all
}

#[test]
fn pipeline_has_at_most_25_inputs_and_a_bad_value_for_each() -> Result<()> {
    expect_at_most("pipeline", 25)?;
    let inputs = variables("pipeline")?;
    let invalid = invalid();
    expect_tried(&inputs, invalid.iter().map(|(input, ..)| *input))
}

#[test]
fn invalid_pipeline_inputs_fail_the_plan() -> Result<()> {
    let package = Package::named("pipeline")?;
    let variables = &package.files()["variables.tf"];
    for cli in alternating_clis()? {
        let root =
            |inputs: &[(&str, Value)]| caller(inputs).replace("module.package\n", "\"valid\"\n");
        let workspace = Workspace::inline(root(&valid())).file("package/variables.tf", variables);
        let stack = workspace.cli(&cli).init()?;
        stack.plan().context("the valid inputs")?;
        for (name, value, says) in invalid() {
            let mut inputs = valid();
            inputs.retain(|(input, _)| *input != name);
            inputs.push((name, value.clone()));
            stack.write("main.tf", &root(&inputs))?;
            let error = refusal(&stack, |stack| stack.plan())?;
            ensure!(
                error.replace("│ ", "").contains(says),
                "{name} = {value}: expected {says:?}, found {error}"
            );
        }
        let mut missing = valid();
        missing.retain(|(input, _)| *input != "suffix");
        stack.write("main.tf", &root(&missing))?;
        let error = refusal(&stack, |stack| stack.plan())?;
        ensure!(error.contains("\"suffix\" is required"), "found {error}");
    }
    Ok(())
}
