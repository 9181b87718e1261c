//! Results of resource operations: the state to store, or the reason for a failure.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::Model;
use crate::private::Private;

/// Result of a create or update operation.
pub type Outcome<M> = Result<Stored<M>, Failure<M>>;

/// State to store after a successful operation.
#[non_exhaustive]
pub struct Stored<M: Model> {
    /// The state.
    pub state: M,
    /// Private state to store. `None` keeps the existing private state.
    pub private: Option<Private>,
    /// Warnings for the user.
    pub warnings: Diagnostics,
}

impl<M: Model> Stored<M> {
    /// Creates a result without warnings. The private state does not change.
    pub fn new(state: M) -> Self {
        Self {
            state,
            private: None,
            warnings: Diagnostics::new(),
        }
    }

    /// Sets the private state to store.
    #[must_use]
    pub fn private(mut self, private: Private) -> Self {
        self.private = Some(private);
        self
    }

    /// Adds a warning.
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

/// Reason for a failed operation, and the object that exists now. Diagnostics alone do not convert to a failure, because the
/// author must state what exists.
#[non_exhaustive]
pub struct Failure<M: Model> {
    /// The object that exists now.
    pub remains: Remains<M>,
    /// Diagnostics for the user. The framework adds an error if they contain no error.
    pub diagnostics: Diagnostics,
}

/// Object that exists after a failed operation.
pub enum Remains<M: Model> {
    /// No object exists. A create operation created no object, or deleted the object that it had created.
    Nothing,
    /// The prior object exists unchanged.
    Unchanged,
    /// An object with this state and private state exists. Unknown attributes are stored as null. After a failed **create**
    /// operation, hosts mark the object as tainted, and the next apply replaces it.
    Partial(Box<M::Plan>, Option<Private>),
}

impl<M: Model> Failure<M> {
    /// Creates a failure after which no object exists.
    pub fn nothing(diagnostics: impl Into<Diagnostics>) -> Self {
        Self {
            remains: Remains::Nothing,
            diagnostics: diagnostics.into(),
        }
    }

    /// Creates a failure after which the prior object exists unchanged.
    pub fn unchanged(diagnostics: impl Into<Diagnostics>) -> Self {
        Self {
            remains: Remains::Unchanged,
            diagnostics: diagnostics.into(),
        }
    }

    /// Creates a failure after which an object with this state exists. After a failed create operation, the object is
    /// tainted, and the next apply replaces it.
    pub fn partial(state: M::Plan, diagnostics: impl Into<Diagnostics>) -> Self {
        Self {
            remains: Remains::Partial(Box::new(state), None),
            diagnostics: diagnostics.into(),
        }
    }
}

/// Known state of an imported or moved object.
#[non_exhaustive]
pub struct Imported<M: Model> {
    /// State. `read` sets the remaining attributes.
    pub state: M::Plan,
    /// Private state.
    pub private: Private,
}

impl<M: Model> Imported<M> {
    /// Creates an imported object without private state.
    pub fn new(state: M::Plan) -> Self {
        Self {
            state,
            private: Private::default(),
        }
    }

    /// Sets the private state.
    #[must_use]
    pub fn private(mut self, private: Private) -> Self {
        self.private = private;
        self
    }
}
