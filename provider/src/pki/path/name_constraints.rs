//! Name constraints (RFC 5280 section 4.2.1.10). Checks the names in a certificate against the constraints of all certificate
//! authorities above it.

use super::rejection::Reason;
use crate::pki::decoded::{DecodedCertificate, GeneralName, NameConstraints};

/// `emailAddress`. Constraints on mailboxes apply to this attribute if no alternative name of the certificate is a mailbox.
const EMAIL_ADDRESS: &str = "1.2.840.113549.1.9.1";

/// Name constraints of a path and the subjects of the certificates that contain them. Names must satisfy all constraints.
#[derive(Default)]
pub(super) struct Constraints<'a>(Vec<(&'a NameConstraints, String)>);

impl<'a> Constraints<'a> {
    /// Adds the constraints of an authority.
    pub(super) fn add(&mut self, authority: &'a DecodedCertificate) {
        let stated = authority.extensions.name_constraints.as_ref();
        self.0
            .extend(stated.map(|stated| (stated, authority.subject.to_string())));
    }

    /// Returns the first name in the certificate that violates a constraint.
    pub(super) fn violation(&self, certificate: &DecodedCertificate) -> Option<Reason> {
        if self.0.is_empty() {
            return None;
        }
        let names = names(certificate);
        self.0.iter().find_map(|(constraints, issuer)| {
            let name = names.iter().find(|name| !permits(constraints, name))?;
            Some(Reason::NameConstraints {
                name: shown(name),
                issuer: issuer.clone(),
            })
        })
    }
}

fn names(certificate: &DecodedCertificate) -> Vec<GeneralName> {
    let mut names = certificate.extensions.subject_alternative_names.clone();
    if !names
        .iter()
        .any(|name| matches!(name, GeneralName::Email(_)))
    {
        let attributes = certificate.subject.attributes();
        let addresses = attributes.filter(|attribute| attribute.oid == EMAIL_ADDRESS);
        names.extend(addresses.map(|attribute| GeneralName::Email(attribute.value())));
    }
    if !certificate.subject.is_empty() {
        names.push(GeneralName::Directory(certificate.subject.clone()));
    }
    names
}

fn shown(name: &GeneralName) -> String {
    match name {
        GeneralName::Email(name) | GeneralName::Dns(name) | GeneralName::Uri(name) => name.clone(),
        GeneralName::Ip(octets) => {
            GeneralName::address(octets).map_or_else(String::new, |address| address.to_string())
        }
        GeneralName::Directory(name) => name.to_string(),
        GeneralName::Other(tag) => format!("of the form [{tag}]"),
    }
}

fn permits(constraints: &NameConstraints, name: &GeneralName) -> bool {
    let of_form = |base: &&GeneralName| form(base) == form(name);
    let mut permitted = constraints.permitted.iter().filter(of_form).peekable();
    let mut excluded = constraints.excluded.iter().filter(of_form);
    let restricted = permitted.peek().is_some();
    (!restricted || permitted.any(|base| relation(name, base) == Relation::Within))
        && excluded.all(|base| relation(name, base) == Relation::Outside)
}

fn form(name: &GeneralName) -> u32 {
    match name {
        GeneralName::Email(_) => 1,
        GeneralName::Dns(_) => 2,
        GeneralName::Directory(_) => 4,
        GeneralName::Uri(_) => 6,
        GeneralName::Ip(_) => 7,
        GeneralName::Other(tag) => *tag,
    }
}

/// Relation between a name and a subtree of the same form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    Within,
    Outside,
    /// The name overlaps a part of the subtree or cannot be compared. Both permitted and excluded subtrees reject the name.
    Unclear,
}

impl From<bool> for Relation {
    fn from(within: bool) -> Self {
        if within { Self::Within } else { Self::Outside }
    }
}

fn relation(name: &GeneralName, base: &GeneralName) -> Relation {
    match (name, base) {
        (GeneralName::Dns(name), GeneralName::Dns(base)) => domain(name, base),
        (GeneralName::Email(name), GeneralName::Email(base)) => mailbox(name, base),
        (GeneralName::Uri(name), GeneralName::Uri(base)) => {
            host_of(name).map_or(Relation::Unclear, |host| host_relation(host, base).into())
        }
        (GeneralName::Ip(name), GeneralName::Ip(base)) => range(name, base).into(),
        (GeneralName::Directory(name), GeneralName::Directory(base)) => name.is_within(base).into(),
        _ => Relation::Unclear,
    }
}

/// Compares domains. A base includes itself and its subdomains. A base with a leading dot includes only its subdomains.
fn domain(name: &str, base: &str) -> Relation {
    let (name, base) = (plain(name), plain(base));
    if is_below(&name, &base) || name == base {
        return Relation::Within;
    }
    // `*.example.com` covers a part of `a.example.com`.
    let covered = name
        .strip_prefix("*.")
        .is_some_and(|parent| is_below(&base, parent));
    match covered {
        true => Relation::Unclear,
        false => Relation::Outside,
    }
}

fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Returns whether a name is a subdomain of a domain.
fn is_below(name: &str, domain: &str) -> bool {
    let domain = domain.trim_start_matches('.');
    domain.is_empty()
        || name
            .strip_suffix(domain)
            .is_some_and(|labels| labels.len() > 1 && labels.ends_with('.'))
}

/// Compares mailboxes. A base is a mailbox, a host, or, with a leading dot, all hosts in a domain.
fn mailbox(name: &str, base: &str) -> Relation {
    let Some((local, host)) = name.rsplit_once('@') else {
        return Relation::Unclear;
    };
    match base.rsplit_once('@') {
        Some((base_local, base_host)) => {
            (local == base_local && plain(host) == plain(base_host)).into()
        }
        None => host_relation(host, base).into(),
    }
}

fn host_relation(host: &str, base: &str) -> bool {
    let (host, base) = (plain(host), plain(base));
    match base.starts_with('.') {
        true => is_below(&host, &base),
        false => base.is_empty() || host == base,
    }
}

/// Returns the host in the authority of a URI (RFC 3986 section 3.2), or `None` if the host is an IP address.
fn host_of(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let is_name =
        !host.is_empty() && !host.starts_with('[') && host.parse::<std::net::IpAddr>().is_err();
    is_name.then_some(host)
}

fn range(address: &[u8], base: &[u8]) -> bool {
    let (network, mask) = base.split_at(base.len() / 2);
    let octets = address.iter().zip(network).zip(mask);
    address.len() == network.len()
        && octets
            .into_iter()
            .all(|((own, other), mask)| own & mask == other & mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(base: GeneralName, name: GeneralName) -> bool {
        let constraints = NameConstraints {
            permitted: vec![base],
            excluded: Vec::new(),
        };
        permits(&constraints, &name)
    }

    fn excluded(base: GeneralName, name: GeneralName) -> bool {
        let constraints = NameConstraints {
            permitted: Vec::new(),
            excluded: vec![base],
        };
        !permits(&constraints, &name)
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
            "a.example.com.",
            "a.example.com",
            Some(true),
        ),
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
