//! The stored document that contains a key and its certificates.
//!
//! ```json
//! {"type": "skreg.pki.key", "v": 2, "kind": "intermediate",
//!  "algorithm": "RSA_4096", "signature_algorithm": "SHA256WITHRSA",
//!  "spki_sha256": "…64 hexadecimal digits…",
//!  "private_key_pem": "-----BEGIN PRIVATE KEY-----…",
//!  "certificates": ["-----BEGIN CERTIFICATE-----…"],
//!  "chain": ["-----BEGIN CERTIFICATE-----…"],
//!  "certificate_pem": "-----BEGIN CERTIFICATE-----…", "chain_pem": "-----BEGIN CERTIFICATE-----…",
//!  "issuance": {"serial_number": "…", "not_before": "2026-11-20T12:00:00Z", "not_after": "…",
//!               "issuer": {"common_name": "…"}, "subject": {"common_name": "…"},
//!               "ca": true, "path_length": 0, "key_usage": ["keyCertSign", "cRLSign"], "extended_key_usage": [],
//!               "subject_alternative_names": [], "extensions": []}}
//! ```
//!
//! - `kind` is `root`, `intermediate`, or `leaf`.
//! - `certificates` contains all certificates for the key in the order of issuance. The first certificate is revision
//!   1, and the last certificate is the current one.
//! - `chain` contains the issuers. Each certificate precedes its issuer, and the last certificate is a root. For a
//!   root, the list is empty.
//! - `certificate_pem` is the current certificate. `chain_pem` contains the intermediate certificates above it, in the
//!   form that a server sends. Both members repeat list elements for programs that can select only strings. They are
//!   absent until a certificate is issued.
//! - `issuance` describes the certificate to issue. It is stored with the key before anything is signed, and is absent
//!   after a certificate is issued. A null `path_length` means that the path length is unlimited.
//!
//! # Versions
//!
//! Version 1 supports roots only. It lacks `kind`, `chain`, `certificate_pem`, `chain_pem`, and the members of
//! `issuance` that are the same for all roots. The provider reads a version 1 document as a root and always writes
//! version 2. Version 2 keeps the names and meanings of all version 1 members, so programs that select members of a
//! secret continue to work. A later version is rejected before any other member is read.
//!
//! Reading is strict: a foreign or inconsistent document causes an error, and error messages never quote a value. No
//! function in this module can replace the key in a document.

mod fields;

use zeroize::Zeroizing;

use self::fields::{Header, IssuanceFields, ReadFields, WrittenFields};
use super::algorithm::KeyAlgorithm;
use super::certificate::Certificate;
use super::description::{CertificateKind, Description};
use super::document_error::DocumentError;
use super::software_key::SoftwareKey;
use crate::secret_text::SecretText;

/// Name of the format, stored in the `type` member. Programs that read a document compare it with the expected name.
pub const FORMAT: &str = "skreg.pki.key";

/// Document version that the provider writes.
const VERSION: u64 = 2;

/// Maximum size of an AWS Secrets Manager value in octets.
const MAX_OCTETS: usize = 65_536;

/// Issuance stage of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// The document contains a key only.
    KeyOnly,
    /// The description of the certificate is stored, but nothing is signed.
    Pending(Description),
    /// At least one certificate is issued. The last certificate is the current one.
    Issued(Vec<Certificate>),
}

/// A key and its certificates. The type does not implement `Debug` because the key must not be printed.
pub struct KeyDocument {
    kind: CertificateKind,
    key: SoftwareKey,
    chain: Vec<Certificate>,
    stage: Stage,
}

impl KeyDocument {
    /// Returns the document to store before signing. `chain` contains the issuers, each before its own issuer. The
    /// chain is empty for a root.
    #[must_use]
    pub fn pending(key: SoftwareKey, description: Description, chain: Vec<Certificate>) -> Self {
        Self {
            kind: description.kind(),
            key,
            chain,
            stage: Stage::Pending(description),
        }
    }

    /// Returns the kind of the key's certificates.
    #[must_use]
    pub fn kind(&self) -> CertificateKind {
        self.kind
    }

    /// Returns the key.
    #[must_use]
    pub fn key(&self) -> &SoftwareKey {
        &self.key
    }

    /// Returns the issuance stage.
    #[must_use]
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Returns all certificates for the key in the order of issuance.
    #[must_use]
    pub fn history(&self) -> &[Certificate] {
        match &self.stage {
            Stage::Issued(certificates) => certificates,
            Stage::KeyOnly | Stage::Pending(_) => &[],
        }
    }

    /// Returns the current certificate, or `None` before the first issuance.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.history().last()
    }

    /// Returns the issuers of the current certificate, starting with the direct issuer and ending with the root. The
    /// list is empty for a root.
    #[must_use]
    pub fn chain(&self) -> Vec<&Certificate> {
        let mut found: Vec<&Certificate> = Vec::new();
        let mut above = self.chain.as_slice();
        let mut below = self.certificate();
        while let Some(certificate) =
            below.filter(|below| below.description().kind() != CertificateKind::Root)
        {
            let Some(position) = above
                .iter()
                .position(|issuer| certificate.is_issued_by(issuer))
            else {
                break;
            };
            found.push(&above[position]);
            below = above.get(position);
            above = &above[position + 1..];
        }
        found
    }

    /// Adds a certificate for the same key to the history.
    ///
    /// # Errors
    /// Returns an error if the kind or the key of the certificate differs from the document, its subject differs from
    /// an earlier certificate, an earlier certificate has the same serial number, or its issuer is not in the chain.
    pub fn with_certificate(self, certificate: Certificate) -> Result<Self, DocumentError> {
        let mut history = self.history().to_vec();
        check_consistency(&history, &certificate, self.kind, &self.key, &self.chain)?;
        history.push(certificate);
        Ok(Self {
            stage: Stage::Issued(history),
            ..self
        })
    }

    /// Returns the document as JSON in the newest version. The same document always produces the same JSON.
    ///
    /// # Errors
    /// Returns an error if the document is too large to store.
    pub fn to_text(&self) -> Result<SecretText, DocumentError> {
        let private_key_pem = self.key.to_pem();
        let algorithm = self.key.public().algorithm();
        let issuance = match &self.stage {
            Stage::Pending(description) => Some(IssuanceFields::from(description)),
            Stage::KeyOnly | Stage::Issued(_) => None,
        };
        let fields = WrittenFields {
            format: FORMAT,
            v: VERSION,
            kind: self.kind.name(),
            algorithm: algorithm.name(),
            signature_algorithm: algorithm.signature(),
            spki_sha256: self.key.public().sha256().to_string(),
            private_key_pem: private_key_pem.expose(),
            certificates: self.history().iter().map(Certificate::to_pem).collect(),
            chain: self.chain.iter().map(Certificate::to_pem).collect(),
            certificate_pem: self.certificate_pem(),
            chain_pem: self.chain_pem(),
            issuance,
        };
        // Without a reallocation of the buffer, no copy of the key remains in freed memory.
        let mut buffer = Zeroizing::new(vec![0; MAX_OCTETS]);
        let mut left = buffer.as_mut_slice();
        serde_json::to_writer(&mut left, &fields)
            .map_err(|_| DocumentError::TooLarge { limit: MAX_OCTETS })?;
        let length = MAX_OCTETS - left.len();
        buffer.truncate(length);
        let text = String::from_utf8(std::mem::take(&mut *buffer)).expect("JSON is UTF-8");
        Ok(SecretText::from(text))
    }

    fn certificate_pem(&self) -> Option<String> {
        self.certificate().map(Certificate::to_pem)
    }

    /// Returns the intermediate certificates above the current certificate in PEM format.
    fn chain_pem(&self) -> Option<String> {
        let sent = self.chain().into_iter();
        let sent = sent.filter(|issuer| issuer.description().kind() != CertificateKind::Root);
        self.certificate()
            .map(|_| sent.map(Certificate::to_pem).collect())
    }

    /// Reads a document in any supported version, and checks that the key, hash, certificates, and chain match.
    ///
    /// # Errors
    /// Returns an error if the input is not a key document, has an unsupported version, or is malformed or
    /// inconsistent.
    pub fn read(text: &SecretText) -> Result<Self, DocumentError> {
        let header: Header =
            serde_json::from_str(text.expose()).map_err(|_| DocumentError::Foreign)?;
        if header.format != FORMAT {
            return Err(DocumentError::Foreign);
        }
        let fields = match header.v {
            1 => ReadFields::version_1(text)?,
            VERSION => ReadFields::version_2(text)?,
            found => {
                return Err(DocumentError::UnknownVersion {
                    found,
                    newest: VERSION,
                });
            }
        };
        let kind = CertificateKind::named(&fields.kind).ok_or(DocumentError::UnknownKind)?;
        let key = read_key(&fields)?;
        let chain = read_chain(&fields.chain)?;
        if kind == CertificateKind::Root && !chain.is_empty() {
            return Err(DocumentError::RootWithChain);
        }
        let history = read_history(&fields.certificates, kind, &key, &chain)?;
        let stage = match (history.is_empty(), fields.issuance) {
            (true, None) => Stage::KeyOnly,
            (true, Some(issuance)) => Stage::Pending(issuance.read()?),
            (false, None) => Stage::Issued(history),
            (false, Some(_)) => return Err(DocumentError::PendingWithCertificates),
        };
        if matches!(&stage, Stage::Pending(description) if description.kind() != kind) {
            return Err(DocumentError::Issuance("kind"));
        }
        let document = Self {
            kind,
            key,
            chain,
            stage,
        };
        let repeated = [
            (
                "certificate_pem",
                fields.certificate_pem,
                document.certificate_pem(),
            ),
            ("chain_pem", fields.chain_pem, document.chain_pem()),
        ];
        match repeated
            .into_iter()
            .find(|(_, read, derived)| header.v > 1 && read != derived)
        {
            Some((member, ..)) => Err(DocumentError::MemberMismatch { member }),
            None => Ok(document),
        }
    }
}

fn read_key(fields: &ReadFields) -> Result<SoftwareKey, DocumentError> {
    let algorithm =
        KeyAlgorithm::named(&fields.algorithm).ok_or(DocumentError::UnknownAlgorithm)?;
    if fields.signature_algorithm != algorithm.signature() {
        return Err(DocumentError::SignatureAlgorithm(algorithm));
    }
    let key = SoftwareKey::from_pem(algorithm, &fields.private_key_pem)?;
    if key.public().sha256().to_string() != fields.spki_sha256 {
        return Err(DocumentError::KeyChanged);
    }
    Ok(key)
}

/// Reads the chain from the end. Each certificate must be a root or precede its issuer.
fn read_chain(texts: &[String]) -> Result<Vec<Certificate>, DocumentError> {
    let mut read: Vec<Certificate> = Vec::new();
    for (index, text) in texts.iter().enumerate().rev() {
        let position = index + 1;
        let issued = read_issued(text, CertificateKind::Intermediate, &read);
        let certificate = match issued {
            Some(certificate) => certificate,
            None => Certificate::root_from_pem(text)
                .map_err(|source| DocumentError::ChainCertificate { position, source })?,
        };
        read.insert(0, certificate);
    }
    Ok(read)
}

/// Reads a certificate that one of `issuers` issued. Returns `None` if none of the issuers issued the certificate.
fn read_issued(text: &str, kind: CertificateKind, issuers: &[Certificate]) -> Option<Certificate> {
    issuers.iter().find_map(|issuer| {
        let read = Certificate::issued_from_pem(text, kind, issuer.public_key()).ok()?;
        read.is_issued_by(issuer).then_some(read)
    })
}

fn read_history(
    texts: &[String],
    kind: CertificateKind,
    key: &SoftwareKey,
    chain: &[Certificate],
) -> Result<Vec<Certificate>, DocumentError> {
    let mut history: Vec<Certificate> = Vec::new();
    for (position, text) in (1..).zip(texts) {
        let certificate = match kind {
            CertificateKind::Root => Certificate::root_from_pem(text)
                .map_err(|source| DocumentError::Certificate { position, source })?,
            kind => read_issued(text, kind, chain)
                .ok_or(DocumentError::IssuerNotInChain { position })?,
        };
        check_consistency(&history, &certificate, kind, key, chain)?;
        history.push(certificate);
    }
    Ok(history)
}

/// Checks that a certificate can be appended to a history.
fn check_consistency(
    history: &[Certificate],
    certificate: &Certificate,
    kind: CertificateKind,
    key: &SoftwareKey,
    chain: &[Certificate],
) -> Result<(), DocumentError> {
    let position = history.len() + 1;
    let description = certificate.description();
    if description.kind() != kind {
        return Err(DocumentError::WrongCertificateKind { position });
    }
    if certificate.public_key() != key.public() {
        return Err(DocumentError::WrongCertificateKey { position });
    }
    if kind != CertificateKind::Root && !chain.iter().any(|issuer| certificate.is_issued_by(issuer))
    {
        return Err(DocumentError::IssuerNotInChain { position });
    }
    let is_consistent = |earlier: &Certificate| {
        let earlier = earlier.description();
        earlier.subject == description.subject && earlier.serial_number != description.serial_number
    };
    match history.iter().all(is_consistent) {
        true => Ok(()),
        false => Err(DocumentError::InconsistentCertificate { position }),
    }
}
