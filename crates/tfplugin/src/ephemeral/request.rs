//! Requests to ephemeral resources, and their results.

use std::time::SystemTime;

use crate::call::Call;
use crate::model::Model;
use crate::private::Private;

/// Request to open an ephemeral resource.
#[non_exhaustive]
pub struct Open<M: Model> {
    /// Configuration with defaults applied and without unknown values. Computed attributes are null.
    pub config: M::Plan,
    /// Cancellation, deadline, and warnings.
    pub call: Call,
}

/// Opened ephemeral resource.
#[non_exhaustive]
pub struct Opened<M: Model> {
    /// Result of the open operation.
    pub result: M,
    /// Data for `renew` and `close`, which do not receive the result.
    pub private: Private,
    /// Time at which to renew the resource. `None` if the resource is not renewed. Source: protocol field `renew_at`.
    pub renew_at: Option<SystemTime>,
}

/// Request to renew an ephemeral resource.
#[non_exhaustive]
pub struct Renew {
    /// Private data that the last `renew` returned, or that `open` returned if the resource was not renewed yet.
    pub private: Private,
    /// Cancellation, deadline, and warnings.
    pub call: Call,
}

/// Result of a renewal.
#[non_exhaustive]
pub struct Renewed {
    /// Time of the next renewal. `None` if the resource is not renewed again.
    pub renew_at: Option<SystemTime>,
    /// Data for the next `renew`. `None` keeps the current data.
    pub private: Option<Private>,
}

/// Request to close an ephemeral resource.
#[non_exhaustive]
pub struct Close {
    /// Private data that `open` returned (Terraform), or that the last `renew` returned (OpenTofu).
    pub private: Private,
    /// Cancellation, deadline, and warnings.
    pub call: Call,
}

impl<M: Model> Open<M> {
    /// Creates a request with this configuration, for use in unit tests.
    pub fn for_test(config: impl Into<M::Plan>) -> Self {
        Self {
            config: config.into(),
            call: Call::for_test(),
        }
    }
}

impl<M: Model> Opened<M> {
    /// Creates a result that has neither a renewal time nor private data.
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
    /// Creates a request with this data, for use in unit tests.
    pub fn for_test(private: Private) -> Self {
        Self {
            private,
            call: Call::for_test(),
        }
    }
}

impl Renewed {
    /// Creates a result without a further renewal.
    pub fn last() -> Self {
        Self {
            renew_at: None,
            private: None,
        }
    }

    /// Creates a result with the time of the next renewal.
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
    /// Creates a request with this data, for use in unit tests.
    pub fn for_test(private: Private) -> Self {
        Self {
            private,
            call: Call::for_test(),
        }
    }
}
