//! A root certificate that has been read with a second parser, verified with its own key and linted.
//!
//! [`RootCertificate::read`] is the only way to one, for what was just signed as for what comes out of a store.
//! Nothing here signs.

use jiff::Timestamp;
use x509_parser::asn1_rs::Tag;
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::{
    OID_X509_COMMON_NAME, OID_X509_COUNTRY_NAME, OID_X509_LOCALITY_NAME,
    OID_X509_ORGANIZATION_NAME, OID_X509_ORGANIZATIONAL_UNIT, OID_X509_STATE_OR_PROVINCE_NAME, Oid,
};
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::fingerprint::Sha256Fingerprint;
use super::issuance::Issuance;
use super::key::{PublicKey, PublicKeyError};
use super::lint::{self, Finding};
use super::serial::{SerialNumber, SerialNumberError};
use super::subject::{Subject, SubjectAttribute, SubjectError};
use super::textual::{self, NotTextual};
use super::validity::{Validity, ValidityError};

/// A certificate that is not a root certificate of ours.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The text is not a PEM block.
    #[error("the certificate cannot be read")]
    Text(#[from] NotTextual),
    /// The octets are not a certificate.
    #[error("the octets are not a DER certificate (RFC 5280 section 4.1)")]
    NotDer,
    /// The key in the certificate is of no supported kind.
    #[error("the public key of the certificate is not usable")]
    PublicKey(#[from] PublicKeyError),
    /// The signature does not verify with the certificate's own key.
    #[error("the signature does not verify with the certificate's own public key")]
    Signature,
    /// A rule of RFC 5280 is broken.
    #[error("the certificate breaks a rule: {}", sentences(.0))]
    Lint(Vec<Finding>),
    /// The subject breaks a rule.
    #[error("the subject of the certificate is not allowed")]
    Subject(#[from] SubjectError),
    /// The subject is encoded in another way than ours are.
    #[error("the subject of the certificate is encoded unexpectedly: {0}")]
    SubjectEncoding(&'static str),
    /// The serial number breaks a rule.
    #[error("the serial number of the certificate is not allowed")]
    Serial(#[from] SerialNumberError),
    /// The validity breaks a rule.
    #[error("the validity of the certificate is not allowed")]
    Validity(#[from] ValidityError),
    /// A time or path length is out of the range that can be worked with.
    #[error("the certificate's {0} is out of range")]
    OutOfRange(&'static str),
}

fn sentences(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(|finding| format!("not true that {finding}"))
        .collect::<Vec<_>>()
        .join("; ")
}

/// A self-signed certificate authority certificate that verifies and keeps every rule of [`super::lint`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootCertificate {
    der: Vec<u8>,
    issuance: Issuance,
    public_key: PublicKey,
}

impl RootCertificate {
    /// Reads, verifies and lints a DER certificate.
    ///
    /// # Errors
    /// When it is malformed, its signature does not verify with its own key, or it breaks a rule.
    pub fn read(der: &[u8]) -> Result<Self, CertificateError> {
        let (rest, parsed) =
            X509Certificate::from_der(der).map_err(|_| CertificateError::NotDer)?;
        if !rest.is_empty() {
            return Err(CertificateError::NotDer);
        }
        parsed
            .verify_signature(None)
            .map_err(|_| CertificateError::Signature)?;
        let findings = lint::findings(&parsed);
        if !findings.is_empty() {
            return Err(CertificateError::Lint(findings));
        }
        Ok(Self {
            der: der.to_vec(),
            issuance: issuance_of(&parsed)?,
            public_key: PublicKey::from_spki(parsed.public_key().raw)?,
        })
    }

    /// As [`RootCertificate::read`], from the textual encoding of RFC 7468.
    ///
    /// # Errors
    /// As [`RootCertificate::read`], and when the text is not exactly one certificate.
    pub fn from_pem(text: &str) -> Result<Self, CertificateError> {
        Self::read(&textual::decode(textual::CERTIFICATE, text)?)
    }

    /// What the certificate says: serial number, validity, subject, path length.
    pub fn issuance(&self) -> &Issuance {
        &self.issuance
    }

    /// The certified key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// SHA-256 over the DER certificate, as tools print it.
    pub fn sha256(&self) -> Sha256Fingerprint {
        Sha256Fingerprint::of(&self.der)
    }

    /// The certificate in the textual encoding of RFC 7468.
    pub fn to_pem(&self) -> String {
        textual::encode(textual::CERTIFICATE, &self.der)
    }
}

fn issuance_of(certificate: &X509Certificate<'_>) -> Result<Issuance, CertificateError> {
    let validity = certificate.validity();
    Ok(Issuance {
        serial_number: SerialNumber::from_magnitude(certificate.raw_serial())?,
        validity: Validity::new(instant(validity.not_before)?, instant(validity.not_after)?)?,
        subject: subject_of(certificate.subject())?,
        path_length: path_length_of(certificate)?,
    })
}

fn instant(time: ASN1Time) -> Result<Timestamp, CertificateError> {
    Timestamp::from_second(time.timestamp()).map_err(|_| CertificateError::OutOfRange("validity"))
}

/// The path length; absent where the certificate does not limit it. The lint has seen the extension.
fn path_length_of(certificate: &X509Certificate<'_>) -> Result<Option<u8>, CertificateError> {
    certificate
        .basic_constraints()
        .ok()
        .flatten()
        .and_then(|extension| extension.value.path_len_constraint)
        .map(|length| u8::try_from(length).map_err(|_| CertificateError::OutOfRange("path length")))
        .transpose()
}

/// Reads a name that is encoded as ours are: one attribute per RDN, in the order of [`SubjectAttribute`], each with
/// our string type. Anything else would not survive being encoded again, and then issuer and subject of what this
/// authority signs would not chain.
fn subject_of(name: &X509Name<'_>) -> Result<Subject, CertificateError> {
    let mut attributes: Vec<(SubjectAttribute, String)> = Vec::new();
    for rdn in name.iter_rdn() {
        let mut parts = rdn.iter();
        let (Some(part), None) = (parts.next(), parts.next()) else {
            return Err(CertificateError::SubjectEncoding(
                "a relative name has several attributes",
            ));
        };
        let (attribute, value) = attribute_of(part)?;
        if attributes
            .last()
            .is_some_and(|(previous, _)| *previous > attribute)
        {
            return Err(CertificateError::SubjectEncoding(
                "the attributes are in another order",
            ));
        }
        attributes.push((attribute, value));
    }
    Ok(Subject::new(attributes)?)
}

fn attribute_of(
    part: &AttributeTypeAndValue<'_>,
) -> Result<(SubjectAttribute, String), CertificateError> {
    let attribute = SubjectAttribute::ALL
        .into_iter()
        .find(|attribute| object_identifier(*attribute) == *part.attr_type())
        .ok_or(CertificateError::SubjectEncoding(
            "there is an attribute of another type",
        ))?;
    let string_type = match attribute {
        SubjectAttribute::Country => Tag::PrintableString,
        _ => Tag::Utf8String,
    };
    let value = part
        .as_str()
        .ok()
        .filter(|_| part.attr_value().tag() == string_type);
    let value = value.ok_or(CertificateError::SubjectEncoding(
        "an attribute has another string type",
    ))?;
    Ok((attribute, value.to_owned()))
}

fn object_identifier(attribute: SubjectAttribute) -> Oid<'static> {
    match attribute {
        SubjectAttribute::Country => OID_X509_COUNTRY_NAME,
        SubjectAttribute::Province => OID_X509_STATE_OR_PROVINCE_NAME,
        SubjectAttribute::Locality => OID_X509_LOCALITY_NAME,
        SubjectAttribute::Organization => OID_X509_ORGANIZATION_NAME,
        SubjectAttribute::OrganizationalUnit => OID_X509_ORGANIZATIONAL_UNIT,
        SubjectAttribute::CommonName => OID_X509_COMMON_NAME,
    }
}
