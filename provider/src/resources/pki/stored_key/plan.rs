//! Errors and warnings for planning a stored key.
//!
//! A plan must never create another key implicitly, so no change requires replacement. A change that would require a
//! different key causes an error that describes the alternative.

use jiff::Timestamp;
use tfplugin::{Call, Diagnostic, Diagnostics, Plan, Planned};

use super::attributes;
use super::calls::{bounded, connected_if_known};
use super::intent::LockedAttribute;
use super::intent::key_algorithm;
use super::key_arguments::planned_private_key;
use super::key_store::KeyStores;
use super::ownership;
use super::resource_type::{StoredKeyType, StoredKeys};
use super::secret::SecretsManagerPlan;
use super::state::{
    KeyState, deleted_identity, identity, is_unprotected, secret_name, validity_status,
};
use crate::aws::AwsErrorKind;
use crate::aws::secrets::{NOT_FOUND, SecretStore};
use crate::resources::deletion_protection;
use crate::resources::pki::kms_key::{self, connected_keys_if_known};
use crate::resources::tagged::plan_tags;

impl<T: StoredKeyType, S: KeyStores> StoredKeys<T, S> {
    /// Checks a plan and sets the computed attributes.
    ///
    /// # Errors
    /// Returns an error if the plan cannot be applied.
    pub async fn review(&self, request: &mut Plan<T>) -> Result<(), Diagnostics> {
        let (prior, plan) = (request.prior.as_ref(), request.plan.as_ref());
        if let (None, Some(plan), Some(config)) = (prior, plan, &request.config) {
            planned_private_key::<T>(config, plan)?;
        }
        self.examine(prior, plan, &request.call).await?;
        if let Some(plan) = &mut request.plan {
            let prior = request.prior.as_ref();
            let reissue = prior.is_none_or(|prior| T::is_reissue(prior, plan));
            if reissue && prior.is_some() {
                let new_key = T::rotates_key(plan);
                plan.set_outputs_unknown(new_key);
            }
            T::plan_outputs(plan, reissue);
            let default_tags = self.stores.planned_default_tags();
            plan_tags(prior, plan, &default_tags);
            let imported = prior.and_then(|prior| T::with_imported_issuer(prior, plan));
            if let Some(imported) = imported.filter(|imported| Some(imported) == prior) {
                *plan = imported;
            }
        }
        Ok(())
    }

    /// Rejects a plan that cannot be applied, and warns about the consequences of other plans.
    ///
    /// # Errors
    /// Returns an error if the plan cannot be applied.
    pub async fn examine(
        &self,
        prior: Option<&T::Plan>,
        plan: Option<&T::Plan>,
        call: &Call,
    ) -> Result<(), Diagnostics> {
        if let Some(name) = prior.and_then(secret_name) {
            self.identities.remember(identity(name));
        }
        let no_recovery = plan.and_then(|plan| no_recovery::<T>(prior, plan));
        call.warnings.extend(no_recovery);
        match (prior, plan) {
            (Some(prior), None) => refuse_protected::<T>(prior),
            (None, Some(plan)) => self.plan_of_new(plan, call).await,
            (Some(prior), Some(plan)) => {
                call.warnings.extend(T::change_warnings(prior, plan));
                let mut found = locked_changes::<T>(prior, plan);
                // The next certificate replaces the one that expires.
                match T::is_reissue(prior, plan) {
                    true => found.extend(T::invalid_reissue(plan, (self.now)())),
                    false => {
                        let expiry = expiry_warning::<T>(prior, (self.now)());
                        call.warnings.extend(expiry);
                    }
                }
                found.into_result()?;
                match prior.secrets_manager() == plan.secrets_manager() {
                    true => Ok(()),
                    false => self.refuse_primary_region(plan, call).await,
                }
            }
            (None, None) => Ok(()),
        }
    }

    /// Checks that the configured KMS key can sign.
    async fn check_signing_key(&self, plan: &T::Plan, call: &Call) -> Result<(), Diagnostics> {
        let arn = plan.kms().known().and_then(|kms| kms.key_arn.known());
        let (Some(arn), Ok(algorithm)) = (arn, key_algorithm(plan)) else {
            return Ok(());
        };
        let Some(keys) = connected_keys_if_known(&self.stores, call).await? else {
            return Ok(());
        };
        let signature =
            T::signature_algorithm(plan).unwrap_or_else(|| algorithm.default_signature_algorithm());
        let path = attributes::signing_key();
        kms_key::check(&keys, call, arn, algorithm, signature, &path).await
    }

    /// Checks the plan for a new key. Returns an error if the secret exists and the apply cannot adopt it.
    async fn plan_of_new(&self, plan: &T::Plan, call: &Call) -> Result<(), Diagnostics> {
        T::invalid_creation(plan, (self.now)()).into_result()?;
        self.check_signing_key(plan, call).await?;
        self.refuse_primary_region(plan, call).await?;
        let Some(secret) = plan.secrets_manager().known() else {
            return Ok(());
        };
        let Some(name) = secret.name.known() else {
            return Ok(());
        };
        if self.identities.contains(&identity(name)) {
            return Err(T::WORDING.replacement(name).into());
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
            Err(error) => return Err(T::WORDING.not_described(&error)),
        };
        // The apply waits until the name is available. A destroy also plans the configuration after the refresh has
        // reported the deletion.
        let without_recovery = secret.recovery_window_in_days == Planned::Known(0);
        let warned = self.identities.contains(&deleted_identity(name));
        if description.pending_deletion() && (without_recovery || warned) {
            return Ok(());
        }
        ownership::unfinished(&T::WORDING, &description).map_err(Diagnostics::from)?;
        let adoption = T::WORDING.adoption_planned(&description);
        call.warnings.push(adoption);
        Ok(())
    }
}

/// Returns an error for each change to an immutable attribute. Unknown values are accepted because the apply checks
/// them again, except for the KMS keys of a protected object: a replaced key is scheduled for deletion before that.
pub(in super::super) fn locked_changes<T: StoredKeyType>(
    prior: &T::Plan,
    plan: &T::Plan,
) -> Diagnostics {
    let mut locked = vec![LockedAttribute {
        path: attributes::key_algorithm(),
        before: prior.key_algorithm().clone(),
        after: plan.key_algorithm().clone(),
    }];
    let location = match (prior.kms(), plan.kms()) {
        (Planned::Null, Planned::Known(_)) => Some(T::WORDING.moved_to_kms()),
        (Planned::Known(kms), Planned::Null) => Some(T::WORDING.moved_from_kms(&kms.key_arn)),
        (Planned::Known(before), Planned::Known(after)) => {
            locked.push(LockedAttribute {
                path: attributes::signing_key(),
                before: before.key_arn.clone(),
                after: after.key_arn.clone(),
            });
            None
        }
        _ => None,
    };
    locked.extend(T::locked_attributes(prior, plan));
    if let (Some(before), Some(after)) = (
        prior.secrets_manager().known(),
        plan.secrets_manager().known(),
    ) {
        locked.push(LockedAttribute {
            path: attributes::secret_name(),
            before: before.name.clone(),
            after: after.name.clone(),
        });
        if !before.has_same_kms_key(after) {
            locked.push(LockedAttribute {
                path: attributes::secret_kms_key(),
                before: before.kms_key_id.clone(),
                after: after.kms_key_id.clone(),
            });
        }
    }
    let mut found: Diagnostics = locked
        .into_iter()
        .filter(|locked| !locked.after.is_unknown() && locked.before != locked.after)
        .map(|locked| T::WORDING.locked_change(&locked))
        .chain(location)
        .collect();
    if !is_unprotected(prior) {
        found.extend(replaced_keys::<T>(prior, plan));
    }
    found.extend(T::invalid_change(prior, plan));
    found
}

/// Returns an error for each KMS key in the state whose planned ARN is unknown. The ARN of a KMS key that the plan does not
/// replace is known.
fn replaced_keys<T: StoredKeyType>(prior: &T::Plan, plan: &T::Plan) -> Vec<Diagnostic> {
    let signing = |state: &T::Plan| match state.kms() {
        Planned::Known(kms) => kms.key_arn.clone(),
        Planned::Null => Planned::Null,
        Planned::Unknown => Planned::Unknown,
    };
    let encryption = |state: &T::Plan| match state.secrets_manager() {
        Planned::Known(secret) => secret.kms_key_id.clone(),
        Planned::Null => Planned::Null,
        Planned::Unknown => Planned::Unknown,
    };
    let keys = [
        (attributes::signing_key(), signing(prior), signing(plan)),
        (
            attributes::secret_kms_key(),
            encryption(prior),
            encryption(plan),
        ),
    ];
    let replaced = keys.into_iter().filter(|(.., after)| after.is_unknown());
    replaced
        .filter_map(|(path, before, _)| Some((path, before.into_known()?)))
        .map(|(path, before)| T::WORDING.key_might_be_replaced(path, &before))
        .collect()
}

/// Warns if the plan sets the recovery window to 0 days.
fn no_recovery<T: StoredKeyType>(prior: Option<&T::Plan>, plan: &T::Plan) -> Option<Diagnostic> {
    let secret = plan.secrets_manager().known()?;
    let window = |secret: &SecretsManagerPlan| secret.recovery_window_in_days;
    let before = prior.and_then(|prior| prior.secrets_manager().known().map(window));
    let new = window(secret) == Planned::Known(0) && before != Some(Planned::Known(0));
    let name = secret.name.known().map_or("", String::as_str);
    new.then(|| T::WORDING.no_recovery(name))
}

/// Warns if the certificate has expired or expires soon.
pub(in super::super) fn expiry_warning<T: StoredKeyType>(
    state: &T::Plan,
    now: Timestamp,
) -> Option<Diagnostic> {
    let end = state.not_after_actual().known()?;
    T::WORDING.validity_ends(validity_status(state, now)?, end)
}

/// Rejects deletion of a key that the state protects.
pub(in super::super) fn refuse_protected<T: StoredKeyType>(
    prior: &T::Plan,
) -> Result<(), Diagnostics> {
    let path = attributes::attribute("deletion_protection");
    deletion_protection::refuse(prior.deletion_protection(), path, || {
        let kms_key = prior.kms().known().and_then(|kms| kms.key_arn.known());
        let secret = prior.secret_arn().known();
        T::WORDING.protected(secret.map(String::as_str), kms_key.map(String::as_str))
    })
}
