//! Certificate revocation lists that a second parser has read and that are verified and linted.
//!
//! [`Crl::read`] is the only constructor, for both newly signed and published lists. This module does not sign lists.

use jiff::Timestamp;
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use super::lint::{self, Linted};
use super::list::{Revocation, RevocationList, Scope};
use super::number::CrlNumber;
use super::reason::Reason;
use crate::pki::certificate::Certificate;
use crate::pki::decoded::{DecodeError, DecodedCertificate, DecodedCrl, RevokedEntry, Time};
use crate::pki::fingerprint::Sha256Fingerprint;
use crate::pki::lint::Finding;
use crate::pki::pem::{PemError, PemLabel, pem_block};
use crate::pki::signature_algorithm::SignatureAlgorithm;
use crate::pki::textual;

/// Complete list that has a verified signature and complies with all rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crl {
    der: Vec<u8>,
    list: RevocationList,
}

/// Reason why a certificate revocation list is unusable. The variants are in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrlError {
    /// The input is not one PEM block.
    #[error("the revocation list {0}")]
    Text(#[from] PemError),
    /// The octets are not a list, or a part of the list is malformed.
    #[error("the revocation list {0}")]
    Decode(#[from] DecodeError),
    /// Another authority issued the list.
    #[error(
        "the revocation list has the issuer {found:?}, but the expected issuer is {expected:?}"
    )]
    Issuer {
        /// Subject of the issuer's certificate (RFC 4514 notation).
        expected: String,
        /// Issuer of the list (RFC 4514 notation).
        found: String,
    },
    /// The signature does not verify with the issuer's key.
    #[error("the signature of the revocation list does not verify with the issuer's public key")]
    Signature,
    /// The list violates at least one rule.
    #[error("the revocation list violates {}", sentences(.0))]
    Lint(Vec<Finding>),
    /// A description cannot represent a field.
    #[error("the {0} of the revocation list is out of range")]
    OutOfRange(&'static str),
}

fn sentences(findings: &[Finding]) -> String {
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    findings.join("; ")
}

impl Crl {
    /// Reads, verifies, and lints a DER list.
    ///
    /// # Errors
    /// Returns an error if the list is malformed, `issuer` did not sign it, or it violates a rule for complete lists.
    pub fn read(der: &[u8], issuer: &Certificate) -> Result<Self, CrlError> {
        let decoded = DecodedCrl::from_der(der)?;
        let authority = DecodedCertificate::from_der(issuer.der())?;
        // The name must have the same encoding, because verifiers compare octets (RFC 5280 section 5.1.2.3).
        if decoded.issuer.der() != authority.subject.der() {
            return Err(CrlError::Issuer {
                expected: authority.subject.to_string(),
                found: decoded.issuer.to_string(),
            });
        }
        decoded
            .signature
            .verify(&authority.public_key)
            .map_err(|_| CrlError::Signature)?;
        let Ok((_, parsed)) = CertificateRevocationList::from_der(der) else {
            return Err(CrlError::OutOfRange("structure"));
        };
        let findings = lint::findings(&Linted {
            decoded: &decoded,
            parsed: &parsed,
            issuer: issuer.public_key().identifier(),
        });
        if !findings.is_empty() {
            return Err(CrlError::Lint(findings));
        }
        let list = description(&decoded, &parsed, issuer)?;
        Ok(Self {
            der: der.to_vec(),
            list,
        })
    }

    /// Like [`Crl::read`], but reads the RFC 7468 textual encoding.
    ///
    /// # Errors
    /// Returns an error if the input is not exactly one list, or if [`Crl::read`] returns an error.
    pub fn read_pem(text: &str, issuer: &Certificate) -> Result<Self, CrlError> {
        Self::read(&pem_block(PemLabel::Crl, text)?.der, issuer)
    }

    /// Returns all fields of the list except the issuer's key.
    #[must_use]
    pub fn list(&self) -> &RevocationList {
        &self.list
    }

    /// Returns the DER encoding, the content of an `application/pkix-crl` object (RFC 5280 section 4.2.1.13).
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Returns the list in the RFC 7468 textual encoding.
    #[must_use]
    pub fn to_pem(&self) -> String {
        textual::encode(textual::CRL, &self.der)
    }

    /// Returns the SHA-256 fingerprint of the DER list.
    #[must_use]
    pub fn sha256(&self) -> Sha256Fingerprint {
        Sha256Fingerprint::of(&self.der)
    }
}

/// Returns the description of a list that complies with all rules.
fn description(
    decoded: &DecodedCrl,
    parsed: &CertificateRevocationList<'_>,
    issuer: &Certificate,
) -> Result<RevocationList, CrlError> {
    let number = decoded.number.as_deref().map(str::parse::<CrlNumber>);
    let next_update = decoded.next_update.map(instant).transpose()?;
    let point = lint::distribution_point(parsed);
    let scope =
        match point.map(|point| (point.only_contains_user_certs, point.only_contains_ca_certs)) {
            Some((true, _)) => Scope::UserOnly,
            Some((_, true)) => Scope::CaOnly,
            _ => Scope::All,
        };
    let urls = point.and_then(lint::urls).unwrap_or_default();
    Ok(RevocationList {
        issuer: issuer.description().subject.clone(),
        signature_algorithm: SignatureAlgorithm::named(&decoded.signature.algorithm())
            .ok_or(CrlError::OutOfRange("signature algorithm"))?,
        number: number
            .and_then(Result::ok)
            .ok_or(CrlError::OutOfRange("number"))?,
        this_update: instant(decoded.this_update)?,
        next_update: next_update.ok_or(CrlError::OutOfRange("time of the next update"))?,
        scope,
        distribution_points: urls.into_iter().map(str::to_owned).collect(),
        entries: decoded
            .revoked
            .iter()
            .map(revocation)
            .collect::<Result<_, _>>()?,
    })
}

fn revocation(entry: &RevokedEntry) -> Result<Revocation, CrlError> {
    let serial_number = entry.serial_number.parse();
    Ok(Revocation {
        serial_number: serial_number.map_err(|_| CrlError::OutOfRange("serial number"))?,
        revoked_at: instant(entry.revoked_at)?,
        reason: entry.reason.and_then(Reason::with_code),
        invalidity_date: entry.invalidity_date.map(instant).transpose()?,
    })
}

fn instant(time: Time) -> Result<Timestamp, CrlError> {
    Timestamp::from_second(time.seconds()).map_err(|_| CrlError::OutOfRange("time"))
}
