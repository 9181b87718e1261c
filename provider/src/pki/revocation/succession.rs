//! Rules for the successor of a published list: its number, its entries, and the state of the published list.
//!
//! The functions in this module depend only on their arguments. Revocations have two sources, the configuration and the ledger.
//! Their order does not affect the result.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::{SignedDuration, Timestamp};

use super::crl::{Crl, CrlError};
use super::list::{Revocation, RevocationList};
use super::number::{CrlNumber, CrlNumberError};
use super::reason::Reason;
use crate::pki::certificate::Certificate;
use crate::pki::serial::SerialNumber;

/// Largest difference between two clocks that is not an error.
pub const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

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
        "the certificate with the serial number {serial_number} is revoked in the last list, but not in the new list; only \
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
        "the certificate with the serial number {0} is revoked permanently in the last list, so its reason cannot become \
         certificate_hold"
    )]
    Weakened(SerialNumber),
    /// A permanent revocation would apply to fewer signatures, or would have a weaker reason.
    #[error(
        "the certificate with the serial number {serial_number} is revoked permanently in the last list, so {member} cannot change; \
         only an earlier revoked_at, an earlier invalidity_date, and a compromise as the reason are allowed"
    )]
    Changed {
        /// Serial number of the certificate.
        serial_number: SerialNumber,
        /// Member that changes: `revoked_at`, `reason`, or `invalidity_date`.
        member: &'static str,
    },
    /// A revocation is in the future.
    #[error(
        "the certificate with the serial number {serial_number} is revoked at {revoked_at}, which is later than the issuance of the \
         list at {this_update}"
    )]
    Future {
        /// Serial number of the certificate.
        serial_number: SerialNumber,
        /// Time of the revocation.
        revoked_at: Timestamp,
        /// Time of the issuance of the list.
        this_update: Timestamp,
    },
}

/// Returns the entries of the list that succeeds `published` and is issued at `this_update`.
///
/// `merged` contains the revocations from [`merge`]. `known` contains the revocations that the last list was issued from, whether
/// or not that list is published: those of the configuration, and those of the ledger for which
/// [`super::ledger::RevocationRecord::precedes`] returns true. Both the published entries and `known` are binding, so an entry is
/// not lost if the published object is missing.
///
/// An entry remains in the list until one list with the entry is issued after the end of the certificate's validity period (RFC
/// 5280 section 3.3). The end applies only if both sources agree that it is known, and the later end applies, so that an edited
/// date does not remove an entry. An entry of a certificate that was revoked after its end is never removed, because verifiers of
/// older signatures require it. A published list that claims to be from the future covers only the time until `this_update`.
///
/// # Errors
/// Returns an error if the new list would release a certificate whose entry must remain, would weaken its revocation, or would
/// contain a revocation that is later than `this_update` by more than [`CLOCK_TOLERANCE`].
pub fn entries(
    merged: &[RevokedCertificate],
    published: Option<&RevocationList>,
    known: &[RevokedCertificate],
    this_update: Timestamp,
) -> Result<Vec<Revocation>, SuccessionError> {
    let current = by_serial_number(merged);
    let last = LastList {
        update: published.map(|list| list.this_update.min(this_update)),
        known: by_serial_number(known),
        entries: published
            .iter()
            .flat_map(|list| &list.entries)
            .map(|entry| (&entry.serial_number, entry))
            .collect(),
    };
    let from_known = known.iter().map(|revoked| &revoked.revocation);
    let from_published = published.iter().flat_map(|list| &list.entries);
    for before in from_published.chain(from_known) {
        match current.get(&before.serial_number) {
            Some(after) => check_change(before, &after.revocation)?,
            None => last.check_removal(before)?,
        }
    }
    let listed = current.into_values().filter(|after| !last.covers(after));
    let listed: Vec<_> = listed.map(|revoked| revoked.revocation.clone()).collect();
    let latest = this_update.saturating_add(CLOCK_TOLERANCE);
    let latest = latest.unwrap_or(Timestamp::MAX);
    match listed.iter().find(|entry| entry.revoked_at > latest) {
        None => Ok(listed),
        Some(entry) => Err(SuccessionError::Future {
            serial_number: entry.serial_number.clone(),
            revoked_at: entry.revoked_at,
            this_update,
        }),
    }
}

/// The last list, and the revocations that it was issued from.
struct LastList<'a> {
    /// Time until which the list covers revocations.
    update: Option<Timestamp>,
    known: BTreeMap<&'a SerialNumber, &'a RevokedCertificate>,
    entries: BTreeMap<&'a SerialNumber, &'a Revocation>,
}

impl LastList<'_> {
    /// Returns whether the list was issued after the end of a validity period.
    fn follows(&self, not_after: Option<Timestamp>) -> bool {
        let end = self.update.zip(not_after);
        end.is_some_and(|(update, not_after)| update > not_after)
    }

    /// Returns whether a list with the revocation was issued after the end of the certificate's validity period.
    fn covers(&self, after: &RevokedCertificate) -> bool {
        let serial_number = &after.revocation.serial_number;
        let known = self.known.get(serial_number);
        let was_listed = known.is_some() || self.entries.contains_key(serial_number);
        let ends = [Some(after), known.copied()];
        was_listed
            && ends
                .into_iter()
                .flatten()
                .all(|revoked| self.follows(end_of(revoked)))
    }

    /// Checks that an entry can be removed.
    fn check_removal(&self, before: &Revocation) -> Result<(), SuccessionError> {
        let known = self.known.get(&before.serial_number);
        let revoked_in = [
            self.entries.get(&before.serial_number).copied(),
            known.map(|known| &known.revocation),
        ];
        let is_hold = |entry: &Revocation| entry.reason == Some(Reason::CertificateHold);
        let end = known.and_then(|known| end_of(known));
        match revoked_in.into_iter().flatten().all(is_hold) || self.follows(end) {
            true => Ok(()),
            false => Err(SuccessionError::Unrevoked {
                serial_number: before.serial_number.clone(),
                not_after: known.and_then(|known| known.not_after),
            }),
        }
    }
}

/// Returns the end of the validity period, or `None` if it is unknown or if the certificate was revoked after it.
fn end_of(revoked: &RevokedCertificate) -> Option<Timestamp> {
    let revoked_at = revoked.revocation.revoked_at;
    revoked
        .not_after
        .filter(|not_after| *not_after >= revoked_at)
}

/// Checks that a permanent revocation applies to at least the same signatures. A hold can be released, so it can change.
fn check_change(before: &Revocation, after: &Revocation) -> Result<(), SuccessionError> {
    if before.reason == Some(Reason::CertificateHold) {
        return Ok(());
    }
    let serial_number = || before.serial_number.clone();
    if after.reason == Some(Reason::CertificateHold) {
        return Err(SuccessionError::Weakened(serial_number()));
    }
    let is_compromise = |reason: Option<Reason>| reason.is_some_and(Reason::is_compromise);
    let invalid_later = before.invalidity_date.is_some_and(|before| {
        let after = after.invalidity_date;
        after.is_none_or(|after| after > before)
    });
    let weakened = [
        ("revoked_at", after.revoked_at > before.revoked_at),
        (
            "reason",
            after.reason != before.reason
                && (is_compromise(before.reason) || !is_compromise(after.reason)),
        ),
        ("invalidity_date", invalid_later),
    ];
    let mut weakened = weakened.into_iter();
    match weakened.find(|(_, is_weakened)| *is_weakened) {
        None => Ok(()),
        Some((member, _)) => Err(SuccessionError::Changed {
            serial_number: serial_number(),
            member,
        }),
    }
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
/// 5280 section 5.2.3), or [`CrlNumber::first`].
///
/// # Errors
/// Returns an error if the result has more than 20 octets.
pub fn next_number(
    known: Option<CrlNumber>,
    published: Option<CrlNumber>,
    now: Timestamp,
) -> Result<CrlNumber, CrlNumberError> {
    known
        .max(published)
        .map_or_else(|| Ok(CrlNumber::first(now)), |last| last.next())
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
    /// The list has the number of a known list, but another content. Two writers issued lists independently.
    #[error(
        "the published revocation list has the number {0}, but differs from the list with this number that was issued"
    )]
    Differs(CrlNumber),
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

/// Checks that a published list is `known` or succeeds it. An issuer never issues two lists with one number (RFC 5280 section
/// 5.2.3).
///
/// # Errors
/// Returns an error if the number is lower than the number of `known`, or if it is the same and the lists differ.
pub fn check_succeeds(published: &Crl, known: &Crl) -> Result<(), PublishedListError> {
    let (number, last) = (published.list().number, known.list().number);
    match number.cmp(&last) {
        Ordering::Greater => Ok(()),
        Ordering::Equal if published == known => Ok(()),
        Ordering::Equal => Err(PublishedListError::Differs(number)),
        Ordering::Less => Err(PublishedListError::Older {
            published: number,
            known: last,
        }),
    }
}
