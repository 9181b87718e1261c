//! Refresh of a stored key: checks that its secret exists and matches the state.
//!
//! A refresh never reads the secret value. It compares the version ID instead. For a key in AWS KMS, it checks the state of
//! the key.

use tfplugin::{Call, Diagnostic, Diagnostics, Planned, Severity};

use super::attributes;
use super::calls::{bounded, connected, refuse_other_account, refuse_other_region};
use super::key_store::KeyStores;
use super::replicas;
use super::resource_type::{StoredKeyType, StoredKeys};
use super::state::{
    KeyState, deleted_identity, identity, is_unprotected, secret_name, status, stored_arn,
};
use super::succession::StoredVersion;
use super::tags::{KEY_TAG, found_tags, own_tags};
use super::wording::Wording;
use crate::aws::secrets::{KmsKeys, NOT_FOUND, SecretDescription, SecretStore, compare_kms_keys};
use crate::resources::pki::kms_key::{self, connected_keys};
use crate::resources::settled::settled;
use crate::resources::tagged::Tagged;

impl<T: StoredKeyType, S: KeyStores> StoredKeys<T, S> {
    /// Returns the state after a refresh, or `None` if the object no longer exists.
    ///
    /// # Errors
    /// Returns an error if the secret cannot be described or does not match the state.
    pub async fn refresh(&self, mut prior: T::Plan, call: &Call) -> Result<Option<T>, Diagnostics> {
        let wording = &T::WORDING;
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
                        let warning = wording.deleted_without_recovery(&arn);
                        Ok(self.drop_from_state(&prior, warning, call))
                    }
                    true => Err(wording.missing(&arn).into()),
                    false => Err(wording.not_described(&error)),
                };
            }
        };
        if description.pending_deletion() && is_unprotected(&prior) {
            return Ok(self.drop_from_state(
                &prior,
                wording.counted_as_deleted(&description),
                call,
            ));
        }
        let interrupted = unchanged(wording, &prior, &description)?;
        if let Some(warning) = interrupted {
            T::mark_interrupted(&mut prior);
            call.warnings.push(warning);
        }
        self.check_key_state(&prior, call).await?;
        call.warnings
            .extend(changed_kms_key(wording, &prior, &description));
        call.warnings.extend(replicas::failures(&description));
        replicas::refresh(&mut prior, &description);
        self.identities.remember(identity(&description.name));
        let tags = own_tags(&prior, &description.tags, &store.default_tags());
        prior.set_tags(tags);
        prior.set_tags_all(found_tags(&description.tags));
        let status = status(&prior, (self.now)());
        prior.set_validity_status(status);
        T::refresh_outputs(&mut prior);
        settled(prior).map(Some)
    }

    /// Reports a KMS key that cannot sign. If the key is lost or will be lost and the object is protected, this is an error,
    /// because a later remedy does not exist. Otherwise, it is a warning. The public key of a KMS key cannot change, so its
    /// ARN identifies it.
    async fn check_key_state(&self, prior: &T::Plan, call: &Call) -> Result<(), Diagnostics> {
        let Some(arn) = prior.kms().known().and_then(|kms| kms.key_arn.known()) else {
            return Ok(());
        };
        let keys = connected_keys(&self.stores, call).await?;
        let path = attributes::signing_key();
        match kms_key::state_problem(&keys, call, arn, &path).await? {
            Some(problem) if problem.is_lost && !is_unprotected(prior) => {
                Err(problem.diagnostic.into())
            }
            Some(mut problem) => {
                problem.diagnostic.severity = Severity::Warning;
                call.warnings.push(problem.diagnostic);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Removes an object from the state with a warning.
    fn drop_from_state(&self, prior: &T::Plan, warning: Diagnostic, call: &Call) -> Option<T> {
        call.warnings.push(warning);
        if let Some(name) = secret_name(prior) {
            self.identities.forget(&identity(name));
            self.identities.remember(deleted_identity(name));
        }
        None
    }
}

/// Returns whether the state permits deletion without recovery. After such a deletion, the secret does not exist.
fn is_deletable_without_recovery(state: &impl KeyState) -> bool {
    let secret = state.secrets_manager().known();
    let window = secret.map(|secret| secret.recovery_window_in_days);
    is_unprotected(state) && window == Some(Planned::Known(0))
}

/// Checks that the secret matches the state. The version ID represents the value because each write creates a version.
/// Returns a warning if the current version is the successor that an interrupted reissue stored.
fn unchanged(
    wording: &Wording,
    prior: &impl KeyState,
    description: &SecretDescription,
) -> Result<Option<Diagnostic>, Diagnostics> {
    let arn = &description.arn;
    if description.pending_deletion() {
        return Err(wording.pending_deletion(description).into());
    }
    if description.rotated || description.owning_service.is_some() {
        return Err(wording.managed_elsewhere(description).into());
    }
    let stored = StoredVersion::of(prior)?;
    if stored.is_succeeded(description) {
        return Ok(Some(wording.reissue_interrupted(description)));
    }
    let key = prior.spki_sha256().known().cloned().unwrap_or_default();
    let tagged = description.tags.get(KEY_TAG);
    if tagged != Some(&key) {
        let tagged = tagged.map(String::as_str);
        return Err(wording.tag_changed(arn, &key, tagged).into());
    }
    if !stored.is_current(description) {
        let expected = &stored.version_id;
        return Err(wording.version_changed(description, expected).into());
    }
    Ok(None)
}

/// Warns if the KMS key differs from the KMS key in the state. An alias is not compared with a key because only KMS can
/// resolve the alias.
fn changed_kms_key(
    wording: &Wording,
    prior: &impl KeyState,
    description: &SecretDescription,
) -> Option<Diagnostic> {
    let secret = prior.secrets_manager().known()?;
    let expected = secret.kms_key_id.known().map(String::as_str);
    let found = description.kms_key_id.as_deref();
    (compare_kms_keys(expected, found) == KmsKeys::Different)
        .then(|| wording.kms_key_changed(&description.arn, expected, found))
}
