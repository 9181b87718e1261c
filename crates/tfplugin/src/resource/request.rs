//! Requests to a resource. Each operation has a separate struct.
//!
//! `for_test` creates a request from the values that are relevant for a unit test. The model converts to [`Model::Plan`], so
//! a test can pass plain values: `Create::for_test(greeting)`.

use tfschema::AttributePath;

use super::progress::Progress;
use crate::call::{Call, Warnings};
use crate::model::Model;
use crate::private::Private;

/// Request to create an object.
#[non_exhaustive]
pub struct Create<M: Model> {
    /// Plan, in which values that the provider determines are unknown.
    pub plan: M::Plan,
    /// Configuration, which is the only source of write-only arguments.
    pub config: M::Plan,
    /// Private state from the plan.
    pub private: Private,
    /// Records what exists while the operation runs.
    pub progress: Progress<M>,
    /// Cancellation, deadline, and warnings.
    pub call: Call,
}

/// Request to read the current state of an object.
#[non_exhaustive]
pub struct Read<M: Model> {
    /// Stored state. After an import, it contains only the attributes that the import set.
    pub prior: M::Plan,
    /// Private state.
    pub private: Private,
    /// Cancellation, deadline, and warnings.
    pub call: Call,
}

/// Request to update an object in place.
#[non_exhaustive]
pub struct Update<M: Model> {
    /// Stored state.
    pub prior: M::Plan,
    /// Plan, in which values that the provider determines are unknown.
    pub plan: M::Plan,
    /// Configuration, which is the only source of write-only arguments.
    pub config: M::Plan,
    /// Private state from the plan.
    pub private: Private,
    /// Records what exists while the operation runs.
    pub progress: Progress<M>,
    /// Cancellation, deadline, and warnings.
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
    /// Cancellation, deadline, and warnings.
    pub call: Call,
}

/// Request to change or reject the plan that the planner proposes.
#[non_exhaustive]
pub struct Plan<M: Model> {
    /// Stored state. `None` if the object is created.
    pub prior: Option<M::Plan>,
    /// Configuration. `None` if the object is deleted.
    pub config: Option<M::Plan>,
    /// Planned state. `None` if the object is deleted.
    pub plan: Option<M::Plan>,
    /// Attributes whose change requires replacement.
    pub requires_replace: Vec<AttributePath>,
    /// Private state. Changes to it are passed to the apply operation.
    pub private: Private,
    /// Warnings for the user, which are also reported if the plan is rejected. The list is shared with `call`.
    pub warnings: Warnings,
    /// Cancellation, deadline, and warnings.
    pub call: Call,
}

/// Request to import an existing object by its ID.
#[non_exhaustive]
pub struct Import {
    /// ID that the user specified.
    pub id: String,
    /// Cancellation, deadline, and warnings.
    pub call: Call,
}

/// Request to import an existing object by its identity.
#[non_exhaustive]
pub struct ImportIdentity<M: Model> {
    /// Identity attributes that the user specified. All other attributes are null.
    pub identity: M::Plan,
    /// Cancellation, deadline, and warnings.
    pub call: Call,
}

/// Request to upgrade an identity from an earlier version.
#[non_exhaustive]
pub struct UpgradeIdentity {
    /// Version of the stored identity.
    pub version: i64,
    /// Stored identity as JSON.
    pub identity: serde_json::Value,
    /// Warnings for the user, which are also reported if the upgrade is rejected.
    pub warnings: Warnings,
}

/// Request to convert the state of an object that has another type.
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
    /// Private state of the source object. Empty if the source data does not have the format of [`Private`].
    pub source_private: Private,
    /// Warnings for the user, which are also reported if the move is rejected.
    pub warnings: Warnings,
}

/// Request to upgrade state from an earlier schema version.
#[non_exhaustive]
pub struct Upgrade {
    /// Schema version of the stored state.
    pub version: i64,
    /// Stored state as JSON.
    pub state: serde_json::Value,
    /// Warnings for the user, which are also reported if the upgrade is rejected.
    pub warnings: Warnings,
}

impl<M: Model> Create<M> {
    /// Creates a request for this plan. The configuration equals the plan, and the private state is empty.
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
    /// Creates a request to read an object with this state and no private state.
    pub fn for_test(prior: impl Into<M::Plan>) -> Self {
        Self {
            prior: prior.into(),
            private: Private::default(),
            call: Call::for_test(),
        }
    }
}

impl<M: Model> Update<M> {
    /// Creates a request to update an object from a state to a plan. The configuration equals the plan, and the private
    /// state is empty.
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
    /// Creates a request to delete an object with this state and no private state.
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
    /// Creates a request with a prior state and a plan. For a create operation, the prior state is `None`. For a delete
    /// operation, the plan is `None`. The configuration equals the plan.
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
    /// Creates a request to import an object with this identity.
    pub fn for_test(identity: impl Into<M::Plan>) -> Self {
        Self {
            identity: identity.into(),
            call: Call::for_test(),
        }
    }
}

impl Import {
    /// Creates a request to import an object with this ID.
    pub fn for_test(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            call: Call::for_test(),
        }
    }
}
