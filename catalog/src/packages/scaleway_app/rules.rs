//! Alert rules and the dashboard, as documents for the APIs of Cockpit, which the provider does not support. Must not declare
//! resources.
//!
//! A rule group is JSON, which is valid YAML. Sources: "Creating alerts programmatically for automated DevOps workflows", Cockpit
//! documentation, and "HTTP Server: http.server.request.duration", OpenTelemetry semantic conventions.

use tfmodgen::prelude::*;
use tfmodgen::{Local, Template};

use super::Common;

/// A measured value: an alert if it exceeds a threshold, and a panel of the dashboard.
struct Measure {
    alert: &'static str,
    title: &'static str,
    /// Query in PromQL. `$container`, `$database`, and `$bucket` are replaced with IDs.
    query: &'static str,
    threshold: &'static str,
    duration: &'static str,
    severity: &'static str,
    unit: &'static str,
}

/// Measures of Scaleway products.
const PRODUCTS: [Measure; 7] = [
    Measure {
        alert: "ContainerHighCpu",
        title: "Container CPU",
        query: r#"avg(serverless_container_cpu_usage_ratio{resource_id="$container"})"#,
        threshold: "0.8",
        duration: "10m",
        severity: "warning",
        unit: "percentunit",
    },
    Measure {
        alert: "ContainerHighMemory",
        title: "Container memory",
        query: r#"max(serverless_container_memory_usage_bytes{resource_id="$container"} / serverless_container_memory_limit_bytes{resource_id="$container"})"#,
        threshold: "0.85",
        duration: "10m",
        severity: "warning",
        unit: "percentunit",
    },
    Measure {
        alert: "ContainerNoInstance",
        title: "Missing container instances",
        // With a minimum of zero, a container without requests has no instances.
        query: r#"absent(serverless_container_instances_total{resource_id="$container"}) * $minimum"#,
        threshold: "0",
        duration: "15m",
        severity: "critical",
        unit: "short",
    },
    Measure {
        alert: "DatabaseHighCpu",
        title: "Database CPU",
        query: r#"1 - avg(rate(rdb_instance_postgresql_node_cpu_seconds_total{resource_id="$database", mode="idle"}[5m]))"#,
        threshold: "0.8",
        duration: "10m",
        severity: "warning",
        unit: "percentunit",
    },
    Measure {
        alert: "DatabaseHighMemory",
        title: "Database memory",
        query: r#"1 - min(rdb_instance_postgresql_node_memory_MemAvailable_bytes{resource_id="$database"} / rdb_instance_postgresql_node_memory_MemTotal_bytes{resource_id="$database"})"#,
        threshold: "0.9",
        duration: "10m",
        severity: "warning",
        unit: "percentunit",
    },
    Measure {
        alert: "DatabaseManyConnections",
        title: "Database connections",
        query: r#"sum(rdb_instance_postgresql_pg_stat_database_numbackends{resource_id="$database"}) / max(rdb_instance_postgresql_pg_settings_max_connection{resource_id="$database"})"#,
        threshold: "0.8",
        duration: "10m",
        severity: "warning",
        unit: "percentunit",
    },
    Measure {
        alert: "BucketManyObjects",
        title: "Objects in the bucket",
        query: r#"max(object_storage_bucket_objects_total{resource_id="$bucket"})"#,
        threshold: "1000000",
        duration: "1h",
        severity: "warning",
        unit: "short",
    },
];

/// Measures that the application pushes.
const APPLICATION: [Measure; 1] = [Measure {
    alert: "SlowResponses",
    title: "Response time, 95th percentile",
    query: "histogram_quantile(0.95, sum by (le) (rate(http_server_request_duration_seconds_bucket[5m])))",
    threshold: "1",
    duration: "10m",
    severity: "warning",
    unit: "s",
}];

/// Labels of resources in queries.
pub(super) struct Resources {
    container: Local<Str>,
    database: Local<Str>,
    bucket: Expr<Str>,
    /// Minimum number of instances of the container.
    minimum: Expr<Num>,
}

impl Resources {
    /// Declares the labels. The ID of a container or a database is its region and its UUID, which is its label.
    pub(super) fn declare(
        m: &mut Module,
        container_id: &Expr<Str>,
        database_id: &Expr<Str>,
        bucket_name: Expr<Str>,
        minimum: Expr<Num>,
    ) -> Self {
        Self {
            container: m.local("container_uuid", split("/", container_id).at(1)),
            database: m.local("database_uuid", split("/", database_id).at(1)),
            bucket: bucket_name,
            minimum,
        }
    }

    /// Returns a query with IDs in place of names.
    fn query(&self, text: &str) -> Expr<Str> {
        let names: [(&str, &dyn Fn() -> TemplatePart); 4] = [
            ("$container", &|| (*self.container).clone().into()),
            ("$database", &|| (*self.database).clone().into()),
            ("$bucket", &|| self.bucket.clone().into()),
            ("$minimum", &|| self.minimum.clone().into()),
        ];
        let mut query = Template::new();
        let mut rest = text;
        while let Some((at, name, value)) = names
            .iter()
            .filter_map(|(name, value)| Some((rest.find(name)?, name, value)))
            .min_by_key(|(at, _, _)| *at)
        {
            query = query.then(&rest[..at]).then(value());
            rest = &rest[at + name.len()..];
        }
        query.then(rest).build()
    }
}

/// Returns a rule group for the metrics of Scaleway products, and one for the metrics of the application.
pub(super) fn groups(common: &Common, resources: &Resources) -> [(&'static str, Expr<Str>); 2] {
    let group = |name: &str, measures: &[Measure]| {
        let rules: Vec<_> = measures.iter().map(|one| one.rule(resources)).collect();
        jsonencode(object_value([
            entry(
                "name",
                template([(&common.prefix).into(), format!("-{name}").into()]),
            ),
            entry("interval", "1m"),
            entry("rules", rules),
        ]))
    };
    [
        ("products", group("products", &PRODUCTS)),
        ("application", group("application", &APPLICATION)),
    ]
}

/// Returns the dashboard, for `POST /api/dashboards/db` of Grafana.
pub(super) fn dashboard(common: &Common, resources: &Resources) -> Expr<Str> {
    let measures = PRODUCTS.iter().chain(&APPLICATION);
    let panels: Vec<_> = (0..)
        .zip(measures)
        .map(|(index, one)| one.panel(index, resources))
        .collect();
    let dashboard = object_value([
        entry("uid", &common.prefix),
        entry("title", &common.prefix),
        entry("timezone", "utc"),
        entry("refresh", "1m"),
        entry("schemaVersion", 39),
        entry("panels", panels),
    ]);
    jsonencode(object_value([
        entry("dashboard", dashboard),
        entry("overwrite", true),
    ]))
}

impl Measure {
    fn rule(&self, resources: &Resources) -> Expr<Object> {
        let expression = template([
            resources.query(self.query).into(),
            format!(" > {}", self.threshold).into(),
        ]);
        let summary = format!("{}: above {}.", self.title, self.threshold);
        object_value([
            entry("alert", self.alert),
            entry("expr", expression),
            entry("for", self.duration),
            entry("labels", object_value([entry("severity", self.severity)])),
            entry("annotations", object_value([entry("summary", summary)])),
        ])
    }

    fn panel(&self, index: i64, resources: &Resources) -> Expr<Object> {
        let defaults = object_value([entry("unit", self.unit)]);
        object_value([
            entry("id", index + 1),
            entry("type", "timeseries"),
            entry("title", self.title),
            entry(
                "gridPos",
                object_value([
                    entry("x", index % 2 * 12),
                    entry("y", index / 2 * 8),
                    entry("w", 12),
                    entry("h", 8),
                ]),
            ),
            entry("fieldConfig", object_value([entry("defaults", defaults)])),
            entry(
                "targets",
                [object_value([
                    entry("refId", "A"),
                    entry("expr", resources.query(self.query)),
                ])],
            ),
        ])
    }
}
