//! Plans a change, as far as schema and rules determine it. Planning is a pure function, because hosts plan a change
//! twice and compare the plans.
//!
//! The steps for one resource:
//! 1. [`propose`] converts the state that the core proposes into a plan: it applies defaults, sets write-only values to
//!    null, marks computed values as unknown if something changes, and determines replacements.
//! 2. The plan hook of the resource receives the result and may change the plan and the replacements.
//! 3. [`requires_replace`] runs again, because the hook may have changed attributes. Its paths are added to those of the
//!    hook, so a hook cannot undo a rule. An attribute whose change only sometimes requires replacement has no rule.

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

/// Plan before the resource's hook runs.
pub(crate) struct Proposed {
    /// The planned state; null for destruction.
    pub(crate) plan: Value,
    /// Attributes whose change requires replacement, sorted and without duplicates.
    pub(crate) requires_replace: Vec<AttributePath>,
}

/// Plans a change. A null prior state means creation, and a null proposed state means destruction.
///
/// `proposed` is the state that the core merges from configuration and prior state (protocol field `proposed_new_state`).
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
    // An unknown value is always a change, so computed values become unknown only if something else changes.
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
/// An attribute with the rule `keep` keeps its prior value, null included. So does one whose change requires replacement,
/// because it cannot change while the object exists. A new object, such as a new element, has no value to keep.
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
