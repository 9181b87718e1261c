//! Errors and warnings for planning an authority.
//!
//! A plan must never create another key implicitly, so no change requires replacement. A change that would require a
//! different key causes an error that describes how to create a new generation.

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
    /// Checks a plan and sets the computed attributes.
    pub(super) async fn review(&self, request: &mut Plan<RootCa>) -> Result<(), Diagnostics> {
        let (prior, plan) = (request.prior.as_ref(), request.plan.as_ref());
        self.examine(prior, plan, &request.call).await?;
        if let Some(plan) = &mut request.plan {
            let default_tags = self.stores.planned_default_tags();
            plan_tags(request.prior.as_ref(), plan, &default_tags);
        }
        Ok(())
    }

    /// Rejects a plan that cannot be applied, and warns about the consequences of other plans.
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
                let expiry = expiry_warning(prior, (self.now)());
                call.warnings.extend(expiry);
                locked_changes(prior, plan).into_result().map(drop)
            }
            (None, None) => Ok(()),
        }
    }

    /// Checks the plan for a new authority. Returns an error if the secret exists and the apply cannot adopt it.
    async fn plan_of_new(&self, plan: &RootCaPlan, call: &Call) -> Result<(), Diagnostics> {
        validity_errors(plan, (self.now)()).into_result()?;
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
            // The apply also requires this permission and reports the error.
            Err(error) if error.kind == AwsErrorKind::AccessDenied => return Ok(()),
            Err(error) => return Err(diagnostics::not_described(&error)),
        };
        // The apply waits until the name is available. A destroy also plans the configuration after the refresh has
        // reported the deletion.
        let without_recovery = secret.recovery_window_in_days == Planned::Known(0);
        let warned = self.identities.contains(&deleted_identity(name));
        if description.pending_deletion() && (without_recovery || warned) {
            return Ok(());
        }
        ownership::unfinished(&description).map_err(Diagnostics::from)
    }
}

/// Returns validity errors for a new authority whose certificate is issued at `now`.
pub(super) fn validity_errors(plan: &RootCaPlan, now: Timestamp) -> Diagnostics {
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
            let detail = format!(
                "The validity period is not allowed: {error}. Change the end of the validity period."
            );
            Diagnostic::error("Validity period is out of range", detail)
                .at(path)
                .into()
        }
    }
}

/// Returns an error for each change to an immutable attribute. Unknown values are accepted because the apply checks
/// them again.
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
        "{path} of an existing root certificate authority cannot be changed from {} to {} because clients trust this \
         key and this name. Set the attribute back to {}.\n\nTo use a different root, create a new generation: add \
         another skreg_pki_root_ca with a different secret, distribute its certificate, reissue the certificates from \
         the new root, and then remove this root.",
        show(before),
        show(after),
        show(before),
    );
    Diagnostic::error("Identity of a root cannot be changed", detail).at(path)
}

/// Warns that a change to the validity period does not affect the existing certificate.
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
        "The existing certificate remains valid from {} to {}. The new value applies to the next certificate that is \
         issued for this key.",
        instant(&prior.not_before),
        instant(&prior.not_after_actual),
    );
    Some(Diagnostic::warning("Change does not affect the existing certificate", detail).at(path))
}

/// Warns if the plan sets the recovery window to 0 days.
pub(super) fn no_recovery(prior: Option<&RootCaPlan>, plan: &RootCaPlan) -> Option<Diagnostic> {
    let secret = plan.secrets_manager.known()?;
    let window = |secret: &SecretsManagerPlan| secret.recovery_window_in_days;
    let before = prior.and_then(|prior| prior.secrets_manager.known().map(window));
    let new = window(secret) == Planned::Known(0) && before != Some(Planned::Known(0));
    let name = secret.name.known().map_or("", String::as_str);
    new.then(|| diagnostics::no_recovery(name))
}

/// Warns if the certificate has expired or expires soon.
pub(super) fn expiry_warning(state: &RootCaPlan, now: Timestamp) -> Option<Diagnostic> {
    let end = state.not_after_actual.known()?;
    diagnostics::validity_ends(validity_status(state, now)?, end)
}

/// Rejects deletion of a key that the state protects.
pub(super) fn refuse_protected(prior: &RootCaPlan) -> Result<(), Diagnostics> {
    let path = RootCa::paths().deletion_protection();
    deletion_protection::refuse(&prior.deletion_protection, path, || {
        diagnostics::protected(prior.secret_arn.known().map(String::as_str))
    })
}
