//! Decodes certificates from any issuer (RFC 5280 section 4.1) without verification.

use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::der;
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
        if parsed.version().0 > 2 {
            return Err(DecodeError::Part("version"));
        }
        let name = |octets| Name::from_der(octets);
        let validity = parsed.validity();
        let signature = Signature::new(
            &parsed.signature_algorithm,
            Some(&parsed.signature),
            &parsed.signature_value,
            parsed.tbs_certificate.as_ref(),
        )?;
        Ok(Self {
            version: parsed.version().0 + 1,
            serial_number: serial_number(parsed.raw_serial()),
            issuer: name(parsed.issuer().as_raw()).map_err(|_| DecodeError::Part("issuer"))?,
            subject: name(parsed.subject().as_raw()).map_err(|_| DecodeError::Part("subject"))?,
            not_before: Time::new(validity.not_before),
            not_after: Time::new(validity.not_after),
            public_key: DecodedKey::of(parsed.public_key())
                .ok_or(DecodeError::Part("public key"))?,
            extensions: Extensions::of(parsed.extensions())?,
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

    /// Returns whether the issuer and the subject are the same name (RFC 5280 section 6.1).
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.issuer.matches(&self.subject)
    }

    /// Returns whether `keyUsage` allows a usage of the key. Without the extension, every usage is allowed.
    #[must_use]
    pub fn allows(&self, usage: KeyUsage) -> bool {
        let usages = self.extensions.key_usage.as_ref();
        usages.is_none_or(|usages| usages.contains(&usage))
    }
}
