//! The stages after Source, as an input: their types, their rules, and the default of the product requirements.

use tfmodgen::prelude::*;
use tfmodgen::{Declared, Variable};

use super::Inputs;

/// Name of the artifact that the Source stage produces.
pub(super) const SOURCE_ARTIFACT: &str = "source";
/// Types of actions that run a CodeBuild project.
const BUILDS: [&str; 2] = ["build", "test"];
/// Pattern for the name of a stage or an action. Source: "StageDeclaration" and "ActionDeclaration", CodePipeline API
/// reference.
const NAME: &str = "^[A-Za-z0-9.@_-]{1,100}$";
/// Pattern for the name of an artifact. Source: "OutputArtifact", CodePipeline API reference.
const ARTIFACT: &str = "^[A-Za-z0-9_-]{1,100}$";

/// Declares the stages.
pub(super) fn stages(input: NewInput<'_>, projects: &Expr<Map<Object>>) -> Variable<List<Object>> {
    let action = object()
        .required("name", string())
        .required("type", string())
        .optional("project", string())
        .optional_or("inputs", list(string()), Vec::<&str>::new())
        .optional_or("outputs", list(string()), Vec::<&str>::new())
        .optional_or("run_order", number(), 1);
    let stages = input
        .declare(list(
            object()
                .required("name", string())
                .required("actions", list(action)),
        ))
        .describe("Stages after Source, in their order. An action has the type `build`, `test`, `approval`, or `ecs`. Actions of the types `build` and `test` run the CodeBuild project with the key `project`. `inputs` are artifacts that earlier actions produce as `outputs`. The Source stage produces the artifact `source`. Actions with the same `run_order` run in parallel. By default, the stages are Build, Test, SecurityScan, and Deploy.")
        .default(default());
    let stages = names(stages);
    let stages = types(stages, projects);
    artifacts(stages)
}

/// Returns the stages of the product requirements. Unit and integration tests run in parallel.
fn default() -> Expr<List<Object>> {
    let with = |name: &str, ty: &str, project: &str| {
        [
            entry("name", name),
            entry("type", ty),
            entry("project", project),
            entry("inputs", [SOURCE_ARTIFACT]),
        ]
    };
    let image = with("Image", "build", "image")
        .into_iter()
        .chain([entry("outputs", ["image"])]);
    let test = [
        object_value(with("Unit", "test", "unit-test")),
        object_value(with("Integration", "test", "integration-test")),
    ];
    let deploy = object_value([
        entry("name", "Service"),
        entry("type", "ecs"),
        entry("inputs", ["image"]),
    ]);
    [
        stage("Build", [object_value(image)]),
        stage("Test", test),
        stage(
            "SecurityScan",
            [object_value(with("Scan", "test", "security-scan"))],
        ),
        stage("Deploy", [deploy]),
    ]
    .into_expr()
}

/// Returns a stage with actions.
fn stage<const N: usize>(name: &str, actions: [Expr<Object>; N]) -> Expr<Object> {
    object_value([entry("name", name), entry("actions", actions)])
}

/// Returns one stage with one action, for values that a validation rejects.
fn one(ty: &str, project: Option<&str>, inputs: &[&str]) -> Expr<List<Object>> {
    let project = project.map(|project| entry("project", project));
    let action = [
        entry("name", "Action"),
        entry("type", ty),
        entry("inputs", IntoExpr::<List<Str>>::into_expr(inputs.to_vec())),
    ];
    [stage(
        "Build",
        [object_value(action.into_iter().chain(project))],
    )]
    .into_expr()
}

fn actions(stage: &Expr<Object>) -> Expr<List<Object>> {
    stage.attribute("actions")
}

/// Returns whether a condition is true for every action of every stage.
fn every_action(
    stages: &Expr<List<Object>>,
    condition: impl FnOnce(Expr<Object>) -> Expr<Bool>,
) -> Expr<Bool> {
    alltrue(flatten(
        stages.map("stage", |stage| actions(&stage).map("action", condition)),
    ))
}

fn names(stages: Variable<List<Object>>) -> Variable<List<Object>> {
    let named = |name: &Expr<Str>| matches(NAME, name);
    stages
        .validate(
            |stages| length(stages).at_least(1),
            "Must contain at least one stage.",
        )
        .refuses(Vec::<Expr<Object>>::new())
        .validate(
            |stages| stages.all("stage", |stage| length(actions(&stage)).at_least(1)),
            "Every stage must contain at least one action.",
        )
        .refuses([stage("Build", [])])
        .validate(
            |stages| {
                let names = stages.map("stage", |stage| stage.attribute::<Str>("name"));
                let all = concat([["Source"].into_expr(), names]);
                length(distinct(&all))
                    .equals(length(&all))
                    .and(all.all("name", |name| named(&name)))
            },
            "The names of stages must be unique, must not be Source, and must be 1 to 100 letters, digits, and the characters .@_-.",
        )
        .refuses([stage("Source", [object_value([entry("name", "Approve"), entry("type", "approval")])])])
        .validate(
            |stages| {
                stages.all("stage", |stage| {
                    let names = actions(&stage).map("action", |action| action.attribute::<Str>("name"));
                    length(distinct(&names))
                        .equals(length(&names))
                        .and(names.all("name", |name| named(&name)))
                })
            },
            "The names of the actions in a stage must be unique, and must be 1 to 100 letters, digits, and the characters .@_-.",
        )
        .refuses([stage("Build", [object_value([entry("name", "A b"), entry("type", "approval")])])])
}

fn types(stages: Variable<List<Object>>, projects: &Expr<Map<Object>>) -> Variable<List<Object>> {
    stages
        .validate(
            |stages| {
                every_action(stages, |action| {
                    one_of(
                        action.attribute::<Str>("type"),
                        ["build", "test", "approval", "ecs"],
                    )
                })
            },
            "The type of an action must be build, test, approval, or ecs.",
        )
        .refuses(one("lambda", None, &[SOURCE_ARTIFACT]))
        .validate(
            |stages| {
                every_action(stages, |action| {
                    let project: Expr<Str> = action.attribute("project");
                    conditional(
                        one_of(action.attribute::<Str>("type"), BUILDS),
                        r#try([contains(keys(projects), &project), false.into_expr()]),
                        project.is_null(),
                    )
                })
            },
            "The value of project must be a key of projects for actions of the types build and test, and must not be set for other actions.",
        )
        .refuses(one("build", None, &[SOURCE_ARTIFACT]))
        .refuses(one("build", Some("missing"), &[SOURCE_ARTIFACT]))
        .refuses(one("approval", Some("image"), &[]))
        .validate(
            |stages| {
                every_action(stages, |action| {
                    let order: Expr<Num> = action.attribute("run_order");
                    contains(range_by(1, 1000, 1), order)
                })
            },
            "The value of run_order must be an integer from 1 to 999.",
        )
        .refuses([stage(
            "Build",
            [object_value([
                entry("name", "Approve"),
                entry("type", "approval"),
                entry("run_order", 0),
            ])],
        )])
}

fn artifacts(stages: Variable<List<Object>>) -> Variable<List<Object>> {
    let inputs = |action: &Expr<Object>| action.attribute::<List<Str>>("inputs");
    let outputs = |action: &Expr<Object>| action.attribute::<List<Str>>("outputs");
    stages
        .validate(
            |stages| {
                every_action(stages, |action| {
                    let count = length(inputs(&action));
                    let ty: Expr<Str> = action.attribute("type");
                    conditional(
                        ty.equals("approval"),
                        count.equals(0).and(length(outputs(&action)).equals(0)),
                        conditional(
                            ty.equals("ecs"),
                            count.equals(1).and(length(outputs(&action)).equals(0)),
                            contains(range_by(1, 6, 1), count),
                        ),
                    )
                })
            },
            "An action of the type build or test must have 1 to 5 inputs, an action of the type ecs must have one input and no outputs, and an action of the type approval must have neither.",
        )
        .refuses(one("build", Some("image"), &[]))
        .refuses(one("ecs", None, &[]))
        .refuses(one("approval", None, &[SOURCE_ARTIFACT]))
        .validate(
            |stages| {
                let produced = flatten(flatten(stages.map("stage", |stage| {
                    actions(&stage).map("action", |action| outputs(&action))
                })));
                let all = concat([[SOURCE_ARTIFACT].into_expr(), produced]);
                length(distinct(&all))
                    .equals(length(&all))
                    .and(all.all("name", |name| matches(ARTIFACT, name)))
            },
            "The names of outputs must be unique, must not be source, and must be 1 to 100 letters, digits, hyphens, and underscores.",
        )
        .refuses([stage(
            "Build",
            [object_value([
                entry("name", "Image"),
                entry("type", "build"),
                entry("project", "image"),
                entry("inputs", [SOURCE_ARTIFACT]),
                entry("outputs", [SOURCE_ARTIFACT]),
            ])],
        )])
        .validate(
            are_produced_before,
            "An earlier action must produce each input: an action in an earlier stage, or an action with a lower run_order in the same stage. Otherwise, the actions form a cycle.",
        )
        .refuses(one("build", Some("image"), &["missing"]))
        .refuses(cycle())
}

/// Returns two actions that use each other's output.
fn cycle() -> Expr<List<Object>> {
    let action = |name: &str, project: &str, input: &str, output: &str| {
        object_value([
            entry("name", name),
            entry("type", "build"),
            entry("project", project),
            entry("inputs", [input]),
            entry("outputs", [output]),
        ])
    };
    [
        stage("Build", [action("Image", "image", "report", "image")]),
        stage("Test", [action("Unit", "unit-test", "image", "report")]),
    ]
    .into_expr()
}

/// Returns whether an earlier action produces every input.
fn are_produced_before(stages: &Expr<List<Object>>) -> Expr<Bool> {
    let order = |action: &Expr<Object>| action.attribute::<Num>("run_order");
    let checks = stages
        .iterate("position", "stage")
        .into_list(|position, stage| {
            actions(&stage).map("action", |action| {
                let earlier = stages
                    .iterate("other", "producing")
                    .into_list(|other, producing| {
                        actions(&producing)
                            .iterate("index", "producer")
                            .filter(|_, producer| {
                                other.less_than(&position).or(other
                                    .equals(&position)
                                    .and(order(&producer).less_than(order(&action))))
                            })
                            .into_list(|_, producer| producer.attribute::<List<Str>>("outputs"))
                    });
                let available = concat([[SOURCE_ARTIFACT].into_expr(), flatten(flatten(earlier))]);
                action
                    .attribute::<List<Str>>("inputs")
                    .all("name", |name| contains(&available, name))
            })
        });
    alltrue(flatten(checks))
}

/// Declares the ECS service that actions of the type `ecs` deploy.
pub(super) fn ecs_service(input: NewInput<'_>, stages: &Expr<List<Object>>) -> Variable<Object> {
    let service = |role: &str| {
        object_value([
            entry("cluster_name", "shop"),
            entry("service_name", "shop-api"),
            entry("container_name", "api"),
            entry("role_arns", [role]),
        ])
    };
    input
        .declare(
            object()
                .required("cluster_name", string())
                .required("service_name", string())
                .required("container_name", string())
                .required("role_arns", list(string()))
                .optional("task_definition_family", string()),
        )
        .describe("ECS service that actions of the type `ecs` deploy: the names of the cluster, the service, and the container whose image changes, the ARNs of the execution role and the task role, and the family of the task definition, which defaults to the name of the service. Required if `stages` contains such an action.")
        .nullable()
        .validate(
            |service| {
                service.is_set().or(every_action(stages, |action| {
                    action.attribute::<Str>("type").differs("ecs")
                }))
            },
            "Set ecs_service because stages contains an action of the type ecs.",
        )
        .refuses(Expr::<Object>::null())
        .validate(
            |service| {
                let arns = r#try([
                    service.attribute::<List<Str>>("role_arns"),
                    Vec::<&str>::new().into_expr(),
                ]);
                arns.all("arn", |arn| {
                    matches("^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", arn)
                })
            },
            "The values of role_arns must be ARNs of IAM roles without wildcards.",
        )
        .refuses(service("*"))
        .refuses(service("arn:aws:iam::123456789012:role/*"))
        .validate(
            |service| {
                let names = ["cluster_name", "service_name", "container_name"]
                    .map(|name| r#try([service.attribute::<Str>(name), "none".into_expr()]));
                let names: Expr<List<Str>> = names.into_expr();
                names.all("name", |name| matches("^[A-Za-z0-9_-]{1,255}$", name))
            },
            "The values of cluster_name, service_name, and container_name must be 1 to 255 letters, digits, hyphens, and underscores.",
        )
        .refuses(object_value([
            entry("cluster_name", "arn:aws:ecs:eu-central-1:123456789012:cluster/shop"),
            entry("service_name", "shop-api"),
            entry("container_name", "api"),
            entry("role_arns", ["arn:aws:iam::123456789012:role/shop-task"]),
        ]))
        .example(service("arn:aws:iam::123456789012:role/shop-task"))
}

/// Declares the scenarios.
pub(super) fn scenarios(m: &mut Module, inputs: &Inputs<Declared>) {
    m.scenario("pipeline_without_deployment_needs_no_service", |plan| {
        plan.given(
            &inputs.stages,
            one("build", Some("image"), &[SOURCE_ARTIFACT]),
        )
        .given(&inputs.ecs_service, Expr::<Object>::null())
        .expect(
            length(&inputs.stages).equals(1),
            "The pipeline must have one stage after Source.",
        )
    });
}
