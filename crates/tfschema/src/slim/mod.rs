//! Slim schemas: one JSON document for each type, without descriptions, for version control and readable diffs.
//!
//! ```json
//! {
//!   "made_by": "cargo xtask schema import",
//!   "version": 0,
//!   "attributes": {
//!     "name": ["string", "r"],
//!     "services": [{"nesting": "map", "attributes": {
//!       "cpu": ["number", "r"]
//!     }}, "o"],
//!     "tags": [["map","string"], "o"]
//!   },
//!   "blocks": {
//!     "left": {"nesting": "list", "max": 1, "shape": "left"},
//!     "right": {"nesting": "list", "max": 1, "shape": "left"}
//!   },
//!   "shapes": {
//!     "left": {"attributes": {
//!       "id": ["string", "oc"]
//!     }}
//!   }
//! }
//! ```
//!
//! Flags: `r` required, `o` optional, `c` computed, `s` sensitive, `w` write-only, `d` deprecated. A body that occurs
//! several times in a document is written once, below `shapes`, which keeps documents for recursively nested types
//! small.
//!
//! The module performs no I/O.

mod intern;
mod read;
mod write;

use std::collections::BTreeMap;

pub use read::{SlimError, made_by, read};
pub use write::write;

use crate::{Attribute, AttributeKind, Block, NestedBlock, NestedObject, ProviderSchema, Schema};

/// Flags of an attribute, in the order in which they are written.
const FLAGS: [(char, Get, Set); 6] = [
    ('r', |a| a.required, |a| a.required = true),
    ('o', |a| a.optional, |a| a.optional = true),
    ('c', |a| a.computed, |a| a.computed = true),
    ('s', |a| a.sensitive, |a| a.sensitive = true),
    ('w', |a| a.write_only, |a| a.write_only = true),
    (
        'd',
        |a| a.deprecated.is_some(),
        |a| a.deprecated = Some(String::new()),
    ),
];

type Get = fn(&Attribute) -> bool;
type Set = fn(&mut Attribute);

/// Folders of a provider's documents, one for each kind of type.
pub const FOLDERS: [&str; 3] = ["resources", "data_sources", "ephemeral_resources"];

/// Path of the document with the provider's configuration in a provider's folder.
pub const CONFIGURATION: &str = "provider.json";

/// Error in a document in a provider's folder.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be read")]
pub struct FolderError {
    /// Path of the document.
    pub path: String,
    /// Reason.
    #[source]
    pub source: SlimError,
}

/// Reads the documents of a provider, keyed by paths such as `resources/aws_vpc.json` and `provider.json`. Other paths are
/// ignored.
///
/// # Errors
/// Returns an error with the path if a document cannot be read.
pub fn read_folder<'a>(
    documents: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<ProviderSchema, FolderError> {
    let mut provider = ProviderSchema::default();
    for (path, text) in documents {
        let located = |source| FolderError {
            path: path.to_owned(),
            source,
        };
        if path == CONFIGURATION {
            provider.provider = read(text).map_err(located)?;
        }
        let Some((folder, name)) = path.split_once('/') else {
            continue;
        };
        let (Some(types), Some(name)) =
            (types_mut(&mut provider, folder), name.strip_suffix(".json"))
        else {
            continue;
        };
        let schema = read(text).map_err(located)?;
        types.insert(name.to_owned(), schema);
    }
    Ok(provider)
}

/// Writes a provider as documents, keyed by paths such as `resources/aws_vpc.json` and `provider.json`. Omits an empty
/// configuration of the provider, and the functions.
pub fn write_folder(provider: &ProviderSchema, made_by: &str) -> BTreeMap<String, String> {
    let kinds = [
        &provider.resources,
        &provider.data_sources,
        &provider.ephemeral_resources,
    ];
    let types = FOLDERS
        .into_iter()
        .zip(kinds)
        .flat_map(|(folder, types)| types.iter().map(move |named| (folder, named)))
        .map(|(folder, (name, schema))| (format!("{folder}/{name}.json"), write(schema, made_by)));
    let configuration = Some(&provider.provider).filter(|schema| **schema != Schema::default());
    let configuration =
        configuration.map(|schema| (CONFIGURATION.to_owned(), write(schema, made_by)));
    types.chain(configuration).collect()
}

fn types_mut<'a>(
    provider: &'a mut ProviderSchema,
    folder: &str,
) -> Option<&'a mut BTreeMap<String, Schema>> {
    match folder {
        "resources" => Some(&mut provider.resources),
        "data_sources" => Some(&mut provider.data_sources),
        "ephemeral_resources" => Some(&mut provider.ephemeral_resources),
        _ => None,
    }
}

/// Returns the schema in the form of a slim document, without descriptions and deprecation messages.
pub fn without_descriptions(schema: &Schema) -> Schema {
    Schema::new(schema.version, stripped_block(&schema.block))
}

fn stripped_block(block: &Block) -> Block {
    let blocks = block.blocks.iter().map(|(name, nested)| {
        let nested = NestedBlock {
            block: stripped_block(&nested.block),
            ..nested.clone()
        };
        (name.clone(), nested)
    });
    Block {
        attributes: stripped_attributes(&block.attributes),
        blocks: blocks.collect(),
        description: String::new(),
        deprecated: without_message(block.deprecated.as_ref()),
    }
}

fn stripped_attributes(attributes: &BTreeMap<String, Attribute>) -> BTreeMap<String, Attribute> {
    let attributes = attributes.iter().map(|(name, attribute)| {
        let kind = match &attribute.kind {
            AttributeKind::Type(ty) => AttributeKind::Type(ty.clone()),
            AttributeKind::Nested(nested) => AttributeKind::Nested(NestedObject {
                nesting: nested.nesting,
                attributes: stripped_attributes(&nested.attributes),
            }),
        };
        let attribute = Attribute {
            kind,
            description: String::new(),
            deprecated: without_message(attribute.deprecated.as_ref()),
            ..attribute.clone()
        };
        (name.clone(), attribute)
    });
    attributes.collect()
}

fn without_message(deprecated: Option<&String>) -> Option<String> {
    deprecated.map(|_| String::new())
}
