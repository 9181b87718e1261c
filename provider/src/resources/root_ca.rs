//! `skreg_pki_root_ca`: a root certificate authority whose key is made once and kept in AWS Secrets Manager.
//!
//! This file maps the calls of the framework to the parts: [`guard`] refuses, [`ceremony`] makes, and here it is read,
//! tagged, imported and deleted. Rules that hold everywhere: reading never drops the resource from the state and never
//! reads the secret's value; no failure leaves a tainted resource; no attribute requires replacement.

mod ceremony;
mod guard;
mod intent;
pub mod model;
mod refusals;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use tfplugin::schema::AttributePath;
use tfplugin::{
    Call, Create, Delete, Diagnostic, Diagnostics, Failure, Import, Imported, Outcome, Plan,
    Planned, Private, Read, Resource, Stored, Update, Validate,
};

use self::ceremony::{Authority, Ceremony, bounded, connected, read_document};
use self::guard::{ADOPTION_TAG, KEY_TAG};
use self::intent::Intent;
use self::model::{RootCa, RootCaPlan, SecretsManagerPlan, Subject};
use crate::aws::arn::Arn;
use crate::aws::secrets::{
    NOT_FOUND, SecretDescription, SecretStore, SecretStores, WrittenVersion,
};
use crate::aws::tags::{
    PlannedTags, dropped_tags, is_reserved_tag, known_tags, planned_tags, tags_all,
};
use crate::aws::{AwsError, AwsErrorKind};
use crate::pki::{Entropy, RootCertificate};

/// The resource type, over a way to a secret store, a clock and a source of random octets.
pub struct RootCas<S> {
    stores: S,
    now: fn() -> Timestamp,
    entropy: Box<dyn Entropy>,
}

impl<S: SecretStores> RootCas<S> {
    /// The resource type.
    pub fn new(stores: S, now: fn() -> Timestamp, entropy: impl Entropy + 'static) -> Self {
        Self {
            stores,
            now,
            entropy: Box::new(entropy),
        }
    }

    async fn make(&self, plan: RootCaPlan, call: &Call) -> Result<Stored<RootCa>, Diagnostics> {
        let intent = Intent::of(&plan)?;
        let store = connected(&self.stores, call).await?;
        let (entropy, now) = (self.entropy.as_ref(), (self.now)());
        let ceremony = Ceremony {
            store: &store,
            call,
            entropy,
            now,
            intent: &intent,
        };
        let Authority {
            certificate,
            location,
            warnings,
            adoption,
        } = ceremony.create().await?;
        let mut outputs = with_outputs(plan, &certificate, &location);
        outputs.tags_all = planned_tags(every_tag(&store.default_tags(), &intent.tags));
        let state = settled(outputs)?;
        Ok(Stored {
            warnings,
            ..Stored::new(state).private(remembering(adoption))
        })
    }

    async fn refresh(&self, mut prior: RootCaPlan, call: &Call) -> Result<RootCa, Diagnostics> {
        let store = connected(&self.stores, call).await?;
        let arn = stored_arn(&prior)?;
        refuse_other_region(&store, &arn)?;
        let description =
            bounded(call, "secretsmanager:DescribeSecret", store.describe(&arn)).await;
        let description = match description {
            Ok(description) => description,
            Err(error) => {
                refuse_elsewhere(&store, &arn, &error).await?;
                return Err(match error.is(NOT_FOUND) {
                    true => refusals::missing(&arn),
                    false => refusals::call_failed(
                        "The secret of the root key could not be looked at",
                        &error,
                    ),
                }
                .into());
            }
        };
        unchanged(&prior, &description)?;
        prior.tags = own_tags(&prior, &description.tags, &store.default_tags());
        prior.tags_all = found_tags(&description.tags);
        settled(prior)
    }

    async fn retag(
        &self,
        prior: &RootCaPlan,
        plan: RootCaPlan,
        call: &Call,
    ) -> Result<RootCa, Diagnostics> {
        let store = connected(&self.stores, call).await?;
        let wanted = every_tag(&store.default_tags(), &known_tags(&plan.tags));
        let tags_all = planned_tags(wanted.clone());
        let state = settled(RootCaPlan {
            tags_all: tags_all.clone(),
            ..plan
        })?;
        refuse_other_region(&store, &state.secret_arn)?;
        if prior.tags_all == tags_all {
            return Ok(state);
        }
        let gone = dropped_tags([&prior.tags, &prior.tags_all], &wanted);
        match write_tags(&store, call, &state.secret_arn, &gone, &wanted).await {
            Ok(()) => Ok(state),
            Err(error) => {
                refuse_elsewhere(&store, &state.secret_arn, &error).await?;
                Err(refusals::call_failed("The secret could not be tagged", &error).into())
            }
        }
    }

    async fn remove(
        &self,
        prior: &RootCaPlan,
        private: &Private,
        call: &Call,
    ) -> Result<(), Diagnostics> {
        let store = connected(&self.stores, call).await?;
        let arn = stored_arn(prior)?;
        refuse_other_region(&store, &arn)?;
        let describe = bounded(call, "secretsmanager:DescribeSecret", store.describe(&arn));
        let description = match describe.await {
            Ok(description) => description,
            Err(error) => {
                refuse_elsewhere(&store, &arn, &error).await?;
                return match error.is(NOT_FOUND) {
                    true => Ok(()),
                    false => Err(not_deleted(&error)),
                };
            }
        };
        if description.pending_deletion {
            // Then the answer of an earlier call was lost.
            return Ok(());
        }
        let mark = description.tags.get(ADOPTION_TAG).map(String::as_str);
        if mark != private.get(ADOPTION_TAG).and_then(|mark| mark.as_str()) {
            return Err(refusals::adopted_since(&arn).into());
        }
        let secret = prior.secrets_manager.known();
        let window = secret.and_then(|secret| secret.recovery_window_in_days.known().copied());
        let delete = store.delete(&arn, window.unwrap_or(LONGEST_RECOVERY_WINDOW));
        let deleted = bounded(call, "secretsmanager:DeleteSecret", delete).await;
        deleted.map_err(|error| not_deleted(&error))
    }

    async fn find(&self, id: &str, call: &Call) -> Result<Imported<RootCa>, Diagnostics> {
        let arn = arn_of_import_id(id)?;
        let store = connected(&self.stores, call).await?;
        let description = bounded(call, "secretsmanager:DescribeSecret", store.describe(arn))
            .await
            .map_err(|error| refusals::call_failed("The secret could not be looked at", &error))?;
        if description.pending_deletion {
            return Err(refusals::pending_deletion(&description.arn).into());
        }
        if description.rotated || description.owning_service.is_some() {
            return Err(refusals::managed_elsewhere(&description).into());
        }
        let (document, version_id) = read_document(&store, call, &description.arn).await?;
        let Some(certificate) = document.certificate() else {
            let detail = "it was not signed yet. It is signed by an apply of the configuration it was made for, which \
                adopts the key";
            return Err(refusals::stored_but_not_certified(&description.arn, detail).into());
        };
        let location = WrittenVersion {
            arn: description.arn.clone(),
            version_id,
        };
        let mut plan = as_configured(certificate, &description);
        let private = remembering(description.tags.get(ADOPTION_TAG).cloned());
        plan.tags = own_tags(&plan, &description.tags, &store.default_tags());
        plan.tags_all = found_tags(&description.tags);
        let state = with_outputs(plan, certificate, &location);
        Ok(Imported { state, private })
    }
}

impl<S: SecretStores> Resource for RootCas<S> {
    type Model = RootCa;

    async fn create(&self, request: Create<RootCa>) -> Outcome<RootCa> {
        self.make(request.plan, &request.call)
            .await
            .map_err(Failure::nothing)
    }

    async fn read(&self, request: Read<RootCa>) -> Result<Option<Stored<RootCa>>, Diagnostics> {
        let state = self.refresh(request.prior, &request.call).await?;
        Ok(Some(Stored::new(state)))
    }

    async fn update(&self, request: Update<RootCa>) -> Outcome<RootCa> {
        let locked = guard::locked_changes(&request.prior, &request.plan);
        if locked.has_errors() {
            return Err(Failure::unchanged(locked));
        }
        let state = self
            .retag(&request.prior, request.plan, &request.call)
            .await;
        state.map(Stored::new).map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<RootCa>) -> Result<(), Failure<RootCa>> {
        if let Some(protected) = guard::protected_from_deletion(&request.prior) {
            return Err(Failure::unchanged(protected));
        }
        self.remove(&request.prior, &request.private, &request.call)
            .await
            .map_err(Failure::unchanged)
    }

    fn validate(&self, request: Validate<RootCa>) -> Diagnostics {
        guard::illegal_configuration(&request.config)
    }

    async fn plan(&self, request: &mut Plan<RootCa>) -> Result<(), Diagnostics> {
        let found = match (&request.prior, &request.plan) {
            (Some(prior), None) => guard::protected_from_deletion(prior).into_iter().collect(),
            (None, Some(plan)) => guard::unmet_validity(plan, (self.now)()),
            (Some(prior), Some(plan)) => {
                request
                    .warnings
                    .extend(guard::postponed_validity(prior, plan));
                guard::locked_changes(prior, plan)
            }
            (None, None) => Diagnostics::new(),
        };
        found.into_result()?;
        if let Some(plan) = &mut request.plan {
            plan_tags(
                request.prior.as_ref(),
                plan,
                &self.stores.planned_default_tags(),
            );
        }
        Ok(())
    }

    async fn import(&self, request: Import) -> Result<Imported<RootCa>, Diagnostics> {
        self.find(&request.id, &request.call).await
    }
}

/// What is used where the state does not say; the longest, because it can be shortened later.
const LONGEST_RECOVERY_WINDOW: i64 = 30;

fn not_deleted(error: &AwsError) -> Diagnostics {
    refusals::call_failed("The root key was not deleted", error).into()
}

/// Private state that remembers how the key was taken over, if it was.
fn remembering(adoption: Option<String>) -> Private {
    let mut private = Private::default();
    if let Some(mark) = adoption {
        private.set(ADOPTION_TAG, mark.into());
    }
    private
}

fn settled(plan: RootCaPlan) -> Result<RootCa, Diagnostics> {
    Planned::Known(plan)
        .settle(AttributePath::root())
        .map_err(|error| {
            Diagnostic::bug("The state is incomplete", &error)
                .at(error.path.clone())
                .into()
        })
}

fn stored_arn(prior: &RootCaPlan) -> Result<String, Diagnostics> {
    prior.secret_arn.known().cloned().ok_or_else(|| {
        Diagnostic::bug("The state names no secret", "secret_arn is empty.")
            .at(RootCa::paths().secret_arn())
            .into()
    })
}

/// Fills in everything that the certificate and its place decide.
fn with_outputs(
    plan: RootCaPlan,
    certificate: &RootCertificate,
    location: &WrittenVersion,
) -> RootCaPlan {
    let (issuance, key) = (certificate.issuance(), certificate.public_key());
    RootCaPlan {
        certificate_pem: certificate.to_pem().into(),
        public_key_pem: key.to_pem().into(),
        serial_number: issuance.serial_number.to_string().into(),
        subject_key_id: key.identifier().to_string().into(),
        spki_sha256: key.sha256().to_string().into(),
        certificate_sha256: certificate.sha256().to_string().into(),
        not_before: issuance.validity.not_before().to_string().into(),
        not_after_actual: issuance.validity.not_after().to_string().into(),
        secret_arn: location.arn.clone().into(),
        secret_version_id: location.version_id.clone().into(),
        ..plan
    }
}

/// The configuration that would have led to a stored authority, with defaults where the store does not tell.
fn as_configured(certificate: &RootCertificate, description: &SecretDescription) -> RootCaPlan {
    let issuance = certificate.issuance();
    let days = issuance.validity.whole_days();
    let end = issuance.validity.not_after().to_string();
    RootCaPlan {
        subject: Planned::Known(Subject::from(&issuance.subject).into()),
        key_algorithm: certificate
            .public_key()
            .algorithm()
            .name()
            .to_owned()
            .into(),
        secrets_manager: Planned::Known(SecretsManagerPlan {
            name: description.name.clone().into(),
            kms_key_id: description.kms_key_id.clone().into(),
            recovery_window_in_days: LONGEST_RECOVERY_WINDOW.into(),
        }),
        validity_days: days.into(),
        not_after: days.is_none().then_some(end).into(),
        path_length: i64::from(issuance.path_length).into(),
        deletion_protection: true.into(),
        ..RootCaPlan::default()
    }
}

/// Whether the secret is still the one in the state, as far as it can be told without reading its value. The version
/// id stands for the value: any write makes another version.
fn unchanged(prior: &RootCaPlan, description: &SecretDescription) -> Result<(), Diagnostics> {
    let arn = &description.arn;
    if description.pending_deletion {
        return Err(refusals::pending_deletion(arn).into());
    }
    if description.rotated || description.owning_service.is_some() {
        return Err(refusals::managed_elsewhere(description).into());
    }
    let stored = |value: &Planned<String>| value.known().cloned().unwrap_or_default();
    let (key, tagged) = (stored(&prior.spki_sha256), description.tags.get(KEY_TAG));
    if tagged != Some(&key) {
        return Err(refusals::tag_changed(arn, &key, tagged.map(String::as_str)).into());
    }
    let version = stored(&prior.secret_version_id);
    if description.current_version_id.as_ref() != Some(&version) {
        return Err(refusals::version_changed(description, &version).into());
    }
    Ok(())
}

/// Tags of the secret: the default tags with those of the resource over them, without the tags that the provider writes.
fn every_tag(
    default_tags: &BTreeMap<String, String>,
    own: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut all = default_tags.clone();
    all.extend(own.clone());
    all.retain(|key, _| key != KEY_TAG && !is_reserved_tag(key));
    all
}

/// Tags of a secret that was found, without the tags that the provider or AWS writes.
fn found_tags(found: &BTreeMap<String, String>) -> PlannedTags {
    planned_tags(every_tag(found, &BTreeMap::new()))
}

/// Plans `tags_all`. State that was written before the attribute existed has null there, which stays while nothing
/// else changes: what it was tagged with is not known without a refresh.
fn plan_tags(prior: Option<&RootCaPlan>, plan: &mut RootCaPlan, default_tags: &PlannedTags) {
    if let Some(prior) = prior.filter(|prior| prior.tags_all.is_null()) {
        plan.tags_all = Planned::Null;
        if plan == prior {
            return;
        }
    }
    let all = tags_all(default_tags, &plan.tags);
    plan.tags_all = all.map(|mut tags| {
        tags.remove(KEY_TAG);
        tags
    });
}

/// The tags of this resource among all tags of the secret: without the reserved ones, and without those that come from
/// the provider's configuration, now or when the state was written, unless the resource sets them too.
fn own_tags(
    prior: &RootCaPlan,
    found: &BTreeMap<String, String>,
    default: &BTreeMap<String, String>,
) -> PlannedTags {
    let (before, before_all) = (known_tags(&prior.tags), known_tags(&prior.tags_all));
    let own = every_tag(found, &BTreeMap::new()).into_iter();
    planned_tags(own.filter(|(key, value)| {
        let by_default = default.get(key) == Some(value) || before_all.get(key) == Some(value);
        before.contains_key(key) || !by_default
    }))
}

/// Removes the tags that are gone and writes those that are wanted.
async fn write_tags(
    store: &impl SecretStore,
    call: &Call,
    arn: &str,
    gone: &[String],
    wanted: &BTreeMap<String, String>,
) -> Result<(), AwsError> {
    if !gone.is_empty() {
        let untag = store.untag(arn, gone);
        bounded(call, "secretsmanager:UntagResource", untag).await?;
    }
    if !wanted.is_empty() {
        let tag = store.tag(arn, wanted);
        bounded(call, "secretsmanager:TagResource", tag).await?;
    }
    Ok(())
}

/// Refuses to work in another region than that of the stored secret.
fn refuse_other_region(store: &impl SecretStore, arn: &str) -> Result<(), Diagnostics> {
    let stored = Arn::parse(arn);
    let compared = stored.map(|arn| store.identity().expect_region(&arn));
    compared
        .unwrap_or(Ok(()))
        .map_err(|error| refusals::elsewhere(error).into())
}

/// Refuses to believe that the secret is gone or denied where the credentials belong to another account.
async fn refuse_elsewhere(
    store: &impl SecretStore,
    arn: &str,
    error: &AwsError,
) -> Result<(), Diagnostics> {
    let doubtful = error.is(NOT_FOUND) || error.kind == AwsErrorKind::AccessDenied;
    let Some(stored) = Arn::parse(arn).filter(|_| doubtful) else {
        return Ok(());
    };
    let compared = store.identity().expect(&stored).await;
    compared.map_err(|error| refusals::elsewhere(error).into())
}

/// `secretsmanager:<arn>`, or the ARN alone.
fn arn_of_import_id(id: &str) -> Result<&str, Diagnostics> {
    let arn = id.strip_prefix("secretsmanager:").unwrap_or(id);
    let is_secret = arn.starts_with("arn:") && arn.split(':').nth(2) == Some("secretsmanager");
    if is_secret {
        return Ok(arn);
    }
    let detail = format!(
        "{id:?} is not the ARN of a secret. Import with:\n\n    tofu import skreg_pki_root_ca.NAME \
         'secretsmanager:arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX'"
    );
    Err(Diagnostic::error("Malformed import id", detail).into())
}
