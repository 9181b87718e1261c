//! A configuration that stores its state in the bucket: concurrent runs, a run that is killed while it holds the lock, and
//! the recovery of earlier versions, with the commands of the README.

use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use tfharness::on;
use tfharness::workspace::Stack;

use super::example::{Example, stored};
use crate::facts::{list, texts};
use crate::package::refusal;
use crate::shell::{lock_id, succeed};

/// Key of the state in the README.
const KEY: &str = "shop.tfstate";
/// Maximum time for a step of another run.
const LIMIT: Duration = Duration::from_secs(120);
/// ID of a lock in the README.
const ID: &str = "11111111-1111-1111-1111-111111111111";
/// A configuration with one log group for each name.
const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "names" {
  type = set(string)
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = var.names
  name     = "/shop/${each.key}"
}
"#;

/// The configuration in two working directories, such as on two computers.
pub(super) struct Shop<'a> {
    example: &'a Example<'a>,
    first: Stack,
    second: Stack,
}

impl<'a> Shop<'a> {
    /// Prepares the configuration with the backend that the README prints.
    pub(super) fn new(example: &'a Example<'a>) -> Result<Self> {
        let [write] = &example.commands("Other configurations")?[..] else {
            bail!("expected one command")
        };
        let folder = example.stack.directory().join("../shop");
        std::fs::create_dir(&folder)?;
        succeed(&example.stack, write)?;
        let backend = std::fs::read_to_string(folder.join("backend.tf"))?;
        let configuration = format!("{backend}{CONFIGURATION}");
        Ok(Self {
            example,
            first: example.other(&configuration)?,
            second: example.other(&configuration)?,
        })
    }

    fn state(&self) -> Result<Value> {
        stored(self.example.aws, &self.example.bucket(), KEY)
    }

    /// Checks that the state and the account contain the same log groups.
    fn expect(&self, names: &[&str]) -> Result<()> {
        let groups = list(
            self.example.aws,
            "logs",
            "DescribeLogGroups",
            json!({ "logGroupNamePrefix": "/shop/" }),
            "logGroups",
        )?;
        let expected: Vec<_> = names.iter().map(|name| format!("/shop/{name}")).collect();
        let found = texts(&groups, "/logGroupName")?;
        ensure!(found == expected, "the account contains {found:?}");
        let state = self.state()?;
        let instances = state.pointer("/resources/0/instances");
        let instances = instances.and_then(Value::as_array).context("instances")?;
        let found = texts(instances, "/attributes/name")?;
        ensure!(found == expected, "the state contains {found:?}");
        let lock = format!("{KEY}.tflock");
        let remains = self.example.aws.s3().get(&self.example.bucket(), &lock);
        ensure!(remains.is_err(), "the lock remains: {remains:?}");
        Ok(())
    }

    /// Runs two applies. The second fails with the owner of the lock while the first runs, and waits with a timeout.
    pub(super) fn concurrent_runs_lose_nothing(&mut self) -> Result<()> {
        self.first.set_var("names", json!(["a"]));
        self.first.apply()?;
        let before = self.state()?;

        self.first.set_var("names", json!(["a", "b"]));
        self.second.set_var("names", json!(["a", "b", "c"]));
        let (reached, has_reached) = channel();
        let (release, may_continue) = channel::<()>();
        let may_continue = Mutex::new(may_continue);
        let create = on("logs", "CreateLogGroup").mentioning("/shop/b").first();
        self.example.aws.add_rule(&create.before(move || {
            let _ = reached.send(());
            let waiting = may_continue.lock().map(|one| one.recv_timeout(LIMIT));
            assert!(matches!(waiting, Ok(Ok(()))), "the second run did not wait");
        }));
        let apply = ["apply", "-auto-approve", "-input=false"];
        let running = self.first.start(&apply)?;
        has_reached.recv_timeout(LIMIT).context("the first run")?;

        let refused = refusal(&self.second, Stack::apply_once)?;
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
        let requested = on("s3", "PUT /*/*").mentioning("tflock").first();
        self.example.aws.add_rule(&requested.after(move || {
            let _ = release.send(());
        }));
        let waits = &self.example.commands("Lock")?[0];
        let printed = succeed(&self.second, waits)?;
        let finished = running.wait()?;
        self.example.aws.clear_rules();
        ensure!(
            finished.code() == Some(0),
            "the first run: {}{}",
            finished.stdout,
            finished.stderr
        );
        // The second run planned after the first had finished.
        ensure!(printed.contains("Plan: 1 to add, 0 to change"), "{printed}");
        self.expect(&["a", "b", "c"])?;
        self.second.expect_empty_plan()?;
        let created = self.example.aws.count("logs", "CreateLogGroup");
        ensure!(created == 3, "{created} calls of CreateLogGroup");
        self.expect_history(&before)
    }

    /// Checks that every version belongs to the same lineage, and that no two versions have the same serial.
    fn expect_history(&self, before: &Value) -> Result<()> {
        let mut serials = Vec::new();
        for (version, _) in self.versions()? {
            let state: Value = serde_json::from_slice(&self.version(&version)?)?;
            ensure!(
                state["lineage"] == before["lineage"],
                "lineage {} instead of {}",
                state["lineage"],
                before["lineage"]
            );
            serials.push(state["serial"].as_u64().context("serial")?);
        }
        let ordered = serials.windows(2).all(|pair| pair[0] > pair[1]);
        ensure!(ordered && serials.len() >= 3, "serials {serials:?}");
        Ok(())
    }

    /// Returns the IDs of the versions with their printed lines, latest first, from the command of the README.
    fn versions(&self) -> Result<Vec<(String, String)>> {
        let printed = succeed(&self.first, &self.example.commands("Recovery")?[0])?;
        let lines = printed.lines().filter(|line| line.ends_with(KEY));
        lines
            .map(|line| {
                let version = line.split('\t').nth(1).context("version")?;
                Ok((version.to_owned(), line.to_owned()))
            })
            .collect()
    }

    fn version(&self, id: &str) -> Result<Vec<u8>> {
        let s3 = self.example.aws.s3();
        Ok(s3.version(&self.example.bucket(), KEY, id)?)
    }

    /// Kills a run that holds the lock, and unlocks the state.
    pub(super) fn killed_run_is_unlocked(&mut self) -> Result<()> {
        let before = self.state()?;
        let all = json!(["a", "b", "c", "d"]);
        self.first.set_var("names", all.clone());
        self.second.set_var("names", all);
        let kill = on("logs", "CreateLogGroup")
            .first()
            .kill_command_before(&self.first.providers());
        self.example.aws.add_rule(&kill);
        let killed = self
            .first
            .run(&["apply", "-auto-approve", "-input=false"])?;
        self.example.aws.clear_rules();
        ensure!(kill.fired() == 1 && killed.code().is_none(), "{killed:?}");

        let refused = self.second.failing(Stack::apply_once)?.to_string();
        let id = lock_id(&refused)?;
        ensure!(self.state()? == before, "the killed run changed the state");
        let unlock = self.example.commands("Lock")?[1].replace(ID, &id);
        succeed(&self.second, &unlock)?;
        self.second.apply()?;
        self.expect(&["a", "b", "c", "d"])
    }

    /// Restores the state after a damaged version, and after its deletion.
    pub(super) fn earlier_versions_are_restored(&self) -> Result<()> {
        let whole = self.state()?;
        self.first
            .succeed(&["state", "rm", "aws_cloudwatch_log_group.this"])?;
        ensure!(self.state()? != whole, "the state is not damaged");
        self.restore(1, &whole, 3)?;
        let whole = self.state()?;
        self.example
            .aws
            .s3()
            .delete(&self.example.bucket(), KEY)
            .context("deleting the state")?;
        ensure!(self.state().is_err(), "the state still exists");
        self.restore(0, &whole, 4)?;
        ensure!(self.state()? == whole, "the state has another serial");
        Ok(())
    }

    /// Follows the steps of the README with one of the two commands that restore a version, and checks that the state is the
    /// one before the damage.
    fn restore(&self, number: usize, whole: &Value, command: usize) -> Result<()> {
        let commands = self.example.commands("Recovery")?;
        ensure!(commands.len() == 5, "expected five commands");
        let (download, check, restore) = (&commands[1], &commands[2], &commands[command]);
        let versions = self.versions()?;
        let (version, _) = versions.get(number).context("version")?;
        succeed(&self.first, &download.replace("VERSION", version))?;
        let checked = succeed(&self.first, check)?;
        let lineage = whole["lineage"].as_str().context("lineage")?;
        ensure!(
            checked.contains(&format!("\"{lineage}\"")) && checked.contains("\"serial\":"),
            "{checked}"
        );
        let file = self.first.directory().join("restored.tfstate");
        ensure!(
            std::fs::read(file)? == self.version(version)?,
            "the downloaded file differs from the version"
        );
        succeed(&self.first, &restore.replace("VERSION", version))?;
        let restored = self.state()?;
        for member in ["lineage", "resources", "outputs"] {
            ensure!(
                restored[member] == whole[member],
                "{member}: {} instead of {}",
                restored[member],
                whole[member]
            );
        }
        self.first.expect_empty_plan()?;
        self.expect(&["a", "b", "c", "d"])
    }

    /// Destroys the objects of the configuration.
    pub(super) fn destroy(&self) -> Result<()> {
        Ok(self.first.destroy()?)
    }
}
