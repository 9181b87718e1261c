//! Helpers for the code that `#[derive(Schema)]` generates. They build the shape of an object and decode its fields.

use std::collections::BTreeMap;
use std::sync::Arc;

use tfschema::{Attribute, AttributePath, Block, ObjectNesting, Step, Value};

use crate::rules::{AttributeRules, ForImport, ObjectRules};
use crate::validate::Validator;

use super::attribute_type::AttributeType;
use super::codec::{Codec, DecodeError};
use super::shape::Shape;

/// Builder for the shape of an object.
pub struct ObjectShape {
    block: Block,
    rules: ObjectRules,
}

/// Flags and rules of an attribute in an [`ObjectShape`].
pub struct AttributeSpec {
    attribute: Attribute,
    rules: AttributeRules,
}

impl ObjectShape {
    /// Returns the shape of an object that has a Markdown description and no attributes.
    pub fn new(description: &str) -> Self {
        Self {
            block: Block::new().describe(description),
            rules: ObjectRules::new(),
        }
    }

    /// Adds an attribute of type `T`.
    #[must_use]
    pub fn attribute<T: AttributeType>(
        mut self,
        name: &str,
        description: &str,
        specify: impl FnOnce(AttributeSpec) -> AttributeSpec,
    ) -> Self {
        let (attribute, nested) = T::shape().into_attribute();
        let rules = AttributeRules {
            nested,
            null_elements: T::nullable().into_iter().skip(1).collect(),
            ..AttributeRules::default()
        };
        let AttributeSpec {
            mut attribute,
            rules,
        } = specify(AttributeSpec { attribute, rules });
        attribute.description = describe(description, &rules);
        self.block.attributes.insert(name.to_owned(), attribute);
        self.rules.insert(name, rules);
        self
    }

    /// Adds a nested block that contains `T`.
    #[must_use]
    pub fn block<T: AttributeType>(mut self, name: &str, description: &str) -> Self {
        let (mut nested, rules) = T::shape().into_block();
        if !description.is_empty() {
            nested.block.description = description.to_owned();
        }
        self.block.blocks.insert(name.to_owned(), nested);
        self.rules.insert(
            name,
            AttributeRules {
                nested: rules,
                ..AttributeRules::default()
            },
        );
        self
    }

    /// Returns the shape of a single object.
    pub fn into_shape(self) -> Shape {
        Shape::Object {
            nesting: ObjectNesting::Single,
            block: self.block,
            rules: self.rules,
        }
    }
}

impl AttributeSpec {
    /// Requires the attribute to be set in configuration.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.attribute.required = true;
        self
    }

    /// Allows the attribute to be set in configuration.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.attribute.optional = true;
        self
    }

    /// Allows the provider to choose a value.
    #[must_use]
    pub fn computed(mut self) -> Self {
        self.attribute.computed = true;
        self
    }

    /// Hides the value in the output of Terraform and OpenTofu.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.attribute.sensitive = true;
        self
    }

    /// Makes the value available only from the configuration.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.attribute.write_only = true;
        self
    }

    /// Forces replacement if the value changes.
    #[must_use]
    pub fn requires_replace(mut self) -> Self {
        self.rules.requires_replace = true;
        self
    }

    /// Keeps a computed value until the resource instance is replaced or destroyed.
    #[must_use]
    pub fn keep(mut self) -> Self {
        self.rules.keep = true;
        self
    }

    /// Makes the attribute a required part of the resource identity: an import by identity must set it.
    #[must_use]
    pub fn identity(mut self) -> Self {
        self.rules.identity = Some(ForImport::Required);
        self
    }

    /// Makes the attribute an optional part of the resource identity: an import by identity can omit it.
    #[must_use]
    pub fn optional_identity(mut self) -> Self {
        self.rules.identity = Some(ForImport::Optional);
        self
    }

    /// Sets the planned value of the attribute for a configuration that does not set it. The protocol requires such an
    /// attribute to be computed.
    #[must_use]
    pub fn default(mut self, value: impl Codec) -> Self {
        self.attribute.computed = true;
        self.rules.default = Some(value.encode());
        self
    }

    /// Adds a validator for the configured value.
    #[must_use]
    pub fn validate(mut self, validator: Arc<dyn Validator>) -> Self {
        self.rules.validators.push(validator);
        self
    }

    /// Marks the attribute as deprecated with a message that names the replacement.
    #[must_use]
    pub fn deprecated(mut self, instead: &str) -> Self {
        self.attribute.deprecated = Some(instead.to_owned());
        self
    }
}

/// Decoder for the fields of an object.
pub struct ObjectFields {
    attributes: BTreeMap<String, Value>,
    path: AttributePath,
}

impl ObjectFields {
    /// Returns the fields of the object at a path.
    ///
    /// # Errors
    /// Returns an error if the value is not a known object.
    pub fn of(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::Object(attributes) => Ok(Self {
                attributes,
                path: path.clone(),
            }),
            other => Err(DecodeError::new(path, "an object", &other)),
        }
    }

    /// Removes a field from the object and decodes it. A missing field is null.
    ///
    /// # Errors
    /// Returns an error if the field cannot be decoded as `T`.
    pub fn take<T: Codec>(&mut self, name: &str) -> Result<T, DecodeError> {
        let value = self.attributes.remove(name).unwrap_or_default();
        T::decode(value, &AttributePath::root())
            .map_err(|error| error.within(&self.path, Step::Attribute(name.to_owned())))
    }
}

/// Appends the requirements of the validators and the default to the author's description.
fn describe(description: &str, rules: &AttributeRules) -> String {
    let mut text = description.to_owned();
    for validator in &rules.validators {
        text.push(' ');
        text.push_str(&validator.sentence());
    }
    match &rules.default {
        Some(Value::String(word)) => text.push_str(&format!(" Defaults to `{word}`.")),
        Some(Value::Number(number)) => text.push_str(&format!(" Defaults to `{number}`.")),
        Some(Value::Bool(truth)) => text.push_str(&format!(" Defaults to `{truth}`.")),
        _ => {}
    }
    text.trim().to_owned()
}
