//! Finds the example programs of the framework. Must not build them.

use anyhow::{Context as _, Result, ensure};
use camino::Utf8PathBuf;

/// Returns the program for an example in `tfplugin`.
///
/// # Errors
/// Returns an error if the program is not built. The error contains the build command.
pub(crate) fn program(name: &str) -> Result<Utf8PathBuf> {
    let test = Utf8PathBuf::from_path_buf(std::env::current_exe()?)
        .ok()
        .context("the path is not UTF-8")?;
    let profile = test
        .parent()
        .and_then(|deps| deps.parent())
        .context("the test is not in target/PROFILE/deps")?;
    let program = profile.join("examples").join(name);
    ensure!(
        program.is_file(),
        "{program} is not built; build it with: cargo build -p tfplugin --examples"
    );
    Ok(program)
}
