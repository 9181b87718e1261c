//! Replicas of the secret in other regions: `secrets_manager.replica_regions`.
//!
//! Follows the AWS Secrets Manager API reference, pages `ReplicateSecretToRegions`, `RemoveRegionsFromReplication`, and
//! `DeleteSecret`. The calls return before a replication ends, and its result is the status of the replica in
//! `DescribeSecret`. The regions are always compared with the secret instead of the state, because `ReplicateSecretToRegions`
//! fails for a region that already contains a replica.

use std::collections::BTreeSet;

use tfplugin::{Call, Diagnostic, Diagnostics, Planned};

use super::calls::{bounded, connected, connected_if_known, described, refuse_other_region};
use super::diagnostics;
use super::key_store::KeyStores;
use super::resource_type::{StoredKeyType, StoredKeys};
use super::secret::SecretsManagerPlan;
use super::state::{KeyState, stored_arn};
use crate::aws::AwsError;
use crate::aws::secrets::{
    Replica, ReplicaRegion, ReplicationStatus, SecretDescription, SecretStore,
};

const REPLICATE: &str = "secretsmanager:ReplicateSecretToRegions";
const REMOVE: &str = "secretsmanager:RemoveRegionsFromReplication";
const DESCRIBE: &str = "secretsmanager:DescribeSecret";

impl<T: StoredKeyType, S: KeyStores> StoredKeys<T, S> {
    /// Replicates the secret to the planned regions, and removes the other replicas. If the attribute is not set, the
    /// replicas remain.
    pub(super) async fn change_replicas(
        &self,
        prior: &T::Plan,
        plan: &T::Plan,
        call: &Call,
    ) -> Result<(), Diagnostics> {
        let (before, wanted) = (configured(prior), configured(plan));
        let wanted = match wanted {
            Some(wanted) if before.as_ref() != Some(&wanted) => wanted,
            _ => return Ok(()),
        };
        let store = connected(&self.stores, call).await?;
        let arn = stored_arn(prior)?;
        refuse_other_region(&store, &arn)?;
        let secret = bounded(call, DESCRIBE, store.describe(&arn)).await;
        let secret = secret.map_err(|error| T::WORDING.not_described(&error))?;
        let changed = synchronize(&store, call, &secret, &wanted).await;
        changed.map_err(|error| Diagnostics::from(diagnostics::not_replicated(&arn, &error)))
    }

    /// Returns an error if the regions contain the region of the secret.
    pub(super) async fn refuse_primary_region(
        &self,
        plan: &T::Plan,
        call: &Call,
    ) -> Result<(), Diagnostics> {
        let regions = configured(plan).filter(|regions| !regions.is_empty());
        let Some(regions) = regions else {
            return Ok(());
        };
        let Some(store) = connected_if_known(&self.stores, call).await? else {
            return Ok(());
        };
        let primary = store.identity().region().to_owned();
        match regions.contains(&primary) {
            true => Err(diagnostics::primary_region(&primary).into()),
            false => Ok(()),
        }
    }
}

/// Returns the known regions of the attribute, or `None` if the attribute is null or unknown.
pub(super) fn configured(plan: &impl KeyState) -> Option<BTreeSet<String>> {
    let secret = plan.secrets_manager().known()?;
    let regions = secret.replica_regions.known()?.iter();
    Some(regions.filter_map(Planned::known).cloned().collect())
}

/// Returns the regions that contain a replica, including failed replicas.
pub(super) fn found(secret: &SecretDescription) -> BTreeSet<String> {
    let replicas = secret.replicas.iter();
    replicas
        .map(|replica| replica.region.region.clone())
        .collect()
}

/// Sets the attribute to the regions of the secret, unless it is null.
pub(super) fn refresh(state: &mut impl KeyState, secret: &SecretDescription) {
    if let Planned::Known(SecretsManagerPlan {
        replica_regions: Planned::Known(regions),
        ..
    }) = state.secrets_manager_mut()
    {
        *regions = found(secret).into_iter().map(Planned::Known).collect();
    }
}

/// Returns a warning for each replica that AWS could not create or update.
pub(super) fn failures(secret: &SecretDescription) -> impl Iterator<Item = Diagnostic> {
    let failed = |replica: &&Replica| replica.status == ReplicationStatus::Failed;
    let replicas = secret.replicas.iter().filter(failed);
    replicas.map(|replica| diagnostics::replica_failed(&secret.arn, replica))
}

/// Returns the parameter of `CreateSecret` and `ReplicateSecretToRegions` for regions.
pub(super) fn targets<'a>(regions: impl IntoIterator<Item = &'a String>) -> Vec<ReplicaRegion> {
    let target = |region: &String| ReplicaRegion {
        region: region.clone(),
        kms_key_id: None,
    };
    regions.into_iter().map(target).collect()
}

/// Makes the replicas of a secret match the regions, and reports failed replications as warnings.
pub(super) async fn synchronize(
    store: &impl SecretStore,
    call: &Call,
    secret: &SecretDescription,
    wanted: &BTreeSet<String>,
) -> Result<(), AwsError> {
    let (arn, existing) = (&secret.arn, found(secret));
    let missing = targets(wanted.difference(&existing));
    let surplus: Vec<String> = existing.difference(wanted).cloned().collect();
    if !missing.is_empty() {
        bounded(call, REPLICATE, store.replicate(arn, &missing)).await?;
    }
    if !surplus.is_empty() {
        bounded(call, REMOVE, store.remove_replicas(arn, &surplus)).await?;
    }
    if !missing.is_empty() {
        let replicated = described(store, call, arn, |now| found(now).is_superset(wanted)).await?;
        call.warnings.extend(failures(&replicated));
    }
    Ok(())
}

/// Removes all replicas, which AWS requires before the secret is deleted.
pub(super) async fn remove_all(
    store: &impl SecretStore,
    call: &Call,
    secret: &SecretDescription,
) -> Result<(), AwsError> {
    let regions: Vec<String> = found(secret).into_iter().collect();
    if regions.is_empty() {
        return Ok(());
    }
    bounded(call, REMOVE, store.remove_replicas(&secret.arn, &regions)).await?;
    let removed = |now: &SecretDescription| now.replicas.is_empty();
    described(store, call, &secret.arn, removed).await.map(drop)
}
