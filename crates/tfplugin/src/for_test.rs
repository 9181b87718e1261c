//! Requests for unit tests of a resource: what the framework passes to a handler, built from the values that a test cares
//! about. Fields are public, so that a test sets what differs.
//!
//! [`Model::Plan`] converts from the model by `From`, so a test writes plain values: `Create::for_test(greeting)`.

use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::{
    Call, Create, DEFAULT_TIMEOUT, Delete, Import, Model, Plan, Private, Progress, Read, Update,
    Validate,
};

impl Call {
    /// A call that is not cancelled and that has the default timeout, from now.
    pub fn for_test() -> Self {
        Self::new(CancellationToken::new(), Instant::now() + DEFAULT_TIMEOUT)
    }
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

impl<M: Model> Validate<M> {
    /// A check of this configuration.
    pub fn for_test(config: impl Into<M::Plan>) -> Self {
        Self {
            config: config.into(),
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

impl Import {
    /// An import of this id.
    pub fn for_test(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            call: Call::for_test(),
        }
    }
}
