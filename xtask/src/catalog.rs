//! Runs the program `catalog` and reads its output: files, facts about each module, and findings.
//!
//! The program is built separately and never linked, because xtask must run even if a declaration does not compile.

use std::collections::BTreeMap;
use std::io::{Seek as _, Write as _};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use tfdocs::module::Facts;

use crate::console;
use crate::repository::{Repository, output, run};
use crate::schema;

/// Name of the package and its program.
const CATALOG: &str = "catalog";

/// Output of the program.
#[derive(Deserialize)]
pub(crate) struct Catalog {
    /// Packages by name, excluding packages with findings.
    pub(crate) packages: BTreeMap<String, Package>,
    /// Errors in the declarations.
    pub(crate) findings: Vec<String>,
    /// Configurations that a later provider release rejects.
    pub(crate) warnings: Vec<String>,
}

/// A package.
#[derive(Deserialize)]
pub(crate) struct Package {
    /// The system that the package configures, such as `aws`.
    pub(crate) target: String,
    /// File contents by path, relative to the package.
    pub(crate) files: BTreeMap<String, String>,
    /// Modules by folder, relative to the package. The root module has an empty path.
    pub(crate) modules: BTreeMap<String, Facts>,
}

/// Input for the program.
#[derive(Serialize)]
struct Input {
    providers: Vec<schema::Release>,
}

/// The built program and its input. It can run more than once.
pub(crate) struct Program {
    path: PathBuf,
    input_json: String,
}

/// Builds and runs the program, and prints its findings.
///
/// # Errors
/// Returns an error if the program does not build or run, or if it reports an error in a declaration.
pub(crate) fn catalog(repository: &Repository) -> Result<Catalog> {
    let catalog = Program::build(repository, false)?.ask(repository)?;
    for warning in &catalog.warnings {
        console::faint(&format!("warning: {warning}"));
    }
    for finding in &catalog.findings {
        console::bad(finding);
    }
    match catalog.findings.len() {
        0 => Ok(catalog),
        count => bail!("catalog/ contains {count} invalid declarations"),
    }
}

impl Program {
    /// Builds the program, optionally with optimizations, and reads the schemas.
    ///
    /// # Errors
    /// Returns an error if the program does not build, or if the schemas cannot be read.
    pub(crate) fn build(repository: &Repository, release: bool) -> Result<Self> {
        let mut cargo = repository.cargo();
        cargo.args(["build", "--bin", CATALOG]);
        match release {
            true => cargo.args(["--release", "--package", CATALOG]),
            // A selection of one package changes the features of shared dependencies, so the builders, the largest
            // crates, would be compiled again for the tests.
            false => cargo.args(["--workspace", "--examples"]),
        };
        run(&mut cargo)?;
        let profile = if release { "release" } else { "debug" };
        let providers = schema::releases(repository)?;
        Ok(Self {
            path: repository.target()?.join(profile).join(CATALOG),
            input_json: serde_json::to_string(&Input { providers })?,
        })
    }

    /// Returns a command that runs the program with its input on standard input.
    ///
    /// # Errors
    /// Returns an error if the temporary file cannot be created.
    pub(crate) fn command(&self, repository: &Repository) -> Result<Command> {
        let mut input = tempfile::tempfile().context("creating a temporary file")?;
        input.write_all(self.input_json.as_bytes())?;
        input.rewind()?;
        let mut command = repository.command(&self.path.to_string_lossy());
        command.stdin(input);
        Ok(command)
    }

    /// Runs the program and parses its output.
    ///
    /// # Errors
    /// Returns an error if the program fails or its output cannot be parsed.
    pub(crate) fn ask(&self, repository: &Repository) -> Result<Catalog> {
        let answer = output(&mut self.command(repository)?)?;
        serde_json::from_str(&answer).context("the output of `catalog` is invalid")
    }
}
