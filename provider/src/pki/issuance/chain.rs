//! Checks of a described certificate against its issuer and all authorities above it (RFC 5280 section 6.1).

use super::violation::Violation;
use crate::pki::alternative_name::{Wildcard, check_alternative_name};
use crate::pki::certificate::Certificate;
use crate::pki::decoded::DecodedCertificate;
use crate::pki::description::{CertificateKind, Description, KeyUsage};
use crate::pki::issue::{IssueError, check_unsigned, unsigned};
use crate::pki::path::{Reason, forbidden_names};
use crate::pki::public_key::PublicKey;

/// Returns the rules that a certificate for `subject_key` would violate below `issuer`. `above` contains the authorities
/// above the issuer, each before its own issuer. The list is empty if the issuer is a root.
/// If the returned list is empty, the certificate can be issued: except for its signature, it passes the checks of
/// [`crate::pki::issue()`].
#[must_use]
pub fn violations(
    description: &Description,
    subject_key: &PublicKey,
    issuer: &Certificate,
    above: &[Certificate],
    wildcard: Wildcard,
) -> Vec<Violation> {
    let authorities = chain_of(issuer, above);
    let mut found = of_authorities(description, &authorities, wildcard);
    found.extend(of_key(description, subject_key, &authorities));
    if found.is_empty() {
        let checked = check_unsigned(description, subject_key, issuer.public_key());
        found.extend(checked.err().map(|error| invalid(&error)));
    }
    found
}

/// Returns the rules that a certificate would violate below `issuer`, regardless of the certified key. During planning, the
/// key does not exist yet.
#[must_use]
pub fn violations_without_key(
    description: &Description,
    issuer: &Certificate,
    above: &[Certificate],
    wildcard: Wildcard,
) -> Vec<Violation> {
    let mut found = of_authorities(description, &chain_of(issuer, above), wildcard);
    if found.is_empty() {
        // The key usage depends on the algorithm of the key. The key of the issuer allows the other usages.
        let mut without_encryption = description.clone();
        without_encryption.key_usage.retain(|usage| {
            !matches!(
                usage,
                KeyUsage::KeyEncipherment | KeyUsage::DataEncipherment
            )
        });
        let key = issuer.public_key();
        let checked = check_unsigned(&without_encryption, key, key);
        found.extend(checked.err().map(|error| invalid(&error)));
    }
    found
}

/// Returns all authorities, starting with the issuer.
fn chain_of<'a>(issuer: &'a Certificate, above: &'a [Certificate]) -> Vec<&'a Certificate> {
    std::iter::once(issuer).chain(above).collect()
}

fn of_authorities(
    description: &Description,
    authorities: &[&Certificate],
    wildcard: Wildcard,
) -> Vec<Violation> {
    let mut found = of_issuer(description, authorities[0]);
    found.extend(of_chain(authorities));
    found.extend(of_names(description, wildcard));
    found.extend(of_purposes(description, authorities));
    for (between, authority) in authorities.iter().enumerate() {
        found.extend(of_validity(description, authority));
        found.extend(of_path_length(description, authority, between));
    }
    found.extend(of_name_constraints(description, authorities));
    found
}

/// Reports a check that fails for the whole certificate, with its cause.
fn invalid(error: &IssueError) -> Violation {
    let cause = std::error::Error::source(error);
    Violation::Encoding(cause.map_or_else(|| error.to_string(), ToString::to_string))
}

fn name_of(certificate: &Certificate) -> String {
    certificate.description().subject.to_string()
}

fn of_issuer(description: &Description, issuer: &Certificate) -> Vec<Violation> {
    let authority = issuer.description();
    let mut found = Vec::new();
    if description.issuer != authority.subject {
        found.push(Violation::IssuerName {
            found: description.issuer.to_string(),
            expected: name_of(issuer),
        });
    }
    if description.subject.matches(&authority.subject) {
        found.push(Violation::IssuerSubject {
            subject: name_of(issuer),
        });
    }
    let (key, signature) = (
        issuer.public_key().algorithm(),
        description.signature_algorithm,
    );
    if !key.signature_algorithms().contains(&signature) {
        found.push(Violation::SignatureAlgorithm { key, signature });
    }
    found
}

fn of_key(
    description: &Description,
    subject_key: &PublicKey,
    authorities: &[&Certificate],
) -> Vec<Violation> {
    let has_key = |authority: &&&Certificate| authority.public_key() == subject_key;
    let owner = authorities.iter().find(has_key);
    let mut found: Vec<_> = owner
        .map(|authority| Violation::IssuerKey {
            issuer: name_of(authority),
        })
        .into_iter()
        .collect();
    let algorithm = subject_key.algorithm();
    if description.kind() != CertificateKind::Leaf && !algorithm.can_certify() {
        found.push(Violation::WeakKey { algorithm });
    }
    found
}

fn of_chain(authorities: &[&Certificate]) -> Vec<Violation> {
    let pairs = authorities.windows(2);
    let mut found: Vec<_> = pairs
        .filter(|pair| !pair[0].is_issued_by(pair[1]))
        .map(|pair| Violation::Chain {
            issuer: name_of(pair[1]),
            subject: name_of(pair[0]),
        })
        .collect();
    let is_leaf =
        |authority: &&&Certificate| authority.description().kind() == CertificateKind::Leaf;
    let leaves = authorities.iter().filter(is_leaf);
    found.extend(leaves.map(|leaf| Violation::NotAnAuthority {
        issuer: name_of(leaf),
    }));
    let last = authorities[authorities.len() - 1];
    if last.description().kind() == CertificateKind::Intermediate {
        found.push(Violation::Chain {
            issuer: last.description().issuer.to_string(),
            subject: name_of(last),
        });
    }
    found
}

fn of_names(description: &Description, wildcard: Wildcard) -> Vec<Violation> {
    let names = description.subject_alternative_names.iter();
    let mut found: Vec<_> = names
        .filter_map(|name| check_alternative_name(name, wildcard).err())
        .map(Violation::Name)
        .collect();
    if description.subject.is_empty() && description.subject_alternative_names.is_empty() {
        found.push(Violation::Anonymous);
    }
    found
}

/// An authority with purposes restricts the purposes of the certificates below it. RFC 5280 does not define this, but
/// OpenSSL and the verifiers of Windows and Mozilla apply it.
fn of_purposes(description: &Description, authorities: &[&Certificate]) -> Vec<Violation> {
    let purposes = &description.extended_key_usage;
    let mut found = Vec::new();
    if description.kind() == CertificateKind::Leaf {
        if purposes.is_empty() {
            found.push(Violation::NoPurpose);
        }
        if purposes.len() > 1 && purposes.iter().any(|purpose| purpose.is("time_stamping")) {
            found.push(Violation::TimeStamping);
        }
    }
    for purpose in purposes {
        let restricts = |authority: &&&Certificate| {
            let allowed = &authority.description().extended_key_usage;
            !allowed.is_empty() && !allowed.contains(purpose)
        };
        if let Some(authority) = authorities.iter().find(restricts) {
            found.push(Violation::Purpose {
                purpose: purpose.name(),
                issuer: name_of(authority),
            });
        }
    }
    found
}

fn of_validity(description: &Description, authority: &Certificate) -> Vec<Violation> {
    let (own, limit) = (description.validity, authority.description().validity);
    let mut found = Vec::new();
    if own.not_before() < limit.not_before() {
        found.push(Violation::StartsBefore {
            not_before: own.not_before(),
            issuer: name_of(authority),
            limit: limit.not_before(),
        });
    }
    if own.not_after() > limit.not_after() {
        found.push(Violation::EndsAfter {
            not_after: own.not_after(),
            issuer: name_of(authority),
            limit: limit.not_after(),
        });
    }
    found
}

/// `between` is the number of authorities between the certificate and `authority`.
fn of_path_length(
    description: &Description,
    authority: &Certificate,
    between: usize,
) -> Option<Violation> {
    let limit = authority.description().path_length()?;
    let issuer = name_of(authority);
    let is_authority = description.kind() != CertificateKind::Leaf;
    let needed = between + usize::from(is_authority);
    let Some(remaining) = usize::from(limit).checked_sub(needed) else {
        return Some(Violation::PathLength {
            issuer,
            limit,
            needed,
        });
    };
    let found = description.path_length()?;
    (usize::from(found) > remaining).then_some(Violation::ExcessivePathLength {
        issuer,
        found,
        remaining,
    })
}

/// Compares the names in the encoded certificate, as a verifier does. The names do not depend on the certified key, so the
/// encoded certificate contains the key of the issuer.
fn of_name_constraints(
    description: &Description,
    authorities: &[&Certificate],
) -> Option<Violation> {
    let issuer_key = authorities[0].public_key();
    let encoded = match unsigned(description, issuer_key, issuer_key) {
        Ok(encoded) => encoded,
        Err(error) => return Some(Violation::Encoding(error.to_string())),
    };
    let decoded = DecodedCertificate::from_der(&encoded);
    let above = authorities.iter().map(|authority| authority.decoded());
    match decoded.and_then(|decoded| Ok((decoded, above.collect::<Result<Vec<_>, _>>()?))) {
        Ok((certificate, above)) => {
            forbidden_names(&certificate, &above).map(|reason| match reason {
                Reason::NameConstraints { name, issuer } => {
                    Violation::NameConstraints { name, issuer }
                }
                other => Violation::Encoding(other.to_string()),
            })
        }
        Err(error) => Some(Violation::Encoding(error.to_string())),
    }
}
