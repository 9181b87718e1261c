//! Checks a configuration against its schema and rules, without API calls.
//!
//! Unknown values are skipped, and are checked once they are known. Messages never contain values.

use tfschema::{Attribute, AttributeKind, AttributePath, ObjectNesting, Set, Step, Type, Value};

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::level::{Level, Member, field, objects};
use crate::model::Definition;
use crate::planner::with_defaults;
use crate::rules::{AttributeRules, ObjectRules};
use crate::validate::Violation;

/// Checks that required attributes are set, that read-only attributes are not set, that the client supports any write-only
/// attributes that are set (`write_only_allowed`, a client capability), and that every validator accepts its value.
pub(crate) fn check(
    definition: &Definition,
    config: &Value,
    write_only_allowed: bool,
) -> Diagnostics {
    let mut check = Check {
        write_only_allowed,
        found: Vec::new(),
    };
    if !config.is_null() {
        let level = Level::from(&definition.schema.block);
        check.object(level, &definition.rules, config, Place::ROOT);
    }
    check.found.into_iter().collect()
}

/// Location of a value, as a linked list of steps on the stack. Most values are valid, so an [`AttributePath`] is built only
/// for diagnostics.
#[derive(Clone, Copy)]
struct Place<'p> {
    within: Option<&'p Place<'p>>,
    /// Last step. `None` for the root and for an element of a set.
    step: Option<StepRef<'p>>,
}

#[derive(Clone, Copy)]
enum StepRef<'p> {
    Attribute(&'p str),
    Key(&'p str),
    Index(i64),
}

impl<'p> Place<'p> {
    const ROOT: Self = Self {
        within: None,
        step: None,
    };

    fn then(&'p self, step: impl Into<Option<StepRef<'p>>>) -> Self {
        Self {
            within: Some(self),
            step: step.into(),
        }
    }

    fn path(self) -> AttributePath {
        let places = std::iter::successors(Some(&self), |place| place.within);
        let steps = places.filter_map(|place| place.step).map(|at| match at {
            StepRef::Attribute(name) => Step::Attribute(name.to_owned()),
            StepRef::Key(key) => Step::Key(key.to_owned()),
            StepRef::Index(index) => Step::Index(index),
        });
        let mut steps: Vec<Step> = steps.collect();
        steps.reverse();
        steps.into_iter().collect()
    }
}

impl<'p> From<&'p Step> for StepRef<'p> {
    fn from(step: &'p Step) -> Self {
        match step {
            Step::Attribute(name) => Self::Attribute(name),
            Step::Key(key) => Self::Key(key),
            Step::Index(index) => Self::Index(*index),
        }
    }
}

struct Check {
    write_only_allowed: bool,
    found: Vec<Diagnostic>,
}

impl Check {
    fn object(&mut self, level: Level<'_>, rules: &ObjectRules, config: &Value, place: Place<'_>) {
        if config.is_unknown() {
            return;
        }
        for (name, member) in level.members() {
            let (value, place) = (field(config, name), place.then(StepRef::Attribute(name)));
            if let Member::Attribute(attribute) = member {
                self.presence(attribute, value, place);
                self.deprecation(attribute.deprecated.as_deref(), value, place);
            }
            if let Member::Block(nested) = member {
                let written = !objects_of(member, value).is_empty();
                let message = nested.block.deprecated.as_deref().filter(|_| written);
                self.deprecation(message, value, place);
            }
            self.member(member, rules.of(name), value, place);
        }
    }

    fn member(
        &mut self,
        member: Member<'_>,
        rules: &AttributeRules,
        value: &Value,
        place: Place<'_>,
    ) {
        if !rules.validators.is_empty() {
            let (validators, path) = (rules.validators.iter(), place.path());
            let violations = validators.flat_map(|validator| validator.violations(value, &path));
            self.found.extend(violations.map(invalid));
        }
        if let Member::Attribute(Attribute {
            kind: AttributeKind::Type(ty),
            ..
        }) = member
        {
            self.null_elements(ty, &rules.null_elements, value, place);
        }
        let Some((nesting, level)) = member.within() else {
            return;
        };
        if nesting == ObjectNesting::Set && merges(level, &rules.nested, value) {
            self.found.push(not_distinct(&place.path()));
        }
        let before = self.found.len();
        let allowed = rules.null_elements.first() == Some(&true);
        for (step, object) in objects(nesting, value) {
            let place = place.then(step.as_ref().map(StepRef::from));
            if !object.is_null() {
                self.object(level, &rules.nested, object, place);
            } else if !allowed {
                self.found.push(null_element(&place.path()));
            }
        }
        if nesting == ObjectNesting::Set {
            // Elements in sets have no path, so the diagnostic refers to the set. The message names the attribute.
            self.found[before..]
                .iter_mut()
                .for_each(|diagnostic| diagnostic.path = place.path());
        }
    }

    /// Reports null elements in collections whose element type does not allow null. `allowed` specifies whether null is
    /// allowed at each level of nesting, starting with the elements of the collection.
    fn null_elements(&mut self, ty: &Type, allowed: &[bool], value: &Value, place: Place<'_>) {
        let (Type::List(element) | Type::Set(element) | Type::Map(element)) = ty else {
            return;
        };
        let (here, deeper) = allowed.split_first().unwrap_or((&false, &[]));
        let mut one = |step: Option<StepRef<'_>>, value: &Value| {
            let place = place.then(step);
            if !value.is_null() {
                self.null_elements(element, deeper, value, place);
            } else if !here {
                self.found.push(null_element(&place.path()));
            }
        };
        match value.inner() {
            Value::List(elements) => (0..)
                .zip(elements)
                .for_each(|(index, value)| one(Some(StepRef::Index(index)), value)),
            Value::Map(elements) => elements
                .iter()
                .for_each(|(key, value)| one(Some(StepRef::Key(key)), value)),
            // Elements in sets have no path.
            Value::Set(elements) => elements.iter().for_each(|value| one(None, value)),
            _ => {}
        }
    }

    /// Adds a warning if a deprecated argument is configured. An unknown value can become null, so it does not cause a
    /// warning.
    fn deprecation(&mut self, message: Option<&str>, value: &Value, place: Place<'_>) {
        if let Some(message) = message
            && !value.is_null()
            && !value.is_unknown()
        {
            self.found.push(deprecated(message, &place.path()));
        }
    }

    fn presence(&mut self, attribute: &Attribute, value: &Value, place: Place<'_>) {
        if attribute.required && value.is_null() {
            self.found.push(missing(&place.path()));
        }
        let read_only = attribute.computed && !attribute.optional;
        if read_only && !value.is_null() {
            self.found.push(set_though_read_only(&place.path()));
        }
        if attribute.write_only && !self.write_only_allowed && !value.is_null() {
            self.found.push(write_only_refused(&place.path()));
        }
    }
}

/// Returns whether elements of a set that differ in the configuration become equal after defaults are applied.
fn merges(level: Level<'_>, rules: &ObjectRules, value: &Value) -> bool {
    // Without defaults, the elements do not change, and the elements of a set always differ.
    if !rules.have_defaults() {
        return false;
    }
    let written = objects(ObjectNesting::Set, value);
    let filled = written
        .iter()
        .map(|(_, object)| with_defaults(level, rules, object));
    filled.collect::<Set>().len() < written.len()
}

fn not_distinct(path: &AttributePath) -> Diagnostic {
    let detail = format!(
        "`{path}` contains elements that are equal after default values are applied. Remove one of them, or change a \
         value."
    );
    Diagnostic::error("Duplicate elements", detail).at(path.clone())
}

fn objects_of<'v>(member: Member<'_>, value: &'v Value) -> Vec<(Option<Step>, &'v Value)> {
    let nesting = member.within().map(|(nesting, _)| nesting);
    nesting.map_or_else(Vec::new, |nesting| objects(nesting, value))
}

fn deprecated(message: &str, path: &AttributePath) -> Diagnostic {
    let detail = match message {
        "" => format!("`{path}` is deprecated. Remove it from the configuration."),
        message => format!("`{path}` is deprecated. {message}"),
    };
    Diagnostic::warning("Deprecated argument", detail).at(path.clone())
}

fn missing(path: &AttributePath) -> Diagnostic {
    let detail = format!(
        "`{path}` is required, but it is null or not set. Set it to a value other than null."
    );
    Diagnostic::error("Missing value for a required attribute", detail).at(path.clone())
}

fn null_element(path: &AttributePath) -> Diagnostic {
    let detail = format!(
        "`{path}` is or contains a null element, which is not allowed. Remove the element or set its value."
    );
    Diagnostic::error("Null element", detail).at(path.clone())
}

fn set_though_read_only(path: &AttributePath) -> Diagnostic {
    let detail = format!(
        "`{path}` is set by the provider and cannot be configured. Remove it from the configuration."
    );
    Diagnostic::error("Value for a read-only attribute", detail).at(path.clone())
}

fn write_only_refused(path: &AttributePath) -> Diagnostic {
    let detail = format!(
        "Write-only attributes are supported only in Terraform 1.11 and later, and in OpenTofu 1.11 and later. \
         Upgrade, or do not set `{path}`."
    );
    Diagnostic::error("Write-only attribute not supported", detail).at(path.clone())
}

fn invalid(Violation { path, requirement }: Violation) -> Diagnostic {
    let detail = format!("`{path}` must {requirement}. Change the value.");
    Diagnostic::error("Invalid value", detail).at(path)
}

#[cfg(test)]
mod tests;
