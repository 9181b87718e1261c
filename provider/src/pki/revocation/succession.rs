//! Rules for the successor of a published list: its number, its entries, and the state of the published list.
//!
//! The functions in this module depend only on their arguments. Revocations have two sources, the configuration and the ledger.
//! Their order does not affect the result.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::Timestamp;

use super::crl::{Crl, CrlError};
use super::list::{Revocation, RevocationList};
use super::number::{CrlNumber, CrlNumberError};
use super::reason::Reason;
use crate::pki::certificate::Certificate;
use crate::pki::serial::SerialNumber;

/// Revocation and the end of the validity period of the revoked certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedCertificate {
    /// Entry for the certificate.
    pub revocation: Revocation,
    /// `notAfter` of the certificate. If it is unknown, the entry is never removed.
    pub not_after: Option<Timestamp>,
}

/// Two sources specify different revocations of one certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the certificate with the serial number {serial_number} has two revocations with a different {member}"
)]
pub struct RevocationConflict {
    /// Serial number of the certificate.
    pub serial_number: SerialNumber,
    /// First member that differs: `revoked_at`, `reason`, `invalidity_date`, or `certificate_not_after`.
    pub member: &'static str,
}

/// Combines revocations from all sources. The result is in ascending order of the serial numbers and contains each serial number
/// once. If only one source specifies `not_after`, the result contains it.
///
/// # Errors
/// Returns an error if two sources specify different data for one serial number. If there are several conflicts, returns the
/// conflict with the lowest serial number.
pub fn merge<'a>(
    sources: impl IntoIterator<Item = &'a RevokedCertificate>,
) -> Result<Vec<RevokedCertificate>, RevocationConflict> {
    let mut merged: BTreeMap<&SerialNumber, RevokedCertificate> = BTreeMap::new();
    let mut conflicts: BTreeMap<&SerialNumber, &'static str> = BTreeMap::new();
    for revoked in sources {
        let serial_number = &revoked.revocation.serial_number;
        match merged.entry(serial_number) {
            Entry::Vacant(vacant) => {
                vacant.insert(revoked.clone());
            }
            Entry::Occupied(mut occupied) => {
                let known = occupied.get_mut();
                if let Some(member) = difference(known, revoked) {
                    let first = conflicts.entry(serial_number).or_insert(member);
                    *first = member.min(first);
                }
                known.not_after = known.not_after.or(revoked.not_after);
            }
        }
    }
    match conflicts.pop_first() {
        None => Ok(merged.into_values().collect()),
        Some((serial_number, member)) => Err(RevocationConflict {
            serial_number: serial_number.clone(),
            member,
        }),
    }
}

fn difference(left: &RevokedCertificate, right: &RevokedCertificate) -> Option<&'static str> {
    let (known, other) = (&left.revocation, &right.revocation);
    let ends = left.not_after.zip(right.not_after);
    let differs = [
        (
            "certificate_not_after",
            ends.is_some_and(|(left, right)| left != right),
        ),
        (
            "invalidity_date",
            known.invalidity_date != other.invalidity_date,
        ),
        ("reason", known.reason != other.reason),
        ("revoked_at", known.revoked_at != other.revoked_at),
    ];
    let mut differs = differs.into_iter();
    differs
        .find(|(_, differs)| *differs)
        .map(|(member, _)| member)
}

/// Reason why a list must not succeed the published list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SuccessionError {
    /// An entry for a certificate that has not expired would be removed.
    #[error(
        "the certificate with the serial number {serial_number} is revoked in the published list, but not in the new list; only \
         certificate_hold can be released before the certificate expires"
    )]
    Unrevoked {
        /// Serial number of the certificate.
        serial_number: SerialNumber,
        /// `notAfter` of the certificate, if it is known.
        not_after: Option<Timestamp>,
    },
    /// A permanent revocation would become a hold, which could then be released.
    #[error(
        "the certificate with the serial number {0} is revoked permanently in the published list, so its reason cannot become \
         certificate_hold"
    )]
    Weakened(SerialNumber),
}

/// Returns the entries of the list that succeeds `published`.
///
/// `merged` contains the revocations from [`merge`]. `known` contains the revocations that the published list was issued from. They
/// provide the `notAfter` of certificates that are no longer in `merged`. If both contain a `notAfter`, the later one applies, so
/// that an edited date does not remove an entry.
///
/// An entry remains in the list until one list is issued after the end of the certificate's validity period (RFC 5280 section
/// 3.3). Therefore, an entry is omitted if the published list was issued after that time.
///
/// # Errors
/// Returns an error if the new list would release a certificate whose entry must remain.
pub fn entries(
    merged: &[RevokedCertificate],
    published: Option<&RevocationList>,
    known: &[RevokedCertificate],
) -> Result<Vec<Revocation>, SuccessionError> {
    let current: BTreeMap<&SerialNumber, &RevokedCertificate> = by_serial_number(merged);
    let known = by_serial_number(known);
    let last_update = published.map(|list| list.this_update);
    let is_covered = |not_after: Option<Timestamp>| {
        let end = last_update.zip(not_after);
        end.is_some_and(|(last_update, not_after)| last_update > not_after)
    };
    let known_end = |serial_number| {
        let known = known.get(serial_number);
        known.and_then(|revoked: &&RevokedCertificate| revoked.not_after)
    };
    for entry in published.iter().flat_map(|list| &list.entries) {
        let is_hold = entry.reason == Some(Reason::CertificateHold);
        let serial_number = &entry.serial_number;
        match current.get(serial_number) {
            Some(revoked) => {
                let becomes_hold = revoked.revocation.reason == Some(Reason::CertificateHold);
                if becomes_hold && !is_hold {
                    return Err(SuccessionError::Weakened(serial_number.clone()));
                }
            }
            None if is_hold => {}
            None => {
                let not_after = known_end(serial_number);
                if !is_covered(not_after) {
                    return Err(SuccessionError::Unrevoked {
                        serial_number: serial_number.clone(),
                        not_after,
                    });
                }
            }
        }
    }
    let listed = current.into_values().filter(|revoked| {
        let known = known_end(&revoked.revocation.serial_number);
        !is_covered(revoked.not_after.max(known))
    });
    Ok(listed.map(|revoked| revoked.revocation.clone()).collect())
}

fn by_serial_number(
    revoked: &[RevokedCertificate],
) -> BTreeMap<&SerialNumber, &RevokedCertificate> {
    let revoked = revoked.iter();
    revoked
        .map(|revoked| (&revoked.revocation.serial_number, revoked))
        .collect()
}

/// Returns the number of the next list: one more than the largest number that is known from the state or the published list (RFC
/// 5280 section 5.2.3).
///
/// # Errors
/// Returns an error if the result has more than 20 octets.
pub fn next_number(
    known: Option<CrlNumber>,
    published: Option<CrlNumber>,
) -> Result<CrlNumber, CrlNumberError> {
    known
        .max(published)
        .map_or(Ok(CrlNumber::FIRST), |last| last.next())
}

/// Reason why a published object is not the issuer's current list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishedListError {
    /// The object is not a valid list of the issuer. The source distinguishes a wrong issuer and an invalid signature.
    #[error("the published object is not a valid revocation list of the issuer")]
    Invalid(#[from] CrlError),
    /// The list has a lower number than the last list that was issued. It is an old list, for example from a restored backup.
    #[error(
        "the published revocation list has the number {published}, but the list with the number {known} was already issued"
    )]
    Older {
        /// Number in the published list.
        published: CrlNumber,
        /// Largest number that was issued.
        known: CrlNumber,
    },
}

/// Reads a published DER list and checks that it is not older than the last known list.
///
/// # Errors
/// Returns an error if the object is not a valid list of the issuer, or if its number is lower than `known`.
pub fn read_published(
    der: &[u8],
    issuer: &Certificate,
    known: Option<CrlNumber>,
) -> Result<Crl, PublishedListError> {
    let crl = Crl::read(der, issuer)?;
    let published = crl.list().number;
    match known {
        Some(known) if published < known => Err(PublishedListError::Older { published, known }),
        _ => Ok(crl),
    }
}
