//! The certificate-authority rules of the house: subjects, keys, issuing, checking what was issued, and the
//! document in which a key is stored.
//!
//! Everything here is a function of its arguments. This module must not call AWS, read a clock or the
//! environment, or draw random bytes on its own: time and entropy are handed in (key generation is the one
//! exception, aws-lc-rs draws from its own generator). Key material lives in [`SecretText`] and [`CaKey`],
//! neither of which can be printed.
//!
//! # How one key comes to have exactly one certificate
//!
//! 1. A [`CaKey`] is generated and an [`Issuance`] is decided: serial number, validity, subject, path length.
//! 2. Both are written to the secret store as one [`SecretDocument`], **before** anything is signed.
//! 3. [`SecretDocument::issue`] signs, reads the certificate back with a second parser, verifies and lints it,
//!    and compares it with the issuance. Only then does it replace the pending issuance in the document.
//!
//! A crash after step 2 finds the decision in the store and repeats step 3 with the same serial number and the
//! same times. RSA and Ed25519 signatures are deterministic, so the certificate is the same to the byte. ECDSA
//! signatures are not; there the certificate that was stored first is the one that counts, because the store
//! accepts one certificate per pending document (its write token is derived from the pending version).

mod algorithm;
mod certificate;
mod document;
mod fingerprint;
mod issuance;
mod key;
mod lint;
mod secret_text;
mod serial;
mod subject;
mod textual;
mod validity;

pub use algorithm::{KEY_ALGORITHM_NAMES, KEY_ALGORITHMS, KeyAlgorithm, KeyAlgorithmRow};
pub use certificate::{CertificateError, RootCertificate};
pub use document::{DocumentError, FORMAT, SecretDocument, Stage};
pub use fingerprint::{KeyIdentifier, Sha256Fingerprint};
pub use issuance::{Issuance, IssueError};
pub use key::{CaKey, KeyError, PublicKey, PublicKeyError};
pub use lint::Finding;
pub use secret_text::SecretText;
pub use serial::{Entropy, EntropyError, SerialNumber, SerialNumberError, SystemEntropy};
pub use subject::{
    Subject, SubjectAttribute, SubjectError, SubjectRule, SubjectRuleBroken,
    check_subject_attribute,
};
pub use textual::NotTextual;
pub use validity::{
    End, MAX_NOT_BEFORE_MARGIN_MINUTES, MAX_VALIDITY_DAYS, Term, Validity, ValidityError,
    ValidityStatus,
};
