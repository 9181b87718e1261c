//! The version of a secret in a state, and the versions that the provider writes after it.
//!
//! The token of a write is derived from the version that it replaces, and Secrets Manager uses the token as the version ID.
//! Therefore, each version has at most one successor, and a state from which later writes are missing still identifies them.

use std::iter::successors;

use tfplugin::{Call, Diagnostics, Planned};

use super::calls::{bounded, connected, connected_if_known, read_document};
use super::certification::{Issued, token};
use super::key_store::KeyStores;
use super::resource_type::{StoredKeyType, StoredKeys};
use super::state::{KeyState, stored_arn};
use crate::aws::secrets::{NOT_FOUND, SecretDescription, SecretStore, WrittenVersion};
use crate::pki::{Certificate, KeyDocument};

/// Maximum number of successive writes that a state does not contain.
const MAX_MISSING_WRITES: usize = 16;

/// The version of a secret that a state contains.
pub(super) struct StoredVersion {
    /// ARN of the secret.
    pub(super) arn: String,
    /// Version ID.
    pub(super) version_id: String,
    certificate_sha256: String,
    spki_sha256: String,
}

impl StoredVersion {
    /// Returns the version in a state.
    pub(super) fn of(state: &impl KeyState) -> Result<Self, Diagnostics> {
        let known = |value: &Planned<String>| value.known().cloned().unwrap_or_default();
        Ok(Self {
            arn: stored_arn(state)?,
            version_id: known(state.secret_version_id()),
            certificate_sha256: known(state.certificate_sha256()),
            spki_sha256: known(state.spki_sha256()),
        })
    }

    /// Returns whether the version is the current one.
    pub(super) fn is_current(&self, secret: &SecretDescription) -> bool {
        secret.current_version_id.as_ref() == Some(&self.version_id)
    }

    /// Returns whether the provider has replaced the version, and the state does not contain the current one.
    pub(super) fn is_succeeded(&self, secret: &SecretDescription) -> bool {
        let first = successor(&self.arn, &self.version_id);
        let later = successors(Some(first), |version| Some(successor(&self.arn, version)));
        let current = secret.current_version_id.as_ref();
        later
            .take(MAX_MISSING_WRITES)
            .any(|version| current == Some(&version))
    }

    /// Returns whether the certificate in the state is the current certificate of a document.
    pub(super) fn has_certificate_of(&self, document: &KeyDocument) -> bool {
        document
            .certificate()
            .is_some_and(|certificate| self.is_certificate(certificate))
    }

    /// Returns whether the certificate in the state is the one before the current certificate of a document.
    pub(super) fn precedes_certificate_of(&self, document: &KeyDocument) -> bool {
        let earlier = document.history().iter().rev().nth(1);
        earlier.is_some_and(|certificate| self.is_certificate(certificate))
    }

    /// Returns whether the key in the state is the key of a document.
    pub(super) fn has_key_of(&self, document: &KeyDocument) -> bool {
        document.key().public().sha256().to_string() == self.spki_sha256
    }

    fn is_certificate(&self, certificate: &Certificate) -> bool {
        certificate.sha256().to_string() == self.certificate_sha256
    }
}

/// Returns the version ID of the only version that can replace a version.
pub(super) fn successor(arn: &str, version_id: &str) -> String {
    token(&["successor", arn, version_id])
}

impl<T: StoredKeyType, S: KeyStores> StoredKeys<T, S> {
    /// Returns whether an interrupted apply replaced the version in a state. Returns false if the secret cannot be described:
    /// the apply reports the error.
    ///
    /// # Errors
    /// Returns an error if the provider configuration is incomplete, or if the run stops.
    pub async fn is_succeeded(&self, prior: &T::Plan, call: &Call) -> Result<bool, Diagnostics> {
        let Some(store) = connected_if_known(&self.stores, call).await? else {
            return Ok(false);
        };
        let stored = StoredVersion::of(prior)?;
        let describe = store.describe(&stored.arn);
        let secret = bounded(call, "secretsmanager:DescribeSecret", describe).await;
        Ok(secret.is_ok_and(|secret| stored.is_succeeded(&secret)))
    }

    /// Returns the current certificate of the secret if an interrupted apply stored it and the state does not contain it.
    ///
    /// # Errors
    /// Returns an error if the secret cannot be read.
    pub async fn missing_certificate(
        &self,
        prior: &T::Plan,
        call: &Call,
    ) -> Result<Option<Issued>, Diagnostics> {
        let (wording, stored) = (&T::WORDING, StoredVersion::of(prior)?);
        let store = connected(&self.stores, call).await?;
        let arn = stored.arn.as_str();
        let describe = store.describe(arn);
        let secret = match bounded(call, "secretsmanager:DescribeSecret", describe).await {
            Ok(secret) => secret,
            Err(error) if error.is(NOT_FOUND) => return Ok(None),
            Err(error) => return Err(wording.not_described(&error)),
        };
        if secret.pending_deletion() || !stored.is_succeeded(&secret) {
            return Ok(None);
        }
        let kms_key = secret.kms_key_id.as_deref();
        let (document, version_id) = read_document(&store, call, wording, arn, kms_key).await?;
        if stored.has_certificate_of(&document) {
            return Ok(None);
        }
        let arn = stored.arn;
        Issued::of(&document, WrittenVersion { arn, version_id }).map(Some)
    }
}
