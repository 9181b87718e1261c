//! Revocation lists: published to S3, verified by OpenSSL, and continued after races and interruptions.
//!
//! The test signs certificates with the stored key of the authority, so that OpenSSL can check their revocation.

use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, Workspace, on};

use crate::authority::Authority;
use crate::diagnostic::{APPLY, PLAN, Saying, expect_refused, expect_warned};
use crate::openssl::openssl;
use crate::scenario::with_one_cli;

mod large;
mod scope;
mod stores;

const DER: &str = ".well-known/crl.crl";
const PEM: &str = ".well-known/crl.pem";
const ADDRESS: &str = "skreg_pki_crl.this";
/// Secret of the authority.
const SECRET: &str = "crl/root";
/// Serial numbers of the certificates that the tests sign.
const GOOD: &str = "5001";
const BAD: &str = "5002";
const REVOKED_AT: &str = "2026-01-31T12:00:00Z";

/// Arguments and outputs of a list whose issuer is `local.issuer`.
const LIST: &str = r#"
    terraform {
      required_providers { skreg = { source = "skreg/skreg" } }
    }
    variable "bucket" {}
    variable "revoked" {
      type    = any
      default = {}
    }
    variable "validity_hours" { default = 168 }
    variable "refresh_before_hours" {
      type    = number
      default = null
    }
    variable "on_destroy" { default = "delete" }
    variable "scope" { default = "all" }
    variable "issuing_distribution_points" {
      type    = list(string)
      default = null
    }
    variable "publish" {
      type    = map(string)
      default = {}
    }
    variable "ledger_uri" {
      type    = string
      default = null
    }
    resource "skreg_pki_crl" "this" {
      issuer                      = local.issuer
      revoked                     = var.revoked
      ledger_uri                  = var.ledger_uri
      scope                       = var.scope
      issuing_distribution_points = var.issuing_distribution_points
      validity_hours              = var.validity_hours
      refresh_before_hours        = var.refresh_before_hours
      on_destroy                  = var.on_destroy
      publish                     = merge({ bucket = var.bucket }, var.publish)
    }
    output "issuer" { value = local.issuer }
    output "crl_number" { value = skreg_pki_crl.this.crl_number }
    output "entry_count" { value = skreg_pki_crl.this.entry_count }
    output "next_update" { value = skreg_pki_crl.this.next_update }
"#;

/// The authority that issues the list.
const ROOT: &str = r#"
    resource "skreg_pki_root_ca" "this" {
      subject             = { common_name = "List Root" }
      key_algorithm       = "ECDSA_P256"
      validity_days       = 3650
      deletion_protection = false
      secrets_manager     = { name = "crl/root", recovery_window_in_days = 0 }
    }
    locals { issuer = skreg_pki_root_ca.this.issuer }
"#;

/// The authority of another configuration.
const OTHER_ROOT: &str = r#"
    variable "issuer" { type = any }
    locals { issuer = var.issuer }
"#;

/// Returns the name of the bucket. All accounts share the names of buckets.
fn bucket(aws: &LocalAws) -> String {
    format!("ca-{}", aws.id())
}

fn workspace(cli: &Cli, aws: &LocalAws) -> Result<Workspace> {
    aws.s3().create_bucket(&bucket(aws))?;
    Ok(Workspace::inline([LIST, ROOT].concat())
        .cli(cli)
        .aws(aws)
        .var("bucket", bucket(aws)))
}

/// Returns another configuration for the list of a stack.
fn another_writer(stack: &Stack, cli: &Cli, aws: &LocalAws) -> Result<Stack> {
    let hcl = [LIST, OTHER_ROOT].concat();
    let workspace = Workspace::inline(hcl).cli(cli).aws(aws);
    let workspace = workspace
        .var("bucket", bucket(aws))
        .var("revoked", revoked(&[BAD]));
    Ok(workspace
        .var("issuer", stack.output::<Value>("issuer")?)
        .init()?)
}

fn revoked(serials: &[&str]) -> Value {
    let entries = serials.iter().map(|serial| {
        let revocation = json!({ "revoked_at": REVOKED_AT, "reason": "key_compromise" });
        ((*serial).to_owned(), revocation)
    });
    Value::Object(entries.collect())
}

/// The published list in PEM format, as converted from the DER object by OpenSSL.
struct Published {
    directory: TempDir,
    number: u64,
    text: String,
}

impl Published {
    /// Reads both objects, and checks that they contain the same list and have the required headers.
    fn read(aws: &LocalAws) -> Result<Self> {
        let der = aws.s3().object(&bucket(aws), DER)?;
        let pem = aws.s3().object(&bucket(aws), PEM)?;
        let types = (der.content_type.as_deref(), pem.content_type.as_deref());
        ensure!(
            types == (Some("application/pkix-crl"), Some("application/x-pem-file")),
            "found the content types {types:?}"
        );
        ensure!(
            der.cache_control == pem.cache_control && der.cache_control.is_some(),
            "found the cache control {:?} and {:?}",
            der.cache_control,
            pem.cache_control
        );
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("crl.der");
        std::fs::write(&file, &der.content)?;
        let converted = openssl(&["crl", "-inform", "DER", "-in", utf8(&file)?], "")?;
        let same = openssl(&["crl"], &String::from_utf8(pem.content)?)?;
        ensure!(converted == same, "the objects contain different lists");
        std::fs::write(directory.path().join("crl.pem"), &converted)?;
        let text = openssl(&["crl", "-noout", "-text"], &converted)?;
        let number = openssl(&["crl", "-noout", "-crlnumber"], &converted)?;
        let number = number.trim().trim_start_matches("crlNumber=");
        Ok(Self {
            directory,
            number: u64::from_str_radix(number.trim_start_matches("0x"), 16)?,
            text,
        })
    }

    fn path(&self, name: &str) -> Result<String> {
        Ok(utf8(&self.directory.path().join(name))?.to_owned())
    }

    /// Checks the revocation of certificates that the stored key signs.
    fn expect_revoked(&self, aws: &LocalAws, serials: &[&str]) -> Result<()> {
        let authority = Authority::read(aws, SECRET)?;
        let root = self.path("root.pem")?;
        std::fs::write(&root, authority.certificate_pem()?)?;
        let list = self.path("crl.pem")?;
        for serial in [GOOD, BAD] {
            let leaf = self.path(serial)?;
            std::fs::write(
                &leaf,
                sign(&root, authority.key_pem()?, serial, &END_ENTITY)?,
            )?;
            let verified = openssl(
                &[
                    "verify",
                    "-x509_strict",
                    "-crl_check",
                    "-CAfile",
                    &root,
                    "-CRLfile",
                    &list,
                    &leaf,
                ],
                "",
            );
            match (serials.contains(&serial), verified) {
                (false, Ok(_)) => {}
                (true, Err(error)) if format!("{error:#}").contains("certificate revoked") => {}
                (expected, found) => {
                    anyhow::bail!("{serial}: expected revoked = {expected}, found {found:?}")
                }
            }
        }
        Ok(())
    }
}

fn utf8(path: &Path) -> Result<&str> {
    path.to_str()
        .context("the temporary directory is not UTF-8")
}

/// Signs a certificate with the key of the authority, which OpenSSL reads from its standard input.
fn sign(root: &str, key_pem: &str, serial: &str, extensions: &[&str]) -> Result<String> {
    let serial = format!("0x{serial}");
    let arguments = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "/dev/null",
        "-subj",
        "/CN=leaf",
        "-days",
        "30",
        "-set_serial",
        &serial,
        "-CA",
        root,
        "-CAkey",
        "/dev/stdin",
    ];
    let extensions = extensions
        .iter()
        .flat_map(|extension| ["-addext", extension]);
    let arguments: Vec<&str> = arguments.into_iter().chain(extensions).collect();
    openssl(&arguments, key_pem)
}

/// Extensions of an end-entity certificate.
const END_ENTITY: [&str; 2] = [
    "basicConstraints=critical,CA:FALSE",
    "keyUsage=critical,digitalSignature",
];

#[test]
fn published_list_revokes_certificates_for_openssl() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut stack = workspace(cli, aws)?.apply()?;
        let first = Published::read(aws)?;
        first.expect_revoked(aws, &[])?;

        stack.set_var("revoked", revoked(&[BAD]));
        stack.apply()?;
        let second = Published::read(aws)?;
        second.expect_revoked(aws, &[BAD])?;
        ensure!(second.number == first.number + 1, "{}", second.text);
        ensure!(second.text.contains("Key Compromise"), "{}", second.text);
        ensure!(stack.output::<u64>("crl_number")? == second.number);
        ensure!(stack.output::<u64>("entry_count")? == 1);

        // A certificate remains revoked until it expires.
        stack.set_var("revoked", json!({}));
        let refused = Saying {
            at: Some("revoked"),
            says: &["cannot be released", BAD, "certificate_not_after"],
        };
        expect_refused(&stack, PLAN, &refused)?;
        stack.set_var("revoked", revoked(&[BAD]));
        stack.expect_empty_plan()?;

        stack.destroy()?;
        for key in [DER, PEM] {
            let found = aws.s3().get(&bucket(aws), key);
            ensure!(found.is_err(), "{key} still exists after the destroy");
        }
        Ok(())
    })
}

#[test]
fn held_certificate_is_released() -> Result<()> {
    with_one_cli(|cli, aws| {
        let hold = json!({ BAD: { "revoked_at": REVOKED_AT, "reason": "certificate_hold" } });
        let mut stack = workspace(cli, aws)?.var("revoked", hold).apply()?;
        let held = Published::read(aws)?;
        held.expect_revoked(aws, &[BAD])?;
        stack.set_var("revoked", json!({}));
        stack.apply()?;
        let released = Published::read(aws)?;
        released.expect_revoked(aws, &[])?;
        ensure!(released.number == held.number + 1, "{}", released.text);
        Ok(())
    })
}

#[test]
fn destroy_retains_the_list_by_default() -> Result<()> {
    with_one_cli(|cli, aws| {
        let stack = workspace(cli, aws)?.var("on_destroy", "retain").apply()?;
        let retained = Saying {
            at: Some("resource"),
            says: &["retained", PEM, "on_destroy"],
        };
        expect_warned(&stack, &["plan", "-destroy"], &retained)?;
        let published = Published::read(aws)?;
        stack.destroy()?;
        let list = Published::read(aws)?;
        ensure!(list.number == published.number, "{}", list.text);
        Ok(())
    })
}

/// Two states publish the same list. Each reads the list of the other one before it writes.
#[test]
fn two_writers_never_repeat_a_number() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut one = workspace(cli, aws)?
            .var("revoked", revoked(&[BAD]))
            .apply()?;
        let mut two = another_writer(&one, cli, aws)?;
        let first = Published::read(aws)?.number;
        let continued = Saying {
            at: Some("publish"),
            says: &["continued", &format!("number {first}")],
        };
        expect_warned(&two, PLAN, &continued)?;
        two.apply()?;
        let second = Published::read(aws)?;
        ensure!(second.number == first + 1, "{}", second.text);

        // The second writer publishes between the read and the write of the first one.
        two.set_var("validity_hours", 72);
        let two = Mutex::new(two);
        let race = on("s3", "PUT /*/*").mentioning(DER).first();
        aws.add_rule(&race.before(move || {
            let two = two.lock().expect("the other writer does not panic");
            two.apply_once().expect("the other writer publishes");
        }));
        one.set_var("validity_hours", 96);
        one.apply_once()?;
        aws.clear_rules();
        let fourth = Published::read(aws)?;
        ensure!(fourth.number == first + 3, "{}", fourth.text);
        ensure!(one.output::<u64>("crl_number")? == fourth.number);
        fourth.expect_revoked(aws, &[BAD])?;
        one.expect_empty_plan()?;
        Ok(())
    })
}

/// The interruption leaves a list in DER format, and the list before it in PEM format.
#[test]
fn interruption_between_the_objects_is_repaired() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut stack = workspace(cli, aws)?.init()?;
        let kill = |stack: &Stack| {
            let write = on("s3", "PUT /*/*").mentioning(DER).first();
            aws.add_rule(&write.kill_after(&stack.providers()));
        };
        // The create leaves no state. The next apply continues the list.
        kill(&stack);
        stack.failing(Stack::apply_once)?;
        aws.clear_rules();
        ensure!(
            aws.s3().object(&bucket(aws), DER).is_ok(),
            "the DER object does not exist"
        );
        ensure!(
            aws.s3().object(&bucket(aws), PEM).is_err(),
            "the PEM object exists"
        );
        stack.apply()?;
        let second = Published::read(aws)?;

        // The update leaves the previous state, whose refresh detects the difference.
        stack.set_var("revoked", revoked(&[BAD]));
        kill(&stack);
        stack.failing(Stack::apply_once)?;
        aws.clear_rules();
        let outdated = Saying {
            at: Some("publish"),
            says: &["PEM format is outdated", "interrupted"],
        };
        ensure!(
            Published::read(aws).is_err(),
            "the objects contain the same list"
        );
        stack.apply()?;
        let fourth = Published::read(aws)?;
        ensure!(fourth.number == second.number + 2, "{}", fourth.text);
        fourth.expect_revoked(aws, &[BAD])?;

        aws.s3().delete(&bucket(aws), PEM)?;
        expect_warned(&stack, PLAN, &outdated)?;
        stack.apply()?;
        aws.s3().delete(&bucket(aws), DER)?;
        let missing = Saying {
            at: Some("publish"),
            says: &["list is missing", DER],
        };
        expect_warned(&stack, PLAN, &missing)?;
        stack.apply()?;
        let sixth = Published::read(aws)?;
        ensure!(sixth.number == fourth.number + 2, "{}", sixth.text);
        Ok(())
    })
}

#[test]
fn foreign_old_and_malformed_objects_are_not_overwritten() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut stack = workspace(cli, aws)?.apply()?;
        let first = aws.s3().get(&bucket(aws), PEM)?;
        let number = Published::read(aws)?.number;
        stack.set_var("revoked", revoked(&[BAD]));
        stack.apply()?;
        let current = aws.s3().get(&bucket(aws), PEM)?;
        for (content, says) in [
            (
                "a web page".to_owned(),
                "not a revocation list of the issuer",
            ),
            (first.replace("-----\n", "-----\nAAAA"), "delete-object"),
        ] {
            aws.s3().put(&bucket(aws), PEM, &content)?;
            let refused = Saying {
                at: Some("publish"),
                says: &[says, PEM],
            };
            expect_refused(&stack, PLAN, &refused)?;
            expect_refused(&stack, APPLY, &refused)?;
        }
        // An older PEM object is repaired.
        aws.s3().put(&bucket(aws), PEM, &first)?;
        stack.apply()?;
        let third = Published::read(aws)?;
        ensure!(third.number == number + 2, "{}", third.text);
        ensure!(aws.s3().get(&bucket(aws), PEM)? != current);

        // A new resource does not overwrite an object of another kind.
        stack.destroy()?;
        aws.s3().put(&bucket(aws), DER, "a web page")?;
        let refused = Saying {
            at: Some("publish"),
            says: &["not a revocation list of the issuer", DER],
        };
        stack.failing(Stack::apply_once)?;
        expect_refused(&stack, PLAN, &refused)?;
        ensure!(aws.s3().get(&bucket(aws), DER)? == "a web page");
        Ok(())
    })
}

#[test]
fn ledger_revocations_are_published() -> Result<()> {
    with_one_cli(|cli, aws| {
        let ledger = format!("s3://{}/ledger", bucket(aws));
        let stack = workspace(cli, aws)?.var("ledger_uri", ledger).apply()?;
        let issuer: Value = stack.output("issuer")?;
        let spki = issuer["spki_sha256"].as_str().context("spki_sha256")?;
        let record = json!({
            "type": "skreg.pki.ledger.revocation", "v": 1, "issuer_spki_sha256": spki, "serial_number": BAD,
            "status": "revoked", "reason": "superseded", "revoked_at": REVOKED_AT, "invalidity_date": null,
            "released_at": null, "certificate_not_after": "2036-01-01T00:00:00Z",
            "recorded_at": REVOKED_AT, "requester_arn": "arn:aws:iam::123456789012:role/ci",
        });
        let key = format!("ledger/{spki}/revocations/{BAD}.json");
        aws.s3().put(&bucket(aws), &key, &record.to_string())?;
        let planned = Saying {
            at: Some("resource"),
            says: &["list is incomplete", "ledger"],
        };
        expect_warned(&stack, PLAN, &planned)?;
        stack.apply()?;
        let list = Published::read(aws)?;
        list.expect_revoked(aws, &[BAD])?;
        ensure!(list.text.contains("Superseded"), "{}", list.text);
        Ok(())
    })
}

#[test]
fn import_needs_no_change() -> Result<()> {
    with_one_cli(|cli, aws| {
        let entry = json!({ "revoked_at": REVOKED_AT, "reason": "superseded" });
        let stack = workspace(cli, aws)?
            .var("revoked", json!({ BAD: entry }))
            .var("on_destroy", "retain")
            .apply()?;
        stack.succeed(&["state", "rm", ADDRESS])?;
        let arn = Authority::arn_of(aws, SECRET)?;
        stack.import(
            ADDRESS,
            &format!("secretsmanager:{arn}|s3://{}/{DER}", bucket(aws)),
        )?;
        stack.expect_empty_plan()?;
        stack.succeed(&["state", "rm", ADDRESS])?;
        let refused =
            stack.failing(|stack| stack.import(ADDRESS, &format!("s3://{}/{DER}", bucket(aws))))?;
        let text = format!("{refused:?}");
        ensure!(text.contains("Invalid import ID"), "{text}");
        Ok(())
    })
}

/// The list that is published a day before its end is due at once, so every plan plans an update.
#[test]
fn due_refresh_is_a_planned_update() -> Result<()> {
    with_one_cli(|cli, aws| {
        let stack = workspace(cli, aws)?
            .var("validity_hours", 24)
            .var("refresh_before_hours", 1)
            .apply()?;
        let authority = Authority::read(aws, SECRET)?;
        let directory = tempfile::tempdir()?;
        let list = past_list(
            &directory,
            authority.certificate_pem()?,
            authority.key_pem()?,
        )?;
        aws.s3().put(&bucket(aws), PEM, &list)?;
        aws.s3()
            .put_octets(&bucket(aws), DER, &der(&directory, &list)?)?;
        let due = Saying {
            at: Some("resource"),
            says: &["list has expired", "2026-01-02"],
        };
        expect_warned(&stack, PLAN, &due)?;
        stack.apply()?;
        let next = Published::read(aws)?;
        ensure!(next.number == 0x1_0000_0000, "{}", next.text);
        Ok(())
    })
}

/// Creates a list that expired on 2026-01-02. Its number is greater than the time in seconds: 0xFFFFFFFF.
fn past_list(directory: &TempDir, certificate: &str, key_pem: &str) -> Result<String> {
    let file = |name: &str, text: &str| -> Result<String> {
        let path = directory.path().join(name);
        std::fs::write(&path, text)?;
        Ok(utf8(&path)?.to_owned())
    };
    let certificate = file("root.pem", certificate)?;
    let (database, number) = (file("database", "")?, file("number", "FFFFFFFF\n")?);
    let configuration = file(
        "openssl.cnf",
        &format!(
            "[ca]\ndefault_ca = this\n[this]\ndatabase = {database}\ncrlnumber = {number}\ndefault_md = sha256\n\
             default_crl_days = 1\ncrl_extensions = extensions\n[extensions]\nauthorityKeyIdentifier = keyid\n"
        ),
    )?;
    let arguments = [
        "ca",
        "-gencrl",
        "-config",
        &configuration,
        "-cert",
        &certificate,
        "-keyfile",
        "/dev/stdin",
        "-crl_lastupdate",
        "20260101000000Z",
        "-crl_nextupdate",
        "20260102000000Z",
    ];
    openssl(&arguments, key_pem)
}

fn der(directory: &TempDir, list: &str) -> Result<Vec<u8>> {
    let path = directory.path().join("list.der");
    openssl(&["crl", "-outform", "DER", "-out", utf8(&path)?], list)?;
    Ok(std::fs::read(&path)?)
}
