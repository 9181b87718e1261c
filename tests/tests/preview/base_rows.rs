//! The requirements of the base, row by row. Numbers and names are written manually from the requirements.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::Cli;

use crate::facts::{Facts, is, text};
use crate::table::{Check, expect_rows};

/// Checks every row for the example with the profile `preview`, and prints a table of the rows and their evidence.
pub(crate) fn expect_all(cli: &Cli, facts: &Facts) -> Result<()> {
    let rows: [(&str, Check); 10] = [
        ("Kubernetes cluster", cluster),
        ("PostgreSQL by its full service name", postgresql),
        ("cert-manager", cert_manager),
        ("NGINX Gateway Fabric", fabric),
        ("shared gateway with wildcard TLS", gateway),
        ("Let's Encrypt", issuer),
        ("wildcard DNS records", records),
        ("image-pull secret in each namespace", pull_secrets),
        ("write-only secrets", secrets),
        ("outputs", outputs),
    ];
    expect_rows(cli, &rows, facts)
}

/// Returns the objects that a release creates.
pub(crate) fn objects(facts: &Facts, address: &str) -> Result<Vec<Value>> {
    let values: Value = serde_json::from_str(text(facts.at(address)?, "/values/0")?)?;
    let objects = values["objects"].as_array().context("objects")?;
    Ok(objects.clone())
}

/// Returns the only object of a kind.
pub(crate) fn object<'a>(objects: &'a [Value], kind: &str) -> Result<&'a Value> {
    let mut found = objects.iter().filter(|object| object["kind"] == kind);
    let object = found.next().with_context(|| format!("no {kind}"))?;
    ensure!(found.next().is_none(), "several objects of kind {kind}");
    Ok(object)
}

fn cluster(facts: &Facts) -> Result<Vec<String>> {
    let cluster = facts.only("digitalocean_kubernetes_cluster")?;
    Ok(vec![
        is(cluster, "/auto_upgrade", json!(true))?,
        is(cluster, "/surge_upgrade", json!(true))?,
        is(cluster, "/node_pool/0/auto_scale", json!(true))?,
        is(cluster, "/destroy_all_associated_resources", json!(false))?,
        is(
            cluster,
            "/vpc_uuid",
            facts.only("digitalocean_vpc")?["id"].clone(),
        )?,
    ])
}

fn postgresql(facts: &Facts) -> Result<Vec<String>> {
    let objects = objects(facts, "helm_release.postgresql[0]")?;
    let service = object(&objects, "Service")?;
    let set = object(&objects, "StatefulSet")?;
    let policy = object(&objects, "NetworkPolicy")?;
    let name = format!(
        "{}.{}.svc.cluster.local",
        text(service, "/metadata/name")?,
        text(service, "/metadata/namespace")?
    );
    is(facts.output("postgresql_host")?, "", json!(name))?;
    let container = "/spec/template/spec/containers/0";
    Ok(vec![
        format!("{name}:{}", service["spec"]["ports"][0]["port"]),
        is(
            set,
            &format!("{container}/resources/limits/memory"),
            json!("1Gi"),
        )?,
        is(
            set,
            "/spec/selector/matchLabels",
            service["spec"]["selector"].clone(),
        )?,
        is(
            set,
            "/spec/volumeClaimTemplates/0/spec/resources/requests/storage",
            json!("10Gi"),
        )?,
        is(
            policy,
            "/spec/ingress/0/from/1/namespaceSelector/matchExpressions/0/key",
            json!("environment-of"),
        )?,
    ])
}

fn cert_manager(facts: &Facts) -> Result<Vec<String>> {
    let release = facts.at("helm_release.cert_manager")?;
    let values: Value = serde_json::from_str(text(release, "/values/0")?)?;
    Ok(vec![
        is(release, "/repository", json!("https://charts.jetstack.io"))?,
        is(release, "/version", json!("v1.21.2"))?,
        is(&values, "/crds/enabled", json!(true))?,
    ])
}

fn fabric(facts: &Facts) -> Result<Vec<String>> {
    let release = facts.at("helm_release.nginx_gateway_fabric")?;
    let values: Value = serde_json::from_str(text(release, "/values/0")?)?;
    Ok(vec![
        is(release, "/repository", json!("oci://ghcr.io/nginx/charts"))?,
        is(release, "/version", json!("2.6.5"))?,
        is(&values, "/nginx/service/type", json!("ClusterIP"))?,
    ])
}

fn gateway(facts: &Facts) -> Result<Vec<String>> {
    let objects = objects(facts, "helm_release.gateway")?;
    let gateway = object(&objects, "Gateway")?;
    let certificate = object(&objects, "Certificate")?;
    let redirect = object(&objects, "HTTPRoute")?;
    is(
        facts.output("gateway_name")?,
        "",
        gateway["metadata"]["name"].clone(),
    )?;
    is(
        facts.output("gateway_namespace")?,
        "",
        gateway["metadata"]["namespace"].clone(),
    )?;
    let listeners = gateway["spec"]["listeners"]
        .as_array()
        .context("listeners")?;
    let mut hosts = Vec::new();
    for listener in listeners.iter().filter(|one| one["protocol"] == "HTTPS") {
        is(
            listener,
            "/tls/certificateRefs/0/name",
            certificate["spec"]["secretName"].clone(),
        )?;
        is(
            listener,
            "/allowedRoutes/namespaces/selector/matchExpressions/0/key",
            json!("environment-of"),
        )?;
        hosts.push(listener["hostname"].clone());
    }
    let wildcards = json!(["*.pr-api.example.com", "*.pr.example.com"]);
    ensure!(Value::Array(hosts) == wildcards, "{gateway:#}");
    let http = listeners.iter().find(|one| one["protocol"] == "HTTP");
    let http = http.context("no HTTP listener")?;
    Ok(vec![
        is(certificate, "/spec/dnsNames", wildcards)?,
        is(http, "/allowedRoutes/namespaces/from", json!("Same"))?,
        is(
            redirect,
            "/spec/rules/0/filters/0/requestRedirect/scheme",
            json!("https"),
        )?,
    ])
}

fn issuer(facts: &Facts) -> Result<Vec<String>> {
    let objects = objects(facts, "helm_release.gateway")?;
    let issuer = object(&objects, "ClusterIssuer")?;
    let token = "/spec/acme/solvers/0/dns01/digitalocean/tokenSecretRef";
    is(
        issuer,
        &format!("{token}/name"),
        facts.at("kubernetes_secret_v1.dns[0]")?["metadata"][0]["name"].clone(),
    )?;
    Ok(vec![
        is(
            issuer,
            "/spec/acme/server",
            json!("https://acme-v02.api.letsencrypt.org/directory"),
        )?,
        is(issuer, "/spec/acme/email", json!("ops@example.com"))?,
        is(issuer, &format!("{token}/key"), json!("access-token"))?,
    ])
}

fn records(facts: &Facts) -> Result<Vec<String>> {
    let service = facts.at("kubernetes_service_v1.gateway")?;
    let address = &service["status"][0]["load_balancer"][0]["ingress"][0]["ip"];
    is(service, "/spec/0/type", json!("LoadBalancer"))?;
    is(service, "/wait_for_load_balancer", json!(true))?;
    let mut evidence = vec![is(
        service,
        "/spec/0/external_traffic_policy",
        json!("Local"),
    )?];
    for record in facts.all("digitalocean_record") {
        is(record, "/value", address.clone())?;
        is(record, "/type", json!("A"))?;
        evidence.push(text(record, "/fqdn")?.to_owned());
    }
    evidence.sort();
    ensure!(
        evidence[..2] == ["*.pr-api.example.com", "*.pr.example.com"],
        "{evidence:?}"
    );
    Ok(evidence)
}

fn pull_secrets(facts: &Facts) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for secret in facts.all("kubernetes_secret_v1") {
        if secret["type"] == "kubernetes.io/dockerconfigjson" {
            found.push(text(secret, "/metadata/0/namespace")?.to_owned());
        }
    }
    found.sort();
    let own = facts.all("kubernetes_namespace_v1");
    let mut expected = vec!["default".to_owned()];
    for namespace in own {
        expected.push(text(namespace, "/metadata/0/name")?.to_owned());
    }
    expected.sort();
    ensure!(found == expected, "{found:?}, not {expected:?}");
    Ok(found)
}

fn secrets(facts: &Facts) -> Result<Vec<String>> {
    let mut count = 0;
    for secret in facts.all("kubernetes_secret_v1") {
        is(secret, "/data_wo", Value::Null)?;
        is(secret, "/data_wo_revision", json!(1))?;
        count += 1;
    }
    Ok(vec![format!(
        "{count} secrets without a value in the state"
    )])
}

fn outputs(facts: &Facts) -> Result<Vec<String>> {
    let kubeconfig = text(facts.output("kubeconfig")?, "")?;
    ensure!(kubeconfig.contains("server: https://"), "{kubeconfig}");
    let cluster = facts.only("digitalocean_kubernetes_cluster")?;
    Ok(vec![
        is(facts.output("cluster_id")?, "", cluster["id"].clone())?,
        is(
            facts.output("postgresql_host")?,
            "",
            json!("db.default.svc.cluster.local"),
        )?,
        is(facts.output("gateway_name")?, "", json!("shared"))?,
        is(facts.output("gateway_namespace")?, "", json!("gateway"))?,
        is(facts.output("tls_secret_name")?, "", json!("shared-tls"))?,
    ])
}
