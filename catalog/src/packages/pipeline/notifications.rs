//! The topic for failed executions, and its e-mail subscription.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local};

use super::encryption::{NOTIFICATIONS, from_notification_rules};
use super::{Common, Inputs};
use crate::aws::policy::{allow, document};

/// Event of a failed execution. Source: "Events for notification rules on pipelines", Developer Tools console user
/// guide.
const FAILED: &str = "codepipeline-pipeline-pipeline-execution-failed";

/// Declares the topic and the notification rule, and returns the ARN of the topic.
pub(super) fn notifications(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    key: &Local<Str>,
    pipeline: &aws::CodepipelineReference,
) -> Expr<Str> {
    m.file("notifications");
    let topic = m.resource(
        aws::SnsTopic::new("this")
            .name(common.own.with("-failures"))
            .kms_master_key_id(key)
            .tags(&inputs.tags),
    );
    let publish = allow("sns:Publish")
        .named("Notifications")
        .by("Service", NOTIFICATIONS)
        .on(topic.arn());
    let policy = m.resource(aws::SnsTopicPolicy::new(
        "this",
        topic.arn(),
        document([from_notification_rules(publish, common)]),
    ));
    m.resource(
        aws::SnsTopicSubscription::new("email", &inputs.notification_email, "email", topic.arn())
            .comment("SNS sends a message with a link that confirms the subscription."),
    );
    m.resource(
        aws::CodestarnotificationsNotificationRule::new(
            "this",
            "FULL",
            [FAILED],
            common.own.with("-failures"),
            pipeline.arn(),
        )
        .target(aws::CodestarnotificationsNotificationRuleTarget::new(
            topic.arn(),
        ))
        .tags(&inputs.tags)
        .depends_on(&policy),
    );
    topic.arn()
}
