//! Tests CodePipeline, CodeBuild, CodeConnections, and CodeStar Notifications against their API References.

use std::error::Error;

use serde_json::{Value, json};
use tfharness::LocalAws;

use super::TestResult;
use super::sdk::Sdk;

/// Creates a role that a service can assume, and returns its ARN.
fn role(sdk: &mut Sdk, name: &str, service: &str) -> Result<Value, Box<dyn Error>> {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole",
    }]});
    let parameters = json!({ "RoleName": name, "AssumeRolePolicyDocument": policy.to_string() });
    Ok(sdk.call("iam", "CreateRole", parameters)?["Role"]["Arn"].take())
}

fn action(name: &str, ty: [&str; 2], configuration: &Value, artifacts: [&[&str]; 2]) -> Value {
    let named = |names: &[&str]| {
        let names = names.iter().map(|name| json!({ "name": name }));
        names.collect::<Vec<_>>()
    };
    json!({
        "name": name,
        "actionTypeId": { "category": ty[0], "owner": "AWS", "provider": ty[1], "version": "1" },
        "configuration": configuration,
        "inputArtifacts": named(artifacts[0]),
        "outputArtifacts": named(artifacts[1]),
    })
}

/// Returns a pipeline with these actions in its second stage.
fn pipeline(role: &Value, actions: &[Value]) -> Value {
    let source = json!({ "RepositoryName": "shop", "BranchName": "main" });
    let source = action(
        "Source",
        ["Source", "CodeCommit"],
        &source,
        [&[], &["source"]],
    );
    json!({ "pipeline": {
        "name": "shop", "roleArn": role,
        "artifactStore": { "type": "S3", "location": "artifacts" },
        "stages": [
            { "name": "Source", "actions": [source] },
            { "name": "Build", "actions": actions },
        ],
    }})
}

#[test]
fn pipeline_requires_a_valid_structure_and_a_trusted_role() -> TestResult {
    let aws = LocalAws::account()?;
    let mut sdk = Sdk::new(&aws)?;
    let trusted = role(&mut sdk, "pipeline", "codepipeline.amazonaws.com")?;
    let foreign = role(&mut sdk, "build", "codebuild.amazonaws.com")?;
    let project = json!({ "ProjectName": "image" });
    let build = |artifacts| action("Image", ["Build", "CodeBuild"], &project, artifacts);
    let good = || build([&["source"], &["image"]]);
    let missing = json!(
        trusted
            .as_str()
            .unwrap_or_default()
            .replace("pipeline", "none")
    );
    for (parameters, code, says) in [
        (
            pipeline(&trusted, &[]),
            "InvalidStageDeclarationException",
            "at least one action",
        ),
        (
            pipeline(&trusted, &[build([&[], &[]])]),
            "InvalidActionDeclarationException",
            "0 input",
        ),
        (
            pipeline(&trusted, &[build([&["image"], &["image"]])]),
            "InvalidActionDeclarationException",
            "not an output of a preceding action",
        ),
        (
            pipeline(
                &trusted,
                &[action("X", ["Build", "Unknown"], &json!({}), [&[], &[]])],
            ),
            "InvalidActionDeclarationException",
            "unknown type",
        ),
        (
            pipeline(
                &trusted,
                &[action(
                    "X",
                    ["Source", "CodeCommit"],
                    &project,
                    [&[], &["x"]],
                )],
            ),
            "InvalidStructureException",
            "only contains source actions",
        ),
        (
            pipeline(
                &trusted,
                &[action(
                    "X",
                    ["Deploy", "ECS"],
                    &json!({}),
                    [&["source"], &[]],
                )],
            ),
            "InvalidActionDeclarationException",
            "missing ClusterName",
        ),
        (
            pipeline(&foreign, &[good()]),
            "InvalidStructureException",
            "not authorized",
        ),
        (
            pipeline(&missing, &[good()]),
            "InvalidStructureException",
            "not authorized",
        ),
    ] {
        let (found, message) = sdk.refused("codepipeline", "CreatePipeline", parameters.clone())?;
        assert!(
            found == code && message.contains(says),
            "{parameters}: {found}: {message}"
        );
    }
    let valid = pipeline(&trusted, &[good()]);
    let created = sdk.call("codepipeline", "CreatePipeline", valid.clone())?;
    assert_eq!(created["pipeline"]["version"], 1);
    let (code, _) = sdk.refused("codepipeline", "CreatePipeline", valid.clone())?;
    assert_eq!(code, "PipelineNameInUseException");
    let updated = sdk.call("codepipeline", "UpdatePipeline", valid)?;
    assert_eq!(updated["pipeline"]["version"], 2);
    sdk.call("codepipeline", "DeletePipeline", json!({ "name": "shop" }))?;
    let (code, _) = sdk.refused("codepipeline", "GetPipeline", json!({ "name": "shop" }))?;
    assert_eq!(code, "PipelineNotFoundException");
    Ok(())
}

#[test]
fn project_is_found_by_name_and_by_arn() -> TestResult {
    let aws = LocalAws::account()?;
    let mut sdk = Sdk::new(&aws)?;
    let foreign = role(&mut sdk, "pipeline", "codepipeline.amazonaws.com")?;
    let trusted = role(&mut sdk, "build", "codebuild.amazonaws.com")?;
    let project = |role: &Value| {
        json!({
            "name": "image", "serviceRole": role,
            "source": { "type": "CODEPIPELINE" }, "artifacts": { "type": "CODEPIPELINE" },
            "environment": { "type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL" },
            "logsConfig": { "cloudWatchLogs": { "status": "ENABLED", "groupName": "image" } },
        })
    };
    let (code, message) = sdk.refused("codebuild", "CreateProject", project(&foreign))?;
    assert_eq!(code, "InvalidInputException", "{message}");
    let created = sdk.call("codebuild", "CreateProject", project(&trusted))?;
    let arn = created["project"]["arn"].clone();
    let names = json!({ "names": ["image", arn, "other"] });
    let found = sdk.call("codebuild", "BatchGetProjects", names)?;
    let projects = found["projects"].as_array().ok_or("no projects")?;
    assert_eq!(projects.len(), 2);
    assert_eq!(
        projects[1]["logsConfig"]["cloudWatchLogs"]["groupName"],
        "image"
    );
    assert_eq!(projects[1]["queuedTimeoutInMinutes"], 480);
    assert_eq!(found["projectsNotFound"], json!(["other"]));
    sdk.call("codebuild", "DeleteProject", json!({ "name": arn }))?;
    let left = sdk.call("codebuild", "ListProjects", json!({}))?;
    assert_eq!(left["projects"], json!([]));
    Ok(())
}

/// ImportSourceCredentials, `token`: "For SECRETS_MANAGER, this is the secret ARN".
#[test]
fn source_credential_requires_an_existing_secret() -> TestResult {
    let aws = LocalAws::account()?;
    let mut sdk = Sdk::new(&aws)?;
    let import = |secret: &Value| json!({ "token": secret, "serverType": "GITHUB", "authType": "SECRETS_MANAGER" });
    let none = format!(
        "arn:aws:secretsmanager:us-east-1:{}:secret:none-AbCdEf",
        aws.id()
    );
    let refused = import(&json!(none));
    let (code, message) = sdk.refused("codebuild", "ImportSourceCredentials", refused)?;
    assert_eq!(code, "InvalidInputException", "{message}");
    let found = sdk.call("codebuild", "ListSourceCredentials", json!({}))?;
    assert_eq!(found["sourceCredentialsInfos"], json!([]));
    let secret = json!({ "Name": "token", "SecretString": "{}" });
    let secret = sdk.call("secretsmanager", "CreateSecret", secret)?["ARN"].take();
    sdk.call("codebuild", "ImportSourceCredentials", import(&secret))?;
    let found = sdk.call("codebuild", "ListSourceCredentials", json!({}))?;
    assert_eq!(found["sourceCredentialsInfos"][0]["resource"], secret);
    Ok(())
}

/// The service has two names, "Connections rename", Developer Tools console user guide.
#[test]
fn new_connection_is_pending() -> TestResult {
    let aws = LocalAws::account()?;
    let mut sdk = Sdk::new(&aws)?;
    for service in ["codeconnections", "codestar-connections"] {
        let (code, _) = sdk.refused(
            service,
            "CreateConnection",
            json!({ "ConnectionName": "shop" }),
        )?;
        assert_eq!(code, "InvalidInputException", "{service}");
        let parameters = json!({ "ConnectionName": "shop", "ProviderType": "GitHub" });
        let created = sdk.call(service, "CreateConnection", parameters)?;
        let arn = json!({ "ConnectionArn": created["ConnectionArn"] });
        let found = sdk.call(service, "GetConnection", arn.clone())?;
        assert_eq!(found["Connection"]["ConnectionStatus"], "PENDING");
        sdk.call(service, "DeleteConnection", arn.clone())?;
        let (code, _) = sdk.refused(service, "GetConnection", arn)?;
        assert_eq!(code, "ResourceNotFoundException", "{service}");
    }
    Ok(())
}

#[test]
fn notification_rule_requires_a_pipeline_a_topic_and_known_events() -> TestResult {
    let aws = LocalAws::account()?;
    let mut sdk = Sdk::new(&aws)?;
    let role = role(&mut sdk, "pipeline", "codepipeline.amazonaws.com")?;
    let project = json!({ "ProjectName": "image" });
    let build = action(
        "Image",
        ["Build", "CodeBuild"],
        &project,
        [&["source"], &[]],
    );
    sdk.call("codepipeline", "CreatePipeline", pipeline(&role, &[build]))?;
    let topic = sdk.call("sns", "CreateTopic", json!({ "Name": "failures" }))?["TopicArn"].take();
    let own = format!("arn:aws:codepipeline:us-east-1:{}:shop", aws.id());
    let rule = |resource: &str, topic: &Value, event: &str| {
        json!({
            "Name": "failures", "Resource": resource, "DetailType": "FULL", "EventTypeIds": [event],
            "Targets": [{ "TargetType": "SNS", "TargetAddress": topic }],
        })
    };
    let failed = "codepipeline-pipeline-pipeline-execution-failed";
    let none = json!(format!("{}x", topic.as_str().unwrap_or_default()));
    for (parameters, code) in [
        (
            rule(&format!("{own}x"), &topic, failed),
            "ConfigurationException",
        ),
        (rule(&own, &none, failed), "ConfigurationException"),
        (
            rule(&own, &topic, "codepipeline-pipeline-failed"),
            "ValidationException",
        ),
    ] {
        let (found, message) = sdk.refused(
            "codestar-notifications",
            "CreateNotificationRule",
            parameters,
        )?;
        assert_eq!(found, code, "{message}");
    }
    let created = sdk.call(
        "codestar-notifications",
        "CreateNotificationRule",
        rule(&own, &topic, failed),
    )?;
    let arn = json!({ "Arn": created["Arn"] });
    let found = sdk.call(
        "codestar-notifications",
        "DescribeNotificationRule",
        arn.clone(),
    )?;
    // The policy of the topic does not allow the service to publish.
    assert_eq!(found["Targets"][0]["TargetStatus"], "UNREACHABLE");
    sdk.call(
        "codestar-notifications",
        "DeleteNotificationRule",
        arn.clone(),
    )?;
    let (code, _) = sdk.refused("codestar-notifications", "DescribeNotificationRule", arn)?;
    assert_eq!(code, "ResourceNotFoundException");
    Ok(())
}
