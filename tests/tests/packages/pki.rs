//! The package `pki`, and the PKI of a registry, without the rest of the registry. Requirements are the same as for a
//! complete registry.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::{Action, Stack};
use tfharness::{Cli, LocalAws, Workspace};

use crate::facts::{expect, text};
use crate::package::{Package, caller, refusal, repository};
use crate::policies;
use crate::requirements::Pki;
use crate::scenario::with_one_cli;

/// A bucket with versioning. Its deletion fails while it contains a version of an object.
pub(crate) const BUCKET: &str = r#"resource "aws_s3_bucket" "published" {
  bucket_prefix = "published-"
}

resource "aws_s3_bucket_versioning" "published" {
  bucket = aws_s3_bucket.published.id

  versioning_configuration {
    status = "Enabled"
  }
}

output "bucket" {
  value = aws_s3_bucket.published.id
}

"#;
/// Name of the bucket, which is known after the bucket has versioning.
pub(crate) const BUCKET_NAME: &str = "${aws_s3_bucket_versioning.published.bucket}";
/// URL of the published objects.
pub(crate) const URL: &str = "http://pki.example.com/.well-known";
/// Locations of keys.
const BACKENDS: [&str; 2] = ["hsm", "software"];

#[test]
fn package_meets_the_requirements_with_both_backends() -> Result<()> {
    with_one_cli(|cli, aws| {
        for backend in BACKENDS {
            let root = |protected: bool| {
                let inputs = [
                    ("bucket_name", json!(BUCKET_NAME)),
                    ("well_known_url", json!(URL)),
                    ("hsm_backend", json!(backend)),
                    ("deletion_protection", json!(protected)),
                    ("force_destroy", json!(true)),
                ];
                format!("{BUCKET}{}", caller(&inputs))
            };
            let workspace = Package::named("pki")?.under(root(true)).cli(cli).aws(aws);
            let stack = workspace.apply().context(backend)?;
            policies::expect_keys_can_be_deleted(aws, false).context(backend)?;
            let pki = Pki {
                aws,
                secrets: "pki".to_owned(),
                named: "pki",
                signing: ["Signing", "signing-key"],
                hsm_backend: backend,
                bucket: stack.output("bucket")?,
                url: URL.to_owned(),
            };
            pki.expect_as_required().context(backend)?;
            stack.write("main.tf", &root(false))?;
            stack.apply().context("without deletion protection")?;
            policies::expect_keys_can_be_deleted(aws, true).context(backend)?;
            stack.destroy().context(backend)?;
        }
        aws.expect_empty()?;
        Ok(())
    })
}

/// The PKI of a registry before it had a backend for keys.
const EARLIER: &str = include_str!("pki/earlier.tf");
/// The address of the root CA in the tests.
const ROOT: &str = "module.package.skreg_pki_root_ca.this";

#[test]
fn upgraded_registry_keeps_the_root_in_secrets_manager() -> Result<()> {
    with_one_cli(|cli, aws| {
        let stack = earlier(cli, aws)?;
        let document = || -> Result<Value> {
            let id = json!({ "SecretId": "skreg/pki/root-ca-key" });
            let answer = aws.call("secretsmanager", "GetSecretValue", id)?;
            Ok(json!([
                text(&answer, "/SecretString")?,
                text(&answer, "/VersionId")?
            ]))
        };
        let before = document()?;

        let part = Package::read(&repository()?.join("modules/skreg/modules/pki"))?;
        for (path, content) in part.files() {
            stack.write(&format!("package/{path}"), content)?;
        }
        stack.init().context("the new version")?;
        let refused = refusal(&stack, |stack| stack.plan())?;
        ensure!(
            refused.contains("Private key cannot be moved to AWS KMS")
                && refused.contains("set hsm_backend = \"software\""),
            "expected the error of the root, found {refused}"
        );

        stack.write(
            "main.tf",
            &root_module(aws, &[("hsm_backend", json!("software"))]),
        )?;
        let plan = stack.plan().context("with the software backend")?;
        let changed: Vec<_> = plan
            .changes()
            .filter(|one| one.address == ROOT || one.change.actions.contains(&Action::Delete))
            .map(|one| (one.address.as_str(), one.change.actions.as_slice()))
            .collect();
        ensure!(
            changed.is_empty(),
            "expected the root to be kept, found {changed:?}"
        );
        stack.apply().context("with the software backend")?;
        expect("root key document", &document()?, &before)?;
        let pki = Pki {
            aws,
            secrets: "skreg/pki".to_owned(),
            named: "skreg",
            signing: ["Package Signing", "package-signing-key"],
            hsm_backend: "software",
            bucket: stack.output("bucket")?,
            url: URL.to_owned(),
        };
        pki.expect_as_required()?;

        stack.write(
            "main.tf",
            &root_module(aws, &[("hsm_backend", json!("hsm"))]),
        )?;
        let refused = refusal(&stack, |stack| stack.plan())?;
        ensure!(
            refused.contains("Private key cannot be moved to AWS KMS"),
            "expected the error of the root, found {refused}"
        );
        stack.write(
            "main.tf",
            &root_module(aws, &[("hsm_backend", json!("software"))]),
        )?;
        stack.destroy()?;
        aws.expect_empty()?;
        Ok(())
    })
}

/// Applies the earlier version.
fn earlier(cli: &Cli, aws: &LocalAws) -> Result<Stack> {
    let workspace = Workspace::inline(root_module(aws, &[]));
    let workspace = workspace.file("package/main.tf", EARLIER);
    workspace
        .cli(cli)
        .aws(aws)
        .apply()
        .context("the earlier version")
}

fn root_module(aws: &LocalAws, more: &[(&str, Value)]) -> String {
    let mut inputs = vec![
        ("name", json!("skreg")),
        ("account_id", json!(aws.id())),
        ("kms_key_arn", json!("${aws_kms_key.secrets.arn}")),
        ("bucket_name", json!(BUCKET_NAME)),
        ("well_known_url", json!(URL)),
        ("deletion_protection", json!(false)),
        ("force_destroy", json!(true)),
    ];
    inputs.extend_from_slice(more);
    format!(
        "resource \"aws_kms_key\" \"secrets\" {{}}\n\n{BUCKET}{}",
        caller(&inputs)
    )
}
