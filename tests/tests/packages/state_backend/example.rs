//! The example `state-backend` in a shell: runs the commands of its README and of the module's README, with the CLI under
//! test as `tofu`. A user who approves answers every question with `yes`.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, Workspace};

use crate::package::Package;
use crate::permissions;
use crate::readme::blocks;
use crate::shell::in_shell;

/// Key of the state of the example.
pub(super) const KEY: &str = "state-backend.tfstate";
/// Name of the bucket in the READMEs.
const BUCKET: &str = "skreg-prod-state-123456789012";

/// The example in a workspace.
pub(super) struct Example<'a> {
    pub(super) stack: Stack,
    pub(super) aws: &'a LocalAws,
    /// README of the module.
    module: String,
    /// Folder with `tofu` and `aws`, which exists as long as the example.
    programs: tempfile::TempDir,
}

impl<'a> Example<'a> {
    /// Prepares the example in the region of the account.
    pub(super) fn new(cli: &Cli, aws: &'a LocalAws) -> Result<Self> {
        let programs = tempfile::tempdir()?;
        let workspace = Workspace::of("examples/state-backend").cli(cli).aws(aws);
        let workspace = permissions::labelled(workspace, "state-backend");
        let stack = in_shell(cli, workspace, programs.path())?.init()?;
        let module = Package::named("state-backend")?.files()["README.md"].clone();
        Ok(Self {
            stack,
            aws,
            module,
            programs,
        })
    }

    /// Returns another configuration with the same programs.
    pub(super) fn other(&self, configuration: &str) -> Result<Stack> {
        let cli = self.stack.cli();
        let workspace = Workspace::inline(configuration).cli(cli).aws(self.aws);
        Ok(in_shell(cli, workspace, self.programs.path())?.init()?)
    }

    /// Returns the name of the bucket.
    pub(super) fn bucket(&self) -> String {
        BUCKET.replace("123456789012", self.aws.id())
    }

    /// Returns the stored state.
    pub(super) fn stored(&self) -> Result<Value> {
        stored(self.aws, &self.bucket(), KEY)
    }

    /// Returns the command that creates the bucket and moves the state, which both READMEs contain.
    pub(super) fn bootstrap(&self) -> Result<String> {
        let readme = std::fs::read_to_string(self.stack.directory().join("README.md"))?;
        let [command] = &blocks(&readme, "Run the example")?[..] else {
            anyhow::bail!("expected one command")
        };
        ensure!(
            self.module.contains(command.as_str()),
            "the README of the module does not contain {command}"
        );
        Ok(command.clone())
    }

    /// Returns the commands in a section of the README of the module, with the bucket of this example.
    pub(super) fn commands(&self, heading: &str) -> Result<Vec<String>> {
        let blocks = blocks(&self.module, heading)?.into_iter();
        Ok(blocks
            .map(|block| block.replace(BUCKET, &self.bucket()))
            .collect())
    }

    /// Returns the commands in the section on the destruction in the README of the example.
    pub(super) fn destruction(&self) -> Result<String> {
        let readme = std::fs::read_to_string(self.stack.directory().join("README.md"))?;
        Ok(blocks(&readme, "Destroy")?.join("\n"))
    }
}

/// Returns the state that a bucket contains.
pub(super) fn stored(aws: &LocalAws, bucket: &str, key: &str) -> Result<Value> {
    let text = aws.s3().get(bucket, key)?;
    serde_json::from_str(&text).with_context(|| format!("the state is not JSON: {text}"))
}
