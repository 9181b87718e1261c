//! Order of the operations in a destroy, from the events that the CLI prints.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tfharness::workspace::Stack;

/// Destroys all objects, and checks that the deletion of one object ends before the deletion of any other object starts.
pub(crate) fn expect_first(stack: &Stack, address: &str) -> Result<()> {
    let finished = stack.run(&["destroy", "-auto-approve", "-json", "-no-color"])?;
    ensure!(
        finished.code() == Some(0),
        "destroy failed:\n{}",
        finished.stdout
    );
    let events: Vec<Value> = finished
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("not JSON: {line}")))
        .collect::<Result<_>>()?;
    let of = |kind: &str| {
        let found = events
            .iter()
            .enumerate()
            .filter(|(_, event)| event["type"] == kind && event["hook"]["action"] == "delete");
        found
            .map(|(at, event)| (at, event["hook"]["resource"]["addr"].as_str().unwrap_or("")))
            .collect::<Vec<_>>()
    };
    let end = of("apply_complete")
        .into_iter()
        .find(|(_, one)| *one == address);
    let (end, _) = end.with_context(|| format!("{address} is not deleted"))?;
    let starts = of("apply_start");
    ensure!(starts.len() > 1, "{} objects are deleted", starts.len());
    let early: Vec<_> = starts
        .into_iter()
        .filter(|(at, one)| *at < end && *one != address)
        .collect();
    ensure!(
        early.is_empty(),
        "deletions that start before the deletion of {address} ends: {early:?}"
    );
    Ok(())
}
