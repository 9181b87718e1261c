//! State of an authority: identity, and attributes that are derived from the certificate and the secret.
//!
//! These functions are pure.

use jiff::Timestamp;
use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::model::{RootCa, RootCaPlan};
use crate::aws::secrets::WrittenVersion;
use crate::pki::{Certificate, Validity, ValidityStatus};
use crate::resources::identities::Identity;

/// Recovery window if the state does not contain one. The default is the maximum because the window can be shortened
/// later.
pub(super) const LONGEST_RECOVERY_WINDOW: i64 = 30;

/// Converts a plan without unknown values to a state.
pub(super) fn settled(plan: RootCaPlan) -> Result<RootCa, Diagnostics> {
    Planned::Known(plan)
        .settle(AttributePath::root())
        .map_err(|error| {
            Diagnostic::bug("The state is incomplete", &error)
                .at(error.path.clone())
                .into()
        })
}

/// Returns the ARN of the secret in the state.
pub(super) fn stored_arn(prior: &RootCaPlan) -> Result<String, Diagnostics> {
    prior.secret_arn.known().cloned().ok_or_else(|| {
        Diagnostic::bug("The state has no secret", "secret_arn is empty.")
            .at(RootCa::paths().secret_arn())
            .into()
    })
}

/// Sets the attributes that are derived from the certificate and its location.
pub(super) fn with_outputs(
    plan: RootCaPlan,
    certificate: &Certificate,
    location: &WrittenVersion,
    now: Timestamp,
) -> RootCaPlan {
    let (description, key) = (certificate.description(), certificate.public_key());
    let status = description.validity.status_at(now);
    RootCaPlan {
        certificate_pem: certificate.to_pem().into(),
        public_key_pem: key.to_pem().into(),
        serial_number: description.serial_number.to_string().into(),
        subject_key_id: key.identifier().to_string().into(),
        spki_sha256: key.sha256().to_string().into(),
        certificate_sha256: certificate.sha256().to_string().into(),
        not_before: description.validity.not_before().to_string().into(),
        not_after_actual: description.validity.not_after().to_string().into(),
        validity_status: status.name().to_owned().into(),
        secret_arn: location.arn.clone().into(),
        secret_version_id: location.version_id.clone().into(),
        ..plan
    }
}

/// Returns the value of the `validity_status` attribute.
pub(super) fn status(state: &RootCaPlan, now: Timestamp) -> Planned<String> {
    let status = validity_status(state, now);
    status.map(|status| status.name().to_owned()).into()
}

/// Returns the validity status at `now` for the certificate in a state.
pub(super) fn validity_status(state: &RootCaPlan, now: Timestamp) -> Option<ValidityStatus> {
    let instant = |value: &Planned<String>| value.known()?.parse::<Timestamp>().ok();
    let validity = Validity::new(
        instant(&state.not_before)?,
        instant(&state.not_after_actual)?,
    );
    Some(validity.ok()?.status_at(now))
}

/// Identifies an authority by its secret name, which is unique in the account and region.
pub(super) fn identity(secret_name: &str) -> Identity {
    Identity::new("skreg_pki_root_ca", secret_name)
}

/// Identifies an authority that a refresh in this process removed from the state.
pub(super) fn deleted_identity(secret_name: &str) -> Identity {
    Identity::new("skreg_pki_root_ca, deleted", secret_name)
}

pub(super) fn secret_name(state: &RootCaPlan) -> Option<&str> {
    let secret = state.secrets_manager.known()?;
    secret.name.known().map(String::as_str)
}

pub(super) fn is_unprotected(state: &RootCaPlan) -> bool {
    state.deletion_protection == Planned::Known(false)
}
