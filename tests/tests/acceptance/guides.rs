//! The guides in `docs/guides`: executes their commands in the situations that they describe, and verifies the results
//! with direct calls and OpenSSL.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, Workspace};

use crate::authority::{Authority, secret_names};
use crate::diagnostic::{APPLY, PLAN, Saying, expect_refused, expect_warned, listed, run};
use crate::documented::{Shell, blocks, section};
use crate::infrastructure::text;
use crate::openssl::{certificate_text, fingerprint, openssl};
use crate::scenario::{expect_nothing_stored, with_one_cli};

const RECOVERY: &str = include_str!("../../../docs/guides/disaster-recovery.md");
const CEREMONY: &str = include_str!("../../../docs/guides/offline-root-ceremony.md");

const ROOT: &str = "pki-rotation/root-ca-g1-key";
const SECRETS: [(&str, &str); 3] = [
    ("<root_arn>", ROOT),
    ("<issuing_arn>", "pki-rotation/issuing-ca-key"),
    ("<server_arn>", "pki-rotation/server-key"),
];

fn bucket(aws: &LocalAws) -> String {
    format!("guides-{}", aws.id())
}

/// Applies the example of the guides.
fn applied(cli: &Cli, aws: &LocalAws, kms_key: Option<&str>) -> Result<Stack> {
    aws.s3().create_bucket(&bucket(aws))?;
    let keys = kms_key.map_or(json!({}), |arn| json!({ "g1": arn }));
    let workspace = Workspace::of("examples/pki-rotation").cli(cli).aws(aws);
    let stack = workspace
        .var("bucket", bucket(aws))
        .var("kms_key_arns", keys)
        .apply()?;
    Ok(stack)
}

/// Returns the certificates in the secrets of the example.
fn certificates(aws: &LocalAws) -> Result<Vec<String>> {
    let secrets = SECRETS.into_iter();
    secrets
        .map(|(_, name)| Ok(Authority::read(aws, name)?.certificate_pem()?.to_owned()))
        .collect()
}

/// Returns the number of a published revocation list.
fn list_number(aws: &LocalAws, name: &str) -> Result<String> {
    let list = aws.s3().get(&bucket(aws), &format!("{name}.crl.pem"))?;
    openssl(&["crl", "-noout", "-crlnumber"], &list)
}

/// Returns the version of the published trust bundle.
fn bundle_version(aws: &LocalAws) -> Result<Value> {
    let document = aws.s3().get(&bucket(aws), "trust-bundle.json")?;
    let document: Value = serde_json::from_str(&document)?;
    Ok(document["version"].clone())
}

fn recovery(heading: &str) -> Result<Vec<&'static str>> {
    blocks(section(RECOVERY, heading)?)
}

#[test]
fn deleted_secret_is_restored() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut stack = applied(cli, aws, None)?;
        let before = certificates(aws)?;
        aws.call(
            "secretsmanager",
            "DeleteSecret",
            json!({ "SecretId": ROOT }),
        )?;
        let symptom = Saying {
            at: Some("resource"),
            says: &["Root key is scheduled for deletion", "restore-secret"],
        };
        expect_refused(&stack, PLAN, &symptom)?;
        let mut shell = Shell::new(aws, &mut stack, [])?;
        shell.run_all(section(RECOVERY, "A secret is scheduled for deletion")?)?;
        stack.expect_empty_plan()?;
        ensure!(certificates(aws)? == before);
        Ok(())
    })
}

#[test]
fn deleted_kms_key_is_restored() -> Result<()> {
    with_one_cli(|cli, aws| {
        let key = json!({ "KeySpec": "ECC_NIST_P384", "KeyUsage": "SIGN_VERIFY" });
        let key = text(&aws.call("kms", "CreateKey", key)?, "/KeyMetadata/Arn")?;
        let mut stack = applied(cli, aws, Some(&key))?;
        let before = list_number(aws, "root-ca-g1")?;
        aws.call("kms", "ScheduleKeyDeletion", json!({ "KeyId": key }))?;
        // The next list requires a signature.
        aws.s3().delete(&bucket(aws), "root-ca-g1.crl")?;
        let (finished, found) = run(&stack, APPLY)?;
        ensure!(finished.code() == Some(1), "the apply must fail");
        ensure!(
            listed(&found).contains("KMS key is pending deletion"),
            "{}",
            listed(&found)
        );
        let mut shell = Shell::new(aws, &mut stack, [("<kms_key_arn>", key)])?;
        shell.run_all(section(RECOVERY, "A KMS key is disabled")?)?;
        stack.expect_empty_plan()?;
        ensure!(list_number(aws, "root-ca-g1")? != before);
        Ok(())
    })
}

#[test]
fn earlier_version_of_a_secret_becomes_current_again() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut stack = applied(cli, aws, None)?;
        let before = certificates(aws)?;
        let current = |name: &str| -> Result<String> {
            let answer = aws.call(
                "secretsmanager",
                "GetSecretValue",
                json!({ "SecretId": name }),
            )?;
            text(&answer, "/VersionId")
        };
        let expected = current(ROOT)?;
        let other = json!({ "SecretId": ROOT, "SecretString": "{}" });
        aws.call("secretsmanager", "PutSecretValue", other)?;
        let found = current(ROOT)?;
        let symptom = Saying {
            at: Some("resource"),
            says: &[
                "Stored root key or certificate was changed",
                &expected,
                &found,
            ],
        };
        expect_refused(&stack, PLAN, &symptom)?;
        let values = [
            ("<expected_version>", expected),
            ("<current_version>", found),
        ];
        let mut shell = Shell::new(aws, &mut stack, values)?;
        shell.run_all(section(RECOVERY, "Another version of a secret")?)?;
        stack.expect_empty_plan()?;
        ensure!(certificates(aws)? == before);
        Ok(())
    })
}

#[test]
fn lost_root_is_replaced_by_the_next_generation() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut stack = applied(cli, aws, None)?;
        let [root, issuing, server] = certificates(aws)?.try_into().ok().context("three")?;
        let deletion = json!({ "SecretId": ROOT, "ForceDeleteWithoutRecovery": true });
        aws.call("secretsmanager", "DeleteSecret", deletion)?;
        let symptom = Saying {
            at: Some("resource"),
            says: &["Root key is missing"],
        };
        expect_refused(&stack, PLAN, &symptom)?;
        let mut shell = Shell::new(aws, &mut stack, [])?;
        shell.run_all(section(RECOVERY, "The key of a root is lost")?)?;
        stack.expect_empty_plan()?;

        let bundle = aws.s3().get(&bucket(aws), "trust-bundle.pem")?;
        ensure!(
            fingerprint(&bundle)? != fingerprint(&root)?,
            "the lost root is still trusted"
        );
        let directory = tempfile::tempdir()?;
        let file = |name: &str, content: &str| -> Result<String> {
            let path = directory.path().join(name);
            fs::write(&path, content)?;
            Ok(path.to_str().context("the path is not UTF-8")?.to_owned())
        };
        let trusted = file("bundle.pem", &bundle)?;
        let now = |name: &str| -> Result<String> {
            Ok(Authority::read(aws, name)?.certificate_pem()?.to_owned())
        };
        let chain = file("chain.pem", &now("pki-rotation/issuing-ca-key")?)?;
        for leaf in [now("pki-rotation/server-key")?, server] {
            let leaf = file("leaf.pem", &leaf)?;
            openssl(
                &[
                    "verify",
                    "-x509_strict",
                    "-CAfile",
                    &trusted,
                    "-untrusted",
                    &chain,
                    &leaf,
                ],
                "",
            )?;
        }
        let key = |pem: &str| openssl(&["x509", "-noout", "-pubkey"], pem);
        ensure!(
            key(&now("pki-rotation/issuing-ca-key")?)? == key(&issuing)?,
            "another issuing key"
        );
        Ok(())
    })
}

#[test]
fn lost_issuing_authority_is_replaced_and_revoked() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut stack = applied(cli, aws, None)?;
        let [root, issuing, server] = certificates(aws)?.try_into().ok().context("three")?;
        let lost = json!({
            "SecretId": "pki-rotation/issuing-ca-key", "ForceDeleteWithoutRecovery": true,
        });
        aws.call("secretsmanager", "DeleteSecret", lost)?;
        let symptom = Saying {
            at: Some("resource"),
            says: &["Intermediate key is missing"],
        };
        expect_refused(&stack, PLAN, &symptom)?;
        let mut shell = Shell::new(aws, &mut stack, [])?;
        shell.run_all(section(
            RECOVERY,
            "The key of an issuing authority is lost",
        )?)?;
        stack.expect_empty_plan()?;

        let read = |name: &str| -> Result<String> {
            Ok(Authority::read(aws, name)?.certificate_pem()?.to_owned())
        };
        ensure!(read(ROOT)? == root, "the root has another certificate");
        let next = read("pki-rotation/issuing-ca-g2-key")?;
        let renewed = read("pki-rotation/server-key")?;
        ensure!(renewed != server, "the server has the same certificate");
        let list = |name: &str| aws.s3().get(&bucket(aws), &format!("{name}.crl.pem"));
        let lists = [
            list("root-ca-g1")?,
            list("issuing-ca")?,
            list("issuing-ca-g2")?,
        ]
        .concat();
        let directory = tempfile::tempdir()?;
        let verify = |chain: &str, leaf: &str| -> Result<String> {
            let file = |name: &str, content: &str| -> Result<String> {
                let path = directory.path().join(name);
                fs::write(&path, content)?;
                Ok(path.to_str().context("the path is not UTF-8")?.to_owned())
            };
            let (root, chain) = (file("root.pem", &root)?, file("chain.pem", chain)?);
            let (lists, leaf) = (file("lists.pem", &lists)?, file("leaf.pem", leaf)?);
            let checks = [
                "verify",
                "-x509_strict",
                "-crl_check_all",
                "-CRLfile",
                &lists,
            ];
            let paths = ["-CAfile", &root, "-untrusted", &chain, &leaf];
            openssl(&[&checks[..], &paths[..]].concat(), "")
        };
        verify(&next, &renewed)?;
        let refused = verify(&issuing, &server)
            .err()
            .context("the lost authority is valid")?;
        ensure!(
            refused.to_string().contains("certificate revoked"),
            "{refused:#}"
        );
        Ok(())
    })
}

#[test]
fn lost_bucket_is_published_again() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut stack = applied(cli, aws, None)?;
        let before = certificates(aws)?;
        let (list, version) = (list_number(aws, "root-ca-g1")?, bundle_version(aws)?);
        for (key, _) in aws.s3().versions(&bucket(aws))? {
            aws.s3().delete(&bucket(aws), &key)?;
        }
        aws.s3().delete_bucket(&bucket(aws))?;
        let symptom = Saying {
            at: Some("publish"),
            says: &["Revocation list is missing"],
        };
        expect_warned(&stack, PLAN, &symptom)?;
        let (finished, found) = run(&stack, APPLY)?;
        ensure!(finished.code() == Some(1), "the apply must fail");
        ensure!(
            listed(&found).contains("NoSuchBucket"),
            "{}",
            listed(&found)
        );
        let mut shell = Shell::new(aws, &mut stack, [("<bucket>", bucket(aws))])?;
        shell.run_all(section(RECOVERY, "The bucket is lost")?)?;
        stack.expect_empty_plan()?;
        ensure!(certificates(aws)? == before);
        ensure!(
            list_number(aws, "root-ca-g1")? > list,
            "the numbers do not continue"
        );
        ensure!(
            bundle_version(aws)?.as_u64() >= version.as_u64(),
            "the version is lower"
        );
        Ok(())
    })
}

#[test]
fn lost_state_is_imported() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut stack = applied(cli, aws, None)?;
        let before = certificates(aws)?;
        for file in ["terraform.tfstate", "terraform.tfstate.backup"] {
            let path = stack.directory().join(file);
            if path.exists() {
                fs::remove_file(path)?;
            }
        }
        let (_, found) = run(&stack, PLAN)?;
        let expected = "Certificate authority already exists";
        ensure!(listed(&found).contains(expected), "{}", listed(&found));

        let [arns, imports] = recovery("The state is lost")?[..] else {
            anyhow::bail!("expected two blocks");
        };
        let mut shell = Shell::new(aws, &mut stack, [("<bucket>", bucket(aws))])?;
        for (command, (placeholder, _)) in arns.lines().zip(SECRETS) {
            let arn = shell.run(command)?;
            shell.set(placeholder, arn);
        }
        shell.run(imports)?;
        stack.expect_empty_plan()?;
        ensure!(
            certificates(aws)?[..2] == before[..2],
            "an authority has another certificate"
        );
        ensure!(
            certificates(aws)? == before,
            "the server has another certificate"
        );

        let mut shell = Shell::new(aws, &mut stack, [])?;
        shell.run("export TF_VAR_disposable=true\ntofu apply\ntofu destroy\n")?;
        expect_nothing_stored(&stack)?;
        ensure!(secret_names(aws)?.is_empty());
        Ok(())
    })
}

#[test]
fn offline_root_certifies_the_online_authority() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut stack = Workspace::of("examples/offline-root")
            .cli(cli)
            .aws(aws)
            .open()?;
        stack.write("passphrase", "correct horse battery staple\n")?;
        let mut shell = Shell::new(aws, &mut stack, [])?;
        for heading in [
            "Configuration",
            "Create the offline root",
            "Certify the online authority",
            "Publish the certificates",
        ] {
            let run = shell.run_all(section(CEREMONY, heading)?);
            run.with_context(|| heading.to_owned())?;
        }
        let read = |name: &str| fs::read_to_string(stack.directory().join(name));
        let certified = certificate_text(&read("online-by-offline-root.pem")?)?;
        ensure!(
            certified.contains("CN = Example Offline Root CA"),
            "{certified}"
        );
        ensure!(certified.contains("CA:TRUE, pathlen:1"), "{certified}");
        ensure!(read("offline-root.key")?.contains("ENCRYPTED PRIVATE KEY"));
        ensure!(
            fingerprint(&read("online.pem")?)?
                == fingerprint(&stack.output::<String>("online_certificate")?)?
        );
        stack.expect_empty_plan()?;
        Ok(())
    })
}

#[test]
fn ceremony_key_is_imported_and_not_in_the_state() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut stack = Workspace::of("examples/offline-root")
            .cli(cli)
            .aws(aws)
            .init()?;
        let mut shell = Shell::new(aws, &mut stack, [])?;
        let [generate, apply, compare, delete] =
            blocks(section(CEREMONY, "Import a key from a ceremony")?)?[..]
        else {
            anyhow::bail!("expected four blocks");
        };
        shell.run(generate)?;
        shell.run(apply)?;
        let key = fs::read_to_string(shell.stack.directory().join("online.key"))?;
        let printed = shell.run(compare)?;
        let (first, second) = printed.split_at(printed.len() / 2);
        ensure!(first == second && first.contains("PUBLIC KEY"), "{printed}");
        shell.run(delete)?;
        ensure!(!shell.stack.directory().join("online.key").exists());
        stack.apply()?;
        let body: String = key.lines().filter(|line| !line.starts_with('-')).collect();
        let state = stack.state_text()?;
        ensure!(
            !state.contains("PRIVATE KEY") && !state.contains(&body[40..]),
            "the key is in the state"
        );
        let stored = Authority::read(aws, "offline-root/online-ca-key")?;
        crate::openssl::expect_pair(&key, stored.certificate_pem()?)?;
        Ok(())
    })
}
