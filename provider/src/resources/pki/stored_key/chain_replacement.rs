//! Replacement of the issuers in a stored key document. A reissued issuer has another certificate for the same key, so the
//! certificate of the stored key remains valid, and nothing is signed.
//!
//! # Call order and effects of interruptions
//!
//! | Call | Result of an interruption after the call | Next apply |
//! |---|---|---|
//! | `DescribeSecret` | no change | starts over |
//! | `GetSecretValue` | no change | starts over |
//! | `PutSecretValue` (new chain) | current version is the successor | uses the stored version |
//!
//! The token of `PutSecretValue` is derived from the version that it replaces, as in a reissue.

use tfplugin::Diagnostics;

use super::calls::{bounded, described};
use super::certification::{Certification, Issued};
use super::intent::CertificateIntent;
use super::key_store::KeyStores;
use super::reissue::{StoredVersion, successor};
use crate::aws::secrets::{CURRENT, SecretDescription, SecretStore, WrittenVersion};
use crate::pki::{Certificate, KeyDocument};

impl<S: KeyStores, C: CertificateIntent> Certification<'_, S, C> {
    /// Stores the certificates of the configured issuer as the chain of the current certificate.
    pub(super) async fn replace_chain(self, stored: &StoredVersion) -> Result<Issued, Diagnostics> {
        let arn = stored.arn.as_str();
        let describe = self.store.describe(arn);
        let secret = bounded(self.call, "secretsmanager:DescribeSecret", describe).await;
        let secret = secret.map_err(|error| self.not_described(&error))?;
        self.refuse_unusable(&secret)?;
        let (document, version_id) = self.read(arn).await?;
        let current = secret.current_version_id.as_deref();
        let known = [
            stored.version_id.clone(),
            successor(arn, &stored.version_id),
        ];
        if current != Some(&version_id) || !known.contains(&version_id) {
            let expected = &stored.version_id;
            return Err(self.wording.version_changed(&secret, expected).into());
        }
        if !has_stored_certificate(&document, stored) {
            return Err(self.wording.created_by_another_run(arn).into());
        }
        let chain = self.chain();
        if document.chain().into_iter().eq(&chain) {
            return Issued::of(&document, location(arn, version_id));
        }
        let document = document.with_chain(chain);
        let document = document.map_err(|error| self.wording.chain_unusable(arn, &error))?;
        let text = document.to_text();
        let text = text.map_err(|error| self.wording.chain_unusable(arn, &error))?;
        let token = successor(arn, &version_id);
        let is_current =
            |now: &SecretDescription| now.current_version_id.as_deref() == Some(&token);
        self.put(arn, &token, &text, &[CURRENT], &is_current)
            .await?;
        // If another run with the same state was faster, its chain is the current one.
        let now = described(self.store, self.call, arn, is_current).await;
        let now = now.map_err(|error| self.not_described(&error))?;
        match is_current(&now) {
            true => Issued::of(&document, location(arn, token)),
            false => Err(self.wording.created_by_another_run(arn).into()),
        }
    }

    /// Returns the current version if an interrupted run replaced only the chain of the version in the state.
    pub(super) async fn after_chain_replacement(
        &self,
        stored: &StoredVersion,
        secret: &SecretDescription,
    ) -> Result<Option<StoredVersion>, Diagnostics> {
        let arn = stored.arn.as_str();
        let successor = successor(arn, &stored.version_id);
        if secret.current_version_id.as_deref() != Some(&successor) {
            return Ok(None);
        }
        let (document, version_id) = self.read(arn).await?;
        let is_same = version_id == successor && has_stored_certificate(&document, stored);
        Ok(is_same.then(|| StoredVersion {
            arn: stored.arn.clone(),
            version_id,
            certificate_sha256: stored.certificate_sha256.clone(),
        }))
    }
}

fn has_stored_certificate(document: &KeyDocument, stored: &StoredVersion) -> bool {
    let current = document.certificate().map(Certificate::sha256);
    current.is_some_and(|current| current.to_string() == stored.certificate_sha256)
}

fn location(arn: &str, version_id: String) -> WrittenVersion {
    WrittenVersion {
        arn: arn.to_owned(),
        version_id,
    }
}
