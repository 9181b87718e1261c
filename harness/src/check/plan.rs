//! Expectations for plans.

use std::fmt;

use super::Unmet;
use crate::workspace::{Action, Change, Plan};

/// Effect of a plan on a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The plan creates the resource.
    Create,
    /// The plan updates the resource in place.
    Update,
    /// The plan replaces the resource, in either order.
    Replace,
    /// The plan deletes the resource.
    Delete,
    /// The plan changes the resource in any way.
    Any,
}

impl Effect {
    fn of(change: &Change) -> Option<Self> {
        match change.actions[..] {
            _ if change.replaces() => Some(Self::Replace),
            [Action::Create] => Some(Self::Create),
            [Action::Update] => Some(Self::Update),
            [Action::Delete] => Some(Self::Delete),
            _ => None,
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Any => "change",
        }
    }
}

/// An expectation for a plan.
#[derive(Clone, Debug)]
pub struct PlanCheck {
    effects: Vec<(String, Effect)>,
    /// Whether other resources must not change.
    exact: bool,
    /// Whether outputs must not change.
    nothing: bool,
}

impl PlanCheck {
    fn one(address: &str, effect: Effect) -> Self {
        Self {
            effects: vec![(address.to_owned(), effect)],
            exact: false,
            nothing: false,
        }
    }

    /// Requires both expectations.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.effects.extend(other.effects);
        self.exact |= other.exact;
        self.nothing |= other.nothing;
        self
    }

    pub(crate) fn run(&self, plan: &Plan) -> Result<(), Unmet> {
        if self.effects.is_empty() && !self.nothing {
            return Err(Unmet::empty("an empty list of changes (use no_changes())"));
        }
        let met = |(address, effect): &(String, Effect)| {
            let found = plan
                .resource(address)
                .and_then(|resource| Effect::of(&resource.change));
            found.is_some_and(|found| *effect == Effect::Any || *effect == found)
        };
        let named = |address: &str| self.effects.iter().any(|(expected, _)| expected == address);
        let extra = self.exact && plan.changes().any(|resource| !named(&resource.address));
        let outputs = self.nothing && plan.output_changes.values().any(Change::acts);
        if self.effects.iter().all(met) && !extra && !outputs {
            return Ok(());
        }
        Err(Unmet::new(self.to_string(), describe(plan)))
    }
}

impl fmt::Display for PlanCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.effects.is_empty() {
            return f.write_str("an empty plan");
        }
        let effects: Vec<_> = self
            .effects
            .iter()
            .map(|(address, effect)| format!("{} {address}", effect.verb()))
            .collect();
        write!(
            f,
            "a plan to {}{}",
            if self.exact { "do nothing but " } else { "" },
            effects.join(" and ")
        )
    }
}

fn describe(plan: &Plan) -> String {
    let resources = plan.changes().map(|resource| {
        let verb = Effect::of(&resource.change).map_or("touch", Effect::verb);
        let forced: Vec<_> = resource
            .change
            .replace_paths
            .iter()
            .map(|path| {
                path.iter().map(|step| {
                    step.as_str()
                        .map_or_else(|| step.to_string(), str::to_owned)
                })
            })
            .map(|steps| steps.collect::<Vec<_>>().join("."))
            .collect();
        let reason = if forced.is_empty() {
            String::new()
        } else {
            format!(" (forced by {})", forced.join(", "))
        };
        format!("{verb} {}{reason}", resource.address)
    });
    let outputs = plan
        .output_changes
        .iter()
        .filter(|(_, change)| change.acts());
    let all: Vec<_> = resources
        .chain(outputs.map(|(name, _)| format!("change output {name}")))
        .collect();
    if all.is_empty() {
        "an empty plan".to_owned()
    } else {
        format!("a plan to {}", all.join(", "))
    }
}

/// Expects no changes, including outputs.
#[must_use]
pub fn no_changes() -> PlanCheck {
    PlanCheck {
        effects: Vec::new(),
        exact: true,
        nothing: true,
    }
}

/// Expects that the resource is created.
#[must_use]
pub fn creates(address: &str) -> PlanCheck {
    PlanCheck::one(address, Effect::Create)
}

/// Expects that the resource is updated in place.
#[must_use]
pub fn updates(address: &str) -> PlanCheck {
    PlanCheck::one(address, Effect::Update)
}

/// Expects that the resource is replaced.
#[must_use]
pub fn replaces(address: &str) -> PlanCheck {
    PlanCheck::one(address, Effect::Replace)
}

/// Expects that the resource is deleted.
#[must_use]
pub fn deletes(address: &str) -> PlanCheck {
    PlanCheck::one(address, Effect::Delete)
}

/// Expects a change of any kind to the resource.
#[must_use]
pub fn changes(address: &str) -> PlanCheck {
    PlanCheck::one(address, Effect::Any)
}

/// Expects these changes and no others.
#[must_use]
pub fn only(checks: impl IntoIterator<Item = PlanCheck>) -> PlanCheck {
    let empty = PlanCheck {
        effects: Vec::new(),
        exact: true,
        nothing: false,
    };
    checks.into_iter().fold(empty, PlanCheck::and)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan() -> Plan {
        let change = |address: &str, actions: serde_json::Value| json!({ "address": address, "mode": "managed", "type": "t", "change": { "actions": actions } });
        serde_json::from_value(json!({
            "resource_changes": [
                change("t.made", json!(["create"])),
                change("t.swapped", json!(["create", "delete"])),
                change("t.still", json!(["no-op"])),
            ]
        }))
        .unwrap()
    }

    #[test]
    fn effects_are_distinguished_and_extra_changes_are_reported() {
        let plan = plan();
        assert!(
            creates("t.made")
                .and(replaces("t.swapped"))
                .run(&plan)
                .is_ok()
        );
        assert!(
            only([creates("t.made"), changes("t.swapped")])
                .run(&plan)
                .is_ok()
        );
        for unmet in [
            updates("t.made"),
            creates("t.swapped"),
            changes("t.still"),
            changes("t.none"),
            no_changes(),
        ] {
            assert!(unmet.run(&plan).is_err(), "{unmet}");
        }
        let extra = only([creates("t.made")])
            .run(&plan)
            .unwrap_err()
            .to_string();
        assert!(
            extra.contains("do nothing but create t.made") && extra.contains("replace t.swapped"),
            "{extra}"
        );
        assert!(
            only([])
                .run(&plan)
                .unwrap_err()
                .to_string()
                .contains("accepts everything")
        );
    }
}
