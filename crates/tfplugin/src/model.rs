//! The state of a whole resource or provider configuration as a Rust type.

use tfschema::{Schema, Value};

use crate::{Codec, ObjectRules, Timeouts};

/// What is said once about a resource or provider configuration: schema and rules.
#[derive(Clone, Default)]
pub struct Definition {
    /// The type name, such as `hello_greeting`.
    pub type_name: String,
    /// The schema.
    pub schema: Schema,
    /// What the planner knows beyond the schema.
    pub rules: ObjectRules,
    /// How long operations may take where the user says nothing.
    pub timeouts: Timeouts,
}

/// The state of a resource, or the configuration of a provider, as a Rust type.
///
/// `#[derive(Schema)]` with `#[resource(…)]` or `#[provider]` implements it.
pub trait Model: Codec {
    /// The form in a plan, where everything may be null or unknown.
    type Plan: Codec + Clone + Default;

    /// Schema and rules.
    fn definition() -> Definition;
}

/// A model that is data: its resource says what the schema is, by [`Resource::definition`](crate::Resource::definition).
impl Model for Value {
    type Plan = Value;

    fn definition() -> Definition {
        Definition::default()
    }
}
