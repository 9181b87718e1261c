//! The KMS key for all stored data. Each AWS service that uses the key without a role in the account has a statement.

use tfmodgen::Local;
use tfmodgen::prelude::*;

use super::{Common, Inputs};
use crate::aws::fragments::kms_key::KmsKey;
use crate::aws::policy::{Statement, allow};
use tfmodgen::Declared;

/// Service principal for notification rules.
pub(super) const NOTIFICATIONS: &str = "codestar-notifications.amazonaws.com";

/// Declares the key and returns its ARN.
pub(super) fn key(m: &mut Module, inputs: &Inputs<Declared>, common: &Common) -> Local<Str> {
    m.file("encryption");
    let key = KmsKey {
        alias: &common.prefix,
        description: template([
            "Encrypts artifacts, images, logs, the token, and notifications of ".into(),
            (&common.prefix).into(),
            ".".into(),
        ]),
        comment: "The roles of the pipeline and of the projects use the key with IAM policies. Services without a role use it with this policy.",
        given: &inputs.kms_key_arn,
        deletion_window: conditional(&inputs.force_destroy, 7, 30),
        statements: vec![common.place.log_groups(), notifications(common)],
        deletion_protection: None,
        tags: &inputs.tags,
    };
    key.declare(m, common.place.global_arn("iam", ":root"))
}

/// Returns the statement that allows notification rules to publish to an encrypted topic. Source: "Enable compatibility
/// between event sources from AWS services and encrypted topics", SNS developer guide.
fn notifications(common: &Common) -> Statement {
    let statement = allow(["kms:Decrypt", "kms:GenerateDataKey*"])
        .named("Notifications")
        .by("Service", NOTIFICATIONS)
        .on("*");
    from_notification_rules(statement, common)
}

/// Restricts a statement to the notification rules in the account and region. Source: "Cross-service confused deputy
/// prevention", Developer Tools console user guide.
pub(super) fn from_notification_rules(statement: Statement, common: &Common) -> Statement {
    statement
        .provided("StringEquals", "aws:SourceAccount", &common.account)
        .provided(
            "ArnLike",
            "aws:SourceArn",
            common
                .place
                .regional_arn("codestar-notifications", ":notificationrule/*"),
        )
}
