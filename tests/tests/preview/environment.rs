//! The package `preview-env`: an environment of a pull request, of production, and on a local cluster.

use acceptance::alternating_clis;
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;
use tfharness::{Cli, Workspace};

use crate::base;
use crate::environment_rows;
use crate::facts::{Facts, is, text};
use crate::order::Deletions;
use crate::pods::Pod;
use crate::providers::kubernetes;

/// Secret values, which no file may contain.
const SECRETS: [&str; 3] = [
    "database-password-that-no-file-may-contain",
    "app-key-that-no-file-may-contain",
    "registry-password-that-no-file-may-contain",
];
/// Digests of the images.
pub(crate) const WEB: char = 'a';
pub(crate) const API: char = 'b';

/// Returns an image with a digest that consists of one digit.
pub(crate) fn image(name: &str, digit: char) -> String {
    let digest: String = std::iter::repeat_n(digit, 64).collect();
    format!("registry.digitalocean.com/acme/{name}@sha256:{digest}")
}

/// File with the state of the base.
pub(crate) const BASE: &str = "base.tfstate";

/// Returns the example for a base, whose state is a file in the same folder.
pub(crate) fn example(cli: &Cli, profile: &str) -> Result<Workspace> {
    let credentials = json!({ "auths": { "registry.example.com": { "auth": SECRETS[2] } } });
    let workspace = Workspace::of("examples/preview-env")
        .cli(cli)
        .doubles(kubernetes())
        .file(BASE, base::state(cli, profile)?)
        .var(
            "base_state",
            json!({ "backend": "local", "config": { "path": BASE } }),
        )
        .var("profile", profile)
        .var("domain", "example.com")
        .var("web_image", image("web", WEB))
        .var("api_image", image("api", API))
        .var("database_password", SECRETS[0])
        .var("app_key", SECRETS[1])
        .var("registry_credentials", credentials.to_string());
    Ok(match profile {
        "production" => workspace,
        _ => workspace.var("pull_request", 7),
    })
}

#[test]
fn environment_meets_the_requirements_and_leaves_nothing() -> Result<()> {
    for cli in alternating_clis()? {
        let stack = example(&cli, "preview")?
            .var("seed_command", json!(["php", "artisan", "db:seed"]))
            .apply()?;
        environment_rows::expect_all(&cli, &Facts::of(&stack)?)?;
        let text = stack.state_text()?;
        for secret in SECRETS {
            ensure!(!text.contains(secret), "{cli}: the state contains {secret}");
        }
        expect_order(&cli, &stack)?;
        let left = stack.show()?.resources;
        let managed: Vec<_> = left
            .keys()
            .filter(|one| !one.starts_with("data."))
            .collect();
        ensure!(managed.is_empty(), "{cli}: {managed:?} remain");
    }
    Ok(())
}

/// Destroys an environment, and checks the order.
fn expect_order(cli: &Cli, stack: &Stack) -> Result<()> {
    let state = stack.show()?;
    let inside: Vec<_> = state
        .managed()
        .filter(|each| {
            let manifest = &each.values["manifest"]["metadata"]["namespace"];
            each.values["metadata"][0]["namespace"] == "preview-pr-7" || manifest == "preview-pr-7"
        })
        .map(|each| each.address.clone())
        .collect();
    ensure!(inside.len() >= 15, "{cli}: {} objects", inside.len());
    let deletions = Deletions::of(stack)?;
    let of = |name: &str| format!("module.environment.{name}");
    let not_before = |object: &str, first: &str| {
        let early = deletions.before(first)?;
        ensure!(
            !early.contains(&object),
            "{cli}: {object} is deleted before {first}"
        );
        anyhow::Ok(())
    };
    // Deleting the namespace does not delete anything that the state still contains.
    for object in &inside {
        not_before(&of("kubernetes_namespace_v1.this"), object)?;
    }
    // The database is dropped after everything that uses it.
    let removal = of("helm_release.database_removal[0]");
    for user in [
        "kubernetes_deployment_v1.api",
        "kubernetes_job_v1.migration",
    ] {
        not_before(&removal, &of(user))?;
    }
    // The order of a destroy is the reverse of the order of an apply: the API starts after the jobs.
    let api = of("kubernetes_deployment_v1.api");
    for job in ["migration", "seed[0]"] {
        not_before(&of(&format!("kubernetes_job_v1.{job}")), &api)?;
    }
    not_before(
        &of("kubernetes_job_v1.database"),
        &of("kubernetes_job_v1.migration"),
    )
}

#[test]
fn production_has_replicas_without_quota_and_limits() -> Result<()> {
    for cli in alternating_clis()? {
        let stack = example(&cli, "production")?.apply()?;
        let facts = Facts::of(&stack)?;
        ensure!(
            facts.all("kubernetes_resource_quota_v1").is_empty(),
            "{cli}"
        );
        ensure!(
            facts.all("helm_release").is_empty(),
            "{cli}: the database is dropped"
        );
        for (output, expected) in [
            ("namespace", "shop-production"),
            ("database_name", "shop"),
            ("web_url", "https://example.com"),
            ("api_url", "https://api.example.com"),
        ] {
            is(facts.output(output)?, "", json!(expected))?;
        }
        let route = facts.at("kubernetes_manifest.web")?;
        is(
            route,
            "/manifest/spec/hostnames",
            json!(["example.com", "www.example.com"]),
        )?;
        for name in ["web", "api"] {
            let deployment = facts.at(&format!("kubernetes_deployment_v1.{name}"))?;
            is(deployment, "/spec/0/replicas", json!("2"))?;
        }
        let mut checked = 0;
        for pod in Pod::all(&facts)? {
            for container in pod.containers() {
                if pod.namespace == "shop-production" {
                    is(container, "/resources/0/limits", Value::Null)
                        .or_else(|_| is(container, "/resources/0/limits", json!({})))?;
                    ensure!(text(container, "/resources/0/requests/cpu")?.ends_with('m'));
                    checked += 1;
                }
            }
        }
        ensure!(checked == 5, "{cli}: {checked} containers");
        let policy = facts.at("kubernetes_network_policy_v1.database")?;
        is(
            policy,
            "/spec/0/egress/0/to/0/ip_block/0/cidr",
            json!("10.110.0.0/20"),
        )?;
        stack.destroy()?;
    }
    Ok(())
}

#[test]
fn limits_are_in_the_manifest_if_they_are_specified() -> Result<()> {
    let cli = Cli::all()?.swap_remove(0);
    let amount = |cpu: u32, memory: u32| json!({ "cpu_millicores": cpu, "memory_mib": memory });
    let web = json!({ "requests": amount(300, 300), "limits": amount(600, 500) });
    let stack = example(&cli, "production")?
        .var("resources", json!({ "web": web }))
        .apply()?;
    let facts = Facts::of(&stack)?;
    let web = facts.at("kubernetes_deployment_v1.web")?;
    let resources = "/spec/0/template/0/spec/0/container/0/resources/0";
    is(
        web,
        &format!("{resources}/limits"),
        json!({ "cpu": "600m", "memory": "500Mi" }),
    )?;
    is(
        web,
        &format!("{resources}/requests"),
        json!({ "cpu": "300m", "memory": "300Mi" }),
    )?;
    Ok(())
}

#[test]
fn local_environment_accepts_images_that_were_built_on_the_machine() -> Result<()> {
    for cli in alternating_clis()? {
        let stack = example(&cli, "local")?
            .var("web_image", "shop-web:dev")
            .var("api_image", "shop-api:dev")
            .apply()?;
        let facts = Facts::of(&stack)?;
        for pod in Pod::all(&facts)? {
            for container in pod.containers() {
                is(container, "/image_pull_policy", json!("IfNotPresent"))?;
            }
        }
        is(facts.output("namespace")?, "", json!("preview-pr-7"))?;
        let job = text(facts.output("migration_job")?, "")?;
        ensure!(job.len() == "migration-".len() + 12, "{cli}: {job}");
        stack.destroy()?;
    }
    Ok(())
}
