//! The certificates that a resource issued before the current one: `previous_certificates`. A destroy revokes them too.
//!
//! These functions are pure.

use jiff::Timestamp;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::model::{LeafCertificatePlan, PreviousCertificate, PreviousCertificatePlan};
use crate::pki::{Certificate, SerialNumber, Sha256Fingerprint};
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

impl Revocable {
    /// Returns the current certificate of a state.
    pub(super) fn current(state: &LeafCertificatePlan) -> Result<Self, Diagnostics> {
        let text = |value: &Planned<String>| value.known().cloned().unwrap_or_default();
        let not_after = text(&state.not_after_actual)
            .parse()
            .map_err(|error| Diagnostic::bug("The end of validity is malformed", error))?;
        let serial_number = text(&state.serial_number)
            .parse()
            .map_err(|error| Diagnostic::bug("The serial number is malformed", &error))?;
        let issuer = state.issuer.known().map(|issuer| text(&issuer.spki_sha256));
        let issuer = issuer.as_deref().and_then(Sha256Fingerprint::from_digits);
        let issuer = issuer.ok_or_else(|| {
            Diagnostic::bug("The issuer is malformed", "spki_sha256 is not a hash.")
        })?;
        Ok(Self {
            serial_number,
            not_after,
            issuer,
        })
    }

    /// Returns an issued certificate.
    pub(super) fn issued(issued: &Issued) -> Option<Self> {
        Self::of_chain(std::iter::once(issued.certificate()).chain(&issued.chain))
    }

    /// Returns the first certificate of a chain.
    fn of_chain<'a>(mut chain: impl Iterator<Item = &'a Certificate>) -> Option<Self> {
        let (own, issuer) = (chain.next()?.description(), chain.next()?);
        Some(Self {
            serial_number: own.serial_number.clone(),
            not_after: own.validity.not_after(),
            issuer: issuer.public_key().sha256(),
        })
    }

    fn read(certificate: &PreviousCertificatePlan) -> Option<Self> {
        let issuer = certificate.issuer_spki_sha256.known()?;
        Some(Self {
            serial_number: certificate.serial_number.known()?.parse().ok()?,
            not_after: certificate.not_after.known()?.parse().ok()?,
            issuer: Sha256Fingerprint::from_digits(issuer)?,
        })
    }

    fn planned(&self) -> Planned<PreviousCertificatePlan> {
        Planned::Known(PreviousCertificatePlan::from(PreviousCertificate {
            serial_number: self.serial_number.to_string(),
            not_after: self.not_after.to_string(),
            issuer_spki_sha256: self.issuer.to_string(),
        }))
    }
}

/// Returns the certificates that the current certificate of a state supersedes.
pub(super) fn superseded_by(state: &LeafCertificatePlan) -> Vec<Revocable> {
    let previous = state.previous_certificates.known().into_iter().flatten();
    let previous = previous.filter_map(Planned::known);
    previous.filter_map(Revocable::read).collect()
}

/// Returns `previous_certificates` after the next certificate is issued at `now`. `missing` is a certificate that the state
/// does not contain. Expired certificates are omitted.
pub(super) fn superseded(
    prior: &LeafCertificatePlan,
    missing: Option<Revocable>,
    now: Timestamp,
) -> Result<Previous, Diagnostics> {
    let mut all = superseded_by(prior);
    all.push(Revocable::current(prior)?);
    all.extend(missing);
    let unexpired = all
        .iter()
        .filter(|certificate| certificate.not_after >= now);
    Ok(Planned::Known(unexpired.map(Revocable::planned).collect()))
}

/// Returns `previous_certificates` of an imported certificate: the earlier certificates for the same key.
pub(super) fn of_history(issued: &Issued) -> Previous {
    let earlier = issued.chains.iter().rev().skip(1).rev();
    let all = earlier.filter_map(|chain| Revocable::of_chain(chain.iter()));
    Planned::Known(all.map(|certificate| certificate.planned()).collect())
}
