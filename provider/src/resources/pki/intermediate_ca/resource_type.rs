//! The resource type and the dependencies of its operations: the stored keys, the services, a clock, and a source of
//! random octets.

use jiff::Timestamp;

use super::model::IntermediateCa;
use crate::pki::Entropy;
use crate::resources::identities::Identities;
use crate::resources::pki::stored_key::{KeyStores, StoredKeys};

/// The operations of an intermediate authority whose key document is in a secret.
pub type StoredIntermediates<S> = StoredKeys<IntermediateCa, S>;

/// The resource type `skreg_pki_intermediate_ca` with its dependencies.
pub struct IntermediateCas<S> {
    pub(super) keys: StoredIntermediates<S>,
    pub(super) stores: S,
    pub(super) now: fn() -> Timestamp,
    pub(super) entropy: Box<dyn Entropy>,
}

impl<S: KeyStores + Clone> IntermediateCas<S> {
    /// Creates the resource type with its dependencies.
    pub fn new(
        stores: S,
        now: fn() -> Timestamp,
        entropy: impl Entropy + Clone + 'static,
        identities: Identities,
    ) -> Self {
        Self {
            keys: StoredKeys::new(stores.clone(), now, entropy.clone(), identities),
            stores,
            now,
            entropy: Box::new(entropy),
        }
    }
}
