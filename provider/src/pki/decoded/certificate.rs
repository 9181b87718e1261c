//! Decodes certificates from any issuer (RFC 5280 section 4.1) without verification.

use x509_parser::asn1_rs::Any;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::der::{self, NotDer};
use super::error::DecodeError;
use super::extensions::Extensions;
use super::key::DecodedKey;
use super::name::Name;
use super::serial::serial_number;
use super::signature::Signature;
use super::time::Time;
use crate::pki::description::KeyUsage;
use crate::pki::fingerprint::Sha256Fingerprint;
use crate::pki::textual;

/// Unverified certificate from any issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedCertificate {
    der: Vec<u8>,
    /// Version, from 1 to 3.
    pub version: u32,
    /// Serial number in lowercase hexadecimal, two digits per octet.
    pub serial_number: String,
    /// Name of the issuer.
    pub issuer: Name,
    /// Name of the subject.
    pub subject: Name,
    /// Start of the validity period.
    pub not_before: Time,
    /// End of the validity period.
    pub not_after: Time,
    /// Public key of the subject.
    pub public_key: DecodedKey,
    /// Extensions.
    pub extensions: Extensions,
    /// Signature by the issuer.
    pub signature: Signature,
}

impl DecodedCertificate {
    /// Decodes a DER certificate.
    ///
    /// # Errors
    /// Returns an error if the octets are not a certificate, or if a part of the certificate is malformed.
    pub fn from_der(octets: &[u8]) -> Result<Self, DecodeError> {
        let structure = DecodeError::Structure {
            object: "certificate",
            section: "RFC 5280 section 4.1",
        };
        let parsed = match X509Certificate::from_der(octets) {
            Ok(([], parsed)) if der::is_signed_object(octets) => parsed,
            _ => return Err(structure),
        };
        let signed = parsed.tbs_certificate.as_ref();
        let fields = Fields::of(signed).map_err(|NotDer| structure)?;
        let signature = Signature::new(
            &parsed.signature_algorithm,
            Some(&parsed.signature),
            &parsed.signature_value,
            signed,
        )?;
        let name = |octets, part| Name::from_der(octets).map_err(|NotDer| DecodeError::Part(part));
        Ok(Self {
            version: fields.version()?,
            serial_number: fields.serial_number()?,
            issuer: name(parsed.issuer().as_raw(), "issuer")?,
            subject: name(parsed.subject().as_raw(), "subject")?,
            not_before: fields.time(0)?,
            not_after: fields.time(1)?,
            public_key: DecodedKey::of(parsed.public_key())
                .ok_or(DecodeError::Part("public key"))?,
            extensions: fields.extensions()?,
            signature,
            der: octets.to_vec(),
        })
    }

    /// Returns the DER encoding.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Returns the certificate in PEM format.
    #[must_use]
    pub fn to_pem(&self) -> String {
        textual::encode(textual::CERTIFICATE, &self.der)
    }

    /// Returns the SHA-256 fingerprint of the DER encoding.
    #[must_use]
    pub fn sha256(&self) -> Sha256Fingerprint {
        Sha256Fingerprint::of(&self.der)
    }

    /// Returns whether the issuer and the subject are the same name (RFC 5280 section 6.1). An empty name identifies no issuer
    /// (RFC 5280 section 4.1.2.4).
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        !self.issuer.is_empty() && self.issuer.matches(&self.subject)
    }

    /// Returns whether `keyUsage` allows a usage of the key. Without the extension, every usage is allowed.
    #[must_use]
    pub fn allows(&self, usage: KeyUsage) -> bool {
        let usages = self.extensions.key_usage.as_ref();
        usages.is_none_or(|usages| usages.contains(&usage))
    }
}

/// Fields of a `TBSCertificate` that `x509-parser` does not check completely.
struct Fields<'a> {
    version: Option<Any<'a>>,
    serial_number: Any<'a>,
    validity: Vec<Any<'a>>,
    extensions: Option<Any<'a>>,
}

impl<'a> Fields<'a> {
    fn of(signed: &'a [u8]) -> Result<Self, NotDer> {
        let mut fields = der::sequence(signed)?.into_iter().peekable();
        let tagged = |tag| move |field: &Any<'_>| der::context(field) == Some(tag);
        let version = fields.next_if(tagged(0));
        let serial_number = fields.next().ok_or(NotDer)?;
        // After the signature algorithm and the issuer.
        let validity = der::elements(&fields.nth(2).ok_or(NotDer)?)?;
        // After the subject, the public key, and the unique identifiers.
        fields.nth(1).ok_or(NotDer)?;
        fields.next_if(tagged(1));
        fields.next_if(tagged(2));
        let extensions = fields.next_if(tagged(3));
        match (validity.len(), fields.next()) {
            (2, None) => Ok(Self {
                version,
                serial_number,
                validity,
                extensions,
            }),
            _ => Err(NotDer),
        }
    }

    fn version(&self) -> Result<u32, DecodeError> {
        let explicit = self.version.as_ref();
        let number = explicit.map(|version| der::unsigned(&der::only(version.data)?));
        match number.transpose() {
            Ok(None | Some([])) => Ok(1),
            Ok(Some([1])) => Ok(2),
            Ok(Some([2])) => Ok(3),
            _ => Err(DecodeError::Part("version")),
        }
    }

    fn serial_number(&self) -> Result<String, DecodeError> {
        let number = der::integer(&self.serial_number);
        let number = number.map_err(|NotDer| DecodeError::Part("serial number"));
        number.map(serial_number)
    }

    fn time(&self, position: usize) -> Result<Time, DecodeError> {
        let time = self.validity.get(position).ok_or(NotDer);
        time.and_then(Time::of)
            .map_err(|NotDer| DecodeError::Part("validity period"))
    }

    fn extensions(&self) -> Result<Extensions, DecodeError> {
        let extensions = self.extensions.as_ref();
        let extensions = extensions.map(|extensions| Extensions::from_der(extensions.data));
        Ok(extensions.transpose()?.unwrap_or_default())
    }
}
