//! Requests to an ephemeral resource and their results.

use std::time::SystemTime;

use crate::call::Call;
use crate::model::Model;
use crate::private::Private;

/// A request to open an ephemeral resource.
#[non_exhaustive]
pub struct Open<M: Model> {
    /// The configuration with defaults, without unknown values. Computed attributes are null.
    pub config: M::Plan,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// An opened ephemeral resource.
#[non_exhaustive]
pub struct Opened<M: Model> {
    /// The result.
    pub result: M,
    /// Data for `renew` and `close`, which do not receive the result.
    pub private: Private,
    /// Renewal time; `None` for no renewal. Source: protocol field `renew_at`.
    pub renew_at: Option<SystemTime>,
}

/// A request to renew an ephemeral resource.
#[non_exhaustive]
pub struct Renew {
    /// Data of the last `renew` or of `open`.
    pub private: Private,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

/// Result of a renewal.
#[non_exhaustive]
pub struct Renewed {
    /// Next renewal time; `None` for no further renewal.
    pub renew_at: Option<SystemTime>,
    /// Data for the next `renew`; `None` keeps the current data.
    pub private: Option<Private>,
}

/// A request to close an ephemeral resource.
#[non_exhaustive]
pub struct Close {
    /// Data of `open` in Terraform, of the last `renew` in OpenTofu.
    pub private: Private,
    /// Cancellation, deadline and warnings.
    pub call: Call,
}

impl<M: Model> Open<M> {
    /// Creates a request with this configuration, for a unit test.
    pub fn for_test(config: impl Into<M::Plan>) -> Self {
        Self {
            config: config.into(),
            call: Call::for_test(),
        }
    }
}

impl<M: Model> Opened<M> {
    /// Creates a result without renewal and without private data.
    pub fn new(result: M) -> Self {
        Self {
            result,
            private: Private::default(),
            renew_at: None,
        }
    }

    /// Sets the data for `renew` and `close`.
    #[must_use]
    pub fn private(mut self, private: Private) -> Self {
        self.private = private;
        self
    }

    /// Sets the renewal time.
    #[must_use]
    pub fn renew_at(mut self, time: SystemTime) -> Self {
        self.renew_at = Some(time);
        self
    }
}

impl Renew {
    /// Creates a request with this data, for a unit test.
    pub fn for_test(private: Private) -> Self {
        Self {
            private,
            call: Call::for_test(),
        }
    }
}

impl Renewed {
    /// Creates a result without further renewal.
    pub fn last() -> Self {
        Self {
            renew_at: None,
            private: None,
        }
    }

    /// Creates a result with the next renewal time.
    pub fn at(time: SystemTime) -> Self {
        Self {
            renew_at: Some(time),
            private: None,
        }
    }

    /// Sets new data for the next `renew`.
    #[must_use]
    pub fn private(mut self, private: Private) -> Self {
        self.private = Some(private);
        self
    }
}

impl Close {
    /// Creates a request with this data, for a unit test.
    pub fn for_test(private: Private) -> Self {
        Self {
            private,
            call: Call::for_test(),
        }
    }
}
