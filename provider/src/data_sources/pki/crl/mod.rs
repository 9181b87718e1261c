//! `skreg_pki_crl`: the content of a certificate revocation list. It calls no API.

mod diagnostics;
pub mod model;
mod read;
mod validate;

use jiff::Timestamp;
use tfplugin::{DataSource, Diagnostics, ReadData, Validate};

use self::model::Crl;

/// The data source type, over a clock.
pub struct Crls {
    now: fn() -> Timestamp,
}

impl Crls {
    /// Returns the data source type.
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
        validate::illegal_configuration(&request.config)
    }
}
