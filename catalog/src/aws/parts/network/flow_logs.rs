//! Flow logs for the VPC.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Maybe};

use super::Inputs;
use crate::aws::conventions::Identity;
use crate::aws::fragments::log_group::LogSettings;
use crate::aws::fragments::service_role::service_role;
use crate::aws::policy::{allow, document, within};

/// Declares the flow log and returns its log group.
pub(super) fn flow_log(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    vpc: &aws::VpcReference,
) -> Maybe<aws::CloudwatchLogGroupReference> {
    let wanted = &inputs.flow_logs;
    m.file("flow_logs");
    let settings = LogSettings {
        retention_days: &inputs.log_retention_days,
        kms_key_arn: &inputs.kms_key_arn,
        tags: &own.tags,
    };
    let group = m.resource(
        settings
            .group("flow_logs")
            .name(template(["/vpc/".into(), (&own.name).into()]))
            .when(wanted),
    );
    let service = "vpc-flow-logs.amazonaws.com";
    let role = service_role("flow_logs", own, "-flow-logs", service, &inputs.account_id);
    let role = m.resource(role.when(wanted));
    let group_arn = group.assumed().arn();
    let policy = m.resource(
        aws::IamRolePolicy::new(
            "flow_logs",
            document([
                allow([
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                ])
                .on([group_arn.clone(), within(&group_arn, ":*")]),
                allow("logs:DescribeLogGroups")
                    .named("DescribeLogGroups")
                    .on("*"),
            ]),
            role.assumed().id(),
        )
        .name("write")
        .argument_comment("Does not allow logs:CreateLogGroup. Otherwise, the service could create the group again after a destroy operation, and the next apply would fail.")
        .when(wanted),
    );
    m.resource(
        aws::FlowLog::new("this")
            .vpc_id(vpc.id())
            .traffic_type("ALL")
            .log_destination(group.assumed().arn())
            .iam_role_arn(role.assumed().arn())
            .tags(own.tagged(""))
            .when(wanted)
            .depends_on(&policy),
    );
    group
}
