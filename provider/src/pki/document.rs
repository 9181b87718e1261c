//! The document in which a certificate authority's key is stored, version 1.
//!
//! ```json
//! {"type": "skreg.pki.key", "v": 1,
//!  "algorithm": "RSA_4096", "signature_algorithm": "SHA256WITHRSA",
//!  "spki_sha256": "…64 hexadecimal digits…",
//!  "private_key_pem": "-----BEGIN PRIVATE KEY-----…",
//!  "certificates": ["-----BEGIN CERTIFICATE-----…"],
//!  "issuance": {"serial_number": "…", "not_before": "2026-11-20T12:00:00Z", "not_after": "…",
//!               "subject": {"common_name": "…"}, "path_length": 1}}
//! ```
//!
//! `certificates` is in order of issue, the last one is current. `issuance` is there only while `certificates` is
//! empty: it is the decision that was stored with the key before anything was signed. A document with neither is a
//! key for which nothing was decided yet. A `path_length` of null stands for a certificate without a limit.
//!
//! Reading is strict: a document that is not ours, not version 1, or at odds with itself is an error, and no error
//! quotes a value. Nothing here can put another key into a document.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

use super::algorithm::KeyAlgorithm;
use super::certificate::{CertificateError, RootCertificate};
use super::issuance::{Issuance, IssueError};
use super::key::{CaKey, KeyError};
use super::secret_text::SecretText;
use super::serial::SerialNumber;
use super::subject::Subject;
use super::validity::Validity;

/// Name of the format, the document's `type`. Programs that read a document check it.
pub const FORMAT: &str = "skreg.pki.key";
const VERSION: u64 = 1;

/// The largest value AWS Secrets Manager stores, in octets.
const MAX_OCTETS: usize = 65_536;

/// A stored text that is not a usable key document. Never quotes the text.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The value was not written by this provider.
    #[error("the value is not a key document: it is not a JSON object of type {FORMAT:?}")]
    Foreign,
    /// The document has a version this provider does not know.
    #[error(
        "the key document has version {0}, this provider reads version {VERSION}; use a newer provider"
    )]
    UnknownVersion(u64),
    /// A field is missing, unknown or of another type.
    #[error("the key document is malformed at line {line}, column {column}")]
    Malformed {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The algorithm is not known.
    #[error("the key document names an algorithm that this provider does not support")]
    UnknownAlgorithm,
    /// The signature algorithm does not go with the key algorithm.
    #[error("the key document names a signature algorithm that does not go with {}", .0.name())]
    SignatureAlgorithm(KeyAlgorithm),
    /// The private key cannot be used.
    #[error("the private key in the key document is not usable")]
    Key(#[from] KeyError),
    /// The private key is another one than the document says.
    #[error(
        "the private key in the key document is not the one that its spki_sha256 names: it was changed"
    )]
    KeyChanged,
    /// A certificate cannot be used.
    #[error("certificate {position} in the key document is not usable")]
    Certificate {
        /// Position in `certificates`, from 1.
        position: usize,
        /// Why.
        #[source]
        source: CertificateError,
    },
    /// A certificate is for another key.
    #[error("certificate {position} in the key document is for another key")]
    CertificateOfOtherKey {
        /// Position in `certificates`, from 1.
        position: usize,
    },
    /// Two certificates have different subjects or the same serial number.
    #[error(
        "certificate {position} in the key document has another subject than the first, or a serial number twice"
    )]
    CertificatesDisagree {
        /// Position in `certificates`, from 1.
        position: usize,
    },
    /// The document holds certificates and a pending issuance.
    #[error("the key document has certificates and also an issuance that is still to be done")]
    PendingBesideCertificates,
    /// The pending issuance cannot be used.
    #[error("the {0} of the issuance in the key document is not usable")]
    Issuance(&'static str),
    /// The document is too large to be stored.
    #[error("the key document has more than {MAX_OCTETS} octets")]
    TooLarge,
}

/// How far a key has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was decided yet.
    KeyOnly,
    /// The issuance was decided and stored, nothing is signed.
    Pending(Issuance),
    /// At least one certificate was issued; the last is current.
    Issued(Vec<RootCertificate>),
}

/// A key with what has been certified for it. Has no `Debug`.
pub struct SecretDocument {
    key: CaKey,
    stage: Stage,
}

impl SecretDocument {
    /// The document to store before signing.
    pub fn pending(key: CaKey, issuance: Issuance) -> Self {
        Self {
            key,
            stage: Stage::Pending(issuance),
        }
    }

    /// The key.
    pub fn key(&self) -> &CaKey {
        &self.key
    }

    /// How far the key has come.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// The current certificate, once there is one.
    pub fn certificate(&self) -> Option<&RootCertificate> {
        match &self.stage {
            Stage::Issued(certificates) => certificates.last(),
            Stage::KeyOnly | Stage::Pending(_) => None,
        }
    }

    /// Signs the first certificate for the same key and returns the document that holds it.
    ///
    /// # Errors
    /// When the certificate cannot be issued. The caller still has the stored document.
    pub fn issue(self, issuance: &Issuance) -> Result<(Self, RootCertificate), IssueError> {
        let certificate = issuance.issue(&self.key)?;
        let stage = Stage::Issued(vec![certificate.clone()]);
        Ok((
            Self {
                key: self.key,
                stage,
            },
            certificate,
        ))
    }

    /// Writes the document as JSON. The same document is always the same text.
    ///
    /// # Errors
    /// When it is too large to be stored.
    pub fn to_text(&self) -> Result<SecretText, DocumentError> {
        let private_key_pem = self.key.to_pem();
        let algorithm = self.key.public().algorithm();
        let (certificates, issuance) = match &self.stage {
            Stage::KeyOnly => (Vec::new(), None),
            Stage::Pending(issuance) => (Vec::new(), Some(IssuanceFields::from(issuance))),
            Stage::Issued(certificates) => (
                certificates.iter().map(RootCertificate::to_pem).collect(),
                None,
            ),
        };
        let fields = WrittenFields {
            kind: FORMAT,
            v: VERSION,
            algorithm: algorithm.name(),
            signature_algorithm: algorithm.signature(),
            spki_sha256: self.key.public().sha256().to_string(),
            private_key_pem: private_key_pem.expose(),
            certificates,
            issuance,
        };
        // A buffer that never grows leaves no copy of the key behind.
        let mut buffer = Zeroizing::new(vec![0; MAX_OCTETS]);
        let mut room = buffer.as_mut_slice();
        serde_json::to_writer(&mut room, &fields).map_err(|_| DocumentError::TooLarge)?;
        let length = MAX_OCTETS - room.len();
        buffer.truncate(length);
        let text = String::from_utf8(std::mem::take(&mut *buffer)).expect("JSON is UTF-8");
        Ok(SecretText::from(text))
    }

    /// Reads a document and checks that key, hash and certificates belong together.
    ///
    /// # Errors
    /// When the text is foreign, of another version, malformed, or at odds with itself.
    pub fn read(text: &SecretText) -> Result<Self, DocumentError> {
        let header: Header =
            serde_json::from_str(text.expose()).map_err(|_| DocumentError::Foreign)?;
        if header.kind != FORMAT {
            return Err(DocumentError::Foreign);
        }
        if header.v != VERSION {
            return Err(DocumentError::UnknownVersion(header.v));
        }
        // serde's message may quote a value, and a value may be the key: only the position is kept.
        let fields: ReadFields =
            serde_json::from_str(text.expose()).map_err(|error| DocumentError::Malformed {
                line: error.line(),
                column: error.column(),
            })?;
        let key = read_key(&fields)?;
        let stage = read_stage(fields, &key)?;
        Ok(Self { key, stage })
    }
}

fn read_key(fields: &ReadFields) -> Result<CaKey, DocumentError> {
    let algorithm =
        KeyAlgorithm::named(&fields.algorithm).ok_or(DocumentError::UnknownAlgorithm)?;
    if fields.signature_algorithm != algorithm.signature() {
        return Err(DocumentError::SignatureAlgorithm(algorithm));
    }
    let key = CaKey::from_pem(algorithm, &fields.private_key_pem)?;
    if key.public().sha256().to_string() != fields.spki_sha256 {
        return Err(DocumentError::KeyChanged);
    }
    Ok(key)
}

fn read_stage(fields: ReadFields, key: &CaKey) -> Result<Stage, DocumentError> {
    let certificates = read_certificates(&fields.certificates, key)?;
    match (certificates.is_empty(), fields.issuance) {
        (true, None) => Ok(Stage::KeyOnly),
        (true, Some(issuance)) => Ok(Stage::Pending(issuance.read()?)),
        (false, None) => Ok(Stage::Issued(certificates)),
        (false, Some(_)) => Err(DocumentError::PendingBesideCertificates),
    }
}

fn read_certificates(texts: &[String], key: &CaKey) -> Result<Vec<RootCertificate>, DocumentError> {
    let mut certificates: Vec<RootCertificate> = Vec::new();
    for (position, text) in (1..).zip(texts) {
        let certificate = RootCertificate::from_pem(text)
            .map_err(|source| DocumentError::Certificate { position, source })?;
        if certificate.public_key() != key.public() {
            return Err(DocumentError::CertificateOfOtherKey { position });
        }
        let agrees = |earlier: &RootCertificate| {
            earlier.issuance().subject == certificate.issuance().subject
                && earlier.issuance().serial_number != certificate.issuance().serial_number
        };
        if !certificates.iter().all(agrees) {
            return Err(DocumentError::CertificatesDisagree { position });
        }
        certificates.push(certificate);
    }
    Ok(certificates)
}

#[derive(Deserialize)]
struct Header {
    #[serde(rename = "type")]
    kind: String,
    v: u64,
}

#[derive(Serialize)]
struct WrittenFields<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    v: u64,
    algorithm: &'static str,
    signature_algorithm: &'static str,
    spki_sha256: String,
    private_key_pem: &'a str,
    certificates: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuance: Option<IssuanceFields>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadFields {
    #[serde(rename = "type")]
    _kind: String,
    #[serde(rename = "v")]
    _version: u64,
    algorithm: String,
    signature_algorithm: String,
    spki_sha256: String,
    private_key_pem: SecretText,
    certificates: Vec<String>,
    #[serde(default)]
    issuance: Option<IssuanceFields>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuanceFields {
    serial_number: String,
    not_before: String,
    not_after: String,
    subject: Subject,
    // Null is a value here and must be written down: without the function a missing field would be read as one.
    #[serde(deserialize_with = "null_or_length")]
    path_length: Option<u8>,
}

fn null_or_length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    Option::deserialize(deserializer)
}

impl From<&Issuance> for IssuanceFields {
    fn from(issuance: &Issuance) -> Self {
        Self {
            serial_number: issuance.serial_number.to_string(),
            not_before: issuance.validity.not_before().to_string(),
            not_after: issuance.validity.not_after().to_string(),
            subject: issuance.subject.clone(),
            path_length: issuance.path_length,
        }
    }
}

impl IssuanceFields {
    fn read(self) -> Result<Issuance, DocumentError> {
        let instant = |text: &str| {
            text.parse::<Timestamp>()
                .map_err(|_| DocumentError::Issuance("validity"))
        };
        Ok(Issuance {
            serial_number: self
                .serial_number
                .parse::<SerialNumber>()
                .map_err(|_| DocumentError::Issuance("serial number"))?,
            validity: Validity::new(instant(&self.not_before)?, instant(&self.not_after)?)
                .map_err(|_| DocumentError::Issuance("validity"))?,
            subject: self.subject,
            path_length: self.path_length,
        })
    }
}
