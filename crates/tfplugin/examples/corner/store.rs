//! Stores objects as JSON files in a directory. This module must not depend on a resource.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

use tfplugin::schema::json::{value_from_json, value_to_json};
use tfplugin::schema::{AttributePath, Value};
use tfplugin::{Codec, Definition, Diagnostic, Diagnostics, Model};

/// Directory that contains the objects. `None` while the directory is unknown.
pub(crate) struct Store(Option<PathBuf>);

impl Store {
    /// Returns a store whose directory is unknown.
    pub(crate) fn unknown() -> Self {
        Self(None)
    }

    /// Returns a store for a directory. Creates the directory if it does not exist.
    pub(crate) fn at(directory: String) -> Result<Self, Diagnostics> {
        let directory = PathBuf::from(directory);
        fs::create_dir_all(&directory)
            .map_err(|error| problem("Directory could not be created", &directory, error))?;
        Ok(Self(Some(directory)))
    }

    /// Returns the path of the file that contains an object, `TYPE.NAME.json`.
    pub(crate) fn file(&self, type_name: &str, name: &str) -> Result<PathBuf, Diagnostics> {
        let directory = self.0.as_ref().ok_or_else(|| {
            let detail =
                "The provider's directory is not known yet. First apply the resources that it depends on.";
            Diagnostic::error("Directory is not known yet", detail)
        })?;
        Ok(directory.join(format!("{type_name}.{name}.json")))
    }

    /// Writes an object, and returns it as stored.
    pub(crate) fn save<M: Model>(&self, name: &str, state: M) -> Result<M, Diagnostics> {
        let value = state.encode();
        self.write(&M::definition(), name, &value)?;
        Ok(M::decode(value, &AttributePath::root())?)
    }

    /// Reads an object. Returns `None` if it does not exist.
    pub(crate) fn load<M: Model>(&self, name: &str) -> Result<Option<M>, Diagnostics> {
        let value = self.read(&M::definition(), name)?;
        Ok(value
            .map(|value| M::decode(value, &AttributePath::root()))
            .transpose()?)
    }

    /// Writes an object whose state is a value.
    pub(crate) fn write(
        &self,
        definition: &Definition,
        name: &str,
        value: &Value,
    ) -> Result<(), Diagnostics> {
        let file = self.file(&definition.type_name, name)?;
        let json = value_to_json(value)
            .map_err(|error| problem("Object could not be written", &file, error))?;
        fs::write(&file, json.to_string())
            .map_err(|error| problem("Object could not be written", &file, error))
    }

    /// Reads an object as a value. Returns `None` if it does not exist.
    pub(crate) fn read(
        &self,
        definition: &Definition,
        name: &str,
    ) -> Result<Option<Value>, Diagnostics> {
        let file = self.file(&definition.type_name, name)?;
        let unreadable =
            |error: &dyn std::fmt::Display| problem("Object could not be read", &file, error);
        let text = match fs::read_to_string(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            text => text.map_err(|error| unreadable(&error))?,
        };
        let json = serde_json::from_str(&text).map_err(|error| unreadable(&error))?;
        let value = value_from_json(&json, &definition.schema.block.implied_type());
        value.map(Some).map_err(|error| unreadable(&error))
    }

    /// Appends a line to `TYPE.NAME.log`, the journal of an object that is not stored.
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
            .map_err(|error| problem("Journal could not be written", &file, error))
    }

    /// Returns the journal of an object. The journal is empty if the file does not exist.
    pub(crate) fn journal(&self, type_name: &str, name: &str) -> Result<String, Diagnostics> {
        let file = self.file(type_name, name)?.with_extension("log");
        match fs::read_to_string(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            text => text.map_err(|error| problem("Journal could not be read", &file, error)),
        }
    }

    /// Deletes an object. Succeeds if the object does not exist.
    pub(crate) fn remove(&self, type_name: &str, name: &str) -> Result<(), Diagnostics> {
        let file = self.file(type_name, name)?;
        match fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(problem("Object could not be deleted", &file, error))
            }
            _ => Ok(()),
        }
    }
}

/// Converts a plan without unknown values to a state.
pub(crate) fn settled<M: Model>(plan: M::Plan) -> Result<M, Diagnostics> {
    Ok(M::decode(plan.encode(), &AttributePath::root())?)
}

fn problem(summary: &str, file: &std::path::Path, error: impl std::fmt::Display) -> Diagnostics {
    Diagnostic::error(summary, format!("{}: {error}", file.display())).into()
}
