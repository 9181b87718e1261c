//! Refresh of an authority: checks that its secret exists and matches the state.
//!
//! A refresh never reads the secret value. It compares the version ID instead.

use tfplugin::{Call, Diagnostic, Diagnostics, Planned};

use super::calls::{bounded, connected, refuse_other_account, refuse_other_region};
use super::diagnostics;
use super::model::{RootCa, RootCaPlan};
use super::resource_type::RootCas;
use super::state::{
    deleted_identity, identity, is_unprotected, secret_name, settled, status, stored_arn,
};
use super::tags::{KEY_TAG, found_tags, own_tags};
use crate::aws::secrets::{
    KmsKeys, NOT_FOUND, SecretDescription, SecretStore, SecretStores, compare_kms_keys,
};

impl<S: SecretStores> RootCas<S> {
    pub(super) async fn refresh(
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
                refuse_other_account(&store, &arn, &error).await?;
                return match error.is(NOT_FOUND) {
                    true if is_deletable_without_recovery(&prior) => {
                        let warning = diagnostics::deleted_without_recovery(&arn);
                        Ok(self.drop_from_state(&prior, warning, call))
                    }
                    true => Err(diagnostics::missing(&arn).into()),
                    false => Err(diagnostics::not_described(&error)),
                };
            }
        };
        if description.pending_deletion() && is_unprotected(&prior) {
            return Ok(self.drop_from_state(
                &prior,
                diagnostics::counted_as_deleted(&description),
                call,
            ));
        }
        unchanged(&prior, &description)?;
        call.warnings.extend(changed_kms_key(&prior, &description));
        self.identities.remember(identity(&description.name));
        prior.tags = own_tags(&prior, &description.tags, &store.default_tags());
        prior.tags_all = found_tags(&description.tags);
        prior.validity_status = status(&prior, (self.now)());
        settled(prior).map(Some)
    }

    /// Removes an authority from the state with a warning.
    fn drop_from_state(
        &self,
        prior: &RootCaPlan,
        warning: Diagnostic,
        call: &Call,
    ) -> Option<RootCa> {
        call.warnings.push(warning);
        if let Some(name) = secret_name(prior) {
            self.identities.forget(&identity(name));
            self.identities.remember(deleted_identity(name));
        }
        None
    }
}

/// Returns whether the state permits deletion without recovery. After such a deletion, the secret does not exist.
fn is_deletable_without_recovery(state: &RootCaPlan) -> bool {
    let secret = state.secrets_manager.known();
    let window = secret.map(|secret| secret.recovery_window_in_days);
    is_unprotected(state) && window == Some(Planned::Known(0))
}

/// Checks that the secret matches the state. The version ID represents the value because each write creates a version.
fn unchanged(prior: &RootCaPlan, description: &SecretDescription) -> Result<(), Diagnostics> {
    let arn = &description.arn;
    if description.pending_deletion() {
        return Err(diagnostics::pending_deletion(description).into());
    }
    if description.rotated || description.owning_service.is_some() {
        return Err(diagnostics::managed_elsewhere(description).into());
    }
    let stored = |value: &Planned<String>| value.known().cloned().unwrap_or_default();
    let (key, tagged) = (stored(&prior.spki_sha256), description.tags.get(KEY_TAG));
    if tagged != Some(&key) {
        return Err(diagnostics::tag_changed(arn, &key, tagged.map(String::as_str)).into());
    }
    let version = stored(&prior.secret_version_id);
    if description.current_version_id.as_ref() != Some(&version) {
        return Err(diagnostics::version_changed(description, &version).into());
    }
    Ok(())
}

/// Warns if the KMS key differs from the KMS key in the state. An alias is not compared with a key because only KMS can
/// resolve the alias.
fn changed_kms_key(prior: &RootCaPlan, description: &SecretDescription) -> Option<Diagnostic> {
    let secret = prior.secrets_manager.known()?;
    let expected = secret.kms_key_id.known().map(String::as_str);
    let found = description.kms_key_id.as_deref();
    (compare_kms_keys(expected, found) == KmsKeys::Different)
        .then(|| diagnostics::kms_key_changed(&description.arn, expected, found))
}
