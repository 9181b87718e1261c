//! The requirements of an environment, row by row. Numbers and names are written manually from the requirements.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::Cli;

use crate::environment::{API, WEB, image};
use crate::facts::{Facts, is, text};
use crate::pods::{Pod, quantity};
use crate::table::{Check, expect_rows};

/// Namespace of the environment.
const NAMESPACE: &str = "preview-pr-7";

/// Checks every row, and prints a table of the rows and their evidence.
pub(crate) fn expect_all(cli: &Cli, facts: &Facts) -> Result<()> {
    let rows: [(&str, Check); 16] = [
        ("namespace", namespace),
        ("quota: 2 CPU, 4 GiB, 5 pods", quota),
        ("requests and limits of every container", limits),
        ("pods of a rolling update fit into the quota", fits),
        ("own database and user, by its own job", database),
        ("database is dropped on destroy", removal),
        ("ConfigMap and Secret", configuration),
        ("image-pull secret", pull_secret),
        ("deployments with one replica by digest", deployments),
        ("API pod: nginx and PHP-FPM, migrating init container", api),
        ("web pod: runtime configuration", web),
        ("services", services),
        ("routes", routes),
        ("connection rate limit", rate_limit),
        ("migration and seed before the API", jobs),
        ("digests are not in labels; outputs", outputs),
    ];
    expect_rows(cli, &rows, facts)
}

fn own(facts: &Facts) -> Result<Vec<Pod<'_>>> {
    let pods = Pod::all(facts)?.into_iter();
    Ok(pods.filter(|pod| pod.namespace == NAMESPACE).collect())
}

fn namespace(facts: &Facts) -> Result<Vec<String>> {
    let namespace = facts.only("kubernetes_namespace_v1")?;
    Ok(vec![
        is(namespace, "/metadata/0/name", json!(NAMESPACE))?,
        is(
            namespace,
            "/metadata/0/labels/environment-of",
            json!("shop"),
        )?,
        is(namespace, "/timeouts/delete", json!("5m"))?,
    ])
}

fn quota(facts: &Facts) -> Result<Vec<String>> {
    let quota = facts.only("kubernetes_resource_quota_v1")?;
    is(quota, "/metadata/0/namespace", json!(NAMESPACE))?;
    Ok(vec![is(
        quota,
        "/spec/0/hard",
        json!({
            "requests.cpu": "2000m", "requests.memory": "4096Mi",
            "limits.cpu": "2000m", "limits.memory": "4096Mi", "pods": "5",
        }),
    )?])
}

fn limits(facts: &Facts) -> Result<Vec<String>> {
    let mut evidence = Vec::new();
    for pod in own(facts)? {
        for container in pod.containers() {
            let name = text(container, "/name")?;
            for resource in ["cpu", "memory"] {
                let of = |kind: &str| text(container, &format!("/resources/0/{kind}/{resource}"));
                ensure!(
                    quantity(of("requests")?)? <= quantity(of("limits")?)?,
                    "{}: {name}",
                    pod.controller
                );
            }
            evidence.push(name.to_owned());
        }
    }
    // Two jobs, nginx, PHP-FPM, the init container, and the web application.
    ensure!(evidence.len() == 6, "{evidence:?}");
    Ok(evidence)
}

fn fits(facts: &Facts) -> Result<Vec<String>> {
    // Deployments roll at the same time. Jobs run one after the other.
    let mut total: BTreeMap<String, u64> = BTreeMap::new();
    let mut job: BTreeMap<String, u64> = BTreeMap::new();
    for pod in own(facts)? {
        let mut required = pod.required()?;
        required.insert("pods".to_owned(), 1);
        for (name, amount) in required {
            match pod.controller.contains("job") {
                true => {
                    let most = job.entry(name).or_default();
                    *most = amount.max(*most);
                }
                false => *total.entry(name).or_default() += amount * pod.most,
            }
        }
    }
    for (name, amount) in job {
        *total.entry(name).or_default() += amount;
    }
    let quota = &facts.only("kubernetes_resource_quota_v1")?["spec"][0]["hard"];
    let mut evidence = Vec::new();
    for (name, amount) in &total {
        let allowed = quota[name].as_str().context("no such quota")?;
        let most = match name.as_str() {
            "pods" => allowed.parse()?,
            _ => quantity(allowed)?,
        };
        ensure!(*amount <= most, "{name}: {amount} of {most}");
        evidence.push(format!("{name}: {amount} of {most}"));
        is(facts.output("demand")?, &format!("/{name}"), json!(amount))?;
    }
    Ok(evidence)
}

fn env<'a>(container: &'a Value, name: &str) -> Result<&'a Value> {
    let variables = container["env"].as_array().context("env")?;
    let found = variables.iter().find(|one| one["name"] == name);
    found.with_context(|| format!("no variable {name}"))
}

fn database(facts: &Facts) -> Result<Vec<String>> {
    let job = facts.at("kubernetes_job_v1.database")?;
    // The password of the administrator exists only in the namespace of the database.
    is(job, "/metadata/0/namespace", json!("default"))?;
    let container = &job["spec"][0]["template"][0]["spec"][0]["container"][0];
    let script = text(container, "/command/2")?;
    for command in ["CREATE DATABASE", "CREATE ROLE", "ALTER ROLE"] {
        ensure!(script.contains(command), "{script}");
    }
    let admin = env(container, "PGPASSWORD")?;
    let secret = "/value_from/0/secret_key_ref/0/name";
    is(admin, secret, json!("postgresql-admin"))?;
    for pod in own(facts)? {
        ensure!(
            !pod.spec.to_string().contains("postgresql-admin"),
            "{} uses the password of the administrator",
            pod.controller
        );
    }
    Ok(vec![
        is(
            env(container, "DATABASE_NAME")?,
            "/value",
            json!("shop_pr_7"),
        )?,
        is(
            env(container, "PGHOST")?,
            "/value",
            json!("db.default.svc.cluster.local"),
        )?,
        is(
            container,
            "/resources/0/requests",
            json!({ "cpu": "100m", "memory": "128Mi" }),
        )?,
        is(
            container,
            "/resources/0/limits",
            json!({ "cpu": "200m", "memory": "256Mi" }),
        )?,
        is(job, "/wait_for_completion", json!(true))?,
    ])
}

fn removal(facts: &Facts) -> Result<Vec<String>> {
    let objects = crate::base_rows::objects(facts, "helm_release.database_removal[0]")?;
    let job = crate::base_rows::object(&objects, "Job")?;
    let container = &job["spec"]["template"]["spec"]["containers"][0];
    let script = text(container, "/command/2")?;
    for command in ["DROP DATABASE IF EXISTS", "DROP ROLE IF EXISTS"] {
        ensure!(script.contains(command), "{script}");
    }
    Ok(vec![
        is(
            job,
            "/metadata/annotations/helm.sh~1hook",
            json!("pre-delete"),
        )?,
        is(
            env(container, "DATABASE_NAME")?,
            "/value",
            json!("shop_pr_7"),
        )?,
        is(
            container,
            "/resources/limits",
            json!({ "cpu": "200m", "memory": "256Mi" }),
        )?,
    ])
}

fn configuration(facts: &Facts) -> Result<Vec<String>> {
    let map = facts.at("kubernetes_config_map_v1.api")?;
    let secret = facts.at("kubernetes_secret_v1.api")?;
    is(secret, "/data_wo", Value::Null)?;
    is(secret, "/metadata/0/namespace", json!(NAMESPACE))?;
    Ok(vec![
        is(map, "/data/DB_HOST", json!("db.default.svc.cluster.local"))?,
        is(map, "/data/DB_DATABASE", json!("shop_pr_7"))?,
        is(map, "/data/DB_USERNAME", json!("shop_pr_7"))?,
        is(secret, "/data_wo_revision", json!(1))?,
    ])
}

fn pull_secret(facts: &Facts) -> Result<Vec<String>> {
    let secret = facts.at("kubernetes_secret_v1.registry")?;
    is(secret, "/metadata/0/namespace", json!(NAMESPACE))?;
    let mut evidence = vec![is(
        secret,
        "/type",
        json!("kubernetes.io/dockerconfigjson"),
    )?];
    for pod in own(facts)? {
        is(
            pod.spec,
            "/image_pull_secrets/0/name",
            secret["metadata"][0]["name"].clone(),
        )?;
        evidence.push(pod.controller);
    }
    Ok(evidence)
}

fn deployments(facts: &Facts) -> Result<Vec<String>> {
    let mut evidence = Vec::new();
    for (name, container, digit) in [("web", "web", WEB), ("api", "php", API)] {
        let deployment = facts.at(&format!("kubernetes_deployment_v1.{name}"))?;
        is(deployment, "/spec/0/replicas", json!("1"))?;
        is(deployment, "/wait_for_rollout", json!(true))?;
        let containers = &deployment["spec"][0]["template"][0]["spec"][0]["container"];
        let containers = containers.as_array().context("containers")?;
        let found = containers.iter().find(|one| one["name"] == container);
        let found = found.with_context(|| format!("no container {container}"))?;
        evidence.push(is(found, "/image", json!(image(name, digit)))?);
    }
    Ok(evidence)
}

fn api(facts: &Facts) -> Result<Vec<String>> {
    let deployment = facts.at("kubernetes_deployment_v1.api")?;
    let pod = &deployment["spec"][0]["template"][0]["spec"][0];
    let names: Vec<_> = pod["container"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|container| container["name"].clone())
        .collect();
    ensure!(names == ["nginx", "php"], "{names:?}");
    let nginx = facts.at("kubernetes_config_map_v1.nginx")?;
    let file = text(nginx, "/data/default.conf")?;
    ensure!(
        file.contains("fastcgi_pass 127.0.0.1:9000;")
            && file.contains("SCRIPT_FILENAME /var/www/html/public/index.php;"),
        "{file}"
    );
    Ok(vec![
        format!("{names:?}"),
        is(
            pod,
            "/init_container/0/command",
            json!(["php", "artisan", "migrate", "--force"]),
        )?,
        is(pod, "/init_container/0/image", json!(image("api", API)))?,
        is(
            pod,
            "/init_container/0/resources/0/limits",
            json!({ "cpu": "500m", "memory": "512Mi" }),
        )?,
    ])
}

fn web(facts: &Facts) -> Result<Vec<String>> {
    let map = facts.at("kubernetes_config_map_v1.web")?;
    let file: Value = serde_json::from_str(text(map, "/data/runtime-config.json")?)?;
    let deployment = facts.at("kubernetes_deployment_v1.web")?;
    let mount = "/spec/0/template/0/spec/0/container/0/volume_mount/1";
    Ok(vec![
        is(&file, "/apiUrl", json!("https://7.pr-api.example.com"))?,
        is(
            deployment,
            &format!("{mount}/mount_path"),
            json!("/usr/share/nginx/html/runtime-config.json"),
        )?,
    ])
}

fn services(facts: &Facts) -> Result<Vec<String>> {
    let mut evidence = Vec::new();
    for name in ["web", "api"] {
        let service = facts.at(&format!("kubernetes_service_v1.{name}"))?;
        let deployment = facts.at(&format!("kubernetes_deployment_v1.{name}"))?;
        let labels = &deployment["spec"][0]["template"][0]["metadata"][0]["labels"];
        let selector = service["spec"][0]["selector"].as_object();
        for (label, value) in selector.context("selector")? {
            ensure!(labels[label] == *value, "{name}: {label} selects no pod");
        }
        evidence.push(format!(
            "{name}: {}",
            is(service, "/spec/0/port/0/port", json!(80))?
        ));
    }
    Ok(evidence)
}

fn routes(facts: &Facts) -> Result<Vec<String>> {
    let mut evidence = Vec::new();
    for (name, host) in [("web", "7.pr.example.com"), ("api", "7.pr-api.example.com")] {
        let route = facts.at(&format!("kubernetes_manifest.{name}"))?;
        is(route, "/manifest/kind", json!("HTTPRoute"))?;
        is(route, "/manifest/spec/parentRefs/0/name", json!("shared"))?;
        is(
            route,
            "/manifest/spec/parentRefs/0/namespace",
            json!("gateway"),
        )?;
        is(
            route,
            "/manifest/spec/rules/0/backendRefs/0/name",
            json!(name),
        )?;
        evidence.push(is(route, "/manifest/spec/hostnames", json!([host]))?);
    }
    Ok(evidence)
}

fn rate_limit(facts: &Facts) -> Result<Vec<String>> {
    let policy = &facts.at("kubernetes_manifest.rate_limit")?["manifest"];
    let rule = "/spec/rateLimit/local/rules/0";
    let targets = policy["spec"]["targetRefs"].as_array().context("targets")?;
    ensure!(targets.len() == 2, "{targets:?}");
    Ok(vec![
        is(policy, "/kind", json!("RateLimitPolicy"))?,
        is(policy, &format!("{rule}/rate"), json!("20r/s"))?,
        is(policy, &format!("{rule}/key"), json!("$binary_remote_addr"))?,
        is(policy, &format!("{rule}/rejectCode"), json!(429))?,
    ])
}

fn jobs(facts: &Facts) -> Result<Vec<String>> {
    let mut evidence = Vec::new();
    for (address, name) in [
        ("kubernetes_job_v1.migration", "migration-bbbbbbbbbbbb"),
        ("kubernetes_job_v1.seed[0]", "seed-bbbbbbbbbbbb"),
    ] {
        let job = facts.at(address)?;
        is(job, "/wait_for_completion", json!(true))?;
        let container = &job["spec"][0]["template"][0]["spec"][0]["container"][0];
        is(container, "/image", json!(image("api", API)))?;
        is(
            container,
            "/resources/0/requests",
            json!({ "cpu": "200m", "memory": "256Mi" }),
        )?;
        is(
            container,
            "/resources/0/limits",
            json!({ "cpu": "500m", "memory": "512Mi" }),
        )?;
        evidence.push(is(job, "/metadata/0/name", json!(name))?);
    }
    Ok(evidence)
}

fn outputs(facts: &Facts) -> Result<Vec<String>> {
    for pod in Pod::all(facts)? {
        let labels = pod.labels.as_object().context("labels")?;
        for (name, value) in labels {
            let value = value.as_str().unwrap_or_default();
            ensure!(
                value.len() <= 63 && !value.contains("bbbbbbbbbbbb"),
                "{}: {name} = {value}",
                pod.controller
            );
        }
    }
    let api = facts.at("kubernetes_deployment_v1.api")?;
    Ok(vec![
        is(
            api,
            "/spec/0/template/0/metadata/0/annotations/image",
            json!(image("api", API)),
        )?,
        is(
            facts.output("web_url")?,
            "",
            json!("https://7.pr.example.com"),
        )?,
        is(
            facts.output("api_url")?,
            "",
            json!("https://7.pr-api.example.com"),
        )?,
        is(facts.output("database_name")?, "", json!("shop_pr_7"))?,
        is(facts.output("namespace")?, "", json!(NAMESPACE))?,
        format!("{} objects", facts.count()),
    ])
}
