//! A plan as `show -json` prints it. Field names are those of the JSON output format.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The plan representation.
#[derive(Clone, Debug, Deserialize)]
pub struct Plan {
    /// What would happen to each resource, also nothing.
    #[serde(default)]
    pub resource_changes: Vec<ResourceChange>,
    /// What would happen to each output.
    #[serde(default)]
    pub output_changes: BTreeMap<String, Change>,
    /// What was found changed outside.
    #[serde(default)]
    pub resource_drift: Vec<ResourceChange>,
}

/// One resource in a plan.
#[derive(Clone, Debug, Deserialize)]
pub struct ResourceChange {
    /// Its address, such as `module.network.aws_vpc.this`.
    pub address: String,
    /// `managed` or `data`.
    pub mode: String,
    /// Its type, such as `aws_vpc`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What would happen.
    pub change: Change,
    /// Why, in a word such as `replace_because_cannot_update`.
    #[serde(default)]
    pub action_reason: Option<String>,
}

/// A change of a value.
#[derive(Clone, Debug, Deserialize)]
pub struct Change {
    /// The steps, in order: two of them mean a replacement.
    pub actions: Vec<Action>,
    /// The value before; null where there is none.
    #[serde(default)]
    pub before: Value,
    /// The value after, as far as it is known.
    #[serde(default)]
    pub after: Value,
    /// `true` at each place of `after` that is unknown until apply.
    #[serde(default)]
    pub after_unknown: Value,
    /// Attributes that force a replacement.
    #[serde(default)]
    pub replace_paths: Vec<Vec<Value>>,
}

/// A step of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Nothing.
    NoOp,
    /// It is made.
    Create,
    /// A data source is read during apply.
    Read,
    /// It is changed in place.
    Update,
    /// It is deleted.
    Delete,
    /// It leaves the state and stays where it is.
    Forget,
    /// An ephemeral resource is opened.
    Open,
}

impl Plan {
    /// The changes that do something: not those of actions `no-op` and `read`.
    pub fn changes(&self) -> impl Iterator<Item = &ResourceChange> {
        self.resource_changes
            .iter()
            .filter(|resource| resource.change.acts())
    }

    /// The change of one resource.
    #[must_use]
    pub fn resource(&self, address: &str) -> Option<&ResourceChange> {
        self.resource_changes
            .iter()
            .find(|resource| resource.address == address)
    }

    /// Checks an expectation of this plan.
    ///
    /// # Errors
    /// When it is not met; the error says what was expected and what the plan holds.
    pub fn expect(&self, check: crate::check::PlanCheck) -> Result<(), crate::check::Unmet> {
        check.run(self)
    }
}

impl Change {
    /// True where something would happen to what exists.
    #[must_use]
    pub fn acts(&self) -> bool {
        !matches!(
            self.actions[..],
            [] | [Action::NoOp | Action::Read | Action::Open]
        )
    }

    /// True where one is deleted and another made.
    #[must_use]
    pub fn replaces(&self) -> bool {
        self.actions.contains(&Action::Delete) && self.actions.contains(&Action::Create)
    }
}
