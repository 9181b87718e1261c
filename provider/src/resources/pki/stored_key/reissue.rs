//! Issuance of the next certificate of a stored key, in place: for the same key, or for a new key in the same secret.
//!
//! # Call order and effects of interruptions
//!
//! | Call | Result of an interruption after the call | Next apply |
//! |---|---|---|
//! | `DescribeSecret` | no change | starts over |
//! | `GetSecretValue` | no change | starts over |
//! | `PutSecretValue` (description, staging label `SKREGPENDING`) | current version unchanged, pending version | continues with the pending description |
//! | `PutSecretValue` (certificate, `AWSCURRENT` and `SKREGPENDING`) | current version is the successor | adopts the certificate with a warning |
//! | `DescribeSecret`, `TagResource` (new key only) | same | adopts the certificate with a warning |
//!
//! The current version always contains a complete document. The token of the last `PutSecretValue` is derived from the
//! version that it replaces, so each version has at most one successor, even if two runs compete or ECDSA signatures
//! differ. A refresh recognizes the successor and keeps the state. The last call also moves the label `SKREGPENDING`, so
//! the pending version no longer has a label, and Secrets Manager deletes it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tfplugin::{Diagnostic, Diagnostics};

use super::calls::{bounded, described, visible};
use super::certification::{Certification, Issued, token};
use super::intent::CertificateIntent;
use super::key_store::KeyStores;
use super::tags::KEY_TAG;
use crate::aws::secrets::{
    CURRENT, EXISTS, NOT_FOUND, SecretDescription, SecretStore, VersionSelector, WrittenVersion,
};
use crate::pki::{Certificate, Description, KeyDocument, Stage};
use crate::secret_text::SecretText;

/// Staging label of a version with a description that is not certified yet.
pub(super) const PENDING: &str = "SKREGPENDING";

/// The version of a secret that a state contains.
pub(super) struct StoredVersion {
    pub(super) arn: String,
    pub(super) version_id: String,
    /// SHA-256 fingerprint of the current certificate.
    pub(super) certificate_sha256: String,
}

/// Returns the version ID of the only version that can replace a version.
pub(super) fn successor(arn: &str, version_id: &str) -> String {
    token(&["successor", arn, version_id])
}

impl<S: KeyStores, C: CertificateIntent> Certification<'_, S, C> {
    /// Issues the next certificate, or completes an interrupted reissue.
    pub(super) async fn reissue(mut self, stored: &StoredVersion) -> Result<Issued, Diagnostics> {
        let arn = stored.arn.as_str();
        let describe = self.store.describe(arn);
        let secret = bounded(self.call, "secretsmanager:DescribeSecret", describe).await;
        let secret = secret.map_err(|error| self.not_described(&error))?;
        self.refuse_unusable(&secret)?;
        let rechained = self.after_chain_replacement(stored, &secret).await?;
        let stored = rechained.as_ref().unwrap_or(stored);
        let successor = successor(arn, &stored.version_id);
        let current = secret.current_version_id.as_deref();
        if current == Some(&successor) {
            return self.adopt_successor(stored, successor).await;
        }
        if current != Some(&stored.version_id) {
            return Err(self
                .wording
                .version_changed(&secret, &stored.version_id)
                .into());
        }
        self.check_clock()?;
        self.open_issuer().await?;
        let (document, version_id) = self.read(arn).await?;
        if version_id != stored.version_id {
            return Err(self.wording.created_by_another_run(arn).into());
        }
        let pending = match self.stored_pending(&secret, &document).await? {
            Some(pending) => pending,
            None => self.new_pending(arn, &version_id, document).await?,
        };
        Box::pin(self.complete(stored, pending, successor)).await
    }

    pub(super) fn refuse_unusable(&self, secret: &SecretDescription) -> Result<(), Diagnostics> {
        if secret.pending_deletion() {
            return Err(self.wording.pending_deletion(secret).into());
        }
        if secret.rotated || secret.owning_service.is_some() {
            return Err(self.wording.managed_elsewhere(secret).into());
        }
        Ok(())
    }

    /// Returns the pending document of an interrupted reissue if it describes the configured certificate.
    async fn stored_pending(
        &self,
        secret: &SecretDescription,
        current: &KeyDocument,
    ) -> Result<Option<KeyDocument>, Diagnostics> {
        let labelled = secret.version_with_stage(PENDING);
        if labelled.is_none() || labelled == secret.current_version_id.as_deref() {
            return Ok(None);
        }
        let value = self
            .store
            .value_of(&secret.arn, VersionSelector::Stage(PENDING));
        let value = match bounded(self.call, "secretsmanager:GetSecretValue", value).await {
            Ok(value) => value,
            Err(error) if error.is(NOT_FOUND) => return Ok(None),
            Err(error) => return Err(self.failed(&self.wording.not_read(), &error).into()),
        };
        let pending = value.text.as_ref().map(KeyDocument::read);
        Ok(pending
            .and_then(Result::ok)
            .filter(|pending| self.continues(current, pending)))
    }

    /// Returns whether a pending document continues the current document and describes the configured certificate.
    fn continues(&self, current: &KeyDocument, pending: &KeyDocument) -> bool {
        let Some(description) = pending.pending_issuance() else {
            return false;
        };
        let same_key = pending.key().public() == current.key().public();
        let history = match self.rotates_key {
            true => !same_key && pending.history().is_empty(),
            false => same_key && pending.history() == current.history(),
        };
        // The document contains the chain of the issuer, so another key with the same name cannot complete it.
        let issuer = pending.pending_issuer().map(Certificate::public_key);
        let authority = self.certificate.issuer();
        history
            && issuer == authority.map(|authority| authority.certificate.public_key())
            && pending.kind() == current.kind()
            && self.certificate.differences(description).is_empty()
            && self.is_current_term(description)
    }

    /// Returns whether the validity period of a pending description has begun and not ended.
    fn is_current_term(&self, description: &Description) -> bool {
        let now: Timestamp = (self.now)();
        let validity = &description.validity;
        (validity.not_before()..=validity.not_after()).contains(&now)
    }

    /// Stores the description of the next certificate under the label `SKREGPENDING`.
    async fn new_pending(
        &self,
        arn: &str,
        version_id: &str,
        current: KeyDocument,
    ) -> Result<KeyDocument, Diagnostics> {
        let description = self.new_description()?;
        let serial_number = description.serial_number.to_string();
        let pending = match self.rotates_key {
            true => self.new_document(description).await?,
            false => {
                self.certificate
                    .check(&description, current.key().public())?;
                let next = current.reissuing(description, self.chain());
                self.signing(next.map_err(|error| self.wording.reissue_impossible(arn, &error))?)
            }
        };
        let text = pending.to_text();
        let text = text.map_err(|error| self.wording.reissue_impossible(arn, &error))?;
        let token = token(&["pending", arn, version_id, &serial_number]);
        let stored = |now: &SecretDescription| now.version_with_stage(PENDING) == Some(&token);
        self.put(arn, &token, &text, &[PENDING], &stored).await?;
        Ok(pending)
    }

    /// Writes a version. A lost response is not an error if the description shows the version.
    pub(super) async fn put(
        &self,
        arn: &str,
        token: &str,
        text: &SecretText,
        stages: &[&str],
        stored: &(impl Fn(&SecretDescription) -> bool + Sync),
    ) -> Result<(), Diagnostics> {
        let put = || self.store.put_staged(arn, token, text, stages);
        let action = "secretsmanager:PutSecretValue";
        let failed = match visible(self.store, self.call, action, put).await {
            Ok(_) => return Ok(()),
            Err(error) if error.is(EXISTS) || error.is_transient() => error,
            Err(error) => return Err(self.not_reissued(arn, &error).into()),
        };
        match described(self.store, self.call, arn, stored).await {
            Ok(now) if stored(&now) => Ok(()),
            Ok(_) => Err(self.not_reissued(arn, &failed).into()),
            Err(error) => Err(self.not_reissued(arn, &error).into()),
        }
    }

    /// Signs the pending certificate, and makes the complete document the current version.
    async fn complete(
        &self,
        stored: &StoredVersion,
        pending: KeyDocument,
        successor: String,
    ) -> Result<Issued, Diagnostics> {
        let arn = stored.arn.as_str();
        let description = match pending.stage() {
            Stage::Pending(pending) | Stage::Reissuing { pending, .. } => pending.clone(),
            Stage::KeyOnly | Stage::Issued(_) => {
                return Err(self.wording.not_importable(arn).into());
            }
        };
        let (complete, text) = Box::pin(self.certify(arn, &description, pending)).await?;
        let is_current =
            |now: &SecretDescription| now.current_version_id.as_deref() == Some(&successor);
        let stages = [CURRENT, PENDING];
        self.put(arn, &successor, &text, &stages, &is_current)
            .await?;
        // If another run with the same state was faster, its certificate is the current one.
        let now = described(self.store, self.call, arn, is_current).await;
        let now = now.map_err(|error| self.not_reissued(arn, &error))?;
        if !is_current(&now) {
            return Err(self.wording.created_by_another_run(arn).into());
        }
        self.tag_key(&now, &complete).await?;
        let location = WrittenVersion {
            arn: stored.arn.clone(),
            version_id: successor,
        };
        Issued::of(&complete, location)
    }

    /// Adopts the certificate of an interrupted reissue if it is the configured one.
    async fn adopt_successor(
        &self,
        stored: &StoredVersion,
        successor: String,
    ) -> Result<Issued, Diagnostics> {
        let arn = stored.arn.as_str();
        let (document, version_id) = self.read(arn).await?;
        if version_id != successor || !self.extends(stored, &document) {
            return Err(self.wording.created_by_another_run(arn).into());
        }
        let description = document.certificate().map(Certificate::description);
        let differences = description.map(|found| self.certificate.differences(found));
        let differences = differences.unwrap_or_default();
        if !differences.is_empty() {
            return Err(self.wording.another_reissue(arn, &differences).into());
        }
        let describe = self.store.describe(arn);
        let secret = bounded(self.call, "secretsmanager:DescribeSecret", describe).await;
        let secret = secret.map_err(|error| self.not_described(&error))?;
        self.tag_key(&secret, &document).await?;
        let location = WrittenVersion {
            arn: stored.arn.clone(),
            version_id: successor,
        };
        let issued = Issued::of(&document, location)?;
        let adopted = self.wording.reissue_adopted(arn, issued.certificate());
        self.call.warnings.push(adopted);
        Ok(issued)
    }

    /// Returns whether a complete document extends the history in the state by one certificate, or contains the first
    /// certificate of a new key.
    fn extends(&self, stored: &StoredVersion, document: &KeyDocument) -> bool {
        let history = document.history();
        if self.rotates_key {
            return history.len() == 1;
        }
        let earlier = history
            .len()
            .checked_sub(2)
            .and_then(|last| history.get(last));
        earlier.is_some_and(|earlier| earlier.sha256().to_string() == stored.certificate_sha256)
    }

    /// Writes the hash of a new key to the tag that identifies the key.
    async fn tag_key(
        &self,
        secret: &SecretDescription,
        document: &KeyDocument,
    ) -> Result<(), Diagnostics> {
        let hash = document.key().public().sha256().to_string();
        if secret.tags.get(KEY_TAG) == Some(&hash) {
            return Ok(());
        }
        let tags = BTreeMap::from([(KEY_TAG.to_owned(), hash)]);
        let tag = || self.store.tag(&secret.arn, &tags);
        let tagged = visible(self.store, self.call, "secretsmanager:TagResource", tag).await;
        tagged.map_err(|error| self.not_reissued(&secret.arn, &error).into())
    }

    fn not_reissued(&self, arn: &str, error: &crate::aws::AwsError) -> Diagnostic {
        self.wording.not_reissued(arn, error, self.kms_key())
    }
}
