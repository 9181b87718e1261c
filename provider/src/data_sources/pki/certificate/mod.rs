//! `skreg_pki_certificate`: the content of a certificate, and whether a secret of this provider has its key.
//!
//! It never reads the value of a secret: the tags that `DescribeSecret` returns identify the key.

mod diagnostics;
pub mod model;
mod read;
mod validate;

use jiff::Timestamp;
use tfplugin::{DataSource, Diagnostics, ReadData, Validate};

use self::model::Certificate;
use crate::aws::secrets::SecretStores;

/// The data source type, over a way to a secret store and a clock.
pub struct Certificates<S> {
    stores: S,
    now: fn() -> Timestamp,
}

impl<S: SecretStores> Certificates<S> {
    /// Returns the data source type.
    #[must_use]
    pub fn new(stores: S, now: fn() -> Timestamp) -> Self {
        Self { stores, now }
    }
}

impl<S: SecretStores> DataSource for Certificates<S> {
    type Model = Certificate;

    async fn read(&self, request: ReadData<Certificate>) -> Result<Certificate, Diagnostics> {
        self.content(request.config, &request.call).await
    }

    fn validate(&self, request: Validate<Certificate>) -> Diagnostics {
        validate::illegal_configuration(&request.config)
    }
}
