//! Reasons why a ledger record is unusable.

/// Reason why a ledger record is unusable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The object is not a record of the requested type.
    #[error("the object is not a ledger record: it is not a JSON object of type {expected:?}")]
    Foreign {
        /// Requested type.
        expected: &'static str,
    },
    /// The record version is not supported.
    #[error(
        "the ledger record has version {found}, but this provider supports version {newest}; upgrade the provider"
    )]
    UnknownVersion {
        /// Record version.
        found: u64,
        /// Newest supported version.
        newest: u64,
    },
    /// A member is missing, is unknown, or has the wrong type.
    #[error("the ledger record is malformed at line {line}, column {column}")]
    Malformed {
        /// Line number, starting at 1.
        line: usize,
        /// Column number, starting at 1.
        column: usize,
    },
    /// The value of a member is not valid.
    #[error("the member {0} of the ledger record is not valid")]
    Member(&'static str),
    /// The record belongs to another certificate.
    #[error("the ledger record and its object key belong to different certificates")]
    Misplaced,
    /// The certificate is not readable or another authority issued it.
    #[error("the certificate in the ledger record was not issued by the expected issuer")]
    Issuer,
    /// A revocation record must not replace the stored record.
    #[error(
        "the ledger records the certificate with the serial number {serial_number} as {from}, which cannot change to {to}"
    )]
    Transition {
        /// Serial number of the certificate.
        serial_number: String,
        /// Status in the stored record, or `not revoked`.
        from: &'static str,
        /// Status in the new record.
        to: &'static str,
    },
}
