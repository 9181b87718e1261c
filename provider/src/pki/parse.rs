//! Conversion of a parsed certificate to its description. This module checks only encodings; [`super::lint`] checks the
//! rules.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;
use x509_parser::asn1_rs::Oid;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ExtendedKeyUsage, GeneralName, ParsedExtension};
use x509_parser::time::ASN1Time;

use super::certificate_error::CertificateError;
use super::decoded;
use super::description::{
    AlternativeName, BasicConstraints, Description, Extension, KeyPurpose, KeyUsage,
};
use super::name_encoding::read_name;
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
        issuer: read_name(certificate.issuer())?,
        subject: read_name(certificate.subject())?,
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
            // Other fields determine whether the next two extensions are critical, and the lint has already checked it.
            ParsedExtension::ExtendedKeyUsage(usage) => {
                description.extended_key_usage = purposes(usage, extension.value)?;
            }
            ParsedExtension::SubjectAlternativeName(names) => {
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

/// Reads the arcs with the strict reader, because the parser splits the first number of identifiers from 2.40 incorrectly.
fn object_identifier(oid: &Oid<'_>) -> Result<ObjectIdentifier, CertificateError> {
    decoded::dotted(oid)
        .parse()
        .map_err(|_| CertificateError::OutOfRange("object identifier"))
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
