//! `cargo xtask doctor`: lists the required tools, and how to install missing tools. Installs tools only into the
//! cache.

use anyhow::Result;
use tfharness::toolchain::{self, Cli, Finding, Kind, Status};

use crate::cli::Doctor;
use crate::console::{self, Stage};
use crate::repository::{self, Missing, Repository};

/// Runs the command.
///
/// # Errors
/// Returns an error if a tool that this command cannot install is missing.
pub(crate) fn doctor(repository: &Repository, options: &Doctor) -> Result<()> {
    if options.install {
        install()?;
    }
    let findings = findings(repository);
    show(&findings);
    Ok(check_requirements(&findings, None)?)
}

/// Checks that every tool that the selected CLI requires is installed or can be installed by the first run.
///
/// # Errors
/// Returns an error that specifies the missing tools and the commands that install them.
pub(crate) fn check_requirements(
    findings: &[Finding],
    requested: Option<Kind>,
) -> Result<(), Missing> {
    let missing: Vec<String> = findings
        .iter()
        .filter_map(|finding| match &finding.status {
            Status::Missing(text) => Some((finding, text)),
            Status::Optional(text)
                if requested.is_some_and(|kind| finding.subject == kind.program()) =>
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

/// Installs OpenTofu (unless `tofu` is installed), the local AWS emulator, the module scanner, and the certificate linter
/// into the cache.
///
/// # Errors
/// Returns an error if a build or installation fails. The error specifies the command that installs a missing
/// prerequisite.
pub(crate) fn install() -> Result<()> {
    Cli::find_with(Kind::Tofu, &Stage::default())?;
    toolchain::emulator_python_with(&Stage::default())?;
    toolchain::scanner_python_with(&Stage::default())?;
    toolchain::linter_python_with(&Stage::default())?;
    toolchain::actionlint_with(&Stage::default())?;
    toolchain::shellcheck_with(&Stage::default())?;
    Ok(())
}

/// Returns the findings of the harness and a finding for OpenSSL, which the demo uses.
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
            Status::Installs(text) => ("installed on first run", text),
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
