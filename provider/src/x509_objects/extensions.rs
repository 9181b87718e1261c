//! Extensions of certificates and certificate signing requests, with the value names that this provider uses.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tfplugin::Schema;
use tfplugin::schema::Number;

use crate::pki::KeyUsage;
use crate::pki::decoded::{Extensions, GeneralName, NameConstraints, RawExtension};

/// Extension in encoded form.
#[derive(Schema)]
pub struct ExtensionObject {
    /// Object identifier of the extension, such as `2.5.29.19` for `basicConstraints`.
    #[attr(computed)]
    pub oid: String,
    /// Whether the extension is critical.
    #[attr(computed)]
    pub critical: bool,
    /// Value in DER format, encoded in Base64.
    #[attr(computed)]
    pub value_base64: String,
}

/// Name constraints of a certificate authority (RFC 5280 section 4.2.1.10).
#[derive(Schema)]
pub struct NameConstraintsObject {
    /// Subtrees that contain the permitted names. An empty list does not restrict names of that type.
    #[attr(computed)]
    pub permitted: SubtreesObject,
    /// Subtrees that contain the excluded names.
    #[attr(computed)]
    pub excluded: SubtreesObject,
}

/// Subtrees of names, grouped by name type.
#[derive(Schema)]
pub struct SubtreesObject {
    /// DNS domains.
    #[attr(computed)]
    pub dns_domains: Vec<String>,
    /// Mailboxes and domains of email addresses.
    #[attr(computed)]
    pub email_domains: Vec<String>,
    /// IP address ranges in CIDR notation.
    #[attr(computed)]
    pub ip_ranges: Vec<String>,
    /// Domains of URIs.
    #[attr(computed)]
    pub uri_domains: Vec<String>,
    /// Distinguished names in RFC 4514 string format.
    #[attr(computed)]
    pub directory_names: Vec<String>,
    /// Types of the other names in the subtrees: `other_name`, `x400_address`, `edi_party_name`, or `registered_id`. The bases of
    /// these subtrees are only in the encoded extension.
    #[attr(computed)]
    pub other_types: Vec<String>,
}

impl From<&RawExtension> for ExtensionObject {
    fn from(extension: &RawExtension) -> Self {
        Self {
            oid: extension.oid.clone(),
            critical: extension.critical,
            value_base64: STANDARD.encode(&extension.value),
        }
    }
}

impl From<&NameConstraints> for NameConstraintsObject {
    fn from(constraints: &NameConstraints) -> Self {
        Self {
            permitted: SubtreesObject::from(&*constraints.permitted),
            excluded: SubtreesObject::from(&*constraints.excluded),
        }
    }
}

impl From<&[GeneralName]> for SubtreesObject {
    fn from(bases: &[GeneralName]) -> Self {
        let names = Names::of(bases);
        let ranges = bases.iter().filter_map(|base| match base {
            GeneralName::Ip(octets) => GeneralName::range(octets),
            _ => None,
        });
        Self {
            dns_domains: names.dns,
            email_domains: names.email,
            ip_ranges: ranges.collect(),
            uri_domains: names.uri,
            directory_names: names.directory,
            other_types: names.other,
        }
    }
}

/// General names, grouped by type.
#[derive(Default)]
pub(super) struct Names {
    pub(super) dns: Vec<String>,
    pub(super) email: Vec<String>,
    pub(super) uri: Vec<String>,
    pub(super) ip: Vec<String>,
    pub(super) directory: Vec<String>,
    /// Types of names in other forms, without duplicates.
    pub(super) other: Vec<String>,
}

impl Names {
    pub(super) fn of(names: &[GeneralName]) -> Self {
        let mut sorted = Self::default();
        for name in names {
            match name {
                GeneralName::Dns(name) => sorted.dns.push(name.clone()),
                GeneralName::Email(address) => sorted.email.push(address.clone()),
                GeneralName::Uri(uri) => sorted.uri.push(uri.clone()),
                GeneralName::Ip(octets) => {
                    let address = GeneralName::address(octets);
                    sorted.ip.extend(address.as_ref().map(IpAddr::to_string));
                }
                GeneralName::Directory(name) => sorted.directory.push(name.to_string()),
                GeneralName::Other(tag) => {
                    let name = type_name(*tag).to_owned();
                    if !sorted.other.contains(&name) {
                        sorted.other.push(name);
                    }
                }
            }
        }
        sorted
    }
}

/// Returns the name of a `GeneralName` type without an attribute of its own (RFC 5280 section 4.2.1.6).
const fn type_name(tag: u32) -> &'static str {
    match tag {
        3 => "x400_address",
        5 => "edi_party_name",
        8 => "registered_id",
        _ => "other_name",
    }
}

/// Returns the `pathLenConstraint`.
pub(super) fn path_length(extensions: &Extensions) -> Option<Number> {
    extensions.path_length_constraint.as_ref()?.parse().ok()
}

/// Returns the names of the usages that `keyUsage` allows, or `None` if the extension is absent.
pub(super) fn key_usage(extensions: &Extensions) -> Option<Vec<String>> {
    let usages = extensions.key_usage.as_ref()?.iter();
    Some(usages.map(|usage| usage_name(*usage).to_owned()).collect())
}

const fn usage_name(usage: KeyUsage) -> &'static str {
    match usage {
        KeyUsage::DigitalSignature => "digital_signature",
        KeyUsage::ContentCommitment => "content_commitment",
        KeyUsage::KeyEncipherment => "key_encipherment",
        KeyUsage::DataEncipherment => "data_encipherment",
        KeyUsage::KeyAgreement => "key_agreement",
        KeyUsage::KeyCertSign => "key_cert_sign",
        KeyUsage::CrlSign => "crl_sign",
        KeyUsage::EncipherOnly => "encipher_only",
        KeyUsage::DecipherOnly => "decipher_only",
    }
}

/// Returns the purposes in `extKeyUsage` by name. A purpose without a name is returned as its object identifier.
pub(super) fn extended_key_usage(extensions: &Extensions) -> Vec<String> {
    let purposes = extensions.extended_key_usage.iter();
    purposes.map(|oid| purpose_name(oid).to_owned()).collect()
}

fn purpose_name(oid: &str) -> &str {
    match oid {
        "1.3.6.1.5.5.7.3.1" => "server_auth",
        "1.3.6.1.5.5.7.3.2" => "client_auth",
        "1.3.6.1.5.5.7.3.3" => "code_signing",
        "1.3.6.1.5.5.7.3.4" => "email_protection",
        "1.3.6.1.5.5.7.3.8" => "time_stamping",
        "1.3.6.1.5.5.7.3.9" => "ocsp_signing",
        "2.5.29.37.0" => "any",
        other => other,
    }
}
