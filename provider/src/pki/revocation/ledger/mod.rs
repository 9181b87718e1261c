//! The ledger: a record of every issued certificate, and a record of its revocation, as JSON documents in an object store.
//!
//! # Objects
//!
//! ```text
//! <prefix>/<issuer>/issued/<serial number>.json
//! <prefix>/<issuer>/revocations/<serial number>.json
//! ```
//!
//! `<issuer>` is the SHA-256 hash of the issuer's DER SubjectPublicKeyInfo, because certificates of one key share its serial
//! numbers. `<serial number>` has lowercase hexadecimal digits, two per octet. Both kinds of records have a separate folder, so
//! that a list of revocations requires listing the revocations only, and permissions can distinguish the two.
//!
//! - An [`IssuanceRecord`] is written once, and only if the object does not exist. It is never replaced.
//! - A [`RevocationRecord`] is replaced only if the stored record has not changed since it was read, and only as
//!   [`RevocationRecord::check_replaces`] allows.
//!
//! # Formats
//!
//! ```json
//! {"type": "skreg.pki.ledger.issuance", "v": 1,
//!  "issuer_spki_sha256": "…", "serial_number": "…", "spki_sha256": "…", "certificate_sha256": "…", "tbs_sha256": "…",
//!  "subject": {"common_name": "…"}, "not_before": "2026-11-20T12:00:00Z", "not_after": "…",
//!  "issued_at": "…", "requester_arn": "arn:aws:iam::…"}
//!
//! {"type": "skreg.pki.ledger.revocation", "v": 1,
//!  "issuer_spki_sha256": "…", "serial_number": "…", "status": "revoked", "reason": "key_compromise",
//!  "revoked_at": "2026-11-20T12:00:00Z", "invalidity_date": null, "released_at": null,
//!  "certificate_not_after": "…", "recorded_at": "…", "requester_arn": "arn:aws:iam::…"}
//! ```
//!
//! - `issuer_spki_sha256` and `serial_number` identify the certificate and repeat the key of the object.
//! - `spki_sha256`, `certificate_sha256`, and `tbs_sha256` are SHA-256 hashes of the certified key, the DER certificate, and its
//!   TBSCertificate (RFC 5280 section 4.1).
//! - `subject`, `not_before`, and `not_after` repeat fields of the certificate.
//! - `status` is `revoked`, `held`, or `released`. `reason` is null if it is not specified, and is always null for the status
//!   `held` and `released`. `released_at` is null except for the status `released`.
//! - `certificate_not_after` is the end of the validity period of the certificate, after which the entry is removed from lists.
//! - `requester_arn` is the AWS identity that requested the change.
//! - Times are in UTC with whole seconds (RFC 3339).
//!
//! Reading is strict: a record of another type or version, an unknown, missing, or malformed member, and a record that does not
//! belong to its object key cause an error.

mod error;
mod fields;
mod issuance;
mod keys;
mod revocation;

pub use error::LedgerError;
pub use issuance::IssuanceRecord;
pub use keys::LedgerKeys;
pub use revocation::{RevocationRecord, RevocationStatus};
