//! Doubles: programs that serve the schema of a provider as data, in place of the provider. Must not depend on the content of
//! a schema.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::json;

use super::Error;
use super::configuration::{built_program, place};
use super::source::find_in_parents;
use crate::toolchain::{HOSTS, platform};

/// Environment variable that contains the path to the program of every double.
const VARIABLE: &str = "SKREG_DOUBLE";
/// Environment variable without which a double does not start. Its value is the directory of the objects.
pub(super) const MARKER: &str = "TFDOUBLE_OBJECTS";
/// Name of the program.
const PROGRAM: &str = "tfdouble";

/// A provider that a double replaces.
#[derive(Clone, Debug)]
pub struct Double {
    /// Source address, such as `hashicorp/aws`.
    address: String,
    version: String,
    schema: Utf8PathBuf,
    rules: Option<Utf8PathBuf>,
    program: Option<Utf8PathBuf>,
}

impl Double {
    /// Creates a double of a provider with a source address such as `hashicorp/aws`, and a version.
    ///
    /// `schema` is the output of `providers schema -json`, which can be compressed with gzip, or a folder of `schemas/`. A
    /// relative path is resolved in the current directory and its parents.
    #[must_use]
    pub fn new(
        address: impl Into<String>,
        version: impl Into<String>,
        schema: impl Into<Utf8PathBuf>,
    ) -> Self {
        Self {
            address: address.into(),
            version: version.into(),
            schema: schema.into(),
            rules: None,
            program: None,
        }
    }

    /// Sets the folder with rule files. A relative path is resolved like the path of the schema.
    #[must_use]
    pub fn rules(mut self, folder: impl Into<Utf8PathBuf>) -> Self {
        self.rules = Some(folder.into());
        self
    }

    /// Sets the path to the program. The default is the path in `SKREG_DOUBLE` if this variable is set, and otherwise
    /// `target/debug/tfdouble`.
    #[must_use]
    pub fn program(mut self, program: impl Into<Utf8PathBuf>) -> Self {
        self.program = Some(program.into());
        self
    }

    /// Returns the source address.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Places the program and its manifest in a mirror, for both registry hosts.
    pub(super) fn install(&self, mirror: &Utf8Path) -> Result<(), Error> {
        let program = self.program.clone();
        let program = program.or_else(|| built_program(VARIABLE, PROGRAM));
        let program = program.ok_or(Error::NoDouble)?;
        let kind = self.address.rsplit('/').next().unwrap_or(&self.address);
        let manifest = json!({
            "address": self.address,
            "schema": located(&self.schema)?,
            "rules": self.rules.as_deref().map(located).transpose()?,
        });
        for host in HOSTS {
            let directory = mirror
                .join(host)
                .join(&self.address)
                .join(&self.version)
                .join(platform());
            let name = format!("terraform-provider-{kind}_v{}", self.version);
            place(&program, &directory, &name)?;
            let path = directory.join("double.json");
            fs::write(&path, manifest.to_string()).map_err(Error::io("write", &path))?;
        }
        Ok(())
    }
}

/// Returns the absolute path of a file or folder.
fn located(path: &Utf8Path) -> Result<Utf8PathBuf, Error> {
    let base = find_in_parents(path, Utf8Path::exists).ok_or_else(|| Error::NoSource {
        path: path.to_owned(),
    })?;
    let path = base.join(path);
    path.canonicalize_utf8().map_err(Error::io("locate", &path))
}
