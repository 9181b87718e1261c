//! A resource type over values: its definition, and the calls of its operations.

use std::sync::Arc;

use tfschema::{IdentitySchema, Type, Value};

use super::Resource;
use super::erased::{ErasedResource, Kept, erase};
use crate::call::{Call, Runner};
use crate::diagnostics::Diagnostics;
use crate::erased::Described;
use crate::model::Definition;
use crate::timeouts::{Operation, Timeouts};

/// A managed resource type of the provider.
#[derive(Clone)]
pub(crate) struct ResourceType {
    pub(crate) described: Arc<Described>,
    pub(super) identity: Option<Arc<Identity>>,
    erased: Arc<dyn ErasedResource>,
}

/// The identity of a resource type.
pub(super) struct Identity {
    pub(super) schema: IdentitySchema,
    pub(super) ty: Arc<Type>,
}

impl Identity {
    fn new(schema: IdentitySchema) -> Self {
        let ty = Arc::new(schema.object_type());
        Self { schema, ty }
    }
}

impl ResourceType {
    pub(crate) fn new(resource: impl Resource) -> Self {
        let (described, erased) = erase(resource);
        let identity = described.definition().identity();
        Self {
            identity: identity.map(Identity::new).map(Arc::new),
            described: Arc::new(described),
            erased,
        }
    }

    pub(super) fn definition(&self) -> &Definition {
        self.described.definition()
    }

    pub(super) fn erased(&self) -> Arc<dyn ErasedResource> {
        Arc::clone(&self.erased)
    }

    /// Cancellation and deadline of a call; the timeouts are the user's, then those of the resource's definition.
    pub(super) fn call(&self, runner: &Runner, operation: Operation, state: &Value) -> Call {
        let timeouts = Timeouts::stated(state).or(&self.definition().timeouts);
        runner.call(timeouts.of(operation))
    }

    /// Completes and checks a state, with private state beside it.
    pub(super) fn checked(
        &self,
        runner: &Runner,
        what: &str,
        kept: Kept,
    ) -> Result<Kept, Diagnostics> {
        let state = self.described.checked(runner, what, kept.state)?;
        Ok(Kept { state, ..kept })
    }
}
