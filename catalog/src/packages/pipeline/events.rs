//! EventBridge rules that start the pipeline on a change of a source that has no connection.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Entry};

use super::{Common, Inputs};
use crate::aws::fragments::service_role::service_role;
use crate::aws::policy::{allow, document};

/// Declares a rule for the source, unless it is GitHub, and a rule for the mirror of a GitHub repository. The patterns
/// follow "CodeCommit source actions and EventBridge", "Amazon ECR source actions and EventBridge resources", and
/// "Connecting to Amazon S3 source actions that use EventBridge", CodePipeline user guide.
pub(super) fn events(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    pipeline: &aws::CodepipelineReference,
) {
    m.file("events");
    let source = &inputs.source_repository;
    let provider: Expr<Str> = source.attribute("provider");
    let patterns = m
        .local("source_patterns", patterns(inputs, common))
        .comment("CodePipeline itself starts on a push to GitHub.");
    let mirror: Expr<Str> = source.attribute("mirror");
    let starts = m.local(
        "event_patterns",
        merge([
            conditional(
                provider.equals("github"),
                tomap::<Str>(object_value([])),
                [("source", lookup(&patterns, &provider, ""))],
            ),
            conditional(
                mirror.is_null(),
                tomap::<Str>(object_value([])),
                [("mirror", commits(inputs, common, &mirror))],
            ),
        ]),
    );
    let starter = m.resource(
        service_role(
            "events",
            &common.own,
            "-events",
            "events.amazonaws.com",
            &common.account,
        )
        .description("Starts the pipeline.")
        .when(length(&starts).greater_than(0)),
    );
    m.resource(
        aws::IamRolePolicy::new(
            "events",
            document([allow("codepipeline:StartPipelineExecution").on(pipeline.arn())]),
            starter.assumed().id(),
        )
        .name("start")
        .when(length(&starts).greater_than(0)),
    );
    let rules = m.resource(aws::CloudwatchEventRule::new("this").for_each(
        &starts,
        |rule, each| {
            rule.name(common.own.named_after(each.key()))
                .description("Starts the pipeline on a change.")
                .event_pattern(each.value())
                .tags(&inputs.tags)
        },
    ));
    m.resource(
        aws::CloudwatchEventTarget::new("this", Expr::<Str>::null(), Expr::<Str>::null()).for_each(
            &starts,
            |_, each| {
                aws::CloudwatchEventTarget::new(
                    "this",
                    pipeline.arn(),
                    rules.get(each.key()).name(),
                )
                .target_id("pipeline")
                .role_arn(starter.assumed().arn())
            },
        ),
    );
}

/// Returns the event pattern of every source provider.
fn patterns(inputs: &Inputs<Declared>, common: &Common) -> Expr<Map<Str>> {
    let source = &inputs.source_repository;
    let name: Expr<Str> = source.attribute("name");
    let image = pattern(
        "aws.ecr",
        "ECR Image Action",
        [entry(
            "detail",
            object_value([
                entry("action-type", ["PUSH"]),
                entry("image-tag", [source.attribute::<Str>("image_tag")]),
                entry("repository-name", [name.clone()]),
                entry("result", ["SUCCESS"]),
            ]),
        )],
    );
    let object = pattern(
        "aws.s3",
        "Object Created",
        [entry(
            "detail",
            object_value([
                entry("bucket", object_value([entry("name", [name.clone()])])),
                entry(
                    "object",
                    object_value([entry("key", [source.attribute::<Str>("object_key")])]),
                ),
            ]),
        )],
    );
    [
        ("codecommit", commits(inputs, common, &name)),
        ("ecr", image),
        ("s3", object),
    ]
    .into_expr()
}

/// Returns the pattern for commits to the branch of a CodeCommit repository.
fn commits(inputs: &Inputs<Declared>, common: &Common, repository: &Expr<Str>) -> Expr<Str> {
    let branch: Expr<Str> = inputs.source_repository.attribute("branch");
    let arn = repository_arn(common, repository);
    pattern(
        "aws.codecommit",
        "CodeCommit Repository State Change",
        [
            entry("resources", [arn]),
            entry(
                "detail",
                object_value([
                    entry("event", ["referenceCreated", "referenceUpdated"]),
                    entry("referenceType", ["branch"]),
                    entry("referenceName", [branch]),
                ]),
            ),
        ],
    )
}

/// Returns the ARN of a CodeCommit repository in the account and region.
pub(super) fn repository_arn(common: &Common, repository: &Expr<Str>) -> Expr<Str> {
    template([
        common.place.regional_arn("codecommit", ":").into(),
        repository.into(),
    ])
}

fn pattern<const N: usize>(source: &str, kind: &str, more: [Entry; N]) -> Expr<Str> {
    let first = [entry("source", [source]), entry("detail-type", [kind])];
    jsonencode(object_value(first.into_iter().chain(more)))
}
