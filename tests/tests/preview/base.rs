//! The package `preview-base`.

use std::collections::BTreeMap;
use std::sync::Mutex;

use acceptance::alternating_clis;
use anyhow::{Result, anyhow, ensure};
use serde_json::json;
use tfharness::{Cli, Workspace};

use crate::base_rows;
use crate::facts::{Facts, is};
use crate::order::Deletions;
use crate::providers::kubernetes;

/// Secret values, which no file may contain.
const SECRETS: [&str; 3] = [
    "postgresql-password-that-no-file-may-contain",
    "dns-token-that-no-file-may-contain",
    "registry-password-that-no-file-may-contain",
];
/// Kubeconfig of a local cluster, with a client certificate.
const LOCAL: &str = "apiVersion: v1
kind: Config
clusters:
  - name: kind
    cluster:
      server: https://127.0.0.1:6443
      certificate-authority-data: bG9jYWw=
users:
  - name: kind
    user:
      client-certificate-data: Y2VydGlmaWNhdGU=
      client-key-data: a2V5
";

/// Returns the example with a profile.
pub(crate) fn example(cli: &Cli, profile: &str) -> Workspace {
    let credentials = json!({ "auths": { "registry.example.com": { "auth": SECRETS[2] } } });
    let workspace = Workspace::of("examples/preview-base")
        .cli(cli)
        .doubles(kubernetes())
        .var("profile", profile)
        .var("domain", "example.com")
        .var("postgresql_password", SECRETS[0])
        .var("registry_credentials", credentials.to_string());
    match profile {
        "local" => workspace.var("kubeconfig", LOCAL),
        _ => workspace
            .var("kubernetes_version", "1.34.1-do.0")
            .var("acme_email", "ops@example.com")
            .var("dns_token", SECRETS[1]),
    }
}

/// Returns the state of an applied base. Each base is applied once.
pub(crate) fn state(cli: &Cli, profile: &str) -> Result<String> {
    static STATES: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    let mut states = STATES.lock().map_err(|_| anyhow!("another test failed"))?;
    let key = format!("{cli} {profile}");
    if let Some(state) = states.get(&key) {
        return Ok(state.clone());
    }
    let state = example(cli, profile).apply()?.state_text()?;
    states.insert(key, state.clone());
    Ok(state)
}

#[test]
fn base_meets_the_requirements_and_destroys_in_order() -> Result<()> {
    for cli in alternating_clis()? {
        let stack = example(&cli, "preview").apply()?;
        base_rows::expect_all(&cli, &Facts::of(&stack)?)?;
        let text = stack.state_text()?;
        for secret in SECRETS {
            ensure!(!text.contains(secret), "{cli}: the state contains {secret}");
        }
        let deletions = Deletions::of(&stack)?;
        let of = |name: &str| format!("module.base.{name}");
        // Without its controller, a gateway or a certificate cannot be deleted.
        for controller in ["cert_manager", "nginx_gateway_fabric"] {
            let early = deletions.before(&of("helm_release.gateway"))?;
            let controller = of(&format!("helm_release.{controller}"));
            ensure!(!early.contains(&controller.as_str()), "{cli}: {early:?}");
        }
        // The cluster is last, because objects in it could not be deleted afterwards.
        let cluster = of("digitalocean_kubernetes_cluster.this[0]");
        for object in [
            "kubernetes_service_v1.gateway",
            "helm_release.postgresql[0]",
        ] {
            let early = deletions.before(&of(object))?;
            ensure!(!early.contains(&cluster.as_str()), "{cli}: {early:?}");
        }
        let left = stack.show()?.resources;
        ensure!(left.is_empty(), "{cli}: {left:?} remain");
    }
    Ok(())
}

#[test]
fn production_base_has_a_managed_database_and_other_hosts() -> Result<()> {
    for cli in alternating_clis()? {
        let stack = example(&cli, "production").apply()?;
        let facts = Facts::of(&stack)?;
        let database = facts.only("digitalocean_database_cluster")?;
        is(database, "/node_count", json!(2))?;
        is(database, "/version", json!("17"))?;
        is(
            database,
            "/private_network_uuid",
            facts.only("digitalocean_vpc")?["id"].clone(),
        )?;
        let firewall = facts.only("digitalocean_database_firewall")?;
        is(firewall, "/rule/0/type", json!("k8s"))?;
        is(
            facts.only("digitalocean_kubernetes_cluster")?,
            "/ha",
            json!(true),
        )?;
        is(
            facts.output("postgresql_host")?,
            "",
            database["private_host"].clone(),
        )?;
        is(
            facts.output("gateway_hosts")?,
            "",
            json!(["api.example.com", "example.com", "www.example.com"]),
        )?;
        let mut names: Vec<_> = facts
            .all("digitalocean_record")
            .into_iter()
            .map(|record| record["name"].as_str().unwrap_or_default())
            .collect();
        names.sort_unstable();
        ensure!(names == ["@", "api", "www"], "{cli}: {names:?}");
        stack.destroy()?;
    }
    Ok(())
}

#[test]
fn local_base_uses_the_given_cluster_and_a_self_signed_certificate() -> Result<()> {
    for cli in alternating_clis()? {
        let stack = example(&cli, "local").apply()?;
        let state = stack.show()?;
        let foreign: Vec<_> = state
            .managed()
            .filter(|each| each.kind.starts_with("digitalocean_"))
            .map(|each| each.address.clone())
            .collect();
        ensure!(foreign.is_empty(), "{cli}: {foreign:?}");
        let facts = Facts::of(&stack)?;
        let objects = base_rows::objects(&facts, "helm_release.gateway")?;
        let issuer = base_rows::object(&objects, "ClusterIssuer")?;
        is(issuer, "/spec", json!({ "selfSigned": {} }))?;
        is(
            facts.at("kubernetes_service_v1.gateway")?,
            "/spec/0/type",
            json!("NodePort"),
        )?;
        let kubeconfig = facts.output("kubeconfig")?;
        ensure!(kubeconfig.as_str() == Some(LOCAL), "{cli}: {kubeconfig}");
        stack.destroy()?;
    }
    Ok(())
}

#[test]
fn a_local_base_requires_a_kubeconfig() -> Result<()> {
    let cli = Cli::all()?.swap_remove(0);
    let mut stack = example(&cli, "local").init()?;
    stack.set_var("kubeconfig", "");
    let finished = stack.run(&["plan", "-no-color", "-input=false"])?;
    ensure!(
        finished.code() == Some(1) && finished.stderr.contains("the profile local"),
        "{}",
        finished.stderr
    );
    Ok(())
}
