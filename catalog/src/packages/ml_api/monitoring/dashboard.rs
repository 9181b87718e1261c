//! The dashboard: one graph for each question about the API.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::Declared;
use tfmodgen::prelude::*;

use super::Inputs;
use crate::aws::conventions::Identity;

/// Declares the dashboard. Source: "Dashboard body structure and syntax", CloudWatch API reference.
pub(super) fn dashboard(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    spot: &aws::CloudwatchEventRuleReference,
) -> aws::CloudwatchDashboardReference {
    m.file("dashboard");
    let region = m.data(data::Region::new("current")).id();
    let balancer = |metric: &str| -> Expr<List<Any>> {
        metrics([metric_of(&[
            "AWS/ApplicationELB".into_expr(),
            metric.into_expr(),
            "LoadBalancer".into_expr(),
            inputs.load_balancer_arn_suffix.any(),
        ])])
    };
    let services = |metric: &str| {
        inputs
            .service_names
            .iterate("service", "name")
            .into_list(|_, name| {
                metric_of(&[
                    "AWS/ECS".into_expr(),
                    metric.into_expr(),
                    "ClusterName".into_expr(),
                    inputs.cluster_name.any(),
                    "ServiceName".into_expr(),
                    name.any(),
                ])
            })
            .typed::<List<Any>>()
    };
    let one =
        |namespace: &str, metric: &str, dimension: &str, value: Expr<Any>| -> Expr<List<Any>> {
            metrics([metric_of(&[
                namespace.into_expr(),
                metric.into_expr(),
                dimension.into_expr(),
                value,
            ])])
        };
    let database = inputs.database_cluster_identifier.any();
    let table = inputs.session_table_name.any();
    let graphs: [(&str, &str, Expr<List<Any>>); 10] = [
        ("Requests", "Sum", balancer("RequestCount")),
        (
            "Failed requests (5xx)",
            "Sum",
            balancer("HTTPCode_Target_5XX_Count"),
        ),
        ("Latency (p99)", "p99", balancer("TargetResponseTime")),
        ("CPU utilization", "Average", services("CPUUtilization")),
        (
            "Memory utilization",
            "Average",
            services("MemoryUtilization"),
        ),
        (
            "Database capacity (ACU)",
            "Average",
            one(
                "AWS/RDS",
                "ServerlessDatabaseCapacity",
                "DBClusterIdentifier",
                database.clone(),
            ),
        ),
        (
            "Database connections",
            "Average",
            one(
                "AWS/RDS",
                "DatabaseConnections",
                "DBClusterIdentifier",
                database,
            ),
        ),
        (
            "Throttled reads of sessions",
            "Sum",
            one(
                "AWS/DynamoDB",
                "ReadThrottleEvents",
                "TableName",
                table.clone(),
            ),
        ),
        (
            "Throttled writes of sessions",
            "Sum",
            one("AWS/DynamoDB", "WriteThrottleEvents", "TableName", table),
        ),
        (
            "Spot interruptions",
            "Sum",
            one(
                "AWS/Events",
                "TriggeredRules",
                "RuleName",
                spot.name().any(),
            ),
        ),
    ];
    let widgets: Vec<Expr<Object>> = graphs
        .into_iter()
        .zip(0..)
        .map(|((title, statistic, metrics), number): (_, i32)| {
            let properties = object_value([
                entry("title", title),
                entry("region", &region),
                entry("stat", statistic),
                entry("period", 60),
                entry("metrics", metrics),
            ]);
            object_value([
                entry("type", "metric"),
                entry("x", number % 2 * 12),
                entry("y", number / 2 * 6),
                entry("width", 12),
                entry("height", 6),
                entry("properties", properties),
            ])
        })
        .collect();
    m.resource(aws::CloudwatchDashboard::new(
        "this",
        jsonencode(object_value([entry("widgets", widgets)])),
        &own.name,
    ))
}

/// Returns a metric: namespace, name, and dimensions.
fn metric_of(parts: &[Expr<Any>]) -> Expr<Any> {
    let parts: Expr<List<Any>> = parts.to_vec().into_expr();
    parts.any()
}

/// Returns a list of metrics.
fn metrics(metrics: [Expr<Any>; 1]) -> Expr<List<Any>> {
    metrics.into_expr()
}
