//! Alarms and a dashboard for failed requests, latency, unhealthy targets, utilization, and Spot interruptions.

mod dashboard;

use aws_blocks as aws;
use tfmodgen::Declared;
use tfmodgen::prelude::*;

use crate::aws::conventions::{Conventions, Identity, module};
use crate::aws::fragments::alarm::Alarm;
use crate::aws::inputs::{prefix, tags};
use crate::aws::mocks::{Mock, mock};

/// Returns the part.
pub(super) fn monitoring(to: &Conventions) -> Part<Inputs, Outputs> {
    let mut m = module(
        "monitoring",
        "Alarms and a dashboard for the load balancer, the services, the database, and the session table.",
    );
    let inputs = Inputs::declare(&mut m, to);
    let own = Identity::of(&inputs.name, &inputs.tags);
    m.file("alarms");
    let spot = interruptions(&mut m, &own, &inputs);
    failures(&mut m, &own, &inputs);
    simple(&mut m, &own, &inputs, &spot);
    of_services(&mut m, &own, &inputs);
    let dashboard = dashboard::dashboard(&mut m, &own, &inputs, &spot);
    mock(&mut m, to, &[Mock::Region]);
    m.scenario("dashboard_belongs_to_the_prefix", |plan| {
        plan.expect(
            dashboard.dashboard_name().equals(to.package),
            "The name must be the prefix.",
        )
    });
    let outputs = Outputs {
        dashboard_name: output(dashboard.dashboard_name()),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::inputs! {
    /// Inputs for monitoring.
    pub(super) struct Inputs(input, to: &Conventions) {
        required name: Str = prefix(input, to),
        optional tags: Map<Str> = tags(input),
        optional alarm_topic_arns: List<Str> = input
            .declare(list(string()))
            .describe("ARNs of the SNS topics that receive alarms. The topics must allow CloudWatch to publish.")
            .default(Vec::<&str>::new())
            .validate(
                |arns| arns.all("arn", |arn| matches("^arn:aws:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", arn)),
                "Must contain ARNs of SNS topics, such as arn:aws:sns:eu-central-1:123456789012:alarms.",
            )
            .refuses(["alarms@example.com"]),
        required cluster_name: Str = text(input, "Name of the ECS cluster.", "cluster"),
        required cluster_arn: Str = text(input, "ARN of the ECS cluster.", "arn:aws:ecs:eu-central-1:123456789012:cluster/cluster"),
        required service_names: Map<Str> = texts(input, "Names of the ECS services by service.", "v1"),
        required load_balancer_arn_suffix: Str = text(input, "Last part of the load balancer ARN.", "app/api/0123456789abcdef"),
        required target_group_arn_suffixes: Map<Str> = texts(input, "Last parts of the target group ARNs by service.", "targetgroup/v1/0123456789abcdef"),
        required database_cluster_identifier: Str = text(input, "Identifier of the database cluster.", "database"),
        required session_table_name: Str = text(input, "Name of the table for sessions.", "sessions"),
    }
}

tfmodgen::outputs! {
    /// Outputs of monitoring.
    pub(super) struct Outputs {
        /// Name of the CloudWatch dashboard.
        dashboard_name: Str,
    }
}

fn text(input: NewInput<'_>, purpose: &str, example: &str) -> tfmodgen::Variable<Str> {
    input
        .declare(string())
        .describe(purpose)
        .validate(|text| text.differs(""), "Must not be empty.")
        .refuses("")
        .example(example)
}

fn texts(input: NewInput<'_>, purpose: &str, example: &str) -> tfmodgen::Variable<Map<Str>> {
    input
        .declare(map(string()))
        .describe(purpose)
        .validate(
            |texts| values::<Str>(texts).all("text", |text| text.differs("")),
            "Must not contain empty values.",
        )
        .refuses([("v1", "")])
        .example([("v1", example)])
}

/// Declares the rule that counts Spot interruptions. Source: "Handling Spot Instance termination notices", ECS developer
/// guide: the event "ECS Task State Change" with the stop code `SpotInterruption`.
fn interruptions(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
) -> aws::CloudwatchEventRuleReference {
    let pattern = object_value([
        entry("source", ["aws.ecs"]),
        entry("detail-type", ["ECS Task State Change"]),
        entry(
            "detail",
            object_value([
                entry("clusterArn", [&inputs.cluster_arn]),
                entry("lastStatus", ["STOPPED"]),
                entry("stopCode", ["SpotInterruption"]),
            ]),
        ),
    ]);
    m.resource(
        aws::CloudwatchEventRule::new("spot_interruptions")
            .comment("Has no target. EventBridge counts the matching events in the metric TriggeredRules.")
            .name(own.with("-spot-interruptions"))
            .description("Tasks that AWS stopped because it needed the Spot capacity.")
            .event_pattern(jsonencode(pattern))
            .tags(&own.tags),
    )
}

/// Declares the alarm on the percentage of failed requests. Requests without a response from a target count.
fn failures(m: &mut Module, own: &Identity, inputs: &Inputs<Declared>) {
    let balancer: Expr<Map<Str>> =
        [("LoadBalancer", &*inputs.load_balancer_arn_suffix)].into_expr();
    let query = |id: &str, metric: &str| {
        aws::CloudwatchMetricAlarmMetricQuery::new(id).metric(
            aws::CloudwatchMetricAlarmMetricQueryMetric::new(metric, 60, "Sum")
                .namespace("AWS/ApplicationELB")
                .dimensions(&balancer),
        )
    };
    m.resource(
        aws::CloudwatchMetricAlarm::new(
            "failed_requests",
            own.with("-failed-requests"),
            "GreaterThanThreshold",
            5,
        )
        .alarm_description("More than 1 percent of the requests fail with a 5xx status.")
        .threshold(1)
        .treat_missing_data("notBreaching")
        .alarm_actions(&inputs.alarm_topic_arns)
        .ok_actions(&inputs.alarm_topic_arns)
        .tags(&own.tags)
        .metric_query(
            aws::CloudwatchMetricAlarmMetricQuery::new("percent")
                .expression("100 * (FILL(targets, 0) + FILL(balancer, 0)) / requests")
                .label("Failed requests in percent")
                .return_data(true),
        )
        .metric_query(query("targets", "HTTPCode_Target_5XX_Count"))
        .metric_query(query("balancer", "HTTPCode_ELB_5XX_Count"))
        .metric_query(query("requests", "RequestCount")),
    );
}

/// An alarm on one metric of one object. Its name ends with the label.
struct OfObject {
    label: &'static str,
    description: &'static str,
    metric: [&'static str; 2],
    dimension: (&'static str, Expr<Str>),
    statistic: &'static str,
    /// Threshold, and number of minutes above it.
    limit: [i32; 2],
}

/// Declares the alarms on one metric of one object.
fn simple(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    spot: &aws::CloudwatchEventRuleReference,
) {
    let alarms = requests(inputs);
    let alarms = alarms.into_iter().chain(stores(inputs, spot));
    for OfObject {
        label,
        description,
        metric,
        dimension,
        statistic,
        limit: [threshold, minutes],
    } in alarms
    {
        Alarm {
            label,
            name: own.with(&format!("-{}", label.replace('_', "-"))),
            description,
            metric,
            dimensions: [dimension].into_expr(),
            statistic,
            threshold: threshold.into_expr(),
            minutes,
            topics: inputs.alarm_topic_arns.forward(),
            tags: own.tags.clone(),
        }
        .declare(m);
    }
}

/// Returns the alarms on requests.
fn requests(inputs: &Inputs<Declared>) -> [OfObject; 2] {
    let balancer = ("LoadBalancer", (*inputs.load_balancer_arn_suffix).clone());
    [
        OfObject {
            label: "latency",
            description: "One percent of the requests take longer than two seconds.",
            metric: ["AWS/ApplicationELB", "TargetResponseTime"],
            dimension: balancer.clone(),
            statistic: "p99",
            limit: [2, 5],
        },
        OfObject {
            label: "rejected_connections",
            description: "The load balancer rejects connections because it has too many.",
            metric: ["AWS/ApplicationELB", "RejectedConnectionCount"],
            dimension: balancer,
            statistic: "Sum",
            limit: [0, 5],
        },
    ]
}

/// Returns the alarms on stores and on Spot capacity.
fn stores(inputs: &Inputs<Declared>, spot: &aws::CloudwatchEventRuleReference) -> [OfObject; 4] {
    let table = ("TableName", (*inputs.session_table_name).clone());
    let database = (*inputs.database_cluster_identifier).clone();
    [
        OfObject {
            label: "database_capacity",
            description: "The database uses more than 90 percent of its maximum capacity.",
            metric: ["AWS/RDS", "ACUUtilization"],
            dimension: ("DBClusterIdentifier", database),
            statistic: "Average",
            limit: [90, 10],
        },
        OfObject {
            label: "session_reads",
            description: "DynamoDB throttles reads of sessions.",
            metric: ["AWS/DynamoDB", "ReadThrottleEvents"],
            dimension: table.clone(),
            statistic: "Sum",
            limit: [0, 5],
        },
        OfObject {
            label: "session_writes",
            description: "DynamoDB throttles writes of sessions.",
            metric: ["AWS/DynamoDB", "WriteThrottleEvents"],
            dimension: table,
            statistic: "Sum",
            limit: [0, 5],
        },
        OfObject {
            label: "spot_interruptions",
            description: "AWS interrupted more than two tasks on Fargate Spot in a minute.",
            metric: ["AWS/Events", "TriggeredRules"],
            dimension: ("RuleName", spot.name()),
            statistic: "Sum",
            limit: [2, 1],
        },
    ]
}

/// Declares the alarms on each service.
fn of_services(m: &mut Module, own: &Identity, inputs: &Inputs<Declared>) {
    let alarm = |label: &'static str,
                 key: &Expr<Str>,
                 description,
                 metric,
                 dimensions,
                 statistic,
                 threshold: i32| {
        Alarm {
            label,
            name: template([
                (&own.name).into(),
                "-".into(),
                key.into(),
                format!("-{label}").into(),
            ]),
            description,
            metric,
            dimensions,
            statistic,
            threshold: threshold.into_expr(),
            minutes: 5,
            topics: inputs.alarm_topic_arns.forward(),
            tags: own.tags.clone(),
        }
        .alarm()
    };
    let start = |label: &str| {
        aws::CloudwatchMetricAlarm::new(label, Expr::<Str>::null(), "GreaterThanThreshold", 5)
    };
    m.resource(
        start("unhealthy").for_each(&inputs.target_group_arn_suffixes, |_, each| {
            let dimensions: Expr<Map<Str>> = [
                ("LoadBalancer", (*inputs.load_balancer_arn_suffix).clone()),
                ("TargetGroup", each.value()),
            ]
            .into_expr();
            alarm(
                "unhealthy",
                &each.key(),
                "At least one task does not pass the health check.",
                ["AWS/ApplicationELB", "UnHealthyHostCount"],
                dimensions,
                "Maximum",
                0,
            )
        }),
    );
    for (label, description, metric) in [
        (
            "cpu",
            "The tasks use more than 85 percent of their CPU.",
            "CPUUtilization",
        ),
        (
            "memory",
            "The tasks use more than 85 percent of their memory.",
            "MemoryUtilization",
        ),
    ] {
        m.resource(start(label).for_each(&inputs.service_names, |_, each| {
            let dimensions: Expr<Map<Str>> = [
                ("ClusterName", (*inputs.cluster_name).clone()),
                ("ServiceName", each.value()),
            ]
            .into_expr();
            alarm(
                label,
                &each.key(),
                description,
                ["AWS/ECS", metric],
                dimensions,
                "Average",
                85,
            )
        }));
    }
}
