//! Facts of an account, as the API tells them, and how they are compared. Must not know what should be true.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value};
use tfharness::LocalAws;

/// The list of that name in the answer of a call. An empty one may come as empty text.
pub(crate) fn list(
    aws: &LocalAws,
    service: &str,
    action: &str,
    parameters: Value,
    name: &str,
) -> Result<Vec<Value>> {
    let mut answer = aws.call(service, action, parameters)?;
    let found = answer.get_mut(name).map(Value::take);
    match found.with_context(|| format!("{service} {action} answers with no {name}: {answer}"))? {
        Value::Array(list) => Ok(list),
        Value::String(text) if text.is_empty() => Ok(Vec::new()),
        other => anyhow::bail!("{service} {action}: {name} is no list: {other}"),
    }
}

/// The snapshots of databases in an account.
pub(crate) fn snapshots(aws: &LocalAws) -> Result<Vec<Value>> {
    list(
        aws,
        "rds",
        "DescribeDBSnapshots",
        Value::Null,
        "DBSnapshots",
    )
}

/// The only one of a list.
pub(crate) fn only(what: &str, mut list: Vec<Value>) -> Result<Value> {
    ensure!(
        list.len() == 1,
        "expected one {what}, found {}: {list:?}",
        list.len()
    );
    Ok(list.remove(0))
}

/// A text within a fact.
pub(crate) fn text(fact: &Value, pointer: &str) -> Result<String> {
    let found = fact.pointer(pointer).and_then(Value::as_str);
    Ok(found
        .with_context(|| format!("expected a text at {pointer} in {fact}"))?
        .to_owned())
}

/// The same text of every fact, in alphabetical order.
pub(crate) fn texts(facts: &[Value], pointer: &str) -> Result<Vec<String>> {
    let mut found: Vec<_> = facts
        .iter()
        .map(|fact| text(fact, pointer))
        .collect::<Result<_>>()?;
    found.sort();
    Ok(found)
}

/// The members of these names, and null for one that is not there.
pub(crate) fn pick(fact: &Value, names: &[&str]) -> Value {
    let members = names
        .iter()
        .map(|name| ((*name).to_owned(), fact[*name].clone()));
    Value::Object(members.collect::<Map<_, _>>())
}

/// A list of `Key` and `Value` as an object.
pub(crate) fn by_key(entries: &[Value], key: &str, value: &str) -> Value {
    let members = entries
        .iter()
        .filter_map(|entry| Some((entry[key].as_str()?.to_owned(), entry[value].clone())));
    Value::Object(members.collect::<Map<_, _>>())
}

/// Compares a fact with what it should be, and shows both.
pub(crate) fn expect(what: &str, found: &Value, expected: &Value) -> Result<()> {
    ensure!(
        found == expected,
        "{what}:\n  expected {expected}\n  found    {found}"
    );
    Ok(())
}

/// Runs every check of a list, so that one that fails hides no other.
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
