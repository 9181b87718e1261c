//! Import of an authority. The stored document provides all attributes except the secret settings.

use tfplugin::{Call, Diagnostic, Diagnostics, Imported, Planned, Private};

use super::calls::{bounded, connected, read_document};
use super::diagnostics;
use super::intent;
use super::model::{NOT_BEFORE_MARGIN_MINUTES, RootCa, RootCaPlan, SecretsManagerPlan, Subject};
use super::resource_type::RootCas;
use super::state::{LONGEST_RECOVERY_WINDOW, with_outputs};
use super::tags::{ADOPTION_TAG, found_tags, own_tags};
use crate::aws::arn::Arn;
use crate::aws::secrets::{SecretDescription, SecretStore, SecretStores, WrittenVersion};
use crate::pki::Certificate;
use crate::resources::commands;

impl<S: SecretStores> RootCas<S> {
    pub(super) async fn find(
        &self,
        id: &str,
        call: &Call,
    ) -> Result<Imported<RootCa>, Diagnostics> {
        let arn = arn_of_import_id(id)?;
        let store = connected(&self.stores, call).await?;
        let description = bounded(call, "secretsmanager:DescribeSecret", store.describe(arn))
            .await
            .map_err(|error| diagnostics::not_described(&error))?;
        if description.pending_deletion() {
            return Err(diagnostics::pending_deletion(&description).into());
        }
        if description.rotated || description.owning_service.is_some() {
            return Err(diagnostics::managed_elsewhere(&description).into());
        }
        let kms_key = description.kms_key_id.as_deref();
        let (document, version_id) = read_document(&store, call, &description.arn, kms_key).await?;
        let Some(certificate) = document.certificate() else {
            return Err(diagnostics::not_importable(&description.arn).into());
        };
        let location = WrittenVersion {
            arn: description.arn.clone(),
            version_id,
        };
        let mut plan = as_configured(certificate, &description);
        let private = private_state(description.tags.get(ADOPTION_TAG).cloned());
        plan.tags = own_tags(&plan, &description.tags, &store.default_tags());
        plan.tags_all = found_tags(&description.tags);
        let state = with_outputs(plan, certificate, &location, (self.now)());
        Ok(Imported::new(state).private(private))
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

/// Reconstructs the configuration of a stored authority. Settings that are not stored have their default values.
fn as_configured(certificate: &Certificate, description: &SecretDescription) -> RootCaPlan {
    let certified = certificate.description();
    let length = certified.validity.days_and_minutes();
    // Earlier provider versions issued certificates without a margin.
    let margin = length
        .map(|(_, minutes)| minutes)
        .filter(|minutes| *minutes > 0);
    let days = length.map(|(days, _)| days);
    let end = certified.validity.not_after().to_string();
    RootCaPlan {
        subject: Planned::Known(Subject::from(&certified.subject).into()),
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
        not_before_margin_minutes: margin.unwrap_or(NOT_BEFORE_MARGIN_MINUTES).into(),
        path_length: intent::path_length_attribute(certified.path_length()).into(),
        deletion_protection: true.into(),
        ..RootCaPlan::default()
    }
}

/// Returns the ARN from an import ID, which is either `secretsmanager:<arn>` or the ARN alone.
fn arn_of_import_id(id: &str) -> Result<&str, Diagnostics> {
    let arn = id.strip_prefix("secretsmanager:").unwrap_or(id);
    if Arn::parse(arn).is_some_and(|arn| arn.is_of("secretsmanager", "secret:")) {
        return Ok(arn);
    }
    let detail = format!(
        "{id:?} is not the ARN of a secret. Use the following command:\n\n{}",
        commands::listing(&[commands::import(
            "skreg_pki_root_ca.NAME",
            "secretsmanager:arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX",
        )])
    );
    Err(Diagnostic::error("Invalid import ID", detail).into())
}
