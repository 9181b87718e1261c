//! Checks a stored state. The state must conform to the schema, be wholly known, contain no write-only values, and represent
//! absent repeated blocks as empty collections.

use tfschema::{AttributePath, Block, BlockNesting, ObjectNesting, Value};

use super::Violation;
use crate::level::{Level, Member, extend, field, objects};

/// Checks a state that was read, imported, moved, or upgraded. A null state is valid and means that the object does not
/// exist.
pub(crate) fn state(block: &Block, state: &Value) -> Vec<Violation> {
    let mut violations = form(block, state);
    if violations.is_empty() {
        unknown(state, &AttributePath::root(), &mut violations);
    }
    violations
}

/// Checks the rules that apply to both plans and states, which concern types, write-only values, and blocks. If the type
/// does not match, no other rules are checked. A null value is valid.
pub(super) fn form(block: &Block, value: &Value) -> Vec<Violation> {
    let mut violations = Vec::new();
    match block.implied_type().check(value) {
        Err(wrong) => {
            let problem = format!("does not conform to the schema: {}", wrong.problem);
            violations.push(Violation::new(&wrong.path, problem));
        }
        Ok(()) if value.is_null() => {}
        Ok(()) => object(block.into(), value, &AttributePath::root(), &mut violations),
    }
    violations
}

fn object(level: Level<'_>, value: &Value, path: &AttributePath, violations: &mut Vec<Violation>) {
    for (name, member) in level.members() {
        let (value, path) = (field(value, name), path.attribute(name));
        match member {
            Member::Attribute(attribute) if attribute.write_only => {
                if !value.is_null() {
                    let problem = "is write-only, so it must be null";
                    violations.push(Violation::new(&path, problem));
                }
                continue;
            }
            Member::Block(nested) if value.is_null() => {
                if nested.nesting != BlockNesting::Single {
                    let problem = "represents nested blocks, so it must be empty instead of null";
                    violations.push(Violation::new(&path, problem));
                }
                continue;
            }
            _ => {}
        }
        let Some((nesting, level)) = member.within() else {
            continue;
        };
        let objects = objects(nesting, value).into_iter();
        let before = violations.len();
        for (step, value) in objects.filter(|(_, value)| value.as_object().is_some()) {
            object(level, value, &extend(&path, step), violations);
        }
        if nesting == ObjectNesting::Set {
            violations[before..]
                .iter_mut()
                .for_each(|violation| violation.path = path.clone());
        }
    }
}

/// Reports every unknown value. A set is reported only once.
pub(super) fn unknown(value: &Value, path: &AttributePath, violations: &mut Vec<Violation>) {
    let nested = match value.inner() {
        Value::Unknown(_) => {
            violations.push(Violation::new(path, "is unknown, but must be known"));
            return;
        }
        Value::Set(elements) => {
            if !elements.iter().all(Value::is_wholly_known) {
                let problem = "has an element that is not wholly known, but must be known";
                violations.push(Violation::new(path, problem));
            }
            return;
        }
        Value::Object(attributes) => {
            for (name, value) in attributes {
                unknown(value, &path.attribute(name), violations);
            }
            return;
        }
        Value::List(_) | Value::Tuple(_) => ObjectNesting::List,
        Value::Map(_) => ObjectNesting::Map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Dynamic(_) => {
            return;
        }
    };
    for (step, value) in objects(nested, value) {
        unknown(value, &extend(path, step), violations);
    }
}
