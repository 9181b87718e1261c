//! Cross-certificates: paths that `openssl verify` accepts, errors during planning, next revisions, and import.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tfharness::workspace::Stack;
use tfharness::{LocalAws, Workspace};

use crate::authority::{Authority, secret_names};
use crate::diagnostic::{PLAN, Saying, expect_refused, expect_warned};
use crate::imported::expect_imports;
use crate::infrastructure::text;
use crate::openssl::{self, openssl};
use crate::scenario::{expect_nothing_stored, with_one_cli};

/// Two roots, an authority below the newer root, and the arguments of the cross-certificate.
fn roots(crossing: &str) -> String {
    let root = |name: &str, algorithm: &str, path_length: u8, after: &str| {
        format!(
            r#"
            resource "skreg_pki_root_ca" "{name}" {{
              subject             = {{ common_name = "{name}" }}
              key_algorithm       = "{algorithm}"
              validity_days       = 3650
              path_length         = {path_length}
              deletion_protection = false
              secrets_manager     = {{ name = "{name}", recovery_window_in_days = 0 }}
              {after}
            }}
            "#
        )
    };
    [
        "terraform {\n required_providers {\n skreg = { source = \"skreg/skreg\" }\n }\n}\n",
        &root("old", "ECDSA_P384", 2, "not_before_margin_minutes = 600"),
        &root("new", "ED25519", 1, "depends_on = [skreg_pki_root_ca.old]"),
        r#"
        resource "skreg_pki_intermediate_ca" "issuing" {
          subject             = { common_name = "issuing" }
          signed_by           = skreg_pki_root_ca.new.issuer
          key_algorithm       = "ECDSA_P256"
          validity_days       = 30
          deletion_protection = false
          secrets_manager     = { name = "issuing", recovery_window_in_days = 0 }
        }
        "#,
        crossing,
    ]
    .concat()
}

fn crossing(name: &str, arguments: &str) -> String {
    format!(
        "resource \"skreg_pki_cross_certificate\" {name:?} {{\n{arguments}\n}}\n\
         output {name:?} {{\n value = skreg_pki_cross_certificate.{name}\n}}\n"
    )
}

const FORWARD: &str =
    "subject_ca = skreg_pki_root_ca.new.issuer\nsigned_by = skreg_pki_root_ca.old.issuer";
const BACKWARD: &str =
    "subject_ca = skreg_pki_root_ca.old.issuer\nsigned_by = skreg_pki_root_ca.new.issuer";

fn output(stack: &Stack, name: &str, attribute: &str) -> Result<String> {
    let value: serde_json::Value = stack.output(name)?;
    let text = value[attribute].as_str();
    Ok(text
        .with_context(|| format!("{name} has no {attribute}"))?
        .to_owned())
}

fn field(pem: &str, option: &str) -> Result<String> {
    openssl(&["x509", "-noout", option], pem)
}

/// Checks that clients with only this trust anchor accept the certificate.
fn expect_path(root: &str, between: &[&str], certificate: &str) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let write = |name: &str, text: &str| -> Result<String> {
        let path = directory.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path.to_str().context("the path is not UTF-8")?.to_owned())
    };
    let (anchor, below) = (write("root.pem", root)?, write("own.pem", certificate)?);
    let untrusted = write("between.pem", &between.concat())?;
    let mut arguments = vec!["verify", "-x509_strict", "-CAfile", &anchor];
    if !between.is_empty() {
        arguments.extend(["-untrusted", &untrusted]);
    }
    arguments.push(&below);
    let answer = openssl(&arguments, "")?;
    ensure!(answer.trim().ends_with(": OK"), "found {answer:?}");
    Ok(())
}

fn certificate(aws: &LocalAws, secret: &str) -> Result<String> {
    Ok(Authority::read(aws, secret)?.certificate_pem()?.to_owned())
}

#[test]
fn cross_certificates_connect_two_roots_in_both_directions() -> Result<()> {
    with_one_cli(|cli, aws| {
        let both = [
            crossing("forward", &format!("{FORWARD}\nvalidity_days = 365")),
            crossing(
                "backward",
                &format!("{BACKWARD}\nvalidity_days = 365\npath_length = 0"),
            ),
        ];
        let stack = Workspace::inline(roots(&both.concat()))
            .cli(cli)
            .aws(aws)
            .apply()?;
        stack.expect_empty_plan()?;
        let [old, new, own] = ["old", "new", "issuing"].map(|name| certificate(aws, name));
        let (old, new, own) = (old?, new?, own?);
        let forward = output(&stack, "forward", "certificate_pem")?;
        expect_path(&old, &[&forward], &own)?;
        for option in ["-subject", "-pubkey"] {
            ensure!(field(&forward, option)? == field(&new, option)?, "{option}");
        }
        ensure!(field(&forward, "-serial")? != field(&new, "-serial")?);
        let identifier =
            |pem: &str| openssl(&["x509", "-noout", "-ext", "subjectKeyIdentifier"], pem);
        ensure!(identifier(&forward)? == identifier(&new)?);
        ensure!(output(&stack, "forward", "direction")? == "forward");
        ensure!(output(&stack, "forward", "chain_pem")? == old);
        ensure!(openssl::certificate_text(&forward)?.contains("CA:TRUE, pathlen:1"));

        let backward = output(&stack, "backward", "certificate_pem")?;
        expect_path(&new, &[], &backward)?;
        ensure!(output(&stack, "backward", "direction")? == "backward");
        ensure!(openssl::certificate_text(&backward)?.contains("CA:TRUE, pathlen:0"));
        let remains = Saying {
            at: Some("resource"),
            says: &[
                "Cross-certificate remains valid",
                "revoke the serial number",
            ],
        };
        expect_warned(&stack, &["plan", "-destroy"], &remains)?;
        stack.destroy()?;
        expect_nothing_stored(&stack)?;
        ensure!(secret_names(aws)?.is_empty());
        Ok(())
    })
}

/// A cross-certificate that the plan rejects: arguments, location, and message.
const REFUSED: [(&str, &str, &str); 5] = [
    (
        "subject_ca = skreg_pki_root_ca.old.issuer\nsigned_by = skreg_pki_root_ca.new.issuer\nvalidity_days = 30",
        "resource",
        "specify at most 0",
    ),
    (
        "subject_ca = skreg_pki_root_ca.new.issuer\nsigned_by = skreg_pki_root_ca.old.issuer\nvalidity_days = 3651",
        "validity_days",
        "valid until",
    ),
    (
        "subject_ca = skreg_pki_root_ca.new.issuer\nsigned_by = skreg_pki_root_ca.old.issuer\nnot_after = \"2050-01-01T00:00:00Z\"",
        "not_after",
        "valid until 2050",
    ),
    (
        "subject_ca = skreg_pki_root_ca.new.issuer\nsigned_by = skreg_pki_root_ca.new.issuer\nvalidity_days = 30",
        "subject_ca",
        "matches the name of the issuer",
    ),
    (
        "subject_ca = skreg_pki_root_ca.new.issuer\nsigned_by = skreg_pki_intermediate_ca.issuing.issuer\nvalidity_days = 30",
        "",
        "sign",
    ),
];

#[test]
fn violations_of_the_signing_authority_are_rejected_during_planning() -> Result<()> {
    with_one_cli(|cli, aws| {
        let stack = Workspace::inline(roots("")).cli(cli).aws(aws).apply()?;
        for (arguments, at, says) in REFUSED {
            stack.write("main.tf", &roots(&crossing("refused", arguments)))?;
            let (finished, found) = crate::diagnostic::run(&stack, PLAN)?;
            ensure!(
                finished.code() == Some(1),
                "{arguments}: the plan must fail"
            );
            let fits = found.iter().any(|error| {
                error.severity == "error"
                    && error.line.starts_with(at)
                    && error.detail.contains(says)
            });
            ensure!(
                fits,
                "{arguments}: found {}",
                crate::diagnostic::listed(&found)
            );
        }
        stack.write("main.tf", &roots(""))?;
        stack.destroy()?;
        Ok(())
    })
}

#[test]
fn another_revision_issues_another_certificate_and_import_restores_the_state() -> Result<()> {
    with_one_cli(|cli, aws| {
        let with = |more: &str| roots(&crossing("forward", &format!("{FORWARD}\n{more}")));
        let stack = Workspace::inline(with("validity_days = 365"))
            .cli(cli)
            .aws(aws)
            .apply()?;
        let first = output(&stack, "forward", "certificate_pem")?;

        stack.write("main.tf", &with("validity_days = 365\npath_length = 0"))?;
        let required = Saying {
            at: Some("path_length"),
            says: &["Change requires a new certificate"],
        };
        expect_refused(&stack, PLAN, &required)?;
        let exchanged = roots(&crossing(
            "forward",
            &format!("{BACKWARD}\nvalidity_days = 365"),
        ));
        stack.write("main.tf", &exchanged)?;
        let (finished, found) = crate::diagnostic::run(&stack, PLAN)?;
        ensure!(
            finished.code() == Some(1)
                && found
                    .iter()
                    .any(|error| error.line.starts_with("signed_by"))
        );

        stack.write("main.tf", &with("validity_days = 100"))?;
        let postponed = Saying {
            at: Some("validity_days"),
            says: &["does not affect the existing certificate"],
        };
        expect_warned(&stack, PLAN, &postponed)?;
        let second = "validity_days = 100\npath_length = 0\ncertificate_revision = 2";
        stack.write("main.tf", &with(second))?;
        stack.apply()?;
        stack.expect_empty_plan()?;
        let next = output(&stack, "forward", "certificate_pem")?;
        ensure!(next != first && openssl::certificate_text(&next)?.contains("pathlen:0"));

        let address = "skreg_pki_cross_certificate.forward";
        stack.write("main.tf", &with("validity_days = 100\npath_length = 0"))?;
        stack.succeed(&["state", "rm", address])?;
        stack.import(address, &format!("{next}{}", certificate(aws, "old")?))?;
        stack.apply()?;
        stack.expect_empty_plan()?;
        ensure!(output(&stack, "forward", "certificate_pem")? == next);
        stack.destroy()?;
        Ok(())
    })
}

#[test]
fn imported_cross_certificates_have_an_empty_plan() -> Result<()> {
    with_one_cli(|cli, aws| {
        // The output is the certificate only, because an imported state does not contain the locations of the keys.
        let with = |revision: u8| {
            let arguments =
                format!("{FORWARD}\nvalidity_days = 365\ncertificate_revision = {revision}");
            roots(&format!(
                "resource \"skreg_pki_cross_certificate\" \"forward\" {{\n{arguments}\n}}\n\
                 output \"pem\" {{\n value = skreg_pki_cross_certificate.forward.certificate_pem\n}}\n"
            ))
        };
        let stack = Workspace::inline(with(1)).cli(cli).aws(aws).apply()?;
        for (revision, prefix) in [(1, ""), (2, "certificate_revision=2|")] {
            let hcl = with(revision);
            stack.write("main.tf", &hcl)?;
            stack.apply()?;
            let own: String = stack.output("pem")?;
            // The ID contains the certificate, the authority that signed it, and the certified authority.
            let id = [&own, &certificate(aws, "old")?, &certificate(aws, "new")?];
            let id = id.iter().fold(prefix.to_owned(), |id, pem| id + pem);
            expect_imports(&stack, &hcl, "skreg_pki_cross_certificate.forward", &id)?;
            ensure!(stack.output::<String>("pem")? == own);
        }
        let state = stack.show()?;
        let values = &state.resources["skreg_pki_cross_certificate.forward"].values;
        ensure!(values["direction"] == "forward", "found {values}");
        stack.destroy()?;
        Ok(())
    })
}

#[test]
fn kms_key_signs_a_cross_certificate_with_the_urls_of_its_authority() -> Result<()> {
    with_one_cli(|cli, aws| {
        let request = json!({ "KeySpec": "ECC_NIST_P384", "KeyUsage": "SIGN_VERIFY" });
        let key = text(&aws.call("kms", "CreateKey", request)?, "/KeyMetadata/Arn")?;
        let urls = "crl_distribution_points = [\"http://pki.example.com/old.crl\"]\n\
                    ca_issuers_urls = [\"http://pki.example.com/old.cer\"]\n\
                    ocsp_urls = [\"http://ocsp.example.com\"]";
        let with = |urls: &str| {
            let arguments = format!("{FORWARD}\nvalidity_days = 365\n{urls}");
            let kms = format!("\"old\" {{\nkms = {{ key_arn = {key:?} }}\n");
            roots(&crossing("forward", &arguments)).replace("\"old\" {\n", &kms)
        };
        let stack = Workspace::inline(with(urls)).cli(cli).aws(aws).apply()?;
        stack.expect_empty_plan()?;
        ensure!(Authority::read(aws, "old")?.document["private_key_pem"].is_null());
        let forward = output(&stack, "forward", "certificate_pem")?;
        let (old, own) = (certificate(aws, "old")?, certificate(aws, "issuing")?);
        expect_path(&old, &[&forward], &own)?;
        let found = openssl::certificate_text(&forward)?;
        for part in [
            "URI:http://pki.example.com/old.crl",
            "CA Issuers - URI:http://pki.example.com/old.cer",
            "OCSP - URI:http://ocsp.example.com",
        ] {
            ensure!(found.contains(part), "expected {part:?} in\n{found}");
        }
        let required = Saying {
            at: Some("crl_distribution_points"),
            says: &["Change requires a new certificate"],
        };
        stack.write("main.tf", &with(&urls.replace("old.crl", "other.crl")))?;
        expect_refused(&stack, PLAN, &required)?;
        stack.write("main.tf", &with(urls))?;
        stack.destroy()?;
        Ok(())
    })
}
