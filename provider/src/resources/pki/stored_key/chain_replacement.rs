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
use super::reissue::Written;
use super::succession::{StoredVersion, successor};
use crate::aws::secrets::{CURRENT, SecretDescription, SecretStore, WrittenVersion};

impl<S: KeyStores, C: CertificateIntent> Certification<'_, S, C> {
    /// Stores the certificates of the configured issuer as the chain of the current certificate.
    pub(super) async fn replace_chain(self, stored: &StoredVersion) -> Result<Issued, Diagnostics> {
        let arn = stored.arn.as_str();
        let describe = self.store.describe(arn);
        let secret = bounded(self.call, "secretsmanager:DescribeSecret", describe).await;
        let secret = secret.map_err(|error| self.not_described(&error))?;
        self.refuse_unusable(&secret)?;
        let (document, version_id) = self.read(arn).await?;
        let is_known = stored.is_current(&secret) || stored.is_succeeded(&secret);
        if !is_known || secret.current_version_id.as_ref() != Some(&version_id) {
            let expected = &stored.version_id;
            return Err(self.wording.version_changed(&secret, expected).into());
        }
        if !stored.has_certificate_of(&document) {
            return Err(self.wording.written_by_another_run(arn).into());
        }
        let chain = self.chain();
        if document.chain().into_iter().eq(&chain) {
            return Issued::of(&document, location(arn, version_id));
        }
        let document = document.with_chain(chain.clone());
        let document = document.map_err(|error| self.wording.chain_unusable(arn, &error))?;
        let text = document.to_text();
        let text = text.map_err(|error| self.wording.chain_unusable(arn, &error))?;
        let token = successor(arn, &version_id);
        let is_current =
            |now: &SecretDescription| now.current_version_id.as_deref() == Some(&token);
        let written = self.put(arn, &token, &text, &[CURRENT], &is_current);
        let written = written.await?;
        let now = described(self.store, self.call, arn, is_current).await;
        let now = now.map_err(|error| self.not_described(&error))?;
        if !is_current(&now) {
            return Err(self.wording.written_by_another_run(arn).into());
        }
        if let Written::Unconfirmed = written {
            // If another run with the same state was faster, its chain is the current one.
            let (found, _) = self.read(arn).await?;
            if !stored.has_certificate_of(&found) || !found.chain().into_iter().eq(&chain) {
                return Err(self.wording.written_by_another_run(arn).into());
            }
        }
        Issued::of(&document, location(arn, token))
    }
}

fn location(arn: &str, version_id: String) -> WrittenVersion {
    WrittenVersion {
        arn: arn.to_owned(),
        version_id,
    }
}
