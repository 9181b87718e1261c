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
//! differ: the slower run uses the stored certificate only if it has the same description. A refresh recognizes the
//! successor and keeps the state. The last call also moves the label `SKREGPENDING`, so the pending version no longer has a
//! label, and Secrets Manager deletes it.
//!
//! A pending version provides only the description and a new key. The history, the certificates of the issuer, and the
//! signature algorithm come from the current version and from the configuration. If an adopted end-entity certificate is
//! not the configured one, the configured one is issued after it.

use std::collections::BTreeMap;

use tfplugin::{Diagnostic, Diagnostics};

use super::calls::{bounded, described, visible};
use super::certification::{Certification, Issued, token};
use super::intent::CertificateIntent;
use super::key_store::KeyStores;
use super::succession::{StoredVersion, successor};
use super::tags::KEY_TAG;
use crate::aws::secrets::{
    CURRENT, EXISTS, NOT_FOUND, SecretDescription, SecretStore, VersionSelector, WrittenVersion,
};
use crate::pki::{CertificateKind, CertifiedKey, Description, KeyDocument};
use crate::secret_text::SecretText;

/// Staging label of a version with a description that is not certified yet.
pub(super) const PENDING: &str = "SKREGPENDING";

/// Result of a write.
pub(super) enum Written {
    /// The response confirms the written value.
    Confirmed,
    /// The version exists, but another run possibly wrote it.
    Unconfirmed,
}

impl<S: KeyStores, C: CertificateIntent> Certification<'_, S, C> {
    /// Issues the next certificate, or completes an interrupted reissue.
    pub(super) async fn reissue(mut self, stored: &StoredVersion) -> Result<Issued, Diagnostics> {
        let arn = stored.arn.as_str();
        let describe = self.store.describe(arn);
        let secret = bounded(self.call, "secretsmanager:DescribeSecret", describe).await;
        let secret = secret.map_err(|error| self.not_described(&error))?;
        self.refuse_unusable(&secret)?;
        if !stored.is_current(&secret) && !stored.is_succeeded(&secret) {
            let expected = &stored.version_id;
            return Err(self.wording.version_changed(&secret, expected).into());
        }
        let (document, version_id) = self.read(arn).await?;
        if secret.current_version_id.as_ref() != Some(&version_id) {
            return Err(self.wording.written_by_another_run(arn).into());
        }
        if !stored.is_current(&secret) && !stored.has_certificate_of(&document) {
            let adopted = self.adopt_successor(stored, &secret, &document);
            if let Some(issued) = adopted.await? {
                return Ok(issued);
            }
            // The state does not contain this key, so the next certificate is for another one.
            self.rotates_key |= !stored.has_key_of(&document);
        }
        self.check_clock()?;
        self.open_issuer().await?;
        let successor = successor(arn, &version_id);
        let pending = match self.stored_pending(&secret, &document).await? {
            Some((description, key)) => self.next_document(arn, document, description, key)?,
            None => self.new_pending(arn, &version_id, document).await?,
        };
        Box::pin(self.complete(arn, pending, successor)).await
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

    /// Returns the description of an interrupted reissue if it describes the configured certificate, and its new key, if
    /// any.
    async fn stored_pending(
        &self,
        secret: &SecretDescription,
        current: &KeyDocument,
    ) -> Result<Option<(Description, Option<CertifiedKey>)>, Diagnostics> {
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
        let Some(pending) = pending.and_then(Result::ok) else {
            return Ok(None);
        };
        Ok(self.continued(current, &pending).map(|description| {
            let key = self.rotates_key.then(|| pending.into_key());
            (description, key)
        }))
    }

    /// Returns the description in a pending document if it describes the configured certificate for the right key.
    fn continued(&self, current: &KeyDocument, pending: &KeyDocument) -> Option<Description> {
        let description = pending.pending_issuance()?;
        let key = pending.key().public();
        let is_new = key != current.key().public();
        let is_configured = is_new == self.rotates_key
            && pending.kind() == current.kind()
            && self.differences_of_description(description).is_empty()
            && self.certificate.check(description, key).is_ok();
        is_configured.then(|| description.clone())
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
        let key = match self.rotates_key {
            true => Some(self.new_key().await?),
            false => None,
        };
        let pending = self.next_document(arn, current, description, key)?;
        let text = pending.to_text();
        let text = text.map_err(|error| self.wording.reissue_impossible(arn, &error))?;
        // The serial number is random, so no other run writes this version.
        let token = token(&["pending", arn, version_id, &serial_number]);
        let stored = |now: &SecretDescription| now.version_with_stage(PENDING) == Some(&token);
        self.put(arn, &token, &text, &[PENDING], &stored).await?;
        Ok(pending)
    }

    /// Returns the document that describes the next certificate, for the key of the current document or for a new key.
    fn next_document(
        &self,
        arn: &str,
        current: KeyDocument,
        description: Description,
        new_key: Option<CertifiedKey>,
    ) -> Result<KeyDocument, Diagnostics> {
        let key = new_key.as_ref().unwrap_or(current.key());
        self.certificate.check(&description, key.public())?;
        let Some(key) = new_key else {
            let next = current.reissuing(description, self.chain());
            let next = next.map_err(|error| self.wording.reissue_impossible(arn, &error))?;
            return Ok(self.signing(next));
        };
        Ok(self.described(key, description))
    }

    /// Writes a version. A lost response is not an error if the description shows the version.
    pub(super) async fn put(
        &self,
        arn: &str,
        token: &str,
        text: &SecretText,
        stages: &[&str],
        stored: &(impl Fn(&SecretDescription) -> bool + Sync),
    ) -> Result<Written, Diagnostics> {
        let put = || self.store.put_staged(arn, token, text, stages);
        let action = "secretsmanager:PutSecretValue";
        let failed = match visible(self.store, self.call, action, put).await {
            Ok(_) => return Ok(Written::Confirmed),
            Err(error) if error.is(EXISTS) || error.is_transient() => error,
            Err(error) => return Err(self.not_reissued(arn, &error).into()),
        };
        match described(self.store, self.call, arn, stored).await {
            Ok(now) if stored(&now) => Ok(Written::Unconfirmed),
            Ok(_) => Err(self.not_reissued(arn, &failed).into()),
            Err(error) => Err(self.not_reissued(arn, &error).into()),
        }
    }

    /// Signs the pending certificate, and makes the complete document the current version.
    async fn complete(
        &self,
        arn: &str,
        pending: KeyDocument,
        successor: String,
    ) -> Result<Issued, Diagnostics> {
        let Some(description) = pending.pending_issuance().cloned() else {
            return Err(self.wording.not_importable(arn).into());
        };
        let (complete, text) = Box::pin(self.certify(arn, &description, pending)).await?;
        let is_current =
            |now: &SecretDescription| now.current_version_id.as_deref() == Some(&successor);
        let stages = [CURRENT, PENDING];
        let written = self.put(arn, &successor, &text, &stages, &is_current);
        let written = written.await?;
        let now = described(self.store, self.call, arn, is_current).await;
        let now = now.map_err(|error| self.not_reissued(arn, &error))?;
        if !is_current(&now) {
            return Err(self.wording.written_by_another_run(arn).into());
        }
        let complete = match written {
            Written::Confirmed => complete,
            // If another run with the same state was faster, its certificate is the current one.
            Written::Unconfirmed => {
                let stored = self.first_stored(arn, &complete).await?;
                stored.ok_or_else(|| self.wording.written_by_another_run(arn))?
            }
        };
        self.tag_key(&now, &complete).await?;
        let location = WrittenVersion {
            arn: arn.to_owned(),
            version_id: successor,
        };
        Issued::of(&complete, location)
    }

    /// Adopts the certificate that an interrupted run stored if it is the configured one. Returns `None` if it is another
    /// end-entity certificate, after which the configured one can be issued.
    async fn adopt_successor(
        &self,
        stored: &StoredVersion,
        secret: &SecretDescription,
        document: &KeyDocument,
    ) -> Result<Option<Issued>, Diagnostics> {
        let arn = stored.arn.as_str();
        if !self.follows(stored, document) {
            return Err(self.wording.written_by_another_run(arn).into());
        }
        let differences = self.differences_of_document(document);
        match (differences.is_empty(), document.kind()) {
            (true, _) => {}
            (false, CertificateKind::Leaf) => return Ok(None),
            (false, _) => return Err(self.wording.another_reissue(arn, &differences).into()),
        }
        self.tag_key(secret, document).await?;
        let location = WrittenVersion {
            arn: stored.arn.clone(),
            version_id: secret.current_version_id.clone().unwrap_or_default(),
        };
        let issued = Issued::of(document, location)?;
        let adopted = self.wording.reissue_adopted(arn, issued.certificate());
        self.call.warnings.push(adopted);
        Ok(Some(issued))
    }

    /// Returns whether a complete document can follow the version in the state: for an authority, if it adds one certificate
    /// for the same key. The key of an end-entity certificate can change if the plan allows another key.
    fn follows(&self, stored: &StoredVersion, document: &KeyDocument) -> bool {
        match document.kind() {
            CertificateKind::Leaf => self.accepts_key || stored.has_key_of(document),
            CertificateKind::Root | CertificateKind::Intermediate => {
                stored.has_key_of(document) && stored.precedes_certificate_of(document)
            }
        }
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
