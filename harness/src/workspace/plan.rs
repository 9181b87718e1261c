//! A plan, from `show -json`. Field names are those of the JSON output format.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// Representation of a plan.
#[derive(Clone, Debug, Deserialize)]
pub struct Plan {
    /// Planned changes of each resource, including no-ops.
    #[serde(default)]
    pub resource_changes: Vec<ResourceChange>,
    /// Planned changes of each output.
    #[serde(default)]
    pub output_changes: BTreeMap<String, Change>,
    /// Changes that were made outside of the command line.
    #[serde(default)]
    pub resource_drift: Vec<ResourceChange>,
}

/// A resource in a plan.
#[derive(Clone, Debug, Deserialize)]
pub struct ResourceChange {
    /// Address, such as `module.network.aws_vpc.this`.
    pub address: String,
    /// `managed` or `data`.
    pub mode: String,
    /// Resource type, such as `aws_vpc`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Planned change.
    pub change: Change,
    /// Reason, such as `replace_because_cannot_update`.
    #[serde(default)]
    pub action_reason: Option<String>,
}

/// A change of a value.
#[derive(Clone, Debug, Deserialize)]
pub struct Change {
    /// Actions, in order. A replacement has two.
    pub actions: Vec<Action>,
    /// Value before the change, or null.
    #[serde(default)]
    pub before: Value,
    /// Value after the change, as far as it is known.
    #[serde(default)]
    pub after: Value,
    /// `true` at each path of `after` that is unknown until apply.
    #[serde(default)]
    pub after_unknown: Value,
    /// Attributes that force a replacement.
    #[serde(default)]
    pub replace_paths: Vec<Vec<Value>>,
}

/// An action of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// No change.
    NoOp,
    /// Create.
    Create,
    /// Read a data source during apply.
    Read,
    /// Update in place.
    Update,
    /// Delete.
    Delete,
    /// Remove from the state without deletion.
    Forget,
    /// Open an ephemeral resource.
    Open,
}

impl Plan {
    /// Returns the changes with actions other than `no-op` and `read`.
    pub fn changes(&self) -> impl Iterator<Item = &ResourceChange> {
        self.resource_changes
            .iter()
            .filter(|resource| resource.change.acts())
    }

    /// Returns the change of one resource.
    #[must_use]
    pub fn resource(&self, address: &str) -> Option<&ResourceChange> {
        self.resource_changes
            .iter()
            .find(|resource| resource.address == address)
    }

    /// Checks an expectation of this plan.
    ///
    /// # Errors
    /// Returns an error with the expectation and the plan if it is not met.
    pub fn expect(&self, check: crate::check::PlanCheck) -> Result<(), crate::check::Unmet> {
        check.run(self)
    }
}

impl Change {
    /// Returns whether the change has an effect.
    #[must_use]
    pub fn acts(&self) -> bool {
        !matches!(
            self.actions[..],
            [] | [Action::NoOp | Action::Read | Action::Open]
        )
    }

    /// Returns whether the change deletes and creates the object.
    #[must_use]
    pub fn replaces(&self) -> bool {
        self.actions.contains(&Action::Delete) && self.actions.contains(&Action::Create)
    }
}
