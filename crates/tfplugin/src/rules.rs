//! Attribute rules that the schema does not contain: defaults, replacement, and validators.
//!
//! Rules are separate from the schema because the protocol transmits only the schema.

use std::collections::BTreeMap;
use std::sync::Arc;

use tfschema::Value;

use crate::validate::Validator;

/// Rules for the attributes and nested blocks of an object, by name. A name without an entry has no rules.
#[derive(Clone, Default)]
pub struct ObjectRules(BTreeMap<String, AttributeRules>);

/// Rules for an attribute or nested block.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct AttributeRules {
    /// Planned value for an attribute that is not configured.
    pub default: Option<Value>,
    /// Whether a change to the value requires replacement. A computed value that is not configured is kept, because it
    /// cannot change while the object exists.
    pub requires_replace: bool,
    /// Whether a computed value that is not configured keeps its prior value, including null, while the object exists.
    /// Otherwise, the value becomes unknown if another value changes.
    pub keep: bool,
    /// Whether elements of a collection can be null, for each level of nesting. Empty if no element can be null.
    pub null_elements: Vec<bool>,
    /// Validators for the configured value.
    pub validators: Vec<Arc<dyn Validator>>,
    /// Rules for the attributes within a nested attribute or block.
    pub nested: ObjectRules,
    /// Role of the attribute in an import by identity. `None` if the attribute is not part of the resource identity.
    pub identity: Option<ForImport>,
}

/// Whether an import by identity must set an attribute. Source: protocol message `IdentityAttribute`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForImport {
    /// The attribute must be set.
    Required,
    /// The attribute can be omitted, because the resource can determine its value.
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
    /// Creates an empty set of rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the planned value for an attribute that is not configured.
    #[must_use]
    pub fn with_default(mut self, value: Value) -> Self {
        self.default = Some(value);
        self
    }

    /// Requires replacement if the value changes.
    #[must_use]
    pub fn requires_replace(mut self) -> Self {
        self.requires_replace = true;
        self
    }

    /// Keeps a computed value while the object exists.
    #[must_use]
    pub fn keep(mut self) -> Self {
        self.keep = true;
        self
    }

    /// Adds a validator for the configured value.
    #[must_use]
    pub fn validate(mut self, validator: Arc<dyn Validator>) -> Self {
        self.validators.push(validator);
        self
    }

    /// Sets the rules for the attributes within a nested attribute or block.
    #[must_use]
    pub fn nested(mut self, rules: ObjectRules) -> Self {
        self.nested = rules;
        self
    }

    /// Adds the attribute to the resource identity.
    #[must_use]
    pub fn identity(mut self, import: ForImport) -> Self {
        self.identity = Some(import);
        self
    }
}

impl ObjectRules {
    /// Creates an empty set of rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the rules for an attribute or nested block.
    pub fn insert(&mut self, name: impl Into<String>, rules: AttributeRules) {
        self.0.insert(name.into(), rules);
    }

    /// Returns whether any attribute of the object has a default, at any depth.
    pub(crate) fn have_defaults(&self) -> bool {
        let mut rules = self.0.values();
        rules.any(|rules| rules.default.is_some() || rules.nested.have_defaults())
    }

    /// Returns the attributes that are part of the identity.
    pub(crate) fn identity(&self) -> impl Iterator<Item = (&str, ForImport)> {
        let rules = self.0.iter();
        rules.filter_map(|(name, rules)| Some((name.as_str(), rules.identity?)))
    }

    /// Returns the rules for an attribute or nested block.
    pub fn of(&self, name: &str) -> &AttributeRules {
        self.0.get(name).unwrap_or(&NONE)
    }
}
