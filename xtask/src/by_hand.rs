//! `cargo xtask install` and `cargo xtask aws`: what someone needs who wants to type `tofu apply` themselves.

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

/// Builds the provider, puts it into a mirror below `target/`, and prints how to use that.
///
/// # Errors
/// When it does not build, or the mirror cannot be written.
pub(crate) fn install(repository: &Repository, options: &Install) -> Result<()> {
    let stage = Stage::default();
    let built = stage.aloud("building the provider", || match options.release {
        true => Ok(repository.build_release(&[PROVIDER])?.join(PROVIDER)),
        false => repository.build(),
    })?;
    let path = |path: std::path::PathBuf| Utf8PathBuf::from_path_buf(path).ok();
    let program = path(built).context("a target directory in UTF-8")?;
    let target = path(repository.target()?).context("a target directory in UTF-8")?;
    let programs = BTreeMap::from([(ADDRESS.to_owned(), program)]);
    let configuration = workspace::install(&target.join("install"), &programs)?;
    console::line("\nIn any shell, for `tofu` and `terraform` alike:\n");
    console::line(&format!("  export TF_CLI_CONFIG_FILE={configuration}"));
    console::line("\nThen `init` finds the provider, and every other one as before.");
    Ok(())
}

/// Starts the local AWS, prints how to use it, and waits for Ctrl-C.
///
/// # Errors
/// When it cannot be installed or started.
pub(crate) fn aws(options: &Aws) -> Result<()> {
    let served = LocalAws::serve(options.port, &Stage::default())?;
    console::good(&format!("local AWS at {}", served.account().endpoint()));
    console::line("\nUntil Ctrl-C. In another shell:\n");
    for line in served.export_lines() {
        console::line(&format!("  {line}"));
    }
    interrupt::wait();
    Ok(())
}
