//! Requests to a resource, one struct for each operation.
//!
//! `for_test` builds a request for a unit test from the values that matter to the test. [`Model::Plan`] converts from the
//! model, so a test passes plain values: `Create::for_test(greeting)`.

use tfschema::AttributePath;

use super::progress::Progress;
use crate::call::{Call, Warnings};
use crate::model::Model;
use crate::private::Private;

/// Request to create an object.
#[non_exhaustive]
pub struct Create<M: Model> {
    /// Plan. Values that the provider determines are unknown.
    pub plan: M::Plan,
    /// Configuration, which is the only source of write-only arguments.
    pub config: M::Plan,
    /// Private state from the plan.
    pub private: Private,
    /// Records what exists while the operation runs.
    pub progress: Progress<M>,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// Request to read the current state of an object.
#[non_exhaustive]
pub struct Read<M: Model> {
    /// Stored state. After an import, it contains only the attributes that the import set.
    pub prior: M::Plan,
    /// Private state.
    pub private: Private,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// Request to update an object in place.
#[non_exhaustive]
pub struct Update<M: Model> {
    /// Stored state.
    pub prior: M::Plan,
    /// Plan. Values that the provider determines are unknown.
    pub plan: M::Plan,
    /// Configuration, which is the only source of write-only arguments.
    pub config: M::Plan,
    /// Private state from the plan.
    pub private: Private,
    /// Records what exists while the operation runs.
    pub progress: Progress<M>,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// Request to delete an object.
#[non_exhaustive]
pub struct Delete<M: Model> {
    /// Stored state.
    pub prior: M::Plan,
    /// Private state from the plan.
    pub private: Private,
    /// Records what exists while the operation runs.
    pub progress: Progress<M>,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// Request to change or refuse the plan of the planner.
#[non_exhaustive]
pub struct Plan<M: Model> {
    /// Stored state; `None` for a creation.
    pub prior: Option<M::Plan>,
    /// Configuration; `None` for a deletion.
    pub config: Option<M::Plan>,
    /// Planned state; `None` for a deletion.
    pub plan: Option<M::Plan>,
    /// Attributes whose change requires replacement.
    pub requires_replace: Vec<AttributePath>,
    /// Private state. Changes to it are passed to the apply.
    pub private: Private,
    /// Warnings for the user, also reported for a refused plan. The same list as in `call`.
    pub warnings: Warnings,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// Request to import an existing object by its id.
#[non_exhaustive]
pub struct Import {
    /// Id that the user specified.
    pub id: String,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// Request to import an existing object by its identity.
#[non_exhaustive]
pub struct ImportIdentity<M: Model> {
    /// Attributes of the identity that the user specified. All other attributes are null.
    pub identity: M::Plan,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// Request to upgrade an identity of an older version.
#[non_exhaustive]
pub struct UpgradeIdentity {
    /// Version of the stored identity.
    pub version: i64,
    /// Stored identity as JSON.
    pub identity: serde_json::Value,
    /// Warnings for the user, also reported for a refused upgrade.
    pub warnings: Warnings,
}

/// Request to convert state of another type.
#[non_exhaustive]
pub struct Moved {
    /// Source address of the provider that stored the state.
    pub source_provider: String,
    /// Resource type of the stored state.
    pub source_type: String,
    /// Schema version of the stored state.
    pub source_version: i64,
    /// Stored state as JSON.
    pub source_state: serde_json::Value,
    /// Private state of the source; empty if it does not have the format of [`Private`].
    pub source_private: Private,
    /// Warnings for the user, also reported for a refused move.
    pub warnings: Warnings,
}

/// Request to upgrade state of an older schema version.
#[non_exhaustive]
pub struct Upgrade {
    /// Schema version of the stored state.
    pub version: i64,
    /// Stored state as JSON.
    pub state: serde_json::Value,
    /// Warnings for the user, also reported for a refused upgrade.
    pub warnings: Warnings,
}

impl<M: Model> Create<M> {
    /// Builds a request to create this plan. The configuration equals the plan, and the private state is empty.
    pub fn for_test(plan: impl Into<M::Plan>) -> Self {
        let plan = plan.into();
        Self {
            config: plan.clone(),
            plan,
            private: Private::default(),
            progress: Progress::default(),
            call: Call::for_test(),
        }
    }
}

impl<M: Model> Read<M> {
    /// Builds a request to read an object with this state and no private state.
    pub fn for_test(prior: impl Into<M::Plan>) -> Self {
        Self {
            prior: prior.into(),
            private: Private::default(),
            call: Call::for_test(),
        }
    }
}

impl<M: Model> Update<M> {
    /// Builds a request to update a state to a plan. The configuration equals the plan, and the private state is empty.
    pub fn for_test(prior: impl Into<M::Plan>, plan: impl Into<M::Plan>) -> Self {
        let plan = plan.into();
        Self {
            prior: prior.into(),
            config: plan.clone(),
            plan,
            private: Private::default(),
            progress: Progress::default(),
            call: Call::for_test(),
        }
    }
}

impl<M: Model> Delete<M> {
    /// Builds a request to delete an object with this state and no private state.
    pub fn for_test(prior: impl Into<M::Plan>) -> Self {
        Self {
            prior: prior.into(),
            private: Private::default(),
            progress: Progress::default(),
            call: Call::for_test(),
        }
    }
}

impl<M: Model> Plan<M> {
    /// Builds a request with a prior state (`None` for a creation) and a plan (`None` for a deletion). The configuration equals
    /// the plan.
    pub fn for_test(prior: Option<M::Plan>, plan: Option<M::Plan>) -> Self {
        let call = Call::for_test();
        Self {
            prior,
            config: plan.clone(),
            plan,
            requires_replace: Vec::new(),
            private: Private::default(),
            warnings: call.warnings.clone(),
            call,
        }
    }
}

impl<M: Model> ImportIdentity<M> {
    /// Builds a request to import an object with this identity.
    pub fn for_test(identity: impl Into<M::Plan>) -> Self {
        Self {
            identity: identity.into(),
            call: Call::for_test(),
        }
    }
}

impl Import {
    /// Builds a request to import an object with this id.
    pub fn for_test(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            call: Call::for_test(),
        }
    }
}
