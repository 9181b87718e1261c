//! Names in a certificate and bases of name constraints, prepared for comparisons (RFC 5280 section 4.2.1.10).

use x509_parser::asn1_rs::{Any, Class, FromDer as _, Tag};

use crate::pki::decoded::{Attribute, DecodedCertificate, GeneralName, Name};

/// `emailAddress`. Constraints on mailboxes also apply to this attribute of the subject.
const EMAIL_ADDRESS: &str = "1.2.840.113549.1.9.1";
/// `subjectAltName`.
const SUBJECT_ALT_NAME: &str = "2.5.29.17";
/// DER content of the object identifier 1.3.6.1.5.5.7.8.9 (`SmtpUTF8Mailbox`).
const SMTP_UTF8_MAILBOX: [u8; 8] = [0x2b, 6, 1, 5, 5, 7, 8, 9];

/// Name in a certificate. Text is split and converted to lowercase, and is `None` if it cannot be compared.
pub(super) struct PreparedName {
    original: GeneralName,
    parts: NameParts,
}

enum NameParts {
    Mailbox(Option<Mailbox>),
    Domain(Option<String>),
    UriHost(Option<String>),
    Ip(Vec<u8>),
    Directory(Name),
    Other(u32),
}

struct Mailbox {
    local: String,
    host: String,
}

/// Base of a subtree. Text is split and converted to lowercase, and is `None` if it is malformed.
pub(super) enum Base<'a> {
    Mailbox(Option<MailboxBase>),
    Domain(Option<Domain>),
    UriHost(Option<Domain>),
    Ip(&'a [u8]),
    Directory(&'a Name),
    Other(u32),
}

/// Mailboxes on hosts. Includes all mailboxes if `local` is `None`.
pub(super) struct MailboxBase {
    local: Option<String>,
    hosts: Domain,
}

/// Domain in a base.
pub(super) struct Domain {
    /// Labels without a leading dot. If empty, the domain includes every name.
    labels: String,
    /// Whether the base has a leading dot and therefore includes only subdomains.
    below_only: bool,
}

/// Relation between a name and a subtree of the same form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
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

/// `commonName`. OpenSSL applies constraints on domains to it if the certificate has no DNS name.
const COMMON_NAME: &str = "2.5.4.3";

/// Returns the names to which constraints apply: the alternative names, the subject, and its mailboxes. In a certificate of
/// an end entity without a DNS name, a common name that is a host name is also one of them, as in OpenSSL (`NAME_CONSTRAINTS_check_CN`).
pub(super) fn names_in(certificate: &DecodedCertificate) -> Vec<PreparedName> {
    let stated = certificate.extensions.subject_alternative_names.iter();
    let attributes = certificate.subject.attributes();
    let addresses = attributes.filter(|attribute| attribute.oid == EMAIL_ADDRESS);
    let subject = (!certificate.subject.is_empty())
        .then(|| GeneralName::Directory(certificate.subject.clone()));
    stated
        .cloned()
        .chain(smtp_utf8_mailboxes(certificate).map(GeneralName::Email))
        .chain(addresses.map(|attribute| GeneralName::Email(attribute.value())))
        .chain(subject)
        .chain(common_host_names(certificate).map(GeneralName::Dns))
        .map(PreparedName::from)
        .collect()
}

/// Returns the common names that clients could use as host names.
fn common_host_names(certificate: &DecodedCertificate) -> impl Iterator<Item = String> {
    let mut names = certificate.extensions.subject_alternative_names.iter();
    let has_dns_name = names.any(|name| matches!(name, GeneralName::Dns(_)));
    let applies = !has_dns_name && !certificate.extensions.is_ca();
    let attributes = certificate.subject.attributes();
    attributes
        .filter(move |attribute| applies && attribute.oid == COMMON_NAME)
        .map(Attribute::value)
        .filter(|value| is_host_name(value))
}

/// Returns whether a common name looks like a host name: at least two labels of letters, digits, underscores, and inner hyphens.
fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        consists_of(label, "-_")
            && !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.contains('.') && name.split('.').all(is_label)
}

/// Returns each `SmtpUTF8Mailbox` (RFC 9598 section 3). Constraints on mailboxes apply to it (RFC 9598 section 6).
fn smtp_utf8_mailboxes(certificate: &DecodedCertificate) -> impl Iterator<Item = String> {
    let mut extensions = certificate.extensions.all.iter();
    let extension = extensions.find(|extension| extension.oid == SUBJECT_ALT_NAME);
    let names = extension.and_then(|extension| Any::from_der(&extension.value).ok());
    let mut rest = names.map_or(&[][..], |(_, names)| names.data);
    let elements = std::iter::from_fn(move || {
        let (after, element) = Any::from_der(rest).ok()?;
        rest = after;
        Some(element)
    });
    elements.filter_map(|name| {
        let is_other = name.class() == Class::ContextSpecific && name.tag().0 == 0;
        let (value, form) = Any::from_der(name.data).ok().filter(|_| is_other)?;
        // A malformed mailbox becomes an empty text, which cannot be compared.
        (form.data == SMTP_UTF8_MAILBOX).then(|| mailbox_text(value).unwrap_or_default())
    })
}

fn mailbox_text(value: &[u8]) -> Option<String> {
    let (_, tagged) = Any::from_der(value).ok()?;
    let (_, text) = Any::from_der(tagged.data).ok()?;
    let octets = (text.tag() == Tag::Utf8String).then(|| text.data.to_vec())?;
    String::from_utf8(octets).ok()
}

impl From<GeneralName> for PreparedName {
    fn from(original: GeneralName) -> Self {
        let parts = match &original {
            GeneralName::Email(name) => NameParts::Mailbox(Mailbox::of(name)),
            GeneralName::Dns(name) => NameParts::Domain(labels(name)),
            GeneralName::Uri(name) => NameParts::UriHost(host_of(name)),
            GeneralName::Ip(octets) => NameParts::Ip(octets.clone()),
            GeneralName::Directory(name) => NameParts::Directory(name.clone()),
            GeneralName::Other(tag) => NameParts::Other(*tag),
        };
        Self { original, parts }
    }
}

impl PreparedName {
    /// Returns the relation to a base, or `None` if the base has another form and does not apply.
    pub(super) fn relation(&self, base: &Base<'_>) -> Option<Relation> {
        Some(match (&self.parts, base) {
            (NameParts::Mailbox(name), Base::Mailbox(base)) => {
                compared(name.as_ref(), base.as_ref(), mailbox)
            }
            (NameParts::Domain(name), Base::Domain(base)) => {
                compared(name.as_ref(), base.as_ref(), |name, base| {
                    domain(name, base)
                })
            }
            (NameParts::UriHost(name), Base::UriHost(base)) => {
                compared(name.as_ref(), base.as_ref(), |host, base| {
                    base.includes_host(host).into()
                })
            }
            (NameParts::Ip(name), Base::Ip(base)) => range(name, base).into(),
            (NameParts::Directory(name), Base::Directory(base)) => name.is_within(base).into(),
            (NameParts::Other(form), Base::Other(base)) if form == base => Relation::Unclear,
            _ => return None,
        })
    }

    /// Returns the name for a message. Control characters and invisible characters are escaped.
    pub(super) fn shown(&self) -> String {
        match &self.original {
            GeneralName::Email(name) | GeneralName::Dns(name) | GeneralName::Uri(name) => {
                escaped(name)
            }
            GeneralName::Ip(octets) => {
                GeneralName::address(octets).map_or_else(String::new, |address| address.to_string())
            }
            GeneralName::Directory(name) => name.to_string(),
            GeneralName::Other(tag) => format!("of the form [{tag}]"),
        }
    }
}

/// Escapes control characters and characters without a visible form, such as U+202E.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\'' | '"' => out.push(sign),
            other => out.extend(other.escape_debug()),
        }
    }
    out
}

impl<'a> From<&'a GeneralName> for Base<'a> {
    fn from(base: &'a GeneralName) -> Self {
        match base {
            GeneralName::Email(base) => Self::Mailbox(MailboxBase::of(base)),
            GeneralName::Dns(base) => Self::Domain(Domain::of(base)),
            GeneralName::Uri(base) => Self::UriHost(Domain::of(base)),
            GeneralName::Ip(octets) => Self::Ip(octets),
            GeneralName::Directory(name) => Self::Directory(name),
            GeneralName::Other(tag) => Self::Other(*tag),
        }
    }
}

impl Mailbox {
    fn of(name: &str) -> Option<Self> {
        let (local, host) = name.rsplit_once('@')?;
        Some(Self {
            local: local.to_owned(),
            host: labels(host)?,
        })
    }
}

impl MailboxBase {
    /// Reads a mailbox, a host, or, with a leading dot, a domain. An empty local part includes all mailboxes on the host.
    fn of(base: &str) -> Option<Self> {
        let Some((local, host)) = base.rsplit_once('@') else {
            let hosts = Domain::of(base)?;
            return Some(Self { local: None, hosts });
        };
        let hosts = Domain::of(host).filter(|hosts| !hosts.labels.is_empty() && !hosts.below_only);
        Some(Self {
            local: (!local.is_empty()).then(|| local.to_owned()),
            hosts: hosts?,
        })
    }
}

impl Domain {
    fn of(base: &str) -> Option<Self> {
        let stated = base.strip_prefix('.').unwrap_or(base);
        let is_complete = base.is_empty() || !stated.split('.').any(str::is_empty);
        is_complete.then(|| Self {
            labels: stated.to_ascii_lowercase(),
            below_only: base.starts_with('.'),
        })
    }

    /// Returns whether a base for hosts includes a host. Without a leading dot, it includes only the host itself.
    fn includes_host(&self, host: &str) -> bool {
        match self.below_only {
            true => is_below(host, &self.labels),
            false => self.labels.is_empty() || host == self.labels,
        }
    }
}

/// Returns a host name in lowercase and without the dot of the root, or `None` if a label is empty.
fn labels(name: &str) -> Option<String> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_complete = name.is_ascii() && !name.split('.').any(str::is_empty);
    is_complete.then(|| name.to_ascii_lowercase())
}

/// Returns the host in the authority of a URI (RFC 3986 section 3.2), or `None` if the URI has no authority or if its host is not
/// a domain name. Characters that URI parsers interpret differently are not accepted.
fn host_of(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    let is_scheme =
        scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && consists_of(scheme, "+-.");
    let authority = rest.strip_prefix("//").filter(|_| is_scheme)?;
    let authority = authority.split(['/', '?', '#']).next()?;
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (host, port) = host.split_once(':').unwrap_or((host, ""));
    let is_host = consists_of(user, "-._~!$&'()*+,;=:%")
        && consists_of(host, "-_.")
        && port.bytes().all(|digit| digit.is_ascii_digit());
    let host = labels(host).filter(|_| is_host)?;
    // Parsers read a host whose last label starts with a digit as an IPv4 address.
    let last = host.rsplit('.').next()?;
    let is_address = last.starts_with(|first: char| first.is_ascii_digit());
    (!is_address).then_some(host)
}

/// Returns whether a text contains only ASCII letters, digits, and the characters in `others`.
fn consists_of(text: &str, others: &str) -> bool {
    text.chars()
        .all(|sign| sign.is_ascii_alphanumeric() || others.contains(sign))
}

/// Compares a name with a base. The relation is unclear if one of them is malformed.
fn compared<N, B>(
    name: Option<&N>,
    base: Option<&B>,
    relation: impl Fn(&N, &B) -> Relation,
) -> Relation {
    match (name, base) {
        (Some(name), Some(base)) => relation(name, base),
        _ => Relation::Unclear,
    }
}

/// Compares domains. A base includes itself and its subdomains. A base with a leading dot includes only its subdomains.
fn domain(name: &str, base: &Domain) -> Relation {
    let Domain { labels, below_only } = base;
    if labels.is_empty() || is_below(name, labels) || (name == labels.as_str() && !below_only) {
        return Relation::Within;
    }
    // `*.example.com` covers `a.example.com`, but neither the names below it nor those with more labels.
    let covered = name.split_once('.').is_some_and(|(first, parent)| {
        let is_next = |(_, rest)| rest == parent;
        first.contains('*') && !below_only && labels.split_once('.').is_some_and(is_next)
    });
    match covered {
        true => Relation::Unclear,
        false => Relation::Outside,
    }
}

fn mailbox(name: &Mailbox, base: &MailboxBase) -> Relation {
    let is_same = |local: &String| *local == name.local;
    (base.local.as_ref().is_none_or(is_same) && base.hosts.includes_host(&name.host)).into()
}

/// Returns whether a name is a subdomain of a domain.
fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain)
        .is_some_and(|labels| labels.len() > 1 && labels.ends_with('.'))
}

fn range(address: &[u8], base: &[u8]) -> bool {
    let (network, mask) = base.split_at(base.len() / 2);
    let octets = address.iter().zip(network).zip(mask);
    address.len() == network.len()
        && octets
            .into_iter()
            .all(|((own, other), mask)| own & mask == other & mask)
}
