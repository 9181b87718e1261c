//! `cargo xtask install` and `cargo xtask aws`: the provider and a local AWS emulator for running `tofu apply`
//! manually.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use tfharness::{LocalAws, workspace};

use crate::cli::{Aws, Install};
use crate::console::{self, Stage};
use crate::interrupt;
use crate::repository::{PROVIDER, Repository};

/// Address of the provider.
const ADDRESS: &str = "skreg/skreg";

/// Builds the provider, copies it into a filesystem mirror in `target/`, and prints how to use the mirror.
///
/// # Errors
/// Returns an error if the build fails or the mirror cannot be written.
pub(crate) fn install(repository: &Repository, options: &Install) -> Result<()> {
    let stage = Stage::default();
    let built = stage.run_without_spinner("building the provider", || match options.release {
        true => Ok(repository.build_release(&[PROVIDER])?.join(PROVIDER)),
        false => repository.build(),
    })?;
    let path = |path: std::path::PathBuf| Utf8PathBuf::from_path_buf(path).ok();
    let program = path(built).context("the path of the target directory is not UTF-8")?;
    let target =
        path(repository.target()?).context("the path of the target directory is not UTF-8")?;
    let programs = BTreeMap::from([(ADDRESS.to_owned(), program)]);
    let configuration = workspace::install(&target.join("install"), &programs)?;
    console::line("\nTo use the mirror with `tofu` or `terraform`, run this in a shell:\n");
    console::line(&format!("  export TF_CLI_CONFIG_FILE={configuration}"));
    console::line(
        "\n`init` then installs the provider from this mirror. The installation of other providers does not change.",
    );
    Ok(())
}

/// Starts the local AWS emulator, prints how to use it, and waits for Ctrl-C.
///
/// # Errors
/// Returns an error if the local AWS emulator cannot be installed or started.
pub(crate) fn aws(options: &Aws) -> Result<()> {
    let served = LocalAws::serve(options.port, &Stage::default())?;
    console::good(&format!(
        "local AWS emulator at {}",
        served.account().endpoint()
    ));
    console::line("\nThe emulator runs until you press Ctrl-C. In another shell, run:\n");
    for line in served.export_lines() {
        console::line(&format!("  {line}"));
    }
    interrupt::wait();
    if options.report {
        report(served.account());
    }
    Ok(())
}

/// Prints the differences between the emulator and the service models of AWS.
fn report(aws: &LocalAws) {
    let findings = aws.findings();
    console::line(&format!(
        "\ndifferences from the service models of AWS: {} (number of calls, service, operation, rule, member)",
        findings.len()
    ));
    for (finding, count) in findings {
        console::line(&format!("{count:>5}  {finding}"));
    }
}
