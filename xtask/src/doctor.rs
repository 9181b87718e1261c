//! `cargo xtask doctor`: what a run needs, what is there, and what gets the rest. Installs only into the project's cache.

use anyhow::Result;
use tfharness::toolchain::{self, Cli, Finding, Kind, Status};

use crate::cli::Doctor;
use crate::console::{self, Stage};
use crate::repository::{self, Missing, Repository};

/// Runs the command.
///
/// # Errors
/// When something is missing that cannot be installed from here.
pub(crate) fn doctor(repository: &Repository, options: &Doctor) -> Result<()> {
    if options.install {
        install()?;
    }
    let findings = findings(repository);
    show(&findings);
    Ok(ready(&findings, None)?)
}

/// Whether everything is here, or can be installed by the first run, for a command line that was asked for.
///
/// # Errors
/// When something is missing; the error names the commands that install it.
pub(crate) fn ready(findings: &[Finding], asked: Option<Kind>) -> Result<(), Missing> {
    let missing: Vec<String> = findings
        .iter()
        .filter_map(|finding| match &finding.status {
            Status::Missing(text) => Some((finding, text)),
            Status::Optional(text)
                if asked.is_some_and(|kind| finding.subject == kind.program()) =>
            {
                Some((finding, text))
            }
            _ => None,
        })
        .map(|(finding, text)| format!("{}: {text}", finding.subject))
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Missing(missing.join("\n"))),
    }
}

/// Puts OpenTofu (where none is installed), the local AWS and the scanner of modules into the cache.
///
/// # Errors
/// When they cannot be built or installed; the error names the command that installs what that needs.
pub(crate) fn install() -> Result<()> {
    Cli::find_with(Kind::Tofu, &Stage::default())?;
    toolchain::emulator_python_with(&Stage::default())?;
    toolchain::scanner_python_with(&Stage::default())?;
    Ok(())
}

/// What the harness knows, and the verifier that the demo needs beside it.
pub(crate) fn findings(repository: &Repository) -> Vec<Finding> {
    let mut findings = toolchain::doctor();
    findings.push(openssl(repository));
    findings
}

/// Prints findings as a table.
pub(crate) fn show(findings: &[Finding]) {
    let rows = findings.iter().map(|finding| {
        let (state, text) = match &finding.status {
            Status::Found(text) => ("found", text),
            Status::Installs(text) => ("first run installs", text),
            Status::Optional(text) => ("optional", text),
            Status::Missing(text) => ("MISSING", text),
        };
        [finding.subject.clone(), state.into(), text.clone()]
    });
    console::table(&["tool", "state", ""], rows);
}

fn openssl(repository: &Repository) -> Finding {
    let status = match repository::output(repository.command("openssl").arg("version")) {
        Ok(version) => Status::Found(version.trim().into()),
        Err(_) if cfg!(target_os = "macos") => {
            Status::Missing("install it with: brew install openssl".into())
        }
        Err(_) => Status::Missing("install it with: sudo apt-get install -y openssl".into()),
    };
    Finding {
        subject: "openssl".into(),
        status,
    }
}
