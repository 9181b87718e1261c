//! Decodes certificate signing requests (PKCS #10, RFC 2986) and verifies their signatures.

use x509_parser::asn1_rs::Tag;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;

use super::der::{self, NotDer};
use super::error::DecodeError;
use super::extensions::Extensions;
use super::key::DecodedKey;
use super::name::Name;
use super::signature::{Signature, SignatureFailure};

/// Attribute that contains the requested extensions (RFC 2985 section 5.4.2).
const EXTENSION_REQUEST: &str = "1.2.840.113549.1.9.14";

/// Certificate signing request with a verified signature, which proves that the requester has the private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedRequest {
    /// Requested subject.
    pub subject: Name,
    /// Public key to certify.
    pub public_key: DecodedKey,
    /// Requested extensions.
    pub extensions: Extensions,
    /// Signature with the private key of the requester.
    pub signature: Signature,
}

impl DecodedRequest {
    /// Decodes a DER certificate signing request and verifies its signature with the public key in the request.
    ///
    /// # Errors
    /// Returns an error if the octets are not a request, if a part of the request is malformed, or if the signature is not valid.
    pub fn from_der(octets: &[u8]) -> Result<Self, DecodeError> {
        let parsed = match X509CertificationRequest::from_der(octets) {
            Ok(([], parsed)) if der::is_signed_object(octets) => parsed,
            _ => {
                return Err(DecodeError::Structure {
                    object: "certificate signing request",
                    section: "RFC 2986 section 4",
                });
            }
        };
        let info = &parsed.certification_request_info;
        let signature = Signature::new(
            &parsed.signature_algorithm,
            None,
            &parsed.signature_value,
            info.raw,
        )?;
        let public_key =
            DecodedKey::of(&info.subject_pki).ok_or(DecodeError::Part("public key"))?;
        signature
            .verify(&public_key)
            .map_err(|failure| match failure {
                SignatureFailure::Mismatch => DecodeError::OwnSignature,
                SignatureFailure::Algorithm => DecodeError::OwnSignatureAlgorithm {
                    signature: signature.algorithm(),
                    key: public_key.algorithm.name(),
                },
            })?;
        let mut requested = info
            .attributes()
            .iter()
            .filter(|attribute| der::dotted(&attribute.oid) == EXTENSION_REQUEST);
        let extensions = match (requested.next(), requested.next()) {
            (None, _) => Extensions::default(),
            (Some(attribute), None) => {
                let value = only_value(attribute.value);
                Extensions::from_der(value.map_err(|NotDer| DecodeError::Part("attribute"))?)?
            }
            (Some(_), Some(_)) => return Err(DecodeError::Part("list of attributes")),
        };
        Ok(Self {
            subject: Name::from_der(info.subject.as_raw())
                .map_err(|NotDer| DecodeError::Part("subject"))?,
            public_key,
            extensions,
            signature,
        })
    }
}

/// Returns the only value in the SET of attribute values.
fn only_value(set: &[u8]) -> Result<&[u8], NotDer> {
    let value = der::content(&der::only(set)?, Tag::Set)?;
    der::only(value).map(|_| value)
}
