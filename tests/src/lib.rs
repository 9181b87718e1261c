//! End-to-end tests for the provider and the examples, which run the real CLIs.
//!
//! The tests are in `tests/`. They use other components only as binaries and paths, through [`tfharness`]. This library only
//! selects the CLIs with which a test runs.

use std::thread;

use tfharness::Cli;
use tfharness::toolchain::FindError;

/// Environment variable that `cargo xtask test --full` sets.
const FULL: &str = "SKREG_FULL";

/// Returns whether tests run every case with every CLI (`cargo xtask test --full`).
#[must_use]
pub fn is_full() -> bool {
    std::env::var_os(FULL).is_some()
}

/// Returns the CLI that the name of the test selects, or every CLI in a full run.
///
/// Most tests check the provider, a module, or the local AWS, which do not depend on the CLI. Tests of the protocol, of states,
/// of locks, and of differences between the CLIs use [`Cli::all`] instead.
///
/// # Errors
/// Returns an error if a required CLI is missing.
pub fn alternating_clis() -> Result<Vec<Cli>, FindError> {
    // libtest names each thread after the test that it runs.
    clis_for(thread::current().name().unwrap_or_default())
}

/// Returns the CLI that a name selects, or every CLI in a full run.
///
/// # Errors
/// Returns an error if a required CLI is missing.
pub fn clis_for(name: &str) -> Result<Vec<Cli>, FindError> {
    let mut clis = Cli::all()?;
    if !is_full() {
        let number: usize = name.bytes().map(usize::from).sum();
        clis = vec![clis.swap_remove(number % clis.len())];
    }
    Ok(clis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_select_each_available_cli() -> Result<(), FindError> {
        let all = Cli::all()?;
        let names: Vec<String> = (0..all.len())
            .map(|number| "a".repeat(number + 1))
            .collect();
        let mut selected = Vec::new();
        for name in &names {
            selected.extend(clis_for(name)?.into_iter().map(|cli| cli.kind()));
        }
        for cli in &all {
            assert!(selected.contains(&cli.kind()), "{cli} is never selected");
        }
        Ok(())
    }
}
