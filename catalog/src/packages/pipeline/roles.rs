//! IAM roles for the projects and for the pipeline. Each role can use only the objects that its actions use.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local, Many};

use super::artifacts::Stores;
use super::delivery::Uses;
use super::events::repository_arn;
use super::source::is;
use super::{Common, Inputs};
use crate::aws::fragments::service_role::service_role;
use crate::aws::inputs::ONLY_IN_AWS;
use crate::aws::policy::{Statement, allow, document, trusted_by, within};

/// Actions that are required to push an image to a repository. Source: "IAM permissions for pushing an image", ECR user
/// guide. BuildKit also reads existing manifests and layers.
const PUSH: [&str; 7] = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
];

/// Declares a role for each project.
pub(super) fn build(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    key: &Local<Str>,
    stores: &Stores,
    groups: &Many<aws::CloudwatchLogGroupReference>,
) -> Many<aws::IamRoleReference> {
    let roles = m.resource(
        aws::IamRole::new(
            "build",
            trusted_by("codebuild.amazonaws.com", &common.account),
        )
        .for_each(&inputs.projects, |role, each| {
            role.name(template([
                (&common.prefix).into(),
                "-build-".into(),
                each.key().into(),
            ]))
            .description(template([
                "Runs the project ".into(),
                each.key().into(),
                ".".into(),
            ]))
            .tags(&inputs.tags)
        }),
    );
    m.resource(
        aws::IamRolePolicy::new("build", Expr::<Str>::null(), Expr::<Str>::null())
            .comment("A project reads the artifacts of earlier actions, writes its own artifacts, and writes its log.")
            .for_each(&inputs.projects, |_, each| {
                let builds_image: Expr<Bool> = each.get("builds_image");
                let group = groups.get(each.key());
                let mut statements = Vec::from(artifacts(key, stores));
                statements.push(
                    allow(["logs:CreateLogStream", "logs:PutLogEvents"])
                        .named("Logs")
                        .on(within(&group.arn(), ":*")),
                );
                statements.push(
                    allow(PUSH)
                        .named("Push")
                        .on(&stores.repository_arn)
                        .when(&builds_image),
                );
                statements.push(
                    allow("ecr:GetAuthorizationToken")
                        .named("Login")
                        .on("*")
                        .when(&builds_image),
                );
                aws::IamRolePolicy::new(
                    "build",
                    document(statements),
                    roles.get(each.key()).id(),
                )
                .name("build")
                .argument_comment("ecr:GetAuthorizationToken applies to the whole registry and does not support resource-level permissions.")
            }),
    );
    roles
}

/// Returns the statements for artifacts, which all actions read and write. The key is used as in "Encrypt build outputs
/// using a customer managed key", CodeBuild user guide.
fn artifacts(key: &Local<Str>, stores: &Stores) -> [Statement; 2] {
    [
        allow(["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"])
            .named("Artifacts")
            .on(within(&stores.bucket.arn(), "/*")),
        allow([
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey*",
            "kms:ReEncrypt*",
        ])
        .named("ArtifactKey")
        .on(key),
    ]
}

/// Declares the role of the pipeline.
pub(super) fn pipeline(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    uses: &Uses<'_>,
) -> (aws::IamRoleReference, aws::IamRolePolicyReference) {
    let role = m.resource(
        service_role(
            "pipeline",
            &common.own,
            "-pipeline",
            "codepipeline.amazonaws.com",
            &common.account,
        )
        .description("Runs the actions of the pipeline.")
        .precondition(common.place.partition().equals("aws"), ONLY_IN_AWS),
    );
    let mut statements = Vec::from(artifacts(uses.key, uses.stores));
    statements.push(
        allow([
            "s3:GetBucketAcl",
            "s3:GetBucketLocation",
            "s3:GetBucketVersioning",
        ])
        .named("ArtifactBucket")
        .on(uses.stores.bucket.arn()),
    );
    statements.push(
        allow(["codebuild:BatchGetBuilds", "codebuild:StartBuild"])
            .named("Builds")
            .on(uses.projects.arns()),
    );
    statements.extend(sources(inputs, common, uses));
    statements.extend(deployment(inputs, common));
    let policy = m.resource(
        aws::IamRolePolicy::new("pipeline", document(statements), role.id())
            .comment("Follows \"CodePipeline service role policy\" and the action reference in the CodePipeline user guide.")
            .name("pipeline"),
    );
    (role, policy)
}

/// Returns the statements for the source. Only the statements for its provider apply.
fn sources(inputs: &Inputs<Declared>, common: &Common, uses: &Uses<'_>) -> Vec<Statement> {
    let name: Expr<Str> = inputs.source_repository.attribute("name");
    let bucket = template(["arn:aws:s3:::".into(), (&name).into()]);
    let object = template([
        (&bucket).into(),
        "/".into(),
        r#try([
            coalesce([inputs.source_repository.attribute::<Str>("object_key")]),
            "".into_expr(),
        ])
        .into(),
    ]);
    vec![
        allow([
            "codeconnections:UseConnection",
            "codestar-connections:UseConnection",
        ])
        .named("Connection")
        .on(&uses.source.connection_arn)
        .when(&is(inputs, "github")),
        allow([
            "codecommit:CancelUploadArchive",
            "codecommit:GetBranch",
            "codecommit:GetCommit",
            "codecommit:GetRepository",
            "codecommit:GetUploadArchiveStatus",
            "codecommit:UploadArchive",
        ])
        .named("CodeCommit")
        .on(repository_arn(common, &name))
        .when(&is(inputs, "codecommit")),
        allow("ecr:DescribeImages")
            .named("SourceImages")
            .on(template([
                common.place.regional_arn("ecr", ":repository/").into(),
                (&name).into(),
            ]))
            .when(&is(inputs, "ecr")),
        allow([
            "s3:GetBucketAcl",
            "s3:GetBucketLocation",
            "s3:GetBucketVersioning",
        ])
        .named("SourceBucket")
        .on(bucket)
        .when(&is(inputs, "s3")),
        allow(["s3:GetObject", "s3:GetObjectVersion"])
            .named("SourceObject")
            .on(object)
            .when(&is(inputs, "s3")),
    ]
}

/// Returns the statements for actions of the type `ecs`. Source: "Amazon ECS and CodeDeploy blue-green", "Amazon ECS
/// deploy action reference", CodePipeline user guide.
fn deployment(inputs: &Inputs<Declared>, common: &Common) -> Vec<Statement> {
    let service = &inputs.ecs_service;
    let exists = service.is_set();
    let name = |member: &str| service.attribute::<Str>(member);
    let family = coalesce([name("task_definition_family"), name("service_name")]);
    vec![
        allow(["ecs:DescribeServices", "ecs:UpdateService"])
            .named("Service")
            .on(template([
                common.place.regional_arn("ecs", ":service/").into(),
                name("cluster_name").into(),
                "/".into(),
                name("service_name").into(),
            ]))
            .when(&exists),
        allow(["ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition"])
            .named("TaskDefinitions")
            .on("*")
            .when(&exists),
        allow("ecs:TagResource")
            .named("TaskDefinitionTags")
            .on(template([
                common.place.regional_arn("ecs", ":task-definition/").into(),
                family.into(),
                ":*".into(),
            ]))
            .provided(
                "StringEquals",
                "ecs:CreateAction",
                ["RegisterTaskDefinition"],
            )
            .when(&exists),
        allow("iam:PassRole")
            .named("TaskRoles")
            .on(service.attribute::<List<Str>>("role_arns"))
            .provided(
                "StringEquals",
                "iam:PassedToService",
                ["ecs-tasks.amazonaws.com"],
            )
            .when(&exists),
    ]
}
