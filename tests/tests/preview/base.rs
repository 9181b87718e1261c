//! The package `preview-base`.

use anyhow::{Result, ensure};
use tfharness::{Cli, Workspace};

use crate::providers::kubernetes;

/// Secret values, which no file may contain.
pub(crate) const SECRETS: [&str; 3] = [
    "postgresql-password-that-no-file-may-contain",
    "dns-token-that-no-file-may-contain",
    "registry-password-that-no-file-may-contain",
];

/// Returns the example with a profile.
pub(crate) fn example(cli: &Cli, profile: &str) -> Workspace {
    let workspace = Workspace::of("examples/preview-base")
        .cli(cli)
        .doubles(kubernetes())
        .var("profile", profile)
        .var("domain", "example.com")
        .var("postgresql_password", SECRETS[0])
        .var(
            "registry_credentials",
            format!(
                r#"{{"auths":{{"registry.example.com":{{"auth":"{}"}}}}}}"#,
                SECRETS[2]
            ),
        );
    match profile {
        "local" => workspace.var("kubeconfig", LOCAL),
        _ => workspace
            .var("kubernetes_version", "1.34.1-do.0")
            .var("acme_email", "ops@example.com")
            .var("dns_token", SECRETS[1]),
    }
}

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

#[test]
fn base_applies_and_destroys() -> Result<()> {
    for cli in Cli::all()? {
        for profile in ["preview", "production", "local"] {
            let stack = example(&cli, profile).apply()?;
            let text = stack.state_text()?;
            for secret in SECRETS {
                ensure!(!text.contains(secret), "{cli}: {secret}");
            }
            stack.destroy()?;
            ensure!(stack.show()?.resources.is_empty(), "{cli}");
        }
    }
    Ok(())
}
