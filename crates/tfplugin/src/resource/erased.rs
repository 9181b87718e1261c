//! Type-erased resources, which the framework stores and calls.
//!
//! Authors implement [`Resource`]. [`ErasedResource`] is the same interface for [`Value`]s, which allows a single table to
//! contain resources with different models. This module only decodes values, calls the author's implementation, and encodes
//! the result.

use std::sync::Arc;
use std::time::Duration;

use tfschema::{AttributePath, Value};

use super::Resource;
use super::outcome::{Failure, Imported, Remains};
use super::progress::{Progress, Recorder};
use super::request::{
    Create, Delete, Import, ImportIdentity, Moved, Plan, Read, Update, Upgrade, UpgradeIdentity,
};
use crate::attribute::Codec;
use crate::call::{BoxFuture, Call};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::erased::{Described, decode, decode_some, mismatch};
use crate::model::Model;
use crate::private::Private;
use crate::timeouts::Operation;

/// Stored state and private state.
pub(crate) struct StoredState {
    pub(crate) state: Value,
    pub(crate) private: Private,
}

impl StoredState {
    /// Returns the state of an object that does not exist.
    fn nothing() -> Self {
        Self {
            state: Value::Null,
            private: Private::default(),
        }
    }
}

/// Plan that the plan hook of a resource receives. A null value means that the object does not exist.
pub(crate) struct Proposal {
    pub(crate) prior: Value,
    pub(crate) config: Value,
    pub(crate) plan: Value,
    pub(crate) requires_replace: Vec<AttributePath>,
    pub(crate) private: Private,
}

/// Plan that the plan hook of a resource returns. A null plan means that the object is deleted.
pub(crate) struct PlannedChange {
    pub(crate) plan: Value,
    pub(crate) requires_replace: Vec<AttributePath>,
    pub(crate) private: Private,
}

/// Change to apply. A null value means that the object does not exist.
pub(crate) struct Change {
    pub(crate) prior: Value,
    pub(crate) plan: Value,
    pub(crate) config: Value,
    pub(crate) private: Private,
    pub(crate) recorder: Recorder,
}

/// Change that is decoded once into the resource's model. Both the timeout and the operation use the decoded values.
pub(crate) trait DecodedChange: Send {
    /// Returns the resource's default timeout for this change. `None` selects the timeout from the definition.
    fn default_timeout(&self) -> Option<Duration>;
    fn run(self: Box<Self>, call: Call) -> BoxFuture<'static, Applied>;
}

/// State to store after a change, and the diagnostics.
pub(crate) struct Applied {
    pub(crate) kept: StoredState,
    pub(crate) diagnostics: Diagnostics,
}

/// [`Resource`] that operates on values.
pub(crate) trait ErasedResource: Send + Sync {
    fn plan(
        self: Arc<Self>,
        proposal: Proposal,
        call: Call,
    ) -> BoxFuture<'static, Result<PlannedChange, Diagnostics>>;
    /// Decodes a change.
    ///
    /// # Errors
    /// Returns the result of the failed change as an error if a value does not match the model.
    fn change(self: Arc<Self>, change: Change) -> Result<Box<dyn DecodedChange>, Applied>;
    fn read(
        self: Arc<Self>,
        kept: StoredState,
        call: Call,
    ) -> BoxFuture<'static, Result<StoredState, Diagnostics>>;
    fn import(
        self: Arc<Self>,
        id: String,
        call: Call,
    ) -> BoxFuture<'static, Result<StoredState, Diagnostics>>;
    /// Imports an object by its identity. `state` contains the identity attributes.
    fn import_by_identity(
        self: Arc<Self>,
        state: Value,
        call: Call,
    ) -> BoxFuture<'static, Result<StoredState, Diagnostics>>;
    fn upgrade_identity(&self, request: UpgradeIdentity) -> Result<Value, Diagnostics>;
    fn moved(&self, request: Moved) -> Result<StoredState, Diagnostics>;
    fn upgrade(&self, request: Upgrade) -> Result<Value, Diagnostics>;
}

/// Erases the type of a resource.
pub(super) fn erase<R: Resource>(resource: R) -> (Described, Arc<dyn ErasedResource>) {
    let definition = resource.definition();
    let erased = Arc::new(Erased {
        type_name: definition.type_name.clone(),
        resource,
    });
    let validator = Arc::clone(&erased);
    let described = Described::new(definition, move |request| {
        validator.resource.validate(request)
    });
    (described, erased)
}

struct Erased<R> {
    resource: R,
    type_name: String,
}

type PlanOf<R> = <<R as Resource>::Model as Model>::Plan;

/// Decoded values for a change, by operation.
enum Request<R: Resource> {
    Create {
        plan: PlanOf<R>,
        config: PlanOf<R>,
    },
    Update {
        prior: PlanOf<R>,
        plan: PlanOf<R>,
        config: PlanOf<R>,
    },
    Delete {
        prior: PlanOf<R>,
    },
}

impl<R: Resource> Request<R> {
    fn decode(prior: Value, plan: Value, config: Value) -> Result<Self, Failure<R::Model>> {
        match (prior.is_null(), plan.is_null()) {
            (true, _) => {
                let refused = |error| Failure::nothing(mismatch("The plan", error));
                Ok(Self::Create {
                    plan: decode(plan).map_err(refused)?,
                    config: decode(config).map_err(refused)?,
                })
            }
            (_, true) => {
                let refused = |error| Failure::unchanged(mismatch("The stored state", error));
                Ok(Self::Delete {
                    prior: decode(prior).map_err(refused)?,
                })
            }
            _ => {
                let refused = |error| Failure::unchanged(mismatch("The plan", error));
                Ok(Self::Update {
                    prior: decode(prior).map_err(refused)?,
                    plan: decode(plan).map_err(refused)?,
                    config: decode(config).map_err(refused)?,
                })
            }
        }
    }
}

/// [`Request`] and the context of its operation.
struct Decoded<R: Resource> {
    erased: Arc<Erased<R>>,
    request: Request<R>,
    /// State before the change.
    before: StoredState,
    recorder: Recorder,
}

impl<R: Resource> Decoded<R> {
    async fn run(self, call: Call) -> Applied {
        let Self {
            erased,
            request,
            before,
            recorder,
        } = self;
        let private = before.private.clone();
        let progress = Progress::of(recorder);
        let resource = &erased.resource;
        let outcome = match request {
            Request::Create { plan, config } => {
                let create = Create {
                    plan,
                    config,
                    private,
                    progress,
                    call,
                };
                resource.create(create).await.map(Some)
            }
            Request::Update {
                prior,
                plan,
                config,
            } => {
                let update = Update {
                    prior,
                    plan,
                    config,
                    private,
                    progress,
                    call,
                };
                resource.update(update).await.map(Some)
            }
            Request::Delete { prior } => {
                let delete = Delete {
                    prior,
                    private,
                    progress,
                    call,
                };
                resource.delete(delete).await.map(|()| None)
            }
        };
        match outcome {
            Ok(Some(stored)) => Applied {
                kept: StoredState {
                    state: stored.state.encode(),
                    private: stored.private.unwrap_or(before.private),
                },
                diagnostics: stored.warnings,
            },
            Ok(None) => Applied {
                kept: StoredState::nothing(),
                diagnostics: Diagnostics::new(),
            },
            Err(failure) => erased.failed(failure, before),
        }
    }
}

impl<R: Resource> DecodedChange for Decoded<R> {
    fn default_timeout(&self) -> Option<Duration> {
        let (operation, object) = match &self.request {
            Request::Create { plan, .. } => (Operation::Create, plan),
            Request::Update { plan, .. } => (Operation::Update, plan),
            Request::Delete { prior } => (Operation::Delete, prior),
        };
        self.erased.resource.default_timeout(operation, object)
    }

    fn run(self: Box<Self>, call: Call) -> BoxFuture<'static, Applied> {
        Box::pin((*self).run(call))
    }
}

impl<R: Resource> Erased<R> {
    fn failed(&self, failure: Failure<R::Model>, before: StoredState) -> Applied {
        let Failure {
            remains,
            mut diagnostics,
        } = failure;
        if !diagnostics.has_errors() {
            let detail = format!(
                "An operation on {} failed without reporting an error.",
                self.type_name
            );
            diagnostics.push(Diagnostic::bug("Operation failed without an error", detail));
        }
        let kept = match remains {
            Remains::Nothing => StoredState::nothing(),
            Remains::Unchanged => before,
            Remains::Partial(state, private) => StoredState {
                state: state.encode().unknown_as_null(),
                private: private.unwrap_or(before.private),
            },
        };
        Applied { kept, diagnostics }
    }
}

impl<R: Resource> ErasedResource for Erased<R> {
    fn plan(
        self: Arc<Self>,
        proposal: Proposal,
        call: Call,
    ) -> BoxFuture<'static, Result<PlannedChange, Diagnostics>> {
        Box::pin(async move {
            let refused = |error| mismatch("The proposed plan", error);
            let mut plan = Plan::<R::Model> {
                prior: decode_some(proposal.prior).map_err(refused)?,
                config: decode_some(proposal.config).map_err(refused)?,
                plan: decode_some(proposal.plan).map_err(refused)?,
                requires_replace: proposal.requires_replace,
                private: proposal.private,
                warnings: call.warnings.clone(),
                call,
            };
            self.resource.plan(&mut plan).await?;
            Ok(PlannedChange {
                plan: plan.plan.encode(),
                requires_replace: plan.requires_replace,
                private: plan.private,
            })
        })
    }

    fn change(self: Arc<Self>, change: Change) -> Result<Box<dyn DecodedChange>, Applied> {
        let Change {
            prior,
            plan,
            config,
            private,
            recorder,
        } = change;
        let before = StoredState {
            state: prior.clone(),
            private,
        };
        match Request::decode(prior, plan, config) {
            Ok(request) => Ok(Box::new(Decoded {
                erased: self,
                request,
                before,
                recorder,
            })),
            Err(failure) => Err(self.failed(failure, before)),
        }
    }

    fn read(
        self: Arc<Self>,
        kept: StoredState,
        call: Call,
    ) -> BoxFuture<'static, Result<StoredState, Diagnostics>> {
        Box::pin(async move {
            let StoredState { state, private } = kept;
            let prior = decode(state).map_err(|error| mismatch("The stored state", error))?;
            let warnings = call.warnings.clone();
            let request = Read {
                prior,
                private: private.clone(),
                call,
            };
            Ok(match self.resource.read(request).await? {
                Some(stored) => {
                    warnings.extend(stored.warnings);
                    StoredState {
                        state: stored.state.encode(),
                        private: stored.private.unwrap_or(private),
                    }
                }
                None => StoredState::nothing(),
            })
        })
    }

    fn import(
        self: Arc<Self>,
        id: String,
        call: Call,
    ) -> BoxFuture<'static, Result<StoredState, Diagnostics>> {
        Box::pin(async move { self.resource.import(Import { id, call }).await.map(keep) })
    }

    fn import_by_identity(
        self: Arc<Self>,
        state: Value,
        call: Call,
    ) -> BoxFuture<'static, Result<StoredState, Diagnostics>> {
        Box::pin(async move {
            let identity = decode(state).map_err(Diagnostic::from)?;
            let request = ImportIdentity { identity, call };
            self.resource.import_by_identity(request).await.map(keep)
        })
    }

    fn upgrade_identity(&self, request: UpgradeIdentity) -> Result<Value, Diagnostics> {
        self.resource.upgrade_identity(request)
    }

    fn moved(&self, request: Moved) -> Result<StoredState, Diagnostics> {
        self.resource.moved(request).map(keep)
    }

    fn upgrade(&self, request: Upgrade) -> Result<Value, Diagnostics> {
        self.resource.upgrade(request)
    }
}

fn keep<M: Model>(imported: Imported<M>) -> StoredState {
    StoredState {
        state: imported.state.encode().unknown_as_null(),
        private: imported.private,
    }
}
