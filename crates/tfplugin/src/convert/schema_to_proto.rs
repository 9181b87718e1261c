//! Conversions of schemas to protocol messages.

use std::collections::BTreeMap;

use tfplugin_proto::bytes::Bytes;
use tfplugin_proto::tfplugin6 as proto;
use tfplugin_proto::tfplugin6::resource_identity_schema::IdentityAttribute;
use tfplugin_proto::tfplugin6::schema::{nested_block, object};
use tfschema::{
    Attribute, AttributeKind, Block, BlockNesting, Function, IdentitySchema, NestedBlock,
    NestedObject, ObjectNesting, Parameter, Schema, Type,
};

/// Converts a schema.
pub(crate) fn schema(schema: &Schema) -> proto::Schema {
    proto::Schema {
        version: schema.version,
        block: Some(block(&schema.block)),
    }
}

/// Converts a map of schemas by type name.
pub(crate) fn schemas(schemas: BTreeMap<String, Schema>) -> BTreeMap<String, proto::Schema> {
    let schemas = schemas.into_iter();
    schemas.map(|(name, each)| (name, schema(&each))).collect()
}

/// Converts an identity schema.
pub(crate) fn identity(identity: &IdentitySchema) -> proto::ResourceIdentitySchema {
    let attributes = identity.attributes.iter();
    proto::ResourceIdentitySchema {
        version: identity.version,
        identity_attributes: attributes
            .map(|(name, attribute)| IdentityAttribute {
                name: name.clone(),
                r#type: type_constraint(&attribute.ty),
                required_for_import: attribute.required_for_import,
                optional_for_import: !attribute.required_for_import,
                description: attribute.description.clone(),
            })
            .collect(),
    }
}

/// Converts a function signature.
pub(crate) fn function(function: &Function) -> proto::Function {
    proto::Function {
        parameters: function.parameters.iter().map(parameter).collect(),
        variadic_parameter: function.variadic_parameter.as_ref().map(parameter),
        r#return: Some(proto::function::Return {
            r#type: type_constraint(&function.return_type),
        }),
        summary: function.summary.clone(),
        description: function.description.clone(),
        description_kind: proto::StringKind::Markdown.into(),
        deprecation_message: function.deprecated.clone().unwrap_or_default(),
    }
}

fn parameter(parameter: &Parameter) -> proto::function::Parameter {
    proto::function::Parameter {
        name: parameter.name.clone(),
        r#type: type_constraint(&parameter.ty),
        allow_null_value: parameter.allow_null,
        allow_unknown_values: parameter.allow_unknown,
        description: parameter.description.clone(),
        description_kind: proto::StringKind::Markdown.into(),
    }
}

/// Encodes a type constraint as JSON.
fn type_constraint(ty: &Type) -> Bytes {
    ty.to_json().to_string().into()
}

fn block(block: &Block) -> proto::schema::Block {
    let (deprecated, deprecation_message) = deprecation(block.deprecated.as_ref());
    proto::schema::Block {
        attributes: attributes(&block.attributes),
        block_types: block
            .blocks
            .iter()
            .map(|(name, nested)| nested_block(name, nested))
            .collect(),
        description: block.description.clone(),
        description_kind: proto::StringKind::Markdown.into(),
        deprecated,
        deprecation_message,
        ..proto::schema::Block::default()
    }
}

fn attributes(attributes: &BTreeMap<String, Attribute>) -> Vec<proto::schema::Attribute> {
    attributes
        .iter()
        .map(|(name, each)| attribute(name, each))
        .collect()
}

fn attribute(name: &str, attribute: &Attribute) -> proto::schema::Attribute {
    let (deprecated, deprecation_message) = deprecation(attribute.deprecated.as_ref());
    let (r#type, nested_type) = match &attribute.kind {
        AttributeKind::Type(ty) => (type_constraint(ty), None),
        AttributeKind::Nested(nested) => (Bytes::new(), Some(nested_object(nested))),
    };
    proto::schema::Attribute {
        name: name.to_owned(),
        r#type,
        nested_type,
        description: attribute.description.clone(),
        description_kind: proto::StringKind::Markdown.into(),
        required: attribute.required,
        optional: attribute.optional,
        computed: attribute.computed,
        sensitive: attribute.sensitive,
        write_only: attribute.write_only,
        deprecated,
        deprecation_message,
    }
}

fn deprecation(deprecated: Option<&String>) -> (bool, String) {
    (
        deprecated.is_some(),
        deprecated.cloned().unwrap_or_default(),
    )
}

fn nested_object(nested: &NestedObject) -> proto::schema::Object {
    let nesting = match nested.nesting {
        ObjectNesting::Single => object::NestingMode::Single,
        ObjectNesting::List => object::NestingMode::List,
        ObjectNesting::Set => object::NestingMode::Set,
        ObjectNesting::Map => object::NestingMode::Map,
    };
    proto::schema::Object {
        attributes: attributes(&nested.attributes),
        nesting: nesting.into(),
        ..proto::schema::Object::default()
    }
}

fn nested_block(name: &str, nested: &NestedBlock) -> proto::schema::NestedBlock {
    let nesting = match nested.nesting {
        BlockNesting::Single => nested_block::NestingMode::Single,
        BlockNesting::Group => nested_block::NestingMode::Group,
        BlockNesting::List => nested_block::NestingMode::List,
        BlockNesting::Set => nested_block::NestingMode::Set,
        BlockNesting::Map => nested_block::NestingMode::Map,
    };
    let bound = |items: u64| i64::try_from(items).unwrap_or(i64::MAX);
    proto::schema::NestedBlock {
        type_name: name.to_owned(),
        block: Some(block(&nested.block)),
        nesting: nesting.into(),
        min_items: bound(nested.min_items),
        max_items: bound(nested.max_items),
    }
}
