//! Syntax of the names of end entities: DNS names, mailboxes, URIs, and the HTTP URLs in extensions.
//!
//! The rules are stricter than RFC 5280 where verifiers disagree. A name that only some of them accept is not issued.

use std::net::{IpAddr, Ipv6Addr};

use super::description::AlternativeName;

/// Maximum length of a DNS name in octets without the final dot (RFC 1034 section 3.1).
const MAX_DNS_NAME: usize = 253;
/// Maximum length of a label in octets (RFC 1034 section 3.1).
const MAX_LABEL: usize = 63;
/// Maximum length of the local part of a mailbox in octets (RFC 5321 section 4.5.3.1.1).
const MAX_LOCAL_PART: usize = 64;
/// Maximum length of a mailbox in octets (RFC 5321 section 4.5.3.1.3, without the angle brackets of the path).
const MAX_MAILBOX: usize = 254;

/// Whether a DNS name can have a wildcard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wildcard {
    /// The first label can be `*` (RFC 9525 section 6.3).
    Allowed,
    /// No label can contain `*`.
    Refused,
}

/// Rule that a name violates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AlternativeNameRule {
    /// The name has a character outside of ASCII.
    #[error(
        "it has a character that is not ASCII; write each internationalized label in its A-label form, which starts with \
         xn-- (RFC 5890 section 2.3.2.1)"
    )]
    NotAscii,
    /// The name is too long.
    #[error("it has more than {0} octets; shorten it")]
    TooLong(usize),
    /// A label is empty.
    #[error("it has an empty label; remove the extra dot (RFC 1034 section 3.5)")]
    EmptyLabel,
    /// A label is too long.
    #[error("it has a label with more than 63 octets; shorten the label (RFC 1034 section 3.1)")]
    LongLabel,
    /// A label has a character that host names do not allow.
    #[error(
        "a label must have only letters, digits, and hyphens, and must not start or end with a hyphen (RFC 1034 section 3.5)"
    )]
    LabelCharacter,
    /// A label is reserved.
    #[error(
        "a label with hyphens as the third and fourth characters must start with xn-- (RFC 5890 section 2.3.1)"
    )]
    ReservedLabel,
    /// The name is an IP address or ends like one.
    #[error(
        "its last label consists of digits, so it can be read as an IP address; specify an IP address in the list of IP addresses"
    )]
    LooksLikeAddress,
    /// The wildcard is not the complete first label.
    #[error(
        "a wildcard must be the complete first label, followed by a domain, such as *.example.com (RFC 9525 section 6.3)"
    )]
    WildcardPosition,
    /// A wildcard is not allowed.
    #[error("it must not have a wildcard; specify each name")]
    WildcardRefused,
    /// The mailbox is not `local-part@domain`.
    #[error("it must be a mailbox in the form local-part@domain (RFC 5280 section 4.2.1.6)")]
    NotMailbox,
    /// The local part of the mailbox is not a dot-atom.
    #[error(
        "its local part must have 1 to 64 octets and consist of letters, digits, and the characters !#$%&'*+-/=?^_`{{|}}~, \
         separated by single dots (RFC 5322 section 3.2.3)"
    )]
    LocalPart,
    /// The URI is relative or has no authority.
    #[error(
        "it must be an absolute URI with a scheme and a host, such as https://example.com/ (RFC 5280 section 4.2.1.6)"
    )]
    NotAbsolute,
    /// The URI has a character that RFC 3986 does not allow.
    #[error("it has a character that a URI does not allow; percent-encode it (RFC 3986 section 2)")]
    UriCharacter,
    /// The port is not a number from 1 to 65535.
    #[error("its port must be a number from 1 to 65535 (RFC 3986 section 3.2.3)")]
    Port,
    /// The URI contains credentials.
    #[error("it must not contain a user name or password; a certificate is public")]
    UserInformation,
    /// The URL has another scheme than `http`.
    #[error(
        "its scheme must be http, because an https connection requires the verification of another certificate (RFC 5280 \
         section 8)"
    )]
    NotHttp,
    /// The URL has a fragment.
    #[error("it must not have a fragment (#)")]
    Fragment,
}

/// A name and the rule that it violates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {form} {value:?} is not valid: {rule}")]
pub struct AlternativeNameViolation {
    /// Form of the name, such as `DNS name`.
    pub form: &'static str,
    /// Name that violates the rule.
    pub value: String,
    /// Violated rule.
    #[source]
    pub rule: AlternativeNameRule,
}

/// Checks a subject alternative name.
///
/// # Errors
/// Returns an error with the first rule that the name violates.
pub fn check_alternative_name(
    name: &AlternativeName,
    wildcard: Wildcard,
) -> Result<(), AlternativeNameViolation> {
    let (form, value, checked) = match name {
        AlternativeName::Dns(name) => ("DNS name", name, check_dns_name(name, wildcard)),
        AlternativeName::Email(address) => ("email address", address, check_mailbox(address)),
        AlternativeName::Uri(uri) => ("URI", uri, check_uri(uri)),
        AlternativeName::Ip(_) => return Ok(()),
    };
    checked.map_err(|rule| AlternativeNameViolation {
        form,
        value: value.clone(),
        rule,
    })
}

/// Checks a DNS name in the preferred syntax of RFC 1034 section 3.5 (LDH labels of RFC 5890 section 2.3.1).
///
/// # Errors
/// Returns an error with the first rule that the name violates.
pub fn check_dns_name(name: &str, wildcard: Wildcard) -> Result<(), AlternativeNameRule> {
    match name.strip_prefix("*.") {
        None if name.contains('*') => Err(AlternativeNameRule::WildcardPosition),
        None => check_host_name(name),
        Some(_) if wildcard == Wildcard::Refused => Err(AlternativeNameRule::WildcardRefused),
        Some(rest) if rest.contains('*') => Err(AlternativeNameRule::WildcardPosition),
        Some(_) if name.len() > MAX_DNS_NAME => Err(AlternativeNameRule::TooLong(MAX_DNS_NAME)),
        Some(rest) => check_host_name(rest),
    }
}

/// Checks a DNS name without a wildcard.
pub(super) fn check_host_name(name: &str) -> Result<(), AlternativeNameRule> {
    if !name.is_ascii() {
        return Err(AlternativeNameRule::NotAscii);
    }
    if name.len() > MAX_DNS_NAME {
        return Err(AlternativeNameRule::TooLong(MAX_DNS_NAME));
    }
    let mut last = "";
    for label in name.split('.') {
        check_label(label)?;
        last = label;
    }
    match last.bytes().all(|octet| octet.is_ascii_digit()) {
        true => Err(AlternativeNameRule::LooksLikeAddress),
        false => Ok(()),
    }
}

fn check_label(label: &str) -> Result<(), AlternativeNameRule> {
    let is_allowed = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
    if label.is_empty() {
        return Err(AlternativeNameRule::EmptyLabel);
    }
    if label.len() > MAX_LABEL {
        return Err(AlternativeNameRule::LongLabel);
    }
    if !label.bytes().all(is_allowed) || label.starts_with('-') || label.ends_with('-') {
        return Err(AlternativeNameRule::LabelCharacter);
    }
    let is_reserved = label.get(2..4) == Some("--");
    match is_reserved && !label[..2].eq_ignore_ascii_case("xn") {
        true => Err(AlternativeNameRule::ReservedLabel),
        false => Ok(()),
    }
}

/// Checks a mailbox: a dot-atom (RFC 5322 section 3.2.3) and a host name.
///
/// # Errors
/// Returns an error with the first rule that the address violates.
pub fn check_mailbox(address: &str) -> Result<(), AlternativeNameRule> {
    let (local, host) = address
        .rsplit_once('@')
        .ok_or(AlternativeNameRule::NotMailbox)?;
    if !local.is_ascii() {
        return Err(AlternativeNameRule::NotAscii);
    }
    if address.len() > MAX_MAILBOX {
        return Err(AlternativeNameRule::TooLong(MAX_MAILBOX));
    }
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom.bytes().all(|octet| {
                octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&octet)
            })
    };
    match local.len() <= MAX_LOCAL_PART && local.split('.').all(is_atom) {
        true => check_host_name(host),
        false => Err(AlternativeNameRule::LocalPart),
    }
}

/// Checks an absolute URI with an authority (RFC 3986 section 3).
///
/// # Errors
/// Returns an error with the first rule that the URI violates.
pub fn check_uri(uri: &str) -> Result<(), AlternativeNameRule> {
    if !uri.is_ascii() {
        return Err(AlternativeNameRule::NotAscii);
    }
    if !has_uri_characters(uri) {
        return Err(AlternativeNameRule::UriCharacter);
    }
    let (scheme, rest) = uri
        .split_once("://")
        .ok_or(AlternativeNameRule::NotAbsolute)?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if !is_scheme || authority.is_empty() {
        return Err(AlternativeNameRule::NotAbsolute);
    }
    if authority.contains('@') {
        return Err(AlternativeNameRule::UserInformation);
    }
    check_authority(authority)
}

/// Checks the URL of a revocation list, an issuer's certificate, or an OCSP responder.
///
/// # Errors
/// Returns an error with the first rule that the URL violates.
pub fn check_http_url(url: &str) -> Result<(), AlternativeNameRule> {
    check_uri(url)?;
    let scheme = url.split(':').next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("http") {
        return Err(AlternativeNameRule::NotHttp);
    }
    match url.contains('#') {
        true => Err(AlternativeNameRule::Fragment),
        false => Ok(()),
    }
}

fn check_authority(authority: &str) -> Result<(), AlternativeNameRule> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, port) = rest
            .split_once(']')
            .ok_or(AlternativeNameRule::NotAbsolute)?;
        address
            .parse::<Ipv6Addr>()
            .map_err(|_| AlternativeNameRule::NotAbsolute)?;
        return match port.strip_prefix(':') {
            Some(port) => check_port(port),
            None if port.is_empty() => Ok(()),
            None => Err(AlternativeNameRule::Port),
        };
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    if host.is_empty() {
        return Err(AlternativeNameRule::NotAbsolute);
    }
    port.map_or(Ok(()), check_port)?;
    match host.parse::<IpAddr>() {
        Ok(_) => Ok(()),
        Err(_) => check_host_name(host),
    }
}

fn check_port(port: &str) -> Result<(), AlternativeNameRule> {
    let digits = port.bytes().all(|octet| octet.is_ascii_digit());
    match port.parse::<u16>() {
        Ok(1..) if digits => Ok(()),
        _ => Err(AlternativeNameRule::Port),
    }
}

/// Returns whether a text has only unreserved, reserved, and complete percent-encoded characters (RFC 3986 section 2).
fn has_uri_characters(uri: &str) -> bool {
    let mut parts = uri.split('%');
    let first = parts.next().unwrap_or_default();
    let is_allowed =
        |octet: u8| octet.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(&octet);
    let is_encoded = |part: &str| {
        let octets = part.as_bytes();
        octets.len() >= 2 && octets[..2].iter().all(u8::is_ascii_hexdigit)
    };
    first.bytes().all(is_allowed)
        && parts.all(|part| is_encoded(part) && part.bytes().all(is_allowed))
}

#[cfg(test)]
mod tests {
    use super::AlternativeNameRule as Rule;
    use super::*;

    #[test]
    fn dns_names_have_letters_digits_and_hyphens() {
        let long = "a".repeat(64);
        let total = ["a".repeat(63).as_str(); 4].join(".");
        for (name, expected) in [
            ("example.com", None),
            ("localhost", None),
            ("xn--bcher-kva.example", None),
            ("1.a-b.example", None),
            ("*.example.com", None),
            ("", Some(Rule::EmptyLabel)),
            ("example.com.", Some(Rule::EmptyLabel)),
            ("a..example", Some(Rule::EmptyLabel)),
            (".example.com", Some(Rule::EmptyLabel)),
            (long.as_str(), Some(Rule::LongLabel)),
            (total.as_str(), Some(Rule::TooLong(253))),
            ("a_b.example", Some(Rule::LabelCharacter)),
            ("a b.example", Some(Rule::LabelCharacter)),
            ("-a.example", Some(Rule::LabelCharacter)),
            ("a-.example", Some(Rule::LabelCharacter)),
            ("ab--cd.example", Some(Rule::ReservedLabel)),
            ("b\u{fc}cher.example", Some(Rule::NotAscii)),
            ("192.0.2.7", Some(Rule::LooksLikeAddress)),
            ("a*.example.com", Some(Rule::WildcardPosition)),
            ("a.*.example.com", Some(Rule::WildcardPosition)),
            ("*.*.example.com", Some(Rule::WildcardPosition)),
            ("*", Some(Rule::WildcardPosition)),
            ("*.", Some(Rule::EmptyLabel)),
        ] {
            let found = check_dns_name(name, Wildcard::Allowed).err();
            assert_eq!(found, expected, "{name}");
        }
        let refused = check_dns_name("*.example.com", Wildcard::Refused);
        assert_eq!(refused, Err(Rule::WildcardRefused));
    }

    #[test]
    fn mailboxes_have_a_dot_atom_and_a_host_name() {
        for (address, expected) in [
            ("ops+a.b@example.com", None),
            ("ops", Some(Rule::NotMailbox)),
            ("@example.com", Some(Rule::LocalPart)),
            (".a@example.com", Some(Rule::LocalPart)),
            ("a..b@example.com", Some(Rule::LocalPart)),
            ("a@b@example.com", Some(Rule::LocalPart)),
            ("\"a\"@example.com", Some(Rule::LocalPart)),
            ("a@exa_mple.com", Some(Rule::LabelCharacter)),
            ("a@", Some(Rule::EmptyLabel)),
            ("\u{fc}@example.com", Some(Rule::NotAscii)),
        ] {
            assert_eq!(check_mailbox(address).err(), expected, "{address}");
        }
    }

    #[test]
    fn uris_are_absolute_and_have_a_host() {
        for (uri, expected) in [
            ("https://example.com/a?b#c", None),
            ("spiffe://example.com/ns/a", None),
            ("https://[2001:db8::1]:8443/", None),
            ("https://192.0.2.7", None),
            ("https://example.com/%20", None),
            ("urn:example:a", Some(Rule::NotAbsolute)),
            ("/a", Some(Rule::NotAbsolute)),
            ("https:///a", Some(Rule::NotAbsolute)),
            ("1a://example.com", Some(Rule::NotAbsolute)),
            ("https://:80/", Some(Rule::NotAbsolute)),
            ("https://[::1/", Some(Rule::NotAbsolute)),
            ("https://u:p@example.com/", Some(Rule::UserInformation)),
            ("https://example.com:0/", Some(Rule::Port)),
            ("https://example.com:+80/", Some(Rule::Port)),
            ("https://example.com:65536/", Some(Rule::Port)),
            ("https://example.com/a b", Some(Rule::UriCharacter)),
            ("https://example.com/%2", Some(Rule::UriCharacter)),
            ("https://exa\\mple.com/", Some(Rule::UriCharacter)),
            ("https://a_b.example/", Some(Rule::LabelCharacter)),
        ] {
            assert_eq!(check_uri(uri).err(), expected, "{uri}");
        }
        for (url, expected) in [
            ("http://crl.example.com/a.crl", None),
            ("https://crl.example.com/a.crl", Some(Rule::NotHttp)),
            ("ldap://crl.example.com/a", Some(Rule::NotHttp)),
            ("http://crl.example.com/#a", Some(Rule::Fragment)),
        ] {
            assert_eq!(check_http_url(url).err(), expected, "{url}");
        }
    }

    #[test]
    fn a_violation_quotes_the_name_and_specifies_the_remedy() {
        let name = AlternativeName::Dns("*.example.com".to_owned());
        let found = check_alternative_name(&name, Wildcard::Refused).unwrap_err();
        let text = found.to_string();
        let expected = "the DNS name \"*.example.com\" is not valid: it must not have a wildcard; specify each name";
        assert_eq!(text, expected);
    }
}
