//! Certificate revocation lists (RFC 5280 section 5): description, issuance, verification, and the rules for successors.
//!
//! Like the rest of [`crate::pki`], the functions in this module depend only on their arguments.
//!
//! # From a revocation to a published list
//!
//! 1. Revocations come from the configuration and from the [`ledger`]. [`merge`] combines them.
//! 2. [`read_published`] reads the published list. [`entries`] returns the entries of its successor, and [`next_number`] its number.
//! 3. [`issue_list`] signs the list, reads it with a second parser, verifies and lints it, and compares it with its description.
//!
//! Only complete lists are supported. A list can be limited to certificates of authorities or end entities, or to a distribution
//! point.

mod crl;
mod encode;
mod issue;
pub mod ledger;
mod lint;
mod list;
mod number;
mod reason;
mod schedule;
mod succession;

pub use crl::{Crl, CrlError};
pub use issue::{IssueListError, check_message_limit, issue_list};
pub use list::{Revocation, RevocationList, SCOPE_NAMES, Scope};
pub use number::{CrlNumber, CrlNumberError};
pub use reason::{REASON_NAMES, Reason};
pub use schedule::{
    Freshness, MAX_VALIDITY_HOURS, Schedule, ScheduleError, expiration, is_premature,
};
pub use succession::{
    CLOCK_TOLERANCE, PublishedListError, RevocationConflict, RevokedCertificate, SuccessionError,
    check_succeeds, entries, merge, next_number, read_published,
};
