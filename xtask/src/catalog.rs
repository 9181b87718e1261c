//! What `catalog/` declares, as the program of that name prints it: files, what is known of each module, and findings.
//!
//! The program is built by itself and never linked in: this one has to run while a declaration does not compile.

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

/// The package and its program.
const CATALOG: &str = "catalog";

/// Every package that is declared.
#[derive(Deserialize)]
pub(crate) struct Catalog {
    /// By name; those with findings are missing.
    pub(crate) packages: BTreeMap<String, Package>,
    /// What is wrong.
    pub(crate) findings: Vec<String>,
    /// What a later release of a provider would refuse.
    pub(crate) warnings: Vec<String>,
}

/// A package.
#[derive(Deserialize)]
pub(crate) struct Package {
    /// The system that it configures, such as `aws`.
    pub(crate) target: String,
    /// Texts by path, relative to the package.
    pub(crate) files: BTreeMap<String, String>,
    /// Modules by folder, relative to the package; the root has an empty one.
    pub(crate) modules: BTreeMap<String, Facts>,
}

/// Input of the program.
#[derive(Serialize)]
struct Question {
    providers: Vec<schema::Release>,
}

/// A program and its question, ready to be run more than once.
pub(crate) struct Program {
    path: PathBuf,
    question: String,
}

/// Builds the program, asks it, and says what is wrong.
///
/// # Errors
/// When it does not build or run, or finds something wrong with a declaration.
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
        count => bail!("{count} findings in the declarations of catalog/"),
    }
}

impl Program {
    /// Builds the program, for speed or not, and reads the schemas.
    ///
    /// # Errors
    /// When it does not build, or the schemas cannot be read.
    pub(crate) fn build(repository: &Repository, release: bool) -> Result<Self> {
        let mut cargo = repository.cargo();
        cargo.args(["build", "--package", CATALOG, "--bin", CATALOG]);
        if release {
            cargo.arg("--release");
        }
        run(&mut cargo)?;
        let profile = if release { "release" } else { "debug" };
        let providers = schema::releases(repository)?;
        Ok(Self {
            path: repository.target()?.join(profile).join(CATALOG),
            question: serde_json::to_string(&Question { providers })?,
        })
    }

    /// The program with its question on standard input.
    ///
    /// # Errors
    /// When there is no room for a temporary file.
    pub(crate) fn command(&self, repository: &Repository) -> Result<Command> {
        let mut asked = tempfile::tempfile().context("making a temporary file")?;
        asked.write_all(self.question.as_bytes())?;
        asked.rewind()?;
        let mut command = repository.command(&self.path.to_string_lossy());
        command.stdin(asked);
        Ok(command)
    }

    /// What the program answers.
    ///
    /// # Errors
    /// When it fails or prints something else than an answer.
    pub(crate) fn ask(&self, repository: &Repository) -> Result<Catalog> {
        let answer = output(&mut self.command(repository)?)?;
        serde_json::from_str(&answer).context("the program `catalog` printed no answer")
    }
}
