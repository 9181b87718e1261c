//! The dashboard: one graph for each question about the API.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::Declared;
use tfmodgen::prelude::*;

use super::Inputs;
use crate::aws::conventions::Identity;

/// A graph.
struct Graph {
    title: &'static str,
    statistic: &'static str,
    metrics: Expr<List<Any>>,
}

/// Declares the dashboard. Source: "Dashboard body structure and syntax", CloudWatch API reference.
pub(super) fn dashboard(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    spot: &aws::CloudwatchEventRuleReference,
) -> aws::CloudwatchDashboardReference {
    m.file("dashboard");
    let region = m.data(data::Region::new("current")).id();
    let graphs = of_requests(inputs).into_iter();
    let graphs = graphs.chain(of_stores(inputs, spot)).zip(0..);
    let widgets: Vec<Expr<Object>> = graphs
        .map(|(graph, number): (Graph, i32)| {
            let properties = object_value([
                entry("title", graph.title),
                entry("region", &region),
                entry("stat", graph.statistic),
                entry("period", 60),
                entry("metrics", graph.metrics),
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

/// Returns the graphs of requests and services.
fn of_requests(inputs: &Inputs<Declared>) -> [Graph; 5] {
    let balancer = |metric: &str| {
        let value = inputs.load_balancer_arn_suffix.any();
        one("AWS/ApplicationELB", metric, "LoadBalancer", value)
    };
    let services = |metric: &str| {
        let names = inputs.service_names.iterate("service", "name");
        let metrics = names.into_list(|_, name| {
            metric_of(&[
                "AWS/ECS".into_expr(),
                metric.into_expr(),
                "ClusterName".into_expr(),
                inputs.cluster_name.any(),
                "ServiceName".into_expr(),
                name.any(),
            ])
        });
        metrics.typed::<List<Any>>()
    };
    let graph = |title, statistic, metrics| Graph {
        title,
        statistic,
        metrics,
    };
    [
        graph("Requests", "Sum", balancer("RequestCount")),
        graph(
            "Failed requests (5xx)",
            "Sum",
            balancer("HTTPCode_Target_5XX_Count"),
        ),
        graph("Latency (p99)", "p99", balancer("TargetResponseTime")),
        graph("CPU utilization", "Average", services("CPUUtilization")),
        graph(
            "Memory utilization",
            "Average",
            services("MemoryUtilization"),
        ),
    ]
}

/// Returns the graphs of stores and of Spot capacity.
fn of_stores(inputs: &Inputs<Declared>, spot: &aws::CloudwatchEventRuleReference) -> [Graph; 5] {
    let graph = |title, statistic, metrics| Graph {
        title,
        statistic,
        metrics,
    };
    let database = |metric: &str| {
        let value = inputs.database_cluster_identifier.any();
        one("AWS/RDS", metric, "DBClusterIdentifier", value)
    };
    let table = |metric: &str| {
        let value = inputs.session_table_name.any();
        one("AWS/DynamoDB", metric, "TableName", value)
    };
    let rule = one(
        "AWS/Events",
        "TriggeredRules",
        "RuleName",
        spot.name().any(),
    );
    [
        graph(
            "Database capacity (ACU)",
            "Average",
            database("ServerlessDatabaseCapacity"),
        ),
        graph(
            "Database connections",
            "Average",
            database("DatabaseConnections"),
        ),
        graph(
            "Throttled reads of sessions",
            "Sum",
            table("ReadThrottleEvents"),
        ),
        graph(
            "Throttled writes of sessions",
            "Sum",
            table("WriteThrottleEvents"),
        ),
        graph("Spot interruptions", "Sum", rule),
    ]
}

/// Returns a list with one metric, which has one dimension.
fn one(namespace: &str, metric: &str, dimension: &str, value: Expr<Any>) -> Expr<List<Any>> {
    let metric = metric_of(&[
        namespace.into_expr(),
        metric.into_expr(),
        dimension.into_expr(),
        value,
    ]);
    [metric].into_expr()
}

/// Returns a metric: namespace, name, and dimensions.
fn metric_of(parts: &[Expr<Any>]) -> Expr<Any> {
    let parts: Expr<List<Any>> = parts.to_vec().into_expr();
    parts.any()
}
