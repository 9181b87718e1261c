//! The walk-through in `examples/pki-rotation`: executes the README, and verifies every step with OpenSSL as clients that
//! know only the old root, the published trust bundle, or only the new root.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tfharness::workspace::{Action, Stack};
use tfharness::{LocalAws, Workspace};

use crate::authority::{Authority, secret_names};
use crate::diagnostic::{PLAN, Saying, expect_refused};
use crate::documented::{Shell, blocks, section};
use crate::openssl::openssl;
use crate::scenario::{expect_nothing_stored, with_one_cli};

const README: &str = include_str!("../../../examples/pki-rotation/README.md");
const BUNDLE: &str = "skreg_pki_trust_bundle.this";
const ISSUING: &str = "skreg_pki_intermediate_ca.issuing";
const SERVER: &str = "skreg_pki_certificate.server";
const OLD: &str = r#"skreg_pki_root_ca.generation["g1"]"#;
const NEW: &str = r#"skreg_pki_root_ca.generation["g2"]"#;
const OLD_CRL: &str = r#"skreg_pki_crl.root["g1"]"#;
const NEW_CRL: &str = r#"skreg_pki_crl.root["g2"]"#;
const BACKWARD: &str = r#"skreg_pki_cross_certificate.between["g1_by_g2"]"#;
const FORWARD: &str = r#"skreg_pki_cross_certificate.between["g2_by_g1"]"#;

/// Secret of the old root.
const OLD_SECRET: &str = "pki-rotation/root-ca-g1-key";

/// One apply of the walk-through.
struct Step {
    /// Start of the heading of the section.
    heading: &'static str,
    creates: &'static [&'static str],
    updates: &'static [&'static str],
    deletes: &'static [&'static str],
    /// Resources with another key afterwards.
    keys: &'static [&'static str],
    /// Resources with another certificate afterwards.
    certificates: &'static [&'static str],
    /// Clients that trust only the old root, the published bundle, or only the new root: whether they accept the first
    /// certificate with its chain, and the current certificate with its chain.
    accepts: [[bool; 2]; 3],
}

/// Step that changes no key and no certificate.
const fn step(heading: &'static str, accepts: [[bool; 2]; 3]) -> Step {
    Step {
        heading,
        creates: &[],
        updates: &[],
        deletes: &[],
        keys: &[],
        certificates: &[],
        accepts,
    }
}

/// All clients accept both certificates.
const ALL: [[bool; 2]; 3] = [[true, true], [true, true], [true, true]];
/// The new root certifies nothing.
const OLD_ONLY: [[bool; 2]; 3] = [[true, true], [true, true], [false, false]];
/// Without cross-certificates, a root verifies only what is below it.
const SEPARATE: [[bool; 2]; 3] = [[true, false], [false, true], [false, true]];

const STEPS: [Step; 9] = [
    Step {
        creates: &[NEW, NEW_CRL],
        ..step("Step 1", OLD_ONLY)
    },
    Step {
        updates: &[BUNDLE],
        ..step("Step 2", OLD_ONLY)
    },
    Step {
        creates: &[BACKWARD, FORWARD],
        updates: &[BUNDLE],
        ..step("Step 3", ALL)
    },
    Step {
        updates: &[ISSUING, SERVER, "skreg_pki_crl.issuing"],
        keys: &[SERVER],
        certificates: &[ISSUING, SERVER],
        ..step("Step 4", ALL)
    },
    Step {
        updates: &[BUNDLE],
        ..step("Step 5", ALL)
    },
    Step {
        updates: &[OLD, OLD_CRL, BACKWARD, FORWARD],
        ..step("Step 6", ALL)
    },
    Step {
        updates: &[BUNDLE],
        ..step("Step 7", ALL)
    },
    Step {
        updates: &[OLD, BUNDLE],
        deletes: &[BACKWARD, FORWARD],
        ..step("Step 8", SEPARATE)
    },
    Step {
        deletes: &[OLD, OLD_CRL],
        ..step("Step 8", SEPARATE)
    },
];

/// Keys and certificates in the state by address: `spki_sha256` and `serial_number`.
type Identities = BTreeMap<String, [Value; 2]>;

fn identities(stack: &Stack) -> Result<Identities> {
    let state = stack.show()?;
    let certified = state
        .managed()
        .filter(|resource| resource.values["serial_number"].is_string());
    Ok(certified
        .map(|resource| {
            let values = &resource.values;
            let identity = [
                values["spki_sha256"].clone(),
                values["serial_number"].clone(),
            ];
            (resource.address.clone(), identity)
        })
        .collect())
}

fn set<'a>(addresses: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    addresses.into_iter().map(str::to_owned).collect()
}

/// Certificates and lists that clients have, as files.
struct Clients<'a> {
    aws: &'a LocalAws,
    bucket: String,
    directory: tempfile::TempDir,
}

impl Clients<'_> {
    fn file(&self, name: &str, content: &str) -> Result<String> {
        let path = self.directory.path().join(name);
        fs::write(&path, content)?;
        let path = path
            .to_str()
            .context("the temporary directory is not UTF-8")?;
        Ok(path.to_owned())
    }

    /// Returns the published revocation lists, for all authorities that have one.
    fn revocation_lists(&self) -> Result<String> {
        let names = ["root-ca-g1", "root-ca-g2", "issuing-ca"];
        let lists = names.map(|name| self.aws.s3().get(&self.bucket, &format!("{name}.crl.pem")));
        let lists: Vec<_> = lists.into_iter().flatten().collect();
        ensure!(lists.len() >= 2, "found {} revocation lists", lists.len());
        Ok(lists.concat())
    }

    /// Checks which clients accept which certificates.
    fn expect(&self, stack: &Stack, accepts: [[bool; 2]; 3]) -> Result<()> {
        let directory = stack.directory();
        let read = |name: &str| fs::read_to_string(directory.join(name));
        let state = stack.show()?;
        let text = |address: &str, name: &str| -> String {
            let value = state
                .resources
                .get(address)
                .map(|found| &found.values[name]);
            value.and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let published = self.aws.s3().get(&self.bucket, "trust-bundle.pem")?;
        // A server sends the cross-certificates of the published document.
        let document = self.aws.s3().get(&self.bucket, "trust-bundle.json")?;
        let document: Value = serde_json::from_str(&document)?;
        let crossings = document["cross_certificates"]
            .as_array()
            .context("no list")?;
        let crossings: String = crossings.iter().filter_map(Value::as_str).collect();
        let bundles = [
            read("first-bundle.pem")?,
            published,
            text(NEW, "certificate_pem"),
        ];
        let certificates = [
            [read("first.pem")?, read("first-chain.pem")? + &crossings],
            [
                text(SERVER, "certificate_pem"),
                text(SERVER, "chain_pem") + &crossings,
            ],
        ];
        let lists = self.file("lists.pem", &self.revocation_lists()?)?;
        for (client, (bundle, accepts)) in bundles.iter().zip(accepts).enumerate() {
            let bundle = self.file("bundle.pem", bundle)?;
            for (which, ([leaf, chain], accepts)) in certificates.iter().zip(accepts).enumerate() {
                let (leaf, chain) = (self.file("leaf.pem", leaf)?, self.file("chain.pem", chain)?);
                let arguments = [
                    "verify",
                    "-x509_strict",
                    "-crl_check_all",
                    "-purpose",
                    "sslserver",
                    "-verify_hostname",
                    "server.example.com",
                    "-CRLfile",
                    &lists,
                    "-CAfile",
                    &bundle,
                    "-untrusted",
                    &chain,
                    &leaf,
                ];
                let verified = openssl(&arguments, "");
                ensure!(
                    verified.is_ok() == accepts,
                    "client {client}, certificate {which}: expected {accepts}, found {verified:?}"
                );
            }
        }
        Ok(())
    }

    fn list_number(&self, name: &str) -> Result<u64> {
        let list = self
            .aws
            .s3()
            .get(&self.bucket, &format!("{name}.crl.pem"))?;
        let printed = openssl(&["crl", "-noout", "-crlnumber"], &list)?;
        let (_, digits) = printed.trim().split_once("0x").context("no number")?;
        Ok(u64::from_str_radix(digits, 16)?)
    }
}

/// Runs the commands before an apply, checks the plan, and runs the apply.
fn follow(shell: &mut Shell<'_>, step: &Step, block: &str, summary: &str) -> Result<()> {
    let (before, after) = block.split_once("tofu apply").context("no apply")?;
    ensure!(after.trim().is_empty(), "commands after the apply: {after}");
    shell.run(before)?;
    let plan = shell.stack.plan()?;
    let with = |action: Action| {
        let planned = plan
            .changes()
            .filter(move |change| change.change.actions == [action]);
        set(planned.map(|change| &*change.address))
    };
    let expected =
        [step.creates, step.updates, step.deletes].map(|addresses| set(addresses.iter().copied()));
    let planned = [Action::Create, Action::Update, Action::Delete].map(with);
    ensure!(
        planned == expected,
        "expected {expected:?}, found {planned:?}"
    );
    let [add, change, destroy] = planned.map(|addresses| addresses.len());
    let printed = format!("Plan: {add} to add, {change} to change, {destroy} to destroy.");
    ensure!(
        summary == printed,
        "the README prints {summary:?}, expected {printed:?}"
    );

    let before = identities(shell.stack)?;
    shell.run("tofu apply")?;
    shell.stack.expect_empty_plan()?;
    let after = identities(shell.stack)?;
    for (which, expected) in [(0, step.keys), (1, step.certificates)] {
        let changed = before.iter().filter(|(address, identity)| {
            after
                .get(*address)
                .is_some_and(|after| after[which] != identity[which])
        });
        let changed = set(changed.map(|(address, _)| &**address));
        ensure!(
            changed == set(expected.iter().copied()),
            "expected changed identities {expected:?}, found {changed:?}"
        );
    }
    Ok(())
}

/// Checks the errors that protect a step from mistakes, in the state after it.
fn expect_protection(shell: &mut Shell<'_>, position: usize) -> Result<()> {
    match position {
        // Before step 5.
        3 => {
            let directory = shell.stack.directory().to_owned();
            let next = fs::read_to_string(directory.join("steps/5-activate.tfvars"))?;
            let current = fs::read_to_string(directory.join("rotation.auto.tfvars"))?;
            shell.stack.write("rotation.auto.tfvars", &next)?;
            shell.stack.set_env("TF_VAR_min_distribution_days", None);
            let early = Saying {
                at: Some("roots"),
                says: &["not distributed for long enough", "min_distribution_days"],
            };
            expect_refused(shell.stack, PLAN, &early)?;
            shell
                .stack
                .set_env("TF_VAR_min_distribution_days", Some("0"));
            shell.stack.write("rotation.auto.tfvars", &current)?;
        }
        // After step 6.
        5 => {
            let another = r#"
                resource "skreg_pki_intermediate_ca" "another" {
                  subject         = { common_name = "Another Issuing CA" }
                  signed_by       = skreg_pki_root_ca.generation["g1"].issuer
                  key_algorithm   = "ECDSA_P256"
                  validity_days   = 30
                  secrets_manager = { name = "another" }
                }
            "#;
            shell.stack.write("another.tf", another)?;
            let restricted = Saying {
                at: Some("resource"),
                says: &["not allowed to sign", "sign_ca"],
            };
            expect_refused(shell.stack, PLAN, &restricted)?;
            fs::remove_file(shell.stack.directory().join("another.tf"))?;
        }
        // Before step 8.
        6 => {
            let directory = shell.stack.directory().to_owned();
            let last = fs::read_to_string(directory.join("steps/8b-delete.tfvars"))?;
            shell.stack.write("rotation.auto.tfvars", &last)?;
            let protected = Saying {
                at: Some("deletion_protection"),
                says: &["Resource is protected from deletion"],
            };
            expect_refused(shell.stack, PLAN, &protected)?;
        }
        // After step 8.
        8 => {
            let directory = shell.stack.directory().to_owned();
            let saved = directory.join("retired/g1.pem");
            fs::rename(&saved, directory.join("g1.pem"))?;
            let early = Saying {
                at: Some("roots"),
                says: &["removed before its window ends"],
            };
            expect_refused(shell.stack, PLAN, &early)?;
            fs::rename(directory.join("g1.pem"), &saved)?;
        }
        _ => {}
    }
    Ok(())
}

#[test]
fn every_step_of_the_walk_through_keeps_the_trust_of_its_clients() -> Result<()> {
    with_one_cli(|cli, aws| {
        let bucket = format!("rotation-{}", aws.id());
        aws.s3().create_bucket(&bucket)?;
        let mut stack = Workspace::of("examples/pki-rotation")
            .cli(cli)
            .aws(aws)
            .open()?;
        stack.succeed(&["fmt", "-check", "-recursive"])?;
        let clients = Clients {
            aws,
            bucket: bucket.clone(),
            directory: tempfile::tempdir()?,
        };
        let mut shell = Shell::new(aws, &mut stack, [("<bucket>", bucket)])?;
        let start = blocks(section(README, "Start")?)?;
        let [first, save, check] = start[..] else {
            anyhow::bail!("expected three blocks, found {start:?}");
        };
        shell.run(first)?;
        shell.stack.expect_empty_plan()?;
        shell.run(save)?;
        shell.run(check)?;
        let original = Authority::read(aws, OLD_SECRET)?;

        let mut applies = 0;
        for (position, step) in STEPS.iter().enumerate() {
            let text = section(README, step.heading)?;
            let is_apply = |block: &&str| block.contains("tofu apply");
            let all = blocks(text)?;
            applies = if position > 0 && STEPS[position - 1].heading == step.heading {
                applies + 1
            } else {
                0
            };
            let block = all
                .iter()
                .copied()
                .filter(is_apply)
                .nth(applies)
                .context("no apply")?;
            let summary = text
                .lines()
                .filter_map(|line| line.trim().strip_prefix("Plan: "));
            let summary = summary.map(|counts| format!("Plan: {counts}")).nth(applies);
            let followed = follow(&mut shell, step, block, &summary.context("no plan")?);
            followed.with_context(|| format!("{} of {}", block.trim(), step.heading))?;
            // The remaining commands of the section follow its last apply.
            let later = all
                .iter()
                .position(|found| *found == block)
                .context("no block")?
                + 1;
            for block in all[later..].iter().take_while(|block| !is_apply(block)) {
                shell.run(block)?;
            }
            clients
                .expect(shell.stack, step.accepts)
                .with_context(|| block.to_owned())?;
            let current = shell.run(check).is_ok();
            ensure!(
                current == step.accepts[0][1],
                "the check of the README: {current}"
            );
            expect_protection(&mut shell, position).with_context(|| block.to_owned())?;
        }
        restore_and_clean_up(&mut shell, aws, &clients, &original)
    })
}

fn restore_and_clean_up(
    shell: &mut Shell<'_>,
    aws: &LocalAws,
    clients: &Clients<'_>,
    original: &Authority,
) -> Result<()> {
    ensure!(
        !secret_names(aws)?.contains(&OLD_SECRET.to_owned()),
        "the secret is not scheduled for deletion"
    );
    let last = clients.list_number("root-ca-g1")?;
    let restore = blocks(section(README, "Restore a deleted generation")?)?;
    let [secret, import] = restore[..] else {
        anyhow::bail!("expected two blocks, found {restore:?}");
    };
    let (restoration, description) = secret.trim().split_once('\n').context("two commands")?;
    shell.run(restoration)?;
    let arn = shell.run(description)?;
    shell.set("<secret_arn>", arn);
    shell.run(import)?;
    shell.stack.expect_empty_plan()?;
    original.expect_same(&Authority::read(aws, OLD_SECRET)?)?;
    ensure!(
        clients.list_number("root-ca-g1")? == last + 1,
        "the numbers do not continue"
    );
    clients.expect(shell.stack, SEPARATE)?;

    shell.run_all(section(README, "Clean up")?)?;
    expect_nothing_stored(shell.stack)?;
    ensure!(secret_names(aws)?.is_empty());
    Ok(())
}
