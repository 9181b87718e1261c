//! What the planner knows about attributes beyond their schema: defaults, replacement, validators.
//!
//! Rules stand beside the schema instead of in it, because the schema goes over the wire and rules do not.

use std::collections::BTreeMap;
use std::sync::Arc;

use tfschema::Value;

use crate::validate::Validator;

/// Rules of every attribute and nested block of an object, by name. A name that is absent has no rules.
#[derive(Clone, Default)]
pub struct ObjectRules(BTreeMap<String, AttributeRules>);

/// Rules of one attribute or nested block.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct AttributeRules {
    /// The planned value where configuration has null.
    pub default: Option<Value>,
    /// A change of the value makes a new object. A computed value that is not configured is kept, because it cannot
    /// change while the object lives.
    pub requires_replace: bool,
    /// A computed value that is not configured keeps its prior value while the object lives, also if that is null,
    /// instead of becoming unknown when something else changes.
    pub keep: bool,
    /// Where a collection may hold null: its elements first, then theirs. Nowhere if it is empty.
    pub null_elements: Vec<bool>,
    /// What the configured value must satisfy.
    pub validators: Vec<Arc<dyn Validator>>,
    /// Rules of the attributes within, for nested attributes and blocks.
    pub nested: ObjectRules,
    /// Whether the attribute is part of the resource's identity, and what an import by identity has to set.
    pub identity: Option<ForImport>,
}

/// Whether an import by identity has to set an attribute. Source: protocol message `IdentityAttribute`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForImport {
    /// It must be set.
    Required,
    /// It may be set; the resource has a value for it.
    Optional,
}

static NONE: AttributeRules = AttributeRules {
    default: None,
    requires_replace: false,
    keep: false,
    null_elements: Vec::new(),
    validators: Vec::new(),
    nested: ObjectRules(BTreeMap::new()),
    identity: None,
};

impl AttributeRules {
    /// No rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with the planned value where configuration has null.
    #[must_use]
    pub fn with_default(mut self, value: Value) -> Self {
        self.default = Some(value);
        self
    }

    /// The same; a change of the value makes a new object.
    #[must_use]
    pub fn requires_replace(mut self) -> Self {
        self.requires_replace = true;
        self
    }

    /// The same; a computed value stays while the object lives.
    #[must_use]
    pub fn keep(mut self) -> Self {
        self.keep = true;
        self
    }

    /// The same, with something that the configured value must satisfy.
    #[must_use]
    pub fn validate(mut self, validator: Arc<dyn Validator>) -> Self {
        self.validators.push(validator);
        self
    }

    /// The same, with rules of the attributes within.
    #[must_use]
    pub fn nested(mut self, rules: ObjectRules) -> Self {
        self.nested = rules;
        self
    }

    /// The same; the attribute is part of the resource's identity.
    #[must_use]
    pub fn identity(mut self, import: ForImport) -> Self {
        self.identity = Some(import);
        self
    }
}

impl ObjectRules {
    /// No rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the rules of an attribute or nested block.
    pub fn insert(&mut self, name: impl Into<String>, rules: AttributeRules) {
        self.0.insert(name.into(), rules);
    }

    /// Whether anything in the object, however deep, has a default.
    pub(crate) fn have_defaults(&self) -> bool {
        let mut rules = self.0.values();
        rules.any(|rules| rules.default.is_some() || rules.nested.have_defaults())
    }

    /// The attributes that are part of the identity.
    pub(crate) fn identity(&self) -> impl Iterator<Item = (&str, ForImport)> {
        let rules = self.0.iter();
        rules.filter_map(|(name, rules)| Some((name.as_str(), rules.identity?)))
    }

    /// The rules of an attribute or nested block.
    pub fn of(&self, name: &str) -> &AttributeRules {
        self.0.get(name).unwrap_or(&NONE)
    }
}
