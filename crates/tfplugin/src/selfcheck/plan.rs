//! Checks a planned state against the configuration and the prior state ("Provider produced invalid plan").
//!
//! A provider can choose only values that are not configured, or keep prior values. Elements in sets have no address, so
//! their values are not checked.

use tfschema::{Attribute, AttributePath, Block, NestedBlock, ObjectNesting, Value};

use super::shown::Shown;
use super::{Violation, state};
use crate::level::{Level, Member, element, extend, field, objects};

/// Checks a planned state. A null prior state means that the object is created, and a null configuration means that it is
/// destroyed.
pub(crate) fn plan(
    block: &Block,
    prior: &Value,
    config: &Value,
    planned: &Value,
) -> Vec<Violation> {
    let mut violations = state::form(block, planned);
    if violations.is_empty() {
        let values = Values {
            planned,
            config,
            prior,
        };
        let mut check = Check(&mut violations);
        check.presence(block.into(), values, &AttributePath::root(), Shown::Plain);
    }
    violations
}

/// Values at one path.
#[derive(Clone, Copy)]
struct Values<'v> {
    planned: &'v Value,
    config: &'v Value,
    prior: &'v Value,
}

impl<'v> Values<'v> {
    fn map(self, part: impl Fn(&'v Value) -> &'v Value) -> Self {
        Self {
            planned: part(self.planned),
            config: part(self.config),
            prior: part(self.prior),
        }
    }

    fn known(self) -> bool {
        !self.planned.is_unknown() && !self.config.is_unknown()
    }
}

struct Check<'a>(&'a mut Vec<Violation>);

impl Check<'_> {
    fn violation(&mut self, path: &AttributePath, problem: impl Into<String>) {
        self.0.push(Violation::new(path, problem));
    }

    /// Checks that the resource, or an object within it, is planned only if it is configured and vice versa.
    fn presence(
        &mut self,
        level: Level<'_>,
        values: Values<'_>,
        path: &AttributePath,
        shown: Shown,
    ) {
        match (values.planned.is_null(), values.config.is_null()) {
            (true, false) => self.violation(path, "is configured, but is planned to be absent"),
            (false, true) => self.violation(path, "is not configured, but is planned to exist"),
            (true, true) => {}
            (false, false) => self.members(level, values, path, shown),
        }
    }

    fn members(
        &mut self,
        level: Level<'_>,
        values: Values<'_>,
        path: &AttributePath,
        shown: Shown,
    ) {
        for (name, member) in level.members() {
            let values = values.map(|value| field(value, name));
            let path = path.attribute(name);
            match member {
                Member::Attribute(attribute) => self.attribute(attribute, values, &path, shown),
                Member::Block(nested) => self.blocks(nested, values, &path),
            }
        }
    }

    fn attribute(
        &mut self,
        attribute: &Attribute,
        values: Values<'_>,
        path: &AttributePath,
        shown: Shown,
    ) {
        let Values {
            planned,
            config,
            prior,
        } = values;
        let kept = same(planned, prior) && !prior.is_null() && !config.is_null();
        let undecided = attribute.computed && (config.is_null() || !attribute.optional);
        // `state::form` has already checked write-only values.
        if same(planned, config) || kept || attribute.write_only || undecided {
            return;
        }
        let nested = Member::Attribute(attribute).within();
        if let (Some(nested), false) = (nested, config.is_null()) {
            return self.nested(nested, values, path, shown.attribute(attribute));
        }
        let shown = shown.throughout(attribute);
        let (value, configured) = (shown.value(planned), shown.value(config));
        let problem = if config.is_null() {
            format!("is neither computed nor configured, but is planned as {value}")
        } else if prior.is_null() {
            format!("is configured as {configured}, but is planned as {value}")
        } else {
            let prior = shown.value(prior);
            format!("is configured as {configured} and was {prior}, but is planned as {value}")
        };
        self.violation(path, problem);
    }

    /// Checks a configured nested attribute.
    fn nested(
        &mut self,
        (nesting, level): (ObjectNesting, Level<'_>),
        values: Values<'_>,
        path: &AttributePath,
        shown: Shown,
    ) {
        if values.planned.is_unknown() {
            return self.violation(path, "is configured, but is planned as unknown");
        }
        if values.planned.is_null() {
            return self.violation(path, "is configured, but is planned to be absent");
        }
        if values.config.is_unknown() {
            return self.violation(
                path,
                "is unknown in the configuration, but is planned as known",
            );
        }
        if nesting == ObjectNesting::Set {
            self.set_length(values, path);
        } else if self.same_elements(nesting, values, path) {
            self.each(nesting, values, path, |check, values, path| {
                if values.known() {
                    check.presence(level, values, path, shown);
                } else if !same(values.planned, values.config) {
                    check.violation(
                        path,
                        "is known in either the configuration or the plan, but not in both",
                    );
                }
            });
        }
    }

    fn blocks(&mut self, nested: &NestedBlock, values: Values<'_>, path: &AttributePath) {
        let Some((nesting, level)) = Member::Block(nested).within() else {
            return;
        };
        if same(values.planned, values.config) {
            return;
        }
        if values.config.is_unknown() {
            let problem = "is an unknown dynamic block, so it must be planned as unknown";
            return self.violation(path, problem);
        }
        if values.planned.is_unknown() {
            let problem = "represents nested blocks, so it must not be unknown";
            return self.violation(path, problem);
        }
        // A null configuration for a repeated block originates from an earlier state and means that no block exists.
        if nesting == ObjectNesting::Single {
            return self.presence(level, values, path, Shown::Plain);
        }
        if nesting == ObjectNesting::Set || self.same_elements(nesting, values, path) {
            self.each(nesting, values, path, |check, values, path| {
                if values.planned.is_unknown() {
                    check.violation(path, "is a nested block, so it must not be unknown");
                } else if nesting != ObjectNesting::Set {
                    check.presence(level, values, path, Shown::Plain);
                }
            });
        }
    }

    fn each(
        &mut self,
        nesting: ObjectNesting,
        values: Values<'_>,
        path: &AttributePath,
        check: impl Fn(&mut Self, Values<'_>, &AttributePath),
    ) {
        for (step, planned) in objects(nesting, values.planned) {
            let beside = Values {
                planned,
                config: element(values.config, step.as_ref()),
                prior: element(values.prior, step.as_ref()),
            };
            check(self, beside, &extend(path, step));
        }
    }

    /// Checks that the plan contains as many elements as the configuration. Elements with unknown values can
    /// become equal.
    fn set_length(&mut self, values: Values<'_>, path: &AttributePath) {
        let length = |value| objects(ObjectNesting::Set, value).len();
        let (planned, config) = (length(values.planned), length(values.config));
        let fewer = !values.planned.is_wholly_known() && planned > config;
        if values.config.is_wholly_known() && planned != config && !fewer {
            self.violation(path, count(planned, config));
        }
    }

    /// Checks that the number and keys of the planned elements match the configuration.
    fn same_elements(
        &mut self,
        nesting: ObjectNesting,
        values: Values<'_>,
        path: &AttributePath,
    ) -> bool {
        let steps = |value| -> Vec<_> {
            let objects = objects(nesting, value).into_iter();
            objects.map(|(step, _)| step).collect()
        };
        let (planned, config) = (steps(values.planned), steps(values.config));
        if planned == config {
            return true;
        }
        let problem = if planned.len() == config.len() {
            "has different keys in the plan than in the configuration".to_owned()
        } else {
            count(planned.len(), config.len())
        };
        self.violation(path, problem);
        false
    }
}

fn count(planned: usize, config: usize) -> String {
    format!("has {planned} elements in the plan, but {config} in the configuration")
}

/// Compares values as hosts do, ignoring the refinements of unknown values.
fn same(one: &Value, other: &Value) -> bool {
    one == other || one.clone().without_refinements() == other.clone().without_refinements()
}
