//! The certificates that a resource issued before the current one: `previous_certificates`. A destroy revokes them too.
//!
//! These functions are pure.

use jiff::Timestamp;
use tfplugin::Planned;

use super::model::{LeafCertificatePlan, PreviousCertificate, PreviousCertificatePlan};
use crate::pki::{SerialNumber, Sha256Fingerprint};
use crate::resources::pki::stored_key::Issued;

/// Value of `previous_certificates`.
pub(super) type Previous = Planned<Vec<Planned<PreviousCertificatePlan>>>;

/// A certificate that a destroy revokes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Revocable {
    pub(super) serial_number: SerialNumber,
    pub(super) not_after: Timestamp,
    pub(super) issuer: Sha256Fingerprint,
}

/// Returns the certificates of a state that have not expired at `now`, the current one last.
pub(super) fn unexpired(state: &LeafCertificatePlan, now: Timestamp) -> Vec<Revocable> {
    let previous = state.previous_certificates.known().into_iter().flatten();
    let previous = previous.filter_map(Planned::known).cloned();
    let all = previous.chain(std::iter::once(current(state)));
    let all = all.filter_map(|certificate| revocable(&certificate));
    all.filter(|certificate| certificate.not_after >= now)
        .collect()
}

/// Returns `previous_certificates` after the next certificate is issued at `now`. Expired certificates are omitted.
pub(super) fn superseded(prior: &LeafCertificatePlan, now: Timestamp) -> Previous {
    let all = unexpired(prior, now).into_iter().map(|certificate| {
        Planned::Known(PreviousCertificatePlan::from(PreviousCertificate {
            serial_number: certificate.serial_number.to_string(),
            not_after: certificate.not_after.to_string(),
            issuer_spki_sha256: certificate.issuer.to_string(),
        }))
    });
    Planned::Known(all.collect())
}

/// Returns `previous_certificates` of an imported certificate: the earlier certificates for the same key.
pub(super) fn of_history(issued: &Issued) -> Previous {
    let earlier = issued.chains.iter().rev().skip(1).rev();
    let all = earlier.filter_map(|chain| {
        let (own, issuer) = (chain.first()?.description(), chain.get(1)?);
        Some(Planned::Known(PreviousCertificatePlan::from(
            PreviousCertificate {
                serial_number: own.serial_number.to_string(),
                not_after: own.validity.not_after().to_string(),
                issuer_spki_sha256: issuer.public_key().sha256().to_string(),
            },
        )))
    });
    Planned::Known(all.collect())
}

fn current(state: &LeafCertificatePlan) -> PreviousCertificatePlan {
    let issuer = state.issuer.known();
    PreviousCertificatePlan {
        serial_number: state.serial_number.clone(),
        not_after: state.not_after_actual.clone(),
        issuer_spki_sha256: issuer.map_or(Planned::Null, |issuer| issuer.spki_sha256.clone()),
    }
}

fn revocable(certificate: &PreviousCertificatePlan) -> Option<Revocable> {
    Some(Revocable {
        serial_number: certificate.serial_number.known()?.parse().ok()?,
        not_after: certificate.not_after.known()?.parse().ok()?,
        issuer: Sha256Fingerprint::from_digits(certificate.issuer_spki_sha256.known()?)?,
    })
}
