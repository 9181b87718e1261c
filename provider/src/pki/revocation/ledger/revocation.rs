//! Records of revocations, and the transitions between them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::LedgerError;
use super::fields::{self, VERSION};
use super::keys::LedgerKeys;
use crate::pki::fingerprint::Sha256Fingerprint;
use crate::pki::revocation::list::{Revocation, RevocationList};
use crate::pki::revocation::reason::Reason;
use crate::pki::revocation::succession::{CLOCK_TOLERANCE, RevokedCertificate};
use crate::pki::serial::SerialNumber;

const FORMAT: &str = "skreg.pki.ledger.revocation";

/// Record of the revocation of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationRecord {
    issuer_spki_sha256: Sha256Fingerprint,
    revocation: Revocation,
    released_at: Option<Timestamp>,
    certificate_not_after: Timestamp,
    recorded_at: Timestamp,
    requester_arn: String,
}

/// Status of a revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationStatus {
    /// The certificate is revoked permanently.
    Revoked,
    /// The certificate is suspended (`certificateHold`).
    Held,
    /// The certificate was suspended and is valid again.
    Released,
}

impl RevocationStatus {
    /// Returns the name in the record.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Held => "held",
            Self::Released => "released",
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(rename = "type")]
    format: String,
    v: u64,
    issuer_spki_sha256: String,
    serial_number: String,
    status: String,
    #[serde(deserialize_with = "fields::nullable")]
    reason: Option<String>,
    revoked_at: String,
    #[serde(deserialize_with = "fields::nullable")]
    invalidity_date: Option<String>,
    #[serde(deserialize_with = "fields::nullable")]
    released_at: Option<String>,
    certificate_not_after: String,
    recorded_at: String,
    requester_arn: String,
}

impl RevocationRecord {
    /// Returns the record of a revocation. If the reason is [`Reason::CertificateHold`], the status is
    /// [`RevocationStatus::Held`]. Fractions of a second are omitted.
    ///
    /// # Errors
    /// Returns an error if `requester_arn` is not an ARN.
    pub fn new(
        issuer_spki_sha256: Sha256Fingerprint,
        revocation: Revocation,
        certificate_not_after: Timestamp,
        recorded_at: Timestamp,
        requester_arn: String,
    ) -> Result<Self, LedgerError> {
        Ok(Self {
            issuer_spki_sha256,
            revocation: Revocation {
                revoked_at: fields::whole_seconds(revocation.revoked_at),
                invalidity_date: revocation.invalidity_date.map(fields::whole_seconds),
                ..revocation
            },
            released_at: None,
            certificate_not_after: fields::whole_seconds(certificate_not_after),
            recorded_at: fields::whole_seconds(recorded_at),
            requester_arn: fields::arn("requester_arn", requester_arn)?,
        })
    }

    /// Returns the record that releases the certificate at `now`.
    ///
    /// # Errors
    /// Returns an error if the status is not [`RevocationStatus::Held`], or if `requester_arn` is not an ARN.
    pub fn released(&self, now: Timestamp, requester_arn: String) -> Result<Self, LedgerError> {
        let now = fields::whole_seconds(now);
        let record = Self {
            released_at: Some(now),
            recorded_at: now,
            requester_arn: fields::arn("requester_arn", requester_arn)?,
            ..self.clone()
        };
        match self.status() {
            RevocationStatus::Held => Ok(record),
            from => Err(record.rejected(from.name())),
        }
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> RevocationStatus {
        match (self.released_at, self.revocation.reason) {
            (Some(_), _) => RevocationStatus::Released,
            (None, Some(Reason::CertificateHold)) => RevocationStatus::Held,
            (None, _) => RevocationStatus::Revoked,
        }
    }

    /// Returns the serial number of the certificate.
    #[must_use]
    pub fn serial_number(&self) -> &SerialNumber {
        &self.revocation.serial_number
    }

    /// Returns whether the revocation was recorded before a list was issued, so that the list was issued from it. The caller must
    /// determine `thisUpdate` before it reads the ledger.
    #[must_use]
    pub fn precedes(&self, list: &RevocationList) -> bool {
        list.this_update.duration_since(self.recorded_at) > CLOCK_TOLERANCE
    }

    /// Returns the revocation for the next list, or `None` if the certificate is released.
    #[must_use]
    pub fn revoked_certificate(&self) -> Option<RevokedCertificate> {
        (self.status() != RevocationStatus::Released).then(|| RevokedCertificate {
            revocation: self.revocation.clone(),
            not_after: Some(self.certificate_not_after),
        })
    }

    /// Returns whether the stored record is permanent, so that there is nothing to write for this revocation. A retry after a lost
    /// response has a later time than the stored record. The stored record remains unchanged.
    #[must_use]
    pub fn is_recorded_in(&self, stored: Option<&Self>) -> bool {
        let revoked = RevocationStatus::Revoked;
        self.status() == revoked && stored.is_some_and(|stored| stored.status() == revoked)
    }

    /// Checks that this record can replace the stored record. A permanent revocation is never replaced. A suspended certificate
    /// can be released or revoked, and a released certificate can be suspended or revoked. A retry, which writes the same
    /// revocation again, is allowed. If [`RevocationRecord::is_recorded_in`] returns true, there is nothing to check or write.
    ///
    /// # Errors
    /// Returns an error if the transition is not allowed.
    pub fn check_replaces(&self, stored: Option<&Self>) -> Result<(), LedgerError> {
        use RevocationStatus::{Held, Released, Revoked};
        let from = stored.map(Self::status);
        let is_retry = stored.is_some_and(|stored| {
            stored.revocation == self.revocation && stored.released_at == self.released_at
        });
        match (from, self.status()) {
            (None | Some(Released), Held | Revoked) | (Some(Held), Revoked | Released) => Ok(()),
            _ if is_retry => Ok(()),
            _ => Err(self.rejected(from.map_or("not revoked", RevocationStatus::name))),
        }
    }

    fn rejected(&self, from: &'static str) -> LedgerError {
        LedgerError::Transition {
            serial_number: self.serial_number().to_string(),
            from,
            to: self.status().name(),
        }
    }

    /// Returns the record as JSON. The same record always produces the same JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = |instant: Option<Timestamp>| instant.map(|instant| instant.to_string());
        let reason = match self.status() {
            RevocationStatus::Revoked => self.revocation.reason,
            RevocationStatus::Held | RevocationStatus::Released => None,
        };
        let fields = Fields {
            format: FORMAT.to_owned(),
            v: VERSION,
            issuer_spki_sha256: self.issuer_spki_sha256.to_string(),
            serial_number: self.serial_number().to_string(),
            status: self.status().name().to_owned(),
            reason: reason.map(|reason| reason.name().to_owned()),
            revoked_at: self.revocation.revoked_at.to_string(),
            invalidity_date: text(self.revocation.invalidity_date),
            released_at: text(self.released_at),
            certificate_not_after: self.certificate_not_after.to_string(),
            recorded_at: self.recorded_at.to_string(),
            requester_arn: self.requester_arn.clone(),
        };
        serde_json::to_string(&fields).expect("all members are strings, numbers, and null")
    }

    /// Reads the record that is stored under `key`.
    ///
    /// # Errors
    /// Returns an error if the object is not a revocation record, has an unsupported version, is malformed, or does not belong to
    /// the key.
    pub fn read(json: &str, keys: &LedgerKeys, key: &str) -> Result<Self, LedgerError> {
        let read: Fields = fields::read(json, FORMAT)?;
        let optional = |member, text: Option<String>| {
            text.map(|text| fields::instant(member, &text)).transpose()
        };
        let released_at = optional("released_at", read.released_at)?;
        let reason = match (&*read.status, read.reason.as_deref()) {
            ("held" | "released", None) => Some(Reason::CertificateHold),
            ("revoked", None) => None,
            ("revoked", Some(name)) => {
                let reason = Reason::named(name);
                let reason = reason.filter(|reason| *reason != Reason::CertificateHold);
                Some(reason.ok_or(LedgerError::Member("reason"))?)
            }
            ("held" | "released", Some(_)) => return Err(LedgerError::Member("reason")),
            _ => return Err(LedgerError::Member("status")),
        };
        if (read.status == RevocationStatus::Released.name()) != released_at.is_some() {
            return Err(LedgerError::Member("released_at"));
        }
        let serial_number = read.serial_number.parse();
        let record = Self {
            issuer_spki_sha256: fields::hash("issuer_spki_sha256", &read.issuer_spki_sha256)?,
            revocation: Revocation {
                serial_number: serial_number.map_err(|_| LedgerError::Member("serial_number"))?,
                revoked_at: fields::instant("revoked_at", &read.revoked_at)?,
                reason,
                invalidity_date: optional("invalidity_date", read.invalidity_date)?,
            },
            released_at,
            certificate_not_after: fields::instant(
                "certificate_not_after",
                &read.certificate_not_after,
            )?,
            recorded_at: fields::instant("recorded_at", &read.recorded_at)?,
            requester_arn: fields::arn("requester_arn", read.requester_arn)?,
        };
        let is_own = record.issuer_spki_sha256 == keys.issuer()
            && keys.revocation(record.serial_number()) == key;
        match is_own {
            true => Ok(record),
            false => Err(LedgerError::Misplaced),
        }
    }
}
