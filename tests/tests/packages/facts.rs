//! Reads facts from the API and compares them. Must not contain expectations.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value};
use tfharness::LocalAws;

/// Returns a list from the response to a call. An empty list can be an empty string in the response.
pub(crate) fn list(
    aws: &LocalAws,
    service: &str,
    action: &str,
    parameters: Value,
    name: &str,
) -> Result<Vec<Value>> {
    let mut answer = aws.call(service, action, parameters)?;
    let found = answer.get_mut(name).map(Value::take);
    match found.with_context(|| format!("{service} {action} returned no {name}: {answer}"))? {
        Value::Array(list) => Ok(list),
        Value::String(text) if text.is_empty() => Ok(Vec::new()),
        other => anyhow::bail!("{service} {action}: {name} is not a list: {other}"),
    }
}

/// Returns the database snapshots in an account.
pub(crate) fn snapshots(aws: &LocalAws) -> Result<Vec<Value>> {
    list(
        aws,
        "rds",
        "DescribeDBSnapshots",
        Value::Null,
        "DBSnapshots",
    )
}

/// Returns the only element in a list.
pub(crate) fn only(what: &str, mut list: Vec<Value>) -> Result<Value> {
    ensure!(
        list.len() == 1,
        "expected one {what}, found {}: {list:?}",
        list.len()
    );
    Ok(list.remove(0))
}

/// Returns a string in a fact.
pub(crate) fn text(fact: &Value, pointer: &str) -> Result<String> {
    let found = fact.pointer(pointer).and_then(Value::as_str);
    Ok(found
        .with_context(|| format!("expected a string at {pointer} in {fact}"))?
        .to_owned())
}

/// Returns the string at the same pointer in every fact, sorted.
pub(crate) fn texts(facts: &[Value], pointer: &str) -> Result<Vec<String>> {
    let mut found: Vec<_> = facts
        .iter()
        .map(|fact| text(fact, pointer))
        .collect::<Result<_>>()?;
    found.sort();
    Ok(found)
}

/// Returns the members with these names. Missing members are null.
pub(crate) fn pick(fact: &Value, names: &[&str]) -> Value {
    let members = names
        .iter()
        .map(|name| ((*name).to_owned(), fact[*name].clone()));
    Value::Object(members.collect::<Map<_, _>>())
}

/// Converts a list of `Key` and `Value` pairs to an object.
pub(crate) fn by_key(entries: &[Value], key: &str, value: &str) -> Value {
    let members = entries
        .iter()
        .filter_map(|entry| Some((entry[key].as_str()?.to_owned(), entry[value].clone())));
    Value::Object(members.collect::<Map<_, _>>())
}

/// Compares a fact with an expected value.
pub(crate) fn expect(what: &str, found: &Value, expected: &Value) -> Result<()> {
    ensure!(
        found == expected,
        "{what}:\n  expected {expected}\n  found    {found}"
    );
    Ok(())
}

/// Runs all checks in a list, and reports all failures.
pub(crate) fn all(checks: &[(&str, &dyn Fn() -> Result<()>)]) -> Result<()> {
    let failed: Vec<_> = checks
        .iter()
        .filter_map(|(what, check)| Some(format!("- {what}: {:#}", check().err()?)))
        .collect();
    ensure!(
        failed.is_empty(),
        "{} of {} checks failed:\n{}",
        failed.len(),
        checks.len(),
        failed.join("\n")
    );
    Ok(())
}
