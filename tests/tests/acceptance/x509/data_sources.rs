//! Data sources for X.509 objects. The local AWS emulator stores the secret of a certificate.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tfharness::{Cli, LocalAws, Stack, Workspace};

use super::REQUIREMENTS;
use super::throwaway::{AUTHORITY, Directory, P256};
use crate::diagnostic::{PLAN, Saying, expect_refused};
use crate::openssl::{fingerprint, openssl};
use crate::scenario::with_one_cli;

const CERTIFICATE: &str = "data.skreg_pki_certificate.this";

/// Root CA resource, and a data source that compares its certificate with its secret.
const ROOT: &str = r#"
resource "skreg_pki_root_ca" "this" {
  subject         = { common_name = "Root" }
  key_algorithm   = "ECDSA_P256"
  validity_days   = 365
  secrets_manager = { name = "x509/root", recovery_window_in_days = 7 }
  deletion_protection = false
}

data "skreg_pki_certificate" "this" {
  certificate_pem = skreg_pki_root_ca.this.certificate_pem
  secret_arn      = skreg_pki_root_ca.this.secret_arn
}
"#;

fn workspace(cli: &Cli, aws: &LocalAws, hcl: &str) -> Workspace {
    Workspace::inline(format!("{REQUIREMENTS}{hcl}"))
        .cli(cli)
        .aws(aws)
}

fn attributes(stack: &Stack, address: &str) -> Result<Value> {
    let state = stack.show()?;
    let resource = state.resources.get(address);
    let resource = resource.ok_or_else(|| anyhow::anyhow!("no {address} in the state"))?;
    Ok(resource.values.clone())
}

#[test]
fn certificate_of_a_new_root_is_read_during_apply_without_its_key() -> Result<()> {
    with_one_cli(|cli, aws| {
        let stack = workspace(cli, aws, ROOT).init()?;
        let plan = stack.plan()?;
        let planned = plan.resource(CERTIFICATE);
        ensure!(
            planned.is_some_and(|read| read.change.after_unknown["certificate"] == true),
            "the plan does not defer the read"
        );
        stack.apply()?;
        let root = attributes(&stack, "skreg_pki_root_ca.this")?;
        let read = attributes(&stack, CERTIFICATE)?;
        let certificate = &read["certificate"];
        for name in [
            "serial_number",
            "spki_sha256",
            "certificate_sha256",
            "subject_key_id",
            "not_before",
        ] {
            assert_eq!(certificate[name], root[name], "{name}");
        }
        let pem = root["certificate_pem"].as_str().unwrap_or_default();
        assert_eq!(certificate["certificate_sha256"], json!(fingerprint(pem)?));
        assert_eq!(read["validity_status"], "valid");
        assert_eq!(read["secret_name"], "x509/root");
        assert_eq!(read["secret_version_id"], root["secret_version_id"]);
        // Planning reads the data source again.
        let reads = aws.count("secretsmanager", "GetSecretValue");
        let described = aws.count("secretsmanager", "DescribeSecret");
        stack.expect_empty_plan()?;
        ensure!(
            aws.count("secretsmanager", "GetSecretValue") == reads,
            "the plan reads the secret"
        );
        ensure!(
            aws.count("secretsmanager", "DescribeSecret") >= described + 2,
            "the plan does not describe the secret"
        );
        ensure!(
            !read.to_string().contains("PRIVATE KEY"),
            "the state contains a private key"
        );
        Ok(stack.destroy()?)
    })
}

#[test]
fn secret_with_a_different_key_is_rejected() -> Result<()> {
    let directory = Directory::new()?;
    let other = directory.root(P256, "CN = Root", AUTHORITY)?.pem;
    with_one_cli(|cli, aws| {
        let foreign = json!({ "Name": "x509/foreign", "SecretString": "x", "ClientRequestToken": "0".repeat(32) });
        aws.call("secretsmanager", "CreateSecret", foreign)?;
        let described = aws.call(
            "secretsmanager",
            "DescribeSecret",
            json!({ "SecretId": "x509/foreign" }),
        )?;
        let foreign = described["ARN"].as_str().unwrap_or_default().to_owned();
        let stack = workspace(cli, aws, ROOT)
            .file("other.pem", &*other)
            .apply()?;
        let root = attributes(&stack, "skreg_pki_root_ca.this")?;
        let arn = root["secret_arn"].as_str().unwrap_or_default();
        let missing = format!("{arn}x");
        let own = "skreg_pki_root_ca.this.certificate_pem";
        let spki = root["spki_sha256"].as_str().unwrap_or_default();
        let cases: [(&str, &str, &str, &[&str]); 5] = [
            (
                "file(\"other.pem\")",
                arn,
                "secret_arn",
                &["Secret contains a different key", spki],
            ),
            (
                own,
                &foreign,
                "secret_arn",
                &[
                    "Secret does not contain a key from this provider",
                    "spki_sha256",
                ],
            ),
            (
                own,
                &missing,
                "secret_arn",
                &["Secret does not exist", &missing],
            ),
            (
                own,
                "x509/root",
                "secret_arn",
                &["must be the ARN of a Secrets Manager secret"],
            ),
            (
                "\"x\"",
                arn,
                "certificate_pem",
                &["Invalid certificate", "contains no PEM block"],
            ),
        ];
        let (managed, _) = ROOT.split_once("data ").unwrap_or_default();
        for (pem, secret, at, says) in cases {
            let data = format!(
                "data \"skreg_pki_certificate\" \"this\" {{\n  certificate_pem = {pem}\n  secret_arn = \"{secret}\"\n}}\n"
            );
            stack.write("main.tf", &format!("{REQUIREMENTS}{managed}{data}"))?;
            expect_refused(&stack, PLAN, &Saying { at: Some(at), says })?;
        }
        let delete = json!({ "SecretId": arn, "RecoveryWindowInDays": 7 });
        aws.call("secretsmanager", "DeleteSecret", delete)?;
        let data = format!(
            "data \"skreg_pki_certificate\" \"this\" {{\n  certificate_pem = file(\"other.pem\")\n  secret_arn = \"{arn}\"\n}}\n"
        );
        stack.write("main.tf", &format!("{REQUIREMENTS}{data}"))?;
        let says = [
            "scheduled for deletion",
            "aws secretsmanager restore-secret --secret-id",
        ];
        expect_refused(
            &stack,
            PLAN,
            &Saying {
                at: Some("secret_arn"),
                says: &says,
            },
        )?;
        Ok(())
    })
}

const REQUEST: &str =
    "data \"skreg_pki_certificate_request\" \"this\" {\n  request_pem = file(\"request.pem\")\n}\n";

#[test]
fn certificate_request_matches_the_result_of_csr_parse() -> Result<()> {
    let directory = Directory::new()?;
    let key = directory.key(P256)?;
    let pem = directory.request(&key, "CN = a.example", "subjectAltName = DNS:a.example")?;
    let output = "output \"same\" {\n  value = data.skreg_pki_certificate_request.this.request == \
                  provider::skreg::csr_parse(file(\"request.pem\"))\n}\n\
                  output \"names\" {\n  value = data.skreg_pki_certificate_request.this.request.dns_names\n}\n";
    super::with_one_cli(|cli| {
        let stack = super::module(cli, &format!("{REQUEST}{output}"), &[("request.pem", &pem)])?;
        stack.apply()?;
        ensure!(
            stack.output::<bool>("same")?,
            "the function returns a different object"
        );
        assert_eq!(stack.output::<Vec<String>>("names")?, ["a.example"]);
        stack.write("request.pem", &pem.replacen("-----\nM", "-----\nA", 1))?;
        let says = ["Invalid certificate signing request", "block at line 1"];
        expect_refused(
            &stack,
            PLAN,
            &Saying {
                at: Some("request_pem"),
                says: &says,
            },
        )
        .map(drop)
    })
}

const CRL: &str = "data \"skreg_pki_crl\" \"this\" {\n  crl_pem = file(\"crl.pem\")\n  issuer_certificate_pem = \
                   file(\"issuer.pem\")\n}\noutput \"crl\" {\n  value = data.skreg_pki_crl.this\n}\n";

#[test]
fn crl_contains_the_entries_that_openssl_wrote() -> Result<()> {
    let directory = Directory::new()?;
    let issuer = directory.root(P256, "O = Example\nCN = Issuer", AUTHORITY)?;
    let no_signer = directory.root(
        P256,
        "O = Example\nCN = Issuer",
        &AUTHORITY.replace(", cRLSign", ""),
    )?;
    let namesake = directory.root(P256, "O = Example\nCN = Issuer", AUTHORITY)?;
    let other = directory.root(P256, "CN = Other", AUTHORITY)?;
    // Entries in the `openssl ca` database format: revocation time, reason, and serial number. OpenSSL sorts by serial number.
    let database = "R\t350101000000Z\t260102030405Z,keyCompromise\t00C0FFEE\tunknown\t/CN=a\n\
                    R\t350101000000Z\t260203040506Z\t0123\tunknown\t/CN=b\n";
    let list = directory.crl(
        &issuer,
        database,
        "1000000000000000000000000000000000000000",
    )?;
    let dates = openssl(
        &[
            "crl",
            "-noout",
            "-lastupdate",
            "-nextupdate",
            "-dateopt",
            "iso_8601",
        ],
        &list,
    )?;
    let dates: Vec<String> = dates
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.1.replace(' ', "T")))
        .collect();
    super::with_one_cli(|cli| {
        let files = [("crl.pem", &*list), ("issuer.pem", &*issuer.pem)];
        let stack = super::module(cli, CRL, &files)?;
        stack.apply()?;
        let found: Value = stack.output("crl")?;
        assert_eq!(found["issuer"]["rfc4514"], "CN=Issuer,O=Example");
        // 16^39. OpenSSL prints this number in hexadecimal.
        assert_eq!(
            found["crl_number"].to_string(),
            "91343852333181432387730302044767688728495783936"
        );
        assert_eq!(found["this_update"], json!(dates[0]));
        assert_eq!(found["next_update"], json!(dates[1]));
        assert_eq!(found["is_fresh"], true);
        assert_eq!(found["scope"], "all");
        assert_eq!(found["base_crl_number"], Value::Null);
        assert_eq!(found["signature_algorithm"], "SHA256WITHECDSA");
        assert_eq!(
            found["revoked"],
            json!([
                { "serial_number": "0123", "revoked_at": "2026-02-03T04:05:06Z", "reason": null, "invalidity_date": null },
                { "serial_number": "c0ffee", "revoked_at": "2026-01-02T03:04:05Z", "reason": "key_compromise", "invalidity_date": null },
            ])
        );
        for (certificate, says) in [
            (
                &other,
                &["Revocation list has a different issuer", "CN=Other"][..],
            ),
            (
                &no_signer,
                &["Issuer cannot sign revocation lists", "cRLSign"],
            ),
            (
                &namesake,
                &[
                    "Revocation list signature does not verify",
                    "distribution point",
                ],
            ),
        ] {
            stack.write("issuer.pem", &certificate.pem)?;
            expect_refused(
                &stack,
                PLAN,
                &Saying {
                    at: Some("issuer_certificate_pem"),
                    says,
                },
            )?;
        }
        stack.write("crl.pem", &issuer.pem)?;
        let says = [
            "Invalid certificate revocation list",
            "the label must be \"X509 CRL\"",
        ];
        expect_refused(
            &stack,
            PLAN,
            &Saying {
                at: Some("crl_pem"),
                says: &says,
            },
        )
        .map(drop)
    })
}
