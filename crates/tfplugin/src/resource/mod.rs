//! Managed resources: how an author creates, reads, updates and deletes objects.
//!
//! [`Resource`] is the author's trait. [`ResourceType`] is the same over values, with one method for each RPC.

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
pub(crate) use erased::{Applied, Kept};
pub(crate) use plan::PlanInput;
pub(crate) use resource_type::ResourceType;

/// A managed resource: creates, reads, updates and deletes objects.
///
/// Create, read, update and delete are required; everything else has a default. Handlers see Rust
/// values and never the wire. See the [crate documentation](crate) for a whole provider.
///
/// # Identity
///
/// Attributes with `identity` tell an object from every other. The framework reports them beside the state, and imports an
/// object by them: `import { to = hello_greeting.x, identity = { name = "Ada" } }`. Terraform and OpenTofu use identities from
/// 1.12 on.
///
/// ```
/// use tfplugin::{Model, Schema};
///
/// /// A greeting.
/// #[derive(Schema)]
/// #[resource(name = "hello_greeting", version = 0)]
/// struct Greeting {
///     /// Who is greeted. Changing this forces a new resource.
///     #[attr(required, requires_replace, identity)]
///     name: String,
///     /// Region of the greeting; by default the region of the provider.
///     #[attr(optional, computed, requires_replace, optional_identity)]
///     region: String,
/// }
///
/// let identity = Greeting::definition().identity().expect("it has an identity");
/// assert!(identity.attributes["name"].required_for_import);
/// assert!(!identity.attributes["region"].required_for_import);
/// ```
pub trait Resource: Send + Sync + 'static {
    /// The state.
    type Model: Model;

    /// Returns schema and rules; by default those of the model. A resource made of data overrides this.
    fn definition(&self) -> Definition {
        Self::Model::definition()
    }

    /// Creates the object.
    ///
    /// # Errors
    /// A [`Failure`] that states whether something exists now.
    fn create(
        &self,
        request: Create<Self::Model>,
    ) -> impl Future<Output = Outcome<Self::Model>> + Send;

    /// Reads the object. `None` means that it no longer exists: the next plan creates it again.
    ///
    /// # Errors
    /// The object cannot be read; the stored state stays as it is.
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
    /// A [`Failure`] that states what is left.
    fn delete(
        &self,
        request: Delete<Self::Model>,
    ) -> impl Future<Output = Result<(), Failure<Self::Model>>> + Send;

    /// Returns how long a creation, an update or a deletion may take where the user specifies no timeout for it. `None`, the
    /// default, stands for the timeout of `#[resource(timeouts(…))]`. `object` is the planned object; for a deletion, the
    /// stored one.
    ///
    /// It determines the deadline of the call. Override it for a resource that takes longer the larger an object is.
    fn default_timeout(
        &self,
        operation: Operation,
        object: &<Self::Model as Model>::Plan,
    ) -> Option<Duration> {
        let _ = (operation, object);
        None
    }

    /// Checks configuration beyond the validators of single attributes. It must not call an API, and must accept
    /// unknown values.
    fn validate(&self, request: Validate<Self::Model>) -> Diagnostics {
        let _ = request;
        Diagnostics::new()
    }

    /// Changes or refuses a plan that the planner made. It is also called for a destroy plan.
    ///
    /// It must be deterministic: the apply plans again, and both plans must be equal.
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

    /// Finds an existing object by the id that the user specified. `read` is called with the result and fills in the rest.
    ///
    /// # Errors
    /// The id is malformed, or the type cannot be imported, which is the default.
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

    /// Finds an existing object by its identity: attributes that have `#[attr(identity)]`. By default the state holds these
    /// attributes, and `read` fills in the rest.
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
    /// The version is unknown, which is the default.
    fn upgrade_identity(&self, request: UpgradeIdentity) -> Result<Value, Diagnostics> {
        let detail = format!(
            "An identity of version {} cannot be read by this provider, which writes version {}.",
            request.version,
            self.definition().identity_version,
        );
        Err(Diagnostic::error("Identity cannot be upgraded", detail).into())
    }

    /// Takes over an object that was stored as another type, for a `moved` block.
    ///
    /// # Errors
    /// This type cannot take over the source, which is the default.
    fn moved(&self, request: Moved) -> Result<Imported<Self::Model>, Diagnostics> {
        let detail = format!(
            "An object of type {} ({}) cannot become one of type {}. Remove the moved block, then import the object.",
            request.source_type,
            request.source_provider,
            self.definition().type_name,
        );
        Err(Diagnostic::error("Move is not supported", detail).into())
    }

    /// Upgrades state of an older schema version.
    ///
    /// # Errors
    /// The version is unknown, which is the default.
    fn upgrade(&self, request: Upgrade) -> Result<Value, Diagnostics> {
        let detail = format!(
            "State of version {} cannot be read by this provider, which writes version {}.",
            request.version,
            self.definition().schema.version,
        );
        Err(Diagnostic::error("State cannot be upgraded", detail).into())
    }
}

#[cfg(test)]
mod tests;
