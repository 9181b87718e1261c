//! State of an authority: what certificate and secret decide, what an import reads from them, and whether the secret is
//! still the one in the state.
//!
//! Pure.

use jiff::Timestamp;
use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::guard::{self, KEY_TAG};
use super::intent;
use super::model::{NOT_BEFORE_MARGIN_MINUTES, RootCa, RootCaPlan, SecretsManagerPlan, Subject};
use super::refusals;
use crate::aws::secrets::{SecretDescription, WrittenVersion};
use crate::pki::RootCertificate;

/// The window where the state has none; the longest, because it can be shortened later.
pub(super) const LONGEST_RECOVERY_WINDOW: i64 = 30;

/// State without unknown values.
pub(super) fn settled(plan: RootCaPlan) -> Result<RootCa, Diagnostics> {
    Planned::Known(plan)
        .settle(AttributePath::root())
        .map_err(|error| {
            Diagnostic::bug("The state is incomplete", &error)
                .at(error.path.clone())
                .into()
        })
}

/// ARN of the secret in the state.
pub(super) fn stored_arn(prior: &RootCaPlan) -> Result<String, Diagnostics> {
    prior.secret_arn.known().cloned().ok_or_else(|| {
        Diagnostic::bug("The state names no secret", "secret_arn is empty.")
            .at(RootCa::paths().secret_arn())
            .into()
    })
}

/// Fills in everything that the certificate and its place decide.
pub(super) fn with_outputs(
    plan: RootCaPlan,
    certificate: &RootCertificate,
    location: &WrittenVersion,
    now: Timestamp,
) -> RootCaPlan {
    let (issuance, key) = (certificate.issuance(), certificate.public_key());
    let status = issuance.validity.status_at(now);
    RootCaPlan {
        certificate_pem: certificate.to_pem().into(),
        public_key_pem: key.to_pem().into(),
        serial_number: issuance.serial_number.to_string().into(),
        subject_key_id: key.identifier().to_string().into(),
        spki_sha256: key.sha256().to_string().into(),
        certificate_sha256: certificate.sha256().to_string().into(),
        not_before: issuance.validity.not_before().to_string().into(),
        not_after_actual: issuance.validity.not_after().to_string().into(),
        validity_status: status.name().to_owned().into(),
        secret_arn: location.arn.clone().into(),
        secret_version_id: location.version_id.clone().into(),
        ..plan
    }
}

/// The configuration that would have led to a stored authority, with defaults where the store does not tell.
pub(super) fn as_configured(
    certificate: &RootCertificate,
    description: &SecretDescription,
) -> RootCaPlan {
    let issuance = certificate.issuance();
    let length = issuance.validity.days_and_minutes();
    // A certificate of an earlier version begins at the moment of issue, whatever the margin is that is configured now.
    let margin = length
        .map(|(_, minutes)| minutes)
        .filter(|minutes| *minutes > 0);
    let days = length.map(|(days, _)| days);
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
        not_before_margin_minutes: margin.unwrap_or(NOT_BEFORE_MARGIN_MINUTES).into(),
        path_length: intent::path_length_attribute(issuance.path_length).into(),
        deletion_protection: true.into(),
        ..RootCaPlan::default()
    }
}

/// The status of the validity as the attribute has it.
pub(super) fn status(state: &RootCaPlan, now: Timestamp) -> Planned<String> {
    let status = guard::validity_status(state, now);
    status.map(|status| status.name().to_owned()).into()
}

/// Whether the secret is still the one in the state, as far as it can be told without reading its value. The version
/// id stands for the value: any write makes another version.
pub(super) fn unchanged(
    prior: &RootCaPlan,
    description: &SecretDescription,
) -> Result<(), Diagnostics> {
    let arn = &description.arn;
    if description.pending_deletion() {
        return Err(refusals::pending_deletion(description).into());
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

/// `secretsmanager:<arn>`, or the ARN alone.
pub(super) fn arn_of_import_id(id: &str) -> Result<&str, Diagnostics> {
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
