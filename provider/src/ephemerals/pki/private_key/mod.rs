//! `skreg_pki_private_key`: reads the private key of an end-entity certificate for write-only arguments.
//!
//! Terraform and OpenTofu do not store the result. The key of a certificate authority is never returned.

mod diagnostics;
pub mod model;
mod open;

use tfplugin::{Diagnostics, EphemeralResource, Open, Opened, Validate};

use self::model::PrivateKey;
use crate::aws::secrets::SecretStores;

/// The ephemeral resource type `skreg_pki_private_key` with access to secret stores.
pub struct PrivateKeys<S> {
    stores: S,
}

impl<S: SecretStores> PrivateKeys<S> {
    /// Creates the ephemeral resource type.
    #[must_use]
    pub fn new(stores: S) -> Self {
        Self { stores }
    }
}

impl<S: SecretStores> EphemeralResource for PrivateKeys<S> {
    type Model = PrivateKey;

    async fn open(&self, request: Open<PrivateKey>) -> Result<Opened<PrivateKey>, Diagnostics> {
        self.key(request.config, &request.call)
            .await
            .map(Opened::new)
    }

    fn validate(&self, request: Validate<PrivateKey>) -> Diagnostics {
        let (stage, id) = (&request.config.version_stage, &request.config.version_id);
        match stage.known().is_some() && id.known().is_some() {
            true => diagnostics::two_versions().into(),
            false => Diagnostics::new(),
        }
    }
}
