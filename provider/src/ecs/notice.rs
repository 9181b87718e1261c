//! What the user should know although nothing failed.

use super::error::BundleError;
use crate::aws::AwsError;

/// Something that the user should know although nothing failed.
#[derive(Debug, Clone)]
pub enum Notice {
    /// A finding about what a bundle stands on, which does not end the attempt.
    Finding(BundleError),
    /// Whether a log group exists is not known.
    LogGroupNotLookedUp {
        /// Name of the group.
        group: String,
        /// Why.
        error: AwsError,
    },
    /// A service that an earlier attempt left unfinished was taken over.
    TakenOver {
        /// Name of the service.
        service: String,
    },
    /// The tag of an unfinished service was not removed.
    StillMarked {
        /// Name of the service.
        service: String,
        /// Why.
        error: BundleError,
    },
    /// A deployment that was going on was replaced.
    Replaced {
        /// Name of the service.
        service: String,
    },
    /// A service of another bundle was not deleted.
    LeftAlone {
        /// Name of the service.
        service: String,
        /// Name of the other bundle.
        owner: String,
    },
    /// The tag of a service whose deletion begins could not be written.
    DeletionNotMarked {
        /// Name of the service.
        service: String,
        /// Why.
        error: AwsError,
    },
    /// A service that was created by a failed attempt could not be deleted again.
    NotDeleted {
        /// Name of the service.
        service: String,
        /// Why.
        error: BundleError,
    },
    /// A revision that was registered by a failed attempt could not be deregistered again.
    RevisionLeft {
        /// ARN of the revision.
        arn: String,
        /// Why.
        error: BundleError,
    },
    /// Revisions of a family could not be deregistered.
    NotDeregistered {
        /// The family.
        family: String,
        /// Why.
        error: BundleError,
    },
}
