//! Certificates and keys: names, descriptions, issuance, checks of issued certificates, and stored key documents.
//!
//! The functions in this module depend only on their arguments. They must not call AWS, and must not read a clock or
//! the environment. The caller passes the time, the source of random octets, and the issuer's key as a [`Signer`]. Key
//! generation is an exception because aws-lc-rs uses its own random number generator. Key material is stored in
//! [`crate::secret_text::SecretText`] and [`SoftwareKey`], neither of which can be printed.
//!
//! # One certificate per key
//!
//! 1. The caller generates a [`SoftwareKey`] and creates a [`Description`] with the serial number, validity, names, and
//!    extensions.
//! 2. The caller writes both to the secret store as one [`KeyDocument`] **before** anything is signed.
//! 3. [`issue`] requests the signature, reads the certificate with a second parser, verifies and lints it, and compares
//!    it with the description. The certificate then replaces the pending description in the document.
//!
//! After a crash between steps 2 and 3, the next run reads the stored description and repeats step 3 with the same
//! serial number and times. RSA and Ed25519 signatures are deterministic, so the resulting certificate is identical.
//! ECDSA signatures are randomized, so the certificate that is stored first is the valid one. The write token is
//! derived from the pending version, so the store accepts only one certificate for each pending document.

mod algorithm;
mod alternative_name;
mod certificate;
mod certificate_error;
mod certified_key;
mod chain;
mod cross_certificate;
pub mod decoded;
mod description;
mod document;
mod document_error;
mod extensions;
mod fingerprint;
mod first_number;
mod issuance;
mod issue;
mod lint;
mod name;
mod name_encoding;
mod oid;
mod parse;
pub mod path;
mod pem;
mod public_key;
mod purpose;
pub mod revocation;
mod serial;
mod signature_algorithm;
mod signer;
mod software_key;
mod textual;
pub mod trust;
mod validity;

pub use algorithm::{
    AUTHORITY_KEY_ALGORITHM_NAMES, KEY_ALGORITHM_NAMES, KEY_ALGORITHMS, KeyAlgorithm,
    KeyAlgorithmRow,
};
pub use alternative_name::{
    AlternativeNameRule, AlternativeNameViolation, Wildcard, check_alternative_name,
    check_dns_name, check_http_url, check_mailbox, check_uri,
};
pub use certificate::Certificate;
pub use certificate_error::CertificateError;
pub use certified_key::CertifiedKey;
pub use chain::{ChainError, read_authorities};
pub use description::{
    AlternativeName, BasicConstraints, CertificateKind, Description, Extension, Issuance,
    KeyPurpose, KeyUsage,
};
pub use document::{FORMAT, KeyDocument, Stage, check_room};
pub use document_error::DocumentError;
pub use extensions::{
    AuthorityInformationAccess, CertificatePolicies, CrlDistributionPoints, InvalidIpRange,
    IpRange, NameConstraints, NameConstraintsError, Subtrees, TypedExtension,
};
pub use fingerprint::{
    FINGERPRINT_ALGORITHM_NAMES, KeyIdentifier, Sha256Fingerprint, fingerprint, to_hex,
};
pub use issuance::{
    NotAfterBehavior, RequestError, Violation, certified_key, violations, violations_without_key,
};
pub use issue::{IssueError, issue, message_size};
pub use lint::{Finding, Severity, lint_rules};
pub use name::{
    DistinguishedName, NameAttribute, NameError, NameRule, NameRuleViolation, check_name_attribute,
};
pub use oid::{InvalidObjectIdentifier, ObjectIdentifier};
pub use pem::{PemBlock, PemError, PemLabel, pem_block, pem_blocks};
pub use public_key::{PublicKey, PublicKeyError};
pub use purpose::KEY_PURPOSE_NAMES;
pub use serial::{Entropy, EntropyError, SerialNumber, SerialNumberError, SystemEntropy};
pub use signature_algorithm::SignatureAlgorithm;
pub use signer::{SignError, Signer};
pub use software_key::{KeyError, PrivateKeyForm, SoftwareKey};
pub use textual::InvalidPem;
pub use validity::{
    End, MAX_NOT_BEFORE_MARGIN_MINUTES, MAX_VALIDITY_DAYS, Term, Validity, ValidityError,
    ValidityStatus,
};
