//! Reads and writes schemas in the form of `providers schema -json`, format version 1.0.
//!
//! The following information is deliberately not preserved:
//!
//! - The kind of a description. All descriptions are treated as Markdown, and the writer uses `plain` for empty
//!   descriptions.
//! - Whether a parameter allows unknown values. Terraform and OpenTofu do not print this flag.
//! - Actions and list resources.
//! - The difference between a missing and an empty provider configuration schema.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::{
    Attribute, AttributeKind, Block, BlockNesting, Function, IdentityAttribute, IdentitySchema,
    NestedBlock, NestedObject, ObjectNesting, Parameter, ProviderSchema, Schema, Type, TypeError,
};

/// Error for a document that is not the output of `providers schema -json`.
#[derive(Debug, thiserror::Error)]
pub enum SchemaJsonError {
    /// A member is missing or has an invalid value.
    #[error("{place}: {problem}")]
    Form {
        /// Path within the document, separated by slashes.
        place: String,
        /// Reason.
        problem: &'static str,
    },
    /// A type constraint is invalid.
    #[error("{place}: invalid type constraint")]
    Type {
        /// Path within the document, separated by slashes.
        place: String,
        /// Error from the type parser.
        #[source]
        source: TypeError,
    },
}

type Members = Map<String, Json>;

/// Reads every provider of a `providers schema -json` document, keyed by provider source address.
///
/// # Errors
/// Returns an error with the path if the document has a different form.
pub fn read_provider_schemas(
    document: &Json,
) -> Result<BTreeMap<String, ProviderSchema>, SchemaJsonError> {
    let place = Place::root();
    let root = place.members(document)?;
    match root.get("provider_schemas") {
        None => Ok(BTreeMap::new()),
        Some(providers) => place
            .child("provider_schemas")
            .each(providers, read_provider),
    }
}

/// Writes providers in the form of `providers schema -json`.
pub fn write_provider_schemas(providers: &BTreeMap<String, ProviderSchema>) -> Json {
    let providers: Members = providers
        .iter()
        .map(|(address, schema)| (address.clone(), provider(schema)))
        .collect();
    json!({ "format_version": "1.0", "provider_schemas": providers })
}

/// Position of the reader in the document, for use in errors.
struct Place(String);

impl Place {
    fn root() -> Self {
        Self(String::new())
    }

    fn child(&self, name: &str) -> Self {
        Self(if self.0.is_empty() {
            name.to_owned()
        } else {
            format!("{}/{name}", self.0)
        })
    }

    fn form(&self, problem: &'static str) -> SchemaJsonError {
        SchemaJsonError::Form {
            place: self.0.clone(),
            problem,
        }
    }

    fn members<'a>(&self, json: &'a Json) -> Result<&'a Members, SchemaJsonError> {
        json.as_object()
            .ok_or_else(|| self.form("an object is required"))
    }

    fn each<T>(
        &self,
        json: &Json,
        read: impl Fn(&Json, &Place) -> Result<T, SchemaJsonError>,
    ) -> Result<BTreeMap<String, T>, SchemaJsonError> {
        self.members(json)?
            .iter()
            .map(|(name, json)| Ok((name.clone(), read(json, &self.child(name))?)))
            .collect()
    }

    fn optional<T>(
        &self,
        members: &Members,
        name: &str,
        read: impl Fn(&Json, &Place) -> Result<T, SchemaJsonError>,
    ) -> Result<BTreeMap<String, T>, SchemaJsonError> {
        members.get(name).map_or(Ok(BTreeMap::new()), |json| {
            self.child(name).each(json, read)
        })
    }

    fn ty(&self, json: &Json) -> Result<Type, SchemaJsonError> {
        Type::from_json(json).map_err(|source| SchemaJsonError::Type {
            place: self.0.clone(),
            source,
        })
    }
}

fn read_provider(json: &Json, place: &Place) -> Result<ProviderSchema, SchemaJsonError> {
    let members = place.members(json)?;
    let provider = members
        .get("provider")
        .map_or(Ok(Schema::default()), |json| {
            read_schema(json, &place.child("provider"))
        })?;
    Ok(ProviderSchema {
        provider,
        resources: place.optional(members, "resource_schemas", read_schema)?,
        data_sources: place.optional(members, "data_source_schemas", read_schema)?,
        ephemeral_resources: place.optional(members, "ephemeral_resource_schemas", read_schema)?,
        functions: place.optional(members, "functions", read_function)?,
        identities: place.optional(members, "resource_identity_schemas", read_identity)?,
    })
}

fn read_schema(json: &Json, place: &Place) -> Result<Schema, SchemaJsonError> {
    let members = place.members(json)?;
    let version = members.get("version").and_then(Json::as_i64).unwrap_or(0);
    let block = members.get("block").map_or(Ok(Block::new()), |json| {
        read_block(json, &place.child("block"))
    })?;
    Ok(Schema { version, block })
}

fn read_block(json: &Json, place: &Place) -> Result<Block, SchemaJsonError> {
    let members = place.members(json)?;
    Ok(Block {
        attributes: place.optional(members, "attributes", read_attribute)?,
        blocks: place.optional(members, "block_types", read_nested_block)?,
        description: text(members, "description"),
        deprecated: deprecated(members),
    })
}

fn read_nested_block(json: &Json, place: &Place) -> Result<NestedBlock, SchemaJsonError> {
    let members = place.members(json)?;
    let nesting = match text(members, "nesting_mode").as_str() {
        "single" => BlockNesting::Single,
        "group" => BlockNesting::Group,
        "list" => BlockNesting::List,
        "set" => BlockNesting::Set,
        "map" => BlockNesting::Map,
        _ => return Err(place.form("nesting_mode must be single, group, list, set, or map")),
    };
    let block = members.get("block").map_or(Ok(Block::new()), |json| {
        read_block(json, &place.child("block"))
    })?;
    let count = |name| members.get(name).and_then(Json::as_u64).unwrap_or(0);
    Ok(NestedBlock {
        nesting,
        block,
        min_items: count("min_items"),
        max_items: count("max_items"),
    })
}

fn read_attribute(json: &Json, place: &Place) -> Result<Attribute, SchemaJsonError> {
    let members = place.members(json)?;
    let kind = match (members.get("type"), members.get("nested_type")) {
        (Some(ty), None) => AttributeKind::Type(place.ty(ty)?),
        (None, Some(nested)) => {
            AttributeKind::Nested(read_nested_object(nested, &place.child("nested_type"))?)
        }
        _ => return Err(place.form("exactly one of type and nested_type is required")),
    };
    let flag = |name| members.get(name).and_then(Json::as_bool).unwrap_or(false);
    Ok(Attribute {
        kind,
        description: text(members, "description"),
        required: flag("required"),
        optional: flag("optional"),
        computed: flag("computed"),
        sensitive: flag("sensitive"),
        write_only: flag("write_only"),
        deprecated: deprecated(members),
    })
}

fn read_nested_object(json: &Json, place: &Place) -> Result<NestedObject, SchemaJsonError> {
    let members = place.members(json)?;
    let nesting = match text(members, "nesting_mode").as_str() {
        "single" => ObjectNesting::Single,
        "list" => ObjectNesting::List,
        "set" => ObjectNesting::Set,
        "map" => ObjectNesting::Map,
        _ => return Err(place.form("nesting_mode must be single, list, set, or map")),
    };
    Ok(NestedObject {
        nesting,
        attributes: place.optional(members, "attributes", read_attribute)?,
    })
}

fn read_function(json: &Json, place: &Place) -> Result<Function, SchemaJsonError> {
    let members = place.members(json)?;
    let return_type = members
        .get("return_type")
        .ok_or_else(|| place.form("return_type is missing"))?;
    let parameters = match members.get("parameters") {
        None => Vec::new(),
        Some(Json::Array(parameters)) => {
            let place = place.child("parameters");
            parameters
                .iter()
                .map(|json| read_parameter(json, &place))
                .collect::<Result<_, _>>()?
        }
        Some(_) => return Err(place.form("parameters must be an array")),
    };
    let variadic = members.get("variadic_parameter");
    Ok(Function {
        parameters,
        variadic_parameter: variadic
            .map(|json| read_parameter(json, &place.child("variadic_parameter")))
            .transpose()?,
        return_type: place.child("return_type").ty(return_type)?,
        summary: text(members, "summary"),
        description: text(members, "description"),
        deprecated: members
            .get("deprecation_message")
            .and_then(Json::as_str)
            .map(str::to_owned),
    })
}

fn read_parameter(json: &Json, place: &Place) -> Result<Parameter, SchemaJsonError> {
    let members = place.members(json)?;
    let ty = members
        .get("type")
        .ok_or_else(|| place.form("type is missing"))?;
    let flag = |name| members.get(name).and_then(Json::as_bool).unwrap_or(false);
    Ok(Parameter {
        name: text(members, "name"),
        ty: place.ty(ty)?,
        description: text(members, "description"),
        allow_null: flag("is_nullable"),
        allow_unknown: flag("allow_unknown_values"),
    })
}

fn read_identity(json: &Json, place: &Place) -> Result<IdentitySchema, SchemaJsonError> {
    let members = place.members(json)?;
    Ok(IdentitySchema {
        version: members.get("version").and_then(Json::as_i64).unwrap_or(0),
        attributes: place.optional(members, "attributes", read_identity_attribute)?,
    })
}

fn read_identity_attribute(
    json: &Json,
    place: &Place,
) -> Result<IdentityAttribute, SchemaJsonError> {
    let members = place.members(json)?;
    let ty = members
        .get("type")
        .ok_or_else(|| place.form("type is missing"))?;
    let required = members.get("required_for_import").and_then(Json::as_bool);
    Ok(IdentityAttribute {
        ty: place.ty(ty)?,
        description: text(members, "description"),
        required_for_import: required.unwrap_or(false),
    })
}

fn text(members: &Members, name: &str) -> String {
    members
        .get(name)
        .and_then(Json::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn deprecated(members: &Members) -> Option<String> {
    members
        .get("deprecated")
        .and_then(Json::as_bool)
        .unwrap_or(false)
        .then(|| text(members, "deprecation_message"))
}

fn provider(schema: &ProviderSchema) -> Json {
    let mut members = Members::new();
    members.insert("provider".into(), write_schema(&schema.provider));
    let sections = [
        ("resource_schemas", &schema.resources),
        ("data_source_schemas", &schema.data_sources),
        ("ephemeral_resource_schemas", &schema.ephemeral_resources),
    ];
    for (section, schemas) in sections
        .into_iter()
        .filter(|(_, schemas)| !schemas.is_empty())
    {
        members.insert(section.into(), named(schemas, write_schema));
    }
    if !schema.functions.is_empty() {
        members.insert("functions".into(), named(&schema.functions, write_function));
    }
    if !schema.identities.is_empty() {
        let identities = named(&schema.identities, write_identity);
        members.insert("resource_identity_schemas".into(), identities);
    }
    Json::Object(members)
}

fn write_identity(identity: &IdentitySchema) -> Json {
    json!({
        "version": identity.version,
        "attributes": named(&identity.attributes, write_identity_attribute),
    })
}

fn write_identity_attribute(attribute: &IdentityAttribute) -> Json {
    let mut members = Members::new();
    members.insert("type".into(), attribute.ty.to_json());
    if !attribute.description.is_empty() {
        members.insert("description".into(), attribute.description.as_str().into());
    }
    let import = match attribute.required_for_import {
        true => "required_for_import",
        false => "optional_for_import",
    };
    members.insert(import.into(), true.into());
    Json::Object(members)
}

fn named<T>(items: &BTreeMap<String, T>, write: impl Fn(&T) -> Json) -> Json {
    Json::Object(
        items
            .iter()
            .map(|(name, item)| (name.clone(), write(item)))
            .collect(),
    )
}

fn write_schema(schema: &Schema) -> Json {
    json!({ "version": schema.version, "block": write_block(&schema.block) })
}

fn write_block(block: &Block) -> Json {
    let mut members = Members::new();
    if !block.attributes.is_empty() {
        members.insert(
            "attributes".into(),
            named(&block.attributes, write_attribute),
        );
    }
    if !block.blocks.is_empty() {
        members.insert(
            "block_types".into(),
            named(&block.blocks, write_nested_block),
        );
    }
    describe(
        &mut members,
        &block.description,
        block.deprecated.as_deref(),
    );
    Json::Object(members)
}

fn write_nested_block(nested: &NestedBlock) -> Json {
    let nesting = match nested.nesting {
        BlockNesting::Single => "single",
        BlockNesting::Group => "group",
        BlockNesting::List => "list",
        BlockNesting::Set => "set",
        BlockNesting::Map => "map",
    };
    let mut members = Members::new();
    members.insert("nesting_mode".into(), nesting.into());
    members.insert("block".into(), write_block(&nested.block));
    let bounds = [
        ("min_items", nested.min_items),
        ("max_items", nested.max_items),
    ];
    members.extend(
        bounds
            .into_iter()
            .filter(|(_, n)| *n > 0)
            .map(|(name, n)| (name.to_owned(), n.into())),
    );
    Json::Object(members)
}

fn write_attribute(attribute: &Attribute) -> Json {
    let mut members = Members::new();
    match &attribute.kind {
        AttributeKind::Type(ty) => members.insert("type".into(), ty.to_json()),
        AttributeKind::Nested(nested) => {
            members.insert("nested_type".into(), write_nested_object(nested))
        }
    };
    describe(
        &mut members,
        &attribute.description,
        attribute.deprecated.as_deref(),
    );
    let flags = [
        ("required", attribute.required),
        ("optional", attribute.optional),
        ("computed", attribute.computed),
        ("sensitive", attribute.sensitive),
        ("write_only", attribute.write_only),
    ];
    members.extend(
        flags
            .into_iter()
            .filter(|(_, set)| *set)
            .map(|(name, set)| (name.to_owned(), set.into())),
    );
    Json::Object(members)
}

fn write_nested_object(nested: &NestedObject) -> Json {
    let nesting = match nested.nesting {
        ObjectNesting::Single => "single",
        ObjectNesting::List => "list",
        ObjectNesting::Set => "set",
        ObjectNesting::Map => "map",
    };
    json!({ "attributes": named(&nested.attributes, write_attribute), "nesting_mode": nesting })
}

fn write_function(function: &Function) -> Json {
    let mut members = Members::new();
    let texts = [
        ("description", &function.description),
        ("summary", &function.summary),
    ];
    members.extend(
        texts
            .into_iter()
            .filter(|(_, t)| !t.is_empty())
            .map(|(n, t)| (n.to_owned(), t.as_str().into())),
    );
    if let Some(message) = &function.deprecated {
        members.insert("deprecation_message".into(), message.as_str().into());
    }
    members.insert("return_type".into(), function.return_type.to_json());
    if !function.parameters.is_empty() {
        members.insert(
            "parameters".into(),
            function.parameters.iter().map(write_parameter).collect(),
        );
    }
    if let Some(parameter) = &function.variadic_parameter {
        members.insert("variadic_parameter".into(), write_parameter(parameter));
    }
    Json::Object(members)
}

fn write_parameter(parameter: &Parameter) -> Json {
    let mut members = Members::new();
    members.insert("name".into(), parameter.name.as_str().into());
    members.insert("type".into(), parameter.ty.to_json());
    if !parameter.description.is_empty() {
        members.insert("description".into(), parameter.description.as_str().into());
    }
    if parameter.allow_null {
        members.insert("is_nullable".into(), true.into());
    }
    Json::Object(members)
}

fn describe(members: &mut Members, description: &str, deprecated: Option<&str>) {
    // Terraform and OpenTofu print the kind of a description even if the description is empty.
    let kind = if description.is_empty() {
        "plain"
    } else {
        members.insert("description".into(), description.into());
        "markdown"
    };
    members.insert("description_kind".into(), kind.into());
    if let Some(message) = deprecated {
        members.insert("deprecated".into(), true.into());
        if !message.is_empty() {
            members.insert("deprecation_message".into(), message.into());
        }
    }
}
