//! Results of a resource's operations: what is stored now, and why an operation failed.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::Model;
use crate::private::Private;

/// The result of a create or update.
pub type Outcome<M> = Result<Stored<M>, Failure<M>>;

/// State to store after an operation that succeeded.
#[non_exhaustive]
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

/// The reason of a failed operation, and what exists now. There is no conversion from diagnostics alone, so that the author
/// decides what is left.
#[non_exhaustive]
pub struct Failure<M: Model> {
    /// What exists.
    pub remains: Remains<M>,
    /// Messages for the user. The framework adds an error if there is none.
    pub diagnostics: Diagnostics,
}

/// What exists after a failed operation.
pub enum Remains<M: Model> {
    /// Nothing: a create that created nothing, or that removed what it had created.
    Nothing,
    /// What existed before, unchanged.
    Unchanged,
    /// This, with private state; unknown attributes are stored as null. After a failed **create** the command
    /// lines mark the object as tainted, and the next apply replaces it.
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

    /// What existed before the operation still exists, unchanged.
    pub fn unchanged(diagnostics: impl Into<Diagnostics>) -> Self {
        Self {
            remains: Remains::Unchanged,
            diagnostics: diagnostics.into(),
        }
    }

    /// This exists. After a failed create the object is tainted, and the next apply replaces it.
    pub fn partial(state: M::Plan, diagnostics: impl Into<Diagnostics>) -> Self {
        Self {
            remains: Remains::Partial(Box::new(state), None),
            diagnostics: diagnostics.into(),
        }
    }
}

/// State of an imported or moved object, as far as it is known.
#[non_exhaustive]
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

    /// The same, with private state.
    #[must_use]
    pub fn private(mut self, private: Private) -> Self {
        self.private = private;
        self
    }
}
