//! The package `preview-env`.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tfharness::{Cli, Workspace};

use crate::providers::kubernetes;

/// A kubeconfig of the base.
const KUBECONFIG: &str = "apiVersion: v1
kind: Config
clusters:
  - name: base
    cluster:
      server: https://base.example.com:6443
      certificate-authority-data: YmFzZQ==
users:
  - name: base
    user:
      token: base-token
";

/// Returns a state that contains the outputs of a base.
fn base_state(profile: &str) -> Value {
    let text = |value: &str| json!({ "value": value, "type": "string" });
    json!({
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "11111111-1111-4111-8111-111111111111",
        "outputs": {
            "profile": text(profile),
            "domain": text("example.com"),
            "cluster_id": text("11111111-1111-4111-8111-111111111111"),
            "kubeconfig": { "value": KUBECONFIG, "type": "string", "sensitive": true },
            "gateway_name": text("shared"),
            "gateway_namespace": text("gateway"),
            "tls_secret_name": text("shared-tls"),
            "postgresql_host": text("db.default.svc.cluster.local"),
            "postgresql_port": { "value": 5432, "type": "number" },
            "postgresql_sslmode": text("prefer"),
            "postgresql_namespace": text("default"),
            "postgresql_admin_secret": text("postgresql-admin"),
            "postgresql_image": text("docker.io/library/postgres:17-alpine"),
        },
        "resources": [],
        "check_results": null,
    })
}

fn image(name: &str, digit: char) -> String {
    let digest: String = std::iter::repeat_n(digit, 64).collect();
    format!("registry.digitalocean.com/acme/{name}@sha256:{digest}")
}

fn example(cli: &Cli) -> Workspace {
    Workspace::of("examples/preview-env")
        .cli(cli)
        .doubles(kubernetes())
        .file("base.tfstate", base_state("preview").to_string())
        .var(
            "base_state",
            json!({ "backend": "local", "config": { "path": "base.tfstate" } }),
        )
        .var("domain", "example.com")
        .var("pull_request", 7)
        .var("web_image", image("web", 'a'))
        .var("api_image", image("api", 'b'))
        .var("database_password", "correct-horse-battery-staple")
        .var("app_key", "base64:app-key")
}

#[test]
fn environment_applies_and_destroys() -> Result<()> {
    for cli in Cli::all()? {
        let stack = example(&cli).apply()?;
        let url: String = stack.output("web_url")?;
        ensure!(url == "https://7.pr.example.com", "{url}");
        stack.destroy()?;
        ensure!(stack.show()?.resources.is_empty(), "{cli}");
    }
    Ok(())
}
