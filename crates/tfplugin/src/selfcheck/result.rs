//! Checks the state after a change against the plan ("Provider produced inconsistent result after apply").
//!
//! A known planned value must not change. The final value of an unknown planned value must conform to its refinements.

use tfschema::{AttributePath, Block, Bound, Number, ObjectNesting, Step, Unknown, Value};

use super::shown::Shown;
use super::{Violation, state};
use crate::level::{Level, Member, element, extend, field, objects};

/// Checks the state after an object is created or updated. The state must also be wholly known.
pub(crate) fn result(block: &Block, planned: &Value, new: &Value) -> Vec<Violation> {
    let mut violations = state::state(block, new);
    if violations.is_empty() {
        let root = AttributePath::root();
        Check(&mut violations).object(block.into(), planned, new, &root);
    }
    violations
}

struct Check<'a>(&'a mut Vec<Violation>);

impl Check<'_> {
    fn violation(&mut self, path: &AttributePath, problem: impl Into<String>) {
        self.0.push(Violation::new(path, problem));
    }

    fn object(&mut self, level: Level<'_>, planned: &Value, new: &Value, path: &AttributePath) {
        match (planned.is_null(), new.is_null()) {
            (true, false) => return self.violation(path, "was planned to be absent, but exists"),
            (false, true) => return self.violation(path, "was planned to exist, but is absent"),
            (true, true) => return,
            (false, false) => {}
        }
        for (name, member) in level.members() {
            let (planned, new) = (field(planned, name), field(new, name));
            let path = path.attribute(name);
            match (member, member.within()) {
                (Member::Attribute(attribute), _) => {
                    let shown = Shown::Plain.throughout(attribute);
                    self.value(planned, new, &path, shown);
                }
                (Member::Block(_), Some(within)) => self.blocks(within, planned, new, &path),
                (Member::Block(_), None) => {}
            }
        }
    }

    fn blocks(
        &mut self,
        (nesting, level): (ObjectNesting, Level<'_>),
        planned: &Value,
        new: &Value,
        path: &AttributePath,
    ) {
        // An unknown dynamic block can become any number of blocks.
        if planned.is_unknown() {
            return;
        }
        if nesting == ObjectNesting::Single {
            return self.object(level, planned, new, path);
        }
        if nesting == ObjectNesting::Set {
            let fits = |planned: &Value, new: &Value| {
                let mut violations = Vec::new();
                Check(&mut violations).object(level, planned, new, path);
                violations.is_empty()
            };
            return self.set(planned, new, path, &fits);
        }
        if self.same_elements(nesting, planned, new, path) {
            for (step, planned) in objects(nesting, planned) {
                let new = element(new, step.as_ref());
                self.object(level, planned, new, &extend(path, step));
            }
        }
    }

    fn value(&mut self, planned: &Value, new: &Value, path: &AttributePath, shown: Shown) {
        let nesting = match (planned, new) {
            (Value::Unknown(unknown), _) => {
                if let Some(problem) = violated(unknown, new) {
                    self.violation(path, problem);
                }
                return;
            }
            (Value::Dynamic(planned), Value::Dynamic(new)) if planned.ty == new.ty => {
                return self.value(&planned.value, &new.value, path, shown);
            }
            (Value::Set(_), Value::Set(_)) => {
                let fits = |planned: &Value, new: &Value| {
                    let mut violations = Vec::new();
                    Check(&mut violations).value(planned, new, path, shown);
                    violations.is_empty()
                };
                return self.set(planned, new, path, &fits);
            }
            (Value::Object(attributes), Value::Object(_)) => {
                for (name, planned) in attributes {
                    self.value(planned, field(new, name), &path.attribute(name), shown);
                }
                return;
            }
            (Value::List(_), Value::List(_)) | (Value::Tuple(_), Value::Tuple(_)) => {
                ObjectNesting::List
            }
            (Value::Map(_), Value::Map(_)) => ObjectNesting::Map,
            (planned, new) if planned == new => return,
            (planned, new) => {
                let (planned, new) = (shown.value(planned), shown.value(new));
                return self.violation(path, format!("was planned as {planned}, but is {new}"));
            }
        };
        if self.same_elements(nesting, planned, new, path) {
            for (step, planned) in objects(nesting, planned) {
                let new = element(new, step.as_ref());
                self.value(planned, new, &extend(path, step), shown);
            }
        }
    }

    /// Checks that each element was planned and that each planned element exists. Equal elements count as a single element.
    fn set(
        &mut self,
        planned: &Value,
        new: &Value,
        path: &AttributePath,
        fits: &dyn Fn(&Value, &Value) -> bool,
    ) {
        let elements = |value| objects(ObjectNesting::Set, value);
        let (planned, new) = (elements(planned), elements(new));
        let lost = |(_, planned): &(_, &Value)| !new.iter().any(|(_, new)| fits(planned, new));
        let added = |(_, new): &(_, &Value)| !planned.iter().any(|(_, planned)| fits(planned, new));
        if planned.iter().any(lost) {
            self.violation(path, "lacks an element that was planned");
        } else if new.iter().any(added) {
            self.violation(path, "has an element that was not planned");
        } else if new.len() > planned.len() {
            let (planned, new) = (planned.len(), new.len());
            self.violation(
                path,
                format!("has {new} elements, but the plan has {planned}"),
            );
        }
    }

    fn same_elements(
        &mut self,
        nesting: ObjectNesting,
        planned: &Value,
        new: &Value,
        path: &AttributePath,
    ) -> bool {
        let steps = |value| -> Vec<Option<Step>> {
            let objects = objects(nesting, value).into_iter();
            objects.map(|(step, _)| step).collect()
        };
        let (planned, new) = (steps(planned), steps(new));
        if planned == new {
            return true;
        }
        let problem = if planned.len() == new.len() {
            "has different keys than the plan".to_owned()
        } else {
            format!(
                "has {} elements, but the plan has {}",
                new.len(),
                planned.len()
            )
        };
        self.violation(path, problem);
        false
    }
}

/// Returns the refinement that the final value of an unknown value violates, as the end of a sentence.
fn violated(unknown: &Unknown, value: &Value) -> Option<&'static str> {
    let value = value.inner();
    if value.is_null() {
        return (unknown.nullness == Some(false))
            .then_some("was planned not to be null, but is null");
    }
    if unknown.nullness == Some(true) {
        return Some("was planned to be null, but is not null");
    }
    match value {
        Value::String(text) => {
            let prefix = unknown.prefix.as_deref().unwrap_or_default();
            (!text.starts_with(prefix)).then_some("does not start with the planned prefix")
        }
        Value::Number(number) => {
            let above = unknown.lower.as_ref().is_none_or(|b| above(b, number));
            let below = unknown.upper.as_ref().is_none_or(|b| below(b, number));
            (!above || !below).then_some("is outside the planned range")
        }
        Value::List(elements) => length(unknown, elements.len()),
        Value::Set(elements) => length(unknown, elements.len()),
        Value::Map(elements) => length(unknown, elements.len()),
        _ => None,
    }
}

fn above(bound: &Bound, number: &Number) -> bool {
    *number > bound.number || (bound.inclusive && *number == bound.number)
}

fn below(bound: &Bound, number: &Number) -> bool {
    *number < bound.number || (bound.inclusive && *number == bound.number)
}

fn length(unknown: &Unknown, length: usize) -> Option<&'static str> {
    let length = length as u64;
    let enough = unknown.min_length.is_none_or(|least| length >= least);
    let not_too_many = unknown.max_length.is_none_or(|most| length <= most);
    (!enough || !not_too_many).then_some("does not have the planned number of elements")
}
