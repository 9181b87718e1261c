//! The structure of a pipeline: its rules and defaults. Must not store anything.
//!
//! Follows the CodePipeline User Guide, pages "CodePipeline pipeline structure reference", "Valid action providers for
//! each action type", "Valid input and output artifacts for each action type", and "Action structure reference".

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::super::{Failure, entries, refuse, text};

/// An action type with its number of artifacts and its required configuration.
struct ActionType {
    category: &'static str,
    provider: &'static str,
    inputs: RangeInclusive<usize>,
    outputs: RangeInclusive<usize>,
    required: &'static [&'static str],
}

const fn action(
    category: &'static str,
    provider: &'static str,
    inputs: RangeInclusive<usize>,
    outputs: RangeInclusive<usize>,
    required: &'static [&'static str],
) -> ActionType {
    ActionType {
        category,
        provider,
        inputs,
        outputs,
        required,
    }
}

/// Action types of AWS that the local AWS supports.
const TYPES: [ActionType; 10] = [
    action(
        "Source",
        "CodeStarSourceConnection",
        0..=0,
        1..=1,
        &["ConnectionArn", "FullRepositoryId", "BranchName"],
    ),
    action(
        "Source",
        "CodeCommit",
        0..=0,
        1..=1,
        &["RepositoryName", "BranchName"],
    ),
    action("Source", "ECR", 0..=0, 1..=1, &["RepositoryName"]),
    action("Source", "S3", 0..=0, 1..=1, &["S3Bucket", "S3ObjectKey"]),
    action("Build", "CodeBuild", 1..=5, 0..=5, &["ProjectName"]),
    action("Test", "CodeBuild", 1..=5, 0..=5, &["ProjectName"]),
    action("Approval", "Manual", 0..=0, 0..=0, &[]),
    action(
        "Deploy",
        "ECS",
        1..=1,
        0..=0,
        &["ClusterName", "ServiceName"],
    ),
    action("Deploy", "S3", 1..=1, 0..=0, &["BucketName", "Extract"]),
    action("Invoke", "Lambda", 0..=5, 0..=5, &["FunctionName"]),
];

/// Refuses a pipeline that violates the rules.
pub(super) fn check(pipeline: &Value) -> Result<(), Failure> {
    let stages: Vec<_> = entries(pipeline, "stages").collect();
    if stages.len() < 2 {
        return invalid("The pipeline must contain at least two stages");
    }
    let names: BTreeSet<_> = stages.iter().map(|stage| text(stage, "name")).collect();
    if names.len() < stages.len() {
        return invalid("The names of stages must be unique");
    }
    let mut produced = BTreeSet::new();
    for (position, stage) in stages.iter().enumerate() {
        check_stage(stage, position == 0, &mut produced)?;
    }
    check_triggers(pipeline, stages[0])
}

/// Checks a stage. `produced` contains the artifacts of earlier stages.
fn check_stage<'a>(
    stage: &'a Value,
    first: bool,
    produced: &mut BTreeSet<&'a str>,
) -> Result<(), Failure> {
    let name = text(stage, "name");
    let mut actions: Vec<_> = entries(stage, "actions").collect();
    if actions.is_empty() {
        return stage_invalid(format!("Stage {name} must contain at least one action"));
    }
    let names: BTreeSet<_> = actions.iter().map(|action| text(action, "name")).collect();
    if names.len() < actions.len() {
        return stage_invalid(format!("Action names in stage {name} must be unique"));
    }
    // Actions with the same run order run in parallel, so they do not see each other's artifacts.
    actions.sort_by_key(|action| run_order(action));
    for group in actions.chunk_by(|one, other| run_order(one) == run_order(other)) {
        for action in group {
            check_action(action, first, produced)?;
        }
        for artifact in group
            .iter()
            .flat_map(|action| artifacts(action, "outputArtifacts"))
        {
            if !produced.insert(artifact) {
                return action_invalid(format!("Output artifact {artifact} is not unique"));
            }
        }
    }
    Ok(())
}

fn check_action(action: &Value, first: bool, produced: &BTreeSet<&str>) -> Result<(), Failure> {
    let (name, id) = (text(action, "name"), &action["actionTypeId"]);
    let (category, provider) = (text(id, "category"), text(id, "provider"));
    let known = TYPES.iter().find(|one| {
        one.category == category
            && one.provider == provider
            && id["owner"] == "AWS"
            && id["version"] == "1"
    });
    let Some(ty) = known else {
        return action_invalid(format!("Action {name} has the unknown type {id}"));
    };
    if first != (category == "Source") {
        return invalid(format!(
            "Pipeline should start with a stage that only contains source actions, and action {name} violates this rule"
        ));
    }
    let inputs: Vec<_> = artifacts(action, "inputArtifacts").collect();
    let outputs = artifacts(action, "outputArtifacts").count();
    if !ty.inputs.contains(&inputs.len()) || !ty.outputs.contains(&outputs) {
        return action_invalid(format!(
            "Action {name} has {} input and {outputs} output artifacts, but {category} {provider} requires {:?} and {:?}",
            inputs.len(),
            ty.inputs,
            ty.outputs
        ));
    }
    if let Some(missing) = inputs.iter().find(|input| !produced.contains(**input)) {
        return action_invalid(format!(
            "Input artifact {missing} of action {name} is not an output of a preceding action"
        ));
    }
    let configuration = &action["configuration"];
    let missing = ty
        .required
        .iter()
        .find(|key| text(configuration, key).is_empty());
    if let Some(missing) = missing {
        return action_invalid(format!(
            "Action configuration of {name} is missing {missing}"
        ));
    }
    let primary = text(configuration, "PrimarySource");
    if provider == "CodeBuild" && inputs.len() > 1 && !inputs.contains(&primary) {
        return action_invalid(format!(
            "PrimarySource of action {name} must be an input artifact"
        ));
    }
    Ok(())
}

/// Triggers require the type V2, and name a source action that uses a connection.
fn check_triggers(pipeline: &Value, source: &Value) -> Result<(), Failure> {
    for trigger in entries(pipeline, "triggers") {
        if pipeline["pipelineType"] != "V2" {
            return invalid("Triggers require the pipeline type V2");
        }
        let name = text(&trigger["gitConfiguration"], "sourceActionName");
        let connected = entries(source, "actions").any(|action| {
            action["name"] == name
                && action["actionTypeId"]["provider"] == "CodeStarSourceConnection"
        });
        if !connected {
            return invalid(format!(
                "The trigger names {name}, which is not a source action with a connection"
            ));
        }
    }
    Ok(())
}

/// Returns the pipeline with its version and the defaults of its members.
pub(super) fn completed(pipeline: &Value, version: i64) -> Value {
    let mut pipeline = pipeline.clone();
    pipeline["version"] = version.into();
    for (name, default) in [("pipelineType", "V1"), ("executionMode", "SUPERSEDED")] {
        if pipeline[name].is_null() {
            pipeline[name] = default.into();
        }
    }
    let stages = pipeline["stages"].as_array_mut().into_iter().flatten();
    for stage in stages {
        for action in stage["actions"].as_array_mut().into_iter().flatten() {
            for (name, default) in [
                ("runOrder", json!(1)),
                ("configuration", json!({})),
                ("inputArtifacts", json!([])),
                ("outputArtifacts", json!([])),
            ] {
                if action[name].is_null() {
                    action[name] = default;
                }
            }
        }
    }
    pipeline
}

fn run_order(action: &Value) -> i64 {
    action["runOrder"].as_i64().unwrap_or(1)
}

fn artifacts<'a>(action: &'a Value, name: &str) -> impl Iterator<Item = &'a str> {
    entries(action, name).map(|artifact| text(artifact, "name"))
}

fn invalid<T>(message: impl Into<String>) -> Result<T, Failure> {
    refuse("InvalidStructureException", message)
}

fn stage_invalid<T>(message: impl Into<String>) -> Result<T, Failure> {
    refuse("InvalidStageDeclarationException", message)
}

fn action_invalid<T>(message: impl Into<String>) -> Result<T, Failure> {
    refuse("InvalidActionDeclarationException", message)
}
