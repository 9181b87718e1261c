//! Lifecycle of a root certificate authority: create, read, tag, import, protect, and delete.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tfharness::workspace::Stack;
use tfharness::{LocalAws, Workspace, on};

use crate::authority::{ADDRESS, Authority, SECRET, example, secret_names};
use crate::diagnostic::{APPLY, Saying, expect_refused, expect_warned, listed, run};
use crate::openssl;
use crate::scenario::{expect_nothing_stored, with_one_cli};

#[test]
fn example_creates_a_root_that_openssl_accepts() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut stack = Workspace::of("examples/root-ca")
            .cli(cli)
            .aws(aws)
            .apply()?;
        let made = Authority::only(aws)?;
        made.expect_sound()?;
        expect_profile(
            made.certificate_pem()?,
            "sha256WithRSAEncryption",
            "(4096 bit)",
        )?;
        expect_outputs(&stack, &made)?;

        stack.set_var("tags", json!({ "team": "platform" }));
        stack.apply()?;
        made.expect_same(&Authority::only(aws)?)?;
        expect_tag(aws, "team", Some("platform"))?;
        stack.set_var("tags", json!({}));
        stack.apply()?;
        expect_tag(aws, "team", None)?;
        made.expect_same(&Authority::only(aws)?)?;
        let writes = (
            aws.count("secretsmanager", "CreateSecret"),
            aws.count("secretsmanager", "PutSecretValue"),
        );
        ensure!(
            writes == (1, 1),
            "expected one CreateSecret and one PutSecretValue in the journal, found {writes:?}"
        );

        stack.set_var("deletion_protection", false);
        stack.apply()?;
        stack.destroy()?;
        expect_scheduled_for_deletion(aws)?;
        aws.expect_empty()?;
        Ok(())
    })
}

#[test]
fn every_key_algorithm_creates_a_root_that_openssl_accepts() -> Result<()> {
    let algorithms = [
        ("RSA_3072", "sha256WithRSAEncryption", "(3072 bit)"),
        ("ECDSA_P256", "ecdsa-with-SHA256", "prime256v1"),
        ("ECDSA_P384", "ecdsa-with-SHA384", "secp384r1"),
        ("ED25519", "ED25519", "ED25519 Public-Key"),
    ];
    let names = algorithms.map(|(name, _, _)| name);
    with_one_cli(|cli, aws| {
        let hcl = format!(
            r#"
            terraform {{
              required_providers {{ skreg = {{ source = "skreg/skreg" }} }}
            }}
            resource "skreg_pki_root_ca" "this" {{
              for_each        = toset({names:?})
              subject         = {{ common_name = "Root ${{each.key}}", country = "DE", organization = "skreg" }}
              key_algorithm   = each.key
              not_after       = "2040-01-01T00:00:00Z"
              path_length     = 0
              secrets_manager = {{ name = "root/${{each.key}}" }}
            }}
            "#
        );
        let _stack = Workspace::inline(hcl).cli(cli).aws(aws).apply()?;
        for (name, signature, key) in algorithms {
            let made = Authority::read(aws, &format!("root/{name}"))?;
            made.expect_sound().context(name)?;
            expect_profile_with(made.certificate_pem()?, signature, key, 0).context(name)?;
            let end = openssl::openssl(&["x509", "-noout", "-enddate"], made.certificate_pem()?)?;
            ensure!(
                end.contains("Jan  1 00:00:00 2040 GMT"),
                "expected the configured not_after, found {end}"
            );
        }
        Ok(())
    })
}

#[test]
fn deletion_requires_disabled_protection_in_the_state() -> Result<()> {
    with_one_cli(|cli, aws| {
        let stack = example(cli, aws).apply()?;
        let made = Authority::only(aws)?;
        let saying = Saying {
            at: Some("deletion_protection"),
            says: &[
                "protected from deletion",
                "set deletion_protection = false, apply",
            ],
        };
        for arguments in [
            &["plan", "-destroy"][..],
            &["apply", "-destroy", "-auto-approve"],
            &["destroy", "-auto-approve"],
            // The value in the state applies, so disabling protection in the same command has no effect.
            &["destroy", "-auto-approve", "-var=deletion_protection=false"],
        ] {
            expect_refused(&stack, arguments, &saying)?;
        }
        // A deletion has no location, because its configuration might not exist.
        let nowhere = Saying { at: None, ..saying };
        let main = std::fs::read_to_string(stack.directory().join("main.tf"))?;
        stack.write("main.tf", "")?;
        stack.write("outputs.tf", "")?;
        expect_refused(&stack, APPLY, &nowhere).context("after removing the block")?;
        stack.write("main.tf", &main)?;
        made.expect_same(&Authority::only(aws)?)?;
        let deletions = aws.count("secretsmanager", "DeleteSecret");
        ensure!(
            deletions == 0,
            "expected no DeleteSecret in the journal, found {deletions}"
        );
        Ok(())
    })
}

/// Returns a root with a trigger and a lifecycle block.
fn root_with(lifecycle: &str) -> String {
    format!(
        r#"
        terraform {{
          required_providers {{ skreg = {{ source = "skreg/skreg" }} }}
        }}
        variable "trigger" {{ default = "one" }}
        resource "terraform_data" "trigger" {{ input = var.trigger }}
        resource "skreg_pki_root_ca" "this" {{
          subject             = {{ common_name = "Root" }}
          key_algorithm       = "ED25519"
          validity_days       = 3650
          deletion_protection = false
          secrets_manager     = {{ name = {SECRET:?}, recovery_window_in_days = 0 }}
          {lifecycle}
        }}
        "#
    )
}

/// Protection is disabled and the name is available immediately. Therefore, only the replacement itself can cause the
/// rejection.
#[test]
fn every_replacement_is_rejected_during_planning() -> Result<()> {
    let triggered = "replace_triggered_by = [terraform_data.trigger]";
    let created_first = "create_before_destroy = true";
    let refused = Saying {
        at: Some("resource"),
        says: &[
            "cannot be replaced",
            SECRET,
            "moved block",
            "new generation",
        ],
    };
    with_one_cli(|cli, aws| {
        let with = |lifecycle: &str| root_with(&format!("lifecycle {{\n{lifecycle}\n}}"));
        let stack = Workspace::inline(root_with("")).cli(cli).aws(aws).apply()?;
        let made = Authority::only(aws)?;
        let replace = format!("-replace={ADDRESS}");
        for lifecycle in ["", created_first] {
            stack.write("main.tf", &with(lifecycle))?;
            expect_refused(&stack, &["plan", &replace], &refused).context(lifecycle)?;
        }
        for lifecycle in [
            triggered.to_owned(),
            format!("{triggered}\n{created_first}"),
        ] {
            stack.write("main.tf", &with(&lifecycle))?;
            stack.expect_empty_plan().context(lifecycle.clone())?;
            let change = ["plan", "-var=trigger=two"];
            expect_refused(&stack, &change, &refused).context(lifecycle)?;
        }
        stack.write("main.tf", &root_with(""))?;

        stack.succeed(&["taint", "-no-color", ADDRESS])?;
        expect_refused(&stack, &["plan"], &refused).context("tainted")?;
        stack.succeed(&["untaint", "-no-color", ADDRESS])?;
        stack.expect_empty_plan().context("the remedy for taint")?;

        // A renamed block is planned as a deletion and a creation, in either order.
        let renamed = root_with("").replace("\"this\"", "\"renamed\"");
        stack.write("main.tf", &renamed)?;
        let (finished, diagnostics) = run(&stack, &["plan"])?;
        let says = listed(&diagnostics);
        ensure!(
            finished.code() == Some(1)
                && (says.contains("cannot be replaced") || says.contains(&made.arn)),
            "expected an error for the renamed root, found {says}"
        );
        let moved = format!("moved {{\n  from = {ADDRESS}\n  to = skreg_pki_root_ca.renamed\n}}\n");
        stack.write("main.tf", &(renamed + &moved))?;
        stack.apply().context("the remedy for a rename")?;
        made.expect_same(&Authority::only(aws)?)
    })
}

#[test]
fn root_without_recovery_window_can_be_recreated_immediately() -> Result<()> {
    with_one_cli(|cli, aws| {
        let stack = Workspace::inline(root_with("")).cli(cli).aws(aws).init()?;
        let warned = Saying {
            at: Some("resource"),
            says: &["no recovery window", SECRET],
        };
        expect_warned(&stack, &["plan"], &warned)?;
        for _ in 0..2 {
            stack.apply()?;
            Authority::only(aws)?.expect_sound()?;
            stack.destroy()?;
            aws.expect_empty()?;
        }
        Ok(())
    })
}

/// The key is deleted, but the response is lost.
#[test]
fn next_destroy_completes_after_a_lost_response() -> Result<()> {
    with_one_cli(|cli, aws| {
        let stack = example(cli, aws)
            .var("deletion_protection", false)
            .apply()?;
        let kill = on("secretsmanager", "DeleteSecret").first();
        aws.add_rule(&kill.kill_after(&stack.providers()));
        stack.failing(Stack::destroy)?;
        aws.clear_rules();
        let kept = stack.show()?.resources;
        ensure!(kept.contains_key(ADDRESS), "expected the root in the state");

        // The plan reports the deletion and a command that reverses it.
        let arn = Authority::arn_of(aws, SECRET)?;
        let restore = format!("aws secretsmanager restore-secret --secret-id {arn}");
        let warned = Saying {
            at: Some("resource"),
            says: &["scheduled for deletion", "DeletedDate", &restore],
        };
        expect_warned(&stack, &["plan"], &warned)?;
        stack.destroy()?;
        expect_nothing_stored(&stack)?;
        expect_scheduled_for_deletion(aws)
    })
}

/// Attributes in states that predate `not_before_margin_minutes`, `tags_all`, and `validity_status`.
const EARLIER_ATTRIBUTES: [&str; 19] = [
    "certificate_pem",
    "certificate_sha256",
    "deletion_protection",
    "key_algorithm",
    "not_after",
    "not_after_actual",
    "not_before",
    "path_length",
    "public_key_pem",
    "secret_arn",
    "secret_version_id",
    "secrets_manager",
    "serial_number",
    "spki_sha256",
    "subject",
    "subject_key_id",
    "tags",
    "timeouts",
    "validity_days",
];

#[test]
fn state_from_an_earlier_version_has_an_empty_plan() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut stack = example(cli, aws).apply()?;
        let made = Authority::only(aws)?;
        let mut state: serde_json::Value = serde_json::from_str(&stack.state_text()?)?;
        let attributes = state["resources"][0]["instances"][0]["attributes"]
            .as_object_mut()
            .context("the state has no attributes of the root")?;
        let all = attributes.len();
        attributes.retain(|name, _| EARLIER_ATTRIBUTES.contains(&name.as_str()));
        ensure!(
            attributes.len() == EARLIER_ATTRIBUTES.len() && attributes.len() < all,
            "expected the attributes of the earlier version, found {:?}",
            attributes.keys().collect::<Vec<_>>()
        );
        state["serial"] = json!(
            state["serial"]
                .as_u64()
                .context("the state has no serial")?
                + 1
        );
        stack.write("earlier.json", &state.to_string())?;
        stack.succeed(&["state", "push", "earlier.json"])?;
        stack.expect_empty_plan().context("after a refresh")?;
        stack.succeed(&["plan", "-refresh=false", "-detailed-exitcode"])?;
        // Updates also work with such a state.
        stack.set_var("tags", json!({ "team": "platform" }));
        stack.apply()?;
        made.expect_same(&Authority::only(aws)?)
    })
}

#[test]
fn checks_can_use_the_validity_status() -> Result<()> {
    let check = r#"
        check "root_certificate" {
          assert {
            condition     = skreg_pki_root_ca.this.validity_status == "valid"
            error_message = "The root certificate ends soon."
          }
        }
    "#;
    with_one_cli(|cli, aws| {
        let hcl = root_with("not_before_margin_minutes = 1440").replace("3650", "1");
        let stack = Workspace::inline(hcl.clone() + check)
            .cli(cli)
            .aws(aws)
            .apply()?;
        let values = &stack.show()?.resources[ADDRESS].values;
        ensure!(
            values["validity_status"] == "valid",
            "expected a valid root, found {values}"
        );
        stack.expect_empty_plan()?;
        Ok(())
    })
}

#[test]
fn import_by_secret_arn_has_an_empty_plan() -> Result<()> {
    with_one_cli(|cli, aws| {
        // The recovery window is not an attribute of the secret, so the import sets the maximum.
        let workspace = || {
            example(cli, aws)
                .var("recovery_window_in_days", 30)
                .var("tags", json!({ "a": "b" }))
        };
        let first = workspace().apply()?;
        let made = Authority::only(aws)?;
        for id in [format!("secretsmanager:{}", made.arn), made.arn.clone()] {
            let second = workspace().init()?;
            second.import(ADDRESS, &id)?;
            // An import does not include outputs. The resource must not change.
            let plan = second.plan()?;
            let changes: Vec<_> = plan
                .changes()
                .map(|change| (&change.address, &change.change))
                .collect();
            ensure!(
                changes.is_empty(),
                "expected no change after the import of {id}, found {changes:?}"
            );
            second.apply()?;
            let values =
                |stack: &Stack| anyhow::Ok(stack.show()?.resources[ADDRESS].values.clone());
            let (made, imported) = (values(&first)?, values(&second)?);
            ensure!(
                made == imported,
                "expected the import to restore the state {made}, found {imported}"
            );
        }
        made.expect_same(&Authority::only(aws)?)
    })
}

#[test]
fn no_change_replaces_a_root() -> Result<()> {
    // A change, the start of the reported line, and the reported path. The CLIs point to a top-level attribute, or to
    // the first line of the resource for a nested attribute.
    let locked = [
        (
            "common_name=Another Root",
            "resource",
            "subject.common_name",
        ),
        ("organization=another", "resource", "subject.organization"),
        ("key_algorithm=ED25519", "key_algorithm", "key_algorithm"),
        (
            "secret_name=skreg/pki/another",
            "resource",
            "secrets_manager.name",
        ),
    ];
    with_one_cli(|cli, aws| {
        let mut stack = example(cli, aws).apply()?;
        let made = Authority::only(aws)?;
        for (change, line, path) in locked {
            let change = format!("-var={change}");
            let saying = Saying {
                at: Some(line),
                says: &["cannot be changed", path, "create a new generation"],
            };
            expect_refused(&stack, &["plan", &change], &saying)?;
            expect_refused(&stack, &["apply", "-auto-approve", &change], &saying)?;
        }
        let main = std::fs::read_to_string(stack.directory().join("main.tf"))?;
        stack.write(
            "main.tf",
            &main.replace("path_length   = 1", "path_length = 2"),
        )?;
        let saying = Saying {
            at: Some("path_length"),
            says: &[
                "cannot be changed",
                "path_length",
                "create a new generation",
            ],
        };
        expect_refused(&stack, &["plan"], &saying)?;
        let key = "secrets_manager = {\n    kms_key_id = \"alias/other\"";
        stack.write("main.tf", &main.replace("secrets_manager = {", key))?;
        let saying = Saying {
            at: Some("resource"),
            says: &["cannot be changed", "secrets_manager.kms_key_id"],
        };
        expect_refused(&stack, &["plan"], &saying)?;
        stack.write("main.tf", &main)?;

        stack.set_var("validity_days", 100);
        let saying = Saying {
            at: Some("validity_days"),
            says: &["does not affect", "remains valid from"],
        };
        expect_warned(&stack, &["plan"], &saying)?;
        stack.set_var("recovery_window_in_days", 14);
        stack.apply()?;
        made.expect_same(&Authority::only(aws)?)
    })
}

/// Checks required and forbidden content in a root certificate (RFC 5280 section 4).
fn expect_profile(certificate_pem: &str, signature: &str, key: &str) -> Result<()> {
    expect_profile_with(certificate_pem, signature, key, 1)
}

fn expect_profile_with(
    certificate_pem: &str,
    signature: &str,
    key: &str,
    path_length: u8,
) -> Result<()> {
    let text = openssl::certificate_text(certificate_pem)?;
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let extension = |name: &str| {
        let at = lines.iter().position(|line| line.starts_with(name));
        at.and_then(|at| lines.get(at..at + 2))
            .map(<[&str]>::to_vec)
    };
    let constraints = format!("CA:TRUE, pathlen:{path_length}");
    for expected in [
        ["X509v3 Basic Constraints: critical", constraints.as_str()],
        ["X509v3 Key Usage: critical", "Certificate Sign, CRL Sign"],
    ] {
        let found = extension(expected[0].split(": ").next().unwrap_or_default());
        ensure!(
            found.as_deref() == Some(&expected[..]),
            "expected {expected:?}, found {found:?} in\n{text}"
        );
    }
    let identifier = extension("X509v3 Subject Key Identifier")
        .with_context(|| format!("expected a subject key identifier in\n{text}"))?[1];
    ensure!(
        identifier.replace(':', "").len() == 40,
        "expected 20 octets (RFC 7093 method 1), found {identifier}"
    );
    let authority =
        extension("X509v3 Authority Key Identifier").map(|found| found[1].replace("keyid:", ""));
    let same = authority
        .as_deref()
        .is_none_or(|authority| authority == identifier);
    ensure!(
        same,
        "expected the authority key identifier {identifier}, found {authority:?}"
    );
    for expected in [
        "Version: 3 (0x2)",
        &format!("Signature Algorithm: {signature}"),
        key,
    ] {
        ensure!(text.contains(expected), "expected {expected:?} in\n{text}");
    }
    let name = |option| {
        openssl::openssl(
            &["x509", "-noout", option, "-nameopt", "RFC2253"],
            certificate_pem,
        )
    };
    let (subject, issuer) = (name("-subject")?, name("-issuer")?);
    ensure!(
        subject.replace("subject=", "issuer=") == issuer,
        "expected one name, found {subject} and {issuer}"
    );
    let serial = openssl::serial(certificate_pem)?;
    // The serial number has 159 random bits. Fewer than 64 bits (CA/Browser Forum baseline requirements) would indicate
    // that the serial number is not random.
    ensure!(
        (16..=40).contains(&serial.len()),
        "expected 8 to 20 octets, found the serial number {serial}"
    );
    ensure!(
        serial.len() < 40 || serial.as_bytes()[0] < b'8',
        "the serial number {serial} has 21 octets in DER"
    );
    Ok(())
}

/// Compares the outputs of the example with the values that `openssl` reads from the stored certificate.
fn expect_outputs(stack: &Stack, made: &Authority) -> Result<()> {
    let certificate = made.certificate_pem()?;
    let serial = stack.output::<String>("serial_number")?.to_uppercase();
    let end = openssl::openssl(
        &["x509", "-noout", "-enddate", "-dateopt", "iso_8601"],
        certificate,
    )?;
    let end = end.trim().replace("notAfter=", "").replace(' ', "T");
    let identifier = openssl::openssl(
        &["x509", "-noout", "-ext", "subjectKeyIdentifier"],
        certificate,
    )?;
    let identifier = identifier
        .lines()
        .nth(1)
        .unwrap_or_default()
        .trim()
        .replace(':', "")
        .to_lowercase();
    for (output, found, expected) in [
        (
            "root_ca_cert_pem",
            stack.output::<String>("root_ca_cert_pem")?,
            certificate.to_owned(),
        ),
        (
            "serial_number",
            serial.trim_start_matches('0').to_owned(),
            openssl::serial(certificate)?,
        ),
        (
            "certificate_sha256",
            stack.output("certificate_sha256")?,
            openssl::fingerprint(certificate)?,
        ),
        (
            "subject_key_id",
            stack.output("subject_key_id")?,
            identifier,
        ),
        ("not_after", stack.output("not_after")?, end),
        ("secret_arn", stack.output("secret_arn")?, made.arn.clone()),
    ] {
        ensure!(
            found == expected,
            "expected the output {output} to match {expected:?} from openssl, found {found:?}"
        );
    }
    Ok(())
}

fn expect_tag(aws: &LocalAws, key: &str, expected: Option<&str>) -> Result<()> {
    let answer = aws.call(
        "secretsmanager",
        "DescribeSecret",
        json!({ "SecretId": SECRET }),
    )?;
    let tags = answer["Tags"]
        .as_array()
        .context("DescribeSecret returned no Tags")?;
    let found = tags
        .iter()
        .find(|tag| tag["Key"] == key)
        .and_then(|tag| tag["Value"].as_str());
    ensure!(
        found == expected,
        "expected DescribeSecret to return {expected:?} for the tag {key}, found {found:?}"
    );
    Ok(())
}

/// The example has a recovery window of seven days, because a key requires one.
fn expect_scheduled_for_deletion(aws: &LocalAws) -> Result<()> {
    let names = secret_names(aws)?;
    ensure!(
        names.is_empty(),
        "expected ListSecrets to return no active secrets, found {names:?}"
    );
    let answer = aws.call(
        "secretsmanager",
        "DescribeSecret",
        json!({ "SecretId": SECRET }),
    )?;
    ensure!(
        !answer["DeletedDate"].is_null(),
        "expected DescribeSecret to return a DeletedDate, found {answer}"
    );
    Ok(())
}
