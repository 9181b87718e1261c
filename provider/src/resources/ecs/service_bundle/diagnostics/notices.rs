//! Messages for notices.

use super::explained::Explained;
use crate::ecs::bundle::{BUNDLE_TAG, DELETING_TAG, UNFINISHED_TAG};
use crate::ecs::error::BundleError;
use crate::ecs::notice::Notice;

/// Returns the message for a notice.
#[must_use]
pub fn text(notice: &Notice) -> String {
    match notice {
        Notice::Finding(finding) => format!("{}: {}", finding.summary(), finding.detail()),
        Notice::LogGroupNotLookedUp { group, error } => format!(
            "The provider could not check whether the log group {group} exists: {error}. Allow logs:DescribeLogGroups, or set \
                     verify to \"off\"."
        ),
        Notice::TakenOver { service } => format!(
            "The service {service} already exists, because an earlier attempt created it and did not complete. This \
             apply took over the service."
        ),
        Notice::StillMarked { service, error } => format!(
            "The tag {UNFINISHED_TAG} was not removed from the service {service}. {} While the service has the tag, an \
             apply from another state can take over the service. The next apply removes the tag.",
            sentences(error)
        ),
        Notice::Replaced { service } => {
            format!("A deployment of {service} was in progress and was replaced.")
        }
        Notice::OtherBundleNotDeleted { service, owner } => format!(
            "The service {service} was not deleted, because its tag {BUNDLE_TAG} assigns it to the bundle {owner}."
        ),
        Notice::DeletionNotMarked { service, error } => format!(
            "The tag {DELETING_TAG} could not be written to the service {service}: {error}. The deletion continued \
             without the tag, which stores the desired count. If the deletion is interrupted, set desired_count before \
             you apply the configuration again. Otherwise, the service may stay at 0 tasks."
        ),
        Notice::NotDeleted { service, error } => format!(
            "The new service {service} could not be deleted: {}",
            sentences(error)
        ),
        Notice::RevisionLeft { arn, error } => format!(
            "The new task definition {arn} could not be deregistered: {}",
            sentences(error)
        ),
        Notice::NotDeregistered { family, error } => format!(
            "Revisions of the task definition {family} stay registered. Registered revisions do not incur costs. {}: \
             {}\n\nTo deregister them, run:\n\n    \
             aws ecs list-task-definitions --family-prefix {family} --status ACTIVE\n    \
             aws ecs deregister-task-definition --task-definition {family}:REVISION",
            error.summary(),
            error.detail(),
        ),
    }
}

fn sentences(error: &BundleError) -> String {
    format!("{}. {}", error.summary(), error.detail())
}
