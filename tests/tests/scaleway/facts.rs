//! Facts about the objects in a state. Must not contain expectations.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tfharness::workspace::Stack;

/// The managed objects of a configuration, and its outputs.
pub(crate) struct Facts {
    objects: Vec<(String, String, Value)>,
    outputs: Value,
}

impl Facts {
    /// Reads the state.
    pub(crate) fn of(stack: &Stack) -> Result<Self> {
        let state = stack.show()?;
        let objects = state.managed().map(|each| {
            let (kind, address) = (each.kind.clone(), each.address.clone());
            (kind, address, each.values.clone())
        });
        let objects = objects.collect();
        let outputs = stack.outputs()?.into_iter();
        let outputs = outputs.map(|(name, output)| (name, output.value));
        Ok(Self {
            objects,
            outputs: Value::Object(outputs.collect()),
        })
    }

    /// Returns every object of a type.
    pub(crate) fn all(&self, kind: &str) -> Vec<&Value> {
        let of_kind = self.objects.iter().filter(|(one, _, _)| one == kind);
        of_kind.map(|(_, _, values)| values).collect()
    }

    /// Returns the only object of a type.
    pub(crate) fn only(&self, kind: &str) -> Result<&Value> {
        let found = self.all(kind);
        ensure!(found.len() == 1, "{} objects of {kind}", found.len());
        Ok(found[0])
    }

    /// Returns the object whose address ends with a suffix.
    pub(crate) fn at(&self, address: &str) -> Result<&Value> {
        let mut found = self
            .objects
            .iter()
            .filter(|(_, one, _)| one.ends_with(address));
        let (_, _, values) = found.next().with_context(|| format!("no {address}"))?;
        Ok(values)
    }

    /// Returns an output.
    pub(crate) fn output(&self, name: &str) -> Result<&Value> {
        let output = self.outputs.get(name);
        output.with_context(|| format!("no output {name}"))
    }

    /// Returns the number of objects.
    pub(crate) fn count(&self) -> usize {
        self.objects.len()
    }
}

/// Checks a member of an object, and returns it as evidence.
pub(crate) fn is(object: &Value, pointer: &str, expected: Value) -> Result<String> {
    let found = object.pointer(pointer).unwrap_or(&Value::Null);
    ensure!(
        same(found, &expected),
        "{pointer} is {found}, expected {expected}"
    );
    Ok(format!("{} = {expected}", pointer.trim_start_matches('/')))
}

/// Compares values. Numbers are equal if their values are.
fn same(left: &Value, right: &Value) -> bool {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => (left - right).abs() < f64::EPSILON,
        _ => left == right,
    }
}

/// Returns a string in an object.
pub(crate) fn text<'a>(object: &'a Value, pointer: &str) -> Result<&'a str> {
    let found = object.pointer(pointer).and_then(Value::as_str);
    found.with_context(|| format!("no string at {pointer} in {object}"))
}
