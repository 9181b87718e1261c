//! The provider-defined functions, one file each.
//!
//! A function is pure: it maps arguments to functions of [`crate::pki`] and the result to objects. It must not call AWS,
//! read a clock or draw random octets.

mod csr_parse;
mod input;
mod pem_bundle;
mod x509_chain_verify;
mod x509_fingerprint;
mod x509_parse;

pub use csr_parse::CsrParse;
pub use pem_bundle::PemBundle;
pub use x509_chain_verify::X509ChainVerify;
pub use x509_fingerprint::X509Fingerprint;
pub use x509_parse::X509Parse;
