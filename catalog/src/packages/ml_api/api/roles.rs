//! IAM roles: the execution role, and a task role for each service.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Many};

use super::Inputs;
use crate::aws::conventions::Identity;
use crate::aws::fragments::service_role::service_role;
use crate::aws::inputs::ONLY_IN_AWS;
use crate::aws::policy::{allow, allow_key_via, document, trusted_by};

/// Service principal for ECS tasks.
const TASKS: &str = "ecs-tasks.amazonaws.com";
/// Actions of the services on sessions.
const SESSIONS: [&str; 5] = [
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
];

/// References to the roles and to the policies that tasks require to start.
pub(super) struct Roles {
    pub(super) execution: aws::IamRoleReference,
    pub(super) tasks: Many<aws::IamRoleReference>,
    pub(super) execution_policy: tfmodgen::Maybe<aws::IamRolePolicyReference>,
    pub(super) execution_attachment: aws::IamRolePolicyAttachmentReference,
    pub(super) task_policies: Many<aws::IamRolePolicyReference>,
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
    let secrets =
        values::<Object>(&inputs.secrets).map("secret", |secret| secret.attribute::<Str>("arn"));
    let execution_policy = m.resource(
        aws::IamRolePolicy::new(
            "execution",
            document([
                allow("secretsmanager:GetSecretValue").on(&secrets),
                allow_key_via("kms:Decrypt", &inputs.kms_key_arn, "secretsmanager", &region)
                    .provided("StringEquals", "kms:EncryptionContext:SecretARN", &secrets),
            ]),
            execution.id(),
        )
        .comment("The AWS managed policy does not allow access to secrets. Tasks require this access to start.")
        .name("secrets")
        .when(length(&inputs.secrets).greater_than(0)),
    );
    let tasks = m.resource(
        aws::IamRole::new("task", trusted_by(TASKS, &inputs.account_id))
            .comment("Each service has a separate role because permissions can differ.")
            .for_each(
                toset::<Str>(keys::<Object>(&inputs.services)),
                |role, each| {
                    role.name(template([
                        (&own.name).into(),
                        "-".into(),
                        each.key().into(),
                        "-task".into(),
                    ]))
                    .description(template([
                        "Task role of the service ".into(),
                        each.key().into(),
                        ".".into(),
                    ]))
                    .tags(&own.tags)
                },
            ),
    );
    let task_policies = m.resource(
        aws::IamRolePolicy::new("task", Expr::<Str>::null(), Expr::<Str>::null())
            .comment("Services read the password of the database when they connect because RDS rotates it.")
            .for_each(toset::<Str>(keys::<Object>(&inputs.services)), |_, each| {
                aws::IamRolePolicy::new(
                    "task",
                    data_access(inputs, &region),
                    tasks.get(each.key()).id(),
                )
                .name("data")
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

/// Returns the policy that allows access to sessions and to the password of the database. Source for the encryption
/// contexts: "Secret encryption and decryption", Secrets Manager user guide, and "DynamoDB encryption context", DynamoDB
/// developer guide.
fn data_access(inputs: &Inputs<Declared>, region: &Expr<Str>) -> Expr<Str> {
    document([
        allow(SESSIONS).on(&inputs.session_table_arn),
        allow_key_via("kms:Decrypt", &inputs.kms_key_arn, "dynamodb", region).provided(
            "StringEquals",
            "kms:EncryptionContext:aws:dynamodb:tableName",
            &inputs.session_table_name,
        ),
        allow("secretsmanager:GetSecretValue").on(&inputs.database_secret_arn),
        allow_key_via("kms:Decrypt", &inputs.kms_key_arn, "secretsmanager", region).provided(
            "StringEquals",
            "kms:EncryptionContext:SecretARN",
            &inputs.database_secret_arn,
        ),
    ])
}
