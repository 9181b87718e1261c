//! `skreg_pki_root_ca`: a root certificate authority whose key is created once and kept in AWS Secrets Manager.
//!
//! This file maps the calls of the framework to the parts: [`guard`] refuses, [`creation`] creates, [`ownership`] decides
//! what a create may go on with, and here an authority is read, tagged, imported and deleted. Rules that hold everywhere:
//! reading never reads the secret's value, and drops a resource from the state only where its deletion was begun and
//! `deletion_protection` is off; no failure leaves a tainted resource; no attribute requires replacement.

mod calls;
mod creation;
mod guard;
mod intent;
pub mod model;
mod ownership;
mod refusals;
mod state;
mod tagging;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use tfplugin::{
    Call, Create, Delete, Diagnostic, Diagnostics, Failure, Import, Imported, Outcome, Plan,
    Planned, Private, Read, Resource, Stored, Update, Validate,
};

use self::calls::{
    bounded, connected, connected_if_known, read_document, refuse_elsewhere, refuse_other_region,
};
use self::creation::{Authority, Creation};
use self::guard::{ADOPTION_TAG, UNFINISHED_TAG};
use self::intent::Intent;
use self::model::{RootCa, RootCaPlan};
use self::state::{
    LONGEST_RECOVERY_WINDOW, arn_of_import_id, as_configured, settled, status, stored_arn,
    unchanged, with_outputs,
};
use self::tagging::{every_tag, found_tags, own_tags, plan_tags, write_tags};
use super::identities::{Identities, Identity};
use crate::aws::secrets::{
    KmsKeys, NOT_FOUND, SecretDescription, SecretStore, SecretStores, WrittenVersion,
    compare_kms_keys,
};
use crate::aws::tags::{dropped_tags, known_tags, planned_tags};
use crate::aws::{AwsError, AwsErrorKind};
use crate::pki::Entropy;

/// The resource type, over a way to a secret store, a clock and a source of random octets.
pub struct RootCas<S> {
    stores: S,
    now: fn() -> Timestamp,
    entropy: Box<dyn Entropy>,
    identities: Identities,
}

impl<S: SecretStores> RootCas<S> {
    /// The resource type.
    pub fn new(
        stores: S,
        now: fn() -> Timestamp,
        entropy: impl Entropy + 'static,
        identities: Identities,
    ) -> Self {
        Self {
            stores,
            now,
            entropy: Box::new(entropy),
            identities,
        }
    }

    async fn make(&self, plan: RootCaPlan, call: &Call) -> Result<RootCa, Diagnostics> {
        let intent = Intent::of(&plan)?;
        let store = connected(&self.stores, call).await?;
        let creation = Creation {
            store: &store,
            call,
            entropy: self.entropy.as_ref(),
            now: self.now,
            intent: &intent,
        };
        let Authority {
            certificate,
            location,
        } = creation.run().await?;
        let mut outputs = with_outputs(plan, &certificate, &location, (self.now)());
        outputs.tags_all = planned_tags(every_tag(&store.default_tags(), &intent.tags));
        settled(outputs)
    }

    /// Refuses a plan that cannot be applied, and warns of what it leads to.
    async fn examine(
        &self,
        prior: Option<&RootCaPlan>,
        plan: Option<&RootCaPlan>,
        call: &Call,
    ) -> Result<(), Diagnostics> {
        if let Some(name) = prior.and_then(secret_name) {
            self.identities.remember(identity(name));
        }
        let no_recovery = plan.and_then(|plan| guard::no_recovery(prior, plan));
        call.warnings.extend(no_recovery);
        match (prior, plan) {
            (Some(prior), None) => match guard::protected_from_deletion(prior) {
                Some(refused) => Err(refused.into()),
                None => Ok(()),
            },
            (None, Some(plan)) => self.plan_of_new(plan, call).await,
            (Some(prior), Some(plan)) => {
                call.warnings.extend(guard::postponed_validity(prior, plan));
                let ending = guard::ending_validity(prior, (self.now)());
                call.warnings.extend(ending);
                guard::locked_changes(prior, plan).into_result().map(drop)
            }
            (None, None) => Ok(()),
        }
    }

    /// The plan of a new authority: refused where its secret exists, unless the apply can go on with it.
    async fn plan_of_new(&self, plan: &RootCaPlan, call: &Call) -> Result<(), Diagnostics> {
        guard::unmet_validity(plan, (self.now)()).into_result()?;
        let Some(secret) = plan.secrets_manager.known() else {
            return Ok(());
        };
        let Some(name) = secret.name.known() else {
            return Ok(());
        };
        if self.identities.contains(&identity(name)) {
            return Err(refusals::replacement(name).into());
        }
        let Some(store) = connected_if_known(&self.stores, call).await? else {
            return Ok(());
        };
        let described = bounded(call, "secretsmanager:DescribeSecret", store.describe(name)).await;
        let description = match described {
            Ok(description) => description,
            Err(error) if error.is(NOT_FOUND) => return Ok(()),
            // The apply needs the permission, and says so.
            Err(error) if error.kind == AwsErrorKind::AccessDenied => return Ok(()),
            Err(error) => return Err(not_described(&error)),
        };
        // The name may become free until the apply, which waits for it. And a destroy plans the configuration as well,
        // after the refresh has warned of the deletion.
        let without_recovery = secret.recovery_window_in_days == Planned::Known(0);
        let warned = self.identities.contains(&deleted_identity(name));
        if description.pending_deletion() && (without_recovery || warned) {
            return Ok(());
        }
        ownership::unfinished(&description).map_err(Diagnostics::from)
    }

    async fn refresh(
        &self,
        mut prior: RootCaPlan,
        call: &Call,
    ) -> Result<Option<RootCa>, Diagnostics> {
        let store = connected(&self.stores, call).await?;
        let arn = stored_arn(&prior)?;
        refuse_other_region(&store, &arn)?;
        let describe = store.describe(&arn);
        let description = match bounded(call, "secretsmanager:DescribeSecret", describe).await {
            Ok(description) => description,
            Err(error) => {
                refuse_elsewhere(&store, &arn, &error).await?;
                return match error.is(NOT_FOUND) {
                    true if is_disposable(&prior) => {
                        let warning = refusals::deleted_without_recovery(&arn);
                        Ok(self.let_go(&prior, warning, call))
                    }
                    true => Err(refusals::missing(&arn).into()),
                    false => Err(not_described(&error)),
                };
            }
        };
        if description.pending_deletion() && is_unprotected(&prior) {
            return Ok(self.let_go(&prior, refusals::counted_as_deleted(&description), call));
        }
        unchanged(&prior, &description)?;
        call.warnings.extend(changed_kms_key(&prior, &description));
        self.identities.remember(identity(&description.name));
        prior.tags = own_tags(&prior, &description.tags, &store.default_tags());
        prior.tags_all = found_tags(&description.tags);
        prior.validity_status = status(&prior, (self.now)());
        settled(prior).map(Some)
    }

    /// Drops an authority from the state, with a warning.
    fn let_go(&self, prior: &RootCaPlan, warning: Diagnostic, call: &Call) -> Option<RootCa> {
        call.warnings.push(warning);
        if let Some(name) = secret_name(prior) {
            self.identities.forget(&identity(name));
            self.identities.remember(deleted_identity(name));
        }
        None
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
        let mut gone = dropped_tags([&prior.tags, &prior.tags_all], &wanted);
        // Reserved, so never among them: removed also where the state does not show it.
        gone.push(UNFINISHED_TAG.to_owned());
        match write_tags(&store, call, &state.secret_arn, &gone, &wanted).await {
            Ok(()) => Ok(state),
            Err(error) => {
                refuse_elsewhere(&store, &state.secret_arn, &error).await?;
                Err(refusals::call_failed("Secret could not be tagged", &error, None).into())
            }
        }
    }

    async fn remove(
        &self,
        prior: &RootCaPlan,
        private: &Private,
        call: &Call,
    ) -> Result<(), Diagnostics> {
        self.delete_secret(prior, private, call).await?;
        if let Some(name) = secret_name(prior) {
            self.identities.forget(&identity(name));
        }
        Ok(())
    }

    async fn delete_secret(
        &self,
        prior: &RootCaPlan,
        private: &Private,
        call: &Call,
    ) -> Result<(), Diagnostics> {
        const DESCRIBE: &str = "secretsmanager:DescribeSecret";
        let store = connected(&self.stores, call).await?;
        let arn = stored_arn(prior)?;
        refuse_other_region(&store, &arn)?;
        let before = bounded(call, DESCRIBE, store.describe(&arn)).await;
        if let Err(error) = &before {
            refuse_elsewhere(&store, &arn, error).await?;
        }
        if is_deleted(&before) {
            // The answer of an earlier call was lost.
            return Ok(());
        }
        let before = before.map_err(|error| not_deleted(&error))?;
        let mark = before.tags.get(ADOPTION_TAG).map(String::as_str);
        if mark != private.get(ADOPTION_TAG).and_then(|mark| mark.as_str()) {
            return Err(refusals::adopted_since(&arn).into());
        }
        let secret = prior.secrets_manager.known();
        let window = secret.and_then(|secret| secret.recovery_window_in_days.known().copied());
        let delete = store.delete(&arn, window.unwrap_or(LONGEST_RECOVERY_WINDOW));
        let Err(error) = bounded(call, "secretsmanager:DeleteSecret", delete).await else {
            return Ok(());
        };
        // The call may have had its effect all the same.
        match is_deleted(&bounded(call, DESCRIBE, store.describe(&arn)).await) {
            true => Ok(()),
            false => Err(not_deleted(&error)),
        }
    }

    async fn find(&self, id: &str, call: &Call) -> Result<Imported<RootCa>, Diagnostics> {
        let arn = arn_of_import_id(id)?;
        let store = connected(&self.stores, call).await?;
        let description = bounded(call, "secretsmanager:DescribeSecret", store.describe(arn))
            .await
            .map_err(|error| not_described(&error))?;
        if description.pending_deletion() {
            return Err(refusals::pending_deletion(&description).into());
        }
        if description.rotated || description.owning_service.is_some() {
            return Err(refusals::managed_elsewhere(&description).into());
        }
        let kms_key = description.kms_key_id.as_deref();
        let (document, version_id) = read_document(&store, call, &description.arn, kms_key).await?;
        let Some(certificate) = document.certificate() else {
            return Err(refusals::not_importable(&description.arn).into());
        };
        let location = WrittenVersion {
            arn: description.arn.clone(),
            version_id,
        };
        let mut plan = as_configured(certificate, &description);
        let private = remembering(description.tags.get(ADOPTION_TAG).cloned());
        plan.tags = own_tags(&plan, &description.tags, &store.default_tags());
        plan.tags_all = found_tags(&description.tags);
        let state = with_outputs(plan, certificate, &location, (self.now)());
        Ok(Imported { state, private })
    }
}

impl<S: SecretStores> Resource for RootCas<S> {
    type Model = RootCa;

    async fn create(&self, request: Create<RootCa>) -> Outcome<RootCa> {
        let state = self.make(request.plan, &request.call).await;
        state.map(Stored::new).map_err(Failure::nothing)
    }

    async fn read(&self, request: Read<RootCa>) -> Result<Option<Stored<RootCa>>, Diagnostics> {
        let state = self.refresh(request.prior, &request.call).await?;
        Ok(state.map(Stored::new))
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
        let (prior, plan) = (request.prior.as_ref(), request.plan.as_ref());
        self.examine(prior, plan, &request.call).await?;
        if let Some(plan) = &mut request.plan {
            let default_tags = self.stores.planned_default_tags();
            plan_tags(request.prior.as_ref(), plan, &default_tags);
        }
        Ok(())
    }

    async fn import(&self, request: Import) -> Result<Imported<RootCa>, Diagnostics> {
        self.find(&request.id, &request.call).await
    }
}

/// An authority, by the name of its secret, which is unique in account and region.
fn identity(secret_name: &str) -> Identity {
    Identity::new("skreg_pki_root_ca", secret_name)
}

/// An authority that a refresh in this process has dropped from the state.
fn deleted_identity(secret_name: &str) -> Identity {
    Identity::new("skreg_pki_root_ca, deleted", secret_name)
}

fn secret_name(state: &RootCaPlan) -> Option<&str> {
    let secret = state.secrets_manager.known()?;
    secret.name.known().map(String::as_str)
}

fn is_unprotected(state: &RootCaPlan) -> bool {
    state.deletion_protection == Planned::Known(false)
}

/// Whether the state allows a deletion without recovery, after which nothing is found.
fn is_disposable(state: &RootCaPlan) -> bool {
    let secret = state.secrets_manager.known();
    let window = secret.map(|secret| secret.recovery_window_in_days);
    is_unprotected(state) && window == Some(Planned::Known(0))
}

fn is_deleted(described: &Result<SecretDescription, AwsError>) -> bool {
    match described {
        Ok(description) => description.pending_deletion(),
        Err(error) => error.is(NOT_FOUND),
    }
}

fn not_described(error: &AwsError) -> Diagnostics {
    refusals::call_failed(creation::NOT_DESCRIBED, error, None).into()
}

fn not_deleted(error: &AwsError) -> Diagnostics {
    refusals::call_failed("Root key could not be deleted", error, None).into()
}

/// Private state that remembers how the key was taken over, if it was.
fn remembering(adoption: Option<String>) -> Private {
    let mut private = Private::default();
    if let Some(mark) = adoption {
        private.set(ADOPTION_TAG, mark.into());
    }
    private
}

/// Warns of a KMS key that is not the one in the state. An alias is not compared with a key: only KMS knows what it names.
fn changed_kms_key(prior: &RootCaPlan, description: &SecretDescription) -> Option<Diagnostic> {
    let secret = prior.secrets_manager.known()?;
    let expected = secret.kms_key_id.known().map(String::as_str);
    let found = description.kms_key_id.as_deref();
    (compare_kms_keys(expected, found) == KmsKeys::Different)
        .then(|| refusals::kms_key_changed(&description.arn, expected, found))
}
