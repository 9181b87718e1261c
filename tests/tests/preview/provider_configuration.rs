//! The providers connect only to the cluster of the base. A kubeconfig and other settings in the environment are never used.
//!
//! hashicorp/kubernetes and hashicorp/helm read an environment variable if the argument for it is null. Source: argument
//! reference on the index page of both providers; kubernetes/provider.go, helm/provider.go, and helm/kubeconfig.go.

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::Cli;
use tfharness::workspace::Stack;

use crate::environment::{BASE, example};

/// Arguments that have an environment variable. `config_paths` cannot be set together with `config_path`.
const ARGUMENTS: [&str; 14] = [
    "client_certificate",
    "client_key",
    "cluster_ca_certificate",
    "config_context",
    "config_context_auth_info",
    "config_context_cluster",
    "config_path",
    "host",
    "insecure",
    "password",
    "proxy_url",
    "tls_server_name",
    "token",
    "username",
];
/// A kubeconfig of another cluster.
const OTHER: &str = "apiVersion: v1
kind: Config
current-context: other
clusters: [{name: other, cluster: {server: https://other.example.com}}]
contexts: [{name: other, context: {cluster: other, user: other}}]
users: [{name: other, user: {token: other-token}}]
";

/// Returns the configuration of a provider in a plan.
fn configured(stack: &Stack, provider: &str) -> Result<Value> {
    stack.succeed(&["plan", "-input=false", "-out=connection.tfplan"])?;
    let text = stack.succeed(&["show", "-json", "connection.tfplan"])?;
    let plan: Value = serde_json::from_str(&text)?;
    let found = &plan["configuration"]["provider_config"][provider]["expressions"];
    ensure!(found.is_object(), "{plan:#}");
    Ok(found.clone())
}

/// Collects the references in an expression.
fn references<'a>(expression: &'a Value, found: &mut Vec<&'a str>) {
    match expression {
        Value::Object(members) => {
            let own = members.get("references").and_then(Value::as_array);
            found.extend(own.into_iter().flatten().filter_map(Value::as_str));
            members.values().for_each(|one| references(one, found));
        }
        Value::Array(elements) => elements.iter().for_each(|one| references(one, found)),
        _ => {}
    }
}

#[test]
fn providers_use_only_the_outputs_of_the_base() -> Result<()> {
    for cli in alternating_clis()? {
        let stack = example(&cli, "preview")?
            .file("other.yaml", OTHER)
            .env("KUBECONFIG", "other.yaml")
            .env("KUBE_CONFIG_PATH", "other.yaml")
            .env("KUBE_CONFIG_PATHS", "other.yaml")
            .env("KUBE_HOST", "https://other.example.com")
            .env("KUBE_TOKEN", "other-token")
            .apply()?;
        let text = stack.state_text()?;
        ensure!(
            !text.contains("other"),
            "{cli}: the state names another cluster"
        );

        let kubernetes = configured(&stack, "kubernetes")?;
        for argument in ARGUMENTS {
            ensure!(
                kubernetes[argument].is_object(),
                "{cli}: {argument} is not set, so the provider reads its variable"
            );
        }
        let helm = configured(&stack, "helm")?;
        let mut found = Vec::new();
        references(&kubernetes, &mut found);
        references(&helm, &mut found);
        let foreign: Vec<_> = found
            .into_iter()
            .filter(|one| *one != "local.connection" && !one.starts_with("local.connection."))
            .collect();
        ensure!(foreign.is_empty(), "{cli}: {foreign:?}");
        let context = &kubernetes["config_context"]["constant_value"];
        ensure!(context == "outputs-of-the-base", "{cli}: {context}");
        for variable in ["KUBECONFIG", "KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS"] {
            ensure!(
                stack.environment()?.contains_key(variable),
                "{variable} is not set"
            );
        }
    }
    Ok(())
}

#[test]
fn the_configured_kubeconfig_names_no_cluster() -> Result<()> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
    let read = |example: &str, file: &str| {
        let path = format!("{root}/{example}/{file}");
        std::fs::read_to_string(&path).with_context(|| path)
    };
    for example in ["preview-base", "preview-env"] {
        let kubeconfig = read(example, "kubeconfig.yaml")?;
        let providers = read(example, "providers.tf")?;
        for word in ["server:", "token:", "data:", "exec:", "proxy-url:"] {
            ensure!(!kubeconfig.contains(word), "{example}: {word}");
        }
        ensure!(
            kubeconfig.contains("name: outputs-of-the-base"),
            "{kubeconfig}"
        );
        // Both providers have the same arguments.
        for argument in ARGUMENTS {
            let count = providers
                .lines()
                .filter(|line| {
                    let mut words = line.split_whitespace();
                    words.next() == Some(argument) && words.next() == Some("=")
                })
                .count();
            let connection = ["host", "token", "config_path"].contains(&argument)
                || argument.starts_with("client_")
                || argument == "cluster_ca_certificate";
            let expected = 2 + usize::from(connection);
            ensure!(count == expected, "{example}: {argument}: {count}");
        }
    }
    Ok(())
}

#[test]
fn an_empty_kubeconfig_fails_the_plan() -> Result<()> {
    let cli = Cli::all()?.swap_remove(0);
    let stack = example(&cli, "preview")?.init()?;
    let path = stack.directory().join(BASE);
    let mut state: Value = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
    state["outputs"]["kubeconfig"]["value"] = json!("");
    std::fs::write(&path, state.to_string())?;
    let finished = stack.run(&["plan", "-no-color", "-input=false"])?;
    ensure!(finished.code() == Some(1), "{}", finished.stdout);
    Ok(())
}
