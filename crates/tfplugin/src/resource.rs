//! What an author of a resource implements, and what the framework asks and gets.

use std::future::Future;
use std::time::Duration;

use tfschema::{AttributePath, Value};

use crate::{
    Call, Definition, Diagnostic, Diagnostics, Model, Operation, Private, Progress, Warnings,
};

/// A kind of managed object: how it is made, read, changed and removed.
///
/// Create, read, update and delete are required; everything else has a default. Handlers see Rust
/// values and never the wire. See the [crate documentation](crate) for a whole provider.
pub trait Resource: Send + Sync + 'static {
    /// The state.
    type Model: Model;

    /// Schema and rules; by default what the model says. A resource made of data overrides this.
    fn definition(&self) -> Definition {
        Self::Model::definition()
    }

    /// Makes the object.
    ///
    /// # Errors
    /// A [`Failure`] that says whether something exists now.
    fn create(
        &self,
        request: Create<Self::Model>,
    ) -> impl Future<Output = Outcome<Self::Model>> + Send;

    /// Reads the object; `None` if it is gone, so that the next plan makes it again.
    ///
    /// # Errors
    /// The object cannot be read; the stored state stays as it is.
    fn read(
        &self,
        request: Read<Self::Model>,
    ) -> impl Future<Output = Result<Option<Stored<Self::Model>>, Diagnostics>> + Send;

    /// Changes the object in place.
    ///
    /// # Errors
    /// A [`Failure`] that says what is stored now.
    fn update(
        &self,
        request: Update<Self::Model>,
    ) -> impl Future<Output = Outcome<Self::Model>> + Send;

    /// Removes the object.
    ///
    /// # Errors
    /// A [`Failure`] that says what is left.
    fn delete(
        &self,
        request: Delete<Self::Model>,
    ) -> impl Future<Output = Result<(), Failure<Self::Model>>> + Send;

    /// How long a creation, an update or a deletion may take where the user states no timeout for it; `None`, the default,
    /// for what `#[resource(timeouts(…))]` states. `object` is the planned object, or the stored one of a deletion.
    ///
    /// It is part of the call's deadline: a resource that takes longer the larger an object is must say so here.
    fn default_timeout(
        &self,
        operation: Operation,
        object: &<Self::Model as Model>::Plan,
    ) -> Option<Duration> {
        let _ = (operation, object);
        None
    }

    /// Checks configuration beyond the validators of single attributes. It must not call anyone, and
    /// must let unknown values pass.
    fn validate(&self, request: Validate<Self::Model>) -> Diagnostics {
        let _ = request;
        Diagnostics::new()
    }

    /// Changes or refuses a plan that the planner has made; also called for a destroy plan.
    ///
    /// It must be deterministic: the same plan is made again at apply and must come out the same.
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

    /// Finds an existing object by the id the user gave. `read` is called with the result and fills in the rest.
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

    /// Takes over an object that was stored as another type, for a `moved` block.
    ///
    /// # Errors
    /// The source is not one this type can take over, which is the default.
    fn moved(&self, request: Moved) -> Result<Imported<Self::Model>, Diagnostics> {
        let detail = format!(
            "An object of type {} ({}) cannot become one of type {}. Remove the moved block, then import the object.",
            request.source_type,
            request.source_provider,
            self.definition().type_name,
        );
        Err(Diagnostic::error("Move is not supported", detail).into())
    }

    /// Turns state of an older schema version into the present one.
    ///
    /// # Errors
    /// The version is not one this type knows, which is the default.
    fn upgrade(&self, request: Upgrade) -> Result<Value, Diagnostics> {
        let detail = format!(
            "State of version {} cannot be read by this provider, which writes version {}.",
            request.version,
            self.definition().schema.version,
        );
        Err(Diagnostic::error("State cannot be upgraded", detail).into())
    }
}

/// What a create or update ends with.
pub type Outcome<M> = Result<Stored<M>, Failure<M>>;

/// State to store, because the operation succeeded.
pub struct Stored<M: Model> {
    /// The state.
    pub state: M,
    /// Private state to store; `None` keeps what there is.
    pub private: Option<Private>,
    /// Warnings for the user.
    pub warnings: Diagnostics,
}

impl<M: Model> Stored<M> {
    /// State without warnings; private state stays as it is.
    pub fn new(state: M) -> Self {
        Self {
            state,
            private: None,
            warnings: Diagnostics::new(),
        }
    }

    /// The same, with private state.
    #[must_use]
    pub fn private(mut self, private: Private) -> Self {
        self.private = Some(private);
        self
    }

    /// The same, with a warning.
    #[must_use]
    pub fn warn(mut self, warning: Diagnostic) -> Self {
        self.warnings.push(warning);
        self
    }
}

impl<M: Model> From<M> for Stored<M> {
    fn from(state: M) -> Self {
        Self::new(state)
    }
}

/// Why an operation failed and what exists now. There is no conversion from bare diagnostics: whether
/// something is left behind is a decision, not an oversight.
pub struct Failure<M: Model> {
    /// What exists.
    pub remains: Remains<M>,
    /// What to tell the user; the framework adds an error if there is none.
    pub diagnostics: Diagnostics,
}

/// What exists after a failed operation.
pub enum Remains<M: Model> {
    /// Nothing: a create that made nothing, or whose traces are gone.
    Nothing,
    /// What existed before, unchanged.
    Unchanged,
    /// This, with private state; unknown attributes are stored as null. After a failed **create** the command
    /// line marks the object as tainted and replaces it next time.
    Partial(Box<M::Plan>, Option<Private>),
}

impl<M: Model> Failure<M> {
    /// Nothing exists.
    pub fn nothing(diagnostics: impl Into<Diagnostics>) -> Self {
        Self {
            remains: Remains::Nothing,
            diagnostics: diagnostics.into(),
        }
    }

    /// What existed before the operation exists still, unchanged.
    pub fn unchanged(diagnostics: impl Into<Diagnostics>) -> Self {
        Self {
            remains: Remains::Unchanged,
            diagnostics: diagnostics.into(),
        }
    }

    /// This exists. After a failed create the object is tainted and replaced next time.
    pub fn partial(state: M::Plan, diagnostics: impl Into<Diagnostics>) -> Self {
        Self {
            remains: Remains::Partial(Box::new(state), None),
            diagnostics: diagnostics.into(),
        }
    }
}

/// Asks for an object to be made.
#[non_exhaustive]
pub struct Create<M: Model> {
    /// What was planned; unknown where the object itself decides.
    pub plan: M::Plan,
    /// What is configured; the only place where write-only arguments are readable.
    pub config: M::Plan,
    /// Private state from the plan.
    pub private: Private,
    /// A place to record what exists while the operation goes on.
    pub progress: Progress<M>,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// Asks for the present state of an object.
#[non_exhaustive]
pub struct Read<M: Model> {
    /// What is stored; after an import only what the import filled in.
    pub prior: M::Plan,
    /// Private state.
    pub private: Private,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// Asks for an object to be changed in place.
#[non_exhaustive]
pub struct Update<M: Model> {
    /// What is stored.
    pub prior: M::Plan,
    /// What was planned; unknown where the object itself decides.
    pub plan: M::Plan,
    /// What is configured; the only place where write-only arguments are readable.
    pub config: M::Plan,
    /// Private state from the plan.
    pub private: Private,
    /// A place to record what exists while the operation goes on.
    pub progress: Progress<M>,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// Asks for an object to be removed.
#[non_exhaustive]
pub struct Delete<M: Model> {
    /// What is stored.
    pub prior: M::Plan,
    /// Private state from the plan.
    pub private: Private,
    /// A place to record what exists while the operation goes on.
    pub progress: Progress<M>,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// Asks whether a configuration is valid.
#[non_exhaustive]
pub struct Validate<M: Model> {
    /// What is configured; anything may be unknown.
    pub config: M::Plan,
}

/// A plan that the planner has made, for the resource to change or refuse.
#[non_exhaustive]
pub struct Plan<M: Model> {
    /// What is stored; `None` when the object is to be made.
    pub prior: Option<M::Plan>,
    /// What is configured; `None` when the object is to be destroyed.
    pub config: Option<M::Plan>,
    /// What will be; `None` when the object is to be destroyed.
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

/// Asks for an existing object to be taken into state.
#[non_exhaustive]
pub struct Import {
    /// The id the user gave.
    pub id: String,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// State of an imported or moved object, as far as it is known.
pub struct Imported<M: Model> {
    /// The state; `read` fills in the rest.
    pub state: M::Plan,
    /// Private state.
    pub private: Private,
}

impl<M: Model> Imported<M> {
    /// State without private state.
    pub fn new(state: M::Plan) -> Self {
        Self {
            state,
            private: Private::default(),
        }
    }
}

/// Asks for state of another type to become state of this one.
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
    /// What it remembered beside its attributes; nothing if it was stored in a form that is not [`Private`]'s.
    pub source_private: Private,
    /// Warnings for the user, also of a move that is refused.
    pub warnings: Warnings,
}

/// Asks for state of an older schema version to become state of the present one.
#[non_exhaustive]
pub struct Upgrade {
    /// The version the state was stored with.
    pub version: i64,
    /// The stored state as JSON.
    pub state: serde_json::Value,
    /// Warnings for the user, also of an upgrade that is refused.
    pub warnings: Warnings,
}
