//! Revocations that the ledger records.

use std::collections::BTreeMap;

use futures::future::try_join_all;
use tfplugin::{Call, Diagnostics};

use super::diagnostics;
use super::model::Crl;
use crate::aws::objects::{ObjectLocation, ObjectStore};
use crate::pki::revocation::ledger::{LedgerKeys, RevocationRecord};
use crate::pki::revocation::{self, Reason, Revocation, RevocationList, RevokedCertificate};
use crate::resources::pki::calls::bounded;
use crate::resources::pki::issuer::IssuingAuthority;
use crate::resources::pki::publication::call_failed;

/// Number of records that are read at the same time.
const CONCURRENT_READS: usize = 16;

/// Revocations in a ledger.
#[derive(Default)]
pub(super) struct Recorded {
    /// Permanent revocations that the published list contains. Their records were not read again.
    listed: Vec<RevokedCertificate>,
    records: Vec<RevocationRecord>,
}

impl Recorded {
    /// Returns the revocations for the next list.
    pub(super) fn revoked(&self) -> impl Iterator<Item = RevokedCertificate> {
        let records = self.records.iter();
        let recorded = records.filter_map(RevocationRecord::revoked_certificate);
        self.listed.iter().cloned().chain(recorded)
    }

    /// Returns the revocations that `list` was issued from.
    pub(super) fn revoked_before(
        &self,
        list: &RevocationList,
    ) -> impl Iterator<Item = RevokedCertificate> {
        let records = self.records.iter();
        let earlier = records.filter(|record| record.precedes(list));
        let recorded = earlier.filter_map(RevocationRecord::revoked_certificate);
        self.listed.iter().cloned().chain(recorded)
    }
}

/// Reads all revocations of certificates that an authority issued.
///
/// `published` is a list whose permanent revocations are not read again, because their records never change. It is `None`
/// during an apply, which requires the end of the validity period of every certificate.
pub(super) async fn revocations(
    store: &impl ObjectStore,
    call: &Call,
    ledger: &ObjectLocation,
    authority: &IssuingAuthority,
    published: Option<&revocation::Crl>,
) -> Result<Recorded, Diagnostics> {
    let keys = LedgerKeys::new(&ledger.key, authority.certificate.public_key().sha256());
    let at = |key: String| ObjectLocation {
        key,
        ..ledger.clone()
    };
    let failed = |location: &ObjectLocation, error| {
        let failed = call_failed("Ledger could not be read", &error, location);
        Diagnostics::from(failed.at(Crl::paths().ledger_uri()))
    };
    let prefix = at(keys.revocations());
    let listed = bounded(call, "s3:ListObjectsV2", store.list(&prefix)).await;
    let listed = listed.map_err(|error| failed(&prefix, error))?;
    let permanent: BTreeMap<String, &Revocation> = published
        .iter()
        .flat_map(|published| &published.list().entries)
        .filter(|entry| entry.reason != Some(Reason::CertificateHold))
        .map(|entry| (keys.revocation(&entry.serial_number), entry))
        .collect();
    let (known, unread): (Vec<_>, Vec<_>) = listed
        .into_iter()
        .map(|object| object.key)
        .partition(|key| permanent.contains_key(key));
    let known = known.iter().filter_map(|key| permanent.get(key));
    let listed = known.map(|entry| RevokedCertificate {
        revocation: (*entry).clone(),
        not_after: None,
    });
    let mut found = Recorded {
        listed: listed.collect(),
        records: Vec::new(),
    };
    let read_record = async |key: &String| {
        let location = at(key.clone());
        let read = bounded(call, "s3:GetObject", store.get(&location)).await;
        let read = read.map_err(|error| failed(&location, error))?;
        // A record that does not exist was deleted after the call that listed it.
        let Some(object) = read else { return Ok(None) };
        let text = std::str::from_utf8(&object.body).unwrap_or_default();
        let record = RevocationRecord::read(text, &keys, &location.key);
        let record = record.map_err(|error| diagnostics::ledger_record(&location, &error))?;
        Ok::<_, Diagnostics>(Some(record))
    };
    for keys in unread.chunks(CONCURRENT_READS) {
        let records = try_join_all(keys.iter().map(read_record)).await?;
        found.records.extend(records.into_iter().flatten());
    }
    Ok(found)
}
