//! Notices from operations on a bundle.

use super::error::BundleError;
use crate::aws::AwsError;

/// Information for the user that is not an error.
#[derive(Debug, Clone)]
pub enum Notice {
    /// A pre-flight check failed, but the attempt continued.
    Finding(BundleError),
    /// The existence of a log group could not be checked.
    LogGroupNotLookedUp {
        /// Name of the log group.
        group: String,
        /// Reason.
        error: AwsError,
    },
    /// A service that an earlier attempt did not finish was taken over.
    TakenOver {
        /// Name of the service.
        service: String,
    },
    /// The tag of an unfinished service could not be removed.
    StillMarked {
        /// Name of the service.
        service: String,
        /// Reason.
        error: BundleError,
    },
    /// A deployment in progress was replaced.
    Replaced {
        /// Name of the service.
        service: String,
    },
    /// A service was not deleted, because it belongs to another bundle.
    OtherBundleNotDeleted {
        /// Name of the service.
        service: String,
        /// Name of the other bundle.
        owner: String,
    },
    /// The deletion tag of a service could not be written.
    DeletionNotMarked {
        /// Name of the service.
        service: String,
        /// Reason.
        error: AwsError,
    },
    /// A service that a failed attempt created could not be deleted.
    NotDeleted {
        /// Name of the service.
        service: String,
        /// Reason.
        error: BundleError,
    },
    /// A revision that a failed attempt registered could not be deregistered.
    RevisionLeft {
        /// ARN of the revision.
        arn: String,
        /// Reason.
        error: BundleError,
    },
    /// Revisions of a family could not be deregistered.
    NotDeregistered {
        /// Task definition family.
        family: String,
        /// Reason.
        error: BundleError,
    },
}
