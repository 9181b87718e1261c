//! Autoscaling of the services: requests for each task, CPU utilization, and scheduled changes.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Many};

use super::api::Inputs as Api;
use crate::aws::conventions::{Conventions, Identity, module};
use crate::aws::inputs::{prefix, tags};

/// Namespace and dimension for the number of tasks.
const DIMENSION: [&str; 2] = ["ecs:service:DesiredCount", "ecs"];

/// Returns the part. `api` declares the settings of the services.
pub(super) fn autoscaling(to: &Conventions, api: &Api<Declared>) -> Part<Inputs, Outputs> {
    let mut m = module(
        "autoscaling",
        "Changes the number of tasks of each service by requests, CPU utilization, and time.",
    );
    let inputs = Inputs::declare(&mut m, to, api);
    let own = Identity::of(&inputs.name, &inputs.tags);
    let targets = targets(&mut m, &own, &inputs);
    policies(&mut m, &own, &inputs, &targets);
    schedules(&mut m, &own, &inputs, &targets);
    m.scenario("each_service_has_two_to_ten_tasks", |plan| {
        plan.expect(
            targets
                .get("v1")
                .min_capacity()
                .equals(2)
                .and(targets.get("v1").max_capacity().equals(10)),
            "A service must have 2 to 10 tasks.",
        )
    });
    let outputs = Outputs {
        resource_ids: output(targets.map(|target| target.resource_id())),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::inputs! {
    /// Inputs for autoscaling.
    pub(super) struct Inputs(input, to: &Conventions, api: &Api<Declared>) {
        required name: Str = prefix(input, to),
        optional tags: Map<Str> = tags(input),
        optional services: Map<Object> = input.copy(&api.services),
        required service_names: Map<Str> = input
            .declare(map(string()))
            .describe("Names of the ECS services by service.")
            .validate(
                |names| values::<Str>(names).all("name", |name| name.differs("")),
                "Must not contain empty names.",
            )
            .refuses([("v1", "")])
            .example([("v1", "v1"), ("v2", "v2")]),
        required cluster_name: Str = input
            .declare(string())
            .describe("Name of the ECS cluster.")
            .validate(|name| name.differs(""), "Must not be empty.")
            .refuses("")
            .example("cluster"),
        required load_balancer_arn_suffix: Str = input
            .declare(string())
            .describe("Last part of the load balancer ARN.")
            .validate(|arn| matches("^app/", arn), "Must start with app/.")
            .refuses("arn")
            .example("app/api/0123456789abcdef"),
        required target_group_arn_suffixes: Map<Str> = input
            .declare(map(string()))
            .describe("Last parts of the target group ARNs by service.")
            .validate(
                |arns| values::<Str>(arns).all("arn", |arn| matches("^targetgroup/", arn)),
                "Must start with targetgroup/.",
            )
            .refuses([("v1", "arn")])
            .example([
                ("v1", "targetgroup/v1/0123456789abcdef"),
                ("v2", "targetgroup/v2/0123456789abcdef"),
            ]),
    }
}

tfmodgen::outputs! {
    /// Outputs of autoscaling.
    pub(super) struct Outputs {
        /// IDs of the scalable targets by service.
        resource_ids: Map<Str>,
    }
}

fn targets(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
) -> Many<aws::AppautoscalingTargetReference> {
    let [dimension, namespace] = DIMENSION;
    m.resource(
        aws::AppautoscalingTarget::new("this", 0, 0, Expr::<Str>::null(), dimension, namespace)
            .for_each(&inputs.services, |_, each| {
                let service = template([
                    "service/".into(),
                    (&inputs.cluster_name).into(),
                    "/".into(),
                    inputs.service_names.get(each.key()).into(),
                ]);
                aws::AppautoscalingTarget::new(
                    "this",
                    each.get::<Num>("max_tasks"),
                    each.get::<Num>("min_tasks"),
                    service,
                    dimension,
                    namespace,
                )
                .tags(&own.tags)
            }),
    )
}

fn policies(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    targets: &Many<aws::AppautoscalingTargetReference>,
) {
    use aws::AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration as Tracking;
    use aws::AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification as Metric;
    let policy = |label: &str, suffix: &str, key: Expr<Str>, tracking: Tracking| {
        let target = targets.get(&key);
        aws::AppautoscalingPolicy::new(
            label,
            template([(&own.name).into(), "-".into(), key.into(), suffix.into()]),
            target.resource_id(),
            target.scalable_dimension(),
            target.service_namespace(),
        )
        .policy_type("TargetTrackingScaling")
        .target_tracking_scaling_policy_configuration(
            tracking.scale_in_cooldown(300).scale_out_cooldown(60),
        )
    };
    let empty = |label: &str| {
        let null = Expr::<Str>::null;
        aws::AppautoscalingPolicy::new(label, null(), null(), null(), null())
    };
    m.resource(empty("requests").for_each(&inputs.services, |_, each| {
        let label = template([
            (&inputs.load_balancer_arn_suffix).into(),
            "/".into(),
            inputs.target_group_arn_suffixes.get(each.key()).into(),
        ]);
        let metric = Metric::new("ALBRequestCountPerTarget").resource_label(label);
        let tracking = Tracking::new(each.get::<Num>("requests_per_task"));
        policy(
            "requests",
            "-requests",
            each.key(),
            tracking.predefined_metric_specification(metric),
        )
    }));
    m.resource(empty("cpu").for_each(&inputs.services, |_, each| {
        let metric = Metric::new("ECSServiceAverageCPUUtilization");
        let tracking = Tracking::new(each.get::<Num>("cpu_percent"));
        policy(
            "cpu",
            "-cpu",
            each.key(),
            tracking.predefined_metric_specification(metric),
        )
    }));
}

fn schedules(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    targets: &Many<aws::AppautoscalingTargetReference>,
) {
    let of_service =
        inputs
            .services
            .iterate("service", "settings")
            .into_list(|service, settings| {
                settings
                    .attribute::<Map<Object>>("schedules")
                    .iterate("name", "change")
                    .into_map(|name, change| {
                        let key = template([(&service).into(), "-".into(), name.into()]);
                        let value = object_value([
                            entry("service", &service),
                            entry("schedule", change.attribute::<Str>("schedule")),
                            entry("min_tasks", change.attribute::<Num>("min_tasks")),
                            entry("max_tasks", change.attribute::<Num>("max_tasks")),
                        ]);
                        (key, value)
                    })
            });
    let changes = m.local("schedules", merge_all::<Object>(of_service));
    let null = Expr::<Str>::null;
    m.resource(
        aws::AppautoscalingScheduledAction::new(
            "this",
            null(),
            null(),
            null(),
            null(),
            null(),
            aws::AppautoscalingScheduledActionScalableTargetAction::new(),
        )
        .for_each(&changes, |_, each| {
            let target = targets.get(each.get::<Str>("service"));
            aws::AppautoscalingScheduledAction::new(
                "this",
                own.named_after(each.key()),
                target.resource_id(),
                target.scalable_dimension(),
                each.get::<Str>("schedule"),
                target.service_namespace(),
                aws::AppautoscalingScheduledActionScalableTargetAction::new()
                    .min_capacity(tostring(each.get::<Num>("min_tasks")))
                    .max_capacity(tostring(each.get::<Num>("max_tasks"))),
            )
        }),
    );
}
