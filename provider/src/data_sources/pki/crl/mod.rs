//! `skreg_pki_crl`: decodes a certificate revocation list without API calls.

mod diagnostics;
pub mod model;
mod read;
mod validate;

use jiff::Timestamp;
use tfplugin::{DataSource, Diagnostics, ReadData, Validate};

use self::model::Crl;

/// Data source type with access to a clock.
pub struct Crls {
    now: fn() -> Timestamp,
}

impl Crls {
    /// Creates the data source type.
    #[must_use]
    pub fn new(now: fn() -> Timestamp) -> Self {
        Self { now }
    }
}

impl DataSource for Crls {
    type Model = Crl;

    async fn read(&self, request: ReadData<Crl>) -> Result<Crl, Diagnostics> {
        read::content(request.config, (self.now)())
    }

    fn validate(&self, request: Validate<Crl>) -> Diagnostics {
        validate::invalid_configuration(&request.config)
    }
}
