//! Lists of issuers in which each certificate precedes its own issuer.

use crate::pki::certificate::Certificate;
use crate::pki::description::CertificateKind;

/// Combines the chain of the next certificate with the issuers of earlier certificates that the next chain does not contain.
/// In the result, each certificate precedes its issuer, and each certificate is contained once.
pub(super) fn combined(
    next: Vec<Certificate>,
    earlier: &[Certificate],
    history: &[Certificate],
) -> Vec<Certificate> {
    let mut combined = next.clone();
    for certificate in earlier.iter().rev() {
        if combined.contains(certificate) {
            continue;
        }
        let is_issuer = |issuer: &Certificate| certificate.is_issued_by(issuer);
        let issuer = match certificate.description().kind() {
            CertificateKind::Root => None,
            _ => combined.iter().position(is_issuer),
        };
        combined.insert(issuer.unwrap_or(combined.len()), certificate.clone());
    }
    needed(combined, &next, history)
}

/// Returns the certificates in a chain that are in `kept` or above a certificate in the history.
pub(super) fn needed(
    chain: Vec<Certificate>,
    kept: &[Certificate],
    history: &[Certificate],
) -> Vec<Certificate> {
    let used: Vec<Certificate> = history
        .iter()
        .flat_map(|own| issuers_of(own, &chain))
        .cloned()
        .collect();
    let is_needed =
        |certificate: &Certificate| kept.contains(certificate) || used.contains(certificate);
    chain.into_iter().filter(is_needed).collect()
}

/// Returns the issuers of a certificate from a chain, starting with the direct issuer and ending with the root.
pub(super) fn issuers_of<'a>(
    certificate: &Certificate,
    chain: &'a [Certificate],
) -> Vec<&'a Certificate> {
    let mut found: Vec<&Certificate> = Vec::new();
    let mut above = chain;
    loop {
        let below = found.last().copied().unwrap_or(certificate);
        if below.description().kind() == CertificateKind::Root {
            return found;
        }
        let issuer = above.iter().position(|issuer| below.is_issued_by(issuer));
        let Some(position) = issuer else {
            return found;
        };
        found.push(&above[position]);
        above = &above[position + 1..];
    }
}
