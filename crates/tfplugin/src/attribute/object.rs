//! What `#[derive(Schema)]` writes its implementations with: the shape of an object and the reading of its fields.

use std::collections::BTreeMap;
use std::sync::Arc;

use tfschema::{Attribute, AttributePath, Block, ObjectNesting, Step, Value};

use crate::rules::{AttributeRules, ForImport, ObjectRules};
use crate::validate::Validator;

use super::attribute_type::AttributeType;
use super::codec::{Codec, DecodeError};
use super::shape::Shape;

/// Builds the shape of an object, attribute by attribute.
pub struct ObjectShape {
    block: Block,
    rules: ObjectRules,
}

/// Flags and rules of an attribute while its object's shape is built.
pub struct AttributeSpec {
    attribute: Attribute,
    rules: AttributeRules,
}

impl ObjectShape {
    /// An object without attributes, with a description in Markdown.
    pub fn new(description: &str) -> Self {
        Self {
            block: Block::new().describe(description),
            rules: ObjectRules::new(),
        }
    }

    /// The same with an attribute whose type is `T`.
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

    /// The same with a nested block whose content is `T`.
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

    /// The shape of one such object.
    pub fn into_shape(self) -> Shape {
        Shape::Object {
            nesting: ObjectNesting::Single,
            block: self.block,
            rules: self.rules,
        }
    }
}

impl AttributeSpec {
    /// Must be set in configuration.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.attribute.required = true;
        self
    }

    /// May be set in configuration.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.attribute.optional = true;
        self
    }

    /// The provider may choose a value.
    #[must_use]
    pub fn computed(mut self) -> Self {
        self.attribute.computed = true;
        self
    }

    /// Hidden by the command lines.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.attribute.sensitive = true;
        self
    }

    /// Readable from configuration only.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.attribute.write_only = true;
        self
    }

    /// A change makes a new object.
    #[must_use]
    pub fn requires_replace(mut self) -> Self {
        self.rules.requires_replace = true;
        self
    }

    /// A computed value stays while the object lives.
    #[must_use]
    pub fn keep(mut self) -> Self {
        self.rules.keep = true;
        self
    }

    /// Part of the resource's identity; an import by identity must set it.
    #[must_use]
    pub fn identity(mut self) -> Self {
        self.rules.identity = Some(ForImport::Required);
        self
    }

    /// Part of the resource's identity; an import by identity may set it.
    #[must_use]
    pub fn optional_identity(mut self) -> Self {
        self.rules.identity = Some(ForImport::Optional);
        self
    }

    /// The planned value where configuration has none. The protocol wants such an attribute to be computed too.
    #[must_use]
    pub fn default(mut self, value: impl Codec) -> Self {
        self.attribute.computed = true;
        self.rules.default = Some(value.encode());
        self
    }

    /// What the configured value must satisfy.
    #[must_use]
    pub fn validate(mut self, validator: Arc<dyn Validator>) -> Self {
        self.rules.validators.push(validator);
        self
    }

    /// Deprecated, and what to use instead.
    #[must_use]
    pub fn deprecated(mut self, instead: &str) -> Self {
        self.attribute.deprecated = Some(instead.to_owned());
        self
    }
}

/// Reads the fields of an object one after the other.
pub struct ObjectFields {
    attributes: BTreeMap<String, Value>,
    path: AttributePath,
}

impl ObjectFields {
    /// The fields of the object found at a path.
    ///
    /// # Errors
    /// The value is not a known object.
    pub fn of(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::Object(attributes) => Ok(Self {
                attributes,
                path: path.clone(),
            }),
            other => Err(DecodeError::new(path, "an object", &other)),
        }
    }

    /// Takes a field; one that is absent is null.
    ///
    /// # Errors
    /// The field is not what `T` holds.
    pub fn take<T: Codec>(&mut self, name: &str) -> Result<T, DecodeError> {
        let value = self.attributes.remove(name).unwrap_or_default();
        T::decode(value, &AttributePath::root())
            .map_err(|error| error.within(&self.path, Step::Attribute(name.to_owned())))
    }
}

/// The author's words, then what default and validators say by themselves.
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
