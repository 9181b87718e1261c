//! The resource type and the dependencies of its operations: the secret store, a clock, a source of random octets, and
//! resource instance identities.

use jiff::Timestamp;

use crate::aws::secrets::SecretStores;
use crate::pki::Entropy;
use crate::resources::identities::Identities;

/// The resource type `skreg_pki_root_ca`.
pub struct RootCas<S> {
    pub(super) stores: S,
    pub(super) now: fn() -> Timestamp,
    pub(super) entropy: Box<dyn Entropy>,
    pub(super) identities: Identities,
}

impl<S: SecretStores> RootCas<S> {
    /// Creates the resource type with its dependencies.
    pub fn new(
        stores: S,
        now: fn() -> Timestamp,
        entropy: impl Entropy + 'static,
        identities: Identities,
    ) -> Self {
        Self {
            stores,
            now,
            entropy: Box::new(entropy),
            identities,
        }
    }
}
