//! Recorded events, changed to describe a scenario. Each event must match the webhook schema of GitHub.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::interpreter::violations;

const SCHEMA: &str = include_str!("../../../fixtures/github/events.schema.json");
const PULL_REQUEST: &str = include_str!("../../../fixtures/github/pull_request.json");
const WORKFLOW_RUN: &str = include_str!("../../../fixtures/github/workflow_run.json");
const PUSH: &str = include_str!("../../../fixtures/github/push.json");
const WORKFLOW_DISPATCH: &str = include_str!("../../../fixtures/github/workflow_dispatch.json");

/// The number of the pull request.
pub(super) const NUMBER: u64 = 12;
/// The ID of the run that builds the images.
pub(super) const BUILD_RUN: u64 = 289_782_451;
/// A maintainer, and a person without a role in the repository.
pub(super) const MAINTAINER: &str = "maintainer";
pub(super) const OUTSIDER: &str = "outsider";

/// Returns a commit hash from one digit.
pub(super) fn commit(digit: char) -> String {
    digit.to_string().repeat(40)
}

fn recorded(text: &str) -> Result<Value> {
    let mut event: Value = serde_json::from_str(text)?;
    let other: Value = serde_json::from_str(PULL_REQUEST)?;
    // The events were recorded in different repositories.
    event["repository"] = other["repository"].clone();
    event["repository"]["default_branch"] = json!("main");
    Ok(event)
}

/// Returns the event of a pull request. The pull request of an outsider comes from a fork.
pub(super) fn pull_request(action: &str, author: &str, commit: &str) -> Result<Value> {
    let mut event = recorded(PULL_REQUEST)?;
    event["action"] = json!(action);
    event["number"] = json!(NUMBER);
    event["sender"]["login"] = json!(author);
    let request = &mut event["pull_request"];
    request["number"] = json!(NUMBER);
    request["user"]["login"] = json!(author);
    request["head"]["sha"] = json!(commit);
    request["head"]["ref"] = json!("changes");
    request["base"]["ref"] = json!("main");
    request["base"]["repo"]["default_branch"] = json!("main");
    // A title can contain anything.
    request["title"] = json!("$(touch owned) `id` ${{ secrets.X }}");
    if author == OUTSIDER {
        request["head"]["repo"]["id"] = json!(99);
        request["head"]["repo"]["fork"] = json!(true);
        request["head"]["repo"]["owner"]["login"] = json!(OUTSIDER);
        request["head"]["user"]["login"] = json!(OUTSIDER);
    }
    if action == "closed" {
        request["state"] = json!("closed");
        request["closed_at"] = json!("2026-01-02T03:04:05Z");
        request["merged"] = json!(false);
    }
    if action == "synchronize" {
        event["before"] = json!("a".repeat(40));
        event["after"] = json!(commit);
    }
    Ok(event)
}

/// Returns the event of a completed build of a pull request.
pub(super) fn built(request: &Value, pusher: &str, conclusion: &str) -> Result<Value> {
    let mut event = recorded(WORKFLOW_RUN)?;
    event["sender"]["login"] = json!(pusher);
    let head = &request["pull_request"]["head"];
    let run = &mut event["workflow_run"];
    run["id"] = json!(BUILD_RUN);
    run["event"] = json!("pull_request");
    run["path"] = json!(".github/workflows/preview-build.yml");
    run["conclusion"] = json!(conclusion);
    run["head_sha"] = head["sha"].clone();
    run["head_branch"] = head["ref"].clone();
    for name in ["actor", "triggering_actor"] {
        run[name]["login"] = json!(pusher);
    }
    run["head_repository"]["id"] = head["repo"]["id"].clone();
    run["head_repository"]["owner"]["login"] = head["repo"]["owner"]["login"].clone();
    // A run for a fork does not state its pull requests.
    run["pull_requests"] = json!([]);
    run["run_started_at"] = json!("2026-01-02T03:00:00Z");
    run["updated_at"] = json!("2026-01-02T03:01:01Z");
    Ok(event)
}

/// Returns the event of a push to the default branch.
pub(super) fn pushed(commit: &str) -> Result<Value> {
    let mut event = recorded(PUSH)?;
    event["ref"] = json!("refs/heads/main");
    event["after"] = json!(commit);
    event["deleted"] = json!(false);
    Ok(event)
}

/// Returns the event of a dispatch.
pub(super) fn dispatched(workflow: &str, inputs: &Value) -> Result<Value> {
    let mut event = recorded(WORKFLOW_DISPATCH)?;
    event["workflow"] = json!(format!(".github/workflows/{workflow}"));
    event["inputs"] = inputs.clone();
    Ok(event)
}

/// Returns the schema of an event, by its name and action, as a reference into [`definitions`].
pub(super) fn schema(name: &str, event: &Value) -> Value {
    let definition = match event["action"].as_str() {
        Some(action) => format!("{}${action}", name.trim_end_matches("_target")),
        None => format!("{name}$event"),
    };
    json!({ "$ref": format!("#/definitions/{definition}") })
}

/// Returns the definitions of the webhook schema.
pub(super) fn definitions() -> Result<Value> {
    let schema: Value = serde_json::from_str(SCHEMA)?;
    Ok(schema["definitions"].clone())
}

#[test]
fn recorded_events_match_the_webhook_schema() -> Result<()> {
    let mut all = vec![
        ("push", pushed(&commit('d'))?),
        (
            "workflow_dispatch",
            dispatched("preview-destroy.yml", &json!({ "pull_request": "12" }))?,
        ),
    ];
    for author in [MAINTAINER, OUTSIDER] {
        for action in ["opened", "synchronize", "reopened", "closed"] {
            let event = pull_request(action, author, &commit('c'))?;
            all.push(("workflow_run", built(&event, author, "success")?));
            all.push(("pull_request", event));
        }
    }
    let check = |all: &[(&str, Value)]| -> Result<String> {
        let schemas: Vec<_> = all
            .iter()
            .map(|(name, event)| schema(name, event))
            .collect();
        let events: Vec<_> = all.iter().map(|(_, event)| event).collect();
        violations(
            &json!({ "definitions": definitions()?, "prefixItems": schemas }),
            &json!(events),
        )
    };
    let found = check(&all)?;
    ensure!(found.is_empty(), "{found}");
    let mut broken = pull_request("opened", OUTSIDER, &commit('c'))?;
    broken["pull_request"]["state"] = json!("merged");
    ensure!(
        check(&[("pull_request", broken)])?.contains("merged"),
        "a state that does not exist is accepted"
    );
    Ok(())
}
