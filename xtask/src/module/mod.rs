//! `cargo xtask module`: creates the declaration of a new package, and prints the structure of an existing package.

mod graph;
mod start;

use anyhow::Result;

use crate::cli::Module;
use crate::repository::Repository;

pub(crate) use graph::tree;

/// Runs the command.
///
/// # Errors
/// Returns an error if the package cannot be created, or if it is not declared.
pub(crate) fn module(repository: &Repository, options: &Module) -> Result<()> {
    match options {
        Module::New(options) => start::start(repository, &options.name),
        Module::Graph(options) => graph::graph(repository, options),
    }
}
