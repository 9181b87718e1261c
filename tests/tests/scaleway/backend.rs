//! The backend that `scaleway-state` returns, with the S3 API of the local AWS in place of Object Storage: concurrent runs, a
//! run that is killed while it holds the lock, and the commands of the README for integrity and recovery.

use std::fs;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use tfharness::gateway::rules::{Selector, on};
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, Workspace};

use crate::facts::{Facts, text};
use crate::readme::blocks;
use crate::shell::{in_shell, lock_id, succeed};
use crate::state;

/// Key of the state in the example.
const KEY: &str = "shop/production.tfstate";
/// Key of the state, and name of the bucket, in the README.
const IN_README: [&str; 2] = ["shop.tfstate", "acme-terraform-state"];
/// Endpoint of the bucket in the commands of the README.
const ENDPOINT: &str = r#""$(tofu output -raw bucket_endpoint)""#;
/// Maximum time for a step of another run.
const LIMIT: Duration = Duration::from_secs(120);
/// A configuration with one object, whose value is an input.
const CONFIGURATION: &str = r#"
variable "greeting" {
  type = string
}

resource "terraform_data" "this" {
  input = var.greeting
}
"#;

/// Returns the block of the example for a bucket of the local AWS, whose address requires the bucket in the path.
fn block(example: &Stack, aws: &LocalAws, bucket: &str) -> Result<String> {
    let facts = Facts::of(example)?;
    let block = text(facts.output("backend")?, "")?;
    let local = block
        .replace("https://s3.fr-par.scw.cloud", &aws.endpoint())
        .replace("\"fr-par\"", "\"us-east-1\"")
        .replace("acme-terraform-state", bucket)
        .replace(
            "    use_lockfile",
            "    use_path_style = true\n    use_lockfile",
        );
    ensure!(local != block, "{block}");
    Ok(local)
}

/// The configuration in two working directories, such as on two computers.
struct Shop<'a> {
    aws: &'a LocalAws,
    bucket: &'a str,
    readme: &'a str,
    first: Stack,
    second: Stack,
}

#[test]
fn backend_locks_and_restores_an_earlier_version() -> Result<()> {
    let aws = LocalAws::account()?;
    let readme = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../modules/scaleway-state/README.md"
    );
    let readme = fs::read_to_string(readme)?;
    for cli in Cli::all()? {
        let aws = aws.sibling();
        // Bucket names are shared by all accounts.
        let bucket = &format!("acme-terraform-state-{}", cli.kind().program());
        aws.s3().create_bucket(bucket)?;
        aws.s3().enable_versioning(bucket)?;
        let example = state::example(&cli).apply()?;
        let configuration = format!("{}{CONFIGURATION}", block(&example, &aws, bucket)?);
        let programs = tempfile::tempdir()?;
        let open = || -> Result<Stack> {
            let workspace = Workspace::inline(&configuration).cli(&cli).aws(&aws);
            let workspace = in_shell(&cli, workspace, programs.path())?;
            Ok(workspace.var("greeting", "first").init()?)
        };
        let mut shop = Shop {
            aws: &aws,
            bucket,
            readme: &readme,
            first: open()?,
            second: open()?,
        };
        let checked = shop
            .concurrent_runs_lose_nothing()
            .and_then(|()| shop.killed_run_is_unlocked())
            .and_then(|()| shop.earlier_version_is_restored());
        checked.with_context(|| format!("with {cli}"))?;
        shop.first.destroy()?;
    }
    Ok(())
}

impl Shop<'_> {
    fn state(&self) -> Result<Value> {
        let text = self.aws.s3().get(self.bucket, KEY)?;
        serde_json::from_str(&text).with_context(|| format!("the state is not JSON: {text}"))
    }

    /// Selects the requests that create the lock.
    fn lock() -> Selector {
        on("s3", "PUT /*/*").mentioning("tflock")
    }

    /// Checks the stored value, and that no lock remains.
    fn expect(&self, greeting: &str) -> Result<()> {
        let state = self.state()?;
        let found = state.pointer("/resources/0/instances/0/attributes/input/value");
        ensure!(found == Some(&greeting.into()), "{found:?} in {state}");
        let lock = self.aws.s3().get(self.bucket, &format!("{KEY}.tflock"));
        ensure!(lock.is_err(), "the lock remains: {lock:?}");
        Ok(())
    }

    /// Runs two applies. The second fails with the owner of the lock while the first runs, and waits with a timeout.
    fn concurrent_runs_lose_nothing(&mut self) -> Result<()> {
        self.first.apply()?;
        let before = self.state()?;
        self.first.set_var("greeting", "second");
        self.second.set_var("greeting", "third");
        let (reached, has_reached) = channel();
        let (release, may_continue) = channel::<()>();
        let may_continue = Mutex::new(may_continue);
        self.aws.add_rule(&Self::lock().first().after(move || {
            let _ = reached.send(());
            let waiting = may_continue.lock().map(|one| one.recv_timeout(LIMIT));
            assert!(matches!(waiting, Ok(Ok(()))), "the second run did not wait");
        }));
        let running = self
            .first
            .start(&["apply", "-auto-approve", "-input=false"])?;
        has_reached.recv_timeout(LIMIT).context("the first run")?;

        let refused = self.second.failing(Stack::apply_once)?.to_string();
        ensure!(
            refused.contains("Error acquiring the state lock")
                && refused.contains("OperationTypeApply"),
            "{refused}"
        );
        ensure!(
            self.state()? == before,
            "a run without the lock wrote the state"
        );
        // The first run continues when the second has requested the lock in vain.
        self.aws.add_rule(&Self::lock().first().after(move || {
            let _ = release.send(());
        }));
        let option = "-lock-timeout=10m";
        ensure!(self.readme.contains(option), "the README has no {option}");
        self.second
            .succeed(&["apply", "-auto-approve", "-input=false", option])?;
        let finished = running.wait()?;
        self.aws.clear_rules();
        ensure!(
            finished.code() == Some(0),
            "the first run: {}{}",
            finished.stdout,
            finished.stderr
        );
        self.expect("third")?;
        let after = self.state()?;
        let serials = [&before, &after].map(|state| state["serial"].as_u64());
        ensure!(
            after["lineage"] == before["lineage"] && serials[1] >= serials[0].map(|one| one + 2),
            "{before} became {after}"
        );
        Ok(())
    }

    /// Kills a run that holds the lock, and unlocks the state with the command of the README.
    fn killed_run_is_unlocked(&mut self) -> Result<()> {
        let before = self.state()?;
        self.first.set_var("greeting", "fourth");
        self.second.set_var("greeting", "fourth");
        let kill = Self::lock()
            .first()
            .kill_command_after(&self.first.providers());
        self.aws.add_rule(&kill);
        let killed = self
            .first
            .run(&["apply", "-auto-approve", "-input=false"])?;
        self.aws.clear_rules();
        ensure!(kill.fired() == 1 && killed.code().is_none(), "{killed:?}");
        let refused = self.second.failing(Stack::apply_once)?.to_string();
        ensure!(self.state()? == before, "the killed run changed the state");
        let command = "tofu force-unlock ID";
        ensure!(self.readme.contains(command), "the README has no {command}");
        succeed(&self.second, &command.replace("ID", &lock_id(&refused)?))?;
        self.second.apply()?;
        self.expect("fourth")
    }

    /// Returns the commands in a section of the README, for the bucket and the key of the test.
    fn commands(&self, heading: &str) -> Result<Vec<String>> {
        let commands = blocks(self.readme, heading)?.into_iter();
        Ok(commands
            .map(|command| {
                command
                    .replace(ENDPOINT, &self.aws.endpoint())
                    .replace(IN_README[0], KEY)
                    .replace(IN_README[1], self.bucket)
            })
            .collect())
    }

    /// Restores the version that contains the third value, and checks the integrity of the state before and after.
    fn earlier_version_is_restored(&self) -> Result<()> {
        let [check] = &self.commands("Integrity")?[..] else {
            bail!("expected one command")
        };
        let checked: Value = serde_json::from_str(&succeed(&self.first, check)?)?;
        let state = self.state()?;
        for member in ["version", "lineage", "serial"] {
            ensure!(checked[member] == state[member], "{checked}");
        }
        let [list, download, push] = &self.commands("Recovery")?[..] else {
            bail!("expected three commands")
        };
        let listed: Value = serde_json::from_str(&succeed(&self.first, list)?)?;
        let versions = listed["Versions"].as_array().context("versions")?;
        for version in versions {
            let id = text(version, "/VersionId")?;
            if version["Key"] != KEY {
                continue;
            }
            succeed(&self.first, &download.replace("VERSION", id))?;
            let file = self.first.directory().join("restored.tfstate");
            if fs::read_to_string(file)?.contains("\"third\"") {
                succeed(&self.first, push)?;
                self.expect("third")?;
                succeed(&self.first, check)?;
                // The plan contains the changes since that version.
                let plan = self.first.plan()?;
                ensure!(plan.changes().count() == 1, "the plan differs");
                return Ok(());
            }
        }
        bail!("no version contains the third value: {listed}")
    }
}
