//! Interrupted operations on authorities below a root, and on a root whose key is in AWS KMS.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, Workspace};

use super::subject::{Operation, Subject};
use super::whole;
use crate::authority::Authority;
use crate::infrastructure::text;
use crate::openssl::{self, openssl};

/// Secret of the root.
pub(super) const ROOT_SECRET: &str = "faults/root";
const SECRET: &str = "faults/issuing";
const ADDRESS: &str = "skreg_pki_intermediate_ca.this";
const KMS_ADDRESS: &str = "skreg_pki_root_ca.this";
const KMS_SECRET: &str = "faults/kms";

/// A root that can issue every kind of certificate.
pub(super) const ROOT: &str = r#"
    terraform {
      required_providers { skreg = { source = "skreg/skreg" } }
    }
    resource "skreg_pki_root_ca" "root" {
      subject                   = { common_name = "Root" }
      key_algorithm             = "ECDSA_P256"
      validity_days             = 3650
      not_before_margin_minutes = 1440
      usage                     = ["sign_ca", "sign_leaf", "sign_crl"]
      deletion_protection       = false
      secrets_manager           = { name = "faults/root", recovery_window_in_days = 0 }
    }
"#;

fn intermediate(revision: u8) -> String {
    format!(
        r#"
        resource "skreg_pki_intermediate_ca" "this" {{
          subject              = {{ common_name = "Issuing" }}
          signed_by            = skreg_pki_root_ca.root.issuer
          key_algorithm        = "ECDSA_P256"
          validity_days        = 365
          certificate_revision = {revision}
          deletion_protection  = false
          secrets_manager      = {{ name = "{SECRET}" }}
        }}
        output "serial_number" {{ value = skreg_pki_intermediate_ca.this.serial_number }}
        "#
    )
}

/// Applies the first configuration, and writes the second one.
pub(super) fn prepared(cli: &Cli, aws: &LocalAws, first: &str, second: &str) -> Result<Stack> {
    let stack = Workspace::inline(first).cli(cli).aws(aws).apply()?;
    stack.write("main.tf", second)?;
    Ok(stack)
}

const INTERMEDIATE: Subject = Subject {
    name: "",
    address: ADDRESS,
    operation: Operation::Apply,
    prepare: |cli, aws| prepared(cli, aws, ROOT, &[ROOT, &intermediate(1)].concat()),
    expect_whole: |aws, stack| expect_intermediate(aws, stack, 1),
};

/// Operations on an intermediate authority.
pub(super) const INTERMEDIATES: [Subject; 2] = [
    Subject {
        name: "create an intermediate authority",
        ..INTERMEDIATE
    },
    Subject {
        name: "reissue an intermediate authority",
        prepare: |cli, aws| {
            let [first, second] = [1, 2].map(|revision| [ROOT, &intermediate(revision)].concat());
            prepared(cli, aws, &first, &second)
        },
        expect_whole: |aws, stack| expect_intermediate(aws, stack, 2),
        ..INTERMEDIATE
    },
];

/// Checks that one key with one valid certificate for each revision exists, and that the state contains the last one.
fn expect_intermediate(aws: &LocalAws, stack: &Stack, revisions: usize) -> Result<()> {
    whole::expect_secrets(aws, &[SECRET, ROOT_SECRET])?;
    let (root, own) = (
        Authority::read(aws, ROOT_SECRET)?,
        Authority::read(aws, SECRET)?,
    );
    whole::expect_keys(aws, &own, 1)?;
    openssl::expect_pair(own.key_pem()?, own.certificate_pem()?)?;
    openssl::expect_path(root.certificate_pem()?, "", own.certificate_pem()?)?;
    whole::expect_certificates(&own, revisions)?;
    whole::expect_serial(stack, own.certificate_pem()?)?;
    whole::expect_stored(stack, &["skreg_pki_root_ca.root", ADDRESS])
}

fn kms_root(key: &str, revision: u8) -> String {
    format!(
        r#"
        terraform {{
          required_providers {{ skreg = {{ source = "skreg/skreg" }} }}
        }}
        resource "skreg_pki_root_ca" "this" {{
          subject              = {{ common_name = "Root in KMS" }}
          key_algorithm        = "ECDSA_P256"
          validity_days        = 3650
          certificate_revision = {revision}
          kms                  = {{ key_arn = "{key}" }}
          deletion_protection  = false
          secrets_manager      = {{ name = "{KMS_SECRET}" }}
        }}
        output "serial_number" {{ value = skreg_pki_root_ca.this.serial_number }}
        "#
    )
}

fn kms_key(aws: &LocalAws) -> Result<String> {
    let request = json!({ "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY" });
    text(&aws.call("kms", "CreateKey", request)?, "/KeyMetadata/Arn")
}

const KMS: Subject = Subject {
    name: "",
    address: KMS_ADDRESS,
    operation: Operation::Apply,
    prepare: |cli, aws| {
        let hcl = kms_root(&kms_key(aws)?, 1);
        Ok(Workspace::inline(hcl).cli(cli).aws(aws).init()?)
    },
    expect_whole: |aws, stack| expect_kms_root(aws, stack, 1),
};

/// Operations on a root whose key is in AWS KMS.
pub(super) const KMS_ROOTS: [Subject; 3] = [
    Subject {
        name: "create a root in KMS",
        ..KMS
    },
    Subject {
        name: "reissue a root in KMS",
        prepare: |cli, aws| {
            let key = kms_key(aws)?;
            let [first, second] = [1, 2].map(|revision| kms_root(&key, revision));
            prepared(cli, aws, &first, &second)
        },
        expect_whole: |aws, stack| expect_kms_root(aws, stack, 2),
        ..KMS
    },
    Subject {
        name: "destroy a root in KMS",
        operation: Operation::Destroy,
        prepare: |cli, aws| {
            let hcl = kms_root(&kms_key(aws)?, 1);
            Ok(Workspace::inline(hcl).cli(cli).aws(aws).apply()?)
        },
        expect_whole: |aws, stack| {
            whole::expect_secrets(aws, &[])?;
            whole::expect_stored(stack, &[])?;
            expect_one_usable_key(aws).map(drop)
        },
        ..KMS
    },
];

fn expect_kms_root(aws: &LocalAws, stack: &Stack, revisions: usize) -> Result<()> {
    whole::expect_secrets(aws, &[KMS_SECRET])?;
    let own = Authority::read(aws, KMS_SECRET)?;
    let key = expect_one_usable_key(aws)?;
    ensure!(
        own.document["kms_key_arn"] == key.as_str() && own.document["private_key_pem"].is_null(),
        "expected the document to refer to {key}"
    );
    whole::expect_unmarked_secret(aws, &own)?;
    let certificate = own.certificate_pem()?;
    openssl::expect_verified(certificate)?;
    let public = aws.call("kms", "GetPublicKey", json!({ "KeyId": key }))?;
    let certified: String = openssl(&["x509", "-noout", "-pubkey"], certificate)?
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    ensure!(
        public["PublicKey"] == certified.as_str(),
        "the certificate is for another key"
    );
    whole::expect_certificates(&own, revisions)?;
    whole::expect_serial(stack, certificate)?;
    whole::expect_stored(stack, &[KMS_ADDRESS])
}

/// Checks that the account has one KMS key, and that it is enabled. Returns its ARN.
fn expect_one_usable_key(aws: &LocalAws) -> Result<String> {
    let listed = aws.call("kms", "ListKeys", json!({}))?;
    let keys = listed["Keys"].as_array().context("no list of keys")?;
    ensure!(keys.len() == 1, "expected one KMS key, found {keys:?}");
    let arn = text(&keys[0], "/KeyArn")?;
    let described = aws.call("kms", "DescribeKey", json!({ "KeyId": arn }))?;
    let state: &Value = &described["KeyMetadata"]["KeyState"];
    ensure!(state == "Enabled", "the KMS key is {state}");
    Ok(arn)
}
