//! Presence checks, which look up every resource in a state with a call to its service.
//!
//! Resource types without a row in `tfharness::aws::types` cause an error, because they would not be verified.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tfharness::LocalAws;
use tfharness::aws::types::{self, Lookup, Parameter, Request, ResourceType};
use tfharness::workspace::{Resource, State};

/// Resource types of this provider that a single call can look up.
const OWN: [ResourceType; 5] = [
    stored_key("skreg_pki_root_ca"),
    stored_key("skreg_pki_intermediate_ca"),
    stored_key("skreg_pki_certificate"),
    published("skreg_pki_crl", &["publish/key_der", "publish/key_pem"]),
    published(
        "skreg_pki_trust_bundle",
        &["publish/key_json", "publish/key_pem"],
    ),
];

/// Returns the row for a type whose key document is in a secret.
const fn stored_key(name: &'static str) -> ResourceType {
    ResourceType::new(
        name,
        types::action(
            "secretsmanager",
            "DescribeSecret",
            &[("SecretId", Parameter::Of("secret_arn"))],
            &["secret_arn"],
        ),
    )
}

/// Returns the row for a type that publishes objects.
const fn published(name: &'static str, keys: &'static [&'static str]) -> ResourceType {
    let objects = types::path("s3", "/{publish/bucket}?list-type=2", keys);
    ResourceType::new(name, objects)
}

/// Looks up every managed resource and returns the number of resources.
///
/// # Errors
/// Returns an error if a resource does not exist, differs from its state, or has an unknown type.
pub(super) fn everything_exists(aws: &LocalAws, state: &State) -> Result<usize> {
    let mut count = 0;
    // Resources whose values exist only in the state are not looked up.
    let managed = state.managed().filter(|one| one.kind != "terraform_data");
    for resource in managed {
        exists(aws, resource)
            .with_context(|| format!("the API does not return {}", resource.address))?;
        count += 1;
    }
    ensure!(count > 0, "the example created no resources");
    Ok(count)
}

fn exists(aws: &LocalAws, resource: &Resource) -> Result<()> {
    let kind = resource.kind.as_str();
    if kind == "skreg_ecs_service_bundle" {
        return services_run(aws, &resource.values);
    }
    match lookup(kind) {
        Some(lookup) => look_up(aws, lookup, &resource.values),
        None => bail!("{kind} has no row in harness/src/aws/types: add one"),
    }
}

/// Returns the signing name of the service for a resource type, if the type has a row.
pub(super) fn service(kind: &str) -> Option<&'static str> {
    match (kind, lookup(kind).map(|lookup| &lookup.call)) {
        ("skreg_ecs_service_bundle", _) => Some("ecs"),
        (_, Some(Request::Action(service, ..) | Request::Path(service, _))) => Some(service),
        (_, None) => None,
    }
}

fn lookup(kind: &str) -> Option<&'static Lookup> {
    let mut known = types::all().chain(&OWN);
    known.find(|ty| ty.name == kind).map(|ty| &ty.lookup)
}

fn look_up(aws: &LocalAws, lookup: &Lookup, values: &Value) -> Result<()> {
    let (name, answer) = match lookup.call {
        Request::Action(service, action, parameters) => {
            let mut sent = json!({});
            for (name, parameter) in parameters {
                sent[name] = match parameter {
                    Parameter::Of(attribute) => json!(text(values, attribute)?),
                    Parameter::ListOf(attribute) => json!([text(values, attribute)?]),
                };
            }
            let answer = aws.call(service, action, sent)?;
            (format!("{service} {action}"), answer)
        }
        Request::Path(service, path) => {
            let path = filled(path, values)?;
            let answer = aws.get(service, &path)?;
            (format!("{service} GET {path}"), answer)
        }
    };
    for pointer in lookup.holds {
        let expected = at(values, pointer);
        ensure!(!expected.is_empty(), "no value at `{pointer}`");
        for expected in expected {
            ensure!(
                holds(&answer, &expected),
                "expected {expected} in the response to {name}: {answer}"
            );
        }
    }
    Ok(())
}

/// Replaces pointers to attributes in a path with their values.
fn filled(path: &str, values: &Value) -> Result<String> {
    let mut filled = String::new();
    let mut rest = path;
    while let Some((before, tail)) = rest.split_once('{') {
        let (name, after) = tail
            .split_once('}')
            .context("a brace in a path is not closed")?;
        filled.push_str(before);
        let found = at(values, name);
        let value = found.first();
        filled.push_str(value.with_context(|| format!("no string at `{name}`"))?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Returns the string values at the first pointer that exists.
fn at(values: &Value, pointers: &str) -> Vec<String> {
    let mut found = pointers.split('|').map(|pointer| all_at(values, pointer));
    found.find(|found| !found.is_empty()).unwrap_or_default()
}

/// Returns the string values at a pointer. Null and empty strings are omitted.
fn all_at(values: &Value, pointer: &str) -> Vec<String> {
    let mut found = vec![values];
    for step in pointer.split('/') {
        found = match step {
            "*" => found
                .into_iter()
                .flat_map(|value| value.as_array().into_iter().flatten())
                .collect(),
            step => found
                .into_iter()
                .filter_map(|value| match step.parse::<usize>() {
                    Ok(index) => value.get(index),
                    Err(_) => value.get(step),
                })
                .collect(),
        };
    }
    let texts = found.into_iter().filter_map(|value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    });
    texts.filter(|text| !text.is_empty()).collect()
}

/// Checks that every service in a bundle is active and runs the desired number of tasks with the revision in the state.
fn services_run(aws: &LocalAws, values: &Value) -> Result<()> {
    let cluster = text(values, "cluster")?;
    let deployments = values["deployments"]
        .as_object()
        .context("the state has no deployments")?;
    ensure!(!deployments.is_empty(), "the list of deployments is empty");
    for (key, deployment) in deployments {
        let arn = text(deployment, "service_arn")?;
        let answer = aws.call(
            "ecs",
            "DescribeServices",
            json!({ "cluster": cluster, "services": [arn] }),
        )?;
        let service = &answer["services"][0];
        ensure!(
            service["serviceArn"] == arn && service["status"] == "ACTIVE",
            "service {key} is not active: {answer}"
        );
        ensure!(
            service["runningCount"] == service["desiredCount"],
            "service {key} runs {} of {} tasks",
            service["runningCount"],
            service["desiredCount"]
        );
        let revision = &values["task_definition_arns"][key];
        ensure!(
            service["taskDefinition"] == *revision,
            "service {key} does not run {revision}"
        );
    }
    Ok(())
}

fn text<'a>(values: &'a Value, name: &str) -> Result<&'a str> {
    values[name]
        .as_str()
        .with_context(|| format!("no string at `{name}`"))
}

/// Returns whether a response contains a value.
fn holds(answer: &Value, expected: &str) -> bool {
    match answer {
        Value::String(text) => text == expected,
        Value::Array(values) => values.iter().any(|value| holds(value, expected)),
        Value::Object(members) => members.values().any(|value| holds(value, expected)),
        Value::Bool(answer) => expected == if *answer { "true" } else { "false" },
        Value::Number(answer) => answer.to_string().as_str() == expected,
        Value::Null => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_both_providers_have_rows_and_unknown_types_have_none() {
        assert!(lookup("aws_vpc").is_some());
        assert!(lookup("skreg_pki_root_ca").is_some());
        assert!(lookup("skreg_pki_crl").is_some());
        assert!(lookup("aws_unheard_of").is_none());
    }

    #[test]
    fn pointers_and_paths_resolve_to_attributes() -> Result<()> {
        let values = json!({ "id": "b", "rule": [{ "name": "x", "on": true }, { "name": "y" }, { "name": "" }] });
        assert_eq!(at(&values, "rule/*/name"), ["x", "y"]);
        assert_eq!(at(&values, "rule/0/on"), ["true"]);
        assert!(at(&values, "rule/7/on").is_empty());
        assert_eq!(at(&values, "rule/2/name|id"), ["b"]);
        assert_eq!(filled("/{id}?policy", &values)?, "/b?policy");
        assert_eq!(filled("/{rule/1/name}", &values)?, "/y");
        assert!(filled("/{nothing}", &values).is_err());
        assert!(holds(&json!({ "a": [{ "b": true }] }), "true"));
        assert!(!holds(&json!({ "a": "bb" }), "b"));
        Ok(())
    }
}
