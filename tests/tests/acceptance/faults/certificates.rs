//! Interrupted operations on end-entity certificates and on cross-certificates.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws};

use super::authorities::{ROOT, ROOT_SECRET, prepared};
use super::subject::{Operation, Subject};
use super::whole;
use crate::authority::Authority;
use crate::openssl;

const SECRET: &str = "faults/server";
const ADDRESS: &str = "skreg_pki_certificate.this";
const ROOT_ADDRESS: &str = "skreg_pki_root_ca.root";

/// Returns a certificate that the ledger records.
fn leaf(aws: &LocalAws, term: &str) -> String {
    format!(
        r#"
        resource "skreg_pki_certificate" "this" {{
          issuer                    = skreg_pki_root_ca.root.issuer
          allow_root_issuance       = true
          secrets_manager           = {{ name = "{SECRET}" }}
          dns_names                 = ["www.example.com"]
          extended_key_usage        = ["server_auth"]
          not_before_margin_minutes = 1440
          ledger_uri                = "s3://{}/ledger"
          {term}
        }}
        output "serial_number" {{ value = skreg_pki_certificate.this.serial_number }}
        "#,
        bucket(aws)
    )
}

fn bucket(aws: &LocalAws) -> String {
    format!("faults-{}", aws.id())
}

const LEAF: Subject = Subject {
    name: "",
    address: ADDRESS,
    operation: Operation::Apply,
    prepare: |cli, aws| {
        aws.s3().create_bucket(&bucket(aws))?;
        let leaf = leaf(aws, "validity_hours = 24");
        prepared(cli, aws, ROOT, &[ROOT, &leaf].concat())
    },
    expect_whole: |aws, stack| expect_leaf(aws, stack, 1),
};

/// Operations on a certificate for a generated key.
pub(super) const LEAVES: [Subject; 3] = [
    Subject {
        name: "create a certificate",
        ..LEAF
    },
    Subject {
        name: "renew a certificate for a new key",
        prepare: due,
        expect_whole: |aws, stack| expect_leaf(aws, stack, 2),
        ..LEAF
    },
    Subject {
        name: "destroy and revoke a certificate",
        prepare: |cli, aws| {
            aws.s3().create_bucket(&bucket(aws))?;
            let leaf = leaf(aws, "validity_hours = 24");
            prepared(cli, aws, &[ROOT, &leaf].concat(), ROOT)
        },
        expect_whole: |aws, stack| {
            whole::expect_secrets(aws, &[ROOT_SECRET])?;
            whole::expect_stored(stack, &[ROOT_ADDRESS])?;
            let (issued, revoked) = (records(aws, "issued")?, records(aws, "revocations")?);
            ensure!(
                issued.len() == 1 && issued == revoked,
                "expected the revocation of the certificate, found {revoked:?} for {issued:?}"
            );
            Ok(())
        },
        ..LEAF
    },
];

/// Creates a certificate that expires in 30 minutes, and configures a renewal window that has begun.
fn due(cli: &Cli, aws: &LocalAws) -> Result<Stack> {
    aws.s3().create_bucket(&bucket(aws))?;
    let end = SystemTime::now() + Duration::from_secs(30 * 60);
    let end = end.duration_since(UNIX_EPOCH)?.as_secs();
    let first = format!("not_after = timeadd(\"1970-01-01T00:00:00Z\", \"{end}s\")");
    let second = "validity_hours = 2\nrenew_before_hours = 1";
    let [first, second] = [&*first, second].map(|term| [ROOT, &leaf(aws, term)].concat());
    prepared(cli, aws, &first, &second)
}

/// Checks that the secret contains the key of the valid certificate, that it had no more than `keys` keys, and that the
/// ledger records every certificate.
fn expect_leaf(aws: &LocalAws, stack: &Stack, keys: usize) -> Result<()> {
    whole::expect_secrets(aws, &[ROOT_SECRET, SECRET])?;
    let (root, own) = (
        Authority::read(aws, ROOT_SECRET)?,
        Authority::read(aws, SECRET)?,
    );
    let certificate = own.certificate_pem()?;
    whole::expect_keys(aws, &own, keys)?;
    whole::expect_certificates(&own, 1)?;
    openssl::expect_pair(own.key_pem()?, certificate)?;
    openssl::expect_path(root.certificate_pem()?, "", certificate)?;
    whole::expect_serial(stack, certificate)?;
    whole::expect_stored(stack, &[ROOT_ADDRESS, ADDRESS])?;
    let (recorded, revoked) = (records(aws, "issued")?, records(aws, "revocations")?);
    let serial = openssl::serial(certificate)?.to_lowercase();
    let found = recorded
        .iter()
        .any(|one| one.trim_start_matches('0') == serial);
    ensure!(
        found && recorded.len() == keys && revoked.is_empty(),
        "expected {keys} records of issuance with {serial}, found {recorded:?} and the revocations {revoked:?}"
    );
    Ok(())
}

/// Returns the serial numbers in the ledger.
fn records(aws: &LocalAws, kind: &str) -> Result<Vec<String>> {
    let listed = aws.get("s3", &format!("/{}?list-type=2&prefix=ledger", bucket(aws)))?;
    let contents = &listed["Contents"];
    let one = std::slice::from_ref(contents);
    let all = contents.as_array().map_or(one, Vec::as_slice);
    let keys = all.iter().filter_map(|object| object["Key"].as_str());
    let of_kind = keys.filter_map(|key| {
        let (folder, name) = key.rsplit_once('/')?;
        folder.ends_with(kind).then(|| name.strip_suffix(".json"))?
    });
    Ok(of_kind.map(str::to_owned).collect())
}

/// A request, and a certificate for it with further arguments.
fn requested(request: &str, more: &str) -> String {
    format!(
        r#"
        resource "skreg_pki_certificate" "this" {{
          issuer              = skreg_pki_root_ca.root.issuer
          allow_root_issuance = true
          csr_pem             = <<-PEM
{request}PEM
          dns_names           = ["www.example.com"]
          extended_key_usage  = ["server_auth"]
          validity_hours      = 24
          {more}
        }}
        output "serial_number" {{ value = skreg_pki_certificate.this.serial_number }}
        output "certificate_pem" {{ value = skreg_pki_certificate.this.certificate_pem }}
        "#
    )
}

/// Returns the configuration of a certificate that the state contains.
fn with_request(more: &str) -> Result<String> {
    let (key, _) = openssl::foreign_root("requester")?;
    let create = [
        "req",
        "-new",
        "-key",
        "/dev/stdin",
        "-subj",
        "/CN=www.example.com",
    ];
    let request = openssl::openssl(&create, &key)?;
    Ok([ROOT, &requested(&request, more)].concat())
}

const REQUESTED: Subject = Subject {
    name: "",
    address: ADDRESS,
    operation: Operation::Apply,
    prepare: |cli, aws| prepared(cli, aws, ROOT, &with_request("")?),
    expect_whole: |aws, stack| expect_state_certificate(aws, stack, ADDRESS),
};

/// Operations on a certificate for a request, which has no secret.
pub(super) const REQUESTS: [Subject; 2] = [
    Subject {
        name: "create a certificate for a request",
        ..REQUESTED
    },
    Subject {
        name: "create a recorded certificate for a request",
        prepare: |cli, aws| {
            aws.s3().create_bucket(&bucket(aws))?;
            let ledger = format!("ledger_uri = \"s3://{}/ledger\"", bucket(aws));
            prepared(cli, aws, ROOT, &with_request(&ledger)?)
        },
        expect_whole: |aws, stack| {
            expect_state_certificate(aws, stack, ADDRESS)?;
            let (issued, revoked) = (records(aws, "issued")?, records(aws, "revocations")?);
            let serial: String = stack.output("serial_number")?;
            ensure!(
                issued == [serial.clone()] && revoked.is_empty(),
                "expected the record of {serial}, found {issued:?} and the revocations {revoked:?}"
            );
            Ok(())
        },
        ..REQUESTED
    },
];

const CROSS_ADDRESS: &str = "skreg_pki_cross_certificate.this";

/// The new root, and its cross-certificate.
const CROSS: &str = r#"
    resource "skreg_pki_root_ca" "new" {
      subject             = { common_name = "New root" }
      key_algorithm       = "ECDSA_P256"
      validity_days       = 365
      path_length         = 0
      deletion_protection = false
      secrets_manager     = { name = "faults/new", recovery_window_in_days = 0 }
    }
    // cross-certificate
    resource "skreg_pki_cross_certificate" "this" {
      subject_ca    = skreg_pki_root_ca.new.issuer
      signed_by     = skreg_pki_root_ca.root.issuer
      validity_days = 100
    }
    output "serial_number" { value = skreg_pki_cross_certificate.this.serial_number }
    output "certificate_pem" { value = skreg_pki_cross_certificate.this.certificate_pem }
"#;

/// Operations on a cross-certificate.
pub(super) const CROSS_CERTIFICATES: [Subject; 1] = [Subject {
    name: "create a cross-certificate",
    address: CROSS_ADDRESS,
    operation: Operation::Apply,
    prepare: |cli, aws| {
        let (root, _) = CROSS
            .split_once("// cross-certificate")
            .context("no cross-certificate")?;
        prepared(cli, aws, &[ROOT, root].concat(), &[ROOT, CROSS].concat())
    },
    expect_whole: |aws, stack| expect_state_certificate(aws, stack, CROSS_ADDRESS),
}];

/// Checks that the state contains one valid certificate.
fn expect_state_certificate(aws: &LocalAws, stack: &Stack, address: &str) -> Result<()> {
    let root = Authority::read(aws, ROOT_SECRET)?;
    let certificate: String = stack.output("certificate_pem")?;
    openssl::expect_path(root.certificate_pem()?, "", &certificate)?;
    whole::expect_serial(stack, &certificate)?;
    let resources = stack.show()?.resources;
    let stored = resources
        .get(address)
        .context("the certificate is not in the state")?;
    ensure!(!stored.tainted, "the certificate is tainted");
    let found: &Value = &stored.values["certificate_pem"];
    ensure!(
        found == certificate.as_str(),
        "the output is another certificate"
    );
    Ok(())
}
