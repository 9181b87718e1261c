//! IAM roles: the execution role, and a task role for each service.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Many};

use super::{Inputs, SERVICES};
use crate::aws::conventions::Identity;
use crate::aws::fragments::service_role::service_role;
use crate::aws::inputs::ONLY_IN_AWS;
use crate::aws::policy::{Statement, allow, allow_key_via, deny, document, trusted_by, within};

/// Service principal for ECS tasks.
const TASKS: &str = "ecs-tasks.amazonaws.com";

/// References to the roles and to the policies that tasks require to start.
pub(super) struct Roles {
    pub(super) execution: aws::IamRoleReference,
    pub(super) tasks: Many<aws::IamRoleReference>,
    pub(super) execution_policy: aws::IamRolePolicyReference,
    pub(super) execution_attachment: aws::IamRolePolicyAttachmentReference,
    pub(super) task_policies: Many<aws::IamRolePolicyReference>,
    pub(super) signing_policy: aws::IamRolePolicyReference,
}

/// Declares the roles.
pub(super) fn roles(m: &mut Module, own: &Identity, inputs: &Inputs<Declared>) -> Roles {
    m.file("roles");
    let partition = m.data(data::Partition::new("current"));
    let region = m.data(data::Region::new("current")).id();
    let execution = m.resource(
        service_role("execution", own, "-execution", TASKS, &inputs.account_id)
            .description("Execution role for tasks: pulls images, reads secrets, and writes logs.")
            .precondition(partition.partition().equals("aws"), ONLY_IN_AWS),
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
                allow("secretsmanager:GetSecretValue").on(&inputs.database_url_secret_arn),
                decrypts_secret(inputs, &region, &inputs.database_url_secret_arn),
            ]),
            execution.id(),
        )
        .comment("The AWS managed policy does not allow access to secrets. Tasks require this access to start.")
        .name("secrets"),
    );

    let tasks = m.resource(
        aws::IamRole::new("task", trusted_by(TASKS, &inputs.account_id))
            .comment("Each service has a separate role because permissions can differ.")
            .for_each(toset::<Str>(SERVICES), |role, each| {
                role.name(template([
                    (&own.name).into(),
                    "-".into(),
                    each.key().into(),
                    "-task".into(),
                ]))
                .description(template([
                    "Task role of the ".into(),
                    each.key().into(),
                    ".".into(),
                ]))
                .tags(&own.tags)
            }),
    );
    let task_policies = m.resource(
        aws::IamRolePolicy::new("task", Expr::<Str>::null(), Expr::<Str>::null())
            .comment("Allows reading and writing packages, but not deleting them, because published packages are permanent.")
            .for_each(toset::<Str>(SERVICES), |_, each| {
                aws::IamRolePolicy::new(
                    "task",
                    packages(inputs, &region),
                    tasks.get(each.key()).id(),
                )
                .name("packages")
            }),
    );
    let signing_policy = signing_policy(m, inputs, &region, &tasks.get("worker"));
    Roles {
        execution,
        tasks,
        execution_policy,
        execution_attachment,
        task_policies,
        signing_policy,
    }
}

/// Declares the policy that allows the worker to read the signing key.
fn signing_policy(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    region: &Expr<Str>,
    worker: &aws::IamRoleReference,
) -> aws::IamRolePolicyReference {
    m.resource(
        aws::IamRolePolicy::new(
            "signing",
            document([
                allow("secretsmanager:GetSecretValue").on(&inputs.signing_key_secret_arn),
                decrypts_secret(inputs, region, &inputs.signing_key_secret_arn),
            ]),
            worker.id(),
        )
        .comment("The worker signs packages.")
        .name("signing"),
    )
}

/// Returns the policy that allows reading and writing packages. Objects below `.well-known/` represent the whole
/// registry, so tasks cannot write them. The encryption context is the bucket ARN if the bucket has a bucket key, and
/// otherwise the object ARN. Source: "Encryption context", in "Using server-side encryption with AWS KMS keys", S3 user
/// guide.
fn packages(inputs: &Inputs<Declared>, region: &Expr<Str>) -> Expr<Str> {
    let writes = ["s3:PutObject", "s3:AbortMultipartUpload"];
    document([
        allow("s3:ListBucket").on(&inputs.package_bucket_arn),
        allow(["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"])
            .on(within(&inputs.package_bucket_arn, "/*")),
        deny(writes)
            .named("WellKnown")
            .on(within(&inputs.package_bucket_arn, "/.well-known/*")),
        allow("secretsmanager:GetSecretValue").on(&inputs.storage_secret_arn),
        decrypts_secret(inputs, region, &inputs.storage_secret_arn),
        allow_key_via(
            ["kms:Decrypt", "kms:GenerateDataKey"],
            &inputs.kms_key_arn,
            "s3",
            region,
        )
        .provided(
            "StringLike",
            "kms:EncryptionContext:aws:s3:arn",
            [
                (*inputs.package_bucket_arn).clone(),
                within(&inputs.package_bucket_arn, "/*"),
            ],
        ),
    ])
}

/// Returns the statement that allows decrypting a secret through Secrets Manager.
/// Source: "Secret encryption and decryption", Secrets Manager user guide.
fn decrypts_secret(inputs: &Inputs<Declared>, region: &Expr<Str>, secret: &Expr<Str>) -> Statement {
    allow_key_via("kms:Decrypt", &inputs.kms_key_arn, "secretsmanager", region).provided(
        "StringEquals",
        "kms:EncryptionContext:SecretARN",
        secret,
    )
}
