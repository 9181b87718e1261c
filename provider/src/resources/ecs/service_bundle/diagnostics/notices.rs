//! Notices of the domain in words.

use super::explained::Explained;
use crate::ecs::bundle::{BUNDLE_TAG, DELETING_TAG, UNFINISHED_TAG};
use crate::ecs::error::BundleError;
use crate::ecs::notice::Notice;

/// Returns a notice as sentences.
#[must_use]
pub fn text(notice: &Notice) -> String {
    match notice {
        Notice::Finding(finding) => format!("{}: {}", finding.summary(), finding.detail()),
        Notice::LogGroupNotLookedUp { group, error } => format!(
            "The provider could not check whether the log group {group} exists: {error}. Allow logs:DescribeLogGroups, or set \
                     verify to \"off\"."
        ),
        Notice::TakenOver { service } => format!(
            "The service {service} exists already: an earlier attempt created it and did not finish. It was taken over."
        ),
        Notice::StillMarked { service, error } => format!(
            "The tag {UNFINISHED_TAG} of the service {service} was not removed. {} As long as the service has the tag, an apply \
         from another state may take the service over. The next apply removes it.",
            sentences(error)
        ),
        Notice::Replaced { service } => {
            format!("A deployment of {service} was in progress and was replaced.")
        }
        Notice::LeftAlone { service, owner } => format!(
            "The service {service} was left as it is: its tag {BUNDLE_TAG} says that it belongs to the bundle {owner}."
        ),
        Notice::DeletionNotMarked { service, error } => format!(
            "The tag {DELETING_TAG} of the service {service} could not be written: {error}. The deletion went on without it. The \
         tag keeps the desired count: if the deletion is interrupted, set desired_count before you apply the configuration \
         again, or the service may stay at 0 tasks."
        ),
        Notice::NotDeleted { service, error } => format!(
            "The service {service} could not be deleted again: {}",
            sentences(error)
        ),
        Notice::RevisionLeft { arn, error } => format!(
            "The task definition {arn} could not be deregistered again: {}",
            sentences(error)
        ),
        Notice::NotDeregistered { family, error } => format!(
            "Revisions of the task definition {family} stay registered, which costs nothing. {}: {}\n\nTo deregister them, \
             run:\n\n    aws ecs list-task-definitions --family-prefix {family} --status ACTIVE\n    \
             aws ecs deregister-task-definition --task-definition {family}:REVISION",
            error.summary(),
            error.detail(),
        ),
    }
}

fn sentences(error: &BundleError) -> String {
    format!("{}. {}", error.summary(), error.detail())
}
