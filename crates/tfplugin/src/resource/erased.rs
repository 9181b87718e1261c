//! Resources without their Rust types: the form in which the framework keeps and calls them.
//!
//! [`Resource`] is what authors write; [`ErasedResource`] is the same over [`Value`]s, so that resources of
//! different models stand in one table. Nothing is decided here: values are decoded, the author is called,
//! the answer is encoded.

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
use crate::erased::{Described, decode, decode_some, misfit};
use crate::model::Model;
use crate::private::Private;
use crate::timeouts::Operation;

/// State and private state, as they are stored.
pub(crate) struct Kept {
    pub(crate) state: Value,
    pub(crate) private: Private,
}

impl Kept {
    /// Of an object that does not exist.
    fn nothing() -> Self {
        Self {
            state: Value::Null,
            private: Private::default(),
        }
    }
}

/// A plan on its way through a resource's hook. Null stands for absence.
pub(crate) struct Proposal {
    pub(crate) prior: Value,
    pub(crate) config: Value,
    pub(crate) plan: Value,
    pub(crate) requires_replace: Vec<AttributePath>,
    pub(crate) private: Private,
}

/// A plan as the resource's hook leaves it. Null stands for absence.
pub(crate) struct Answer {
    pub(crate) plan: Value,
    pub(crate) requires_replace: Vec<AttributePath>,
    pub(crate) private: Private,
}

/// A change to apply. Null stands for absence.
pub(crate) struct Change {
    pub(crate) prior: Value,
    pub(crate) plan: Value,
    pub(crate) config: Value,
    pub(crate) private: Private,
    pub(crate) recorder: Recorder,
}

/// A change whose values fit the resource's model: decoded once, for the timeout and for the operation.
pub(crate) trait DecodedChange: Send {
    /// The resource's own default for how long it may take; `None` for that of its definition.
    fn default_timeout(&self) -> Option<Duration>;
    fn run(self: Box<Self>, call: Call) -> BoxFuture<'static, Applied>;
}

/// What is stored after a change, and what the user is told.
pub(crate) struct Applied {
    pub(crate) kept: Kept,
    pub(crate) diagnostics: Diagnostics,
}

/// A [`Resource`] over values.
pub(crate) trait ErasedResource: Send + Sync {
    fn plan(
        self: Arc<Self>,
        proposal: Proposal,
        call: Call,
    ) -> BoxFuture<'static, Result<Answer, Diagnostics>>;
    /// Decodes a change. One that does not fit the model is as good as applied, and has failed.
    fn change(self: Arc<Self>, change: Change) -> Result<Box<dyn DecodedChange>, Applied>;
    fn read(
        self: Arc<Self>,
        kept: Kept,
        call: Call,
    ) -> BoxFuture<'static, Result<Kept, Diagnostics>>;
    fn import(
        self: Arc<Self>,
        id: String,
        call: Call,
    ) -> BoxFuture<'static, Result<Kept, Diagnostics>>;
    /// `state` holds the attributes of the identity.
    fn import_by_identity(
        self: Arc<Self>,
        state: Value,
        call: Call,
    ) -> BoxFuture<'static, Result<Kept, Diagnostics>>;
    fn upgrade_identity(&self, request: UpgradeIdentity) -> Result<Value, Diagnostics>;
    fn moved(&self, request: Moved) -> Result<Kept, Diagnostics>;
    fn upgrade(&self, request: Upgrade) -> Result<Value, Diagnostics>;
}

/// Forgets the type of a resource.
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

/// The values of a change, as the resource's operation takes them.
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
                let refused = |error| Failure::nothing(misfit("The plan", error));
                Ok(Self::Create {
                    plan: decode(plan).map_err(refused)?,
                    config: decode(config).map_err(refused)?,
                })
            }
            (_, true) => {
                let refused = |error| Failure::unchanged(misfit("The stored state", error));
                Ok(Self::Delete {
                    prior: decode(prior).map_err(refused)?,
                })
            }
            _ => {
                let refused = |error| Failure::unchanged(misfit("The plan", error));
                Ok(Self::Update {
                    prior: decode(prior).map_err(refused)?,
                    plan: decode(plan).map_err(refused)?,
                    config: decode(config).map_err(refused)?,
                })
            }
        }
    }
}

/// A [`Request`] with what its operation uses beside it.
struct Decoded<R: Resource> {
    erased: Arc<Erased<R>>,
    request: Request<R>,
    /// What was there before.
    before: Kept,
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
                kept: Kept {
                    state: stored.state.encode(),
                    private: stored.private.unwrap_or(before.private),
                },
                diagnostics: stored.warnings,
            },
            Ok(None) => Applied {
                kept: Kept::nothing(),
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
    fn failed(&self, failure: Failure<R::Model>, before: Kept) -> Applied {
        let Failure {
            remains,
            mut diagnostics,
        } = failure;
        if !diagnostics.has_errors() {
            let detail = format!(
                "An operation on {} failed without saying why.",
                self.type_name
            );
            diagnostics.push(Diagnostic::bug("Failure without a reason", detail));
        }
        let kept = match remains {
            Remains::Nothing => Kept::nothing(),
            Remains::Unchanged => before,
            Remains::Partial(state, private) => Kept {
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
    ) -> BoxFuture<'static, Result<Answer, Diagnostics>> {
        Box::pin(async move {
            let refused = |error| misfit("The proposed plan", error);
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
            Ok(Answer {
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
        let before = Kept {
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
        kept: Kept,
        call: Call,
    ) -> BoxFuture<'static, Result<Kept, Diagnostics>> {
        Box::pin(async move {
            let Kept { state, private } = kept;
            let prior = decode(state).map_err(|error| misfit("The stored state", error))?;
            let warnings = call.warnings.clone();
            let request = Read {
                prior,
                private: private.clone(),
                call,
            };
            Ok(match self.resource.read(request).await? {
                Some(stored) => {
                    warnings.extend(stored.warnings);
                    Kept {
                        state: stored.state.encode(),
                        private: stored.private.unwrap_or(private),
                    }
                }
                None => Kept::nothing(),
            })
        })
    }

    fn import(
        self: Arc<Self>,
        id: String,
        call: Call,
    ) -> BoxFuture<'static, Result<Kept, Diagnostics>> {
        Box::pin(async move { self.resource.import(Import { id, call }).await.map(keep) })
    }

    fn import_by_identity(
        self: Arc<Self>,
        state: Value,
        call: Call,
    ) -> BoxFuture<'static, Result<Kept, Diagnostics>> {
        Box::pin(async move {
            let identity = decode(state).map_err(Diagnostic::from)?;
            let request = ImportIdentity { identity, call };
            self.resource.import_by_identity(request).await.map(keep)
        })
    }

    fn upgrade_identity(&self, request: UpgradeIdentity) -> Result<Value, Diagnostics> {
        self.resource.upgrade_identity(request)
    }

    fn moved(&self, request: Moved) -> Result<Kept, Diagnostics> {
        self.resource.moved(request).map(keep)
    }

    fn upgrade(&self, request: Upgrade) -> Result<Value, Diagnostics> {
        self.resource.upgrade(request)
    }
}

fn keep<M: Model>(imported: Imported<M>) -> Kept {
    Kept {
        state: imported.state.encode().unknown_as_null(),
        private: imported.private,
    }
}
