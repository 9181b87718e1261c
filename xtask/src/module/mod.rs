//! `cargo xtask module`: starts the declaration of a new package, and shows how one hangs together.

mod graph;
mod start;

use anyhow::Result;

use crate::cli::Module;
use crate::repository::Repository;

pub(crate) use graph::tree;

/// Runs the command.
///
/// # Errors
/// When a package cannot be started, or is not declared.
pub(crate) fn module(repository: &Repository, options: &Module) -> Result<()> {
    match options {
        Module::New(options) => start::start(repository, &options.name),
        Module::Graph(options) => graph::graph(repository, options),
    }
}
