//! Selects the CLIs for scenarios that apply whole packages.

use std::thread;

use anyhow::Result;
use tfharness::{Cli, LocalAws};

use crate::scenario::{is_full, with_each};

/// Runs a scenario with the CLI that the name of the test selects, or with every CLI in a full run.
///
/// A scenario that applies a whole package takes minutes, and checks what AWS received. This does not depend on the CLI.
/// Other tests plan every package with every CLI, and apply the examples to doubles.
pub(crate) fn with_one_cli(scenario: impl Fn(&Cli, &LocalAws) -> Result<()> + Sync) -> Result<()> {
    let mut clis = Cli::all()?;
    if !is_full() {
        let test = thread::current().name().unwrap_or_default().to_owned();
        let number: usize = test.bytes().map(usize::from).sum();
        clis = vec![clis.swap_remove(number % clis.len())];
    }
    with_each(&clis, scenario)
}
