//! Plans a change to the extent that the schema and the rules determine it. Planning is a pure function, because hosts plan
//! a change twice and compare the plans.
//!
//! Steps for planning a resource:
//! 1. [`propose`] converts the state that the core proposes into a plan. It applies defaults, sets write-only values to
//!    null, marks computed values as unknown if another value changes, and determines replacements.
//! 2. The plan hook of the resource receives the result and can change the plan and the replacements.
//! 3. [`requires_replace`] runs again, because the hook might have changed attributes. The resulting paths are added to the
//!    paths from the hook, so a hook cannot override a rule. An attribute whose change requires replacement only in some
//!    cases has no rule.

mod default;
mod matching;
mod replace;
mod set;
mod walk;
mod write_only;

use tfschema::{Attribute, AttributePath, Value};

use crate::level::Level;
use crate::model::Definition;
use crate::rules::AttributeRules;

pub(crate) use replace::requires_replace;
pub(crate) use set::with_defaults;
pub(crate) use write_only::without_write_only;

use default::with_default;
use walk::{Place, walk};

/// Plan before the plan hook of the resource runs.
pub(crate) struct Proposed {
    /// Planned state. Null if the object is destroyed.
    pub(crate) plan: Value,
    /// Attributes whose change requires replacement, sorted and without duplicates.
    pub(crate) requires_replace: Vec<AttributePath>,
}

/// Plans a change. If the prior state is null, the object is created. If the proposed state is null, the object is destroyed.
///
/// `proposed` is the state that the core creates by merging the configuration and the prior state (protocol field
/// `proposed_new_state`).
pub(crate) fn propose(
    definition: &Definition,
    prior: &Value,
    proposed: Value,
    config: &Value,
) -> Proposed {
    if proposed.is_null() {
        return Proposed {
            plan: Value::Null,
            requires_replace: Vec::new(),
        };
    }
    let block = &definition.schema.block;
    let level = Level::from(block);
    let place = Place::new(config, prior);
    let filled = walk(&with_default, level, &definition.rules, proposed, place);
    let filled = without_write_only(block, filled);
    // An unknown value always counts as a change, so computed values become unknown only if another value changes.
    let plan = if filled == *prior {
        filled
    } else {
        walk(
            &computed_as_unknown,
            level,
            &definition.rules,
            filled,
            place,
        )
    };
    Proposed {
        requires_replace: requires_replace(definition, prior, &plan),
        plan,
    }
}

/// Returns an unknown value for a computed attribute that is not configured.
///
/// An attribute with the rule `keep` keeps its prior value, including null. An attribute whose change requires replacement
/// also keeps its value, because the value cannot change while the object exists. A new object, such as a new element, has
/// no prior value.
fn computed_as_unknown(
    attribute: &Attribute,
    rules: &AttributeRules,
    planned: Value,
    place: Place<'_>,
) -> Value {
    if !attribute.computed || rules.default.is_some() || !place.config.is_null() {
        planned
    } else if (rules.keep || rules.requires_replace) && place.existed {
        place.prior.clone()
    } else {
        Value::unknown()
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
