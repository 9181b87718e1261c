//! Faults that affect a root key: a lost response, and a foreign, missing, replaced, or edited secret. No fault causes
//! a second key to be created.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;
use tfharness::{LocalAws, on};

use crate::authority::{Authority, SECRET, example};
use crate::diagnostic::{APPLY, Saying, expect_refused, listed, run};
use crate::openssl;
use crate::scenario::{expect_nothing_stored, side_by_side, with_one_cli};

#[test]
fn create_retried_by_the_sdk_stores_one_key() -> Result<()> {
    with_one_cli(|cli, aws| {
        let lost = on("secretsmanager", "CreateSecret").first().lose_response();
        aws.add_rule(&lost);
        let _stack = example(cli, aws).apply()?;
        ensure!(
            lost.fired() == 1,
            "expected one lost response, found {}",
            lost.fired()
        );
        Authority::only(aws)?.expect_sound()
    })
}

#[test]
fn key_with_a_lost_response_is_adopted_with_a_warning() -> Result<()> {
    with_one_cli(|cli, aws| {
        let lost = on("secretsmanager", "CreateSecret").every().lose_response();
        aws.add_rule(&lost);
        let stack = example(cli, aws).init()?;
        stack.failing(|stack| stack.apply_once())?;
        ensure!(lost.fired() > 0, "expected CreateSecret in the journal");
        aws.clear_rules();
        let stored = Authority::only(aws)?;
        expect_nothing_stored(&stack)?;

        let (finished, diagnostics) = run(&stack, APPLY)?;
        let adopted = Authority::only(aws)?;
        adopted.expect_sound()?;
        ensure!(
            stored.key_pem()? == adopted.key_pem()?,
            "the second apply stored a different private key"
        );
        let certificate = adopted.certificate_pem()?;
        let (serial, fingerprint) = (
            openssl::serial(certificate)?.to_lowercase(),
            openssl::fingerprint(certificate)?,
        );
        let warned = diagnostics.iter().any(|found| {
            found.severity == "warning"
                && found.detail.contains(&serial)
                && found.detail.contains(&fingerprint)
        });
        ensure!(
            finished.code() == Some(0) && warned,
            "expected a warning with the serial number {serial} and the fingerprint {fingerprint}, found exit code \
             {:?} and\n{}",
            finished.code(),
            listed(&diagnostics)
        );
        stack.expect_empty_plan()?;
        Ok(())
    })
}

#[test]
fn existing_authority_is_rejected_with_the_import_command() -> Result<()> {
    with_one_cli(|cli, aws| {
        let _first = example(cli, aws).apply()?;
        let made = Authority::only(aws)?;
        let second = example(cli, aws).init()?;
        let import = format!(
            "import skreg_pki_root_ca.NAME 'secretsmanager:{}'",
            made.arn
        );
        let saying = Saying {
            at: Some("resource"),
            says: &["already exists", &import],
        };
        expect_refused(&second, &["plan"], &saying)?;
        // The command in the error resolves the error.
        second.import(
            crate::authority::ADDRESS,
            &format!("secretsmanager:{}", made.arn),
        )?;
        second.apply()?;
        made.expect_same(&Authority::only(aws)?)
    })
}

#[test]
fn unfinished_key_must_match_the_configuration() -> Result<()> {
    let differing = [
        ("common_name=Another Root", "subject"),
        ("key_algorithm=ECDSA_P384", "key_algorithm"),
        ("validity_days=30", "validity_days"),
    ];
    with_one_cli(|cli, aws| {
        let stack = example(cli, aws).init()?;
        let create = on("secretsmanager", "CreateSecret").first();
        aws.add_rule(&create.kill_after(&stack.providers()));
        stack.failing(Stack::apply_once)?;
        aws.clear_rules();
        let stored = Authority::only(aws)?;
        for (change, named) in differing {
            let saying = Saying {
                at: Some("resource"),
                says: &["Unfinished authority differs", named, &stored.arn],
            };
            let change = format!("-var={change}");
            expect_refused(&stack, &["apply", "-auto-approve", &change], &saying)?;
        }
        let after = Authority::only(aws)?;
        ensure!(
            stored.document == after.document,
            "the unfinished document changed"
        );
        stack.apply().map_err(Into::into)
    })
}

#[test]
fn foreign_secret_with_the_name_is_unchanged() -> Result<()> {
    with_one_cli(|cli, aws| {
        let token = "0".repeat(32);
        let value = "{\"password\":\"hunter2\"}";
        let foreign = json!({ "Name": SECRET, "SecretString": value, "ClientRequestToken": token });
        aws.call("secretsmanager", "CreateSecret", foreign)?;
        let stack = example(cli, aws).init()?;
        let says = [
            "name is taken",
            SECRET,
            "was not changed",
            "Specify a different secrets_manager.name",
        ];
        let saying = Saying {
            at: Some("resource"),
            says: &says,
        };
        let diagnostics = expect_refused(&stack, &["plan"], &saying)?;
        ensure!(
            !listed(&diagnostics).contains("hunter2"),
            "the error quotes the foreign secret"
        );
        let after = aws.call(
            "secretsmanager",
            "GetSecretValue",
            json!({ "SecretId": SECRET }),
        )?;
        ensure!(
            after["SecretString"] == value,
            "the foreign secret changed: {after}"
        );
        Ok(())
    })
}

#[test]
fn name_pending_deletion_is_rejected_with_the_restore_command() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut stack = example(cli, aws)
            .var("deletion_protection", false)
            .apply()?;
        let made = Authority::only(aws)?;
        stack.destroy()?;
        let command = format!("aws secretsmanager restore-secret --secret-id {SECRET}");
        let saying = Saying {
            at: Some("resource"),
            says: &["pending deletion", "scheduled for deletion", &command],
        };
        expect_refused(&stack, &["plan"], &saying)?;

        // The command in the error resolves the error and restores the old key.
        aws.call(
            "secretsmanager",
            "RestoreSecret",
            json!({ "SecretId": SECRET }),
        )?;
        stack.import(crate::authority::ADDRESS, &made.arn)?;
        stack.set_var("deletion_protection", true);
        stack.apply()?;
        made.expect_same(&Authority::only(aws)?)
    })
}

/// A change to a stored key outside of OpenTofu and Terraform.
struct Tampering {
    what: &'static str,
    act: fn(&LocalAws, &Authority) -> Result<()>,
    says: &'static [&'static str],
}

/// Fragments of the error for an inconsistent document, and its remedy.
const CHANGED: [&str; 2] = [
    "was changed outside",
    "aws secretsmanager update-secret-version-stage",
];

const TAMPERINGS: [Tampering; 6] = [
    Tampering {
        what: "the secret is deleted",
        act: |aws, made| {
            let force = json!({ "SecretId": made.arn, "ForceDeleteWithoutRecovery": true });
            aws.call("secretsmanager", "DeleteSecret", force)
                .map(drop)
                .map_err(Into::into)
        },
        says: &[
            "Root key is missing",
            "does not create another key",
            "state rm",
        ],
    },
    Tampering {
        what: "the secret is scheduled for deletion",
        act: |aws, made| {
            let delete = json!({ "SecretId": made.arn, "RecoveryWindowInDays": 7 });
            aws.call("secretsmanager", "DeleteSecret", delete)
                .map(drop)
                .map_err(Into::into)
        },
        says: &[
            "scheduled for deletion",
            "aws secretsmanager restore-secret --secret-id",
        ],
    },
    Tampering {
        what: "key and certificate are replaced",
        act: |aws, made| {
            let (key, certificate) = openssl::foreign_root("skreg Root CA")?;
            let mut document = made.document.clone();
            document["private_key_pem"] = Value::String(key);
            document["certificates"] = json!([certificate]);
            put(aws, made, &document)
        },
        says: &CHANGED,
    },
    Tampering {
        what: "the key is replaced and the certificate remains",
        act: |aws, made| {
            let mut document = made.document.clone();
            document["private_key_pem"] = Value::String(openssl::foreign_root("skreg Root CA")?.0);
            put(aws, made, &document)
        },
        says: &CHANGED,
    },
    Tampering {
        what: "the certificate is edited manually",
        act: |aws, made| {
            let mut document = made.document.clone();
            let edited = edited(made.certificate_pem()?);
            document["certificates"] = json!([edited]);
            put(aws, made, &document)
        },
        says: &CHANGED,
    },
    Tampering {
        what: "the tag that identifies the key is edited",
        act: |aws, made| {
            let tags = json!([{ "Key": "spki_sha256", "Value": "0".repeat(64) }]);
            let tag = json!({ "SecretId": made.arn, "Tags": tags });
            aws.call("secretsmanager", "TagResource", tag)
                .map(drop)
                .map_err(Into::into)
        },
        says: &[
            "Root key or its tag was changed",
            "aws secretsmanager tag-resource",
        ],
    },
];

#[test]
fn missing_or_changed_key_is_an_error_and_never_replaced() -> Result<()> {
    with_one_cli(|cli, aws| {
        side_by_side(&TAMPERINGS, 3, |Tampering { what, act, says }| {
            // Each case has a separate account, so it does not affect the others.
            let aws = aws.sibling();
            let stack = example(cli, &aws).apply()?;
            act(&aws, &Authority::only(&aws)?).context(*what)?;
            let saying = Saying {
                at: Some("resource"),
                says,
            };
            expect_standstill(&stack, &aws, &saying).context(*what)
        })
        .map(drop)
    })
}

#[test]
fn changed_secret_cannot_be_imported() -> Result<()> {
    with_one_cli(|cli, aws| {
        for Tampering { what, act, .. } in &TAMPERINGS[3..5] {
            let aws = aws.sibling();
            let _first = example(cli, &aws).apply()?;
            let made = Authority::only(&aws)?;
            act(&aws, &made).context(*what)?;
            let second = example(cli, &aws).init()?;
            let error = second
                .failing(|stack| stack.import(crate::authority::ADDRESS, &made.arn))
                .context(*what)?;
            let text = error
                .failure()
                .map(|failure| failure.text.clone())
                .unwrap_or_default();
            ensure!(
                text.contains("is unusable"),
                "{what}: expected the import error to contain the reason, found {text}"
            );
        }
        Ok(())
    })
}

/// Checks that plan and apply fail without reading or writing a key, and that the resource remains in the state.
fn expect_standstill(stack: &Stack, aws: &LocalAws, saying: &Saying<'_>) -> Result<()> {
    let calls = || {
        let writes = [
            "CreateSecret",
            "PutSecretValue",
            "UpdateSecret",
            "DeleteSecret",
            "GetSecretValue",
        ];
        writes.map(|action| aws.count("secretsmanager", action))
    };
    let before = calls();
    for arguments in [
        &["plan"][..],
        APPLY,
        &["apply", "-refresh-only", "-auto-approve"],
    ] {
        expect_refused(stack, arguments, saying)?;
    }
    let after = calls();
    ensure!(
        before == after,
        "expected no further call that reads or writes a key, found {before:?} then {after:?}"
    );
    let resources = stack.show()?.resources;
    let kept = resources
        .get(crate::authority::ADDRESS)
        .is_some_and(|resource| !resource.tainted);
    ensure!(
        kept,
        "expected the resource in the state and not tainted, found {resources:?}"
    );
    Ok(())
}

fn put(aws: &LocalAws, made: &Authority, document: &Value) -> Result<()> {
    let parameters = json!({ "SecretId": made.arn, "SecretString": document.to_string() });
    aws.call("secretsmanager", "PutSecretValue", parameters)?;
    Ok(())
}

/// Returns the certificate with one changed character in the signature.
fn edited(certificate_pem: &str) -> String {
    let mut lines: Vec<String> = certificate_pem.lines().map(str::to_owned).collect();
    let line = lines.len() - 3;
    let other = if lines[line].starts_with('A') {
        "B"
    } else {
        "A"
    };
    lines[line].replace_range(..1, other);
    lines.join("\n") + "\n"
}
