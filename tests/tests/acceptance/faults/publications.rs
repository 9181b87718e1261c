//! Interrupted publications of revocation lists and trust bundles. The bucket has versioning, so the checks see every object
//! that was ever published.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;
use tfharness::{LocalAws, Workspace};

use super::authorities::{ROOT, ROOT_SECRET, prepared};
use super::subject::{Operation, Subject};
use super::whole;
use crate::authority::Authority;
use crate::openssl::{foreign_root, openssl};

const LIST_ADDRESS: &str = "skreg_pki_crl.this";
const LIST_DER: &str = "crl.crl";
const LIST_PEM: &str = "crl.pem";
/// Serial number of a revoked certificate.
const REVOKED: &str = "5002";

fn bucket(aws: &LocalAws) -> String {
    format!("faults-{}", aws.id())
}

fn create_bucket(aws: &LocalAws) -> Result<()> {
    aws.s3().create_bucket(&bucket(aws))?;
    aws.s3().enable_versioning(&bucket(aws))?;
    Ok(())
}

/// Returns a root and its revocation list.
fn list(aws: &LocalAws, revoked: &str) -> String {
    format!(
        r#"{ROOT}
        resource "skreg_pki_crl" "this" {{
          issuer         = skreg_pki_root_ca.root.issuer
          validity_hours = 168
          revoked        = {{ {revoked} }}
          on_destroy     = "delete"
          publish        = {{ bucket = "{}", key_der = "{LIST_DER}", key_pem = "{LIST_PEM}" }}
        }}
        output "crl_number" {{ value = skreg_pki_crl.this.crl_number }}
        "#,
        bucket(aws)
    )
}

fn with_entry(aws: &LocalAws) -> String {
    list(
        aws,
        &format!("\"{REVOKED}\" = {{ revoked_at = \"2026-01-31T12:00:00Z\" }}"),
    )
}

const LIST: Subject = Subject {
    name: "",
    address: LIST_ADDRESS,
    operation: Operation::Apply,
    prepare: |cli, aws| {
        create_bucket(aws)?;
        prepared(cli, aws, ROOT, &with_entry(aws))
    },
    expect_whole: expect_list,
};

/// Operations on a revocation list.
pub(super) const LISTS: [Subject; 3] = [
    Subject {
        name: "create a revocation list",
        ..LIST
    },
    Subject {
        name: "issue the next revocation list",
        prepare: |cli, aws| {
            create_bucket(aws)?;
            prepared(cli, aws, &list(aws, ""), &with_entry(aws))
        },
        ..LIST
    },
    Subject {
        name: "destroy a revocation list",
        prepare: |cli, aws| {
            create_bucket(aws)?;
            prepared(cli, aws, &list(aws, ""), ROOT)
        },
        expect_whole: |aws, stack| {
            expect_deleted(aws, &[LIST_DER, LIST_PEM])?;
            whole::expect_stored(stack, &["skreg_pki_root_ca.root"])
        },
        ..LIST
    },
];

/// Checks that both objects contain the list in the state, that it revokes the certificate, and that no number was used for
/// two lists.
fn expect_list(aws: &LocalAws, stack: &Stack) -> Result<()> {
    whole::expect_secrets(aws, &[ROOT_SECRET])?;
    whole::expect_stored(stack, &["skreg_pki_root_ca.root", LIST_ADDRESS])?;
    let directory = tempfile::tempdir()?;
    let file = |name: &str, content: &[u8]| -> Result<String> {
        let path = directory.path().join(name);
        std::fs::write(&path, content)?;
        Ok(path.to_str().context("the path is not UTF-8")?.to_owned())
    };
    let root = Authority::read(aws, ROOT_SECRET)?;
    let root = file("root.pem", root.certificate_pem()?.as_bytes())?;
    let object = aws.s3().object(&bucket(aws), LIST_DER)?;
    let der = file("crl.crl", &object.content)?;
    let converted = openssl(&["crl", "-inform", "DER", "-in", &der], "")?;
    let pem = aws.s3().get(&bucket(aws), LIST_PEM)?;
    ensure!(
        converted == openssl(&["crl"], &pem)?,
        "the objects contain different lists"
    );
    // OpenSSL prints the result of the verification to standard error, and its exit status does not depend on it.
    let issued = ["verify", "-crl_check", "-CAfile", &root, "-CRLfile"];
    let list = file("crl.pem", pem.as_bytes())?;
    let verified = openssl(&[&issued[..], &[&list, &root]].concat(), "");
    ensure!(verified.is_ok(), "found {verified:?}");
    let text = openssl(&["crl", "-noout", "-text"], &pem)?;
    ensure!(
        text.contains(&format!("Serial Number: {REVOKED}")),
        "{text}"
    );

    let numbers = numbers(aws)?;
    let rises = numbers.windows(2).all(|pair| pair[0] < pair[1]);
    ensure!(rises, "the numbers {numbers:?} do not rise");
    let stored: u64 = stack.output("crl_number")?;
    ensure!(
        numbers.last() == Some(&stored),
        "the state contains number {stored}, the last of {numbers:?} is published"
    );
    Ok(())
}

/// Returns the numbers of all lists that were ever published in DER format, in order. The PEM object must never contain
/// another list.
fn numbers(aws: &LocalAws) -> Result<Vec<u64>> {
    let [der, pem] = [(LIST_DER, "DER"), (LIST_PEM, "PEM")].map(|(key, format)| {
        let published = versions(aws, key)?;
        let numbers = published.iter().map(|list| number(list, format));
        numbers.collect::<Result<Vec<u64>>>()
    });
    let (der, pem) = (der?, pem?);
    let rises = pem.windows(2).all(|pair| pair[0] < pair[1]);
    ensure!(
        rises && pem.iter().all(|number| der.contains(number)),
        "the PEM object contained the numbers {pem:?}, and the DER object {der:?}"
    );
    Ok(der)
}

fn number(list: &[u8], format: &str) -> Result<u64> {
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), list)?;
    let path = file.path().to_str().context("the path is not UTF-8")?;
    let arguments = [
        "crl",
        "-noout",
        "-crlnumber",
        "-inform",
        format,
        "-in",
        path,
    ];
    let text = openssl(&arguments, "")?;
    let digits = text.trim().trim_start_matches("crlNumber=0x");
    Ok(u64::from_str_radix(digits, 16)?)
}

/// Returns the content of all versions of an object, the oldest first.
fn versions(aws: &LocalAws, key: &str) -> Result<Vec<Vec<u8>>> {
    let s3 = aws.s3();
    let all = s3.versions(&bucket(aws))?;
    let mut contents = all
        .iter()
        .filter(|(name, _)| name == key)
        .map(|(_, version)| s3.version(&bucket(aws), key, version))
        .collect::<Result<Vec<_>, _>>()?;
    contents.reverse();
    Ok(contents)
}

fn expect_deleted(aws: &LocalAws, keys: &[&str]) -> Result<()> {
    for key in keys {
        let found = aws.s3().get(&bucket(aws), key);
        ensure!(found.is_err(), "{key} still exists");
    }
    Ok(())
}

const BUNDLE_ADDRESS: &str = "skreg_pki_trust_bundle.this";
const BUNDLE_JSON: &str = "bundle.json";
const BUNDLE_PEM: &str = "bundle.pem";
const BUNDLE_SUMS: &str = "bundle.sha256";

/// A trust bundle. Its roots are variables.
const BUNDLE: &str = r#"
    terraform {
      required_providers { skreg = { source = "skreg/skreg" } }
    }
    variable "bucket" {}
    variable "roots" { type = any }
    resource "skreg_pki_trust_bundle" "this" {
      roots                 = var.roots
      min_distribution_days = 0
      on_destroy            = "delete"
      publish = {
        bucket         = var.bucket
        key_json       = "bundle.json"
        key_pem        = "bundle.pem"
        key_sha256sums = "bundle.sha256"
      }
    }
    output "version" { value = skreg_pki_trust_bundle.this.version }
"#;

fn bundle(aws: &LocalAws) -> Result<Workspace> {
    create_bucket(aws)?;
    let (_, first) = foreign_root("First root")?;
    let roots = json!({ "first": { "certificate_pem": first, "status": "active" } });
    Ok(Workspace::inline(BUNDLE)
        .aws(aws)
        .var("bucket", bucket(aws))
        .var("roots", roots))
}

const TRUST_BUNDLE: Subject = Subject {
    name: "",
    address: BUNDLE_ADDRESS,
    operation: Operation::Apply,
    prepare: |cli, aws| Ok(bundle(aws)?.cli(cli).init()?),
    expect_whole: |aws, stack| expect_trust_bundle(aws, stack, 1),
};

/// Operations on a trust bundle.
pub(super) const TRUST_BUNDLES: [Subject; 3] = [
    Subject {
        name: "create a trust bundle",
        ..TRUST_BUNDLE
    },
    Subject {
        name: "add a root to a trust bundle",
        prepare: |cli, aws| {
            let mut stack = bundle(aws)?.cli(cli).apply()?;
            let document: Value = serde_json::from_str(&aws.s3().get(&bucket(aws), BUNDLE_JSON)?)?;
            let first = &document["roots"][0]["certificate_pem"];
            let (_, second) = foreign_root("Second root")?;
            let roots = json!({
                "first": { "certificate_pem": first, "status": "active" },
                "second": { "certificate_pem": second, "status": "next" },
            });
            stack.set_var("roots", roots);
            Ok(stack)
        },
        expect_whole: |aws, stack| expect_trust_bundle(aws, stack, 2),
        ..TRUST_BUNDLE
    },
    Subject {
        name: "destroy a trust bundle",
        operation: Operation::Destroy,
        prepare: |cli, aws| Ok(bundle(aws)?.cli(cli).apply()?),
        expect_whole: |aws, stack| {
            expect_deleted(aws, &[BUNDLE_JSON, BUNDLE_PEM, BUNDLE_SUMS])?;
            whole::expect_stored(stack, &[])
        },
        ..TRUST_BUNDLE
    },
];

/// Checks that the three objects contain the same bundle with these many roots, and that no version number was used for two
/// bundles.
fn expect_trust_bundle(aws: &LocalAws, stack: &Stack, roots: usize) -> Result<()> {
    whole::expect_stored(stack, &[BUNDLE_ADDRESS])?;
    let directory = tempfile::tempdir()?;
    let mut sums = String::new();
    for key in [BUNDLE_JSON, BUNDLE_PEM] {
        let path = directory.path().join(key);
        std::fs::write(&path, aws.s3().get(&bucket(aws), key)?)?;
        let path = path.to_str().context("the path is not UTF-8")?;
        let digest = openssl(&["dgst", "-sha256", "-r", path], "")?;
        let (digest, _) = digest.split_once(' ').context("no digest")?;
        sums.push_str(&format!("{digest}  {key}\n"));
    }
    let published = aws.s3().get(&bucket(aws), BUNDLE_SUMS)?;
    ensure!(
        published == sums,
        "expected the checksums\n{sums}found\n{published}"
    );

    let documents = versions(aws, BUNDLE_JSON)?;
    let documents: Vec<Value> = documents
        .iter()
        .map(|text| serde_json::from_slice(text))
        .collect::<Result<_, _>>()?;
    let last = documents.last().context("no bundle")?;
    let found = last["roots"].as_array().map_or(0, Vec::len);
    let pem = aws.s3().get(&bucket(aws), BUNDLE_PEM)?;
    ensure!(
        found == roots && pem.matches("BEGIN CERTIFICATE").count() == roots,
        "expected {roots} roots, found {last}"
    );
    let numbers: Vec<_> = documents
        .iter()
        .map(|one| one["version"].as_u64())
        .collect();
    let rises = numbers.windows(2).all(|pair| pair[0] < pair[1]);
    ensure!(rises, "the versions {numbers:?} do not rise");
    let stored: u64 = stack.output("version")?;
    ensure!(
        numbers.last() == Some(&Some(stored)),
        "the state contains version {stored}"
    );
    Ok(())
}
