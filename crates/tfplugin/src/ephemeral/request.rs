//! Requests to an ephemeral resource, and their results.

use std::time::SystemTime;

use crate::call::Call;
use crate::model::Model;
use crate::private::Private;

/// A request to open.
#[non_exhaustive]
pub struct Open<M: Model> {
    /// The configuration, wholly known, with defaults filled in. Computed attributes are null.
    pub config: M::Plan,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// What is open.
#[non_exhaustive]
pub struct Opened<M: Model> {
    /// The result.
    pub result: M,
    /// Data for `renew` and `close`, which see nothing else.
    pub private: Private,
    /// When to renew; `None` for never. Source: protocol field `renew_at`.
    pub renew_at: Option<SystemTime>,
}

/// A request to renew.
#[non_exhaustive]
pub struct Renew {
    /// Data of the last `renew`, or of `open`.
    pub private: Private,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// What a renewal comes to.
#[non_exhaustive]
pub struct Renewed {
    /// When to renew again; `None` for never.
    pub renew_at: Option<SystemTime>,
    /// Data for the next `renew`; `None` keeps what there is.
    pub private: Option<Private>,
}

/// A request to close.
#[non_exhaustive]
pub struct Close {
    /// Data of `open` or of the last `renew`: which of them depends on the command line.
    pub private: Private,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

impl<M: Model> Open<M> {
    /// An opening with this configuration, for a unit test.
    pub fn for_test(config: impl Into<M::Plan>) -> Self {
        Self {
            config: config.into(),
            call: Call::for_test(),
        }
    }
}

impl<M: Model> Opened<M> {
    /// A result that needs no renewal, without private data.
    pub fn new(result: M) -> Self {
        Self {
            result,
            private: Private::default(),
            renew_at: None,
        }
    }

    /// The same, with data for `renew` and `close`.
    #[must_use]
    pub fn private(mut self, private: Private) -> Self {
        self.private = private;
        self
    }

    /// The same, to be renewed at this time.
    #[must_use]
    pub fn renew_at(mut self, time: SystemTime) -> Self {
        self.renew_at = Some(time);
        self
    }
}

impl Renew {
    /// A renewal with these data, for a unit test.
    pub fn for_test(private: Private) -> Self {
        Self {
            private,
            call: Call::for_test(),
        }
    }
}

impl Renewed {
    /// Renewed for the last time.
    pub fn last() -> Self {
        Self {
            renew_at: None,
            private: None,
        }
    }

    /// Renewed, and to be renewed again at this time.
    pub fn at(time: SystemTime) -> Self {
        Self {
            renew_at: Some(time),
            private: None,
        }
    }

    /// The same, with new data for the next `renew`.
    #[must_use]
    pub fn private(mut self, private: Private) -> Self {
        self.private = Some(private);
        self
    }
}

impl Close {
    /// A closing with these data, for a unit test.
    pub fn for_test(private: Private) -> Self {
        Self {
            private,
            call: Call::for_test(),
        }
    }
}
