//! Import of a stored key. The stored document provides all attributes except the secret settings.

use tfplugin::{Call, Diagnostic, Diagnostics, Imported, Planned, PlannedSet, Private};

use super::calls::{bounded, connected, read_document};
use super::certification::Issued;
use super::key_store::KeyStores;
use super::replicas;
use super::resource_type::{StoredKeyType, StoredKeys};
use super::secret::SecretsManagerPlan;
use super::state::{KeyState, LONGEST_RECOVERY_WINDOW};
use super::tags::{ADOPTION_TAG, found_tags, own_tags};
use super::wording::Wording;
use crate::aws::arn::Arn;
use crate::aws::secrets::{SecretDescription, SecretStore, WrittenVersion};
use crate::resources::commands;
use crate::resources::tagged::Tagged;

impl<T: StoredKeyType, S: KeyStores> StoredKeys<T, S> {
    /// Returns the state of the object with an import ID.
    ///
    /// # Errors
    /// Returns an error if the ID is not the ARN of a secret, or if the secret does not contain a complete key document
    /// for the type.
    pub async fn find(&self, id: &str, call: &Call) -> Result<Imported<T>, Diagnostics> {
        let wording = &T::WORDING;
        let arn = arn_of_import_id(wording, id)?;
        let store = connected(&self.stores, call).await?;
        let description = bounded(call, "secretsmanager:DescribeSecret", store.describe(arn))
            .await
            .map_err(|error| wording.not_described(&error))?;
        if description.pending_deletion() {
            return Err(wording.pending_deletion(&description).into());
        }
        if description.rotated || description.owning_service.is_some() {
            return Err(wording.managed_elsewhere(&description).into());
        }
        let kms_key = description.kms_key_id.as_deref();
        let (document, version_id) =
            read_document(&store, call, wording, &description.arn, kms_key).await?;
        let Some(certificate) = document.certificate() else {
            return Err(wording.not_importable(&description.arn).into());
        };
        let location = WrittenVersion {
            arn: description.arn.clone(),
            version_id,
        };
        let mut plan = T::imported(certificate, &description);
        let private = private_state(description.tags.get(ADOPTION_TAG).cloned());
        let tags = own_tags(&plan, &description.tags, &store.default_tags());
        plan.set_tags(tags);
        plan.set_tags_all(found_tags(&description.tags));
        plan.set_outputs(certificate, &location, (self.now)());
        plan.set_kms(document.key().kms_arn());
        T::set_outputs(&mut plan, &Issued::of(&document, location)?);
        Ok(Imported::new(plan).private(private))
    }
}

impl From<&SecretDescription> for SecretsManagerPlan {
    fn from(description: &SecretDescription) -> Self {
        let regions = replicas::found(description);
        let replica_regions: Option<PlannedSet<Planned<String>>> =
            (!regions.is_empty()).then(|| regions.into_iter().map(Planned::Known).collect());
        Self {
            name: description.name.clone().into(),
            kms_key_id: description.kms_key_id.clone().into(),
            recovery_window_in_days: LONGEST_RECOVERY_WINDOW.into(),
            replica_regions: replica_regions.into(),
        }
    }
}

/// Returns the private state with the tag of the create operation that adopted the key, if any.
fn private_state(adoption: Option<String>) -> Private {
    let mut private = Private::default();
    if let Some(marker) = adoption {
        private.set(ADOPTION_TAG, marker.into());
    }
    private
}

/// Returns the ARN from an import ID, which is either `secretsmanager:<arn>` or the ARN alone.
fn arn_of_import_id<'a>(wording: &Wording, id: &'a str) -> Result<&'a str, Diagnostics> {
    let arn = id.strip_prefix("secretsmanager:").unwrap_or(id);
    if Arn::parse(arn).is_some_and(|arn| arn.is_of("secretsmanager", "secret:")) {
        return Ok(arn);
    }
    let detail = format!(
        "{id:?} is not the ARN of a secret. Use the following command:\n\n{}",
        commands::listing(&[commands::import(
            &format!("{}.NAME", wording.resource_type),
            "secretsmanager:arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX",
        )])
    );
    Err(Diagnostic::error("Invalid import ID", detail).into())
}
