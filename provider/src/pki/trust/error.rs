//! Reasons why a trust bundle or its successor is not allowed.

use jiff::Timestamp;

use super::anchor::AnchorError;
use super::status::RootStatus;

/// Rule that a bundle or its successor violates. Roots are identified by the SHA-256 hash of their keys in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// No root is active.
    #[error("the trust bundle has no root with the status \"active\"")]
    NoActiveRoot,
    /// Two roots have the same key.
    #[error("the trust bundle contains the root key {0} more than once")]
    DuplicateKey(String),
    /// The window of a root ends before it starts.
    #[error(
        "trust_until of the root key {root} must be later than distribute_from ({distribute_from}), but is {trust_until}"
    )]
    Window {
        /// Root.
        root: String,
        /// Start of the window.
        distribute_from: Timestamp,
        /// End of the window.
        trust_until: Timestamp,
    },
    /// A retiring or retired root has no end of its window.
    #[error("the root key {root} has the status \"{}\", which requires trust_until", status.name())]
    NoTrustUntil {
        /// Root.
        root: String,
        /// Status of the root.
        status: RootStatus,
    },
    /// An instant has a fraction of a second.
    #[error("{0} has a fraction of a second, which a trust bundle cannot represent")]
    Fraction(Timestamp),
    /// Two roots have the same subject and different keys, but no cross-certificate connects them.
    #[error(
        "the root keys {first} and {second} have the same subject {subject:?}, but no cross-certificate connects them; this \
         provider does not issue cross-certificates between roots with the same subject"
    )]
    SameSubject {
        /// Subject in RFC 4514 notation.
        subject: String,
        /// Root with the lower hash.
        first: String,
        /// Root with the higher hash.
        second: String,
    },
    /// A cross-certificate does not connect two roots in the bundle.
    #[error("cross-certificate {position} {fault}")]
    CrossCertificate {
        /// Position, starting at 1.
        position: usize,
        /// Violated requirement.
        fault: CrossCertificateFault,
    },
    /// An active root has expired, or its window has ended or has not started.
    #[error(
        "the root key {root} must not be active at {now}, because its period of use is {from} to {until}"
    )]
    ActiveOutsideWindow {
        /// Root.
        root: String,
        /// Time of the check.
        now: Timestamp,
        /// Later one of the start of the window and of the validity period.
        from: String,
        /// Earlier one of the end of the window and of the validity period.
        until: String,
    },
    /// A root becomes active before it was distributed for the minimum time.
    #[error(
        "the root key {root} must not become active before {earliest}, because relying parties may not have received it"
    )]
    Distribution {
        /// Root.
        root: String,
        /// Earliest time for the change.
        earliest: Timestamp,
    },
    /// A root would enter a published bundle with another status than `next`.
    #[error(
        "the root key {root} is not in the published trust bundle, so its status must be \"next\", but is \"{}\"",
        status.name()
    )]
    NotNext {
        /// Root.
        root: String,
        /// Status of the root.
        status: RootStatus,
    },
    /// The start of a window would move, so that signatures would leave or enter the window.
    #[error(
        "distribute_from of the root key {root} is {distribute_from}, but must not be earlier than {earliest}, and cannot change \
         after the status \"next\""
    )]
    StartMoved {
        /// Root.
        root: String,
        /// New start of the window.
        distribute_from: Timestamp,
        /// Published start, or the earliest time that is allowed.
        earliest: Timestamp,
    },
    /// A root would leave the PEM bundle before relying parties received the announcement.
    #[error(
        "the root key {root} must not be retired before {earliest}, because relying parties may still use it; its status must be \
         \"retiring\" until then"
    )]
    RetiredEarly {
        /// Root.
        root: String,
        /// Earliest time for the change.
        earliest: Timestamp,
    },
    /// The same key has another subject.
    #[error(
        "the root key {root} has the subject {published:?} in the published trust bundle, but the subject {found:?} in the new one"
    )]
    OtherSubject {
        /// Root.
        root: String,
        /// Published subject in RFC 4514 notation.
        published: String,
        /// New subject in RFC 4514 notation.
        found: String,
    },
    /// A status change is not allowed.
    #[error("the root key {root} has the status \"{}\", which cannot change to \"{}\"", from.name(), to.name())]
    Transition {
        /// Root.
        root: String,
        /// Published status.
        from: RootStatus,
        /// New status.
        to: RootStatus,
    },
    /// A root that is not retired would be removed.
    #[error(
        "the root key {root} has the status \"{}\" in the published trust bundle, but is not in the new one; a root must be \
         retired before it is removed",
        status.name()
    )]
    Unannounced {
        /// Root.
        root: String,
        /// Published status.
        status: RootStatus,
    },
    /// A retired root would be removed before the end of its window.
    #[error("the root key {root} must not be removed before {trust_until}")]
    RemovedEarly {
        /// Root.
        root: String,
        /// End of the window.
        trust_until: Timestamp,
    },
    /// The end of a window would be too early for relying parties to receive the change.
    #[error(
        "trust_until of the root key {root} must not be earlier than {earliest}, but is {trust_until}"
    )]
    EndsEarly {
        /// Root.
        root: String,
        /// New end of the window.
        trust_until: Timestamp,
        /// Earliest time that is allowed.
        earliest: Timestamp,
    },
    /// The published bundle is older than the last known one.
    #[error(
        "the published trust bundle has version {published}, but version {known} was already published"
    )]
    Older {
        /// Version of the published bundle.
        published: u64,
        /// Largest version that was published.
        known: u64,
    },
    /// The version cannot rise.
    #[error("the version of the trust bundle has reached its maximum")]
    VersionExhausted,
    /// The time range is exceeded.
    #[error("the minimum distribution time of {0} days exceeds the supported time range")]
    Calendar(u32),
}

/// Reason why a cross-certificate does not connect two roots.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrossCertificateFault {
    /// The certificate cannot be read.
    #[error("is unusable: {0}")]
    Unreadable(AnchorError),
    /// No root has the certified key and the subject.
    #[error("does not certify the key and the subject of a root in the trust bundle")]
    Subject,
    /// No other root signed the certificate.
    #[error("is not signed by another root in the trust bundle")]
    Issuer,
    /// The certificate does not belong to an authority.
    #[error("does not have basicConstraints with cA TRUE")]
    NotAuthority,
    /// The certificate has expired.
    #[error("has expired")]
    Expired,
}

/// Reason why a published document is not a usable trust bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The object is not a trust bundle.
    #[error(
        "the object is not a trust bundle: it is not a JSON object of type \"skreg.pki.trust_bundle\""
    )]
    Foreign,
    /// The format version is not supported.
    #[error(
        "the trust bundle has format version {found}, but this provider supports version {newest}; upgrade the provider"
    )]
    UnknownVersion {
        /// Format version of the document.
        found: u64,
        /// Newest supported format version.
        newest: u64,
    },
    /// A member is missing, is unknown, or has the wrong type.
    #[error("the trust bundle is malformed at line {line}, column {column}")]
    Malformed {
        /// Line number, starting at 1.
        line: usize,
        /// Column number, starting at 1.
        column: usize,
    },
    /// The certificate of a root is unusable.
    #[error("root {position} of the trust bundle is unusable")]
    Root {
        /// Position in `roots`, starting at 1.
        position: usize,
        /// Cause.
        #[source]
        source: AnchorError,
    },
    /// The value of a member is not valid or does not match the certificate.
    #[error("the member {member} of root {position} in the trust bundle is not valid")]
    RootMember {
        /// Position in `roots`, starting at 1.
        position: usize,
        /// Name of the member.
        member: &'static str,
    },
    /// The content version is not between 1 and the maximum.
    #[error("the version of the trust bundle is out of range")]
    ContentVersion,
    /// The roots are not in the required order.
    #[error("the roots in the trust bundle are not sorted by spki_sha256")]
    Order,
    /// The bundle violates a rule.
    #[error("the trust bundle violates a rule")]
    Rule(#[from] TrustError),
}
