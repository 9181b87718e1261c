//! Creation of an authority: one key, stored before anything is signed, and one certificate that fits it.
//!
//! # Order of calls, and what an interruption leaves
//!
//! | call | state that an interruption after it leaves | next apply |
//! |---|---|---|
//! | `DescribeSecret` of the name | nothing | starts anew |
//! | `CreateSecret` (key, decided serial number and times, tags with the mark) | key with mark, one version | goes on with the stored key and decision, and reports it |
//! | `PutSecretValue` (same key, certificate) | key and certificate with mark, two versions | is refused at plan, with the import command |
//! | `DescribeSecret`, `UntagResource` (mark) | finished authority | is refused at plan, with the import command |
//!
//! An answer that is lost is not an interruption: the run looks at what the call has done and goes on.
//!
//! `PutSecretValue` never carries another key: the text is made of the document that was just read or written, and
//! [`KeyDocument`] has no way to exchange its key. Its token is derived from the version that holds the decision, so
//! of several certificates that may be signed for one decision (ECDSA signatures are random) Secrets Manager keeps the
//! first and refuses the others.
//!
//! The value of the mark names the run. A run that goes on with the key of another one writes its own mark, looks
//! whether a certificate has appeared since, and after its certificate is stored both look at the mark again. So of two
//! runs for two states at most one succeeds; the other ends with the import command. Where both have signed for the same
//! decision, the certificate that was stored first is that of the authority.
//!
//! Nothing of this may end in a state that is tainted: failures leave no state.

use std::collections::BTreeMap;
use std::future::Future;

use jiff::{SignedDuration, Timestamp};
use tfplugin::{Call, Diagnostic, Diagnostics};

use super::super::calls::{RELEASE, bounded, described, read_document, repeated, visible};
use super::super::diagnostics::{self, NOT_DESCRIBED};
use super::super::intent::Intent;
use super::super::model::RootCa;
use super::super::ownership::{belongs_to, unfinished};
use super::super::tags::KEY_TAG;
use crate::aws::AwsError;
use crate::aws::secrets::{
    EXISTS, INVALID_REQUEST, NOT_FOUND, NewSecret, SecretDescription, SecretStore, WrittenVersion,
};
use crate::aws::tags::UNFINISHED_TAG;
use crate::pki::{
    Certificate, Description, Entropy, KeyDocument, PublicKey, SerialNumber, Sha256Fingerprint,
    SoftwareKey, Stage, issue,
};

/// How far the clock of this machine may be from that of AWS. Secrets Manager itself refuses a request whose signature
/// is further off (user guide of IAM, "Signature Version 4": five minutes).
const MAX_CLOCK_DIFFERENCE: SignedDuration = SignedDuration::from_mins(5);

/// An authority whose key and certificate are stored.
pub(super) struct Authority {
    pub(super) certificate: Certificate,
    pub(super) location: WrittenVersion,
}

/// Everything that the creation of an authority needs.
pub(super) struct Creation<'a, S> {
    pub(super) store: &'a S,
    pub(super) call: &'a Call,
    pub(super) entropy: &'a dyn Entropy,
    pub(super) now: fn() -> Timestamp,
    pub(super) intent: &'a Intent,
}

impl<S: SecretStore> Creation<'_, S> {
    /// Creates the authority, or finishes what an interrupted create has left of it.
    pub(super) async fn run(&self) -> Result<Authority, Diagnostics> {
        let found = self.look_up().await?;
        self.expect_exact_clock()?;
        let description = self.decide()?;
        let mark = description.serial_number.to_string();
        match found {
            Some(secret) => self.adopt(&secret, &mark).await,
            None => self.begin(description, &mark).await,
        }
    }

    /// What exists under the name, if a create may go on with it.
    async fn look_up(&self) -> Result<Option<SecretDescription>, Diagnostics> {
        let describe = self.store.describe(&self.intent.secret_name);
        let description = match bounded(self.call, "secretsmanager:DescribeSecret", describe).await
        {
            Ok(description) => description,
            Err(error) if error.is(NOT_FOUND) => return Ok(None),
            Err(error) => return Err(self.failed(NOT_DESCRIBED, &error).into()),
        };
        if description.pending_deletion() && self.intent.recovery_window_in_days == 0 {
            // Perhaps it was deleted without recovery a moment ago: CreateSecret decides.
            return Ok(None);
        }
        unfinished(&description)?;
        Ok(Some(description))
    }

    /// Times in a certificate come from the clock of this machine, so it must agree with that of AWS.
    fn expect_exact_clock(&self) -> Result<(), Diagnostic> {
        let Some(theirs) = self.store.answered_at() else {
            return Ok(());
        };
        let ours = (self.now)();
        match ours.duration_since(theirs).abs() > MAX_CLOCK_DIFFERENCE {
            true => Err(diagnostics::clock_differs(ours, theirs)),
            false => Ok(()),
        }
    }

    /// Decides serial number and times once, before the key is stored.
    fn decide(&self) -> Result<Description, Diagnostics> {
        let validity = self.intent.term.from((self.now)()).map_err(|error| {
            Diagnostic::error(
                "Validity is out of range",
                format!("{error}. Choose a later or nearer end."),
            )
            .at(RootCa::paths().validity_days())
        })?;
        let serial_number = SerialNumber::random(self.entropy).map_err(|error| {
            let detail = format!("{error}. Nothing was created. Apply again.");
            Diagnostic::error("Serial number could not be generated", detail)
        })?;
        let (name, path_length) = (self.intent.subject.clone(), self.intent.path_length);
        Ok(Description::root(
            name,
            serial_number,
            validity,
            path_length,
        ))
    }

    async fn begin(&self, description: Description, mark: &str) -> Result<Authority, Diagnostics> {
        let document = KeyDocument::pending(self.generate().await?, description, Vec::new());
        if let Some(location) = self.store_key(&document, mark).await? {
            return self.finish(document, location, mark).await;
        }
        let name = &self.intent.secret_name;
        let taken = described(self.store, self.call, name, |_| true).await;
        let taken = taken.map_err(|error| self.failed(NOT_DESCRIBED, &error))?;
        if !belongs_to(&taken, mark) {
            unfinished(&taken)?;
            return self.adopt(&taken, mark).await;
        }
        // Only the answer to this run's own call was lost.
        let (document, version_id) = self.read(&taken.arn).await?;
        let arn = taken.arn;
        let location = WrittenVersion { arn, version_id };
        self.finish(document, location, mark).await
    }

    async fn generate(&self) -> Result<SoftwareKey, Diagnostics> {
        let algorithm = self.intent.algorithm;
        let made = self
            .blocking(move || SoftwareKey::generate(algorithm))
            .await?;
        made.map_err(|error| {
            let detail = format!("{error}. Nothing was created. Apply again.");
            Diagnostic::error("Root key could not be generated", detail).into()
        })
    }

    /// Stores the key; `None` if the name is taken.
    async fn store_key(
        &self,
        document: &KeyDocument,
        mark: &str,
    ) -> Result<Option<WrittenVersion>, Diagnostics> {
        let text = document
            .to_text()
            .map_err(|error| Diagnostic::bug("The key cannot be stored", error))?;
        let key = document.key().public();
        let (tags, token) = (
            self.tags(key, mark),
            token(&["key", &key.sha256().to_string()]),
        );
        let create = || {
            self.store.create(NewSecret {
                name: &self.intent.secret_name,
                description: "Private key and certificate of a root certificate authority. Managed by \
                    terraform-provider-skreg; do not edit or rotate.",
                kms_key_id: self.intent.kms_key_id.as_deref(),
                tags: &tags,
                token: &token,
                value: &text,
            })
        };
        let pauses = match self.intent.recovery_window_in_days {
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
                Err(diagnostics::name_not_free(&self.intent.secret_name).into())
            }
            Err(error) => Err(self.failed("Root key could not be stored", &error).into()),
        }
    }

    /// Goes on with the key of an interrupted create, if it is exactly what is configured.
    async fn adopt(
        &self,
        secret: &SecretDescription,
        mark: &str,
    ) -> Result<Authority, Diagnostics> {
        let arn = &secret.arn;
        let (document, version_id) = self.read(arn).await?;
        if document.certificate().is_some() {
            return Err(diagnostics::authority_exists(arn).into());
        }
        let key = document.key().public().clone();
        let kms_key_id = secret.kms_key_id.as_deref();
        let differences = self.intent.differences(&document, kms_key_id);
        if !differences.is_empty() {
            return Err(diagnostics::another_authority(arn, &differences).into());
        }
        let (expected, tagged) = (key.sha256().to_string(), secret.tags.get(KEY_TAG));
        if tagged != Some(&expected) {
            let tagged = tagged.map(String::as_str);
            return Err(diagnostics::tag_changed(arn, &expected, tagged).into());
        }
        self.claim(secret, &key, mark).await?;
        let location = WrittenVersion {
            arn: arn.clone(),
            version_id,
        };
        let authority = self.finish(document, location, mark).await?;
        let adopted = diagnostics::adopted(arn, &authority.certificate);
        self.call.warnings.push(adopted);
        Ok(authority)
    }

    /// Writes the mark of this run, and checks that no other run has gone on in the meantime.
    async fn claim(
        &self,
        secret: &SecretDescription,
        key: &PublicKey,
        mark: &str,
    ) -> Result<(), Diagnostics> {
        let arn = &secret.arn;
        let mut tags = self.tags(key, mark);
        tags.retain(|name, value| secret.tags.get(name) != Some(value));
        let tag = || self.store.tag(arn, &tags);
        let tagged = visible(self.store, self.call, "secretsmanager:TagResource", tag).await;
        tagged.map_err(|error| self.failed("Adopted secret could not be tagged", &error))?;
        let claimed = described(self.store, self.call, arn, |now| belongs_to(now, mark)).await;
        let claimed = claimed.map_err(|error| self.failed(NOT_DESCRIBED, &error))?;
        if !belongs_to(&claimed, mark) {
            return Err(diagnostics::created_by_another_run(arn).into());
        }
        if let Err(refused) = unfinished(&claimed) {
            self.remove_mark(arn).await;
            return Err(refused.into());
        }
        Ok(())
    }

    /// Signs what was decided, stores the certificate beside its key, and removes the mark.
    async fn finish(
        &self,
        document: KeyDocument,
        location: WrittenVersion,
        mark: &str,
    ) -> Result<Authority, Diagnostics> {
        let arn = location.arn.as_str();
        let description = match document.stage() {
            Stage::Pending(description) => description.clone(),
            Stage::KeyOnly => self.decide()?,
            Stage::Issued(_) => return Err(diagnostics::authority_exists(arn).into()),
        };
        let (key, failed) = (document.key(), diagnostics::certification_failed);
        let issued = self.within(issue(&description, key.public(), key)).await?;
        let certificate = issued.map_err(|error| failed(arn, &error))?;
        let text = document
            .with_certificate(certificate.clone())
            .and_then(|document| document.to_text())
            .map_err(|error| failed(arn, &error))?;
        let token = token(&["certificate", arn, &location.version_id]);
        let put = || self.store.put(arn, &token, &text);
        let action = "secretsmanager:PutSecretValue";
        // The token becomes the id of the version, so it can be looked for where this call did not write it or its answer
        // was lost.
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
            _ if !is_current(&now) || !belongs_to(&now, mark) => {
                return Err(diagnostics::created_by_another_run(arn).into());
            }
            _ => {}
        }
        let certificate = match failed {
            Some(error) if error.is(EXISTS) => self.first_stored(arn, &certificate).await?,
            _ => certificate,
        };
        if let Some(warning) = self.remove_mark(arn).await {
            self.call.warnings.push(warning);
        }
        let arn = location.arn;
        Ok(Authority {
            certificate,
            location: WrittenVersion { arn, version_id },
        })
    }

    /// Reads the certificate that another run has stored for the same decision before this one could. That run stops,
    /// because the mark is that of this one.
    async fn first_stored(&self, arn: &str, own: &Certificate) -> Result<Certificate, Diagnostics> {
        let (document, _) = self.read(arn).await?;
        let same = |stored: &&Certificate| {
            stored.description() == own.description() && stored.public_key() == own.public_key()
        };
        match document.certificate().filter(same) {
            Some(certificate) => Ok(certificate.clone()),
            None => Err(diagnostics::created_by_another_run(arn).into()),
        }
    }

    /// Removes the mark; returns a warning where that fails, because an issued certificate is not adopted anyway.
    async fn remove_mark(&self, arn: &str) -> Option<Diagnostic> {
        let mark = [UNFINISHED_TAG.to_owned()];
        let untag = || self.store.untag(arn, &mark);
        let removed = visible(self.store, self.call, "secretsmanager:UntagResource", untag).await;
        removed
            .err()
            .map(|error| diagnostics::mark_not_removed(arn, &error))
    }

    async fn read(&self, arn: &str) -> Result<(KeyDocument, String), Diagnostics> {
        read_document(self.store, self.call, arn, self.kms_key()).await
    }

    fn tags(&self, key: &PublicKey, mark: &str) -> BTreeMap<String, String> {
        let mut tags = self.store.default_tags();
        tags.extend(self.intent.tags.clone());
        tags.insert(KEY_TAG.to_owned(), key.sha256().to_string());
        tags.insert(UNFINISHED_TAG.to_owned(), mark.to_owned());
        tags
    }

    fn kms_key(&self) -> Option<&str> {
        self.intent.kms_key_id.as_deref()
    }

    fn failed(&self, what: &str, error: &AwsError) -> Diagnostic {
        diagnostics::call_failed(what, error, self.kms_key())
    }

    fn not_certified(&self, arn: &str, error: &AwsError) -> Diagnostic {
        diagnostics::certificate_not_stored(arn, error, self.kms_key())
    }

    /// Does work that takes long where blocking is allowed, unless the run is interrupted or its time is over.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Diagnostics> {
        let done = self.within(tokio::task::spawn_blocking(work)).await?;
        done.map_err(|error| Diagnostic::bug("The cryptographic work failed", error).into())
    }

    /// Does work that is not a call, unless the run is interrupted or its time is over.
    async fn within<T>(&self, work: impl Future<Output = T>) -> Result<T, Diagnostics> {
        let done = super::super::calls::within(self.call, work).await;
        done.map_err(|stopped| diagnostics::stopped(stopped).into())
    }
}

/// The refusal of `CreateSecret` while a secret of the name is scheduled for deletion.
fn is_name_pending_deletion(error: &AwsError) -> bool {
    error.is(INVALID_REQUEST) && error.message.contains("deletion")
}

/// A write token: 64 characters that depend on nothing but what is written.
fn token(parts: &[&str]) -> String {
    Sha256Fingerprint::of(parts.join("\n").as_bytes()).to_string()
}
