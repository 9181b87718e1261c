//! A whole schema as a Rust type, and its definition: schema, rules and timeouts.

use std::collections::BTreeMap;

use tfschema::{Block, IdentityAttribute, IdentitySchema, Schema, Value};

use crate::attribute::{AttributeType, Codec, Shape};
use crate::rules::{ForImport, ObjectRules};
use crate::timeouts::Timeouts;

/// Schema, rules and timeouts of a kind, or of a provider configuration.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Definition {
    /// The type name, such as `hello_greeting`.
    pub type_name: String,
    /// The schema.
    pub schema: Schema,
    /// Rules of the planner beyond the schema.
    pub rules: ObjectRules,
    /// How long operations may take where the user specifies no timeout.
    pub timeouts: Timeouts,
    /// Version of the identity, where attributes have the rule for one.
    pub identity_version: i64,
}

/// State of a resource, configuration and result of a data source or an ephemeral resource, or configuration of a provider,
/// as a Rust type.
///
/// `#[derive(Schema)]` with `#[resource(…)]`, `#[data_source(…)]`, `#[ephemeral_resource(…)]` or `#[provider]` implements it.
pub trait Model: Codec {
    /// The form in a plan, where everything may be null or unknown.
    type Plan: Codec + Clone + Default;

    /// Schema and rules.
    fn definition() -> Definition;
}

/// A request to check whether a configuration is valid.
#[non_exhaustive]
pub struct Validate<M: Model> {
    /// The configuration; anything in it may be unknown.
    pub config: M::Plan,
}

impl<M: Model> Validate<M> {
    /// A check of this configuration, for a unit test.
    pub fn for_test(config: impl Into<M::Plan>) -> Self {
        Self {
            config: config.into(),
        }
    }
}

/// A model that is data: its resource says what the schema is, by [`Resource::definition`](crate::Resource::definition).
impl Model for Value {
    type Plan = Value;

    fn definition() -> Definition {
        Definition::default()
    }
}

impl Definition {
    /// A definition by hand, without rules and timeouts.
    pub fn new(type_name: impl Into<String>, schema: Schema) -> Self {
        Self {
            type_name: type_name.into(),
            schema,
            ..Self::default()
        }
    }

    /// The same with rules.
    #[must_use]
    pub fn rules(mut self, rules: ObjectRules) -> Self {
        self.rules = rules;
        self
    }

    /// The same with default timeouts.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// The same with an identity of this version.
    #[must_use]
    pub fn identity_version(mut self, version: i64) -> Self {
        self.identity_version = version;
        self
    }

    /// The identity, if any attribute has the rule for one.
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

    /// The definition of a resource whose state is `M`.
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

    /// The definition of a data source whose configuration and result are `M`.
    pub fn data_source<M: AttributeType>(type_name: &str, timeouts: Timeouts) -> Self {
        Self::resource::<M>(type_name, 0, timeouts)
    }

    /// The definition of an ephemeral resource whose configuration and result are `M`.
    pub fn ephemeral_resource<M: AttributeType>(type_name: &str) -> Self {
        Self::resource::<M>(type_name, 0, Timeouts::default())
    }

    /// The definition of a provider whose configuration is `M`.
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
