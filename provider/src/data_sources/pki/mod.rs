//! Data sources of the family `skreg_pki_*`.

pub mod certificate;
pub mod certificate_request;
pub mod crl;
mod pem;
