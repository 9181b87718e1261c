//! Records of issued certificates.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::error::LedgerError;
use super::fields::{self, VERSION};
use super::keys::LedgerKeys;
use crate::pki::certificate::Certificate;
use crate::pki::fingerprint::Sha256Fingerprint;
use crate::pki::name::DistinguishedName;
use crate::pki::serial::SerialNumber;

const FORMAT: &str = "skreg.pki.ledger.issuance";

/// Record of an issued certificate. It is written once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuanceRecord {
    /// SHA-256 hash of the issuer's SubjectPublicKeyInfo.
    pub issuer_spki_sha256: Sha256Fingerprint,
    /// Serial number of the certificate.
    pub serial_number: SerialNumber,
    /// SHA-256 hash of the certified SubjectPublicKeyInfo.
    pub spki_sha256: Sha256Fingerprint,
    /// SHA-256 hash of the DER certificate.
    pub certificate_sha256: Sha256Fingerprint,
    /// SHA-256 hash of the DER TBSCertificate.
    pub tbs_sha256: Sha256Fingerprint,
    /// Subject of the certificate.
    pub subject: DistinguishedName,
    /// First instant of the validity period.
    pub not_before: Timestamp,
    /// Last instant of the validity period.
    pub not_after: Timestamp,
    /// Time of issuance, in whole seconds.
    pub issued_at: Timestamp,
    /// ARN of the AWS identity that requested the certificate.
    pub requester_arn: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(rename = "type")]
    format: String,
    v: u64,
    issuer_spki_sha256: String,
    serial_number: String,
    spki_sha256: String,
    certificate_sha256: String,
    tbs_sha256: String,
    subject: DistinguishedName,
    not_before: String,
    not_after: String,
    issued_at: String,
    requester_arn: String,
}

impl IssuanceRecord {
    /// Returns the record of a certificate. A fraction of a second in `issued_at` is omitted.
    ///
    /// # Errors
    /// Returns an error if `issuer` did not issue the certificate, or if `requester_arn` is not an ARN.
    pub fn new(
        certificate: &Certificate,
        issuer: &Certificate,
        issued_at: Timestamp,
        requester_arn: String,
    ) -> Result<Self, LedgerError> {
        let parsed = match X509Certificate::from_der(certificate.der()) {
            Ok((_, parsed)) if certificate.is_issued_by(issuer) => parsed,
            _ => return Err(LedgerError::Issuer),
        };
        let description = certificate.description();
        Ok(Self {
            issuer_spki_sha256: issuer.public_key().sha256(),
            serial_number: description.serial_number.clone(),
            spki_sha256: certificate.public_key().sha256(),
            certificate_sha256: certificate.sha256(),
            tbs_sha256: Sha256Fingerprint::of(parsed.tbs_certificate.as_ref()),
            subject: description.subject.clone(),
            not_before: description.validity.not_before(),
            not_after: description.validity.not_after(),
            issued_at: fields::whole_seconds(issued_at),
            requester_arn: fields::arn("requester_arn", requester_arn)?,
        })
    }

    /// Returns the record as JSON. The same record always produces the same JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let fields = Fields {
            format: FORMAT.to_owned(),
            v: VERSION,
            issuer_spki_sha256: self.issuer_spki_sha256.to_string(),
            serial_number: self.serial_number.to_string(),
            spki_sha256: self.spki_sha256.to_string(),
            certificate_sha256: self.certificate_sha256.to_string(),
            tbs_sha256: self.tbs_sha256.to_string(),
            subject: self.subject.clone(),
            not_before: self.not_before.to_string(),
            not_after: self.not_after.to_string(),
            issued_at: self.issued_at.to_string(),
            requester_arn: self.requester_arn.clone(),
        };
        serde_json::to_string(&fields).expect("all members are strings and numbers")
    }

    /// Reads the record that is stored under `key`.
    ///
    /// # Errors
    /// Returns an error if the object is not an issuance record, has an unsupported version, is malformed, or does not belong to
    /// the key.
    pub fn read(json: &str, keys: &LedgerKeys, key: &str) -> Result<Self, LedgerError> {
        let read: Fields = fields::read(json, FORMAT)?;
        let serial_number: SerialNumber = read
            .serial_number
            .parse()
            .map_err(|_| LedgerError::Member("serial_number"))?;
        let record = Self {
            issuer_spki_sha256: fields::hash("issuer_spki_sha256", &read.issuer_spki_sha256)?,
            serial_number,
            spki_sha256: fields::hash("spki_sha256", &read.spki_sha256)?,
            certificate_sha256: fields::hash("certificate_sha256", &read.certificate_sha256)?,
            tbs_sha256: fields::hash("tbs_sha256", &read.tbs_sha256)?,
            subject: read.subject,
            not_before: fields::instant("not_before", &read.not_before)?,
            not_after: fields::instant("not_after", &read.not_after)?,
            issued_at: fields::instant("issued_at", &read.issued_at)?,
            requester_arn: fields::arn("requester_arn", read.requester_arn)?,
        };
        if record.not_after <= record.not_before {
            return Err(LedgerError::Member("not_after"));
        }
        let is_own =
            record.issuer_spki_sha256 == keys.issuer() && keys.issued(&record.serial_number) == key;
        match is_own {
            true => Ok(record),
            false => Err(LedgerError::Misplaced),
        }
    }
}
