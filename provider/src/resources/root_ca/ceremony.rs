//! The making of an authority: one key, stored before anything is signed, and one certificate that fits it.
//!
//! # Order of calls, and what an interruption leaves
//!
//! | call | interrupted before it took effect | interrupted after |
//! |---|---|---|
//! | `CreateSecret` (key, decided serial and times) | nothing exists; the next apply begins anew | the next apply is refused the name, reads the secret and goes on with the stored key and decision |
//! | `PutSecretValue` (same key, certificate) | as above | the next apply finds key and certificate and adopts both |
//!
//! `PutSecretValue` never carries another key: the text is made of the document that was just read or written, and
//! [`SecretDocument`] has no way to exchange its key. Its token is derived from the version that holds the decision,
//! so of several certificates that may be signed for one decision (ECDSA signatures are random) Secrets Manager keeps
//! the first and refuses the others; who is refused reads the one that was kept.
//!
//! Nothing of this may end in a state that is tainted: failures leave no state, and the stored key is adopted later.

use std::future::Future;

use jiff::Timestamp;
use tfplugin::{Call, Diagnostic, Diagnostics};

use super::guard::{ADOPTION_TAG, KEY_TAG};
use super::intent::Intent;
use super::model::RootCa;
use super::refusals;
use crate::aws::secrets::{
    EXISTS, INVALID_REQUEST, NewSecret, SecretDescription, SecretStore, SecretStores,
    WrittenVersion,
};
use crate::aws::{AwsError, AwsErrorKind};
use crate::pki::{
    CaKey, Entropy, Issuance, PublicKey, RootCertificate, SecretDocument, SerialNumber,
    Sha256Fingerprint, Stage,
};

/// An authority whose key and certificate are stored.
pub(super) struct Authority {
    pub(super) certificate: RootCertificate,
    pub(super) location: WrittenVersion,
    pub(super) warnings: Diagnostics,
    /// The value of [`ADOPTION_TAG`], if the key was taken over.
    pub(super) adoption: Option<String>,
}

impl Authority {
    fn new(certificate: RootCertificate, location: WrittenVersion) -> Self {
        Self {
            certificate,
            location,
            warnings: Diagnostics::new(),
            adoption: None,
        }
    }
}

/// Everything the making of an authority needs.
pub(super) struct Ceremony<'a, S> {
    pub(super) store: &'a S,
    pub(super) call: &'a Call,
    pub(super) entropy: &'a dyn Entropy,
    pub(super) now: Timestamp,
    pub(super) intent: &'a Intent,
}

impl<S: SecretStore> Ceremony<'_, S> {
    /// Makes the authority, or adopts exactly the one that is asked for.
    pub(super) async fn create(&self) -> Result<Authority, Diagnostics> {
        let issuance = self.decide()?;
        let key = self.generate().await?;
        let own = key.public().clone();
        let document = SecretDocument::pending(key, issuance);
        match self.store_key(&document).await? {
            Stored::Here(location) => self.certify(document, location).await,
            Stored::NameTaken => self.adopt(&own).await,
        }
    }

    /// Decides serial number and times once, before the key is stored.
    fn decide(&self) -> Result<Issuance, Diagnostics> {
        let validity = self.intent.term.from(self.now).map_err(|error| {
            Diagnostic::error("The validity cannot be met", format!("{error}."))
                .at(RootCa::paths().validity_days())
        })?;
        let serial_number = SerialNumber::random(self.entropy)
            .map_err(|error| Diagnostic::error("No serial number", format!("{error}.")))?;
        Ok(Issuance {
            serial_number,
            validity,
            subject: self.intent.subject.clone(),
            path_length: self.intent.path_length,
        })
    }

    async fn generate(&self) -> Result<CaKey, Diagnostics> {
        let algorithm = self.intent.algorithm;
        let made = self.blocking(move || CaKey::generate(algorithm)).await?;
        made.map_err(|error| {
            Diagnostic::error("No key was made", format!("{error}. Apply again.")).into()
        })
    }

    async fn store_key(&self, document: &SecretDocument) -> Result<Stored, Diagnostics> {
        let text = document
            .to_text()
            .map_err(|error| Diagnostic::bug("The key cannot be stored", error))?;
        let public = document.key().public();
        let secret = NewSecret {
            name: &self.intent.secret_name,
            description: "Private key and certificate of a root certificate authority. Managed by \
                terraform-provider-skreg; do not edit or rotate.",
            kms_key_id: self.intent.kms_key_id.as_deref(),
            tags: &self.tags(public),
            token: &token(&["key", &public.sha256().to_string()]),
            value: &text,
        };
        match bounded(
            self.call,
            "secretsmanager:CreateSecret",
            self.store.create(secret),
        )
        .await
        {
            Ok(location) => Ok(Stored::Here(location)),
            Err(error) if error.is(EXISTS) => Ok(Stored::NameTaken),
            Err(error) if error.is(INVALID_REQUEST) && error.message.contains("deletion") => {
                Err(refusals::name_pending_deletion(&self.intent.secret_name).into())
            }
            Err(error) => {
                Err(refusals::call_failed("The root key could not be stored", &error).into())
            }
        }
    }

    /// Signs what was decided and stores the certificate beside its key.
    async fn certify(
        &self,
        document: SecretDocument,
        location: WrittenVersion,
    ) -> Result<Authority, Diagnostics> {
        if let Some(certificate) = document.certificate() {
            return Ok(Authority::new(certificate.clone(), location));
        }
        let issuance = match document.stage() {
            Stage::Pending(issuance) => issuance.clone(),
            Stage::KeyOnly | Stage::Issued(_) => self.decide()?,
        };
        let arn = location.arn.as_str();
        let (document, certificate) = self
            .blocking(move || document.issue(&issuance))
            .await?
            .map_err(|error| refusals::certification_failed(arn, &error))?;
        let text = document
            .to_text()
            .map_err(|error| refusals::certification_failed(arn, &error))?;
        let token = token(&["certificate", arn, &location.version_id]);
        let put = self.store.put(arn, &token, &text);
        match bounded(self.call, "secretsmanager:PutSecretValue", put).await {
            Ok(location) => Ok(Authority::new(certificate, location)),
            Err(error) if error.is(EXISTS) => self.first_stored(arn, document.key().public()).await,
            Err(error) => {
                let reason = error.detail("");
                Err(refusals::stored_but_not_certified(arn, reason.trim_end_matches('.')).into())
            }
        }
    }

    /// Reads the certificate that another run stored before this one could.
    async fn first_stored(&self, arn: &str, key: &PublicKey) -> Result<Authority, Diagnostics> {
        let (document, version_id) = self.read(arn).await?;
        let same_key = document.key().public() == key;
        match document.certificate() {
            Some(certificate) if same_key => {
                let arn = arn.to_owned();
                let location = WrittenVersion { arn, version_id };
                Ok(Authority::new(certificate.clone(), location))
            }
            _ => {
                let reason = "another run is storing it at this moment";
                Err(refusals::stored_but_not_certified(arn, reason).into())
            }
        }
    }

    /// Takes over a stored key if it is exactly what is asked for. `own` is the key this run has made: if that is the
    /// one stored, only an answer was lost, and nobody needs to be warned.
    async fn adopt(&self, own: &PublicKey) -> Result<Authority, Diagnostics> {
        let description = self.describe().await?;
        let (document, version_id) = self.read(&description.arn).await?;
        let key = document.key().public().clone();
        let differences = self
            .intent
            .differences(&document, description.kms_key_id.as_deref());
        if !differences.is_empty() {
            return Err(refusals::another_authority(&description.arn, &differences).into());
        }
        let expected = key.sha256().to_string();
        let tagged = description
            .tags
            .get(KEY_TAG)
            .filter(|tagged| **tagged != expected);
        if let Some(tagged) = tagged {
            return Err(refusals::tag_changed(&description.arn, &expected, Some(tagged)).into());
        }
        let location = WrittenVersion {
            arn: description.arn.clone(),
            version_id,
        };
        let mut authority = self.certify(document, location).await?;
        let mut tags = self.tags(&key);
        if key != *own {
            // Whoever made the key may still mean to delete it, after a replacement for one. The key made in vain is
            // like no other, so its fingerprint tells this adoption from every other one.
            let mark = own.sha256().to_string();
            tags.insert(ADOPTION_TAG.to_owned(), mark.clone());
            authority.adoption = Some(mark);
        }
        self.complete_tags(&description, tags).await?;
        if key != *own {
            authority
                .warnings
                .push(refusals::adopted(&description.arn, &authority.certificate));
        }
        Ok(authority)
    }

    async fn describe(&self) -> Result<SecretDescription, Diagnostics> {
        let describe = self.store.describe(&self.intent.secret_name);
        let description = bounded(self.call, "secretsmanager:DescribeSecret", describe)
            .await
            .map_err(|error| {
                refusals::call_failed("The existing secret could not be looked at", &error)
            })?;
        if description.pending_deletion {
            return Err(refusals::name_pending_deletion(&description.name).into());
        }
        if description.rotated || description.owning_service.is_some() {
            return Err(refusals::managed_elsewhere(&description).into());
        }
        Ok(description)
    }

    async fn read(&self, arn: &str) -> Result<(SecretDocument, String), Diagnostics> {
        read_document(self.store, self.call, arn).await
    }

    async fn complete_tags(
        &self,
        description: &SecretDescription,
        mut missing: std::collections::BTreeMap<String, String>,
    ) -> Result<(), Diagnostics> {
        missing.retain(|name, value| description.tags.get(name) != Some(value));
        if missing.is_empty() {
            return Ok(());
        }
        let tag = self.store.tag(&description.arn, &missing);
        bounded(self.call, "secretsmanager:TagResource", tag)
            .await
            .map_err(|error| {
                refusals::call_failed("The adopted secret could not be tagged", &error).into()
            })
    }

    fn tags(&self, key: &PublicKey) -> std::collections::BTreeMap<String, String> {
        let mut tags = self.store.default_tags();
        tags.extend(self.intent.tags.clone());
        tags.insert(KEY_TAG.to_owned(), key.sha256().to_string());
        tags
    }

    /// Does work that takes long where blocking is allowed, unless the run is interrupted or its time is over.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Diagnostics> {
        let stopped = |why: &str| Diagnostic::error(why, "Nothing was stored since. Apply again.");
        tokio::select! {
            biased;
            () = self.call.cancel.cancelled() => Err(stopped("The run was interrupted").into()),
            () = tokio::time::sleep_until(self.call.deadline.into()) => {
                Err(stopped("The time that `timeouts` allows is over").into())
            }
            done = tokio::task::spawn_blocking(work) => {
                done.map_err(|error| Diagnostic::bug("The cryptographic work failed", error).into())
            }
        }
    }
}

enum Stored {
    Here(WrittenVersion),
    NameTaken,
}

/// Reads and checks the document in a secret.
pub(super) async fn read_document(
    store: &impl SecretStore,
    call: &Call,
    arn: &str,
) -> Result<(SecretDocument, String), Diagnostics> {
    let current = bounded(call, "secretsmanager:GetSecretValue", store.value(arn))
        .await
        .map_err(|error| refusals::call_failed("The stored root key could not be read", &error))?;
    let document = match &current.text {
        Some(text) => SecretDocument::read(text),
        None => Err(crate::pki::DocumentError::Foreign),
    };
    let document = document.map_err(|error| refusals::not_a_key_document(arn, &error))?;
    Ok((document, current.version_id))
}

/// A call that ends when the run is interrupted or its time is over.
pub(super) async fn bounded<T>(
    call: &Call,
    action: &'static str,
    work: impl Future<Output = Result<T, AwsError>>,
) -> Result<T, AwsError> {
    within(call, work).await.unwrap_or_else(|stopped| {
        Err(AwsError {
            action,
            kind: AwsErrorKind::TimedOut,
            code: None,
            message: stopped.to_owned(),
        })
    })
}

/// The store, unless the run is interrupted or its time is over before there is a way to it.
pub(super) async fn connected<S: SecretStores>(
    stores: &S,
    call: &Call,
) -> Result<S::Store, Diagnostics> {
    let store = within(call, stores.open()).await;
    store.map_err(|stopped| Diagnostics::from(refusals::not_connected(stopped)))?
}

/// Work that ends when the run is interrupted or its time is over; says which of them it was.
async fn within<T>(call: &Call, work: impl Future<Output = T>) -> Result<T, &'static str> {
    tokio::select! {
        biased;
        () = call.cancel.cancelled() => Err("the run was interrupted"),
        () = tokio::time::sleep_until(call.deadline.into()) => Err("the time that `timeouts` allows is over"),
        done = work => Ok(done),
    }
}

/// A write token: 64 characters that depend on nothing but what is written.
fn token(parts: &[&str]) -> String {
    Sha256Fingerprint::of(parts.join("\n").as_bytes()).to_string()
}
