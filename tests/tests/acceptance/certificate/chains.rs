//! Certificates below an intermediate authority and with keys in AWS KMS, and their import.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tfharness::LocalAws;

use super::{ADDRESS, SECRET, expect_text, workspace};
use crate::authority::Authority;
use crate::diagnostic::{PLAN, Saying, expect_refused};
use crate::imported::expect_imports;
use crate::infrastructure::text;
use crate::openssl::openssl;
use crate::scenario::with_one_cli;

const PROVIDERS: &str = r#"
    terraform {
      required_providers {
        skreg = { source = "skreg/skreg" }
        aws   = { source = "hashicorp/aws" }
      }
    }
"#;

/// A root, an intermediate authority below it, and a certificate with these arguments below that authority.
fn below_an_intermediate(of_root: &str, arguments: &str) -> String {
    format!(
        r#"{PROVIDERS}
    resource "skreg_pki_root_ca" "root" {{
      subject             = {{ common_name = "Root" }}
      validity_days       = 100
      deletion_protection = false
      secrets_manager     = {{ name = "leaf/root", recovery_window_in_days = 0 }}
      {of_root}
    }}
    resource "skreg_pki_intermediate_ca" "issuing" {{
      subject             = {{ common_name = "Issuing" }}
      signed_by           = skreg_pki_root_ca.root.issuer
      key_algorithm       = "ECDSA_P384"
      validity_days       = 90
      deletion_protection = false
      secrets_manager     = {{ name = "leaf/issuing", recovery_window_in_days = 0 }}
    }}
    resource "skreg_pki_certificate" "this" {{
      issuer             = skreg_pki_intermediate_ca.issuing.issuer
      extended_key_usage = ["server_auth"]
      {arguments}
    }}
    output "root_pem" {{ value = skreg_pki_root_ca.root.certificate_pem }}
    output "certificate_pem" {{ value = skreg_pki_certificate.this.certificate_pem }}
    output "chain_pem" {{ value = skreg_pki_certificate.this.chain_pem }}
"#
    )
}

/// Creates a KMS key, and returns its ARN.
fn kms_key(aws: &LocalAws, spec: &str) -> Result<String> {
    let request = json!({ "KeySpec": spec, "KeyUsage": "SIGN_VERIFY" });
    text(&aws.call("kms", "CreateKey", request)?, "/KeyMetadata/Arn")
}

#[test]
fn chain_of_three_certificates_verifies_with_a_key_in_kms() -> Result<()> {
    with_one_cli(|cli, aws| {
        let key = kms_key(aws, "ECC_NIST_P256")?;
        let arguments = format!(
            r#"
      secrets_manager = {{ name = "leaf/server", recovery_window_in_days = 0 }}
      kms             = {{ key_arn = {key:?} }}
      key_algorithm   = "ECDSA_P256"
      dns_names       = ["api.example.com"]
      validity_hours  = 24
"#
        );
        let hcl = below_an_intermediate("key_algorithm = \"RSA_3072\"", &arguments);
        let stack = workspace(cli, aws, hcl.clone()).apply()?;
        stack.expect_empty_plan()?;
        let own: String = stack.output("certificate_pem")?;
        let (root, chain): (String, String) =
            (stack.output("root_pem")?, stack.output("chain_pem")?);
        expect_path(&root, &chain, &own)?;
        let made = Authority::read(aws, SECRET)?;
        ensure!(
            made.certificate_pem()? == own
                && made.document["private_key_pem"].is_null()
                && made.document["kms_key_arn"] == key.as_str(),
            "expected a document with the ARN of the KMS key"
        );
        // The certificate is for the key that KMS returns, and a signature of KMS verifies with it.
        let answer = aws.call("kms", "GetPublicKey", json!({ "KeyId": key }))?;
        let public = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            text(&answer, "/PublicKey")?
        );
        let public = openssl(&["pkey", "-pubin"], &public)?;
        ensure!(public == openssl(&["x509", "-noout", "-pubkey"], &own)?);

        // The key in KMS is kept by the next certificate.
        stack.write(
            "main.tf",
            &hcl.replace("api.example.com", "www.example.com"),
        )?;
        stack.apply()?;
        stack.expect_empty_plan()?;
        let next: String = stack.output("certificate_pem")?;
        ensure!(next != own && public == openssl(&["x509", "-noout", "-pubkey"], &next)?);
        expect_path(&root, &chain, &next)?;

        stack.destroy()?;
        Ok(())
    })
}

/// Checks with strict rules that a root is a trust anchor for a server certificate below intermediate certificates.
fn expect_path(root_pem: &str, chain_pem: &str, certificate_pem: &str) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let write = |name: &str, content: &str| -> Result<String> {
        let path = directory.path().join(name);
        std::fs::write(&path, content)?;
        Ok(path.to_str().context("the path is not UTF-8")?.to_owned())
    };
    let (root, chain) = (write("root.pem", root_pem)?, write("chain.pem", chain_pem)?);
    let verify = ["verify", "-x509_strict", "-purpose", "sslserver"];
    let files = ["-CAfile", &root, "-untrusted", &chain];
    let answer = openssl(&[&verify[..], &files[..]].concat(), certificate_pem)?;
    ensure!(answer.trim().ends_with(": OK"), "found {answer:?}");
    let alone = [&verify[..], &files[..2]].concat();
    ensure!(
        openssl(&alone, certificate_pem).is_err(),
        "expected the intermediate certificate to be required"
    );
    Ok(())
}

#[test]
fn certificate_that_an_ed25519_key_in_kms_cannot_sign_fails_during_planning() -> Result<()> {
    with_one_cli(|cli, aws| {
        let key = kms_key(aws, "ECC_NIST_EDWARDS25519")?;
        let root = format!(
            "key_algorithm = \"ED25519\"\nkms = {{ key_arn = {key:?} }}\nusage = [\"sign_leaf\", \"sign_crl\"]"
        );
        let hcl = format!(
            r#"{PROVIDERS}
    resource "skreg_pki_root_ca" "root" {{
      subject             = {{ common_name = "Root" }}
      validity_days       = 100
      deletion_protection = false
      secrets_manager     = {{ name = "leaf/root", recovery_window_in_days = 0 }}
      {root}
    }}
"#
        );
        let stack = workspace(cli, aws, hcl.clone()).apply()?;
        let leaf = |names: usize| {
            format!(
                r#"{hcl}
    resource "skreg_pki_certificate" "this" {{
      issuer              = skreg_pki_root_ca.root.issuer
      allow_root_issuance = true
      secrets_manager     = {{ name = "leaf/server", recovery_window_in_days = 0 }}
      dns_names           = [for number in range({names}) : "host-${{number}}.example.com"]
      extended_key_usage  = ["server_auth"]
      validity_hours      = 24
    }}
"#
            )
        };
        stack.write("main.tf", &leaf(250))?;
        let refused = Saying {
            at: Some("issuer"),
            says: &["too large", "at most 4096 octets", "RSA or ECDSA"],
        };
        expect_refused(&stack, PLAN, &refused)?;
        stack.write("main.tf", &leaf(100))?;
        stack.apply()?;
        stack.expect_empty_plan()?;
        stack.destroy()?;
        Ok(())
    })
}

#[test]
fn imported_certificates_have_an_empty_plan() -> Result<()> {
    with_one_cli(|cli, aws| {
        // A certificate and its secret do not contain the recovery window.
        let arguments = r#"
      secrets_manager = { name = "leaf/server" }
      dns_names       = ["api.example.com"]
      ip_addresses    = ["192.0.2.7"]
      validity_hours  = 24
"#;
        let hcl = below_an_intermediate("key_algorithm = \"ECDSA_P384\"", arguments);
        let stack = workspace(cli, aws, hcl.clone()).apply()?;
        stack.expect_empty_plan()?;
        let made = Authority::read(aws, SECRET)?;
        expect_imports(&stack, &hcl, ADDRESS, &made.arn)?;
        made.expect_same(&Authority::read(aws, SECRET)?)?;
        // A change of the names issues the next certificate below the configured issuer.
        stack.write(
            "main.tf",
            &hcl.replace("api.example.com", "www.example.com"),
        )?;
        stack.apply()?;
        stack.expect_empty_plan()?;
        expect_text(
            Authority::read(aws, SECRET)?.certificate_pem()?,
            &["DNS:www.example.com"],
        )
    })
}
