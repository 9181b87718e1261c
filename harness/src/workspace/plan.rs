//! A plan from `show -json`. The field names match the JSON output format.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// Representation of a plan.
#[derive(Clone, Debug, Deserialize)]
pub struct Plan {
    /// Planned changes to resources, including no-ops.
    #[serde(default)]
    pub resource_changes: Vec<ResourceChange>,
    /// Planned changes to outputs.
    #[serde(default)]
    pub output_changes: BTreeMap<String, Change>,
    /// Changes outside of OpenTofu and Terraform.
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

/// A change to a value.
#[derive(Clone, Debug, Deserialize)]
pub struct Change {
    /// Actions, in order. A replacement has two.
    pub actions: Vec<Action>,
    /// Value before the change, or null.
    #[serde(default)]
    pub before: Value,
    /// Known part of the value after the change.
    #[serde(default)]
    pub after: Value,
    /// `true` at each path in `after` that is unknown until apply.
    #[serde(default)]
    pub after_unknown: Value,
    /// Paths of the attributes that force replacement.
    #[serde(default)]
    pub replace_paths: Vec<Vec<Value>>,
}

/// An action in a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Does not change the object.
    NoOp,
    /// Creates the object.
    Create,
    /// Reads a data source during apply.
    Read,
    /// Updates the object in place.
    Update,
    /// Deletes the object.
    Delete,
    /// Removes the object from the state without deleting it.
    Forget,
    /// Opens an ephemeral resource.
    Open,
}

impl Plan {
    /// Returns the changes with actions other than `no-op` and `read`.
    pub fn changes(&self) -> impl Iterator<Item = &ResourceChange> {
        self.resource_changes
            .iter()
            .filter(|resource| resource.change.acts())
    }

    /// Returns the change to one resource.
    #[must_use]
    pub fn resource(&self, address: &str) -> Option<&ResourceChange> {
        self.resource_changes
            .iter()
            .find(|resource| resource.address == address)
    }

    /// Checks an expectation for this plan.
    ///
    /// # Errors
    /// Returns an error if the expectation is not met. The error contains the expectation and the plan.
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
