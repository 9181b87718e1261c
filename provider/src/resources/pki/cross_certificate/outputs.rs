//! Outputs of a cross-certificate.
//!
//! These functions are pure.

use jiff::Timestamp;
use tfplugin::Planned;

use super::intent::{authority_of, direction, subject_of};
use super::model::CrossCertificatePlan;
use crate::pki::{Certificate, Validity};

/// Plans the outputs. They are unknown if a certificate is issued.
pub(super) fn planned(plan: &mut CrossCertificatePlan, issued: bool) {
    let (subject, authority) = (subject_of(plan), authority_of(plan));
    let (subject, authority) = (subject.ok().flatten(), authority.ok().flatten());
    plan.chain_pem = authority.as_ref().map_or(Planned::Unknown, |authority| {
        pem(&authority.certificates()).into()
    });
    plan.direction = match (&subject, &authority) {
        (Some(subject), Some(authority)) => {
            let direction = direction(&subject.certificate, &authority.certificate);
            direction.to_owned().into()
        }
        _ => Planned::Unknown,
    };
    if issued {
        for output in [
            &mut plan.certificate_pem,
            &mut plan.serial_number,
            &mut plan.certificate_sha256,
            &mut plan.not_before,
            &mut plan.not_after_actual,
            &mut plan.validity_status,
            &mut plan.subject_key_id,
            &mut plan.spki_sha256,
        ] {
            *output = Planned::Unknown;
        }
    }
}

/// Sets the outputs of a certificate.
pub(super) fn set(plan: &mut CrossCertificatePlan, certificate: &Certificate, now: Timestamp) {
    let (description, key) = (certificate.description(), certificate.public_key());
    let validity = &description.validity;
    plan.certificate_pem = certificate.to_pem().into();
    plan.serial_number = description.serial_number.to_string().into();
    plan.subject_key_id = key.identifier().to_string().into();
    plan.spki_sha256 = key.sha256().to_string().into();
    plan.certificate_sha256 = certificate.sha256().to_string().into();
    plan.not_before = validity.not_before().to_string().into();
    plan.not_after_actual = validity.not_after().to_string().into();
    plan.validity_status = validity.status_at(now).name().to_owned().into();
}

/// Updates the validity status of a state.
pub(super) fn refresh(state: &mut CrossCertificatePlan, now: Timestamp) {
    let instant = |value: &Planned<String>| value.known()?.parse::<Timestamp>().ok();
    let instants = (instant(&state.not_before), instant(&state.not_after_actual));
    if let (Some(start), Some(end)) = instants
        && let Ok(validity) = Validity::new(start, end)
    {
        state.validity_status = validity.status_at(now).name().to_owned().into();
    }
}

pub(super) fn pem(certificates: &[Certificate]) -> String {
    certificates.iter().map(Certificate::to_pem).collect()
}
