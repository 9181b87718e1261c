//! End-entity certificates, verified with OpenSSL: every key algorithm, requests, renewal, the ledger, and the ephemeral
//! private key. Must not read the state to find an expected value.

mod chains;

use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, Workspace, on};

use crate::authority::Authority;
use crate::diagnostic::{APPLY, PLAN, Saying, expect_refused, expect_warned, run};
use crate::imported::expect_imports;
use crate::infrastructure::text;
use crate::openssl::{self, openssl};
use crate::scenario::with_one_cli;
use crate::secrets::{Haystack, Printed, needles, unzipped};

/// Name of the secret of the certificate.
const SECRET: &str = "leaf/server";
/// Address of the certificate.
const ADDRESS: &str = "skreg_pki_certificate.this";

/// A root that can issue end-entity certificates.
const ROOT: &str = r#"
    terraform {
      required_providers {
        skreg = { source = "skreg/skreg" }
        aws   = { source = "hashicorp/aws" }
      }
    }
    resource "skreg_pki_root_ca" "root" {
      subject                   = { common_name = "Root", organization = "skreg" }
      key_algorithm             = "ECDSA_P384"
      validity_days             = 100
      not_before_margin_minutes = 1440
      usage                     = ["sign_leaf", "sign_crl"]
      deletion_protection       = false
      secrets_manager           = { name = "leaf/root", recovery_window_in_days = 0 }
    }
    output "root_pem" { value = skreg_pki_root_ca.root.certificate_pem }
"#;

/// Returns a configuration with the root, and a certificate with these arguments.
fn with_certificate(arguments: &str) -> String {
    format!(
        r#"{ROOT}
    resource "skreg_pki_certificate" "this" {{
      issuer              = skreg_pki_root_ca.root.issuer
      allow_root_issuance = true
      {arguments}
    }}
    output "certificate_pem" {{ value = skreg_pki_certificate.this.certificate_pem }}
    output "serial_number" {{ value = skreg_pki_certificate.this.serial_number }}
"#
    )
}

/// Arguments of a certificate for a generated key.
const GENERATED: &str = r#"
      secrets_manager    = { name = "leaf/server", recovery_window_in_days = 0 }
      dns_names          = ["api.example.com", "www.example.com"]
      ip_addresses       = ["192.0.2.7", "2001:db8::7"]
      subject            = { common_name = "api.example.com" }
      extended_key_usage = ["server_auth", "client_auth"]
"#;

fn workspace(cli: &Cli, aws: &LocalAws, hcl: impl Into<String>) -> Workspace {
    Workspace::inline(hcl).cli(cli).aws(aws)
}

/// Checks with `openssl verify` that a certificate is valid for a purpose below a root.
fn expect_chain(root_pem: &str, certificate_pem: &str, purpose: &str) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("root.pem");
    std::fs::write(&path, root_pem)?;
    let root = path.to_str().context("the path is not UTF-8")?;
    let verify = [
        "verify",
        "-x509_strict",
        "-purpose",
        purpose,
        "-CAfile",
        root,
    ];
    let answer = openssl(&verify, certificate_pem)?;
    ensure!(
        answer.trim().ends_with(": OK"),
        "expected `openssl verify` to print OK, found {answer:?}"
    );
    Ok(())
}

#[test]
fn every_key_algorithm_has_a_certificate_that_openssl_accepts() -> Result<()> {
    let algorithms = [
        ("RSA_2048", "(2048 bit)"),
        ("RSA_3072", "(3072 bit)"),
        ("RSA_4096", "(4096 bit)"),
        ("ECDSA_P256", "prime256v1"),
        ("ECDSA_P384", "secp384r1"),
        ("ECDSA_P521", "secp521r1"),
        ("ED25519", "ED25519 Public-Key"),
    ];
    let names = algorithms.map(|(name, _)| name);
    with_one_cli(|cli, aws| {
        let hcl = format!(
            r#"{ROOT}
            resource "skreg_pki_certificate" "this" {{
              for_each                = toset({names:?})
              issuer                  = skreg_pki_root_ca.root.issuer
              allow_root_issuance     = true
              key_algorithm           = each.key
              secrets_manager         = {{ name = "leaf/${{each.key}}", recovery_window_in_days = 0 }}
              dns_names               = ["${{lower(replace(each.key, "_", "-"))}}.example.com"]
              extended_key_usage      = ["server_auth"]
              validity_hours          = 24
              crl_distribution_points = ["http://pki.example.com/ca.crl"]
              ca_issuers_urls         = ["http://pki.example.com/ca.cer"]
              ocsp_urls               = ["http://ocsp.example.com"]
            }}
            "#
        );
        let stack = workspace(cli, aws, hcl).apply()?;
        let root: String = stack.output("root_pem")?;
        for (name, key) in algorithms {
            let made = Authority::read(aws, &format!("leaf/{name}"))?;
            let certificate = made.certificate_pem()?;
            expect_chain(&root, certificate, "sslserver").context(name)?;
            openssl::expect_pair(made.key_pem()?, certificate).context(name)?;
            let host = format!("{}.example.com", name.to_lowercase().replace('_', "-"));
            expect_text(
                certificate,
                &[
                    key,
                    &format!("DNS:{host}"),
                    // A subject without attributes requires critical alternative names.
                    "X509v3 Subject Alternative Name: critical",
                    "CA:FALSE",
                    "TLS Web Server Authentication",
                    "URI:http://pki.example.com/ca.crl",
                    "CA Issuers - URI:http://pki.example.com/ca.cer",
                    "OCSP - URI:http://ocsp.example.com",
                ],
            )
            .context(name)?;
        }
        stack.expect_empty_plan()?;
        stack.destroy()?;
        aws.expect_empty()?;
        Ok(())
    })
}

fn expect_text(certificate_pem: &str, expected: &[&str]) -> Result<()> {
    let found = openssl::certificate_text(certificate_pem)?;
    for expected in expected {
        ensure!(
            found.contains(expected),
            "expected {expected:?} in\n{found}"
        );
    }
    Ok(())
}

/// Creates a key and a request: `(private_key_pem, request_pem)`.
fn request(extension: &str) -> Result<(String, String)> {
    let curve = [
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
    ];
    let key = openssl(&curve, "")?;
    let create = [
        "req",
        "-new",
        "-key",
        "/dev/stdin",
        "-subj",
        "/CN=requested.example.com",
        "-addext",
        extension,
    ];
    let request = openssl(&create, &key)?;
    Ok((key, request))
}

/// Arguments of a certificate for a request.
const REQUESTED: &str = r#"
      csr_pem            = var.csr_pem
      subject            = { common_name = "agent" }
      uris               = ["spiffe://example.com/agent"]
      extended_key_usage = ["client_auth", "1.3.6.1.4.1.311.10.3.4"]
      validity_hours     = 24
    }
    variable "csr_pem" {
"#;

#[test]
fn request_determines_the_key_and_nothing_else() -> Result<()> {
    let names = "subjectAltName=DNS:requested.example.com";
    with_one_cli(|cli, aws| {
        let (key, first) = request(names)?;
        let mut stack = workspace(cli, aws, with_certificate(REQUESTED))
            .var("csr_pem", first.clone())
            .apply()?;
        let (root, certificate): (String, String) =
            (stack.output("root_pem")?, stack.output("certificate_pem")?);
        expect_chain(&root, &certificate, "sslclient")?;
        openssl::expect_pair(&key, &certificate)?;
        let text = openssl::certificate_text(&certificate)?;
        ensure!(
            !text.contains("requested.example.com"),
            "expected only configured names, found\n{text}"
        );
        expect_text(
            &certificate,
            &[
                "CN = agent",
                "URI:spiffe://example.com/agent",
                "Microsoft Encrypted File System",
            ],
        )?;
        let secrets = crate::authority::secret_names(aws)?;
        ensure!(
            secrets == ["leaf/root"],
            "expected no secret, found {secrets:?}"
        );
        stack.expect_empty_plan()?;

        // Another request issues another certificate in place.
        let (other, second) = request(names)?;
        stack.set_var("csr_pem", second.clone());
        let warned = Saying {
            at: Some("resource"),
            says: &["differs from the configuration", "csr_pem"],
        };
        expect_warned(&stack, PLAN, &warned)?;
        stack.apply()?;
        let certificate: String = stack.output("certificate_pem")?;
        openssl::expect_pair(&other, &certificate)?;
        expect_chain(&root, &certificate, "sslclient")?;
        stack.expect_empty_plan()?;

        let (_, authority) = request("basicConstraints=critical,CA:TRUE")?;
        let position = second.len() / 2;
        let letter = if second.as_bytes()[position] == b'A' {
            "B"
        } else {
            "A"
        };
        let mut tampered = second;
        tampered.replace_range(position..=position, letter);
        for (request, says) in [
            (
                authority,
                &["for a certificate authority", "basicConstraints"][..],
            ),
            (tampered, &["request", "is not"]),
            (key, &["certificate signing request could not be read"]),
        ] {
            stack.set_var("csr_pem", request);
            let at = Some("csr_pem");
            expect_refused(&stack, PLAN, &Saying { at, says })?;
        }
        stack.set_var("csr_pem", first);
        stack.destroy()?;
        aws.expect_empty()?;
        Ok(())
    })
}

#[test]
fn imported_certificate_for_a_request_has_an_empty_plan() -> Result<()> {
    with_one_cli(|cli, aws| {
        let (_, request) = request("subjectAltName=DNS:requested.example.com")?;
        let hcl = with_certificate(REQUESTED);
        let stack = workspace(cli, aws, hcl.clone())
            .var("csr_pem", request.clone())
            .apply()?;
        let (root, own): (String, String) =
            (stack.output("root_pem")?, stack.output("certificate_pem")?);
        let signatures = aws.count("secretsmanager", "GetSecretValue");
        expect_imports(&stack, &hcl, ADDRESS, &format!("{request}{own}{root}"))?;
        ensure!(stack.output::<String>("certificate_pem")? == own);
        ensure!(aws.count("secretsmanager", "GetSecretValue") == signatures);

        // Another name issues the next certificate with the configured issuer.
        stack.write(
            "main.tf",
            &hcl.replace("example.com/agent", "example.com/web"),
        )?;
        stack.apply()?;
        stack.expect_empty_plan()?;
        let next: String = stack.output("certificate_pem")?;
        ensure!(next != own);
        expect_chain(&root, &next, "sslclient")?;
        stack.destroy()?;
        aws.expect_empty()?;
        Ok(())
    })
}

/// The certificate first has a fixed end in 30 minutes, which satisfies the term of two hours because of the margin of one
/// day. Therefore, the renewal window of one hour has begun as soon as it is configured.
#[test]
fn renewal_rotates_the_key_and_keeps_the_previous_version() -> Result<()> {
    with_one_cli(|cli, aws| {
        let (mut stack, first) = due(cli, aws, "")?;
        let warned = Saying {
            at: Some("renew_before_hours"),
            says: &[
                "renewal window of the certificate began at",
                "for a new key",
                "AWSPREVIOUS",
            ],
        };
        expect_warned(&stack, PLAN, &warned)?;
        let (_, diagnostics) = run(&stack, PLAN)?;
        ensure!(
            !diagnostics
                .iter()
                .any(|found| found.summary.contains("expires soon")),
            "expected no warning about the certificate that is replaced"
        );
        let plan = stack.plan()?;
        let planned = plan.resource(ADDRESS).context("no planned change")?;
        ensure!(
            planned.change.acts() && !planned.change.replaces(),
            "expected an update in place, found {planned:?}"
        );
        stack.apply()?;
        let second = Authority::read(aws, SECRET)?;
        let (before, after) = (first.certificate_pem()?, second.certificate_pem()?);
        ensure!(
            first.key_pem()? != second.key_pem()? && before != after,
            "expected another key and another certificate"
        );
        ensure!(first.arn == second.arn, "expected the same secret");
        let previous = aws.call(
            "secretsmanager",
            "GetSecretValue",
            json!({ "SecretId": SECRET, "VersionStage": "AWSPREVIOUS" }),
        )?;
        let previous: Value = serde_json::from_str(&text(&previous, "/SecretString")?)?;
        ensure!(
            previous["private_key_pem"].as_str() == Some(first.key_pem()?),
            "expected AWSPREVIOUS to contain the previous key"
        );
        let root: String = stack.output("root_pem")?;
        for certificate in [before, after] {
            expect_chain(&root, certificate, "sslserver")?;
        }
        openssl::expect_pair(second.key_pem()?, after)?;
        stack.expect_empty_plan()?;
        stack.set_var("unused", "");
        stack.destroy()?;
        aws.expect_empty()?;
        Ok(())
    })
}

/// Creates a certificate, and then configures a renewal window that has begun. Returns the certificate that is due.
fn due(cli: &Cli, aws: &LocalAws, more: &str) -> Result<(Stack, Authority)> {
    let end = SystemTime::now() + Duration::from_secs(30 * 60);
    let end = end.duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    let margin = "not_before_margin_minutes = 1440";
    let unused = "}\nvariable \"unused\" {\ndefault = \"\"";
    let fixed = format!(
        "{GENERATED}{margin}\n{more}\nnot_after = timeadd(\"1970-01-01T00:00:00Z\", \"{end}s\")\n{unused}"
    );
    let stack = workspace(cli, aws, with_certificate(&fixed)).apply()?;
    let first = Authority::read(aws, SECRET)?;
    let renewed = format!(
        "{GENERATED}{margin}\n{more}\nvalidity_hours = 2\nrenew_before_hours = 1\n{unused}"
    );
    stack.write("main.tf", &with_certificate(&renewed))?;
    Ok((stack, first))
}

#[test]
fn interrupted_renewal_is_completed_without_another_certificate() -> Result<()> {
    with_one_cli(|cli, aws| {
        let (stack, first) = due(cli, aws, "")?;
        let kill = on("secretsmanager", "PutSecretValue").nth(2);
        aws.add_rule(&kill.kill_after(&stack.providers()));
        stack.failing(Stack::apply_once)?;
        aws.clear_rules();
        let stored = Authority::read(aws, SECRET)?;
        ensure!(
            stored.certificate_pem()? != first.certificate_pem()?,
            "expected the interrupted run to store the next certificate"
        );
        stack.apply()?;
        stored.expect_same(&Authority::read(aws, SECRET)?)?;
        let output: String = stack.output("certificate_pem")?;
        ensure!(
            output == stored.certificate_pem()?,
            "expected the state to contain the stored certificate"
        );
        stack.expect_empty_plan()?;
        Ok(())
    })
}

#[test]
fn changed_names_issue_another_certificate_in_place() -> Result<()> {
    with_one_cli(|cli, aws| {
        let arguments = |more: &str| format!("{GENERATED}validity_hours = 24\n{more}");
        let stack = workspace(cli, aws, with_certificate(&arguments(""))).apply()?;
        let first = Authority::read(aws, SECRET)?;
        // Without rotation, the next certificate is for the same key, and the subject is fixed.
        let kept = arguments("rotate_key_on_renewal = false").replace("www.", "new.");
        stack.write("main.tf", &with_certificate(&kept))?;
        stack.apply()?;
        let second = Authority::read(aws, SECRET)?;
        ensure!(
            first.key_pem()? == second.key_pem()?,
            "expected the same key"
        );
        expect_text(second.certificate_pem()?, &["DNS:new.example.com"])?;
        openssl::expect_pair(second.key_pem()?, second.certificate_pem()?)?;
        stack.expect_empty_plan()?;
        let renamed = kept.replace("common_name = \"api", "common_name = \"other");
        stack.write("main.tf", &with_certificate(&renamed))?;
        let saying = Saying {
            at: Some("resource"),
            says: &["same subject", "rotate_key_on_renewal"],
        };
        expect_refused(
            &stack,
            PLAN,
            &Saying {
                at: Some("subject"),
                ..saying
            },
        )
        .or_else(|_| expect_refused(&stack, PLAN, &saying))?;
        let rotated = renamed.replace("rotate_key_on_renewal = false", "");
        stack.write("main.tf", &with_certificate(&rotated))?;
        stack.apply()?;
        let third = Authority::read(aws, SECRET)?;
        ensure!(
            second.key_pem()? != third.key_pem()?,
            "expected another key"
        );
        expect_text(third.certificate_pem()?, &["CN = other.example.com"])?;
        stack.expect_empty_plan()?;
        Ok(())
    })
}

#[test]
fn configurations_that_clients_would_reject_fail_during_planning() -> Result<()> {
    let valid = format!("{GENERATED}validity_hours = 24");
    let cases: [(&str, &str, &str, &[&str]); 9] = [
        (
            "\"www.example.com\"",
            "\"*.example.com\"",
            "dns_names",
            &["wildcard", "allow_wildcard"],
        ),
        (
            "\"www.example.com\"",
            "\"a_b.example.com\"",
            "dns_names",
            &["letters, digits, and hyphens"],
        ),
        (
            "\"192.0.2.7\"",
            "\"192.0.2\"",
            "ip_addresses",
            &["not an IPv4 or IPv6 address"],
        ),
        (
            "\"client_auth\"",
            "\"serverAuth\"",
            "extended_key_usage",
            &["dotted object identifier"],
        ),
        (
            "\"client_auth\"",
            "\"time_stamping\"",
            "extended_key_usage",
            &["must be the only purpose"],
        ),
        (
            "validity_hours = 24",
            "validity_hours = 24000",
            "resource",
            &["expires at", "allow the end to be truncated"],
        ),
        ("validity_hours = 24", "", "resource", &["validity_hours"]),
        (
            "validity_hours = 24",
            "validity_hours = 24\nrenew_before_hours = 24",
            "renew_before_hours",
            &["less than validity_hours"],
        ),
        (
            "validity_hours = 24",
            "validity_hours = 24\nledger_uri = \"example\"",
            "ledger_uri",
            &["s3://example-pki/ledger"],
        ),
    ];
    with_one_cli(|cli, aws| {
        // The checks against the issuer require its certificate.
        let stack = workspace(cli, aws, ROOT).apply()?;
        for (before, after, at, says) in &cases {
            stack.write("main.tf", &with_certificate(&valid.replace(before, after)))?;
            let saying = Saying { at: Some(at), says };
            expect_refused(&stack, PLAN, &saying)
                .or_else(|error| {
                    let saying = Saying {
                        at: Some("resource"),
                        says,
                    };
                    expect_refused(&stack, PLAN, &saying).map_err(|_| error)
                })
                .with_context(|| format!("{before} → {after}"))?;
        }
        let refused = with_certificate(&valid).replace("allow_root_issuance = true", "");
        stack.write("main.tf", &refused)?;
        let saying = Saying {
            at: Some("issuer"),
            says: &["is a root", "allow_root_issuance = true"],
        };
        expect_refused(&stack, PLAN, &saying)?;
        let writes = aws.count("secretsmanager", "CreateSecret");
        ensure!(
            writes == 1,
            "expected only the secret of the root, found {writes}"
        );
        Ok(())
    })
}

#[test]
fn ledger_records_the_issuance_and_the_revocation() -> Result<()> {
    with_one_cli(|cli, aws| {
        // Bucket names are unique across accounts.
        let name = format!("leaf-ledger-{}", aws.id());
        let bucket = format!(
            "}}\nresource \"aws_s3_bucket\" \"ledger\" {{\nbucket = {name:?}\nforce_destroy = true\n"
        );
        let arguments = format!(
            "{GENERATED}validity_hours = 24\nledger_uri = \"s3://${{aws_s3_bucket.ledger.id}}/pki/\"\n{bucket}"
        );
        let stack = workspace(cli, aws, with_certificate(&arguments)).apply()?;
        let made = Authority::read(aws, SECRET)?;
        let serial = stack.output::<String>("serial_number")?;
        let root: String = stack.output("root_pem")?;
        let spki = spki_sha256(&root)?;
        let object_of = |kind: &str, serial: &str| -> Result<Value> {
            let key = format!("pki/{spki}/{kind}/{serial}.json");
            let content = aws.s3().get(&name, &key)?;
            serde_json::from_str(&content).context("the record is not JSON")
        };
        let object = |kind: &str| object_of(kind, &serial);
        let record = object("issued")?;
        let fingerprint = openssl::fingerprint(made.certificate_pem()?)?;
        ensure!(
            record["certificate_sha256"] == json!(fingerprint)
                && record["requester_arn"]
                    .as_str()
                    .is_some_and(|arn| arn.starts_with("arn:")),
            "expected the record of the certificate, found {record}"
        );
        stack.expect_empty_plan()?;
        ensure!(object("revocations").is_err(), "expected no revocation");
        // Another certificate is issued, and the first one remains valid.
        let changed = arguments.replace("www.example.com", "web.example.com");
        stack.write("main.tf", &with_certificate(&changed))?;
        stack.apply()?;
        let next = stack.output::<String>("serial_number")?;
        ensure!(next != serial && object("revocations").is_err());
        stack.succeed(&["destroy", "-auto-approve", "-no-color", "-target", ADDRESS])?;
        for serial in [&serial, &next] {
            let revoked = object_of("revocations", serial)?;
            ensure!(
                revoked["status"] == "revoked" && revoked["reason"] == "cessation_of_operation",
                "expected the revocation, found {revoked}"
            );
        }
        stack.destroy()?;
        aws.expect_empty()?;
        Ok(())
    })
}

#[test]
fn certificate_for_a_request_is_issued_once_if_the_state_is_lost() -> Result<()> {
    with_one_cli(|cli, aws| {
        let name = format!("leaf-requests-{}", aws.id());
        let (_, request) = request("subjectAltName=DNS:requested.example.com")?;
        let with = |subject: &str| {
            with_certificate(&format!(
                "csr_pem = {request:?}\nsubject = {{ common_name = {subject:?} }}\n\
                 extended_key_usage = [\"client_auth\"]\nvalidity_hours = 24\n\
                 ledger_uri = \"s3://${{aws_s3_bucket.ledger.id}}/pki\"\n}}\n\
                 resource \"aws_s3_bucket\" \"ledger\" {{\nbucket = {name:?}\nforce_destroy = true\n"
            ))
        };
        let stack = workspace(cli, aws, with("agent")).apply()?;
        let first: String = stack.output("certificate_pem")?;
        let serial: String = stack.output("serial_number")?;

        // A run that is interrupted before it ends also leaves the certificate in the ledger, but not in the state.
        stack.succeed(&["state", "rm", ADDRESS])?;
        let adopted = Saying {
            at: Some("resource"),
            says: &["Certificate of an interrupted run is used", &serial],
        };
        expect_applied(&stack, &adopted)?;
        ensure!(stack.output::<String>("certificate_pem")? == first);
        stack.expect_empty_plan()?;

        // Another configuration revokes the certificate of the interrupted run.
        stack.succeed(&["state", "rm", ADDRESS])?;
        stack.write("main.tf", &with("other"))?;
        let revoked = Saying {
            at: Some("resource"),
            says: &["Certificate of an interrupted run is revoked", &serial],
        };
        expect_applied(&stack, &revoked)?;
        ensure!(stack.output::<String>("certificate_pem")? != first);
        let spki = spki_sha256(&stack.output::<String>("root_pem")?)?;
        let record = |serial: &str| {
            aws.s3()
                .get(&name, &format!("pki/{spki}/revocations/{serial}.json"))
        };
        ensure!(record(&serial)?.contains("\"revoked\""));
        ensure!(record(&stack.output::<String>("serial_number")?).is_err());
        stack.expect_empty_plan()?;
        stack.destroy()?;
        Ok(())
    })
}

/// Applies, and checks that the apply succeeds with a warning.
fn expect_applied(stack: &Stack, saying: &Saying<'_>) -> Result<()> {
    let (finished, found) = run(stack, APPLY)?;
    let warned = found.iter().any(|found| {
        let text = format!("{}\n{}", found.summary, found.detail);
        found.severity == "warning" && saying.says.iter().all(|says| text.contains(says))
    });
    ensure!(
        finished.code() == Some(0) && warned,
        "expected the warning {:?}, found {}{}",
        saying.says,
        crate::diagnostic::listed(&found),
        finished.stderr
    );
    Ok(())
}

#[test]
fn ephemeral_key_of_the_previous_version_is_read_by_label_and_by_id() -> Result<()> {
    with_one_cli(|cli, aws| {
        let consumer = |name: &str, version: &str, revision: u8| {
            format!(
                r#"
    ephemeral "skreg_pki_private_key" "{name}" {{
      secret_arn = skreg_pki_certificate.this.secret_arn
      {version}
    }}
    resource "aws_secretsmanager_secret" "{name}" {{
      name                    = "leaf/{name}"
      recovery_window_in_days = 0
    }}
    resource "aws_secretsmanager_secret_version" "{name}" {{
      secret_id                = aws_secretsmanager_secret.{name}.id
      secret_string_wo         = ephemeral.skreg_pki_private_key.{name}.private_key_pem
      secret_string_wo_version = {revision}
    }}
"#
            )
        };
        let hcl = with_certificate(&format!("{GENERATED}validity_hours = 24"));
        let stack = workspace(cli, aws, hcl.clone()).apply()?;
        let first = Authority::read(aws, SECRET)?;
        let id = text(
            &aws.call(
                "secretsmanager",
                "GetSecretValue",
                json!({ "SecretId": SECRET }),
            )?,
            "/VersionId",
        )?;
        let renewed = hcl.replace("www.example.com", "web.example.com");
        stack.write("main.tf", &renewed)?;
        stack.apply()?;
        let second = Authority::read(aws, SECRET)?;
        ensure!(first.key_pem()? != second.key_pem()?);
        let all = [
            renewed,
            consumer("current", "version_stage = \"AWSCURRENT\"", 1),
            consumer("previous", "version_stage = \"AWSPREVIOUS\"", 1),
            consumer("by-id", &format!("version_id = {id:?}"), 1),
        ];
        stack.write("main.tf", &all.concat())?;
        stack.apply()?;
        for (name, expected) in [
            ("current", &second),
            ("previous", &first),
            ("by-id", &first),
        ] {
            let request = json!({ "SecretId": format!("leaf/{name}") });
            let copied = aws.call("secretsmanager", "GetSecretValue", request)?;
            ensure!(
                text(&copied, "/SecretString")? == expected.key_pem()?,
                "expected {name} to contain another key"
            );
        }
        stack.expect_empty_plan()?;
        Ok(())
    })
}

/// Returns the SHA-256 hash of the SubjectPublicKeyInfo of a certificate, as OpenSSL computes it.
fn spki_sha256(certificate_pem: &str) -> Result<String> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("key.der");
    let der = path.to_str().context("the path is not UTF-8")?;
    let key = openssl(&["x509", "-noout", "-pubkey"], certificate_pem)?;
    openssl(&["pkey", "-pubin", "-outform", "DER", "-out", der], &key)?;
    let answer = openssl(&["dgst", "-sha256", "-r", der], "")?;
    let (digits, _) = answer
        .split_once(' ')
        .with_context(|| format!("found {answer:?}"))?;
    Ok(digits.to_owned())
}

#[test]
fn ephemeral_key_reaches_a_write_only_argument_and_nothing_else() -> Result<()> {
    let consumer = r#"
    }
    ephemeral "skreg_pki_private_key" "this" {
      secret_arn = skreg_pki_certificate.this.secret_arn
    }
    resource "aws_secretsmanager_secret" "consumer" {
      name                    = "leaf/consumer"
      recovery_window_in_days = 0
    }
    resource "aws_secretsmanager_secret_version" "consumer" {
      secret_id                = aws_secretsmanager_secret.consumer.id
      secret_string_wo         = ephemeral.skreg_pki_private_key.this.private_key_pem
      secret_string_wo_version = 1
"#;
    with_one_cli(|cli, aws| {
        let arguments = format!("{GENERATED}validity_hours = 24{consumer}");
        let printed = Printed::default();
        let hcl = with_certificate(&arguments);
        let stack = printed
            .hear(workspace(cli, aws, hcl.clone()))
            .trace()
            .init()?;
        stack.plan()?;
        stack.succeed(&["apply", "-no-color", "harness.tfplan"])?;
        let made = Authority::read(aws, SECRET)?;
        let copied = aws.call(
            "secretsmanager",
            "GetSecretValue",
            json!({ "SecretId": "leaf/consumer" }),
        )?;
        ensure!(
            text(&copied, "/SecretString")? == made.key_pem()?,
            "expected the consumer to contain the key"
        );
        stack.expect_empty_plan()?;
        let mut haystack = Haystack::default();
        haystack.add("the command output", &printed.text());
        haystack.add("the state", &stack.state_text()?);
        haystack.add_workspace(&stack)?;
        haystack.add(
            "the plan as JSON",
            &stack.succeed(&["show", "-json", "harness.tfplan"])?,
        );
        haystack.add("the unzipped plan file", &unzipped(&stack)?);
        haystack.expect_contains(&[
            ("the state", "BEGIN CERTIFICATE"),
            ("trace.log", "OpenEphemeralResource"),
            ("the plan as JSON", "leaf/consumer"),
            ("the unzipped plan file", "leaf/consumer"),
        ])?;
        // At this level, hashicorp/aws logs the bodies of its requests, as the documentation of the ephemeral resource
        // warns. The search covers the records of the CLI and of this provider.
        haystack.drop_records("provider.terraform-provider-aws_");
        haystack.expect_contains(&[("trace.log", "OpenEphemeralResource")])?;
        haystack.expect_none(&needles(made.key_pem()?)?)?;

        // The key of the authority is never returned.
        let refused = hcl.replace(
            "secret_arn = skreg_pki_certificate.this.secret_arn",
            "secret_arn = skreg_pki_root_ca.root.secret_arn",
        );
        stack.write("main.tf", &refused)?;
        let saying = Saying {
            at: Some("secret_arn"),
            says: &["certificate authority", "never returns it"],
        };
        expect_refused(&stack, PLAN, &saying)?;
        Ok(())
    })
}
