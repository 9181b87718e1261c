//! The one resource that both command lines bring themselves: `terraform_data`, which keeps a value in the state. Its
//! schema is written here, because no provider has to be installed for it.
//! Source: "The terraform_data Managed Resource Type" of both command lines' documentation.

use std::collections::BTreeMap;

use tfschema::{Attribute, AttributeKind, ProviderSchema, Schema, Type};

use crate::block::{Block, BlockBuilder, BlockReference, Handle};
use crate::expr::{Expr, Known};
use crate::marker::Str;

/// A resource `terraform_data`.
#[derive(Clone, Debug)]
pub struct TerraformData(Block);

impl TerraformData {
    /// The resource under a label.
    pub fn new(label: &str) -> Self {
        Self(Block::resource("terraform_data", label))
    }

    /// The value that is kept. With `ignore_changes("input")` it is that of the first apply.
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

/// A reference to a resource `terraform_data`.
#[derive(Clone, Debug)]
pub struct TerraformDataReference(Handle);

impl TerraformDataReference {
    /// A text that is unique, made up when the resource is created.
    pub fn id(&self) -> Expr<Str> {
        self.0.attribute("id")
    }

    /// The kept value, which the plan of the first apply knows already, unlike `output`.
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

/// The schema of the provider that serves it.
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
