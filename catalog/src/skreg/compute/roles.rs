//! Roles: one that starts tasks, and one for each program with what that program needs.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::Many;
use tfmodgen::prelude::*;

use super::{Inputs, SERVICES};
use crate::skreg::inputs::Identity;
use crate::skreg::policy::{allow, document, trusted_by, within};

/// Roles, and what tasks cannot start without.
pub(super) struct Roles {
    pub(super) execution: aws::IamRoleReference,
    pub(super) tasks: Many<aws::IamRoleReference>,
    pub(super) execution_policy: aws::IamRolePolicyReference,
    pub(super) execution_attachment: aws::IamRolePolicyAttachmentReference,
    pub(super) task_policies: Many<aws::IamRolePolicyReference>,
}

/// The roles.
pub(super) fn roles(m: &mut Module, own: &Identity, inputs: &Inputs) -> Roles {
    m.file("roles");
    let partition = m.data(data::Partition::new("current"));
    let trust = trusted_by("ecs-tasks.amazonaws.com", &inputs.account);
    let execution = m.resource(
        aws::IamRole::new("execution", &trust)
            .name(own.with("-execution"))
            .description("Starts tasks: pulls images, reads the secrets that tasks are given, opens their logs.")
            .tags(&own.tags),
    );
    let execution_attachment = m.resource(aws::IamRolePolicyAttachment::new(
        "execution",
        template([
            "arn:".into(),
            partition.partition().into(),
            ":iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy".into(),
        ]),
        execution.name(),
    ));
    let execution_policy = m.resource(
        aws::IamRolePolicy::new(
            "execution",
            document([
                allow("secretsmanager:GetSecretValue").on(&inputs.url_arn),
                allow("kms:Decrypt").on(&inputs.key),
            ]),
            execution.id(),
        )
        .comment("The policy of AWS reads no secrets, and without this one no task with a secret ever starts.")
        .name("secrets"),
    );

    let tasks = m.resource(
        aws::IamRole::new("task", &trust)
            .comment("Each program has a role of its own, so that one can be given more without the other.")
            .for_each(toset::<Str>(SERVICES), |role, each| {
                role.name(template([(&own.name).into(), "-".into(), each.key().into(), "-task".into()]))
                    .description(template(["What the ".into(), each.key().into(), " may do.".into()]))
                    .tags(&own.tags)
            }),
    );
    let task_policies = m.resource(
        aws::IamRolePolicy::new("task", Expr::<Str>::null(), Expr::<Str>::null())
            .comment("Packages are read and written, never deleted: what was published stays.")
            .for_each(toset::<Str>(SERVICES), |_, each| {
                aws::IamRolePolicy::new("task", packages(inputs), tasks.get(each.key()).id())
                    .name("packages")
            }),
    );
    Roles {
        execution,
        tasks,
        execution_policy,
        execution_attachment,
        task_policies,
    }
}

/// What reading and writing packages needs.
fn packages(inputs: &Inputs) -> Expr<Str> {
    document([
        allow("s3:ListBucket").on(&inputs.bucket_arn),
        allow(["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"])
            .on(within(&inputs.bucket_arn, "/*")),
        allow("secretsmanager:GetSecretValue").on(&inputs.storage),
        allow(["kms:Decrypt", "kms:GenerateDataKey"]).on(&inputs.key),
    ])
}
