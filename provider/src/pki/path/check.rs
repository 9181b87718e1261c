//! Checks a complete path from the trust anchor to the leaf (RFC 5280 sections 6.1.3 to 6.1.5).

use jiff::Timestamp;

use super::name_constraints::Constraints;
use super::rejection::{Reason, Rejection};
use crate::pki::decoded::{DecodedCertificate, extensions};
use crate::pki::description::KeyUsage;

/// Checks a path whose signatures are verified. The leaf is first and the trust anchor is last. `comparisons` is the number of
/// remaining comparisons of names with constraints.
pub(super) fn path(
    path: &[&DecodedCertificate],
    at: Timestamp,
    comparisons: &mut usize,
) -> Result<(), Rejection> {
    let mut limit: Option<Limit> = None;
    let mut constraints = Constraints::default();
    for (below, certificate) in path.iter().enumerate().rev() {
        let reject = |reason| Err(Rejection::new(certificate, reason));
        let unsuitable = invalid_at(certificate, at)
            .or_else(|| wrong_version(certificate))
            .or_else(|| unprocessed(certificate));
        if let Some(reason) = unsuitable {
            return reject(reason);
        }
        let (is_anchor, is_leaf) = (below + 1 == path.len(), below == 0);
        let self_issued = certificate.is_self_issued();
        if (is_leaf || !self_issued)
            && let Some(reason) = constraints.violation(certificate, comparisons)
        {
            return reject(reason);
        }
        if is_leaf {
            continue;
        }
        if let Some(reason) = not_an_issuer(certificate, is_anchor) {
            return reject(reason);
        }
        if !is_anchor
            && !self_issued
            && let Some(limit) = &mut limit
        {
            match limit.remaining.checked_sub(1) {
                Some(remaining) => limit.remaining = remaining,
                None => {
                    return reject(Reason::PathLength {
                        limit: limit.stated,
                    });
                }
            }
        }
        if let Some(stated) = certificate.extensions.path_length() {
            let new = Limit {
                stated,
                remaining: stated,
            };
            limit = match limit {
                Some(known) if known.remaining <= stated => Some(known),
                _ => Some(new),
            };
        }
        constraints.add(certificate);
    }
    Ok(())
}

/// Number of CA certificates that can follow, and the `pathLenConstraint` that sets this limit.
struct Limit {
    stated: u8,
    remaining: u8,
}

/// Returns the reason why a certificate is not valid at a time.
pub(super) fn invalid_at(certificate: &DecodedCertificate, at: Timestamp) -> Option<Reason> {
    let (not_before, not_after) = (certificate.not_before, certificate.not_after);
    if not_before.is_after(at) {
        return Some(Reason::NotYetValid { not_before, at });
    }
    let expired = not_after.is_before(at);
    expired.then_some(Reason::Expired { not_after, at })
}

/// Returns a reason if a certificate before version 3 has extensions (RFC 5280 section 4.1.2.9).
fn wrong_version(certificate: &DecodedCertificate) -> Option<Reason> {
    let version = certificate.version;
    let has_extensions = !certificate.extensions.all.is_empty();
    (version < 3 && has_extensions).then_some(Reason::Version { version })
}

fn unprocessed(certificate: &DecodedCertificate) -> Option<Reason> {
    let mut critical = certificate.extensions.critical();
    let unknown = critical.find(|extension| !extensions::is_processed(&extension.oid))?;
    let oid = extensions::named(&unknown.oid);
    Some(Reason::CriticalExtension { oid })
}

/// Returns the reason why a certificate cannot issue others. A certificate of version 1 has no extensions and is accepted only
/// as a self-issued trust anchor.
fn not_an_issuer(certificate: &DecodedCertificate, is_anchor: bool) -> Option<Reason> {
    let is_old_anchor = is_anchor
        && certificate.version == 1
        && certificate.extensions.all.is_empty()
        && certificate.is_self_issued();
    if !certificate.extensions.is_ca() && !is_old_anchor {
        return Some(Reason::NotACa);
    }
    (!certificate.allows(KeyUsage::KeyCertSign)).then_some(Reason::KeyUsage)
}
