//! Issuing a certificate: from a description and two keys to a certificate that was checked.
//!
//! The signing library signs in one step and without waiting. A key in a service cannot, so the certificate is built
//! twice: the first time to learn what is to be signed, the second time around the signature. What was signed is handed
//! out only after it was read back by another parser, verified, linted, and found to say exactly what the description
//! says.

use std::cell::RefCell;

use jiff::Timestamp;
use rcgen::string::{Ia5String, PrintableString};
use rcgen::{
    BasicConstraints as CaConstraints, CertificateParams, CustomExtension, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyUsagePurpose, PublicKeyData, SanType,
    SignatureAlgorithm, SigningKey,
};
use time::OffsetDateTime;

use super::certificate::Certificate;
use super::certificate_error::CertificateError;
use super::description::{
    AlternativeName, BasicConstraints, CertificateKind, Description, KeyUsage,
};
use super::name::{DistinguishedName, NameAttribute};
use super::public_key::PublicKey;
use super::signer::{SignError, Signer};

/// A certificate that could not be issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The signing library refused the description.
    #[error("the certificate could not be encoded")]
    Encode(#[source] rcgen::Error),
    /// A time cannot be written into a certificate.
    #[error("{0} cannot be written into a certificate")]
    Time(Timestamp),
    /// The key of the issuer did not sign.
    #[error("the certificate could not be signed")]
    Sign(#[from] SignError),
    /// What was signed does not pass the checks.
    #[error("the certificate was signed but does not pass its checks, and was discarded")]
    Rejected(#[from] CertificateError),
    /// What was signed says something else than intended.
    #[error("the certificate was signed but differs from its description, and was discarded")]
    Differs,
}

/// Issues a certificate for `subject_key`, signed with the key of the issuer, and checks the result.
///
/// # Errors
/// The description cannot be encoded, the key does not sign, or the certificate does not pass every check.
pub async fn issue(
    description: &Description,
    subject_key: &PublicKey,
    signer: &impl Signer,
) -> Result<Certificate, IssueError> {
    let parameters = parameters(description, subject_key)?;
    let issuer = issuer_parameters(description, signer.public_key())?;
    let message = to_be_signed(&parameters, &issuer, subject_key, signer.public_key())?;
    let signature = signer.sign(&message).await?;
    let replay = Replay {
        key: signer.public_key(),
        message: &message,
        signature: &signature,
    };
    let signed = parameters
        .signed_by(subject_key, &Issuer::from_params(&issuer, replay))
        .map_err(IssueError::Encode)?;
    let certificate = match description.kind() {
        CertificateKind::Root => Certificate::read_root(signed.der())?,
        kind => Certificate::read_issued(signed.der(), kind, signer.public_key())?,
    };
    if (certificate.description(), certificate.public_key()) != (description, subject_key) {
        return Err(IssueError::Differs);
    }
    Ok(certificate)
}

/// Returns the DER TBSCertificate that the issuer signs (RFC 5280 section 4.1.1.3).
fn to_be_signed(
    parameters: &CertificateParams,
    issuer: &CertificateParams,
    subject_key: &PublicKey,
    issuer_key: &PublicKey,
) -> Result<Vec<u8>, IssueError> {
    let recorder = Recorder {
        key: issuer_key,
        message: RefCell::default(),
    };
    parameters
        .signed_by(subject_key, &Issuer::from_params(issuer, &recorder))
        .map_err(IssueError::Encode)?;
    Ok(recorder.message.into_inner())
}

/// Signs nothing, and keeps what was to be signed.
struct Recorder<'a> {
    key: &'a PublicKey,
    message: RefCell<Vec<u8>>,
}

impl PublicKeyData for Recorder<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.key.der_bytes()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        PublicKeyData::algorithm(self.key)
    }
}

impl SigningKey for Recorder<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        *self.message.borrow_mut() = message.to_vec();
        Ok(Vec::new())
    }
}

/// Returns a signature that was made before, for the message that it was made for.
struct Replay<'a> {
    key: &'a PublicKey,
    message: &'a [u8],
    signature: &'a [u8],
}

impl PublicKeyData for Replay<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.key.der_bytes()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        PublicKeyData::algorithm(self.key)
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
        // The form that leaves the extension out leaves the subject key identifier out as well.
        BasicConstraints::EndEntity => IsCa::ExplicitNoCa,
    };
    parameters.key_usages = description.key_usage.iter().map(key_usage).collect();
    let purposes = description.extended_key_usage.iter();
    parameters.extended_key_usages = purposes
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
    parameters.key_identifier_method = key_identifier(subject_key);
    parameters.use_authority_key_identifier_extension = true;
    Ok(parameters)
}

/// Returns what the certificate takes from its issuer: the name and the key identifier.
fn issuer_parameters(
    description: &Description,
    issuer_key: &PublicKey,
) -> Result<CertificateParams, IssueError> {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = distinguished_name(&description.issuer)?;
    parameters.key_identifier_method = key_identifier(issuer_key);
    Ok(parameters)
}

/// The library's own method hashes the whole SubjectPublicKeyInfo, not the BIT STRING, so the identifier is handed in.
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
