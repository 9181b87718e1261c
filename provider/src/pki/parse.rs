//! Conversion of a parsed certificate to its description. This module checks only encodings; [`super::lint`] checks the
//! rules.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;
use x509_parser::asn1_rs::{Oid, Tag};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ExtendedKeyUsage, GeneralName, ParsedExtension};
use x509_parser::oid_registry::{
    OID_X509_COMMON_NAME, OID_X509_COUNTRY_NAME, OID_X509_LOCALITY_NAME,
    OID_X509_ORGANIZATION_NAME, OID_X509_ORGANIZATIONAL_UNIT, OID_X509_STATE_OR_PROVINCE_NAME,
};
use x509_parser::time::ASN1Time;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::certificate_error::CertificateError;
use super::description::{
    AlternativeName, BasicConstraints, Description, Extension, KeyPurpose, KeyUsage,
};
use super::name::{DistinguishedName, NameAttribute};
use super::oid::ObjectIdentifier;
use super::serial::SerialNumber;
use super::signature_algorithm::SignatureAlgorithm;
use super::validity::Validity;

/// Returns the description of a certificate.
///
/// # Errors
/// Returns an error if a description cannot represent a name, a time, or an extension.
pub(super) fn description(
    certificate: &X509Certificate<'_>,
) -> Result<Description, CertificateError> {
    let validity = certificate.validity();
    let mut description = Description {
        serial_number: SerialNumber::from_magnitude(certificate.raw_serial())?,
        signature_algorithm: signature_algorithm(certificate)?,
        validity: Validity::new(instant(validity.not_before)?, instant(validity.not_after)?)?,
        issuer: name(certificate.issuer())?,
        subject: name(certificate.subject())?,
        basic_constraints: BasicConstraints::EndEntity,
        key_usage: BTreeSet::new(),
        extended_key_usage: Vec::new(),
        subject_alternative_names: Vec::new(),
        extensions: Vec::new(),
    };
    for extension in certificate.extensions() {
        match extension.parsed_extension() {
            // The identifiers are derived from the keys, and the lint has already compared them.
            ParsedExtension::SubjectKeyIdentifier(_)
            | ParsedExtension::AuthorityKeyIdentifier(_) => {}
            ParsedExtension::BasicConstraints(constraints) if constraints.ca => {
                let length = constraints.path_len_constraint.map(u8::try_from);
                let path_length = length
                    .transpose()
                    .map_err(|_| CertificateError::OutOfRange("path length"))?;
                description.basic_constraints = BasicConstraints::Authority { path_length };
            }
            ParsedExtension::BasicConstraints(_) => {}
            ParsedExtension::KeyUsage(usage) => {
                let set = |bit: &KeyUsage| usage.flags & bit.flag() != 0;
                description.key_usage = KeyUsage::ALL.into_iter().filter(set).collect();
            }
            ParsedExtension::ExtendedKeyUsage(usage) if !extension.critical => {
                description.extended_key_usage = purposes(usage, extension.value)?;
            }
            ParsedExtension::SubjectAlternativeName(names) if !extension.critical => {
                let names = names.general_names.iter().map(alternative_name);
                description.subject_alternative_names = names.collect::<Result<_, _>>()?;
            }
            _ => description.extensions.push(Extension {
                oid: object_identifier(&extension.oid)?,
                critical: extension.critical,
                value: extension.value.to_vec(),
            }),
        }
    }
    Ok(description)
}

fn signature_algorithm(
    certificate: &X509Certificate<'_>,
) -> Result<SignatureAlgorithm, CertificateError> {
    let oid = certificate.signature.algorithm.to_id_string();
    SignatureAlgorithm::ALL
        .into_iter()
        .find(|algorithm| algorithm.oid() == oid)
        .ok_or(CertificateError::SignatureAlgorithm)
}

fn instant(time: ASN1Time) -> Result<Timestamp, CertificateError> {
    Timestamp::from_second(time.timestamp()).map_err(|_| CertificateError::OutOfRange("validity"))
}

fn object_identifier(oid: &Oid<'_>) -> Result<ObjectIdentifier, CertificateError> {
    let arcs: Option<Vec<u64>> = oid.iter().map(Iterator::collect);
    arcs.and_then(|arcs| ObjectIdentifier::new(arcs).ok())
        .ok_or(CertificateError::OutOfRange("object identifier"))
}

/// Reads the purposes from the DER value because the parser does not preserve their order.
fn purposes(
    parsed: &ExtendedKeyUsage<'_>,
    value: &[u8],
) -> Result<Vec<KeyPurpose>, CertificateError> {
    use x509_parser::asn1_rs::{FromDer as _, Sequence};
    let unreadable = CertificateError::OutOfRange("extended key usage");
    let Ok((_, sequence)) = Sequence::from_der(value) else {
        return Err(unreadable);
    };
    let mut rest: &[u8] = &sequence.content;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let Ok((after, oid)) = Oid::from_der(rest) else {
            return Err(unreadable);
        };
        found.push(KeyPurpose(object_identifier(&oid)?));
        rest = after;
    }
    debug_assert!(!found.is_empty() || parsed.other.is_empty());
    Ok(found)
}

fn alternative_name(name: &GeneralName<'_>) -> Result<AlternativeName, CertificateError> {
    Ok(match name {
        GeneralName::DNSName(name) => AlternativeName::Dns((*name).to_owned()),
        GeneralName::RFC822Name(address) => AlternativeName::Email((*address).to_owned()),
        GeneralName::URI(uri) => AlternativeName::Uri((*uri).to_owned()),
        GeneralName::IPAddress(octets) => AlternativeName::Ip(address(octets)?),
        _ => return Err(CertificateError::OutOfRange("subject alternative name")),
    })
}

fn address(octets: &[u8]) -> Result<IpAddr, CertificateError> {
    let four = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from))
        .map_err(|_| CertificateError::OutOfRange("IP address"))
}

/// Reads a name in the encoding that this provider writes: one attribute per RDN, in the order of [`NameAttribute`],
/// with the same string types. The provider would write a name with any other encoding differently, and the issuer of a
/// new certificate would not match the subject of its authority.
fn name(name: &X509Name<'_>) -> Result<DistinguishedName, CertificateError> {
    let mut attributes: Vec<(NameAttribute, String)> = Vec::new();
    for rdn in name.iter_rdn() {
        let mut parts = rdn.iter();
        let (Some(part), None) = (parts.next(), parts.next()) else {
            return Err(CertificateError::NameEncoding(
                "a relative distinguished name has more than one attribute",
            ));
        };
        let (attribute, value) = attribute_of(part)?;
        let last = attributes.last();
        if last.is_some_and(|(previous, _)| *previous > attribute) {
            return Err(CertificateError::NameEncoding(
                "the attributes are not in the expected order",
            ));
        }
        attributes.push((attribute, value));
    }
    Ok(DistinguishedName::new(attributes)?)
}

fn attribute_of(
    part: &AttributeTypeAndValue<'_>,
) -> Result<(NameAttribute, String), CertificateError> {
    let attribute = NameAttribute::ALL
        .into_iter()
        .find(|attribute| type_of(*attribute) == *part.attr_type())
        .ok_or(CertificateError::NameEncoding(
            "an attribute type is not supported",
        ))?;
    let string_type = match attribute {
        NameAttribute::Country => Tag::PrintableString,
        _ => Tag::Utf8String,
    };
    let value = part
        .as_str()
        .ok()
        .filter(|_| part.attr_value().tag() == string_type);
    let value = value.ok_or(CertificateError::NameEncoding(
        "an attribute does not have the expected string type",
    ))?;
    Ok((attribute, value.to_owned()))
}

fn type_of(attribute: NameAttribute) -> Oid<'static> {
    match attribute {
        NameAttribute::Country => OID_X509_COUNTRY_NAME,
        NameAttribute::Province => OID_X509_STATE_OR_PROVINCE_NAME,
        NameAttribute::Locality => OID_X509_LOCALITY_NAME,
        NameAttribute::Organization => OID_X509_ORGANIZATION_NAME,
        NameAttribute::OrganizationalUnit => OID_X509_ORGANIZATIONAL_UNIT,
        NameAttribute::CommonName => OID_X509_COMMON_NAME,
    }
}
