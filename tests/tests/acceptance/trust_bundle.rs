//! Trust bundles: published to S3, read with independent programs, and rotated step by step.

use std::sync::Mutex;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, Workspace, on};

use crate::diagnostic::{APPLY, PLAN, Saying, expect_refused, expect_warned};
use crate::openssl::{fingerprint, foreign_root, openssl};
use crate::scenario::with_one_cli;

const JSON: &str = ".well-known/trust-bundle.json";
const PEM: &str = ".well-known/trust-bundle.pem";
const SUMS: &str = ".well-known/trust-bundle.sha256";
const ADDRESS: &str = "skreg_pki_trust_bundle.this";

const BUNDLE: &str = r#"
    terraform {
      required_providers { skreg = { source = "skreg/skreg" } }
    }
    variable "bucket" {}
    variable "roots" { type = any }
    variable "days" { default = 30 }
    variable "on_destroy" { default = "delete" }
    resource "skreg_pki_trust_bundle" "this" {
      roots                 = var.roots
      min_distribution_days = var.days
      on_destroy            = var.on_destroy
      publish               = { bucket = var.bucket }
    }
    output "version" { value = skreg_pki_trust_bundle.this.version }
    output "fingerprints" { value = skreg_pki_trust_bundle.this.fingerprints }
"#;

/// Returns the name of the bucket. All accounts share the names of buckets.
fn bucket(aws: &LocalAws) -> String {
    format!("trust-{}", aws.id())
}

fn workspace(cli: &Cli, aws: &LocalAws, roots: Value) -> Workspace {
    Workspace::inline(BUNDLE)
        .cli(cli)
        .aws(aws)
        .var("bucket", bucket(aws))
        .var("roots", roots)
}

/// Creates the certificate of a root.
fn root(name: &str) -> Result<String> {
    Ok(foreign_root(name)?.1)
}

fn status(certificate: &str, status: &str) -> Value {
    json!({ "certificate_pem": certificate, "status": status })
}

fn until(certificate: &str, status: &str) -> Value {
    json!({ "certificate_pem": certificate, "status": status, "trust_until": "2040-01-01T00:00:00Z" })
}

/// The three published objects.
struct Published {
    document: Value,
    pem: String,
}

impl Published {
    /// Reads the objects, and checks their headers and checksums.
    fn read(aws: &LocalAws) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let mut sums = String::new();
        let mut texts = Vec::new();
        for (key, content_type) in [
            (JSON, "application/json"),
            (PEM, "application/x-pem-file"),
            (SUMS, "text/plain"),
        ] {
            let object = aws.s3().object(&bucket(aws), key)?;
            let headers = (
                object.content_type.as_deref(),
                object.cache_control.as_deref(),
            );
            ensure!(
                headers == (Some(content_type), Some("max-age=3600")),
                "{key}: {headers:?}"
            );
            let name = key.rsplit('/').next().unwrap_or(key);
            let file = directory.path().join(name);
            std::fs::write(&file, &object.content)?;
            let file = file
                .to_str()
                .context("the temporary directory is not UTF-8")?;
            let digest = openssl(&["dgst", "-sha256", "-r", file], "")?;
            let digest = digest.split_whitespace().next().context("no digest")?;
            if key != SUMS {
                sums.push_str(&format!("{digest}  {name}\n"));
            }
            texts.push(String::from_utf8(object.content)?);
        }
        ensure!(
            texts[2] == sums,
            "expected the checksums\n{sums}found\n{}",
            texts[2]
        );
        Ok(Self {
            document: serde_json::from_str(&texts[0])?,
            pem: texts[1].clone(),
        })
    }

    fn version(&self) -> u64 {
        self.document["version"].as_u64().unwrap_or_default()
    }

    /// Checks the statuses of roots in the document, and that OpenSSL trusts only the roots in the PEM bundle.
    fn expect(&self, roots: &[(&str, &str)]) -> Result<()> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("bundle.pem");
        std::fs::write(&file, &self.pem)?;
        let file = file
            .to_str()
            .context("the temporary directory is not UTF-8")?;
        let stored = self.document["roots"].as_array().context("no roots")?;
        ensure!(stored.len() == roots.len(), "{}", self.document);
        for (certificate, status) in roots {
            let digest = fingerprint(certificate)?;
            let found = stored
                .iter()
                .find(|root| root["certificate_sha256"] == digest.as_str());
            let found = found.with_context(|| format!("no root {digest}"))?;
            ensure!(
                found["status"] == *status,
                "expected {status}, found {found}"
            );
            let verified = openssl(&["verify", "-CAfile", file], certificate);
            ensure!(
                verified.is_ok() == (*status != "retired"),
                "{status}: {verified:?}"
            );
        }
        Ok(())
    }
}

#[test]
fn rotation_follows_the_order_of_the_statuses() -> Result<()> {
    let (first, second) = (root("First Root")?, root("Second Root")?);
    with_one_cli(|cli, aws| {
        aws.s3().create_bucket(&bucket(aws))?;
        let roots = json!({ "g1": status(&first, "active") });
        let mut stack = workspace(cli, aws, roots).apply()?;
        let published = Published::read(aws)?;
        published.expect(&[(&first, "active")])?;

        let roots = json!({ "g1": status(&first, "active"), "g2": status(&second, "next") });
        stack.set_var("roots", roots);
        stack.apply()?;
        let added = Published::read(aws)?;
        added.expect(&[(&first, "active"), (&second, "next")])?;
        ensure!(
            added.version() == published.version() + 1,
            "{}",
            added.document
        );

        // The second root was distributed for less than 30 days.
        let roots = json!({ "g1": until(&first, "retiring"), "g2": status(&second, "active") });
        stack.set_var("roots", roots);
        let early = Saying {
            at: Some("roots"),
            says: &["not distributed for long enough", "min_distribution_days"],
        };
        expect_refused(&stack, PLAN, &early)?;
        stack.set_var("days", 0);
        stack.apply()?;
        let switched = Published::read(aws)?;
        switched.expect(&[(&first, "retiring"), (&second, "active")])?;

        stack.set_var("roots", json!({ "g2": status(&second, "active") }));
        let unannounced = Saying {
            at: Some("roots"),
            says: &["must be retired before it is removed"],
        };
        expect_refused(&stack, PLAN, &unannounced)?;
        let roots = json!({ "g1": until(&first, "retired"), "g2": status(&second, "active") });
        stack.set_var("roots", roots);
        stack.apply()?;
        let retired = Published::read(aws)?;
        retired.expect(&[(&first, "retired"), (&second, "active")])?;
        ensure!(
            retired.version() == published.version() + 3,
            "{}",
            retired.document
        );
        ensure!(stack.output::<u64>("version")? == retired.version());
        let fingerprints: Value = stack.output("fingerprints")?;
        ensure!(
            fingerprints["g2"] == fingerprint(&second)?,
            "{fingerprints}"
        );

        stack.set_var("roots", json!({ "g2": status(&second, "active") }));
        let removed = Saying {
            at: Some("roots"),
            says: &["removed before its window ends", "2040-01-01"],
        };
        expect_refused(&stack, PLAN, &removed)?;

        let roots = json!({ "g1": until(&first, "retired"), "g2": status(&second, "active") });
        stack.set_var("roots", roots);
        stack.destroy()?;
        ensure!(aws.s3().get(&bucket(aws), JSON).is_err());
        Ok(())
    })
}

#[test]
fn unusable_roots_are_rejected() -> Result<()> {
    let (first, second) = (root("Same Root")?, root("Same Root")?);
    with_one_cli(|cli, aws| {
        aws.s3().create_bucket(&bucket(aws))?;
        let mut stack = workspace(cli, aws, json!({})).init()?;
        for (roots, says) in [
            (json!({ "g1": status(&first, "next") }), "no active root"),
            (json!({ "g1": status("x", "active") }), "not a root"),
            (
                json!({ "g1": status(&first, "retired") }),
                "End of the window is missing",
            ),
            (
                json!({ "g1": status(&first, "active"), "g2": status(&first, "next") }),
                "contains a root twice",
            ),
            (
                json!({ "g1": status(&first, "active"), "g2": status(&second, "next") }),
                "Cross-certificate is missing",
            ),
        ] {
            stack.set_var("roots", roots);
            let (finished, diagnostics) = crate::diagnostic::run(&stack, PLAN)?;
            let listed = crate::diagnostic::listed(&diagnostics);
            ensure!(
                finished.code() == Some(1) && listed.contains(says),
                "{says}: {listed}"
            );
        }
        Ok(())
    })
}

#[test]
fn interrupted_and_raced_publications_converge() -> Result<()> {
    let (first, second) = (root("First Root")?, root("Second Root")?);
    with_one_cli(|cli, aws| {
        aws.s3().create_bucket(&bucket(aws))?;
        let roots = json!({ "g1": status(&first, "active") });
        let mut one = workspace(cli, aws, roots.clone()).init()?;
        let write = on("s3", "PUT /*/*").mentioning(JSON).first();
        aws.add_rule(&write.kill_after(&one.providers()));
        one.failing(Stack::apply_once)?;
        aws.clear_rules();
        ensure!(
            aws.s3().get(&bucket(aws), PEM).is_err(),
            "the PEM bundle exists"
        );
        let interrupted: Value = serde_json::from_str(&aws.s3().get(&bucket(aws), JSON)?)?;
        let interrupted = interrupted["version"].as_u64().unwrap_or_default();
        one.apply()?;
        // The content did not change, so the version is the same.
        let version = Published::read(aws)?.version();
        ensure!(version == interrupted, "{version} is not {interrupted}");

        aws.s3().delete(&bucket(aws), SUMS)?;
        let outdated = Saying {
            at: Some("publish"),
            says: &["incomplete", SUMS],
        };
        expect_warned(&one, PLAN, &outdated)?;
        one.apply()?;
        Published::read(aws)?.expect(&[(&first, "active")])?;

        // Another writer with the same roots adds one between the read and the write of this one.
        let added = json!({ "g1": status(&first, "active"), "g2": status(&second, "next") });
        let two = workspace(cli, aws, roots).init()?;
        let continued = Saying {
            at: Some("publish"),
            says: &["continued", &format!("version {version}")],
        };
        expect_warned(&two, PLAN, &continued)?;
        two.apply()?;
        let mut two = two;
        two.set_var("roots", added.clone());
        let two = Mutex::new(two);
        let race = on("s3", "PUT /*/*").mentioning(JSON).first();
        aws.add_rule(&race.before(move || {
            let two = two.lock().expect("the other writer does not panic");
            two.apply_once().expect("the other writer publishes");
        }));
        one.set_var(
            "roots",
            json!({ "g1": status(&first, "active"), "b2": status(&second, "next") }),
        );
        one.apply_once()?;
        aws.clear_rules();
        let last = Published::read(aws)?;
        last.expect(&[(&first, "active"), (&second, "next")])?;
        ensure!(last.version() == version + 1, "{}", last.document);
        one.expect_empty_plan()?;
        Ok(())
    })
}

#[test]
fn foreign_and_old_documents_are_not_overwritten() -> Result<()> {
    let (first, second) = (root("First Root")?, root("Second Root")?);
    with_one_cli(|cli, aws| {
        aws.s3().create_bucket(&bucket(aws))?;
        let mut stack = workspace(cli, aws, json!({ "g1": status(&first, "active") })).apply()?;
        let old = aws.s3().get(&bucket(aws), JSON)?;
        let version = Published::read(aws)?.version();
        let roots = json!({ "g1": status(&first, "active"), "g2": status(&second, "next") });
        stack.set_var("roots", roots);
        stack.apply()?;
        for (content, says) in [
            (old.as_str(), "older than the state"),
            ("a web page", "not a trust bundle"),
        ] {
            aws.s3().put(&bucket(aws), JSON, content)?;
            let refused = Saying {
                at: Some("publish"),
                says: &[says, "delete-object"],
            };
            expect_refused(&stack, PLAN, &refused)?;
            expect_refused(&stack, APPLY, &refused)?;
            ensure!(aws.s3().get(&bucket(aws), JSON)? == content);
        }
        // The remedy of the message.
        aws.s3().delete(&bucket(aws), JSON)?;
        stack.apply()?;
        let restored = Published::read(aws)?;
        restored.expect(&[(&first, "active"), (&second, "next")])?;
        ensure!(restored.version() == version + 1, "{}", restored.document);
        Ok(())
    })
}

#[test]
fn import_needs_no_change() -> Result<()> {
    let first = root("First Root")?;
    with_one_cli(|cli, aws| {
        aws.s3().create_bucket(&bucket(aws))?;
        let stack = workspace(cli, aws, json!({ "g1": status(&first, "active") }))
            .var("on_destroy", "retain")
            .apply()?;
        stack.succeed(&["state", "rm", ADDRESS])?;
        stack.import(ADDRESS, &format!("s3://{}/{JSON}", bucket(aws)))?;
        stack.expect_empty_plan()?;
        Ok(())
    })
}
