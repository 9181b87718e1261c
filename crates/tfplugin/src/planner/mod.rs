//! The plan of a change, as far as schema and rules decide it. Pure: the same question has the same answer,
//! because the command lines ask twice and compare.
//!
//! The order of things for one resource:
//! 1. [`propose`] turns the state that the core proposes into a plan: defaults, write-only values as null,
//!    computed values unknown where something changes, and what must be replaced.
//! 2. The resource's own hook sees all of that and may change plan and replacement.
//! 3. [`requires_replace`] is called once more, because the hook may have changed attributes. Its answer is added
//!    to the hook's, so a rule cannot be undone by a hook: what is only sometimes a replacement has no rule.

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

/// A plan before the resource's hook has seen it.
pub(crate) struct Proposed {
    /// The planned state; null for destruction.
    pub(crate) plan: Value,
    /// Attributes whose change makes a new object, sorted, each once.
    pub(crate) requires_replace: Vec<AttributePath>,
}

/// Plans a change. Null stands for absence: no prior is creation, nothing proposed is destruction.
///
/// `proposed` is what the core makes of configuration and prior state (protocol field `proposed_new_state`).
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
    // A computed value may only move when something else does: an unknown value is always a difference.
    let plan = if filled == *prior {
        filled
    } else {
        walk(&decided_later, level, &definition.rules, filled, place)
    };
    Proposed {
        requires_replace: requires_replace(definition, prior, &plan),
        plan,
    }
}

/// Unknown where the provider decides the value and nothing says what it will be.
///
/// A value to be kept stays what it was, null too. So does one whose change makes a new object: while the object lives
/// it cannot change. Where no object was, an element that is new for example, there is nothing to keep.
fn decided_later(
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
