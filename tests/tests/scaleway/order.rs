//! Order of the operations in a destroy, from the events that the CLI prints.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tfharness::workspace::Stack;

/// Deletions in a destroy operation: addresses, each with the number of the event.
pub(crate) struct Deletions {
    starts: Vec<(usize, String)>,
    ends: Vec<(usize, String)>,
}

impl Deletions {
    /// Destroys all objects.
    pub(crate) fn of(stack: &Stack) -> Result<Self> {
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
            let addresses = found.map(|(at, event)| {
                let address = event["hook"]["resource"]["addr"].as_str().unwrap_or("");
                (at, address.to_owned())
            });
            addresses.collect::<Vec<_>>()
        };
        let starts = of("apply_start");
        ensure!(starts.len() > 1, "{} objects are deleted", starts.len());
        Ok(Self {
            starts,
            ends: of("apply_complete"),
        })
    }

    /// Returns the addresses whose deletion starts before the deletion of an object ends.
    pub(crate) fn before(&self, address: &str) -> Result<Vec<&str>> {
        let end = at(&self.ends, address)?;
        let early = self.starts.iter().filter(|(start, _)| *start < end);
        let others = early.map(|(_, one)| one.as_str());
        Ok(others.filter(|one| *one != address).collect())
    }
}

fn at(events: &[(usize, String)], address: &str) -> Result<usize> {
    let found = events.iter().find(|(_, one)| one == address);
    let (at, _) = found.with_context(|| format!("{address} is not deleted"))?;
    Ok(*at)
}
