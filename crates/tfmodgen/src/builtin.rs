//! The resource type `terraform_data`, which is built into Terraform and OpenTofu and stores a value in the state. Its
//! schema is defined here because it does not require an installed provider.
//! Source: "The terraform_data Managed Resource Type" in the Terraform and OpenTofu documentation.

use std::collections::BTreeMap;

use tfschema::{Attribute, AttributeKind, ProviderSchema, Schema, Type};

use crate::block::{Block, BlockBuilder, BlockReference, Handle};
use crate::expr::{Expr, Known};
use crate::marker::Str;

/// Builder for a `terraform_data` resource.
#[derive(Clone, Debug)]
pub struct TerraformData(Block);

impl TerraformData {
    /// Returns a resource with the specified label.
    pub fn new(label: &str) -> Self {
        Self(Block::resource("terraform_data", label))
    }

    /// Sets the value to store. With `ignore_changes("input")`, the resource keeps the value from the first apply.
    #[must_use]
    pub fn input(mut self, value: impl Known) -> Self {
        self.0.body().set("input", value.known());
        self
    }
}

impl BlockBuilder for TerraformData {
    type Reference = TerraformDataReference;

    fn block(&mut self) -> &mut Block {
        &mut self.0
    }

    fn into_block(self) -> Block {
        self.0
    }
}

/// Reference to a `terraform_data` resource.
#[derive(Clone, Debug)]
pub struct TerraformDataReference(Handle);

impl TerraformDataReference {
    /// Returns the unique ID, which is generated when the resource is created.
    pub fn id(&self) -> Expr<Str> {
        self.0.attribute("id")
    }

    /// Returns the stored value. Unlike `output`, the value is known when the first apply is planned.
    pub fn input<T>(&self) -> Expr<T> {
        self.0.attribute("input")
    }
}

impl BlockReference for TerraformDataReference {
    fn at(handle: Handle) -> Self {
        Self(handle)
    }

    fn handle(&self) -> &Handle {
        &self.0
    }
}

/// Returns the schema of the built-in provider.
pub(crate) fn schema() -> ProviderSchema {
    let attribute = |ty: Type, optional: bool| Attribute {
        kind: AttributeKind::Type(ty),
        description: String::new(),
        required: false,
        optional,
        computed: !optional,
        sensitive: false,
        write_only: false,
        deprecated: None,
    };
    let attributes = [
        ("id", attribute(Type::String, false)),
        ("input", attribute(Type::Dynamic, true)),
        ("output", attribute(Type::Dynamic, false)),
        ("triggers_replace", attribute(Type::Dynamic, true)),
    ];
    let attributes = attributes.map(|(name, attribute)| (name.to_owned(), attribute));
    let data = Schema {
        version: 0,
        block: tfschema::Block {
            attributes: BTreeMap::from(attributes),
            ..tfschema::Block::default()
        },
    };
    ProviderSchema {
        resources: BTreeMap::from([("terraform_data".to_owned(), data)]),
        ..ProviderSchema::default()
    }
}
