//! The `skreg_pki_*` data sources.

pub mod certificate;
pub mod certificate_request;
pub mod crl;
mod pem;
