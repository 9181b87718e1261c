//! Where objects are: a JSON file each, in one directory. Knows no resource.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

use tfplugin::schema::json::{value_from_json, value_to_json};
use tfplugin::schema::{AttributePath, Value};
use tfplugin::{Codec, Definition, Diagnostic, Diagnostics, Model};

/// The directory, or nothing while it is not known.
pub(crate) struct Store(Option<PathBuf>);

impl Store {
    pub(crate) fn nowhere() -> Self {
        Self(None)
    }

    /// The store in a directory, which is made where it does not exist.
    pub(crate) fn at(directory: String) -> Result<Self, Diagnostics> {
        let directory = PathBuf::from(directory);
        fs::create_dir_all(&directory)
            .map_err(|error| problem("The directory cannot be made", &directory, error))?;
        Ok(Self(Some(directory)))
    }

    /// The file of an object, `TYPE.NAME.json`.
    pub(crate) fn file(&self, type_name: &str, name: &str) -> Result<PathBuf, Diagnostics> {
        let directory = self.0.as_ref().ok_or_else(|| {
            let detail =
                "The provider's directory is not known yet. First apply what it depends on.";
            Diagnostic::error("The directory is not known yet", detail)
        })?;
        Ok(directory.join(format!("{type_name}.{name}.json")))
    }

    /// Writes an object and returns what was written.
    pub(crate) fn save<M: Model>(&self, name: &str, state: M) -> Result<M, Diagnostics> {
        let value = state.encode();
        self.write(&M::definition(), name, &value)?;
        Ok(M::decode(value, &AttributePath::root())?)
    }

    /// Reads an object; `None` where there is none.
    pub(crate) fn load<M: Model>(&self, name: &str) -> Result<Option<M>, Diagnostics> {
        let value = self.read(&M::definition(), name)?;
        Ok(value
            .map(|value| M::decode(value, &AttributePath::root()))
            .transpose()?)
    }

    /// Writes an object that is data.
    pub(crate) fn write(
        &self,
        definition: &Definition,
        name: &str,
        value: &Value,
    ) -> Result<(), Diagnostics> {
        let file = self.file(&definition.type_name, name)?;
        let json = value_to_json(value)
            .map_err(|error| problem("The object cannot be written", &file, error))?;
        fs::write(&file, json.to_string())
            .map_err(|error| problem("The object cannot be written", &file, error))
    }

    /// Reads an object that is data; `None` where there is none.
    pub(crate) fn read(
        &self,
        definition: &Definition,
        name: &str,
    ) -> Result<Option<Value>, Diagnostics> {
        let file = self.file(&definition.type_name, name)?;
        let unreadable =
            |error: &dyn std::fmt::Display| problem("The object cannot be read", &file, error);
        let text = match fs::read_to_string(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            text => text.map_err(|error| unreadable(&error))?,
        };
        let json = serde_json::from_str(&text).map_err(|error| unreadable(&error))?;
        let value = value_from_json(&json, &definition.schema.block.implied_type());
        value.map(Some).map_err(|error| unreadable(&error))
    }

    /// Adds a line to the journal of something that is not stored, `TYPE.NAME.log`.
    pub(crate) fn append(
        &self,
        type_name: &str,
        name: &str,
        line: &str,
    ) -> Result<(), Diagnostics> {
        let file = self.file(type_name, name)?.with_extension("log");
        let journal = fs::OpenOptions::new().create(true).append(true).open(&file);
        journal
            .and_then(|mut journal| journal.write_all(line.as_bytes()))
            .map_err(|error| problem("The journal cannot be written", &file, error))
    }

    /// The journal; empty where there is none.
    pub(crate) fn journal(&self, type_name: &str, name: &str) -> Result<String, Diagnostics> {
        let file = self.file(type_name, name)?.with_extension("log");
        match fs::read_to_string(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            text => text.map_err(|error| problem("The journal cannot be read", &file, error)),
        }
    }

    /// Removes an object; one that is gone already is as good as removed.
    pub(crate) fn remove(&self, type_name: &str, name: &str) -> Result<(), Diagnostics> {
        let file = self.file(type_name, name)?;
        match fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(problem("The object cannot be removed", &file, error))
            }
            _ => Ok(()),
        }
    }
}

/// A whole plan as state, once everything in it is known.
pub(crate) fn settled<M: Model>(plan: M::Plan) -> Result<M, Diagnostics> {
    Ok(M::decode(plan.encode(), &AttributePath::root())?)
}

fn problem(summary: &str, file: &std::path::Path, error: impl std::fmt::Display) -> Diagnostics {
    Diagnostic::error(summary, format!("{}: {error}", file.display())).into()
}
