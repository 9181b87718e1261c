//! The document in which a key is stored, with what was certified for it.
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
//! - `kind` is `root`, `intermediate` or `leaf`.
//! - `certificates` is the history: in order of issue, the last one is current. So the first one is revision 1.
//! - `chain` holds the issuers, each certificate before its own issuer, so that the last one is a root. It is empty for a
//!   root.
//! - `certificate_pem` is the current certificate, and `chain_pem` the intermediate authorities above it, as a server sends
//!   them. They repeat what stands in the lists, for programs that can select only texts, and are absent until a
//!   certificate is issued.
//! - `issuance` is there only while nothing was issued: it is the decision that was stored with the key before anything was
//!   signed. A `path_length` of null stands for a certificate without a limit.
//!
//! # Versions
//!
//! Version 1 knew roots only. It has neither `kind`, `chain`, `certificate_pem` and `chain_pem` nor the members of
//! `issuance` that a root decides by itself. It is read as the root that it is, and every write is of version 2. Version 2
//! has all members of version 1 under the same names and with the same meaning, so that programs that select members of a
//! secret go on working. A later version is refused before anything else of it is read.
//!
//! Reading is strict: a document that is foreign or at odds with itself is an error, and no error quotes a value. Nothing
//! here can put another key into a document.

mod fields;

use zeroize::Zeroizing;

use self::fields::{Header, IssuanceFields, ReadFields, WrittenFields};
use super::algorithm::KeyAlgorithm;
use super::certificate::Certificate;
use super::description::{CertificateKind, Description};
use super::document_error::DocumentError;
use super::software_key::SoftwareKey;
use crate::secret_text::SecretText;

/// Name of the format, the document's `type`. Programs that read a document check it.
pub const FORMAT: &str = "skreg.pki.key";

/// The version that is written.
const VERSION: u64 = 2;

/// The largest value that AWS Secrets Manager stores, in octets.
const MAX_OCTETS: usize = 65_536;

/// How far a key has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was decided yet.
    KeyOnly,
    /// The certificate was decided and stored, nothing is signed.
    Pending(Description),
    /// At least one certificate was issued; the last one is current.
    Issued(Vec<Certificate>),
}

/// A key with what was certified for it. Has no `Debug`.
pub struct KeyDocument {
    kind: CertificateKind,
    key: SoftwareKey,
    chain: Vec<Certificate>,
    stage: Stage,
}

impl KeyDocument {
    /// Returns the document to store before signing. `chain` holds the issuers, each before its own issuer; it is empty
    /// for a root.
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

    /// Returns how far the key has come.
    #[must_use]
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Returns every certificate that was issued for the key, in order.
    #[must_use]
    pub fn history(&self) -> &[Certificate] {
        match &self.stage {
            Stage::Issued(certificates) => certificates,
            Stage::KeyOnly | Stage::Pending(_) => &[],
        }
    }

    /// Returns the current certificate, once there is one.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.history().last()
    }

    /// Returns the issuers of the current certificate, nearest first, ending with the root; none for a root.
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
    /// The certificate is of another kind, for another key, for another subject than an earlier one, has the serial number
    /// of an earlier one, or its issuer is not in the chain.
    pub fn with_certificate(self, certificate: Certificate) -> Result<Self, DocumentError> {
        let mut history = self.history().to_vec();
        fits(&history, &certificate, self.kind, &self.key, &self.chain)?;
        history.push(certificate);
        Ok(Self {
            stage: Stage::Issued(history),
            ..self
        })
    }

    /// Returns the document as JSON of the newest version. The same document is always the same text.
    ///
    /// # Errors
    /// It is too large to be stored.
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
        // A buffer that never grows leaves no copy of the key behind.
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

    /// The intermediate authorities above the current certificate.
    fn chain_pem(&self) -> Option<String> {
        let sent = self.chain().into_iter();
        let sent = sent.filter(|issuer| issuer.description().kind() != CertificateKind::Root);
        self.certificate()
            .map(|_| sent.map(Certificate::to_pem).collect())
    }

    /// Reads a document of any known version, and checks that key, hash, certificates and chain belong together.
    ///
    /// # Errors
    /// The text is foreign, of a later version, malformed, or at odds with itself.
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
            return Err(DocumentError::ChainOfRoot);
        }
        let history = read_history(&fields.certificates, kind, &key, &chain)?;
        let stage = match (history.is_empty(), fields.issuance) {
            (true, None) => Stage::KeyOnly,
            (true, Some(issuance)) => Stage::Pending(issuance.read()?),
            (false, None) => Stage::Issued(history),
            (false, Some(_)) => return Err(DocumentError::PendingBesideCertificates),
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
            Some((member, ..)) => Err(DocumentError::NotAsListed { member }),
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

/// Reads the chain from its end: each certificate is a root, or its issuer follows it.
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

/// Reads a certificate that one of `issuers` has issued; `None` where none of them has.
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
        fits(&history, &certificate, kind, key, chain)?;
        history.push(certificate);
    }
    Ok(history)
}

/// Checks that a certificate may follow those of a history.
fn fits(
    history: &[Certificate],
    certificate: &Certificate,
    kind: CertificateKind,
    key: &SoftwareKey,
    chain: &[Certificate],
) -> Result<(), DocumentError> {
    let position = history.len() + 1;
    let description = certificate.description();
    if description.kind() != kind {
        return Err(DocumentError::CertificateOfOtherKind { position });
    }
    if certificate.public_key() != key.public() {
        return Err(DocumentError::CertificateOfOtherKey { position });
    }
    if kind != CertificateKind::Root && !chain.iter().any(|issuer| certificate.is_issued_by(issuer))
    {
        return Err(DocumentError::IssuerNotInChain { position });
    }
    let agrees = |earlier: &Certificate| {
        let earlier = earlier.description();
        earlier.subject == description.subject && earlier.serial_number != description.serial_number
    };
    match history.iter().all(agrees) {
        true => Ok(()),
        false => Err(DocumentError::CertificatesDisagree { position }),
    }
}
