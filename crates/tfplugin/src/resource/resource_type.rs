//! Type-erased resource type: its definition and its operations.

use std::sync::Arc;

use tfschema::{IdentitySchema, Type, Value};

use super::Resource;
use super::erased::{ErasedResource, StoredState, erase};
use crate::call::{Call, Runner};
use crate::diagnostics::Diagnostics;
use crate::erased::Described;
use crate::model::Definition;
use crate::timeouts::{Operation, Timeouts};

/// Managed resource type that the provider serves.
#[derive(Clone)]
pub(crate) struct ResourceType {
    pub(crate) described: Arc<Described>,
    pub(super) identity: Option<Arc<Identity>>,
    erased: Arc<dyn ErasedResource>,
}

/// Identity of a resource type.
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

    /// Returns a call with its deadline. The user's timeouts take precedence over the timeouts in the definition.
    pub(super) fn call(&self, runner: &Runner, operation: Operation, state: &Value) -> Call {
        let timeouts = Timeouts::stated(state).or(&self.definition().timeouts);
        runner
            .call(timeouts.of(operation))
            .confidential(self.described.is_confidential())
    }

    /// Completes and checks a state. The private state does not change.
    pub(super) fn checked(
        &self,
        runner: &Runner,
        what: &str,
        kept: StoredState,
    ) -> Result<StoredState, Diagnostics> {
        let state = self.described.checked(runner, what, kept.state)?;
        Ok(StoredState { state, ..kept })
    }
}
