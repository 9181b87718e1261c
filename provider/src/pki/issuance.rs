//! The decision to issue a root certificate, and the act.
//!
//! An [`Issuance`] is everything that is in a certificate besides the key. It is made before the key is stored and
//! stored with it, so that signing, whenever it happens, happens the same way. What was signed is handed out only
//! after it was read back, verified, linted and found to say exactly what the issuance says.

use jiff::Timestamp;
use rcgen::string::PrintableString;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, DnValue, IsCa, KeyIdMethod,
    KeyUsagePurpose,
};
use time::OffsetDateTime;

use super::certificate::{CertificateError, RootCertificate};
use super::key::CaKey;
use super::serial::SerialNumber;
use super::subject::{Subject, SubjectAttribute};
use super::validity::Validity;

/// What a root certificate says, besides the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuance {
    /// Unique among everything this authority issues.
    pub serial_number: SerialNumber,
    /// First and last instant.
    pub validity: Validity,
    /// The name of the authority, subject and issuer at once.
    pub subject: Subject,
    /// How many intermediate authorities may follow below; no limit where absent (RFC 5280 section 4.2.1.9).
    pub path_length: Option<u8>,
}

/// A certificate that could not be issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The signing library refused.
    #[error("the root certificate could not be signed")]
    Sign(#[source] rcgen::Error),
    /// A time cannot be written into a certificate.
    #[error("{0} cannot be written into a certificate")]
    Time(Timestamp),
    /// What was signed does not pass the checks.
    #[error("the root certificate was signed but does not pass its checks, and was discarded")]
    Rejected(#[from] CertificateError),
    /// What was signed says something else than intended.
    #[error(
        "the root certificate was signed but differs from what was asked for, and was discarded"
    )]
    Differs,
}

impl Issuance {
    /// Signs a root certificate for `key` and checks the result.
    ///
    /// # Errors
    /// When signing fails, or when the certificate does not pass every check.
    pub fn issue(&self, key: &CaKey) -> Result<RootCertificate, IssueError> {
        let signed = self
            .parameters(key)?
            .self_signed(key.signer())
            .map_err(IssueError::Sign)?;
        let certificate = RootCertificate::read(signed.der())?;
        if (certificate.issuance(), certificate.public_key()) != (self, key.public()) {
            return Err(IssueError::Differs);
        }
        Ok(certificate)
    }

    fn parameters(&self, key: &CaKey) -> Result<CertificateParams, IssueError> {
        let mut parameters = CertificateParams::default();
        parameters.serial_number = Some(rcgen::SerialNumber::from_slice(
            self.serial_number.magnitude(),
        ));
        parameters.not_before = date_time(self.validity.not_before())?;
        parameters.not_after = date_time(self.validity.not_after())?;
        parameters.distinguished_name = distinguished_name(&self.subject)?;
        parameters.is_ca = IsCa::Ca(match self.path_length {
            Some(length) => BasicConstraints::Constrained(length),
            None => BasicConstraints::Unconstrained,
        });
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // Computed here: the library's own method hashes the whole SubjectPublicKeyInfo, not the BIT STRING.
        parameters.key_identifier_method =
            KeyIdMethod::PreSpecified(key.public().identifier().octets().to_vec());
        parameters.use_authority_key_identifier_extension = true;
        Ok(parameters)
    }
}

fn date_time(instant: Timestamp) -> Result<OffsetDateTime, IssueError> {
    OffsetDateTime::from_unix_timestamp(instant.as_second()).map_err(|_| IssueError::Time(instant))
}

fn distinguished_name(subject: &Subject) -> Result<DistinguishedName, IssueError> {
    let mut name = DistinguishedName::new();
    for (attribute, value) in subject.iter() {
        let (kind, value) = match attribute {
            SubjectAttribute::Country => {
                let letters = PrintableString::try_from(value).map_err(IssueError::Sign)?;
                (DnType::CountryName, DnValue::PrintableString(letters))
            }
            SubjectAttribute::Province => (DnType::StateOrProvinceName, value.into()),
            SubjectAttribute::Locality => (DnType::LocalityName, value.into()),
            SubjectAttribute::Organization => (DnType::OrganizationName, value.into()),
            SubjectAttribute::OrganizationalUnit => (DnType::OrganizationalUnitName, value.into()),
            SubjectAttribute::CommonName => (DnType::CommonName, value.into()),
        };
        name.push(kind, value);
    }
    Ok(name)
}
