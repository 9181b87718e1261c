//! The provider-defined functions. Each function has its own file.
//!
//! Functions are pure. A function passes its arguments to [`crate::pki`] and converts the result to an object. It must not call
//! AWS, read a clock, or generate random bytes.

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
