//! Managed resources: the trait that authors implement to create, read, update, and delete objects.
//!
//! [`Resource`] is the author's trait. [`ResourceType`] is the same interface for values, with one method for each RPC.

use std::future::Future;
use std::time::Duration;

use tfschema::Value;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Definition, Model, Validate};
use crate::timeouts::Operation;

mod apply;
mod erased;
mod identity;
mod import;
mod outcome;
mod plan;
mod progress;
mod read;
mod request;
mod resource_type;
mod upgrade;

pub use outcome::{Failure, Imported, Outcome, Remains, Stored};
pub use progress::Progress;
pub use request::{
    Create, Delete, Import, ImportIdentity, Moved, Plan, Read, Update, Upgrade, UpgradeIdentity,
};

pub(crate) use apply::ApplyInput;
pub(crate) use erased::{Applied, StoredState};
pub(crate) use plan::PlanInput;
pub(crate) use resource_type::ResourceType;

/// Managed resource, which creates, reads, updates, and deletes objects.
///
/// `create`, `read`, `update`, and `delete` are required. All other methods have a default implementation. Handlers receive
/// Rust values instead of protocol messages. See the [crate documentation](crate) for a complete provider.
///
/// # Identity
///
/// Attributes with `identity` distinguish an object from all other objects. The framework reports them with the state, and
/// imports objects by them: `import { to = hello_greeting.x, identity = { name = "Ada" } }`. Terraform and OpenTofu support
/// identities in version 1.12 and later.
///
/// ```
/// use tfplugin::{Model, Schema};
///
/// /// A greeting.
/// #[derive(Schema)]
/// #[resource(name = "hello_greeting", version = 0)]
/// struct Greeting {
///     /// Name of the person to greet. Changing this forces a new resource.
///     #[attr(required, requires_replace, identity)]
///     name: String,
///     /// Region for the greeting. Defaults to the provider's region.
///     #[attr(optional, computed, requires_replace, optional_identity)]
///     region: String,
/// }
///
/// let identity = Greeting::definition().identity().expect("the resource has an identity");
/// assert!(identity.attributes["name"].required_for_import);
/// assert!(!identity.attributes["region"].required_for_import);
/// ```
pub trait Resource: Send + Sync + 'static {
    /// Type of the state.
    type Model: Model;

    /// Returns the schema and rules. Defaults to the definition of the model. Override this method for a resource without a
    /// Rust model.
    fn definition(&self) -> Definition {
        Self::Model::definition()
    }

    /// Creates the object.
    ///
    /// # Errors
    /// Returns a [`Failure`] that states whether an object now exists.
    fn create(
        &self,
        request: Create<Self::Model>,
    ) -> impl Future<Output = Outcome<Self::Model>> + Send;

    /// Reads the object. `None` means that the object no longer exists. The next plan then creates it again.
    ///
    /// # Errors
    /// Returns an error if the object cannot be read. The stored state does not change in this case.
    fn read(
        &self,
        request: Read<Self::Model>,
    ) -> impl Future<Output = Result<Option<Stored<Self::Model>>, Diagnostics>> + Send;

    /// Updates the object in place.
    ///
    /// # Errors
    /// Returns a [`Failure`] that states what exists now.
    fn update(
        &self,
        request: Update<Self::Model>,
    ) -> impl Future<Output = Outcome<Self::Model>> + Send;

    /// Deletes the object.
    ///
    /// # Errors
    /// Returns a [`Failure`] that states what still exists.
    fn delete(
        &self,
        request: Delete<Self::Model>,
    ) -> impl Future<Output = Result<(), Failure<Self::Model>>> + Send;

    /// Returns the timeout for a create, update, or delete operation if the user does not specify one. `None`, the default,
    /// selects the timeout in `#[resource(timeouts(…))]`. `object` is the planned object, or the stored object for a delete
    /// operation.
    ///
    /// The timeout determines the deadline of the call. Override this method if the duration of an operation depends on the
    /// size of the object.
    fn default_timeout(
        &self,
        operation: Operation,
        object: &<Self::Model as Model>::Plan,
    ) -> Option<Duration> {
        let _ = (operation, object);
        None
    }

    /// Validates the configuration beyond the validators for individual attributes. The method must not call an API, and
    /// must accept unknown values.
    fn validate(&self, request: Validate<Self::Model>) -> Diagnostics {
        let _ = request;
        Diagnostics::new()
    }

    /// Changes or rejects the plan that the planner proposes. The method is also called for a destroy plan.
    ///
    /// The method must be deterministic, because hosts plan again during apply, and both plans must be equal.
    ///
    /// # Errors
    /// Returns an error if the plan is rejected.
    fn plan(
        &self,
        request: &mut Plan<Self::Model>,
    ) -> impl Future<Output = Result<(), Diagnostics>> + Send {
        let _ = request;
        async { Ok(()) }
    }

    /// Finds an existing object by the ID that the user specifies. `read` receives the result and sets the remaining
    /// attributes.
    ///
    /// # Errors
    /// Returns an error if the ID is malformed, or if the type does not support import, which is the default.
    fn import(
        &self,
        request: Import,
    ) -> impl Future<Output = Result<Imported<Self::Model>, Diagnostics>> + Send {
        let detail = format!(
            "Objects of type {} cannot be imported.",
            self.definition().type_name
        );
        let _ = request;
        async { Err(Diagnostic::error("Import is not supported", detail).into()) }
    }

    /// Finds an existing object by its identity, which consists of the attributes with `#[attr(identity)]`. By default, the
    /// returned state contains these attributes, and `read` sets the remaining attributes.
    ///
    /// # Errors
    /// Returns an error if the identity is malformed.
    fn import_by_identity(
        &self,
        request: ImportIdentity<Self::Model>,
    ) -> impl Future<Output = Result<Imported<Self::Model>, Diagnostics>> + Send {
        async { Ok(Imported::new(request.identity)) }
    }

    /// Upgrades an identity from an earlier version.
    ///
    /// # Errors
    /// Returns an error if the version is not supported, which is the default.
    fn upgrade_identity(&self, request: UpgradeIdentity) -> Result<Value, Diagnostics> {
        let detail = format!(
            "The stored identity has version {}. This version of the provider cannot upgrade it to version {}.",
            request.version,
            self.definition().identity_version,
        );
        Err(Diagnostic::error("Identity cannot be upgraded", detail).into())
    }

    /// Converts an object of another type, as requested by a `moved` block.
    ///
    /// # Errors
    /// Returns an error if the type does not support a move from the source type, which is the default.
    fn moved(&self, request: Moved) -> Result<Imported<Self::Model>, Diagnostics> {
        let detail = format!(
            "An object of type {} ({}) cannot be moved to type {}. Remove the `moved` block, and then import the object.",
            request.source_type,
            request.source_provider,
            self.definition().type_name,
        );
        Err(Diagnostic::error("Move is not supported", detail).into())
    }

    /// Upgrades state from an earlier schema version.
    ///
    /// # Errors
    /// Returns an error if the version is not supported, which is the default.
    fn upgrade(&self, request: Upgrade) -> Result<Value, Diagnostics> {
        let detail = format!(
            "The stored state has version {}. This version of the provider cannot upgrade it to version {}.",
            request.version,
            self.definition().schema.version,
        );
        Err(Diagnostic::error("State cannot be upgraded", detail).into())
    }
}

#[cfg(test)]
mod tests;
