//! Requests to a resource, one struct for each operation.
//!
//! `for_test` builds a request for a unit test from the values that the test cares about. [`Model::Plan`] converts from
//! the model, so a test writes plain values: `Create::for_test(greeting)`.

use tfschema::AttributePath;

use super::progress::Progress;
use crate::call::{Call, Warnings};
use crate::model::Model;
use crate::private::Private;

/// A request to create an object.
#[non_exhaustive]
pub struct Create<M: Model> {
    /// The plan; unknown where the provider determines the value.
    pub plan: M::Plan,
    /// The configuration; only here write-only arguments are readable.
    pub config: M::Plan,
    /// Private state from the plan.
    pub private: Private,
    /// Records what exists while the operation runs.
    pub progress: Progress<M>,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// A request to read the current state of an object.
#[non_exhaustive]
pub struct Read<M: Model> {
    /// The stored state; after an import only what the import filled in.
    pub prior: M::Plan,
    /// Private state.
    pub private: Private,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// A request to update an object in place.
#[non_exhaustive]
pub struct Update<M: Model> {
    /// The stored state.
    pub prior: M::Plan,
    /// The plan; unknown where the provider determines the value.
    pub plan: M::Plan,
    /// The configuration; only here write-only arguments are readable.
    pub config: M::Plan,
    /// Private state from the plan.
    pub private: Private,
    /// Records what exists while the operation runs.
    pub progress: Progress<M>,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// A request to delete an object.
#[non_exhaustive]
pub struct Delete<M: Model> {
    /// The stored state.
    pub prior: M::Plan,
    /// Private state from the plan.
    pub private: Private,
    /// Records what exists while the operation runs.
    pub progress: Progress<M>,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// A plan that the planner made, for the resource to change or refuse.
#[non_exhaustive]
pub struct Plan<M: Model> {
    /// The stored state; `None` for a creation.
    pub prior: Option<M::Plan>,
    /// The configuration; `None` for a deletion.
    pub config: Option<M::Plan>,
    /// The planned state; `None` for a deletion.
    pub plan: Option<M::Plan>,
    /// Attributes whose change needs a new object.
    pub requires_replace: Vec<AttributePath>,
    /// Private state; what is set here reaches the apply.
    pub private: Private,
    /// Warnings for the user, also of a plan that is refused; the same list as that of `call`.
    pub warnings: Warnings,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// A request to import an existing object by its id.
#[non_exhaustive]
pub struct Import {
    /// The id that the user specified.
    pub id: String,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// A request to import an existing object by its identity.
#[non_exhaustive]
pub struct ImportIdentity<M: Model> {
    /// The attributes of the identity that the user set; everything else is null.
    pub identity: M::Plan,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// A request to upgrade an identity of an older version.
#[non_exhaustive]
pub struct UpgradeIdentity {
    /// The version the identity was stored with.
    pub version: i64,
    /// The stored identity as JSON.
    pub identity: serde_json::Value,
    /// Warnings for the user, also of an upgrade that is refused.
    pub warnings: Warnings,
}

/// A request to take over state of another type.
#[non_exhaustive]
pub struct Moved {
    /// Source address of the provider that stored it.
    pub source_provider: String,
    /// The type it was stored as.
    pub source_type: String,
    /// The schema version it was stored with.
    pub source_version: i64,
    /// The stored state as JSON.
    pub source_state: serde_json::Value,
    /// Private state of the source; empty if it is not in the form of [`Private`].
    pub source_private: Private,
    /// Warnings for the user, also of a move that is refused.
    pub warnings: Warnings,
}

/// A request to upgrade state of an older schema version.
#[non_exhaustive]
pub struct Upgrade {
    /// The version the state was stored with.
    pub version: i64,
    /// The stored state as JSON.
    pub state: serde_json::Value,
    /// Warnings for the user, also of an upgrade that is refused.
    pub warnings: Warnings,
}

impl<M: Model> Create<M> {
    /// A create of this plan. The configuration is the same, and there is no private state.
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
    /// A read of this state, without private state.
    pub fn for_test(prior: impl Into<M::Plan>) -> Self {
        Self {
            prior: prior.into(),
            private: Private::default(),
            call: Call::for_test(),
        }
    }
}

impl<M: Model> Update<M> {
    /// An update from a state to a plan. The configuration is the plan, and there is no private state.
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
    /// A delete of this state, without private state.
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
    /// A plan from a state, if there is one, to another, if the object is not deleted. The configuration is the plan.
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
    /// An import of this identity.
    pub fn for_test(identity: impl Into<M::Plan>) -> Self {
        Self {
            identity: identity.into(),
            call: Call::for_test(),
        }
    }
}

impl Import {
    /// An import of this id.
    pub fn for_test(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            call: Call::for_test(),
        }
    }
}
