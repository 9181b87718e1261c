//! Lists of an authority whose key is in KMS, and the expected owner of the bucket.

use super::*;
use crate::infrastructure::text;

/// An authority whose key is in KMS, and a certificate that it issues.
const KMS_ROOT: &str = r#"
    variable "key_arn" {}
    variable "key_algorithm" {}
    resource "skreg_pki_root_ca" "this" {
      subject             = { common_name = "List Root in KMS" }
      key_algorithm       = var.key_algorithm
      validity_days       = 3650
      deletion_protection = false
      usage               = ["sign_leaf", "sign_crl"]
      secrets_manager     = { name = "crl/root", recovery_window_in_days = 0 }
      kms                 = { key_arn = var.key_arn }
    }
    resource "skreg_pki_certificate" "this" {
      issuer              = skreg_pki_root_ca.this.issuer
      allow_root_issuance = true
      revoke_on_destroy   = false
      dns_names           = ["a.example.com"]
      extended_key_usage  = ["server_auth"]
      validity_hours      = 24
      secrets_manager     = { name = "crl/leaf", recovery_window_in_days = 0 }
    }
    locals { issuer = skreg_pki_root_ca.this.issuer }
    output "leaf" { value = skreg_pki_certificate.this.certificate_pem }
    output "serial" { value = skreg_pki_certificate.this.serial_number }
    output "root" { value = skreg_pki_root_ca.this.certificate_pem }
"#;

/// Checks the revocation of a certificate with the published list.
fn verify(stack: &Stack, aws: &LocalAws) -> Result<String> {
    let list = Published::read(aws)?;
    let (root, leaf) = (list.path("root.pem")?, list.path("leaf.pem")?);
    std::fs::write(&root, stack.output::<String>("root")?)?;
    std::fs::write(&leaf, stack.output::<String>("leaf")?)?;
    let crl = list.path("crl.pem")?;
    let arguments = [
        "verify",
        "-x509_strict",
        "-crl_check",
        "-CAfile",
        &root,
        "-CRLfile",
        &crl,
        &leaf,
    ];
    openssl(&arguments, "")
}

#[test]
fn list_is_signed_with_a_key_in_kms() -> Result<()> {
    with_one_cli(|cli, aws| {
        for (specification, algorithm) in [
            ("ECC_NIST_P384", "ECDSA_P384"),
            ("RSA_3072", "RSA_3072"),
            ("ECC_NIST_EDWARDS25519", "ED25519"),
        ] {
            let request = json!({ "KeySpec": specification, "KeyUsage": "SIGN_VERIFY" });
            let arn = text(&aws.call("kms", "CreateKey", request)?, "/KeyMetadata/Arn")?;
            let created = aws.s3().create_bucket(&bucket(aws));
            created.with_context(|| algorithm.to_owned())?;
            let mut stack = Workspace::inline([LIST, KMS_ROOT].concat())
                .cli(cli)
                .aws(aws)
                .var("bucket", bucket(aws))
                .var("key_arn", arn.as_str())
                .var("key_algorithm", algorithm)
                .apply()?;
            let stored = Authority::read(aws, SECRET)?;
            ensure!(stored.document["private_key_pem"].is_null());
            let valid = verify(&stack, aws).with_context(|| algorithm.to_owned())?;
            ensure!(valid.trim().ends_with(": OK"), "{valid}");

            let serial: String = stack.output("serial")?;
            let signatures = aws.count("kms", "Sign");
            stack.set_var("revoked", revoked(&[&serial]));
            stack.apply()?;
            ensure!(aws.count("kms", "Sign") > signatures);
            let error = verify(&stack, aws)
                .err()
                .context("the certificate is valid")?;
            let error = format!("{error:#}");
            ensure!(error.contains("certificate revoked"), "{error}");
            stack.expect_empty_plan()?;
            stack.destroy()?;
            let request = json!({ "KeyId": arn, "PendingWindowInDays": 7 });
            aws.call("kms", "ScheduleKeyDeletion", request)?;
        }
        Ok(())
    })
}

/// An account that does not own the bucket.
const FOREIGN: &str = "999999999999";

#[test]
fn bucket_of_an_unexpected_owner_is_refused() -> Result<()> {
    with_one_cli(|cli, aws| {
        let owner = |account: &str| json!({ "expected_bucket_owner": account });
        let mut stack = workspace(cli, aws)?.var("publish", owner(FOREIGN)).init()?;
        let refused = Saying {
            at: Some("publish"),
            says: &["S3 denied the call", FOREIGN, "does not own the bucket"],
        };
        stack.failing(Stack::apply_once)?;
        for key in [DER, PEM] {
            ensure!(aws.s3().get(&bucket(aws), key).is_err(), "{key} exists");
        }
        expect_refused(&stack, APPLY, &refused)?;

        stack.set_var("publish", owner(aws.id()));
        stack.apply()?;
        let first = Published::read(aws)?;

        // The update and the refresh after a change of the expected owner are refused.
        stack.set_var("publish", owner(FOREIGN));
        stack.set_var("revoked", revoked(&[BAD]));
        expect_refused(&stack, APPLY, &refused)?;
        let same = Published::read(aws)?;
        ensure!(same.number == first.number, "{}", same.text);
        stack.set_var("publish", owner(aws.id()));
        stack.apply()?;
        Published::read(aws)?.expect_revoked(aws, &[BAD])?;
        stack.destroy()?;
        Ok(())
    })
}
