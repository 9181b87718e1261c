//! What each request means, over values: the wire is behind, the resources are ahead.
//!
//! The RPC layer decodes a request, calls one function of a [`Session`], and encodes the answer. Nothing here
//! knows protobuf or MessagePack, and nothing in a resource knows when it is planned, checked or applied.

mod apply;
mod configure;
mod import;
mod plan;
mod read;
mod upgrade;

use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};
use std::time::{Duration, Instant};

use tfschema::{AttributePath, ProviderSchema, Type, Value};
use tokio_util::sync::CancellationToken;

pub(crate) use crate::erased::{Answer, Applied, DecodedChange, ErasedResource, Kept, Proposal};
pub(crate) use apply::ApplyInput;
pub(crate) use plan::PlanInput;

use crate::handlers::Handlers;
use crate::selfcheck::Violation;
use crate::{
    Call, Codec, DEFAULT_TIMEOUT, Definition, Diagnostic, Diagnostics, Operation, Provider,
    Timeouts,
};

/// A provider while it is served: the provider itself, and the token that an interrupt cancels.
pub(crate) struct Session {
    pub(crate) provider: Provider,
    stop: RwLock<CancellationToken>,
    /// Whether several command lines share the process, as they do under `--debug`.
    shared: bool,
    handlers: Handlers,
    /// Whether answers are checked against the rules of the command lines before they leave.
    self_check: bool,
}

/// A managed resource type of the provider.
#[derive(Clone)]
pub(crate) struct ResourceType(Arc<dyn ErasedResource>);

impl ResourceType {
    pub(crate) fn definition(&self) -> &Definition {
        self.0.definition()
    }

    /// The type of the resource's state, configuration and plan.
    pub(crate) fn value_type(&self) -> Arc<Type> {
        self.0.value_type()
    }

    fn erased(&self) -> Arc<dyn ErasedResource> {
        Arc::clone(&self.0)
    }
}

impl Session {
    /// Serves a provider to one command line, or to several that share it. Answers are checked in debug builds, where
    /// tests run.
    pub(crate) fn new(provider: Provider, shared: bool) -> Self {
        Self {
            provider,
            stop: RwLock::default(),
            shared,
            handlers: Handlers::apart(),
            self_check: cfg!(debug_assertions),
        }
    }

    pub(crate) fn schema(&self) -> ProviderSchema {
        self.provider.schema()
    }

    /// Cancels every call under way.
    ///
    /// In a process of one command line every later call is cancelled too, until the next configuration: a stop may
    /// arrive just before the call that it is meant for, and such a process ends then. A process that is shared goes on
    /// for the other command lines, whose calls the stop is not meant for.
    pub(crate) fn stop(&self) {
        if self.shared {
            std::mem::take(&mut *self.stop_mut()).cancel();
        } else {
            self.token().cancel();
        }
    }

    /// Lets calls run again after a stop.
    fn resume(&self) {
        let mut token = self.stop_mut();
        if token.is_cancelled() {
            *token = CancellationToken::new();
        }
    }

    fn stop_mut(&self) -> RwLockWriteGuard<'_, CancellationToken> {
        self.stop.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn token(&self) -> CancellationToken {
        let token = self.stop.read();
        token.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A resource type by name.
    ///
    /// # Errors
    /// The provider has no such type.
    pub(crate) fn resource(&self, type_name: &str) -> Result<ResourceType, Diagnostics> {
        let resource = self
            .provider
            .resources
            .get(type_name)
            .cloned()
            .map(ResourceType);
        resource.ok_or_else(|| {
            let detail = format!(
                "Provider {} {} has no resource type {type_name}.",
                self.provider.name, self.provider.version
            );
            Diagnostic::error("Unknown resource type", detail).into()
        })
    }

    /// Cancellation and deadline of a call; the timeouts are the user's, then those of the resource's definition.
    fn call(&self, definition: &Definition, operation: Operation, state: &Value) -> Call {
        let stated = stated_timeouts(state);
        self.call_for(stated.or(&definition.timeouts).of(operation))
    }

    /// As [`Self::call`], of an operation that changes an object: where the user states no timeout, the resource may
    /// know how long such an object takes.
    fn apply_call(
        &self,
        definition: &Definition,
        operation: Operation,
        stated: Timeouts,
        change: &dyn DecodedChange,
    ) -> Call {
        let default = match stated.states(operation) {
            true => None,
            false => change.default_timeout(),
        };
        let timeouts = stated.or(&definition.timeouts);
        self.call_for(default.unwrap_or_else(|| timeouts.of(operation)))
    }

    fn call_for(&self, time: Duration) -> Call {
        // A token of its own: a call that is late is cancelled by itself.
        let cancel = self.token().child_token();
        let now = Instant::now();
        Call::new(
            cancel,
            now.checked_add(time).unwrap_or(now + DEFAULT_TIMEOUT),
        )
    }

    /// Runs the handler of a call; one that has no outcome is an error that names the RPC.
    async fn handled<T: Send + 'static>(
        &self,
        rpc: &str,
        call: &Call,
        handler: impl Future<Output = Result<T, Diagnostics>> + Send + 'static,
    ) -> Result<T, Diagnostics> {
        let handled = self.handlers.run_call(call, handler).await;
        handled.unwrap_or_else(|unfinished| Err(unfinished.diagnostic(rpc, "").into()))
    }

    /// Turns violations of the command lines' rules into diagnostics that name the rule and the place.
    fn violations(
        &self,
        what: &str,
        definition: &Definition,
        check: impl FnOnce() -> Vec<Violation>,
    ) -> Diagnostics {
        if !self.self_check {
            return Diagnostics::new();
        }
        let summary = format!("{what} of {} breaks the protocol", definition.type_name);
        check()
            .into_iter()
            .map(|violation| Diagnostic::bug(&summary, &violation).at(violation.path.clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests;

/// The timeouts that the user has stated in an object's block `timeouts`.
fn stated_timeouts(object: &Value) -> Timeouts {
    let path = AttributePath::root().attribute("timeouts");
    match object.attribute("timeouts") {
        Value::Object(texts) => Timeouts::decode(Value::Object(texts), &path).unwrap_or_default(),
        _ => Timeouts::default(),
    }
}
