//! Builds paths. Follows issuer names and verifies signatures until a path reaches a trust anchor.

use jiff::Timestamp;

use super::check;
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
    };
    builder.extend(vec![leaf])
}

struct Builder<'a> {
    intermediates: &'a [DecodedCertificate],
    roots: &'a [DecodedCertificate],
    at: Timestamp,
    /// Number of signature verifications that were performed.
    signatures: usize,
}

impl<'a> Builder<'a> {
    /// Extends a path with the issuers of its last certificate until it is complete and valid.
    fn extend(&mut self, path: Path<'a>) -> Result<Path<'a>, Rejection> {
        let Some(last) = path.last().copied() else {
            return Ok(path);
        };
        if self.roots.iter().any(|root| root.der() == last.der()) {
            return check::path(&path, self.at).map(|()| path);
        }
        let mut best = None;
        for issuer in self.issuers(&path)? {
            let mut longer = path.clone();
            longer.push(issuer);
            match self.extend(longer) {
                Ok(path) => return Ok(path),
                Err(rejection) => best = Some(more_specific(best, rejection)),
            }
        }
        Err(best.unwrap_or_else(|| {
            let issuer = last.issuer.to_string();
            Rejection::new(last, Reason::UnknownIssuer { issuer })
        }))
    }

    /// Returns the certificates whose keys verify the signature on the last certificate. Certificates with a matching key
    /// identifier are first. Within each group, roots precede intermediates.
    fn issuers(&mut self, path: &[&'a DecodedCertificate]) -> Result<Path<'a>, Rejection> {
        let Some(last) = path.last().copied() else {
            return Ok(Vec::new());
        };
        let (roots, intermediates) = (self.roots, self.intermediates);
        let mut named: Path<'a> = roots
            .iter()
            .chain(intermediates)
            .filter(|other| other.subject.matches(&last.issuer) && !is_within(path, other))
            .collect();
        named.sort_by_key(|issuer| !has_identifier(last, issuer));
        named.dedup_by(|one, other| one.der() == other.der());
        let mut refusal = None;
        let mut issuers = Vec::new();
        for issuer in named {
            self.signatures += 1;
            if self.signatures > MAX_SIGNATURES || path.len() >= MAX_CERTIFICATES {
                return Err(Rejection::new(last, Reason::TooManyPaths));
            }
            match last.signature.verify(&issuer.public_key) {
                Ok(()) => issuers.push(issuer),
                Err(failure) => refusal = Some(unverified(last, issuer, failure)),
            }
        }
        match refusal {
            Some(refusal) if issuers.is_empty() => Err(refusal),
            _ => Ok(issuers),
        }
    }
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

fn unverified(
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

/// Returns the first rejection of a complete path, or otherwise the first rejection.
fn more_specific(known: Option<Rejection>, new: Rejection) -> Rejection {
    match known {
        Some(known) if known.reason.ends_complete_path() => known,
        Some(_) if new.reason.ends_complete_path() => new,
        Some(known) => known,
        None => new,
    }
}
