//! Rules that every trust bundle complies with, regardless of the time and the previous bundle.

use super::anchor::{AnchorError, TrustAnchor};
use super::bundle::TrustedRoot;
use super::error::{CrossCertificateFault, TrustError};
use super::status::RootStatus;
use crate::pki::decoded::DecodedCertificate;
use crate::pki::pem::{PemLabel, pem_block};

/// Reads cross-certificates in the RFC 7468 textual encoding, one block for each text.
pub(super) fn read_cross_certificates(
    texts: &[String],
) -> Result<Vec<DecodedCertificate>, TrustError> {
    let read = |(position, text): (usize, &String)| {
        let block = pem_block(PemLabel::Certificate, text).map_err(AnchorError::from);
        let certificate = block.and_then(|block| Ok(DecodedCertificate::from_der(&block.der)?));
        certificate.map_err(|error| TrustError::CrossCertificate {
            position,
            fault: CrossCertificateFault::Unreadable(error),
        })
    };
    (1..).zip(texts).map(read).collect()
}

/// Checks the roots, which are sorted by their keys, and the cross-certificates.
pub(super) fn check(
    roots: &[TrustedRoot],
    cross_certificates: &[DecodedCertificate],
) -> Result<(), TrustError> {
    for pair in roots.windows(2) {
        if name(&pair[0].anchor) == name(&pair[1].anchor) {
            return Err(TrustError::DuplicateKey(name(&pair[0].anchor)));
        }
    }
    roots.iter().try_for_each(check_window)?;
    if !roots.iter().any(|root| root.status == RootStatus::Active) {
        return Err(TrustError::NoActiveRoot);
    }
    for (position, certificate) in (1..).zip(cross_certificates) {
        connected(certificate, roots)
            .map_err(|fault| TrustError::CrossCertificate { position, fault })?;
    }
    check_subjects(roots, cross_certificates)
}

/// Returns the hash that identifies a root in messages.
pub(super) fn name(anchor: &TrustAnchor) -> String {
    anchor.spki_sha256().to_string()
}

fn check_window(root: &TrustedRoot) -> Result<(), TrustError> {
    let instants = [root.distribute_from, root.published_at];
    let optional = [root.retiring_since, root.trust_until];
    let mut instants = instants.into_iter().chain(optional.into_iter().flatten());
    if let Some(instant) = instants.find(|instant| instant.subsec_nanosecond() != 0) {
        return Err(TrustError::Fraction(instant));
    }
    match (root.trust_until, root.status) {
        (Some(trust_until), _) if trust_until <= root.distribute_from => Err(TrustError::Window {
            root: name(&root.anchor),
            distribute_from: root.distribute_from,
            trust_until,
        }),
        (None, status @ (RootStatus::Retiring | RootStatus::Retired)) => {
            Err(TrustError::NoTrustUntil {
                root: name(&root.anchor),
                status,
            })
        }
        _ => Ok(()),
    }
}

/// Returns the root whose key a cross-certificate certifies, and the root that signed it.
fn connected<'a>(
    certificate: &DecodedCertificate,
    roots: &'a [TrustedRoot],
) -> Result<(&'a TrustAnchor, &'a TrustAnchor), CrossCertificateFault> {
    let mut anchors = roots.iter().map(|root| &root.anchor);
    let subject = anchors
        .clone()
        .find(|anchor| {
            anchor.certificate().public_key == certificate.public_key
                && anchor.certificate().subject.matches(&certificate.subject)
        })
        .ok_or(CrossCertificateFault::Subject)?;
    let issuer = anchors
        .find(|anchor| {
            let issuer = anchor.certificate();
            *anchor != subject
                && issuer.subject.matches(&certificate.issuer)
                && certificate.signature.verify(&issuer.public_key).is_ok()
        })
        .ok_or(CrossCertificateFault::Issuer)?;
    match certificate.extensions.is_ca() {
        true => Ok((subject, issuer)),
        false => Err(CrossCertificateFault::NotAuthority),
    }
}

/// Checks that roots with the same subject are connected by a cross-certificate.
fn check_subjects(
    roots: &[TrustedRoot],
    cross_certificates: &[DecodedCertificate],
) -> Result<(), TrustError> {
    for (position, root) in roots.iter().enumerate() {
        let first = &root.anchor;
        let subject = &first.certificate().subject;
        let later = roots[position + 1..].iter().map(|root| &root.anchor);
        let mut same = later.filter(|later| later.certificate().subject.matches(subject));
        let is_connected = |second: &TrustAnchor| {
            cross_certificates.iter().any(|certificate| {
                connected(certificate, roots)
                    .is_ok_and(|pair| pair == (first, second) || pair == (second, first))
            })
        };
        if let Some(second) = same.find(|second| !is_connected(second)) {
            return Err(TrustError::SameSubject {
                subject: subject.to_string(),
                first: name(first),
                second: name(second),
            });
        }
    }
    Ok(())
}
