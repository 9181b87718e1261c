//! Runs scenarios with every CLI.

use acceptance::alternating_clis;
use anyhow::Result;
use tfharness::{Cli, LocalAws};

use crate::scenario::{side_by_side, with_each};

/// Runs a scenario with all CLIs in parallel, each in a separate account.
pub(crate) fn with_every_cli(
    scenario: impl Fn(&Cli, &LocalAws) -> Result<()> + Sync,
) -> Result<()> {
    with_each(&Cli::all()?, scenario)
}

/// Scenarios that do not use AWS.
pub(crate) mod offline {
    use anyhow::Context as _;

    use super::{Cli, Result, alternating_clis, side_by_side};

    /// Runs a scenario with each CLI in parallel. Use this for the life cycle of resources and for planning, in which the CLIs
    /// differ most.
    pub(crate) fn with_every_cli(scenario: impl Fn(&Cli) -> Result<()> + Sync) -> Result<()> {
        with_each(&Cli::all()?, scenario)
    }

    /// Runs a scenario with the CLI that the name of the test selects, or with every CLI in a full run.
    pub(crate) fn with_one_cli(scenario: impl Fn(&Cli) -> Result<()> + Sync) -> Result<()> {
        with_each(&alternating_clis()?, scenario)
    }

    fn with_each(clis: &[Cli], scenario: impl Fn(&Cli) -> Result<()> + Sync) -> Result<()> {
        side_by_side(clis, clis.len(), |cli| {
            scenario(cli).with_context(|| format!("with {cli}"))
        })
        .map(drop)
    }
}
