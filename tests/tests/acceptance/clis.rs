//! Runs scenarios with every CLI.

use anyhow::Result;
use tfharness::{Cli, LocalAws};

use crate::scenario::with_each;

/// Runs a scenario with all CLIs in parallel, each in a separate account.
pub(crate) fn with_every_cli(
    scenario: impl Fn(&Cli, &LocalAws) -> Result<()> + Sync,
) -> Result<()> {
    with_each(&Cli::all()?, scenario)
}
