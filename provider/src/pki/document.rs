//! The stored document that contains a key and its certificates.
//!
//! ```json
//! {"type": "skreg.pki.key", "v": 3, "kind": "intermediate",
//!  "algorithm": "RSA_4096", "signature_algorithm": "SHA256WITHRSA",
//!  "spki_sha256": "…64 hexadecimal digits…", "public_key_pem": "-----BEGIN PUBLIC KEY-----…",
//!  "private_key_pem": "-----BEGIN PRIVATE KEY-----…",
//!  "certificates": ["-----BEGIN CERTIFICATE-----…"],
//!  "chain": ["-----BEGIN CERTIFICATE-----…"],
//!  "certificate_pem": "-----BEGIN CERTIFICATE-----…", "chain_pem": "-----BEGIN CERTIFICATE-----…",
//!  "issuance": {"signature_algorithm": "SHA256WITHRSA", "serial_number": "…", "not_before": "2026-11-20T12:00:00Z", "not_after": "…",
//!               "issuer": {"common_name": "…"}, "subject": {"common_name": "…"},
//!               "ca": true, "path_length": 0, "key_usage": ["keyCertSign", "cRLSign"], "extended_key_usage": [],
//!               "subject_alternative_names": [], "extensions": []}}
//! ```
//!
//! - `kind` is `root`, `intermediate`, or `leaf`.
//! - `signature_algorithm` is the algorithm with which the key signs.
//! - A document contains either `private_key_pem`, or `kms_key_arn` if AWS KMS contains the private key.
//! - `certificates` contains the certificates for the key in the order of issuance, and the last certificate is the current
//!   one. For an authority, it contains all certificates, and the first one is revision 1. For a leaf, it contains the
//!   certificates that are still valid, and at least the last two.
//! - `chain` contains the issuers of `certificates`. Each certificate precedes its issuer, and the last certificate is a
//!   root. For a root, the list is empty.
//! - `certificate_pem` is the current certificate. `chain_pem` contains the intermediate certificates above it, in the
//!   form that a server sends. Both members repeat list elements for programs that can select only strings. They are
//!   absent until a certificate is issued.
//! - `issuance` describes the certificate to issue. It is stored with the key before anything is signed, and is absent
//!   after that certificate is issued. A document with both `certificates` and `issuance` describes the next certificate
//!   of the same key. A null `path_length` means that the path length is unlimited.
//!
//! # Versions
//!
//! Version 1 supports roots only. It lacks `kind`, `chain`, `certificate_pem`, `chain_pem`, and the members of
//! `issuance` that are the same for all roots. Version 2 lacks `public_key_pem`, `kms_key_arn`, and the signature
//! algorithm of `issuance`: every key signs with the default algorithm, and a document contains either certificates or a
//! pending issuance. The provider reads all versions and always writes version 3. Each version keeps the names and
//! meanings of the members of earlier versions, so programs that select members of a secret continue to work. A later
//! version is rejected before any other member is read.
//!
//! Reading is strict: a foreign or inconsistent document causes an error, and error messages never quote a value. No
//! function in this module can replace the key in a document.

mod chain;
mod fields;
mod issuers;
mod pending;
mod size;

use zeroize::Zeroizing;

use self::fields::{Header, IssuanceFields, ReadFields, WrittenFields};
use self::size::MAX_OCTETS;
pub use self::size::check_room;
use super::algorithm::KeyAlgorithm;
use super::certificate::Certificate;
use super::certified_key::CertifiedKey;
use super::description::{CertificateKind, Description};
use super::document_error::DocumentError;
use super::public_key::{PublicKey, PublicKeyError};
use super::signature_algorithm::SignatureAlgorithm;
use super::software_key::SoftwareKey;
use crate::secret_text::SecretText;

/// Name of the format, stored in the `type` member. Programs that read a document compare it with the expected name.
pub const FORMAT: &str = "skreg.pki.key";

/// Document version that the provider writes.
const VERSION: u64 = 3;

/// Issuance stage of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// The document contains a key only.
    KeyOnly,
    /// The description of the certificate is stored, but nothing is signed.
    Pending(Description),
    /// At least one certificate is issued. The last certificate is the current one.
    Issued(Vec<Certificate>),
    /// Certificates are issued, and the next certificate for the same key is described but not signed.
    Reissuing {
        /// Issued certificates. The last certificate is the current one.
        history: Vec<Certificate>,
        /// Description of the next certificate.
        pending: Description,
    },
}

/// A key and its certificates. The type does not implement `Debug` because the key must not be printed.
pub struct KeyDocument {
    kind: CertificateKind,
    key: CertifiedKey,
    signature_algorithm: SignatureAlgorithm,
    chain: Vec<Certificate>,
    stage: Stage,
}

impl KeyDocument {
    /// Returns the document to store before signing. `chain` contains the issuers, each before its own issuer. The
    /// chain is empty for a root. A root signs with the algorithm of its own certificate, and another key signs with its
    /// default algorithm.
    #[must_use]
    pub fn pending(
        key: impl Into<CertifiedKey>,
        description: Description,
        chain: Vec<Certificate>,
    ) -> Self {
        let (kind, key) = (description.kind(), key.into());
        Self {
            kind,
            signature_algorithm: match kind {
                CertificateKind::Root => description.signature_algorithm,
                _ => key.public().algorithm().default_signature_algorithm(),
            },
            key,
            chain,
            stage: Stage::Pending(description),
        }
    }

    /// Changes the algorithm with which the key signs. A root ignores the change because its own certificate has the
    /// algorithm.
    #[must_use]
    pub fn signing_with(self, algorithm: SignatureAlgorithm) -> Self {
        match self.kind {
            CertificateKind::Root => self,
            _ => Self {
                signature_algorithm: algorithm,
                ..self
            },
        }
    }

    /// Returns the document to store before the next certificate for the same key is signed. `chain` contains the
    /// issuers of the next certificate, each before its own issuer.
    ///
    /// # Errors
    /// Returns an error if no certificate is issued, if another certificate is pending, or if the next certificate has
    /// another kind, another subject, or the serial number of an earlier certificate.
    pub fn reissuing(
        self,
        pending: Description,
        chain: Vec<Certificate>,
    ) -> Result<Self, DocumentError> {
        let Stage::Issued(history) = self.stage else {
            return Err(DocumentError::NotIssued);
        };
        check_pending(&history, &pending, self.kind)?;
        let chain = issuers::combined(chain, &self.chain, &history);
        Ok(Self {
            signature_algorithm: match self.kind {
                CertificateKind::Root => pending.signature_algorithm,
                _ => self.signature_algorithm,
            },
            chain,
            stage: Stage::Reissuing { history, pending },
            ..self
        })
    }

    /// Returns the kind of the key's certificates.
    #[must_use]
    pub fn kind(&self) -> CertificateKind {
        self.kind
    }

    /// Returns the key.
    #[must_use]
    pub fn key(&self) -> &CertifiedKey {
        &self.key
    }

    /// Returns the key, and drops the certificates.
    #[must_use]
    pub fn into_key(self) -> CertifiedKey {
        self.key
    }

    /// Returns the algorithm with which the key signs certificates and revocation lists.
    #[must_use]
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.signature_algorithm
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
            Stage::Issued(history) | Stage::Reissuing { history, .. } => history,
            Stage::KeyOnly | Stage::Pending(_) => &[],
        }
    }

    /// Returns the description of the certificate that is not signed yet.
    #[must_use]
    pub fn pending_issuance(&self) -> Option<&Description> {
        match &self.stage {
            Stage::Pending(pending) | Stage::Reissuing { pending, .. } => Some(pending),
            Stage::KeyOnly | Stage::Issued(_) => None,
        }
    }

    /// Returns the current certificate, or `None` before the first issuance.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.history().last()
    }

    /// Adds a certificate for the same key to the history. From the history of a leaf, removes the certificates that expired
    /// before the start of the new one, except the previous one. From the chain, removes the certificates that no
    /// certificate in the history needs.
    ///
    /// # Errors
    /// Returns an error if the certificate differs from the pending issuance, its kind or key differs from the document,
    /// its subject differs from an earlier certificate, an earlier certificate has the same serial number, or its issuer
    /// is not in the chain.
    pub fn with_certificate(self, certificate: Certificate) -> Result<Self, DocumentError> {
        let mut history = self.history().to_vec();
        let key = self.key.public();
        check_consistency(&history, &certificate, self.kind, key, &self.chain)?;
        let pending = self.pending_issuance();
        if pending.is_some_and(|pending| pending != certificate.description()) {
            return Err(DocumentError::DiffersFromPending);
        }
        history.push(certificate);
        if self.kind == CertificateKind::Leaf {
            history = recent(history);
        }
        Ok(Self {
            stage: Stage::Issued(history),
            ..self
        }
        .without_unused_issuers())
    }

    /// Returns the document as JSON in the newest version. The same document always produces the same JSON. The JSON is read
    /// back, so that no key is stored that cannot be used later.
    ///
    /// # Errors
    /// Returns an error if the document is too large to store, has no room for its pending certificate, or violates a rule
    /// of [`KeyDocument::read`].
    pub fn to_text(&self) -> Result<SecretText, DocumentError> {
        let text = self.written()?;
        self.check_room_for_pending(text.expose().len())?;
        let unreadable = |source| DocumentError::NotReadable(Box::new(source));
        let read = Self::read(&text).map_err(unreadable)?;
        let is_same = read.kind == self.kind
            && read.signature_algorithm == self.signature_algorithm
            && read.key.public() == self.key.public()
            && read.chain == self.chain
            && read.stage == self.stage;
        match is_same {
            true => Ok(text),
            false => Err(unreadable(DocumentError::DiffersFromPending)),
        }
    }

    fn written(&self) -> Result<SecretText, DocumentError> {
        let private_key_pem = self.key.software().map(SoftwareKey::to_pem);
        let public = self.key.public();
        let fields = WrittenFields {
            format: FORMAT,
            v: VERSION,
            kind: self.kind.name(),
            algorithm: public.algorithm().name(),
            signature_algorithm: self.signature_algorithm.name(),
            spki_sha256: public.sha256().to_string(),
            public_key_pem: public.to_pem(),
            private_key_pem: private_key_pem.as_ref().map(SecretText::expose),
            kms_key_arn: self.key.kms_arn(),
            certificates: self.history().iter().map(Certificate::to_pem).collect(),
            chain: self.chain.iter().map(Certificate::to_pem).collect(),
            certificate_pem: self.certificate_pem(),
            chain_pem: self.chain_pem(),
            issuance: self.pending_issuance().map(IssuanceFields::from),
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

    /// Checks that the newest certificate of a root has the signature algorithm of the document.
    fn check_root_signature(&self) -> Result<(), DocumentError> {
        let newest = self
            .pending_issuance()
            .or_else(|| self.certificate().map(Certificate::description))
            .filter(|_| self.kind == CertificateKind::Root);
        match newest.is_none_or(|newest| newest.signature_algorithm == self.signature_algorithm) {
            true => Ok(()),
            false => Err(DocumentError::MemberMismatch {
                member: "signature_algorithm",
            }),
        }
    }

    /// Reads the document in a secret string. `None` means that the secret is binary. Otherwise like [`KeyDocument::read`].
    ///
    /// # Errors
    /// Returns an error if the secret is binary, or if [`KeyDocument::read`] returns an error.
    pub fn read_secret(text: Option<&SecretText>) -> Result<Self, DocumentError> {
        text.map_or(Err(DocumentError::Foreign), Self::read)
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
            2 => ReadFields::version_2(text)?,
            VERSION => ReadFields::version_3(text)?,
            found => {
                return Err(DocumentError::UnknownVersion {
                    found,
                    newest: VERSION,
                });
            }
        };
        let kind = CertificateKind::named(&fields.kind).ok_or(DocumentError::UnknownKind)?;
        let (key, signature_algorithm) = read_key(&fields, header.v)?;
        let algorithm = key.public().algorithm();
        if kind != CertificateKind::Leaf && !algorithm.can_certify() {
            return Err(DocumentError::EndEntityKey(algorithm));
        }
        let chain = read_chain(&fields.chain)?;
        if kind == CertificateKind::Root && !chain.is_empty() {
            return Err(DocumentError::RootWithChain);
        }
        let history = read_history(&fields.certificates, kind, key.public(), &chain)?;
        let pending = fields.issuance.map(|issuance| {
            let default = match header.v {
                VERSION => None,
                _ => Some(default_of_issuer(
                    &issuance,
                    kind,
                    signature_algorithm,
                    &chain,
                )?),
            };
            issuance.read(default)
        });
        let stage = match (history.is_empty(), pending.transpose()?) {
            (true, None) => Stage::KeyOnly,
            (false, None) => Stage::Issued(history),
            (is_first, Some(pending)) => {
                check_pending(&history, &pending, kind)?;
                check_issuer(&pending, &chain)?;
                match is_first {
                    true => Stage::Pending(pending),
                    false => Stage::Reissuing { history, pending },
                }
            }
        };
        let document = Self {
            kind,
            key,
            signature_algorithm,
            chain,
            stage,
        };
        document.check_root_signature()?;
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

/// Reads the key and the algorithm with which it signs. Before version 3, only the default algorithm is valid.
fn read_key(
    fields: &ReadFields,
    version: u64,
) -> Result<(CertifiedKey, SignatureAlgorithm), DocumentError> {
    let algorithm =
        KeyAlgorithm::named(&fields.algorithm).ok_or(DocumentError::UnknownAlgorithm)?;
    let valid = match version {
        VERSION => algorithm.signature_algorithms(),
        _ => &algorithm.signature_algorithms()[..1],
    };
    let signature_algorithm = SignatureAlgorithm::named(&fields.signature_algorithm)
        .filter(|signature| valid.contains(signature))
        .ok_or(DocumentError::SignatureAlgorithm(algorithm))?;
    let software = match (&fields.private_key_pem, &fields.kms_key_arn) {
        (Some(text), None) => Some(SoftwareKey::from_pem(algorithm, text)?),
        (None, Some(_)) => None,
        _ => return Err(DocumentError::KeyLocation),
    };
    let hash_matches = |key: &PublicKey| key.sha256().to_string() == fields.spki_sha256;
    if software
        .as_ref()
        .is_some_and(|key| !hash_matches(key.public()))
    {
        return Err(DocumentError::KeyChanged);
    }
    let public = match (&fields.public_key_pem, &software) {
        (Some(text), _) => PublicKey::from_pem(text)?,
        (None, Some(key)) if version < VERSION => key.public().clone(),
        (None, _) => return Err(PublicKeyError::Malformed.into()),
    };
    if !hash_matches(&public) || public.algorithm() != algorithm {
        return Err(DocumentError::PublicKeyChanged);
    }
    let key = match (software, &fields.kms_key_arn) {
        (Some(key), _) => CertifiedKey::Software(key),
        (None, arn) => CertifiedKey::Kms {
            arn: arn.clone().unwrap_or_default(),
            public_key: public,
        },
    };
    Ok((key, signature_algorithm))
}

/// Returns the default signature algorithm of the issuer of a pending certificate.
fn default_of_issuer(
    issuance: &IssuanceFields,
    kind: CertificateKind,
    own: SignatureAlgorithm,
    chain: &[Certificate],
) -> Result<SignatureAlgorithm, DocumentError> {
    if kind == CertificateKind::Root {
        return Ok(own);
    }
    let issuer = chain
        .iter()
        .find(|issuer| issuer.description().subject == *issuance.issuer())
        .ok_or(DocumentError::Issuance("issuer"))?;
    Ok(issuer
        .public_key()
        .algorithm()
        .default_signature_algorithm())
}

/// Checks that a certificate with the pending description can be appended to a history.
fn check_pending(
    history: &[Certificate],
    pending: &Description,
    kind: CertificateKind,
) -> Result<(), DocumentError> {
    if pending.kind() != kind {
        return Err(DocumentError::Issuance("kind"));
    }
    for earlier in history.iter().map(Certificate::description) {
        if earlier.subject != pending.subject {
            return Err(DocumentError::Issuance("subject"));
        }
        if earlier.serial_number == pending.serial_number {
            return Err(DocumentError::Issuance("serial number"));
        }
    }
    Ok(())
}

/// Checks that the chain contains the issuer of a pending certificate.
fn check_issuer(pending: &Description, chain: &[Certificate]) -> Result<(), DocumentError> {
    let mut issuers = chain.iter().map(|issuer| &issuer.description().subject);
    match pending.kind() == CertificateKind::Root || issuers.any(|name| *name == pending.issuer) {
        true => Ok(()),
        false => Err(DocumentError::Issuance("issuer")),
    }
}

/// Returns the last two certificates of a history, and those that are valid at the start of the last one.
fn recent(history: Vec<Certificate>) -> Vec<Certificate> {
    let start = history
        .last()
        .map(|last| last.description().validity.not_before());
    let kept = history.len().saturating_sub(2);
    let is_valid = |certificate: &Certificate| {
        start.is_none_or(|start| certificate.description().validity.not_after() >= start)
    };
    let numbered = history.into_iter().enumerate();
    numbered
        .filter(|(position, certificate)| *position >= kept || is_valid(certificate))
        .map(|(_, certificate)| certificate)
        .collect()
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
    key: &PublicKey,
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
    key: &PublicKey,
    chain: &[Certificate],
) -> Result<(), DocumentError> {
    let position = history.len() + 1;
    let description = certificate.description();
    if description.kind() != kind {
        return Err(DocumentError::WrongCertificateKind { position });
    }
    if certificate.public_key() != key {
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
