//! The resource type with what its operations need from outside: a way to the secret store, a clock, randomness, and the
//! identities that the process has seen. Calls nothing.

use jiff::Timestamp;

use crate::aws::secrets::SecretStores;
use crate::pki::Entropy;
use crate::resources::identities::Identities;

/// The resource type, over a way to a secret store, a clock and a source of random octets.
pub struct RootCas<S> {
    pub(super) stores: S,
    pub(super) now: fn() -> Timestamp,
    pub(super) entropy: Box<dyn Entropy>,
    pub(super) identities: Identities,
}

impl<S: SecretStores> RootCas<S> {
    /// Returns the resource type.
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
