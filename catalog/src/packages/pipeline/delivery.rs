//! The pipeline with its stages.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local, NestedBlock};

use super::artifacts::Stores;
use super::build::Projects;
use super::source::{Source, is};
use super::stages::SOURCE_ARTIFACT;
use super::{Common, Inputs, roles};

/// Name of the stage and the action that read the source.
const SOURCE: &str = "Source";

/// Objects that the pipeline uses.
pub(super) struct Uses<'a> {
    pub(super) key: &'a Local<Str>,
    pub(super) stores: &'a Stores,
    pub(super) source: &'a Source,
    pub(super) projects: &'a Projects,
}

/// Declares the role and the pipeline.
pub(super) fn pipeline(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    uses: &Uses<'_>,
) -> aws::CodepipelineReference {
    m.file("pipeline");
    let (role, policy) = roles::pipeline(m, inputs, common, uses);
    let sources = m.local("source_configurations", configurations(inputs, uses)).comment(
        "Without DetectChanges and PollForSourceChanges, only the trigger or an event starts the pipeline.",
    );
    let names = m.local("project_names", uses.projects.names());
    let store = aws::CodepipelineArtifactStore::new(uses.stores.bucket.bucket(), "S3")
        .encryption_key(aws::CodepipelineArtifactStoreEncryptionKey::new(
            uses.key, "KMS",
        ));
    let mut pipeline = aws::Codepipeline::new(
        "this",
        &common.prefix,
        role.arn(),
        store,
        source_stage(inputs, &sources),
    )
    .pipeline_type("V2")
    .execution_mode("QUEUED")
    .argument_comment("An execution waits for the one before it. No commit is skipped.")
    .tags(&inputs.tags)
    .depends_on(&policy);
    pipeline
        .block()
        .body()
        .nest_each("stage", &inputs.stages, |stage| {
            let mut block = NestedBlock::new("stage");
            block.body().set::<Str>("name", stage.get::<Str>("name"));
            block
                .body()
                .nest_each("action", stage.get::<List<Object>>("actions"), |each| {
                    action(inputs, &names, &each.value())
                });
            block
        });
    let paths: Expr<List<Str>> = inputs.source_repository.attribute("file_paths");
    let none: Expr<List<List<Str>>> = Vec::<Expr<List<Str>>>::new().into_expr();
    let given = conditional(paths.is_null(), none, [paths]);
    let github: Expr<List<Str>> = conditional(
        is(inputs, "github"),
        tolist::<Str>([inputs.source_repository.attribute::<Str>("branch")]),
        Vec::<&str>::new(),
    );
    let pipeline = pipeline.trigger_for_each(github, |branch| {
        let branches =
            aws::CodepipelineTriggerGitConfigurationPushBranches::new().includes([branch.value()]);
        let push = aws::CodepipelineTriggerGitConfigurationPush::new()
            .branches(branches)
            .file_paths_for_each(&given, |paths| {
                aws::CodepipelineTriggerGitConfigurationPushFilePaths::new().includes(paths.value())
            });
        let git = aws::CodepipelineTriggerGitConfiguration::new(SOURCE).push(push);
        aws::CodepipelineTrigger::new("CodeStarSourceConnection", git)
    });
    m.resource(pipeline)
}

/// Returns the stage that reads the source.
fn source_stage(
    inputs: &Inputs<Declared>,
    sources: &Local<Map<Map<Str>>>,
) -> aws::CodepipelineStage {
    let provider: Expr<Str> = inputs.source_repository.attribute("provider");
    let providers: Expr<Map<Str>> = [
        ("github", "CodeStarSourceConnection"),
        ("codecommit", "CodeCommit"),
        ("ecr", "ECR"),
        ("s3", "S3"),
    ]
    .into_expr();
    let action =
        aws::CodepipelineStageAction::new("Source", SOURCE, "AWS", providers.get(&provider), "1")
            .configuration(sources.get(provider))
            .output_artifacts([SOURCE_ARTIFACT]);
    aws::CodepipelineStage::new(SOURCE, action)
}

/// Returns the configuration of the source action for every provider. Source: "Action structure reference", CodePipeline
/// user guide.
fn configurations(inputs: &Inputs<Declared>, uses: &Uses<'_>) -> Expr<Map<Map<Str>>> {
    let source = |name: &str| inputs.source_repository.attribute::<Str>(name);
    let map = |entries: Vec<(&'static str, Expr<Str>)>| IntoExpr::<Map<Str>>::into_expr(entries);
    [
        (
            "github",
            map(vec![
                ("BranchName", source("branch")),
                ("ConnectionArn", (*uses.source.connection_arn).clone()),
                ("DetectChanges", "false".into_expr()),
                ("FullRepositoryId", source("name")),
                ("OutputArtifactFormat", "CODE_ZIP".into_expr()),
            ]),
        ),
        (
            "codecommit",
            map(vec![
                ("BranchName", source("branch")),
                ("OutputArtifactFormat", "CODE_ZIP".into_expr()),
                ("PollForSourceChanges", "false".into_expr()),
                ("RepositoryName", source("name")),
            ]),
        ),
        (
            "ecr",
            map(vec![
                ("ImageTag", source("image_tag")),
                ("RepositoryName", source("name")),
            ]),
        ),
        (
            "s3",
            map(vec![
                ("PollForSourceChanges", "false".into_expr()),
                ("S3Bucket", source("name")),
                ("S3ObjectKey", source("object_key")),
            ]),
        ),
    ]
    .into_expr()
}

/// Returns an action of a stage after Source.
fn action(
    inputs: &Inputs<Declared>,
    names: &Local<Map<Str>>,
    action: &Expr<Object>,
) -> aws::CodepipelineStageAction {
    let ty: Expr<Str> = action.attribute("type");
    let of = |values: [(&str, &str); 4]| -> Expr<Str> {
        let values: Expr<Map<Str>> = values.into_expr();
        values.get(&ty)
    };
    let category = of([
        ("approval", "Approval"),
        ("build", "Build"),
        ("ecs", "Deploy"),
        ("test", "Test"),
    ]);
    let provider = of([
        ("approval", "Manual"),
        ("build", "CodeBuild"),
        ("ecs", "ECS"),
        ("test", "CodeBuild"),
    ]);
    let inputs_of: Expr<List<Str>> = action.attribute("inputs");
    let project = conditional(
        one_of(&ty, ["build", "test"]),
        names.get(action.attribute::<Str>("project")),
        Expr::null(),
    );
    let primary = conditional(
        length(&inputs_of).greater_than(1),
        inputs_of.at(0),
        Expr::null(),
    );
    let service = |member: &str| {
        conditional(
            ty.equals("ecs"),
            inputs.ecs_service.attribute::<Str>(member),
            Expr::null(),
        )
    };
    let all: Expr<Map<Str>> = [
        ("ProjectName", project),
        ("PrimarySource", primary),
        ("ClusterName", service("cluster_name")),
        ("ServiceName", service("service_name")),
        (
            "FileName",
            conditional(ty.equals("ecs"), "imagedefinitions.json", Expr::null()),
        ),
    ]
    .into_expr();
    let configuration = all
        .iterate("name", "value")
        .filter(|_, value| value.is_set())
        .into_map(|name, value| (name, value));
    aws::CodepipelineStageAction::new(
        category,
        action.attribute::<Str>("name"),
        "AWS",
        provider,
        "1",
    )
    .configuration(configuration)
    .input_artifacts(inputs_of)
    .output_artifacts(action.attribute::<List<Str>>("outputs"))
    .run_order(action.attribute::<Num>("run_order"))
}
