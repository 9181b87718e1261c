//! Certificates and keys: names, descriptions, issuing, the checks of what was issued, and the document in which a key
//! is stored.
//!
//! Everything here is a function of its arguments. This module must not call AWS, read a clock or the environment, or
//! draw random octets on its own: time and entropy are handed in (the generation of keys is the one exception, aws-lc-rs
//! draws from its own generator), and so is the key of an issuer, as a [`Signer`]. Key material lives in [`crate::secret_text::SecretText`]
//! and [`SoftwareKey`], neither of which can be printed.
//!
//! # How one key comes to have exactly one certificate
//!
//! 1. A [`SoftwareKey`] is generated and a [`Description`] is decided: serial number, validity, names, extensions.
//! 2. Both are written to the secret store as one [`KeyDocument`], **before** anything is signed.
//! 3. [`issue`] has the description signed, reads the certificate back with a second parser, verifies and lints it, and
//!    compares it with the description. Only then does it take the place of the pending description in the document.
//!
//! A crash after step 2 finds the decision in the store and repeats step 3 with the same serial number and the same
//! times. RSA and Ed25519 signatures are deterministic, so the certificate is the same to the octet. ECDSA signatures are
//! not; there the certificate that was stored first is the one that counts, because the store accepts one certificate for
//! each pending document (its write token is derived from the pending version).

mod algorithm;
mod certificate;
mod certificate_error;
mod description;
mod document;
mod document_error;
mod fingerprint;
mod issue;
mod lint;
mod name;
mod oid;
mod parse;
mod public_key;
mod serial;
mod signer;
mod software_key;
mod textual;
mod validity;

pub use algorithm::{KEY_ALGORITHM_NAMES, KEY_ALGORITHMS, KeyAlgorithm, KeyAlgorithmRow};
pub use certificate::Certificate;
pub use certificate_error::CertificateError;
pub use description::{
    AlternativeName, BasicConstraints, CertificateKind, Description, Extension, KeyPurpose,
    KeyUsage,
};
pub use document::{FORMAT, KeyDocument, Stage};
pub use document_error::DocumentError;
pub use fingerprint::{KeyIdentifier, Sha256Fingerprint};
pub use issue::{IssueError, issue};
pub use lint::Finding;
pub use name::{
    DistinguishedName, NameAttribute, NameError, NameRule, NameRuleBroken, check_name_attribute,
};
pub use oid::{NotAnObjectIdentifier, ObjectIdentifier};
pub use public_key::{PublicKey, PublicKeyError};
pub use serial::{Entropy, EntropyError, SerialNumber, SerialNumberError, SystemEntropy};
pub use signer::{SignError, Signer};
pub use software_key::{KeyError, SoftwareKey};
pub use textual::NotTextual;
pub use validity::{
    End, MAX_NOT_BEFORE_MARGIN_MINUTES, MAX_VALIDITY_DAYS, Term, Validity, ValidityError,
    ValidityStatus,
};
