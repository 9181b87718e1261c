//! Name constraints (RFC 5280 section 4.2.1.10). Checks the names in a certificate against the constraints of all certificate
//! authorities above it.

use super::names::{Base, PreparedName, Relation, names_in};
use super::rejection::Reason;
use crate::pki::decoded::{DecodedCertificate, Name, NameConstraints};

/// Maximum number of comparisons of a name with a base in one validation. OpenSSL has the same limit for each certificate.
pub(super) const MAX_COMPARISONS: usize = 1 << 20;

/// Name constraints of a path. Names must satisfy all constraints.
#[derive(Default)]
pub(super) struct Constraints<'a>(Vec<Subtrees<'a>>);

/// Name constraints of an authority.
struct Subtrees<'a> {
    permitted: Vec<Base<'a>>,
    excluded: Vec<Base<'a>>,
    issuer: &'a Name,
}

impl<'a> Constraints<'a> {
    /// Adds the constraints of an authority.
    pub(super) fn add(&mut self, authority: &'a DecodedCertificate) {
        let stated = authority.extensions.name_constraints.as_ref();
        self.0
            .extend(stated.map(|stated| Subtrees::of(stated, &authority.subject)));
    }

    /// Returns the first name in the certificate that violates a constraint. Subtracts the comparisons from `remaining`.
    pub(super) fn violation(
        &self,
        certificate: &DecodedCertificate,
        remaining: &mut usize,
    ) -> Option<Reason> {
        if self.0.is_empty() {
            return None;
        }
        let names = names_in(certificate);
        self.0.iter().find_map(|subtrees| {
            let bases = subtrees.permitted.len() + subtrees.excluded.len();
            let Some(rest) = remaining.checked_sub(names.len().saturating_mul(bases)) else {
                return Some(Reason::TooManyNames {
                    limit: MAX_COMPARISONS,
                });
            };
            *remaining = rest;
            let name = names
                .iter()
                .find(|name| !permits(&subtrees.permitted, &subtrees.excluded, name))?;
            Some(Reason::NameConstraints {
                name: name.shown(),
                issuer: subtrees.issuer.to_string(),
            })
        })
    }
}

/// Returns the reason why the authorities above a certificate do not allow its names.
pub(in crate::pki) fn forbidden_names(
    certificate: &DecodedCertificate,
    above: &[DecodedCertificate],
) -> Option<Reason> {
    let mut constraints = Constraints::default();
    for authority in above {
        constraints.add(authority);
    }
    let mut comparisons = MAX_COMPARISONS;
    constraints.violation(certificate, &mut comparisons)
}

impl<'a> Subtrees<'a> {
    fn of(stated: &'a NameConstraints, issuer: &'a Name) -> Self {
        Self {
            permitted: stated.permitted.iter().map(Base::from).collect(),
            excluded: stated.excluded.iter().map(Base::from).collect(),
            issuer,
        }
    }
}

fn permits(permitted: &[Base<'_>], excluded: &[Base<'_>], name: &PreparedName) -> bool {
    let mut permitted = permitted
        .iter()
        .filter_map(|base| name.relation(base))
        .peekable();
    let mut excluded = excluded.iter().filter_map(|base| name.relation(base));
    let restricted = permitted.peek().is_some();
    (!restricted || permitted.any(|relation| relation == Relation::Within))
        && excluded.all(|relation| relation == Relation::Outside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::decoded::GeneralName;

    fn permitted(base: GeneralName, name: GeneralName) -> bool {
        permits(&[Base::from(&base)], &[], &PreparedName::from(name))
    }

    fn excluded(base: GeneralName, name: GeneralName) -> bool {
        !permits(&[], &[Base::from(&base)], &PreparedName::from(name))
    }

    type Form = fn(String) -> GeneralName;

    /// Form, base, name, and whether the name is within the subtree. `None` if both kinds of subtrees reject the name.
    const TEXTS: &[(Form, &str, &str, Option<bool>)] = &[
        (GeneralName::Dns, "example.com", "example.com", Some(true)),
        (GeneralName::Dns, "example.com", "A.EXAMPLE.com", Some(true)),
        (GeneralName::Dns, "example.com", "*.example.com", Some(true)),
        (
            GeneralName::Dns,
            "example.com",
            "badexample.com",
            Some(false),
        ),
        (
            GeneralName::Dns,
            ".example.com",
            "a.example.com",
            Some(true),
        ),
        (GeneralName::Dns, ".example.com", "example.com", Some(false)),
        (GeneralName::Dns, "", "example.com", Some(true)),
        (GeneralName::Dns, "a.example.com", "*.example.com", None),
        (
            GeneralName::Dns,
            "a.example.com",
            "a.example.com.",
            Some(true),
        ),
        // Empty labels (RFC 1034 section 3.5) are malformed in a base and in a name.
        (GeneralName::Dns, "a.example.com.", "a.example.com", None),
        (GeneralName::Dns, ".", "example.com", None),
        (GeneralName::Dns, "..", "example.com", None),
        (GeneralName::Dns, "example.com", ".example.com", None),
        (GeneralName::Dns, "example.com", "a..example.com", None),
        (GeneralName::Dns, "", "", None),
        // A wildcard covers names with exactly one more label.
        (
            GeneralName::Dns,
            "x.y.example.com",
            "*.example.com",
            Some(false),
        ),
        (
            GeneralName::Dns,
            ".a.example.com",
            "*.example.com",
            Some(false),
        ),
        (GeneralName::Dns, "a.example.com", "b*.example.com", None),
        (
            GeneralName::Email,
            "example.com",
            "a@EXAMPLE.com",
            Some(true),
        ),
        (
            GeneralName::Email,
            "example.com",
            "a@b.example.com",
            Some(false),
        ),
        (
            GeneralName::Email,
            ".example.com",
            "a@b.example.com",
            Some(true),
        ),
        (
            GeneralName::Email,
            "a@example.com",
            "a@example.com",
            Some(true),
        ),
        (
            GeneralName::Email,
            "a@example.com",
            "A@example.com",
            Some(false),
        ),
        (GeneralName::Email, "example.com", "no mailbox", None),
        (
            GeneralName::Email,
            "@example.com",
            "a@Example.com",
            Some(true),
        ),
        (
            GeneralName::Email,
            "@example.com",
            "a@b.example.com",
            Some(false),
        ),
        (GeneralName::Email, "a@", "a@example.com", None),
        (GeneralName::Email, ".", "a@example.com", None),
        (GeneralName::Email, "example.com", "a@", None),
        (
            GeneralName::Email,
            "example.com",
            "a@\u{e9}.example.com",
            None,
        ),
        (
            GeneralName::Uri,
            "example.com",
            "https://u@example.com:8/x@y",
            Some(true),
        ),
        (
            GeneralName::Uri,
            "example.com",
            "https://a.example.com",
            Some(false),
        ),
        (
            GeneralName::Uri,
            ".example.com",
            "https://a.example.com?b",
            Some(true),
        ),
        (GeneralName::Uri, "example.com", "https://192.0.2.1/", None),
        (GeneralName::Uri, "example.com", "urn:example", None),
        (
            GeneralName::Uri,
            "example.com",
            "urn:evil?u=://example.com",
            None,
        ),
        (
            GeneralName::Uri,
            "example.com",
            "https:evil.com/x://example.com/",
            None,
        ),
        (GeneralName::Uri, "example.com", "//example.com/", None),
        (
            GeneralName::Uri,
            "example.com",
            "1https://example.com/",
            None,
        ),
        (
            GeneralName::Uri,
            "example.com",
            "https://evil.com\\@example.com/",
            None,
        ),
        (
            GeneralName::Uri,
            "example.com",
            "https://evil.com@x@example.com/",
            None,
        ),
        (
            GeneralName::Uri,
            "example.com",
            "https://%65xample.com/",
            None,
        ),
        (
            GeneralName::Uri,
            "example.com",
            "https://example.com:8x/",
            None,
        ),
        (
            GeneralName::Uri,
            "example.com",
            "https://example.com:8:9/",
            None,
        ),
        (GeneralName::Uri, "example.com", "https:///", None),
        (GeneralName::Uri, "example.com", "https://0x7f.0x1/", None),
        (
            GeneralName::Uri,
            "example.com",
            "https://[2001:db8::1]/",
            None,
        ),
        (GeneralName::Uri, ".", "https://example.com/", None),
        (
            GeneralName::Uri,
            "example.com",
            "HTTPS://EXAMPLE.com.",
            Some(true),
        ),
    ];

    #[test]
    fn names_are_within_or_outside_of_subtrees() {
        for (of, base, name, within) in TEXTS {
            let (base, name) = (of((*base).to_owned()), of((*name).to_owned()));
            let found = (
                permitted(base.clone(), name.clone()),
                excluded(base.clone(), name.clone()),
            );
            let expected = (*within == Some(true), *within != Some(false));
            assert_eq!(found, expected, "{name:?} and {base:?}");
        }
    }

    #[test]
    fn addresses_are_compared_under_their_mask() {
        let base = GeneralName::Ip(vec![10, 128, 0, 0, 255, 128, 0, 0]);
        for (address, within) in [
            (vec![10, 129, 2, 3], true),
            (vec![10, 1, 2, 3], false),
            (vec![0; 16], false),
        ] {
            let address = GeneralName::Ip(address);
            assert_eq!(permitted(base.clone(), address.clone()), within);
            assert_eq!(excluded(base.clone(), address), within);
        }
    }

    #[test]
    fn other_forms_are_not_restricted() {
        let base = GeneralName::Dns("example.com".to_owned());
        let name = GeneralName::Email("a@b.org".to_owned());
        assert!(permitted(base, name));
        assert!(!permitted(GeneralName::Other(0), GeneralName::Other(0)));
        assert!(excluded(GeneralName::Other(0), GeneralName::Other(0)));
    }
}
