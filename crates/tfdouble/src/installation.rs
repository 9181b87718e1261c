//! Location of the files of a double: the schema and the rules beside the program, and the directory of its objects.
//!
//! No other module reads the environment.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Environment variable that allows the program to start. Its value is the directory in which doubles store their objects.
const MARKER: &str = "TFDOUBLE_OBJECTS";
/// Environment variable with the path of a file that contains the names of the types and nested blocks in use, one on each
/// line. Without this variable, all types are served, with all nested blocks.
const NAMES: &str = "TFDOUBLE_NAMES";
/// Name of the optional file beside the program that locates the other files.
const MANIFEST: &str = "double.json";
/// Names of the schema beside the program, in order of precedence: two documents and a folder.
const SCHEMAS: [&str; 3] = ["schema.json", "schema.json.gz", "schema"];
/// Name of the folder with rule files beside the program.
const RULES: &str = "rules";
/// Prefix of the file name of every provider.
const PREFIX: &str = "terraform-provider-";

/// Location of the files of a double.
pub(crate) struct Installation {
    /// Type of the provider, such as `aws`.
    pub(crate) name: String,
    /// Source address, such as `hashicorp/aws`. Equals the type if the manifest does not specify it.
    pub(crate) address: String,
    /// Version of the provider.
    pub(crate) version: String,
    /// Document or folder with the schema.
    pub(crate) schema: PathBuf,
    /// Folder with rule files, if it exists.
    pub(crate) rules: Option<PathBuf>,
    /// Directory of the objects.
    pub(crate) objects: PathBuf,
    /// Names of the types to serve and of their nested blocks. `None` selects all types and nested blocks.
    pub(crate) names: Option<BTreeSet<String>>,
}

/// Reason that prevents a double from starting.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallationError {
    /// The environment does not contain the marker.
    #[error(
        "this program replaces a provider in tests and creates no real objects, so it starts only if {MARKER} is set. In a \
         test, set {MARKER} to the directory for its objects. Otherwise, remove the program from the provider mirror, and \
         run `init` again to install the provider"
    )]
    NoMarker,
    /// The marker is not an absolute path.
    #[error("{MARKER} must be the absolute path of a directory")]
    RelativeMarker,
    /// The path of the program is not available.
    #[error("the path of the program cannot be determined")]
    NoProgram(#[source] io::Error),
    /// The name of the program does not contain a provider type.
    #[error(
        "the program is named {found:?}, but must be named {PREFIX}NAME_vVERSION, such as {PREFIX}aws_v5.100.0"
    )]
    Name {
        /// Name of the program.
        found: String,
    },
    /// The manifest or the file with the names cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// Path of the file.
        path: PathBuf,
        /// Reason.
        #[source]
        source: io::Error,
    },
    /// The manifest has a different form.
    #[error("{} is invalid", path.display())]
    Manifest {
        /// Path of the manifest.
        path: PathBuf,
        /// Reason.
        #[source]
        source: serde_json::Error,
    },
    /// No schema is installed.
    #[error(
        "{} contains no schema. Write the output of `providers schema -json` for the provider to schema.json",
        directory.display()
    )]
    NoSchema {
        /// Directory of the program.
        directory: PathBuf,
    },
}

/// Content of the manifest. Relative paths are relative to the directory of the program.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    address: Option<String>,
    schema: Option<PathBuf>,
    rules: Option<PathBuf>,
}

/// Returns the location of the files for this process.
///
/// # Errors
/// Returns an error if the environment does not allow the program to start, or if a file is missing.
pub(crate) fn of_process() -> Result<Installation, InstallationError> {
    let program = std::env::current_exe().map_err(InstallationError::NoProgram)?;
    let mut installation = locate(std::env::var_os(MARKER), &program)?;
    if let Some(path) = std::env::var_os(NAMES) {
        installation.names = Some(names(Path::new(&path))?);
    }
    Ok(installation)
}

fn names(path: &Path) -> Result<BTreeSet<String>, InstallationError> {
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|source| InstallationError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    Ok(text.lines().map(str::to_owned).collect())
}

fn locate(marker: Option<OsString>, program: &Path) -> Result<Installation, InstallationError> {
    let marker = marker.filter(|marker| !marker.is_empty());
    let objects = PathBuf::from(marker.ok_or(InstallationError::NoMarker)?);
    if !objects.is_absolute() {
        return Err(InstallationError::RelativeMarker);
    }
    let (name, version) = name_and_version(program)?;
    let directory = program.parent().unwrap_or(Path::new("/"));
    let manifest = manifest(&directory.join(MANIFEST))?;
    let mut schemas = SCHEMAS.iter().map(|name| directory.join(name));
    let schema = match manifest.schema {
        Some(path) => directory.join(path),
        None => schemas
            .find(|path| path.exists())
            .ok_or_else(|| InstallationError::NoSchema {
                directory: directory.to_owned(),
            })?,
    };
    let rules = match manifest.rules {
        Some(path) => Some(directory.join(path)),
        None => Some(directory.join(RULES)).filter(|path| path.is_dir()),
    };
    Ok(Installation {
        address: manifest.address.unwrap_or_else(|| name.clone()),
        objects: objects.join(&name),
        name,
        version,
        schema,
        rules,
        names: None,
    })
}

fn manifest(path: &Path) -> Result<Manifest, InstallationError> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Manifest::default()),
        text => text.map_err(|source| InstallationError::Unreadable {
            path: path.to_owned(),
            source,
        })?,
    };
    serde_json::from_str(&text).map_err(|source| InstallationError::Manifest {
        path: path.to_owned(),
        source,
    })
}

/// Returns the provider type and the version in the name of a program, such as `terraform-provider-aws_v5.100.0_x5`.
fn name_and_version(program: &Path) -> Result<(String, String), InstallationError> {
    let file = program.file_name().unwrap_or_default().to_string_lossy();
    let unnamed = || InstallationError::Name {
        found: file.to_string(),
    };
    let rest = file.strip_prefix(PREFIX).ok_or_else(unnamed)?;
    let rest = rest.strip_suffix(".exe").unwrap_or(rest);
    let (name, version) = rest.split_once("_v").unwrap_or((rest, "0.0.0"));
    let version = version.split('_').next().unwrap_or(version);
    if name.is_empty() {
        return Err(unnamed());
    }
    Ok((name.to_owned(), version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(marker: Option<&str>, program: &Path) -> String {
        let located = locate(marker.map(OsString::from), program);
        located
            .map(|_| String::new())
            .unwrap_or_else(|e| e.to_string())
    }

    #[test]
    fn a_double_starts_only_with_the_marker() {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("terraform-provider-aws_v5.100.0_x5");
        std::fs::write(directory.path().join("schema.json"), "{}").unwrap();
        assert!(error(None, &program).contains("TFDOUBLE_OBJECTS is set"));
        assert!(error(Some(""), &program).contains("TFDOUBLE_OBJECTS is set"));
        assert!(error(Some("objects"), &program).contains("absolute path"));
        let located = locate(Some("/objects".into()), &program).unwrap();
        assert_eq!((&*located.name, &*located.version), ("aws", "5.100.0"));
        assert_eq!(located.objects, Path::new("/objects/aws"));
    }

    #[test]
    fn selected_names_are_the_lines_of_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("names");
        let message = names(&path).unwrap_err().to_string();
        assert!(message.contains("names cannot be read"), "{message}");
        std::fs::write(&path, "aws_a\naws_b\n").unwrap();
        let selected = names(&path).unwrap();
        assert_eq!(selected, ["aws_a".to_owned(), "aws_b".to_owned()].into());
    }

    #[test]
    fn a_missing_schema_and_a_wrong_name_are_reported() {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("terraform-provider-aws_v5.100.0");
        assert!(error(Some("/o"), &program).contains("contains no schema"));
        let other = directory.path().join("tfdouble");
        assert!(error(Some("/o"), &other).contains("must be named terraform-provider-NAME"));
        std::fs::write(directory.path().join(MANIFEST), r#"{"scheme": "x"}"#).unwrap();
        assert!(error(Some("/o"), &program).contains("double.json is invalid"));
    }
}
