//! Reads schemas that were extracted from generated bindings: `{provider, resources, data}`.
//!
//! These schemas are approximate. They do not record whether a settable attribute is also computed, sensitive, or
//! write-only, item limits above one, or whether a nested object is an attribute or a block. Use them to determine what
//! a version removed.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value as Json;
use tfschema::{Attribute, Block, BlockNesting, NestedBlock, ProviderSchema, Schema, Type};

#[derive(Deserialize)]
struct Document {
    provider: Provider,
    resources: BTreeMap<String, Body>,
    data: BTreeMap<String, Body>,
}

#[derive(Deserialize)]
struct Provider {
    name: String,
    version: String,
}

#[derive(Deserialize)]
struct Body {
    /// Type and flag of each attribute, by name.
    a: BTreeMap<String, (String, String)>,
    b: BTreeMap<String, Nested>,
}

#[derive(Deserialize)]
struct Nested {
    mode: String,
    single: bool,
    req: bool,
    block: Body,
}

/// Returns whether a document has this format.
pub(super) fn is(json: &Json) -> bool {
    ["provider", "resources", "data"]
        .iter()
        .all(|member| json.get(member).is_some_and(Json::is_object))
}

/// Parses a document.
///
/// # Errors
/// Returns an error if the format is invalid, or if the document describes a different provider or version.
pub(super) fn read(json: &Json, provider: &str, version: &str) -> Result<ProviderSchema> {
    let document = Document::deserialize(json).context("not a schema extracted from bindings")?;
    let about = &document.provider;
    ensure!(
        about.name.ends_with(provider) && about.version == version,
        "the document describes {} {}",
        about.name,
        about.version
    );
    Ok(ProviderSchema {
        resources: schemas(document.resources)?,
        data_sources: schemas(document.data)?,
        ..ProviderSchema::default()
    })
}

fn schemas(bodies: BTreeMap<String, Body>) -> Result<BTreeMap<String, Schema>> {
    let schemas = bodies.into_iter().map(|(name, body)| {
        let block = block(body).with_context(|| format!("in {name}"))?;
        Ok((name, Schema::new(0, block)))
    });
    schemas.collect()
}

fn block(body: Body) -> Result<Block> {
    let mut result = Block::new();
    for (name, (ty, flag)) in body.a {
        let attribute = Attribute::of(read_type(&ty));
        let attribute = match flag.as_str() {
            "r" => attribute.required(),
            "o" => attribute.optional(),
            "c" => attribute.computed(),
            _ => bail!("{name}: `{flag}` is not a valid flag"),
        };
        result = result.attribute(name, attribute);
    }
    for (name, nested) in body.b {
        let nesting = match nested.mode.as_str() {
            "struct" => BlockNesting::Single,
            "list" => BlockNesting::List,
            "set" => BlockNesting::Set,
            "map" => BlockNesting::Map,
            mode => bail!("{name}: `{mode}` is not a valid nesting mode"),
        };
        let counted = matches!(nesting, BlockNesting::List | BlockNesting::Set);
        let nested = NestedBlock {
            min_items: u64::from(nested.req && counted),
            max_items: u64::from(nested.single && counted),
            ..NestedBlock::new(nesting, block(nested.block)?)
        };
        result = result.nested(name, nested);
    }
    Ok(result)
}

/// Parses a type. Types that the bindings model as a class become `any`.
fn read_type(text: &str) -> Type {
    let inner = |kind: &str| {
        text.strip_prefix(kind)?
            .strip_prefix('(')?
            .strip_suffix(')')
    };
    match text {
        "string" => Type::String,
        "number" => Type::Number,
        "bool" => Type::Bool,
        _ => match (inner("list"), inner("set"), inner("map")) {
            (Some(element), _, _) => read_type(element).list(),
            (_, Some(element), _) => read_type(element).set(),
            (_, _, Some(element)) => read_type(element).map(),
            _ => Type::Dynamic,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bindings_are_read_into_a_schema() {
        let body = json!({
            "a": {"id": ["string", "c"], "name": ["string", "r"], "tags": ["map(string)", "o"], "odd": ["complex:X", "o"]},
            "b": {"rule": {"mode": "set", "single": false, "req": true, "isBlock": true, "block": {"a": {}, "b": {}}},
                  "timeouts": {"mode": "struct", "single": true, "req": false, "isBlock": true, "block": {"a": {}, "b": {}}}},
        });
        let document = json!({
            "provider": {"name": "registry.terraform.io/hashicorp/aws", "version": "6.25.0"},
            "resources": {"aws_x": body}, "data": {},
        });
        assert!(is(&document));
        let schema = read(&document, "hashicorp/aws", "6.25.0").expect("the document is valid");
        let rule = NestedBlock {
            min_items: 1,
            ..NestedBlock::new(BlockNesting::Set, Block::new())
        };
        let expected = Block::new()
            .attribute("id", Attribute::of(Type::String).computed())
            .attribute("name", Attribute::of(Type::String).required())
            .attribute("tags", Attribute::of(Type::String.map()).optional())
            .attribute("odd", Attribute::of(Type::Dynamic).optional())
            .nested("rule", rule)
            .nested(
                "timeouts",
                NestedBlock::new(BlockNesting::Single, Block::new()),
            );
        assert_eq!(schema.resources["aws_x"], Schema::new(0, expected));

        let error = read(&document, "hashicorp/aws", "6.24.0").expect_err("the version differs");
        assert!(error.to_string().contains("6.25.0"), "{error}");
    }
}
