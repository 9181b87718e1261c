//! The provider-defined functions, one file each.
//!
//! A function is pure: it maps arguments to functions of [`crate::pki`] and the result to objects. It must not call AWS,
//! read a clock or draw random octets.

mod input;
mod x509_parse;

pub use x509_parse::X509Parse;
