//! The resource type and the dependencies of its operations: the stored keys, the services, a clock, and a source of
//! random octets.

use jiff::Timestamp;

use super::model::LeafCertificate;
use crate::aws::objects::ObjectStores;
use crate::pki::Entropy;
use crate::resources::identities::Identities;
use crate::resources::pki::stored_key::{KeyStores, StoredKeys};

/// Access to the services that an end-entity certificate requires.
pub trait LeafStores: KeyStores + ObjectStores + Clone {}

impl<S: KeyStores + ObjectStores + Clone> LeafStores for S {}

/// The resource type `skreg_pki_certificate` with its dependencies.
pub struct LeafCertificates<S> {
    pub(super) keys: StoredKeys<LeafCertificate, S>,
    pub(super) stores: S,
    pub(super) now: fn() -> Timestamp,
    pub(super) entropy: Box<dyn Entropy>,
}

impl<S: LeafStores> LeafCertificates<S> {
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
