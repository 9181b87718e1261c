//! Managed resources: the trait that authors implement to create, read, update and delete objects.
//!
//! [`Resource`] is the author's trait. [`ResourceType`] is the same interface over values, with one method for each RPC.

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

/// Managed resource that creates, reads, updates and deletes objects.
///
/// `create`, `read`, `update` and `delete` are required. All other methods have a default. Handlers receive Rust values and
/// no protocol messages. See the [crate documentation](crate) for a complete provider.
///
/// # Identity
///
/// Attributes with `identity` distinguish an object from every other object. The framework reports them with the state, and
/// imports an object by them: `import { to = hello_greeting.x, identity = { name = "Ada" } }`. Terraform and OpenTofu use
/// identities from 1.12 on.
///
/// ```
/// use tfplugin::{Model, Schema};
///
/// /// A greeting.
/// #[derive(Schema)]
/// #[resource(name = "hello_greeting", version = 0)]
/// struct Greeting {
///     /// Name of the greeted person. Changing this forces a new resource.
///     #[attr(required, requires_replace, identity)]
///     name: String,
///     /// Region of the greeting. Defaults to the region of the provider.
///     #[attr(optional, computed, requires_replace, optional_identity)]
///     region: String,
/// }
///
/// let identity = Greeting::definition().identity().expect("it has an identity");
/// assert!(identity.attributes["name"].required_for_import);
/// assert!(!identity.attributes["region"].required_for_import);
/// ```
pub trait Resource: Send + Sync + 'static {
    /// Type of the state.
    type Model: Model;

    /// Returns the schema and the rules. Defaults to those of the model. Override it for a resource without a Rust model.
    fn definition(&self) -> Definition {
        Self::Model::definition()
    }

    /// Creates the object.
    ///
    /// # Errors
    /// A [`Failure`] that states whether an object exists now.
    fn create(
        &self,
        request: Create<Self::Model>,
    ) -> impl Future<Output = Outcome<Self::Model>> + Send;

    /// Reads the object. `None` means that it no longer exists, and the next plan creates it again.
    ///
    /// # Errors
    /// The object cannot be read. The stored state does not change.
    fn read(
        &self,
        request: Read<Self::Model>,
    ) -> impl Future<Output = Result<Option<Stored<Self::Model>>, Diagnostics>> + Send;

    /// Updates the object in place.
    ///
    /// # Errors
    /// A [`Failure`] that states what exists now.
    fn update(
        &self,
        request: Update<Self::Model>,
    ) -> impl Future<Output = Outcome<Self::Model>> + Send;

    /// Deletes the object.
    ///
    /// # Errors
    /// A [`Failure`] that states what still exists.
    fn delete(
        &self,
        request: Delete<Self::Model>,
    ) -> impl Future<Output = Result<(), Failure<Self::Model>>> + Send;

    /// Returns the timeout of a creation, an update or a deletion for which the user specifies none. `None`, the default,
    /// selects the timeout of `#[resource(timeouts(…))]`. `object` is the planned object, or the stored object for a deletion.
    ///
    /// The timeout determines the deadline of the call. Override this method if the duration depends on the size of the object.
    fn default_timeout(
        &self,
        operation: Operation,
        object: &<Self::Model as Model>::Plan,
    ) -> Option<Duration> {
        let _ = (operation, object);
        None
    }

    /// Checks the configuration beyond the validators of single attributes. It must not call an API, and must accept
    /// unknown values.
    fn validate(&self, request: Validate<Self::Model>) -> Diagnostics {
        let _ = request;
        Diagnostics::new()
    }

    /// Changes or refuses the plan of the planner. The method is also called for a destroy plan.
    ///
    /// It must be deterministic, because hosts plan again during the apply, and both plans must be equal.
    ///
    /// # Errors
    /// The plan is refused.
    fn plan(
        &self,
        request: &mut Plan<Self::Model>,
    ) -> impl Future<Output = Result<(), Diagnostics>> + Send {
        let _ = request;
        async { Ok(()) }
    }

    /// Finds an existing object by the id that the user specifies. `read` receives the result and sets the other attributes.
    ///
    /// # Errors
    /// The id is malformed, or the type does not support import, which is the default.
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

    /// Finds an existing object by its identity: attributes that have `#[attr(identity)]`. By default, the returned state
    /// contains these attributes, and `read` sets the others.
    ///
    /// # Errors
    /// The identity is malformed.
    fn import_by_identity(
        &self,
        request: ImportIdentity<Self::Model>,
    ) -> impl Future<Output = Result<Imported<Self::Model>, Diagnostics>> + Send {
        async { Ok(Imported::new(request.identity)) }
    }

    /// Upgrades an identity of an older version.
    ///
    /// # Errors
    /// The version is not supported, which is the default.
    fn upgrade_identity(&self, request: UpgradeIdentity) -> Result<Value, Diagnostics> {
        let detail = format!(
            "The stored identity has version {}. This version of the provider cannot upgrade it to version {}.",
            request.version,
            self.definition().identity_version,
        );
        Err(Diagnostic::error("Identity cannot be upgraded", detail).into())
    }

    /// Converts an object of another type, for a `moved` block.
    ///
    /// # Errors
    /// The type does not support a move from the source type, which is the default.
    fn moved(&self, request: Moved) -> Result<Imported<Self::Model>, Diagnostics> {
        let detail = format!(
            "An object of type {} ({}) cannot be moved to type {}. Remove the `moved` block, then import the object.",
            request.source_type,
            request.source_provider,
            self.definition().type_name,
        );
        Err(Diagnostic::error("Move is not supported", detail).into())
    }

    /// Upgrades state of an older schema version.
    ///
    /// # Errors
    /// The version is not supported, which is the default.
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
