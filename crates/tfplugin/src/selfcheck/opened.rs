//! Checks the result of an ephemeral resource. The result must conform to the schema, be wholly known, and match the
//! configuration.
//!
//! Violations contain no values, because any value could be secret. Elements in sets are not compared.

use tfschema::{AttributePath, Block, ObjectNesting, Value};

use super::{Violation, state};
use crate::level::{Level, Member, element, extend, field, objects};

/// Checks the result of an open operation. Source: `AssertPlanValid` in the core, which checks the result against the
/// configuration.
pub(crate) fn opened(block: &Block, config: &Value, result: &Value) -> Vec<Violation> {
    let mut violations = state::state(block, result);
    if violations.is_empty() {
        let root = AttributePath::root();
        object(block.into(), config, result, &root, &mut violations);
    }
    violations
}

fn object(
    level: Level<'_>,
    config: &Value,
    result: &Value,
    path: &AttributePath,
    violations: &mut Vec<Violation>,
) {
    for (name, member) in level.members() {
        let (config, result) = (field(config, name), field(result, name));
        let path = path.attribute(name);
        let mut problem = |problem: &str| violations.push(Violation::new(&path, problem));
        let computed = matches!(member, Member::Attribute(attribute) if attribute.computed);
        if config.is_null() {
            if !computed && matches!(member, Member::Attribute(_)) && !result.is_null() {
                problem("has a value, but is neither configured nor computed");
            }
            continue;
        }
        let Some((nesting, level)) = member.within() else {
            if result != config {
                problem("differs from the configuration");
            }
            continue;
        };
        let configured = objects(nesting, config);
        if objects(nesting, result).len() != configured.len() {
            problem("does not have the same number of elements as in the configuration");
        } else if nesting != ObjectNesting::Set {
            for (step, config) in configured {
                let result = element(result, step.as_ref());
                object(level, config, result, &extend(&path, step), violations);
            }
        }
    }
}
