//! What a planned state may be, given configuration and prior state ("Provider produced invalid plan").
//!
//! A provider may choose only what the user left open, or keep what was there. Elements of sets cannot be told
//! apart, so what is in them is not checked.

use tfschema::{Attribute, AttributePath, Block, NestedBlock, ObjectNesting, Value};

use super::shown::Shown;
use super::{Violation, state};
use crate::level::{Level, Member, element, extend, field, objects};

/// Checks a planned state. Null stands for absence: no prior is creation, no configuration is destruction.
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
        check.occurrence(block.into(), values, &AttributePath::root(), Shown::Plainly);
    }
    violations
}

/// What stands at one place.
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

    /// The resource as a whole, or one object within it: there exactly if it is configured.
    fn occurrence(
        &mut self,
        level: Level<'_>,
        values: Values<'_>,
        path: &AttributePath,
        shown: Shown,
    ) {
        match (values.planned.is_null(), values.config.is_null()) {
            (true, false) => self.violation(path, "is configured, but planned to be absent"),
            (false, true) => self.violation(path, "is not configured, but planned to exist"),
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
        // Write-only values were checked with the form.
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
            format!("is not computed and not configured, but planned as {value}")
        } else if prior.is_null() {
            format!("is configured as {configured}, but planned as {value}")
        } else {
            let prior = shown.value(prior);
            format!("is configured as {configured} and was {prior}, but is planned as {value}")
        };
        self.violation(path, problem);
    }

    /// A configured attribute that is made of attributes.
    fn nested(
        &mut self,
        (nesting, level): (ObjectNesting, Level<'_>),
        values: Values<'_>,
        path: &AttributePath,
        shown: Shown,
    ) {
        if values.planned.is_unknown() {
            return self.violation(path, "is configured, but planned as unknown as a whole");
        }
        if values.planned.is_null() {
            return self.violation(path, "is configured, but planned to be absent");
        }
        if values.config.is_unknown() {
            return self.violation(
                path,
                "is unknown in the configuration, but planned as known",
            );
        }
        if nesting == ObjectNesting::Set {
            self.set_length(values, path);
        } else if self.same_elements(nesting, values, path) {
            self.each(nesting, values, path, |check, values, path| {
                if values.known() {
                    check.occurrence(level, values, path, shown);
                } else if !same(values.planned, values.config) {
                    check.violation(path, "is known in only one of configuration and plan");
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
            let problem = "is a dynamic block that is not known yet, so the plan may not decide it";
            return self.violation(path, problem);
        }
        if values.planned.is_unknown() {
            let problem = "stands for nested blocks, which cannot be unknown as a whole";
            return self.violation(path, problem);
        }
        // Null in the configuration of a repeated block comes from old state and means none.
        if nesting == ObjectNesting::Single {
            return self.occurrence(level, values, path, Shown::Plainly);
        }
        if nesting == ObjectNesting::Set || self.same_elements(nesting, values, path) {
            self.each(nesting, values, path, |check, values, path| {
                if values.planned.is_unknown() {
                    check.violation(
                        path,
                        "is a nested block, which cannot be unknown as a whole",
                    );
                } else if nesting != ObjectNesting::Set {
                    check.occurrence(level, values, path, Shown::Plainly);
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

    /// As many elements as are configured. Elements that are not known yet may turn out to be equal.
    fn set_length(&mut self, values: Values<'_>, path: &AttributePath) {
        let length = |value| objects(ObjectNesting::Set, value).len();
        let (planned, config) = (length(values.planned), length(values.config));
        let fewer = !values.planned.is_wholly_known() && planned > config;
        if values.config.is_wholly_known() && planned != config && !fewer {
            self.violation(path, count(planned, config));
        }
    }

    /// As many elements as are configured, at the same keys.
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
            "has other keys in the plan than in the configuration".to_owned()
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

/// Equality as the command lines compare: what was promised about unknown values does not count.
fn same(one: &Value, other: &Value) -> bool {
    one == other || one.clone().without_refinements() == other.clone().without_refinements()
}
