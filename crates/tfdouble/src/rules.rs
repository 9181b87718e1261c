//! Rule files, which state what a schema does not contain: defaults, allowed values, conflicts, replacement, and values.
//!
//! The folder contains `provider.json`, and a file for each type, such as `resources/aws_vpc.json`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use tfschema::Schema;

/// Reason that prevents a rule file from being used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RulesError {
    /// The file cannot be read.
    #[error("{} cannot be read", path.display())]
    File {
        /// Path of the file.
        path: PathBuf,
        /// Reason.
        #[source]
        source: io::Error,
    },
    /// The file does not have the form of a rule file.
    #[error("{} is not a valid rule file", path.display())]
    Form {
        /// Path of the file.
        path: PathBuf,
        /// Reason.
        #[source]
        source: serde_json::Error,
    },
    /// A rule names an attribute that the schema does not contain.
    #[error(
        "the rules for {type_name} name the attribute {attribute}, which the schema does not contain"
    )]
    Attribute {
        /// Type of the object.
        type_name: String,
        /// Path in the rule file.
        attribute: String,
    },
    /// A default does not have the type of its attribute.
    #[error(
        "the default of {attribute} in the rules for {type_name} does not have the type of the attribute"
    )]
    Default {
        /// Type of the object.
        type_name: String,
        /// Path in the rule file.
        attribute: String,
        /// Reason.
        #[source]
        source: Box<tfschema::json::ValueJsonError>,
    },
}

/// Rules for a provider.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ProviderRules {
    /// Templates by name, for use as `{var.NAME}`.
    pub(crate) variables: BTreeMap<String, Json>,
    /// Rules for attributes of resources that have no rule in the file of their type.
    pub(crate) attributes: BTreeMap<String, AttributeRule>,
}

/// Rules for a resource, data source, or ephemeral resource.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TypeRules {
    /// Template of the import ID. Defaults to the attribute `id`.
    pub(crate) import_id: Option<String>,
    /// Rules by attribute. A path such as `setting.name` names an attribute in a nested block.
    pub(crate) attributes: BTreeMap<String, AttributeRule>,
    /// Groups of attributes of which at most one can be set.
    pub(crate) conflicts: Vec<Vec<String>>,
    /// Groups of attributes of which at least one must be set.
    pub(crate) at_least_one_of: Vec<Vec<String>>,
    /// Groups of attributes that must be set together.
    pub(crate) required_together: Vec<Vec<String>>,
}

/// Rules for an attribute.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AttributeRule {
    /// Template of the value that the provider determines.
    pub(crate) value: Option<Json>,
    /// Whether the plan contains the value if everything that it refers to is known.
    pub(crate) at_plan: bool,
    /// Value if the attribute is not configured.
    pub(crate) default: Option<Json>,
    /// Whether a change forces a new resource.
    pub(crate) replace: bool,
    /// Whether the value is unknown in the plan of an update.
    pub(crate) unknown_on_update: bool,
    /// Allowed strings.
    pub(crate) one_of: Vec<String>,
}

impl TypeRules {
    /// Returns whether a rule names an attribute or block, or the path of a rule contains it.
    pub(crate) fn mention(&self, name: &str) -> bool {
        let groups = [
            &self.conflicts,
            &self.at_least_one_of,
            &self.required_together,
        ];
        let grouped = groups.into_iter().flatten().flatten();
        let paths = self.attributes.keys().chain(grouped);
        paths
            .flat_map(|path| path.split('.'))
            .any(|part| part == name)
    }

    /// Adds the rules of the provider for attributes that have no rule.
    pub(crate) fn complete(&mut self, schema: &Schema, provider: &ProviderRules) {
        for (name, rule) in &provider.attributes {
            if schema.block.attributes.contains_key(name) {
                let rules = &mut self.attributes;
                rules.entry(name.clone()).or_insert_with(|| rule.clone());
            }
        }
    }
}

/// Results of a function.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FunctionRules {
    /// Calls and their results. The first call with equal arguments applies.
    pub(crate) calls: Vec<FunctionCall>,
}

/// Call of a function.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FunctionCall {
    /// Arguments.
    pub(crate) arguments: Vec<Json>,
    /// Result.
    pub(crate) result: Json,
}

/// Folder with rule files, which might not exist.
#[derive(Clone)]
pub(crate) struct Folder(Option<PathBuf>);

impl Folder {
    /// Returns a folder.
    pub(crate) fn at(path: Option<PathBuf>) -> Self {
        Self(path)
    }

    /// Returns where the rules of a type belong, for messages.
    pub(crate) fn place(&self, kind: &str, name: &str) -> String {
        let folder = self.0.as_deref().unwrap_or(Path::new("rules"));
        folder
            .join(kind)
            .join(format!("{name}.json"))
            .display()
            .to_string()
    }

    /// Reads the rules for the provider.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read.
    pub(crate) fn provider(&self) -> Result<ProviderRules, RulesError> {
        let path = self.0.as_ref().map(|folder| folder.join("provider.json"));
        Ok(read(path)?.unwrap_or_default())
    }

    /// Reads the rules for a type. Returns `None` if it has no rules.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read.
    pub(crate) fn of<T: DeserializeOwned>(
        &self,
        kind: &str,
        name: &str,
    ) -> Result<Option<T>, RulesError> {
        let folder = self.0.as_ref();
        read(folder.map(|folder| folder.join(kind).join(format!("{name}.json"))))
    }
}

fn read<T: DeserializeOwned>(path: Option<PathBuf>) -> Result<Option<T>, RulesError> {
    let Some(path) = path else {
        return Ok(None);
    };
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(RulesError::File { path, source }),
        Ok(text) => text,
    };
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|source| RulesError::Form { path, source })
}
