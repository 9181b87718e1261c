//! Rust types for complete schemas, and their definitions, which consist of a schema, rules, and timeouts.

use std::collections::BTreeMap;

use tfschema::{Block, IdentityAttribute, IdentitySchema, Schema, Value};

use crate::attribute::{AttributeType, Codec, Shape};
use crate::rules::{ForImport, ObjectRules};
use crate::timeouts::Timeouts;

/// Schema, rules, and timeouts of a resource, data source, ephemeral resource, or provider configuration.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Definition {
    /// Type name, such as `hello_greeting`.
    pub type_name: String,
    /// Schema.
    pub schema: Schema,
    /// Planning and validation rules that the schema does not contain.
    pub rules: ObjectRules,
    /// Default timeouts for operations.
    pub timeouts: Timeouts,
    /// Version of the identity schema. It is ignored if no attribute is part of the identity.
    pub identity_version: i64,
}

/// Rust type for the state of a resource, for the configuration and result of a data source or ephemeral resource, or for
/// the configuration of a provider.
///
/// To implement this trait, use `#[derive(Schema)]` with `#[resource(…)]`, `#[data_source(…)]`, `#[ephemeral_resource(…)]`,
/// or `#[provider]`.
pub trait Model: Codec {
    /// Type of the planned value, in which every part can be null or unknown.
    type Plan: Codec + Clone + Default;

    /// Returns the schema and rules.
    fn definition() -> Definition;
}

/// Request to validate a configuration.
#[non_exhaustive]
pub struct Validate<M: Model> {
    /// Configuration, any part of which can be unknown.
    pub config: M::Plan,
}

impl<M: Model> Validate<M> {
    /// Creates a request with this configuration, for use in unit tests.
    pub fn for_test(config: impl Into<M::Plan>) -> Self {
        Self {
            config: config.into(),
        }
    }
}

/// Untyped model. A resource that uses it returns its schema from [`Resource::definition`](crate::Resource::definition).
impl Model for Value {
    type Plan = Value;

    fn definition() -> Definition {
        Definition::default()
    }
}

impl Definition {
    /// Creates a definition from a schema, without rules or timeouts.
    pub fn new(type_name: impl Into<String>, schema: Schema) -> Self {
        Self {
            type_name: type_name.into(),
            schema,
            ..Self::default()
        }
    }

    /// Sets the rules.
    #[must_use]
    pub fn rules(mut self, rules: ObjectRules) -> Self {
        self.rules = rules;
        self
    }

    /// Sets the default timeouts.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Sets the version of the identity schema.
    #[must_use]
    pub fn identity_version(mut self, version: i64) -> Self {
        self.identity_version = version;
        self
    }

    /// Returns the identity schema, or `None` if no attribute is part of the identity.
    pub fn identity(&self) -> Option<IdentitySchema> {
        let attributes = &self.schema.block.attributes;
        let identity = self.rules.identity().filter_map(|(name, import)| {
            let attribute = attributes.get(name)?;
            let mut identity = IdentityAttribute::new(attribute.implied_type());
            identity.description.clone_from(&attribute.description);
            identity.required_for_import = import == ForImport::Required;
            Some((name.to_owned(), identity))
        });
        let attributes: BTreeMap<_, _> = identity.collect();
        (!attributes.is_empty()).then_some(IdentitySchema {
            version: self.identity_version,
            attributes,
        })
    }

    /// Creates the definition of a resource whose state has the type `M`.
    pub fn resource<M: AttributeType>(type_name: &str, version: i64, timeouts: Timeouts) -> Self {
        let (block, rules) = content(M::shape());
        Self {
            type_name: type_name.to_owned(),
            schema: Schema::new(version, block),
            rules,
            timeouts,
            identity_version: 0,
        }
    }

    /// Creates the definition of a data source whose configuration and result have the type `M`.
    pub fn data_source<M: AttributeType>(type_name: &str, timeouts: Timeouts) -> Self {
        Self::resource::<M>(type_name, 0, timeouts)
    }

    /// Creates the definition of an ephemeral resource whose configuration and result have the type `M`.
    pub fn ephemeral_resource<M: AttributeType>(type_name: &str) -> Self {
        Self::resource::<M>(type_name, 0, Timeouts::default())
    }

    /// Creates the definition of a provider whose configuration has the type `M`.
    pub fn provider<M: AttributeType>() -> Self {
        Self::resource::<M>("", 0, Timeouts::default())
    }
}

fn content(shape: Shape) -> (Block, ObjectRules) {
    match shape {
        Shape::Type(_) => (Block::new(), ObjectRules::new()),
        Shape::Object { block, rules, .. } => (block, rules),
    }
}
