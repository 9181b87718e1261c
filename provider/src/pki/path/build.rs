//! Builds paths. Follows issuer names and verifies signatures until a path reaches a trust anchor.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::check;
use super::name_constraints::MAX_COMPARISONS;
use super::rejection::{Reason, Rejection};
use crate::pki::decoded::{DecodedCertificate, SignatureFailure};

/// Certificates of a path, from the leaf to the trust anchor.
type Path<'a> = Vec<&'a DecodedCertificate>;

/// Maximum number of certificates in a path.
const MAX_CERTIFICATES: usize = 16;
/// Maximum number of signatures that one validation verifies.
const MAX_SIGNATURES: usize = 200;

/// Returns a valid path from `leaf` to one of `roots`. The leaf is first and the root is last.
///
/// # Errors
/// Returns a rejection if no path is valid. A rejection of a complete path takes precedence.
pub fn validate<'a>(
    leaf: &'a DecodedCertificate,
    intermediates: &'a [DecodedCertificate],
    roots: &'a [DecodedCertificate],
    at: Timestamp,
) -> Result<Vec<&'a DecodedCertificate>, Rejection> {
    let mut builder = Builder {
        intermediates,
        roots,
        at,
        signatures: 0,
        comparisons: MAX_COMPARISONS,
    };
    builder.extend(vec![leaf])
}

struct Builder<'a> {
    intermediates: &'a [DecodedCertificate],
    roots: &'a [DecodedCertificate],
    at: Timestamp,
    /// Number of signature verifications that were performed.
    signatures: usize,
    /// Number of remaining comparisons of names with constraints.
    comparisons: usize,
}

impl<'a> Builder<'a> {
    /// Extends a path with the issuers of its last certificate until it is complete and valid.
    fn extend(&mut self, path: Path<'a>) -> Result<Path<'a>, Rejection> {
        let Some(last) = path.last().copied() else {
            return Ok(path);
        };
        if is_any(self.roots, last) {
            return check::path(&path, self.at, &mut self.comparisons).map(|()| path);
        }
        let candidates = self.candidates(&path, last);
        if path.len() >= MAX_CERTIFICATES && !candidates.is_empty() {
            let limit = MAX_CERTIFICATES;
            return Err(Rejection::new(last, Reason::TooLong { limit }));
        }
        let (mut best, mut unverified) = (None, None);
        for issuer in candidates {
            if self.signatures >= MAX_SIGNATURES {
                let limit = MAX_SIGNATURES;
                let rejection = Rejection::new(last, Reason::TooManyPaths { limit });
                best = Some(more_specific(best, rejection));
                break;
            }
            self.signatures += 1;
            if let Err(failure) = last.signature.verify(&issuer.public_key) {
                unverified.get_or_insert_with(|| not_verified(last, issuer, failure));
                continue;
            }
            let mut longer = path.clone();
            longer.push(issuer);
            match self.extend(longer) {
                Ok(path) => return Ok(path),
                Err(rejection) => best = Some(more_specific(best, rejection)),
            }
        }
        let rejection = best.or(unverified);
        Err(rejection.unwrap_or_else(|| self.without_issuer(&path, last)))
    }

    /// Returns the certificates with the name of the issuer of the last certificate. Certificates with a matching key identifier are
    /// first. Within each group, roots precede intermediates. Among these, certificates issued by a root and valid certificates
    /// precede others.
    fn candidates(&self, path: &[&DecodedCertificate], last: &DecodedCertificate) -> Path<'a> {
        let (roots, intermediates) = (self.roots, self.intermediates);
        let mut known = BTreeSet::new();
        let mut named: Path<'a> = roots
            .iter()
            .chain(intermediates)
            .filter(|other| other.subject.matches(&last.issuer) && !is_within(path, other))
            .filter(|other| known.insert(other.der()))
            .collect();
        named.sort_by_cached_key(|issuer| {
            (
                !has_identifier(last, issuer),
                !is_any(roots, issuer),
                !roots
                    .iter()
                    .any(|root| root.subject.matches(&issuer.issuer)),
                check::invalid_at(issuer, self.at).is_some(),
            )
        });
        named
    }

    /// Returns the rejection of a certificate for which no candidate exists.
    fn without_issuer(&self, path: &[&DecodedCertificate], last: &DecodedCertificate) -> Rejection {
        let issuer = last.issuer.to_string();
        let mut roots = self.roots.iter();
        let is_renewed =
            roots.any(|root| root.subject.matches(&last.issuer) && is_within(path, root));
        let reason = match is_renewed {
            true => Reason::RenewedRoot { issuer },
            false => Reason::UnknownIssuer { issuer },
        };
        Rejection::new(last, reason)
    }
}

fn is_any(certificates: &[DecodedCertificate], other: &DecodedCertificate) -> bool {
    certificates
        .iter()
        .any(|certificate| certificate.der() == other.der())
}

/// Returns whether a path already contains a certificate with this name and key. Adding it again would create a cycle.
fn is_within(path: &[&DecodedCertificate], other: &DecodedCertificate) -> bool {
    path.iter().any(|certificate| {
        certificate.public_key == other.public_key && certificate.subject.matches(&other.subject)
    })
}

/// Returns whether the authority key identifier of a certificate matches the subject key identifier of the issuer.
fn has_identifier(certificate: &DecodedCertificate, issuer: &DecodedCertificate) -> bool {
    let wanted = &certificate.extensions.authority_key_id;
    wanted.is_some() && *wanted == issuer.extensions.subject_key_id
}

fn not_verified(
    certificate: &DecodedCertificate,
    issuer: &DecodedCertificate,
    failure: SignatureFailure,
) -> Rejection {
    let reason = match failure {
        SignatureFailure::Mismatch => Reason::BadSignature {
            issuer: issuer.subject.to_string(),
        },
        SignatureFailure::Algorithm => Reason::SignatureAlgorithm {
            algorithm: certificate.signature.algorithm(),
            key: issuer.public_key.algorithm.name(),
        },
    };
    Rejection::new(certificate, reason)
}

/// Returns the more specific rejection, or the first one if both are equally specific.
fn more_specific(known: Option<Rejection>, new: Rejection) -> Rejection {
    match known {
        Some(known) if known.reason.precedence() >= new.reason.precedence() => known,
        _ => new,
    }
}
