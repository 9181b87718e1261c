//! Records of issued and revoked certificates in the ledger.
//!
//! Records are written only under the condition that the object does not exist, or that it has not changed since it was read.
//! If a response is lost, or another process writes at the same time, the stored record is read and compared.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tfplugin::{Call, Diagnostics};

use super::diagnostics::{
    caller_unknown, object_failed, other_record, stopped, unusable_certificate, unusable_record,
};
use super::location::LedgerLocation;
use crate::aws::AwsError;
use crate::aws::objects::{
    Condition, NewObject, Object, ObjectFailure, ObjectLocation, ObjectStore,
};
use crate::pki::revocation::ledger::{
    IssuanceRecord, LedgerError, LedgerKeys, RevocationRecord, RevocationStatus,
};
use crate::pki::revocation::{Reason, Revocation};
use crate::pki::{Certificate, CertificateKind, PublicKey, SerialNumber, Sha256Fingerprint};
use crate::resources::pki::calls::{bounded, within};

const CONTENT_TYPE: &str = "application/json";

/// Attempts to write a record that other processes also write.
const ATTEMPTS: usize = 3;

/// The ledger of an issuer. The errors are details for a diagnostic.
pub(super) struct Ledger<'a, O> {
    objects: O,
    call: &'a Call,
    location: LedgerLocation,
    keys: LedgerKeys,
}

impl<'a, O: ObjectStore> Ledger<'a, O> {
    /// Creates the ledger of an issuer, which is identified by the hash of its public key.
    pub(super) fn new(
        objects: O,
        call: &'a Call,
        location: LedgerLocation,
        issuer: Sha256Fingerprint,
    ) -> Self {
        let keys = LedgerKeys::new(&location.prefix, issuer);
        Self {
            objects,
            call,
            location,
            keys,
        }
    }

    /// Writes the record of an issued certificate, and returns the URI of the object. An existing record of the same
    /// certificate is kept.
    pub(super) async fn record_issuance(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        issued_at: Timestamp,
    ) -> Result<String, String> {
        let key = self.keys.issued(&certificate.description().serial_number);
        let location = self.location.object(key);
        let requester = self.caller_arn().await?;
        let record = IssuanceRecord::new(certificate, issuer, issued_at, requester);
        let record = record.map_err(|error| error.to_string())?;
        let written = self
            .put(&location, &record.to_json(), Condition::Absent)
            .await;
        let Err(error) = written else {
            return Ok(location.to_string());
        };
        // A retry of a write whose response was lost also fails.
        let Some(stored) = self.get(&location).await? else {
            return Err(object_failed(&error, &location));
        };
        let stored = IssuanceRecord::read(&text(&stored), &self.keys, &location.key)
            .map_err(|error| unusable_record(&location, &error))?;
        match stored.certificate_sha256 == record.certificate_sha256 {
            true => Ok(location.to_string()),
            false => Err(other_record(&location)),
        }
    }

    /// Records that a certificate is revoked because it is no longer required. An existing revocation is kept.
    pub(super) async fn record_revocation(
        &self,
        serial_number: &SerialNumber,
        certificate_not_after: Timestamp,
        now: Timestamp,
    ) -> Result<(), String> {
        let location = self.location.object(self.keys.revocation(serial_number));
        let requester = self.caller_arn().await?;
        let revocation = Revocation {
            serial_number: serial_number.clone(),
            revoked_at: now,
            reason: Some(Reason::CessationOfOperation),
            invalidity_date: None,
        };
        let issuer = self.keys.issuer();
        let record =
            RevocationRecord::new(issuer, revocation, certificate_not_after, now, requester);
        let record = record.map_err(|error| error.to_string())?;
        let mut last = String::new();
        for _ in 0..ATTEMPTS {
            let stored = self.stored_revocation(&location).await?;
            let stored_record = stored.as_ref().map(|(record, _)| record);
            if stored_record.is_some_and(|stored| stored.status() == RevocationStatus::Revoked) {
                return Ok(());
            }
            record
                .check_replaces(stored_record)
                .map_err(|error: LedgerError| unusable_record(&location, &error))?;
            let condition = match &stored {
                Some((_, etag)) => Condition::Matches(etag),
                None => Condition::Absent,
            };
            match self.put(&location, &record.to_json(), condition).await {
                Ok(()) => return Ok(()),
                Err(error) if is_lost_race(&error) || error.is_transient() => {
                    last = object_failed(&error, &location);
                }
                Err(error) => return Err(object_failed(&error, &location)),
            }
        }
        Err(last)
    }

    /// Returns the certificate that was stored for an issuance, and the entity tag of the object. `None` if no object exists.
    pub(super) async fn requested(
        &self,
        issuance: Sha256Fingerprint,
        issuer: &PublicKey,
    ) -> Result<Option<(Certificate, String)>, String> {
        let location = self.location.object(self.keys.requested(issuance));
        let Some(object) = self.get(&location).await? else {
            return Ok(None);
        };
        let read = Certificate::issued_from_pem(&text(&object), CertificateKind::Leaf, issuer);
        let certificate = read.map_err(|error| unusable_certificate(&location, &error))?;
        Ok(Some((certificate, object.properties.etag)))
    }

    /// Stores the certificate for an issuance, and returns the stored certificate. If another run was faster, its certificate
    /// is the stored one. `replaced` is the entity tag of the object that is replaced.
    pub(super) async fn store_requested(
        &self,
        issuance: Sha256Fingerprint,
        certificate: Certificate,
        issuer: &PublicKey,
        replaced: Option<&str>,
    ) -> Result<Certificate, String> {
        let location = self.location.object(self.keys.requested(issuance));
        let condition = replaced.map_or(Condition::Absent, Condition::Matches);
        let tags = BTreeMap::new();
        let pem = certificate.to_pem();
        let put = self.objects.put(NewObject {
            location: &location,
            body: pem.as_bytes(),
            content_type: "application/x-pem-file",
            cache_control: None,
            tags: &tags,
            condition,
        });
        let Err(error) = bounded(self.call, "s3:PutObject", put).await else {
            return Ok(certificate);
        };
        // A retry of a write whose response was lost also fails.
        if !is_lost_race(&error) && !error.is_transient() {
            return Err(object_failed(&error, &location));
        }
        let stored = self.requested(issuance, issuer).await?;
        match stored {
            Some((stored, etag)) if replaced != Some(&etag) => Ok(stored),
            _ => Err(object_failed(&error, &location)),
        }
    }

    /// Returns whether a certificate is revoked or on hold.
    pub(super) async fn is_revoked(&self, serial_number: &SerialNumber) -> Result<bool, String> {
        let location = self.location.object(self.keys.revocation(serial_number));
        let stored = self.stored_revocation(&location).await?;
        Ok(stored.is_some_and(|(record, _)| record.status() != RevocationStatus::Released))
    }

    async fn stored_revocation(
        &self,
        location: &ObjectLocation,
    ) -> Result<Option<(RevocationRecord, String)>, String> {
        let Some(object) = self.get(location).await? else {
            return Ok(None);
        };
        let record = RevocationRecord::read(&text(&object), &self.keys, &location.key);
        let record = record.map_err(|error| unusable_record(location, &error))?;
        Ok(Some((record, object.properties.etag)))
    }

    async fn caller_arn(&self) -> Result<String, String> {
        let identity = self.objects.identity();
        let arn = within(self.call, identity.caller_arn()).await;
        let arn = arn.map_err(stopped)?;
        arn.map(str::to_owned)
            .map_err(|error| caller_unknown(&error))
    }

    async fn put(
        &self,
        location: &ObjectLocation,
        json: &str,
        condition: Condition<'_>,
    ) -> Result<(), AwsError> {
        let tags = BTreeMap::new();
        let put = self.objects.put(NewObject {
            location,
            body: json.as_bytes(),
            content_type: CONTENT_TYPE,
            cache_control: None,
            tags: &tags,
            condition,
        });
        bounded(self.call, "s3:PutObject", put).await.map(drop)
    }

    async fn get(&self, location: &ObjectLocation) -> Result<Option<Object>, String> {
        let get = bounded(self.call, "s3:GetObject", self.objects.get(location)).await;
        get.map_err(|error| object_failed(&error, location))
    }
}

fn is_lost_race(error: &AwsError) -> bool {
    matches!(
        ObjectFailure::of(error),
        Some(
            ObjectFailure::PreconditionFailed | ObjectFailure::Conflict | ObjectFailure::NoSuchKey
        )
    )
}

fn text(object: &Object) -> String {
    String::from_utf8_lossy(&object.body).into_owned()
}

/// Returns the URI of the issuance record of a certificate.
pub(super) fn issuance_uri(
    ledger_uri: &str,
    issuer: Sha256Fingerprint,
    serial_number: &SerialNumber,
) -> Option<String> {
    let location = LedgerLocation::parse(ledger_uri)?;
    let key = LedgerKeys::new(&location.prefix, issuer).issued(serial_number);
    Some(location.object(key).to_string())
}

/// Returns the location of the ledger.
pub(super) fn location(ledger_uri: &str) -> Result<LedgerLocation, Diagnostics> {
    LedgerLocation::parse(ledger_uri).ok_or_else(|| {
        tfplugin::Diagnostic::bug("The location of the ledger is malformed", ledger_uri).into()
    })
}
