//! Issuance of a checked certificate from a description, a public key, and a signer.
//!
//! The signing library signs synchronously, but a key in a service signs asynchronously. Therefore, the certificate is
//! built twice: first to obtain the octets to sign, and then to insert the signature. A certificate is returned only
//! after a second parser has read it, its signature is verified, it passes the lint, and it matches the description
//! exactly.

use std::cell::RefCell;

use jiff::Timestamp;
use rcgen::string::{Ia5String, PrintableString};
use rcgen::{
    BasicConstraints as CaConstraints, CertificateParams, CustomExtension, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyUsagePurpose, PublicKeyData, SanType,
    SigningKey,
};
use time::OffsetDateTime;

use super::algorithm::KeyAlgorithm;
use super::certificate::Certificate;
use super::certificate_error::CertificateError;
use super::description::{
    AlternativeName, BasicConstraints, CertificateKind, Description, KeyPurpose, KeyUsage,
};
use super::name::{DistinguishedName, NameAttribute};
use super::public_key::PublicKey;
use super::signature_algorithm::SignatureAlgorithm;
use super::signer::{SignError, Signer};

/// `extKeyUsage` (RFC 5280 section 4.2.1.12).
const EXTENDED_KEY_USAGE: &[u64] = &[2, 5, 29, 37];

/// Reason why a certificate could not be issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The signing library rejected the description.
    #[error("the certificate could not be encoded")]
    Encode(#[source] rcgen::Error),
    /// A certificate cannot represent an instant.
    #[error("{0} cannot be represented in a certificate")]
    Time(Timestamp),
    /// The issuer's key does not support the signature algorithm.
    #[error("a key with the algorithm {} cannot sign with {}", key.name(), signature.name())]
    SignatureAlgorithm {
        /// Algorithm of the issuer's key.
        key: KeyAlgorithm,
        /// Described signature algorithm.
        signature: SignatureAlgorithm,
    },
    /// The certificate has more octets than the issuer's key can sign.
    #[error(
        "the certificate to sign has {octets} octets, but the key of the issuer can sign at most {limit}"
    )]
    TooLarge {
        /// Size of the TBSCertificate in octets.
        octets: usize,
        /// Maximum size in octets.
        limit: usize,
    },
    /// The issuer's key could not sign the certificate.
    #[error("the certificate could not be signed")]
    Sign(#[from] SignError),
    /// An authority would certify another key under its own name. Verifiers do not count such a certificate in the path
    /// length and do not apply name constraints to it (RFC 5280 section 6.1.4).
    #[error(
        "the issuer and the subject have the same name {0}, but different keys; give the new authority its own name"
    )]
    SelfIssued(String),
    /// The certificate does not pass the checks. Except for its signature, it is checked before it is signed.
    #[error("the certificate does not pass the checks")]
    Rejected(#[from] CertificateError),
    /// The certificate differs from the description or from the certified key. It is compared before it is signed.
    #[error("the certificate differs from its description or from the certified key")]
    Differs,
}

/// Issues a certificate for `subject_key`, signs it with the issuer's key, and checks the result.
///
/// # Errors
/// Returns an error if the description cannot be encoded, the key cannot sign, or the certificate does not pass all
/// checks.
pub async fn issue(
    description: &Description,
    subject_key: &PublicKey,
    signer: &impl Signer,
) -> Result<Certificate, IssueError> {
    let (algorithm, key) = (description.signature_algorithm, signer.public_key());
    let supported = key.algorithm().signature_algorithms();
    if !supported.contains(&algorithm) {
        return Err(IssueError::SignatureAlgorithm {
            key: key.algorithm(),
            signature: algorithm,
        });
    }
    if description.kind() == CertificateKind::Root && subject_key != key {
        return Err(IssueError::SelfIssued(description.subject.to_string()));
    }
    check_unsigned(description, subject_key, key)?;
    let parameters = parameters(description, subject_key)?;
    let issuer = issuer_parameters(description, key)?;
    let recorder = Recorder {
        key,
        algorithm,
        message: RefCell::default(),
    };
    let message = recorder.recorded(&parameters, &issuer, subject_key)?;
    let octets = message.len();
    if let Some(limit) = signer.message_limit().filter(|limit| octets > *limit) {
        return Err(IssueError::TooLarge { octets, limit });
    }
    let signature = signer.sign(algorithm, &message).await?;
    let replay = Replay {
        key,
        algorithm,
        message: &message,
        signature: &signature,
    };
    let signed = parameters
        .signed_by(subject_key, &Issuer::from_params(&issuer, replay))
        .map_err(IssueError::Encode)?;
    let certificate = match description.kind() {
        CertificateKind::Root => Certificate::read_root(signed.der())?,
        kind => Certificate::read_issued(signed.der(), kind, key)?,
    };
    if (certificate.description(), certificate.public_key()) != (description, subject_key) {
        return Err(IssueError::Differs);
    }
    Ok(certificate)
}

/// Returns the size in octets of the DER TBSCertificate that the issuer signs (RFC 5280 section 4.1.1.3), so that the limit of a
/// signing key can be checked before anything is stored.
///
/// # Errors
/// Returns an error if the description cannot be encoded.
pub fn message_size(
    description: &Description,
    subject_key: &PublicKey,
    issuer_key: &PublicKey,
) -> Result<usize, IssueError> {
    let recorder = Recorder {
        key: issuer_key,
        algorithm: description.signature_algorithm,
        message: RefCell::default(),
    };
    let parameters = parameters(description, subject_key)?;
    let issuer = issuer_parameters(description, issuer_key)?;
    let message = recorder.recorded(&parameters, &issuer, subject_key)?;
    Ok(message.len())
}

/// Makes the checks of a certificate that do not need its signature, so that no key signs a certificate that is then
/// discarded.
pub(super) fn check_unsigned(
    description: &Description,
    subject_key: &PublicKey,
    issuer_key: &PublicKey,
) -> Result<(), IssueError> {
    let unsigned = unsigned(description, subject_key, issuer_key)?;
    let issuer = issuer_key.identifier();
    let (found, key) = Certificate::read_unsigned(&unsigned, description.kind(), issuer)?;
    match (&found, &key) == (description, subject_key) {
        true => Ok(()),
        false => Err(IssueError::Differs),
    }
}

/// Returns the DER certificate with an empty signature. Only the checks before the signature need it.
pub(super) fn unsigned(
    description: &Description,
    subject_key: &PublicKey,
    issuer_key: &PublicKey,
) -> Result<Vec<u8>, IssueError> {
    let recorder = Recorder {
        key: issuer_key,
        algorithm: description.signature_algorithm,
        message: RefCell::default(),
    };
    let issuer = issuer_parameters(description, issuer_key)?;
    parameters(description, subject_key)?
        .signed_by(subject_key, &Issuer::from_params(&issuer, &recorder))
        .map(|certificate| certificate.der().to_vec())
        .map_err(IssueError::Encode)
}

/// Signing key that records the message and returns an empty signature.
struct Recorder<'a> {
    key: &'a PublicKey,
    algorithm: SignatureAlgorithm,
    message: RefCell<Vec<u8>>,
}

impl Recorder<'_> {
    /// Returns the DER TBSCertificate that the issuer signs (RFC 5280 section 4.1.1.3).
    fn recorded(
        self,
        parameters: &CertificateParams,
        issuer: &CertificateParams,
        subject_key: &PublicKey,
    ) -> Result<Vec<u8>, IssueError> {
        parameters
            .signed_by(subject_key, &Issuer::from_params(issuer, &self))
            .map_err(IssueError::Encode)?;
        Ok(self.message.into_inner())
    }
}

impl PublicKeyData for Recorder<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.key.der_bytes()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.algorithm.rcgen()
    }
}

impl SigningKey for Recorder<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        *self.message.borrow_mut() = message.to_vec();
        Ok(Vec::new())
    }
}

/// Signing key that returns an existing signature if the message matches the signed message.
struct Replay<'a> {
    key: &'a PublicKey,
    algorithm: SignatureAlgorithm,
    message: &'a [u8],
    signature: &'a [u8],
}

impl PublicKeyData for Replay<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.key.der_bytes()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.algorithm.rcgen()
    }
}

impl SigningKey for Replay<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        match message == self.message {
            true => Ok(self.signature.to_vec()),
            false => Err(rcgen::Error::RemoteKeyError),
        }
    }
}

fn parameters(
    description: &Description,
    subject_key: &PublicKey,
) -> Result<CertificateParams, IssueError> {
    let mut parameters = CertificateParams::default();
    parameters.serial_number = Some(rcgen::SerialNumber::from_slice(
        description.serial_number.magnitude(),
    ));
    parameters.not_before = date_time(description.validity.not_before())?;
    parameters.not_after = date_time(description.validity.not_after())?;
    parameters.distinguished_name = distinguished_name(&description.subject)?;
    parameters.is_ca = match description.basic_constraints {
        BasicConstraints::Authority { path_length } => IsCa::Ca(match path_length {
            Some(length) => CaConstraints::Constrained(length),
            None => CaConstraints::Unconstrained,
        }),
        // `IsCa::NoCa` would also omit the subject key identifier.
        BasicConstraints::EndEntity => IsCa::ExplicitNoCa,
    };
    parameters.key_usages = description.key_usage.iter().map(key_usage).collect();
    let purposes = description.extended_key_usage.iter();
    parameters.extended_key_usages = purposes
        .filter(|_| !description.has_critical_purpose())
        .map(|purpose| ExtendedKeyUsagePurpose::Other(purpose.0.arcs().to_vec()))
        .collect();
    let names = description.subject_alternative_names.iter();
    parameters.subject_alt_names = names.map(alternative_name).collect::<Result<_, _>>()?;
    let extensions = description.extensions.iter();
    parameters.custom_extensions = extensions
        .map(|extension| {
            let arcs = extension.oid.arcs();
            let mut written = CustomExtension::from_oid_content(arcs, extension.value.clone());
            written.set_criticality(extension.critical);
            written
        })
        .collect();
    if description.has_critical_purpose() {
        // The library writes only an extension that is not critical.
        let purposes = description.extended_key_usage.iter();
        let value = yasna::construct_der(|writer| {
            writer.write_sequence_of(|writer| {
                for KeyPurpose(oid) in purposes {
                    let oid = yasna::models::ObjectIdentifier::from_slice(oid.arcs());
                    writer.next().write_oid(&oid);
                }
            });
        });
        let mut written = CustomExtension::from_oid_content(EXTENDED_KEY_USAGE, value);
        written.set_criticality(true);
        parameters.custom_extensions.push(written);
    }
    parameters.key_identifier_method = key_identifier(subject_key);
    parameters.use_authority_key_identifier_extension = true;
    Ok(parameters)
}

/// Returns the issuer's parameters that the certificate contains: the name and the key identifier.
fn issuer_parameters(
    description: &Description,
    issuer_key: &PublicKey,
) -> Result<CertificateParams, IssueError> {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = distinguished_name(&description.issuer)?;
    parameters.key_identifier_method = key_identifier(issuer_key);
    Ok(parameters)
}

/// Returns the precomputed key identifier because the library would hash the whole SubjectPublicKeyInfo instead of the
/// BIT STRING.
fn key_identifier(key: &PublicKey) -> KeyIdMethod {
    KeyIdMethod::PreSpecified(key.identifier().octets().to_vec())
}

fn key_usage(usage: &KeyUsage) -> KeyUsagePurpose {
    match usage {
        KeyUsage::DigitalSignature => KeyUsagePurpose::DigitalSignature,
        KeyUsage::ContentCommitment => KeyUsagePurpose::ContentCommitment,
        KeyUsage::KeyEncipherment => KeyUsagePurpose::KeyEncipherment,
        KeyUsage::DataEncipherment => KeyUsagePurpose::DataEncipherment,
        KeyUsage::KeyAgreement => KeyUsagePurpose::KeyAgreement,
        KeyUsage::KeyCertSign => KeyUsagePurpose::KeyCertSign,
        KeyUsage::CrlSign => KeyUsagePurpose::CrlSign,
        KeyUsage::EncipherOnly => KeyUsagePurpose::EncipherOnly,
        KeyUsage::DecipherOnly => KeyUsagePurpose::DecipherOnly,
    }
}

fn alternative_name(name: &AlternativeName) -> Result<SanType, IssueError> {
    let ascii = |text: &String| Ia5String::try_from(text.as_str()).map_err(IssueError::Encode);
    Ok(match name {
        AlternativeName::Dns(name) => SanType::DnsName(ascii(name)?),
        AlternativeName::Email(address) => SanType::Rfc822Name(ascii(address)?),
        AlternativeName::Uri(uri) => SanType::URI(ascii(uri)?),
        AlternativeName::Ip(address) => SanType::IpAddress(*address),
    })
}

fn date_time(instant: Timestamp) -> Result<OffsetDateTime, IssueError> {
    OffsetDateTime::from_unix_timestamp(instant.as_second()).map_err(|_| IssueError::Time(instant))
}

fn distinguished_name(name: &DistinguishedName) -> Result<rcgen::DistinguishedName, IssueError> {
    let mut written = rcgen::DistinguishedName::new();
    for (attribute, value) in name.iter() {
        let (kind, value) = match attribute {
            NameAttribute::Country => {
                let letters = PrintableString::try_from(value).map_err(IssueError::Encode)?;
                (DnType::CountryName, DnValue::PrintableString(letters))
            }
            NameAttribute::Province => (DnType::StateOrProvinceName, value.into()),
            NameAttribute::Locality => (DnType::LocalityName, value.into()),
            NameAttribute::Organization => (DnType::OrganizationName, value.into()),
            NameAttribute::OrganizationalUnit => (DnType::OrganizationalUnitName, value.into()),
            NameAttribute::CommonName => (DnType::CommonName, value.into()),
        };
        written.push(kind, value);
    }
    Ok(written)
}
