//! Runs a scenario under every command line at once. Must not know what a scenario does.

use std::thread;

use anyhow::{Context as _, Result};
use tfharness::{Cli, LocalAws};

/// Runs a scenario under every command line, side by side, each in an account of its own.
pub(crate) fn under_every_cli(
    scenario: impl Fn(&Cli, &LocalAws) -> Result<()> + Sync,
) -> Result<()> {
    let ends = thread::scope(|scope| {
        let threads: Vec<_> = Cli::all()?
            .into_iter()
            .map(|cli| {
                let scenario = &scenario;
                scope.spawn(move || {
                    let aws = LocalAws::account()?;
                    scenario(&cli, &aws)
                        .with_context(|| format!("under {cli} in account {}", aws.id()))
                })
            })
            .collect();
        let join = |thread: thread::ScopedJoinHandle<'_, Result<()>>| {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        anyhow::Ok(threads.into_iter().map(join).collect::<Vec<_>>())
    })?;
    ends.into_iter().collect()
}
