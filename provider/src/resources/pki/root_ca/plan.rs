//! The plan of an authority: what it refuses and what it warns of.
//!
//! No plan may lead to another key by itself. So nothing here requires replacement: a change that would need another key
//! is an error that says how to create one deliberately.

use jiff::Timestamp;
use tfplugin::schema::AttributePath;
use tfplugin::{Call, Diagnostic, Diagnostics, Plan, Planned};

use super::calls::{bounded, connected_if_known};
use super::diagnostics;
use super::intent::term_of;
use super::model::{RootCa, RootCaPlan, SecretsManagerPlan};
use super::ownership;
use super::resource_type::RootCas;
use super::state::{deleted_identity, identity, secret_name, validity_status};
use super::validate::subject_attributes;
use crate::aws::AwsErrorKind;
use crate::aws::secrets::{KmsKeys, NOT_FOUND, SecretStore, SecretStores, compare_kms_keys};
use crate::resources::deletion_protection;
use crate::resources::tagged::plan_tags;

impl<S: SecretStores> RootCas<S> {
    /// Refuses a plan, warns of what it leads to, and completes it.
    pub(super) async fn review(&self, request: &mut Plan<RootCa>) -> Result<(), Diagnostics> {
        let (prior, plan) = (request.prior.as_ref(), request.plan.as_ref());
        self.examine(prior, plan, &request.call).await?;
        if let Some(plan) = &mut request.plan {
            let default_tags = self.stores.planned_default_tags();
            plan_tags(request.prior.as_ref(), plan, &default_tags);
        }
        Ok(())
    }

    /// Refuses a plan that cannot be applied, and warns of what it leads to.
    pub(super) async fn examine(
        &self,
        prior: Option<&RootCaPlan>,
        plan: Option<&RootCaPlan>,
        call: &Call,
    ) -> Result<(), Diagnostics> {
        if let Some(name) = prior.and_then(secret_name) {
            self.identities.remember(identity(name));
        }
        let no_recovery = plan.and_then(|plan| no_recovery(prior, plan));
        call.warnings.extend(no_recovery);
        match (prior, plan) {
            (Some(prior), None) => refuse_protected(prior),
            (None, Some(plan)) => self.plan_of_new(plan, call).await,
            (Some(prior), Some(plan)) => {
                call.warnings.extend(postponed_validity(prior, plan));
                let ending = ending_validity(prior, (self.now)());
                call.warnings.extend(ending);
                locked_changes(prior, plan).into_result().map(drop)
            }
            (None, None) => Ok(()),
        }
    }

    /// The plan of a new authority: refused where its secret exists, unless the apply can go on with it.
    async fn plan_of_new(&self, plan: &RootCaPlan, call: &Call) -> Result<(), Diagnostics> {
        unmet_validity(plan, (self.now)()).into_result()?;
        let Some(secret) = plan.secrets_manager.known() else {
            return Ok(());
        };
        let Some(name) = secret.name.known() else {
            return Ok(());
        };
        if self.identities.contains(&identity(name)) {
            return Err(diagnostics::replacement(name).into());
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
            Err(error) => return Err(diagnostics::not_described(&error)),
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
}

/// Checks the plan of a new authority: an end of validity that can be met from `now`.
pub(super) fn unmet_validity(plan: &RootCaPlan, now: Timestamp) -> Diagnostics {
    let parts = [
        plan.validity_days.is_unknown(),
        plan.not_after.is_unknown(),
        plan.not_before_margin_minutes.is_unknown(),
    ];
    if parts.contains(&true) {
        return Diagnostics::new();
    }
    let path = if plan.not_after.is_null() {
        RootCa::paths().validity_days()
    } else {
        RootCa::paths().not_after()
    };
    match term_of(plan).map(|term| term.from(now)) {
        Err(diagnostics) => diagnostics,
        Ok(Ok(_)) => Diagnostics::new(),
        Ok(Err(error)) => {
            let detail = format!("{error}. Choose a later or nearer end.");
            Diagnostic::error("Validity is out of range", detail)
                .at(path)
                .into()
        }
    }
}

/// Changes of what cannot be changed. Values that are not known yet are let pass; the apply asks again.
pub(super) fn locked_changes(prior: &RootCaPlan, plan: &RootCaPlan) -> Diagnostics {
    let paths = RootCa::paths();
    let text = |number: &Planned<i64>| number.map(|number| number.to_string());
    let mut locked = vec![
        (
            paths.key_algorithm(),
            prior.key_algorithm.clone(),
            plan.key_algorithm.clone(),
        ),
        (
            paths.path_length(),
            text(&prior.path_length),
            text(&plan.path_length),
        ),
    ];
    if let (Some(before), Some(after)) = (prior.subject.known(), plan.subject.known()) {
        let pairs = subject_attributes(before)
            .into_iter()
            .zip(subject_attributes(after));
        locked.extend(
            pairs.map(|((_, path, before), (_, _, after))| (path, before.clone(), after.clone())),
        );
    }
    if let (Some(before), Some(after)) =
        (prior.secrets_manager.known(), plan.secrets_manager.known())
    {
        let secret = paths.secrets_manager();
        locked.push((secret.name(), before.name.clone(), after.name.clone()));
        if !is_same_kms_key(before, after) {
            locked.push((
                secret.kms_key_id(),
                before.kms_key_id.clone(),
                after.kms_key_id.clone(),
            ));
        }
    }
    locked
        .into_iter()
        .filter(|(_, before, after)| !after.is_unknown() && before != after)
        .map(|(path, before, after)| locked_change(path, &before, &after))
        .collect()
}

fn is_same_kms_key(before: &SecretsManagerPlan, after: &SecretsManagerPlan) -> bool {
    let notation = |secret: &SecretsManagerPlan| secret.kms_key_id.known().cloned();
    let (before, after) = (notation(before), notation(after));
    compare_kms_keys(before.as_deref(), after.as_deref()) == KmsKeys::Same
}

fn locked_change(
    path: AttributePath,
    before: &Planned<String>,
    after: &Planned<String>,
) -> Diagnostic {
    let show = |value: &Planned<String>| {
        value
            .known()
            .map_or("unset".to_owned(), |text| format!("{text:?}"))
    };
    let detail = format!(
        "{path} of an existing root certificate authority cannot change from {} to {}: clients trust exactly this \
         key and this name. Set it back to {}.\n\nFor a different root, create a new generation: add another \
         skreg_pki_root_ca with its own secret, distribute its certificate, reissue the certificates from it, and then \
         remove this one.",
        show(before),
        show(after),
        show(before),
    );
    Diagnostic::error("The identity of a root cannot be changed", detail).at(path)
}

/// Warns that another validity does not change the certificate that exists.
pub(super) fn postponed_validity(prior: &RootCaPlan, plan: &RootCaPlan) -> Option<Diagnostic> {
    let paths = RootCa::paths();
    let path = if prior.validity_days != plan.validity_days {
        paths.validity_days()
    } else if prior.not_after != plan.not_after {
        paths.not_after()
    } else if prior.not_before_margin_minutes != plan.not_before_margin_minutes {
        paths.not_before_margin_minutes()
    } else {
        return None;
    };
    let instant =
        |value: &Planned<String>| value.known().map_or("unknown", String::as_str).to_owned();
    let detail = format!(
        "The existing certificate stays valid from {} to {}. The new value is stored and used when a certificate is next \
         issued for this key.",
        instant(&prior.not_before),
        instant(&prior.not_after_actual),
    );
    Some(Diagnostic::warning("The certificate does not change", detail).at(path))
}

/// Warns of a recovery window of 0 days where it is new.
pub(super) fn no_recovery(prior: Option<&RootCaPlan>, plan: &RootCaPlan) -> Option<Diagnostic> {
    let secret = plan.secrets_manager.known()?;
    let window = |secret: &SecretsManagerPlan| secret.recovery_window_in_days;
    let before = prior.and_then(|prior| prior.secrets_manager.known().map(window));
    let new = window(secret) == Planned::Known(0) && before != Some(Planned::Known(0));
    let name = secret.name.known().map_or("", String::as_str);
    new.then(|| diagnostics::no_recovery(name))
}

/// Warns of a certificate that has expired or expires soon.
pub(super) fn ending_validity(state: &RootCaPlan, now: Timestamp) -> Option<Diagnostic> {
    let end = state.not_after_actual.known()?;
    diagnostics::validity_ends(validity_status(state, now)?, end)
}

/// Refuses to delete a key that the state protects.
pub(super) fn refuse_protected(prior: &RootCaPlan) -> Result<(), Diagnostics> {
    let path = RootCa::paths().deletion_protection();
    deletion_protection::refuse(&prior.deletion_protection, path, || {
        diagnostics::protected(prior.secret_arn.known().map(String::as_str))
    })
}
