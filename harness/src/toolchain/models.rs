//! The service models of AWS in a compact form, from the botocore package that is installed with the emulator. Must not
//! interpret the models.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

use super::{EmulatorError, Progress, cache, tool};

const SCRIPT: &str = include_str!("../../../tools/service_models.py");

/// Returns the directory with the compact service models. `python` is the interpreter of the emulator. Writes the models
/// into the cache if they are missing, which takes a few seconds.
///
/// # Errors
/// Returns an error if Python fails or if the cache cannot be written.
pub fn service_models(
    python: &Utf8Path,
    progress: &dyn Progress,
) -> Result<Utf8PathBuf, EmulatorError> {
    let mut hasher = DefaultHasher::new();
    (SCRIPT, python).hash(&mut hasher);
    let name = format!("models/{:016x}", hasher.finish());
    cache::entry(&name, |scratch| {
        let mut command = Command::new(python);
        command
            .args(["-c", SCRIPT])
            .arg(scratch)
            .current_dir(scratch);
        tool::run("python3 service_models.py", &mut command, progress)?;
        Ok(())
    })
}
