//! Reads services and task definitions with direct calls to ECS. Must not read the state.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::LocalAws;

use crate::infrastructure::text;

/// Returns the service with the specified name, regardless of its status.
pub(crate) fn service(aws: &LocalAws, cluster: &str, name: &str) -> Result<Value> {
    let parameters = json!({ "cluster": cluster, "services": [name], "include": ["TAGS"] });
    let mut answer = aws.call("ecs", "DescribeServices", parameters)?;
    let services = answer["services"]
        .as_array_mut()
        .context("DescribeServices returned no services")?;
    ensure!(
        services.len() == 1,
        "expected DescribeServices to return one service {name}, found {services:?}"
    );
    Ok(services.remove(0))
}

/// Returns the names of the active and draining services in a cluster, sorted.
pub(crate) fn service_names(aws: &LocalAws, cluster: &str) -> Result<Vec<String>> {
    let answer = aws.call("ecs", "ListServices", json!({ "cluster": cluster }))?;
    let arns = answer["serviceArns"]
        .as_array()
        .context("ListServices returned no serviceArns")?;
    let name = |arn: &Value| Some(arn.as_str()?.rsplit('/').next()?.to_owned());
    let mut names: Vec<String> = arns.iter().filter_map(name).collect();
    names.sort();
    Ok(names)
}

/// Returns the task definition with the specified ARN.
pub(crate) fn task_definition(aws: &LocalAws, arn: &str) -> Result<Value> {
    let parameters = json!({ "taskDefinition": arn, "include": ["TAGS"] });
    let mut answer = aws.call("ecs", "DescribeTaskDefinition", parameters)?;
    Ok(answer["taskDefinition"].take())
}

/// Returns the task definition that a service uses.
pub(crate) fn running(aws: &LocalAws, cluster: &str, name: &str) -> Result<Value> {
    let service = service(aws, cluster, name)?;
    ensure!(
        service["status"] == "ACTIVE",
        "expected the service {name} to be ACTIVE, found {}",
        service["status"]
    );
    task_definition(aws, &text(&service, "/taskDefinition")?)
}

/// Returns the active revisions in a family.
pub(crate) fn revisions(aws: &LocalAws, family: &str) -> Result<Vec<String>> {
    let parameters = json!({ "familyPrefix": family, "status": "ACTIVE" });
    let answer = aws.call("ecs", "ListTaskDefinitions", parameters)?;
    let arns = answer["taskDefinitionArns"]
        .as_array()
        .context("ListTaskDefinitions returned no list")?;
    let of_family = |arn: &&str| {
        arn.rsplit('/')
            .next()
            .and_then(|name| name.split(':').next())
            == Some(family)
    };
    Ok(arns
        .iter()
        .filter_map(Value::as_str)
        .filter(of_family)
        .map(str::to_owned)
        .collect())
}

/// Checks values in a response, each at a JSON pointer. An expected null also matches missing and empty values.
pub(crate) fn expect(what: &str, answer: &Value, expected: &[(&str, Value)]) -> Result<()> {
    for (pointer, expected) in expected {
        let found = answer.pointer(pointer).unwrap_or(&Value::Null);
        let empty = found.is_null() || found.as_array().is_some_and(Vec::is_empty);
        let same = found == expected || (expected.is_null() && empty);
        ensure!(
            same,
            "expected {pointer} in {what} to be {expected}, found {found} in {answer:#}"
        );
    }
    Ok(())
}

/// Converts a list of `{name, value}` or `{name, valueFrom}` to an object.
pub(crate) fn pairs(list: &Value) -> Value {
    let entries = list.as_array().into_iter().flatten();
    let pair = |entry: &Value| {
        let value = entry.get("value").or_else(|| entry.get("valueFrom"))?;
        Some((entry["name"].as_str()?.to_owned(), value.clone()))
    };
    entries
        .filter_map(pair)
        .collect::<serde_json::Map<_, _>>()
        .into()
}
