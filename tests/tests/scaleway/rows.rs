//! The requirements of the application stack, row by row. Numbers and names are written manually from the requirements.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::Cli;

use crate::facts::{Facts, is, text};
use crate::table::{Check, expect_rows};

/// ID of the principal that administers the bucket in the example.
pub(crate) const ADMINISTRATOR: &str = "11111111-1111-1111-1111-111111111111";

/// Checks every row for the example in production, and prints a table of the rows and their evidence.
pub(crate) fn expect_all(cli: &Cli, facts: &Facts) -> Result<()> {
    let rows: [(&str, Check); 13] = [
        ("serverless container", container),
        ("PostgreSQL instance", database),
        ("object storage bucket", bucket),
        ("secrets", secrets),
        ("encryption", encryption),
        ("IAM", identity),
        ("private network", network),
        ("monitoring: sources and token", sources),
        ("monitoring: alerts and dashboard", alerts),
        ("environments: production", environment),
        ("health", health),
        ("outputs", outputs),
        ("operations: names, tags, timeouts, audit log", operations),
    ];
    expect_rows(cli, &rows, facts)
}

fn container(facts: &Facts) -> Result<Vec<String>> {
    let namespace = facts.only("scaleway_container_namespace")?;
    let container = facts.only("scaleway_container")?;
    Ok(vec![
        is(container, "/namespace_id", namespace["id"].clone())?,
        is(
            container,
            "/image",
            json!("rg.fr-par.scw.cloud/acme/shop:1.2.0"),
        )?,
        is(container, "/privacy", json!("public"))?,
        is(container, "/https_connections_only", json!(true))?,
        is(container, "/cpu_limit", json!(1000))?,
        is(container, "/memory_limit_bytes", json!(2_048_000_000_u64))?,
        is(container, "/min_scale", json!(2))?,
        is(container, "/max_scale", json!(10))?,
        is(
            container,
            "/scaling_option/0/concurrent_requests_threshold",
            json!(50),
        )?,
        is(container, "/liveness_probe/0/http/0/path", json!("/health"))?,
        is(container, "/startup_probe/0/http/0/path", json!("/health"))?,
    ])
}

fn database(facts: &Facts) -> Result<Vec<String>> {
    let instance = facts.only("scaleway_rdb_instance")?;
    ensure!(
        text(instance, "/engine")?.starts_with("PostgreSQL-"),
        "{}",
        instance["engine"]
    );
    let evidence = vec![
        is(instance, "/disable_backup", json!(false))?,
        is(instance, "/backup_schedule_frequency", json!(24))?,
        is(instance, "/backup_schedule_retention", json!(30))?,
        is(instance, "/volume_size_in_gb", json!(50))?,
        is(instance, "/load_balancer", json!([]))?,
        is(instance, "/private_network/0/enable_ipam", json!(true))?,
        is(instance, "/password_wo", Value::Null)?,
        is(facts.only("scaleway_rdb_database")?, "/name", json!("shop"))?,
    ];
    let users = facts.all("scaleway_rdb_user");
    ensure!(users.len() == 2, "{} users", users.len());
    for user in users {
        is(user, "/is_admin", json!(false))?;
        is(user, "/password_wo", Value::Null)?;
    }
    for privilege in facts.all("scaleway_rdb_privilege") {
        is(privilege, "/permission", json!("readwrite"))?;
    }
    Ok(evidence)
}

fn bucket(facts: &Facts) -> Result<Vec<String>> {
    let bucket = facts.only("scaleway_object_bucket")?;
    let policy: Value = serde_json::from_str(text(
        facts.only("scaleway_object_bucket_policy")?,
        "/policy",
    )?)?;
    let application = facts.at("scaleway_iam_application.container")?;
    let own = format!("application_id:{}", text(application, "/id")?);
    let administrator = format!("application_id:{ADMINISTRATOR}");
    let granted: BTreeSet<_> = policy["Statement"]
        .as_array()
        .context("Statement")?
        .iter()
        .map(|statement| statement["Principal"]["SCW"].to_string())
        .collect();
    let expected = [own, administrator].map(|one| json!([one]).to_string());
    ensure!(
        granted == BTreeSet::from(expected),
        "principals: {granted:?}"
    );
    Ok(vec![
        is(bucket, "/versioning/0/enabled", json!(true))?,
        is(
            bucket,
            "/lifecycle_rule/0/noncurrent_version_expiration/0/noncurrent_days",
            json!(90),
        )?,
        is(
            bucket,
            "/lifecycle_rule/0/abort_incomplete_multipart_upload_days",
            json!(7),
        )?,
        is(bucket, "/force_destroy", json!(false))?,
        is(
            facts.only("scaleway_object_bucket_acl")?,
            "/acl",
            json!("private"),
        )?,
        is(&policy, "/Version", json!("2023-04-17"))?,
        format!("policy for {} principals", granted.len()),
    ])
}

fn secrets(facts: &Facts) -> Result<Vec<String>> {
    let versions = facts.all("scaleway_secret_version");
    ensure!(versions.len() == 4, "{} secret versions", versions.len());
    for version in &versions {
        is(version, "/data_wo", Value::Null)?;
        is(version, "/data_wo_version", json!(1))?;
        // A value that is not configured is null or empty.
        ensure!(
            version["data"].as_str().unwrap_or_default().is_empty(),
            "data is set"
        );
    }
    let container = facts.only("scaleway_container")?;
    let token = facts.at("scaleway_secret.app[\"API_TOKEN\"]")?;
    let password = facts.at("scaleway_secret.database_password[\"app_a\"]")?;
    let with_revision =
        |secret: &Value| Ok::<_, anyhow::Error>(format!("{}/1", text(secret, "/id")?));
    let protected = facts.at("scaleway_secret.deletion_protection")?;
    Ok(vec![
        format!("{} write-only versions", versions.len()),
        is(
            container,
            "/environment_variables/API_TOKEN_SECRET",
            json!(with_revision(token)?),
        )?,
        is(
            container,
            "/environment_variables/DATABASE_PASSWORD_SECRET",
            json!(with_revision(password)?),
        )?,
        is(protected, "/protected", json!(true))?,
    ])
}

fn encryption(facts: &Facts) -> Result<Vec<String>> {
    let bucket = facts.only("scaleway_object_bucket_server_side_encryption_configuration")?;
    let container = facts.only("scaleway_container")?;
    Ok(vec![
        is(
            facts.only("scaleway_rdb_instance")?,
            "/encryption_at_rest",
            json!(true),
        )?,
        is(
            bucket,
            "/rule/0/apply_server_side_encryption_by_default/0/sse_algorithm",
            json!("AES256"),
        )?,
        is(container, "/https_connections_only", json!(true))?,
        is(
            container,
            "/environment_variables/DATABASE_SSLMODE",
            json!("require"),
        )?,
    ])
}

fn identity(facts: &Facts) -> Result<Vec<String>> {
    let mut evidence = Vec::new();
    for (service, sets) in [
        (
            "container",
            json!([
                "ObjectStorageBucketsRead",
                "ObjectStorageObjectsDelete",
                "ObjectStorageObjectsRead",
                "ObjectStorageObjectsWrite",
                "SecretManagerSecretAccess"
            ]),
        ),
        ("monitoring", json!(["ObservabilityFullAccess"])),
    ] {
        // The policy for monitoring exists only in environments with monitoring.
        let address = |ty: &str| match service {
            "monitoring" => format!("scaleway_iam_{ty}.{service}[0]"),
            _ => format!("scaleway_iam_{ty}.{service}"),
        };
        let application = facts.at(&address("application"))?;
        let policy = facts.at(&address("policy"))?;
        is(policy, "/application_id", application["id"].clone())?;
        is(policy, "/rule/0/project_ids/0", json!(project(facts)?))?;
        is(policy, "/rule/0/organization_id", Value::Null)
            .or_else(|_| is(policy, "/rule/0/organization_id", json!("")))?;
        evidence.push(format!(
            "{service}: {}",
            is(policy, "/rule/0/permission_set_names", sets)?
        ));
    }
    let key = facts.only("scaleway_iam_api_key")?;
    evidence.push(is(key, "/expires_at", json!("2127-06-30T00:00:00Z"))?);
    Ok(evidence)
}

/// Returns the ID of the project.
fn project(facts: &Facts) -> Result<&str> {
    text(facts.only("scaleway_vpc")?, "/project_id")
}

fn network(facts: &Facts) -> Result<Vec<String>> {
    let network = facts.only("scaleway_vpc_private_network")?;
    let id = network["id"].clone();
    Ok(vec![
        is(
            network,
            "/vpc_id",
            facts.only("scaleway_vpc")?["id"].clone(),
        )?,
        is(
            facts.only("scaleway_container")?,
            "/private_network_id",
            id.clone(),
        )?,
        is(
            facts.only("scaleway_rdb_instance")?,
            "/private_network/0/pn_id",
            id,
        )?,
    ])
}

fn sources(facts: &Facts) -> Result<Vec<String>> {
    let mut days: Vec<_> = facts
        .all("scaleway_cockpit_source")
        .into_iter()
        .map(|source| {
            let days = source["retention_days"].to_string();
            Ok(format!("{}: {days} days", text(source, "/type")?))
        })
        .collect::<Result<_>>()?;
    days.sort();
    ensure!(
        days == ["logs: 30 days", "metrics: 31 days", "traces: 30 days"],
        "{days:?}"
    );
    let scopes = &facts.only("scaleway_cockpit_token")?["scopes"][0];
    for scope in [
        "query_logs",
        "query_metrics",
        "setup_alerts",
        "setup_metrics_rules",
    ] {
        is(scopes, &format!("/{scope}"), json!(false))?;
    }
    days.push(is(scopes, "/write_logs", json!(true))?);
    let container = facts.only("scaleway_container")?;
    let url = text(container, "/environment_variables/COCKPIT_LOGS_URL")?;
    ensure!(url.starts_with("https://"), "{url}");
    ensure!(
        container["secret_environment_variables"]["COCKPIT_TOKEN"].is_string(),
        "the container has no token"
    );
    Ok(days)
}

fn alerts(facts: &Facts) -> Result<Vec<String>> {
    let manager = facts.only("scaleway_cockpit_alert_manager")?;
    let webhook: Value = serde_json::from_str(text(facts.output("alert_webhook")?, "")?)?;
    let rules = facts.output("alert_rules")?;
    let mut names = Vec::new();
    for group in ["products", "application"] {
        let group: Value = serde_json::from_str(text(rules, &format!("/{group}"))?)?;
        let rules = group["rules"].as_array().context("rules")?;
        for rule in rules {
            let query = text(rule, "/expr")?;
            ensure!(!query.contains('$'), "{query} has a placeholder");
            names.push(text(rule, "/alert")?.to_owned());
        }
    }
    for required in [
        "ContainerHighCpu",
        "ContainerHighMemory",
        "DatabaseHighCpu",
        "SlowResponses",
    ] {
        ensure!(names.iter().any(|name| name == required), "no {required}");
    }
    let dashboard: Value = serde_json::from_str(text(facts.output("dashboard")?, "")?)?;
    let panels = dashboard["dashboard"]["panels"].as_array();
    let panels = panels.context("panels")?;
    ensure!(panels.len() == names.len(), "{} panels", panels.len());
    Ok(vec![
        is(manager, "/contact_points/0/email", json!("ops@example.com"))?,
        is(
            manager,
            "/preconfigured_alert_ids/0",
            json!("6c6843af-1815-46df-9e52-6feafcf31fd7"),
        )?,
        is(
            &webhook,
            "/receiver/webhook_configs/0/url",
            json!("https://hooks.example.com/alerts"),
        )?,
        is(&webhook, "/route/continue", json!(true))?,
        format!("rules: {}", names.join(", ")),
        format!("dashboard with {} panels", panels.len()),
    ])
}

fn environment(facts: &Facts) -> Result<Vec<String>> {
    let settings = facts.output("settings")?;
    Ok(vec![
        is(settings, "/monitoring", json!(true))?,
        is(settings, "/database_high_availability", json!(true))?,
        is(
            facts.only("scaleway_rdb_instance")?,
            "/is_ha_cluster",
            json!(true),
        )?,
    ])
}

fn health(facts: &Facts) -> Result<Vec<String>> {
    let container = facts.only("scaleway_container")?;
    let endpoint = text(facts.output("api_endpoint")?, "")?;
    let health = facts.output("health_endpoint")?;
    Ok(vec![
        is(health, "", json!(format!("{endpoint}/health")))?,
        is(container, "/liveness_probe/0/failure_threshold", json!(3))?,
        is(container, "/liveness_probe/0/interval", json!("10s"))?,
        is(
            container,
            "/environment_variables/LOG_FORMAT",
            json!("json"),
        )?,
    ])
}

fn outputs(facts: &Facts) -> Result<Vec<String>> {
    let mut evidence = Vec::new();
    for name in [
        "api_endpoint",
        "database_host",
        "bucket_name",
        "grafana_url",
        "alert_manager_url",
    ] {
        let value = text(facts.output(name)?, "")?;
        ensure!(!value.is_empty(), "{name} is empty");
        evidence.push(format!("{name} = {value}"));
    }
    Ok(evidence)
}

fn operations(facts: &Facts) -> Result<Vec<String>> {
    let mut named = 0;
    for kind in [
        "scaleway_container_namespace",
        "scaleway_rdb_instance",
        "scaleway_vpc",
        "scaleway_vpc_private_network",
        "scaleway_secret",
        "scaleway_iam_application",
    ] {
        for object in facts.all(kind) {
            let name = text(object, "/name")?;
            ensure!(name.starts_with("shop-production"), "{kind} {name}");
            let tags = object["tags"].to_string();
            for tag in ["application=shop", "environment=production", "team=shop"] {
                ensure!(tags.contains(tag), "{kind} {name} has the tags {tags}");
            }
            named += 1;
        }
    }
    is(
        facts.only("scaleway_object_bucket")?,
        "/tags/environment",
        json!("production"),
    )?;
    let audit = text(facts.output("audit_log_url")?, "")?;
    let organization = text(facts.only("scaleway_vpc")?, "/organization_id")?;
    let events = format!(
        "/events?organization_id={organization}&project_id={}",
        project(facts)?
    );
    ensure!(audit.ends_with(&events), "{audit}");
    Ok(vec![
        format!(
            "{named} names and lists of tags, of {} objects",
            facts.count()
        ),
        is(
            facts.only("scaleway_rdb_instance")?,
            "/timeouts/create",
            json!("60m"),
        )?,
        is(
            facts.only("scaleway_container")?,
            "/timeouts/update",
            json!("20m"),
        )?,
        format!("audit log at {audit}"),
    ])
}
