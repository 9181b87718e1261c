//! Creation of a stored key: a key, which is stored before anything is signed, and its certificate.
//!
//! # Call order and effects of interruptions
//!
//! | Call | Result of an interruption after the call | Next apply |
//! |---|---|---|
//! | `DescribeSecret` with the name | no change | starts over |
//! | `CreateSecret` (key, certificate description, tags with the marker) | key with marker, one version | adopts the stored key and description, and reports a warning |
//! | `PutSecretValue` (same key, certificate) | key and certificate with marker, two versions | fails during planning with the import command |
//! | `DescribeSecret`, `UntagResource` (marker) | complete object | fails during planning with the import command |
//!
//! A lost response is not an interruption: the run checks whether the call took effect and continues.
//!
//! `PutSecretValue` never stores a different key: its value is derived from the document that was last read or written,
//! and [`KeyDocument`] cannot replace its key. The call's token is derived from the version with the pending
//! description. If more than one certificate is signed for the same description (ECDSA signatures are randomized),
//! Secrets Manager stores the first certificate and rejects the others.
//!
//! The marker value identifies the run. A run that adopts another run's key writes its own marker, and checks that no
//! certificate was stored in the meantime. After storing a certificate, each run checks the marker again. If two runs
//! for two states compete, at most one succeeds, and the other fails with the import command. If both runs sign a
//! certificate for the same description, the certificate that was stored first is used.
//!
//! Failures must not return a state because the resource instance would be tainted.

use std::collections::BTreeMap;

use tfplugin::{Diagnostic, Diagnostics};

use super::calls::{RELEASE, bounded, described, repeated, visible};
use super::certification::{Certification, Issued, token};
use super::diagnostics;
use super::intent::CertificateIntent;
use super::key_store::KeyStores;
use super::ownership::{belongs_to, unfinished};
use super::replicas;
use super::tags::KEY_TAG;
use crate::aws::AwsError;
use crate::aws::secrets::{
    EXISTS, INVALID_REQUEST, NOT_FOUND, NewSecret, SecretDescription, SecretStore, WrittenVersion,
};
use crate::aws::tags::UNFINISHED_TAG;
use crate::pki::{Description, KeyDocument, PublicKey};

impl<S: KeyStores, C: CertificateIntent> Certification<'_, S, C> {
    /// Creates the key and its certificate, or completes an interrupted create.
    pub(super) async fn create(mut self) -> Result<Issued, Diagnostics> {
        let found = self.find_existing().await?;
        self.check_clock()?;
        self.open_issuer().await?;
        let description = self.new_description()?;
        let marker = description.serial_number.to_string();
        match found {
            Some(secret) => Box::pin(self.adopt(&secret, &marker)).await,
            None => Box::pin(self.create_new(description, &marker)).await,
        }
    }

    /// Returns the existing secret with the configured name if this create can adopt the secret.
    async fn find_existing(&self) -> Result<Option<SecretDescription>, Diagnostics> {
        let describe = self.store.describe(&self.key.secret_name);
        let description = match bounded(self.call, "secretsmanager:DescribeSecret", describe).await
        {
            Ok(description) => description,
            Err(error) if error.is(NOT_FOUND) => return Ok(None),
            Err(error) => return Err(self.not_described(&error).into()),
        };
        if description.pending_deletion() && self.key.recovery_window_in_days == 0 {
            // The secret might have been deleted without recovery. Only CreateSecret shows whether the name is
            // available.
            return Ok(None);
        }
        unfinished(self.wording, &description)?;
        Ok(Some(description))
    }

    async fn create_new(
        &self,
        description: Description,
        marker: &str,
    ) -> Result<Issued, Diagnostics> {
        let document = Box::pin(self.new_document(description)).await?;
        if let Some(location) = self.store_key(&document, marker).await? {
            return Box::pin(self.finish(document, location, marker)).await;
        }
        let name = &self.key.secret_name;
        let taken = described(self.store, self.call, name, |_| true).await;
        let taken = taken.map_err(|error| self.not_described(&error))?;
        if !belongs_to(&taken, marker) {
            unfinished(self.wording, &taken)?;
            return Box::pin(self.adopt(&taken, marker)).await;
        }
        // The secret belongs to this run, so only the CreateSecret response was lost.
        let (document, version_id) = self.read(&taken.arn).await?;
        let arn = taken.arn;
        let location = WrittenVersion { arn, version_id };
        Box::pin(self.finish(document, location, marker)).await
    }

    /// Stores the key. Returns `None` if a secret with this name already exists.
    async fn store_key(
        &self,
        document: &KeyDocument,
        marker: &str,
    ) -> Result<Option<WrittenVersion>, Diagnostics> {
        let text = document
            .to_text()
            .map_err(|error| Diagnostic::bug("The key cannot be stored", error))?;
        let key = document.key().public();
        let (tags, token) = (
            self.tags(key, marker),
            token(&["key", &key.sha256().to_string()]),
        );
        let secret_description = self
            .wording
            .secret_description(self.key.kms_key_arn.is_some());
        let replica_regions = replicas::targets(self.key.replica_regions.iter().flatten());
        let create = || {
            self.store.create(NewSecret {
                name: &self.key.secret_name,
                description: &secret_description,
                kms_key_id: self.key.kms_key_id.as_deref(),
                tags: &tags,
                token: &token,
                value: &text,
                replica_regions: &replica_regions,
            })
        };
        let pauses = match self.key.recovery_window_in_days {
            0 => &RELEASE[..],
            _ => &[],
        };
        let action = "secretsmanager:CreateSecret";
        let created = repeated(self.store, self.call, action, pauses, create, |outcome| {
            outcome.as_ref().is_err_and(is_name_pending_deletion)
        });
        match created.await {
            Ok(location) => Ok(Some(location)),
            Err(error) if error.is(EXISTS) => Ok(None),
            Err(error) if is_name_pending_deletion(&error) => {
                Err(self.wording.name_not_free(&self.key.secret_name).into())
            }
            Err(error) => Err(self.failed(&self.wording.not_stored(), &error).into()),
        }
    }

    /// Continues with the key from an interrupted create if the key matches the configuration exactly.
    async fn adopt(&self, secret: &SecretDescription, marker: &str) -> Result<Issued, Diagnostics> {
        let arn = &secret.arn;
        let (document, version_id) = self.read(arn).await?;
        if document.certificate().is_some() {
            return Err(self.wording.authority_exists(arn).into());
        }
        let key = document.key().public().clone();
        let kms_key_id = secret.kms_key_id.as_deref();
        let mut differences = self.key.differences(&document, kms_key_id);
        if let Some(described) = document.pending_issuance() {
            differences.extend(self.differences_of_description(described));
        }
        if let Some(supplied) = &self.private_key {
            differences.extend(supplied.difference(self.key.algorithm, &key)?);
        }
        if !differences.is_empty() {
            return Err(self.wording.another_authority(arn, &differences).into());
        }
        let (expected, tagged) = (key.sha256().to_string(), secret.tags.get(KEY_TAG));
        if tagged != Some(&expected) {
            let tagged = tagged.map(String::as_str);
            return Err(self.wording.tag_changed(arn, &expected, tagged).into());
        }
        let description = match document.pending_issuance() {
            Some(described) => described.clone(),
            None => self.new_description()?,
        };
        self.certificate.check(&description, &key)?;
        self.claim(secret, &key, marker).await?;
        let document = self.described(document.into_key(), description);
        let location = WrittenVersion {
            arn: arn.clone(),
            version_id,
        };
        let issued = Box::pin(self.finish(document, location, marker)).await?;
        if let Some(regions) = &self.key.replica_regions {
            let replicated = replicas::synchronize(self.store, self.call, secret, regions).await;
            let failed = replicated.err();
            let failed = failed.map(|error| diagnostics::adopted_not_replicated(arn, &error));
            self.call.warnings.extend(failed);
        }
        let adopted = self.wording.adopted(arn, issued.certificate());
        self.call.warnings.push(adopted);
        Ok(issued)
    }

    /// Writes this run's marker, and checks that no other run has continued in the meantime.
    async fn claim(
        &self,
        secret: &SecretDescription,
        key: &PublicKey,
        marker: &str,
    ) -> Result<(), Diagnostics> {
        let arn = &secret.arn;
        let mut tags = self.tags(key, marker);
        tags.retain(|name, value| secret.tags.get(name) != Some(value));
        let tag = || self.store.tag(arn, &tags);
        let tagged = visible(self.store, self.call, "secretsmanager:TagResource", tag).await;
        tagged.map_err(|error| self.failed("Adopted secret could not be tagged", &error))?;
        let claimed = described(self.store, self.call, arn, |now| belongs_to(now, marker)).await;
        let claimed = claimed.map_err(|error| self.not_described(&error))?;
        if !belongs_to(&claimed, marker) {
            return Err(self.wording.created_by_another_run(arn).into());
        }
        if let Err(refused) = unfinished(self.wording, &claimed) {
            self.remove_marker(arn).await;
            return Err(refused.into());
        }
        Ok(())
    }

    /// Signs the pending certificate, stores it with its key, and removes the marker.
    async fn finish(
        &self,
        document: KeyDocument,
        location: WrittenVersion,
        marker: &str,
    ) -> Result<Issued, Diagnostics> {
        let arn = location.arn.as_str();
        let Some(description) = document.pending_issuance().cloned() else {
            return Err(self.wording.authority_exists(arn).into());
        };
        let (complete, text) = Box::pin(self.certify(arn, &description, document)).await?;
        let token = token(&["certificate", arn, &location.version_id]);
        let put = || self.store.put(arn, &token, &text);
        let action = "secretsmanager:PutSecretValue";
        // The token becomes the version ID. It identifies the version even if another call wrote the version or the
        // response was lost.
        let (version_id, failed) = match visible(self.store, self.call, action, put).await {
            Ok(written) => (written.version_id, None),
            Err(error) if error.is(EXISTS) || error.is_transient() => (token, Some(error)),
            Err(error) => return Err(self.not_certified(arn, &error).into()),
        };
        let is_current =
            |now: &SecretDescription| now.current_version_id.as_deref() == Some(&version_id);
        let now = match described(self.store, self.call, arn, is_current).await {
            Ok(now) => now,
            Err(error) => return Err(self.not_certified(arn, &failed.unwrap_or(error)).into()),
        };
        match &failed {
            Some(error) if !is_current(&now) && !error.is(EXISTS) => {
                return Err(self.not_certified(arn, error).into());
            }
            _ if !is_current(&now) || !belongs_to(&now, marker) => {
                return Err(self.wording.created_by_another_run(arn).into());
            }
            _ => {}
        }
        self.call.warnings.extend(replicas::failures(&now));
        let complete = match failed {
            Some(_) => {
                let stored = self.first_stored(arn, &complete).await?;
                stored.ok_or_else(|| self.wording.created_by_another_run(arn))?
            }
            None => complete,
        };
        if let Some(warning) = self.remove_marker(arn).await {
            self.call.warnings.push(warning);
        }
        let arn = location.arn;
        Issued::of(&complete, WrittenVersion { arn, version_id })
    }

    /// Removes the marker. A failure causes only a warning because a create never adopts a key with a certificate.
    async fn remove_marker(&self, arn: &str) -> Option<Diagnostic> {
        let marker = [UNFINISHED_TAG.to_owned()];
        let untag = || self.store.untag(arn, &marker);
        let removed = visible(self.store, self.call, "secretsmanager:UntagResource", untag).await;
        removed
            .err()
            .map(|error| self.wording.marker_not_removed(arn, &error))
    }

    fn tags(&self, key: &PublicKey, marker: &str) -> BTreeMap<String, String> {
        let mut tags = self.store.default_tags();
        tags.extend(self.key.tags.clone());
        tags.insert(KEY_TAG.to_owned(), key.sha256().to_string());
        tags.insert(UNFINISHED_TAG.to_owned(), marker.to_owned());
        tags
    }
}

/// Returns whether `CreateSecret` failed because a secret with this name is scheduled for deletion.
fn is_name_pending_deletion(error: &AwsError) -> bool {
    error.is(INVALID_REQUEST) && error.message.contains("deletion")
}
