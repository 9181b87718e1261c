//! Expectations for the stored state. Prefer direct calls to AWS.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Unmet, ValueCheck};
use crate::workspace::State;

type Test = Box<dyn Fn(&State) -> Result<(), Unmet>>;

/// An expectation for the stored state.
pub struct StateCheck(Test);

impl StateCheck {
    fn new(test: impl Fn(&State) -> Result<(), Unmet> + 'static) -> Self {
        Self(Box::new(test))
    }

    /// Requires both expectations.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        all([self, other])
    }

    pub(crate) fn run(&self, state: &State) -> Result<(), Unmet> {
        (self.0)(state)
    }
}

/// Requires all expectations, and reports the first one that is not met.
#[must_use]
pub fn all(checks: impl IntoIterator<Item = StateCheck>) -> StateCheck {
    let checks: Vec<_> = checks.into_iter().collect();
    StateCheck::new(move |state| {
        if checks.is_empty() {
            return Err(Unmet::empty("an empty list of checks"));
        }
        checks.iter().try_for_each(|check| check.run(state))
    })
}

/// Expects an output with a value that meets the check.
#[must_use]
pub fn output(name: &str, check: ValueCheck) -> StateCheck {
    let name = name.to_owned();
    StateCheck::new(move |state| match state.outputs.get(&name) {
        Some(output) => check.run(&format!("output {name}"), &output.value),
        None => Err(Unmet::new(
            format!("output {name} to be {check}"),
            listed("outputs", state.outputs.keys()),
        )),
    })
}

/// Expects a resource that is in the state and not tainted.
#[must_use]
pub fn resource(address: &str) -> StateCheck {
    let address = address.to_owned();
    StateCheck::new(move |state| match state.resources.get(&address) {
        Some(resource) if resource.tainted => {
            Err(Unmet::new(format!("resource {address}"), "it is tainted"))
        }
        Some(_) => Ok(()),
        None => Err(Unmet::new(
            format!("resource {address}"),
            listed("resources", state.resources.keys()),
        )),
    })
}

/// Expects that a resource is not in the state.
#[must_use]
pub fn no_resource(address: &str) -> StateCheck {
    let address = address.to_owned();
    StateCheck::new(move |state| match state.resources.get(&address) {
        Some(resource) => Err(Unmet::new(
            format!("no resource {address}"),
            resource.values.to_string(),
        )),
        None => Ok(()),
    })
}

/// Expects a resource attribute that meets the check. In `path`, dots separate names and indexes, as in
/// `subject.country` or `tags.Name`. A missing attribute counts as null.
#[must_use]
pub fn resource_attribute(address: &str, path: &str, check: ValueCheck) -> StateCheck {
    let (address, path) = (address.to_owned(), path.to_owned());
    StateCheck::new(move |state| {
        let what = format!("{address}.{path}");
        match state.resources.get(&address) {
            Some(resource) => check.run(&what, lookup(&resource.values, &path)),
            None => Err(Unmet::new(
                format!("{what} to be {check}"),
                listed("resources", state.resources.keys()),
            )),
        }
    })
}

/// Expects these managed resources and no others.
#[must_use]
pub fn inventory(addresses: &[&str]) -> StateCheck {
    let expected: BTreeSet<String> = addresses
        .iter()
        .map(|address| (*address).to_owned())
        .collect();
    StateCheck::new(move |state| {
        let found: BTreeSet<String> = state
            .managed()
            .map(|resource| resource.address.clone())
            .collect();
        if found == expected {
            return Ok(());
        }
        Err(Unmet::new(
            listed("exactly the resources", expected.iter()),
            listed("resources", found.iter()),
        ))
    })
}

fn lookup<'a>(values: &'a Value, path: &str) -> &'a Value {
    const NULL: &Value = &Value::Null;
    path.split('.').fold(values, |value, step| {
        let child = match value {
            Value::Array(items) => step
                .parse::<usize>()
                .ok()
                .and_then(|index| items.get(index)),
            other => other.get(step),
        };
        child.unwrap_or(NULL)
    })
}

fn listed<'a>(what: &str, names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<_> = names.map(String::as_str).collect();
    if names.is_empty() {
        format!("no {what}")
    } else {
        format!("{what} {}", names.join(", "))
    }
}
