//! The resource type and the dependencies of its operations.

use jiff::Timestamp;

use crate::pki::Entropy;

/// The resource type `skreg_pki_cross_certificate`.
pub struct CrossCertificates<S> {
    pub(super) stores: S,
    pub(super) now: fn() -> Timestamp,
    pub(super) entropy: Box<dyn Entropy>,
}

impl<S> CrossCertificates<S> {
    /// Creates the resource type with its dependencies.
    pub fn new(stores: S, now: fn() -> Timestamp, entropy: impl Entropy + 'static) -> Self {
        Self {
            stores,
            now,
            entropy: Box::new(entropy),
        }
    }
}
