//! `skreg_pki_certificate`: decodes a certificate and checks that a secret contains its private key.
//!
//! The data source never reads the value of a secret. The tags that `DescribeSecret` returns identify the key.

mod diagnostics;
pub mod model;
mod read;
mod validate;

use jiff::Timestamp;
use tfplugin::{DataSource, Diagnostics, ReadData, Validate};

use self::model::Certificate;
use crate::aws::secrets::SecretStores;

/// Data source type with access to secret stores and a clock.
pub struct Certificates<S> {
    stores: S,
    now: fn() -> Timestamp,
}

impl<S: SecretStores> Certificates<S> {
    /// Creates the data source type.
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
        validate::invalid_configuration(&request.config)
    }
}
