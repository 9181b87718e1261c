//! CodeBuild projects, their build specifications, log groups, and roles.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local, Many, Variable};

use super::artifacts::Stores;
use super::{Common, Inputs, roles};
use crate::aws::fragments::log_group::LogSettings;
use crate::aws::inputs::whole;

/// Build specifications by the key of their project.
pub(super) const BUILDSPECS: [(&str, &str); 4] = [
    (
        "image",
        include_str!("../../../../templates/buildspecs/image.yml"),
    ),
    (
        "integration-test",
        include_str!("../../../../templates/buildspecs/integration-test.yml"),
    ),
    (
        "security-scan",
        include_str!("../../../../templates/buildspecs/security-scan.yml"),
    ),
    (
        "unit-test",
        include_str!("../../../../templates/buildspecs/unit-test.yml"),
    ),
];

/// Returns the path to a build specification, relative to the package.
pub(super) fn path(name: &str) -> String {
    format!("buildspecs/{name}.yml")
}

/// References to the projects.
pub(super) struct Projects {
    many: Many<aws::CodebuildProjectReference>,
}

impl Projects {
    /// Returns the names of the projects by key.
    pub(super) fn names(&self) -> Expr<Map<Str>> {
        self.many.map(|project| project.name())
    }

    /// Returns the ARNs of the projects.
    pub(super) fn arns(&self) -> Expr<List<Str>> {
        self.many.list(|project| project.arn())
    }
}

/// Declares the projects as an input.
pub(super) fn input(input: NewInput<'_>) -> Variable<Map<Object>> {
    let project = |key: &str, entries: Vec<tfmodgen::Entry>| {
        object_value([tfmodgen::Entry::computed(key, object_value(entries))]).typed::<Map<Object>>()
    };
    let text = || entry("buildspec", "version: 0.2");
    let default = BUILDSPECS.map(|(key, _)| {
        let image = (key == "image").then(|| entry("builds_image", true));
        tfmodgen::Entry::computed(key, object_value(image))
    });
    input
        .declare(map(
            object()
                .optional("buildspec", string())
                .optional_or("builds_image", bool(), false)
                .optional_or("image", string(), "aws/codebuild/standard:7.0")
                .optional_or("compute_type", string(), "BUILD_GENERAL1_SMALL")
                .optional_or("timeout_minutes", number(), 30)
                .optional_or("environment", map(string()), Vec::<(&str, &str)>::new()),
        ))
        .describe("CodeBuild projects by key. Each project has a role, a log group, and a build specification in YAML. The keys `image`, `integration-test`, `security-scan`, and `unit-test` have a default build specification. If `builds_image` is `true`, the project runs in privileged mode and can push to the image repository. `environment` contains environment variables, which are not secret.")
        .default(object_value(default).typed::<Map<Object>>())
        .validate(
            |projects| {
                keys(projects).all("name", |key| {
                    matches("^[a-z](-?[a-z0-9])*$", &key).and(length(key).at_most(40))
                })
            },
            "Keys must be 1 to 40 lowercase letters, digits, and single hyphens, start with a letter, and not end with a hyphen.",
        )
        .refuses(project("Unit", vec![text()]))
        .validate(
            |projects| {
                let specified = projects.iterate("key", "project").into_list(|key, project| {
                    let own: Expr<Str> = project.attribute("buildspec");
                    own.is_set()
                        .or(contains::<Str>(BUILDSPECS.map(|(key, _)| key), key))
                });
                alltrue(specified)
            },
            "Set buildspec for every project whose key is not image, integration-test, security-scan, or unit-test.",
        )
        .refuses(project("lint", vec![]))
        .validate(
            |projects| {
                projects.all("project", |project| {
                    one_of(
                        project.attribute::<Str>("compute_type"),
                        [
                            "BUILD_GENERAL1_SMALL",
                            "BUILD_GENERAL1_MEDIUM",
                            "BUILD_GENERAL1_LARGE",
                        ],
                    )
                })
            },
            "The value of compute_type must be BUILD_GENERAL1_SMALL, BUILD_GENERAL1_MEDIUM, or BUILD_GENERAL1_LARGE.",
        )
        .refuses(project("image", vec![entry("compute_type", "small")]))
        .validate(
            |projects| {
                projects.all("project", |project| {
                    whole(&project.attribute("timeout_minutes"), 5, 2160)
                })
            },
            "The value of timeout_minutes must be an integer from 5 to 2160.",
        )
        .refuses(project("image", vec![entry("timeout_minutes", 1)]))
}

/// Declares the projects with their log groups and roles.
pub(super) fn projects(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    key: &Local<Str>,
    stores: &Stores,
) -> Projects {
    m.file("build");
    let logs = LogSettings {
        retention_days: &inputs.log_retention_days,
        kms_key_arn: key,
        tags: &inputs.tags,
    };
    let groups = m.resource(
        logs.group("build")
            .for_each(&inputs.projects, |group, each| {
                group.name(template([
                    "/aws/codebuild/".into(),
                    (&common.prefix).into(),
                    "-".into(),
                    each.key().into(),
                ]))
            }),
    );
    let roles = roles::build(m, inputs, common, key, stores, &groups);
    let many = m.resource(
        aws::CodebuildProject::new(
            "this",
            Expr::<Str>::null(),
            Expr::<Str>::null(),
            aws::CodebuildProjectArtifacts::new("CODEPIPELINE"),
            environment(inputs, stores, &Expr::null()),
            aws::CodebuildProjectSource::new("CODEPIPELINE"),
        )
        .for_each(&inputs.projects, |_, each| {
            let name = each.key();
            let file = template([
                path_module().into(),
                "/buildspecs/".into(),
                name.clone().into(),
                ".yml".into(),
            ]);
            let given: Expr<Str> = each.get("buildspec");
            let group = groups.get(name.clone());
            aws::CodebuildProject::new(
                "this",
                common.own.named_after(name.clone()),
                roles.get(name).arn(),
                aws::CodebuildProjectArtifacts::new("CODEPIPELINE"),
                environment(inputs, stores, &each.value()),
                aws::CodebuildProjectSource::new("CODEPIPELINE").buildspec(conditional(
                    given.is_null(),
                    tfmodgen::functions::file(file),
                    given,
                )),
            )
            .build_timeout(each.get::<Num>("timeout_minutes"))
            .encryption_key(key)
            .logs_config(aws::CodebuildProjectLogsConfig::new().cloudwatch_logs(
                aws::CodebuildProjectLogsConfigCloudwatchLogs::new().group_name(group.name()),
            ))
            .tags(&inputs.tags)
        }),
    );
    Projects { many }
}

/// Returns the build environment of a project. Projects that build an image receive the URL of the repository and the
/// name of the container.
fn environment(
    inputs: &Inputs<Declared>,
    stores: &Stores,
    project: &Expr<Object>,
) -> aws::CodebuildProjectEnvironment {
    let builds_image: Expr<Bool> = project.attribute("builds_image");
    let container = r#try([
        inputs.ecs_service.attribute::<Str>("container_name"),
        "app".into_expr(),
    ]);
    let own = merge([
        conditional(
            &builds_image,
            tomap::<Str>(object_value([
                entry("CONTAINER_NAME", container),
                entry("IMAGE_REPOSITORY_URL", &stores.repository_url),
            ])),
            tomap::<Str>(object_value([])),
        ),
        project.attribute::<Map<Str>>("environment"),
    ]);
    aws::CodebuildProjectEnvironment::new(
        project.attribute::<Str>("compute_type"),
        project.attribute::<Str>("image"),
        "LINUX_CONTAINER",
    )
    .privileged_mode(builds_image)
    .argument_comment("checkov:skip=CKV_AWS_316:Only projects with builds_image run Docker.")
    .environment_variable_for_each(own, |each| {
        aws::CodebuildProjectEnvironmentEnvironmentVariable::new(each.key(), each.value())
    })
}
