//! The base of preview environments: the objects of its charts, and the listeners to which routes refer.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::kubernetes::Client;
use tfharness::{Cli, Workspace};

use crate::cluster::{create_namespace, with_cluster};
use crate::environment::{Environment, Planned, label};
use crate::providers::kubernetes;
use crate::validation::expect_refusal;

/// Plans the base with a profile.
fn base(client: &Client, profile: &str) -> Result<Planned> {
    let cli = Cli::all()?.into_iter().next().context("no CLI")?;
    let workspace = Workspace::of("examples/preview-base")
        .cli(&cli)
        .doubles(kubernetes())
        .var("profile", profile)
        .var("domain", "example.com")
        .var("postgresql_password", "a-password-for-tests");
    let workspace = match profile {
        "local" => workspace.var("kubeconfig", crate::environment::KUBECONFIG),
        _ => workspace
            .var("kubernetes_version", "1.34.1-do.0")
            .var("acme_email", "ops@example.com")
            .var("dns_token", "a-token-for-tests"),
    };
    Planned::of(client, workspace)
}

fn of_kind<'a>(objects: &'a [Value], kind: &str) -> Result<&'a Value> {
    let found = objects.iter().find(|object| object["kind"] == kind);
    found.with_context(|| format!("no {kind}"))
}

#[test]
fn objects_of_the_base_are_valid_in_every_profile() -> Result<()> {
    with_cluster(|client| {
        for profile in ["local", "preview", "production"] {
            let base = base(client, profile)?;
            for object in &base.objects {
                if object["kind"] == "Namespace" {
                    create_namespace(client, object)?;
                }
            }
            for object in base.objects.iter().chain(&base.chart) {
                let valid = client.dry_run(object);
                valid.with_context(|| format!("{profile}: {}", label(object)))?;
            }
        }
        Ok(())
    })
}

#[test]
fn rules_of_gateway_api_and_cert_manager_refuse_broken_objects() -> Result<()> {
    with_cluster(|client| {
        let base = base(client, "preview")?;
        for object in &base.objects {
            if object["kind"] == "Namespace" {
                create_namespace(client, object)?;
            }
        }
        // A rule in the Common Expression Language.
        let mut gateway = of_kind(&base.chart, "Gateway")?.clone();
        let listeners = gateway["spec"]["listeners"].as_array_mut();
        let listeners = listeners.context("no listeners")?;
        let encrypted = listeners.iter_mut().find(|one| one["tls"].is_object());
        encrypted.context("no listener with TLS")?["protocol"] = json!("HTTP");
        expect_refusal(client, &gateway, "tls must not be specified for protocols")?;
        let mut certificate = of_kind(&base.chart, "Certificate")?.clone();
        certificate["spec"]["privateKey"]["algorithm"] = json!("DSA");
        expect_refusal(client, &certificate, "spec.privateKey.algorithm")?;
        let mut issuer = of_kind(&base.chart, "ClusterIssuer")?.clone();
        let acme = issuer["spec"]["acme"].as_object_mut();
        acme.context("no ACME issuer")?
            .remove("privateKeySecretRef");
        expect_refusal(client, &issuer, "spec.acme.privateKeySecretRef")
    })
}

#[test]
fn gateway_of_the_base_accepts_the_routes_of_an_environment() -> Result<()> {
    with_cluster(|client| {
        let base = base(client, "preview")?;
        let gateway = of_kind(&base.chart, "Gateway")?;
        let listeners = gateway["spec"]["listeners"]
            .as_array()
            .context("no listeners")?;
        let environment = Environment::plan(client, 14, 'a')?;
        let namespace = of_kind(&environment.objects, "Namespace")?;
        for route in environment.of_kind("HTTPRoute") {
            let (parent, metadata) = (&route["spec"]["parentRefs"][0], &gateway["metadata"]);
            let same =
                parent["name"] == metadata["name"] && parent["namespace"] == metadata["namespace"];
            ensure!(
                same,
                "{} refers to {parent}, not to {metadata}",
                label(route)
            );
            let host = route["spec"]["hostnames"][0].as_str().context("no host")?;
            let listener = listeners.iter().find(|listener| {
                let wildcard = listener["hostname"].as_str();
                let domain = wildcard.and_then(|wildcard| wildcard.strip_prefix('*'));
                domain.is_some_and(|domain| host.ends_with(domain))
            });
            let listener = listener.with_context(|| format!("no listener serves {host}"))?;
            let selector = &listener["allowedRoutes"]["namespaces"]["selector"];
            let required = &selector["matchExpressions"][0];
            let name = required["key"].as_str().context("no label")?;
            ensure!(required["operator"] == "Exists", "{required}");
            ensure!(
                namespace["metadata"]["labels"][name].is_string(),
                "the namespace does not have the label {name}"
            );
        }
        Ok(())
    })
}
