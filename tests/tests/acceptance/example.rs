//! The programs of the framework's examples. Must not build them.

use anyhow::{Context as _, Result, ensure};
use camino::Utf8PathBuf;

/// The program of an example of `tfplugin`.
///
/// # Errors
/// It is not built; the error names the command that builds it.
pub(crate) fn program(name: &str) -> Result<Utf8PathBuf> {
    let test = Utf8PathBuf::from_path_buf(std::env::current_exe()?)
        .ok()
        .context("a path in UTF-8")?;
    let profile = test
        .parent()
        .and_then(|deps| deps.parent())
        .context("tests run in target/PROFILE/deps")?;
    let program = profile.join("examples").join(name);
    ensure!(
        program.is_file(),
        "{program} is not built; build it with: cargo build -p tfplugin --examples"
    );
    Ok(program)
}
