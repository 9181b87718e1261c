//! Runs the example programs of the generator. Must not build them.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use camino::Utf8PathBuf;

/// Returns the output from an example in `tfmodgen`.
///
/// # Errors
/// Returns an error if the program fails or is not built. If it is not built, the error contains the build command.
pub(crate) fn output(name: &str, arguments: &[&str]) -> Result<String> {
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
        "{program} is not built; build it with: cargo build -p tfmodgen --examples"
    );
    let output = Command::new(&program)
        .args(arguments)
        .env_clear()
        .output()?;
    ensure!(
        output.status.success(),
        "{program} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}
