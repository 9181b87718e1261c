//! Schema of a provider, as the output of `providers schema -json` or as a folder with one slim document per type.
//!
//! A type is decoded when it is first used, because a process uses few of the types of a large provider.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use tfschema::json::{SchemaJsonError, read_provider_schemas};
use tfschema::slim::{self, SlimError};
use tfschema::{Function, ProviderSchema, Schema};

/// Functions in a folder of slim documents, in the form of `providers schema -json`.
const FUNCTIONS: &str = "functions.json";

/// Reason that prevents a schema from being read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DocumentError {
    /// A file cannot be read.
    #[error("{} cannot be read", path.display())]
    File {
        /// Path of the file.
        path: PathBuf,
        /// Reason.
        #[source]
        source: io::Error,
    },
    /// A file is not JSON, or does not have the form of `providers schema -json`.
    #[error("{} is not the output of `providers schema -json`", path.display())]
    Syntax {
        /// Path of the file.
        path: PathBuf,
        /// Reason.
        #[source]
        source: serde_json::Error,
    },
    /// A document contains several providers, and none of them has the address.
    #[error("{} does not contain exactly one provider, and contains no provider {name}", path.display())]
    Provider {
        /// Path of the file.
        path: PathBuf,
        /// Type of the provider.
        name: String,
    },
    /// A type has a different form.
    #[error("the schema is invalid")]
    Form(#[from] SchemaJsonError),
    /// A slim document has a different form.
    #[error("{} is invalid", path.display())]
    Slim {
        /// Path of the document.
        path: PathBuf,
        /// Reason.
        #[source]
        source: SlimError,
    },
}

/// Types of a provider by name.
pub(crate) type Types = BTreeMap<String, TypeText>;

/// Schema of a provider whose types are not decoded.
pub(crate) struct Documents {
    pub(crate) configuration: Schema,
    pub(crate) resources: Types,
    pub(crate) data_sources: Types,
    pub(crate) ephemeral_resources: Types,
    pub(crate) functions: BTreeMap<String, Function>,
}

/// Schema of a type before it is decoded.
pub(crate) enum TypeText {
    /// Slim document.
    File(PathBuf),
    /// Part of a printed document.
    Printed(Box<RawValue>),
}

impl TypeText {
    /// Decodes the schema.
    ///
    /// # Errors
    /// Returns an error if the document does not contain a schema.
    pub(crate) fn schema(&self) -> Result<Schema, DocumentError> {
        match self {
            Self::File(path) => slim_document(path),
            Self::Printed(text) => printed_type(text),
        }
    }
}

/// Reads the schema of the provider with the specified type, such as `aws`.
///
/// # Errors
/// Returns an error if the schema does not exist, or if it is damaged.
pub(crate) fn read(path: &Path, name: &str) -> Result<Documents, DocumentError> {
    if path.is_dir() {
        return folder(path);
    }
    let text = text(path)?;
    printed(path, &text, name)
}

/// Returns the text of a file. Decompresses a file that starts with the magic number of gzip (RFC 1952, section 2.3.1).
fn text(path: &Path) -> Result<String, DocumentError> {
    let failed = |source| DocumentError::File {
        path: path.to_owned(),
        source,
    };
    let bytes = fs::read(path).map_err(failed)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut text = String::new();
        let mut decoder = GzDecoder::new(bytes.as_slice());
        decoder.read_to_string(&mut text).map_err(failed)?;
        return Ok(text);
    }
    String::from_utf8(bytes)
        .map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidData, error)))
}

#[derive(Deserialize)]
struct Printed {
    provider_schemas: BTreeMap<String, Box<RawValue>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PrintedProvider {
    provider: Option<Box<RawValue>>,
    resource_schemas: BTreeMap<String, Box<RawValue>>,
    data_source_schemas: BTreeMap<String, Box<RawValue>>,
    ephemeral_resource_schemas: BTreeMap<String, Box<RawValue>>,
    functions: Option<Box<RawValue>>,
}

fn printed(path: &Path, text: &str, name: &str) -> Result<Documents, DocumentError> {
    let syntax = |source| DocumentError::Syntax {
        path: path.to_owned(),
        source,
    };
    let document: Printed = serde_json::from_str(text).map_err(syntax)?;
    let mut providers = document.provider_schemas;
    let named = providers
        .keys()
        .find(|address| address.rsplit('/').next() == Some(name))
        .cloned();
    let only = providers.keys().next().filter(|_| providers.len() == 1);
    let provider = named
        .or_else(|| only.cloned())
        .and_then(|address| providers.remove(&address))
        .ok_or_else(|| DocumentError::Provider {
            path: path.to_owned(),
            name: name.to_owned(),
        })?;
    let provider: PrintedProvider = serde_json::from_str(provider.get()).map_err(syntax)?;
    let functions = match provider.functions {
        None => BTreeMap::new(),
        Some(functions) => decoded("functions", functions.get())?.functions,
    };
    let types = |texts: BTreeMap<String, Box<RawValue>>| {
        let texts = texts.into_iter();
        texts
            .map(|(name, text)| (name, TypeText::Printed(text)))
            .collect()
    };
    Ok(Documents {
        configuration: match provider.provider {
            None => Schema::default(),
            Some(text) => decoded("provider", text.get())?.provider,
        },
        resources: types(provider.resource_schemas),
        data_sources: types(provider.data_source_schemas),
        ephemeral_resources: types(provider.ephemeral_resource_schemas),
        functions,
    })
}

/// Decodes one section of a provider.
fn decoded(section: &str, text: &str) -> Result<ProviderSchema, DocumentError> {
    let json: serde_json::Value =
        serde_json::from_str(text).map_err(|source| DocumentError::Syntax {
            path: section.into(),
            source,
        })?;
    let document = json!({ "provider_schemas": { "": { section: json } } });
    let provider = read_provider_schemas(&document)?.remove("");
    Ok(provider.unwrap_or_default())
}

fn printed_type(text: &RawValue) -> Result<Schema, DocumentError> {
    Ok(decoded("provider", text.get())?.provider)
}

fn slim_document(path: &Path) -> Result<Schema, DocumentError> {
    slim::read(&text(path)?).map_err(|source| DocumentError::Slim {
        path: path.to_owned(),
        source,
    })
}

fn folder(path: &Path) -> Result<Documents, DocumentError> {
    let configuration = path.join(slim::CONFIGURATION);
    let functions = path.join(FUNCTIONS);
    let [resources, data_sources, ephemeral_resources] =
        slim::FOLDERS.map(|kind| files(&path.join(kind)));
    Ok(Documents {
        configuration: match configuration.is_file() {
            true => slim_document(&configuration)?,
            false => Schema::default(),
        },
        resources: resources?,
        data_sources: data_sources?,
        ephemeral_resources: ephemeral_resources?,
        functions: match functions.is_file() {
            true => decoded("functions", &text(&functions)?)?.functions,
            false => BTreeMap::new(),
        },
    })
}

/// Returns the documents in a folder by type. A folder that does not exist contains no documents.
fn files(folder: &Path) -> Result<Types, DocumentError> {
    let failed = |source| DocumentError::File {
        path: folder.to_owned(),
        source,
    };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Types::new()),
        entries => entries.map_err(failed)?,
    };
    let mut types = Types::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if let Some(name) = name.strip_suffix(".json") {
            types.insert(name.to_owned(), TypeText::File(path.clone()));
        }
    }
    Ok(types)
}
