//! Schema model: attributes, nested attributes, blocks, functions, and provider schemas.

use std::collections::BTreeMap;

use crate::{ObjectType, Type};

/// A versioned schema of a provider configuration, resource, data source, or ephemeral resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Version of the stored state. Only managed resources use it.
    pub version: i64,
    /// Content of the schema.
    pub block: Block,
}

/// The content of a block: attributes and nested blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// Nested blocks by type name.
    pub blocks: BTreeMap<String, NestedBlock>,
    /// Description in Markdown.
    pub description: String,
    /// Deprecation message, possibly empty, if the block is deprecated.
    pub deprecated: Option<String>,
}

/// An attribute with its flags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Type or nested attributes.
    pub kind: AttributeKind,
    /// Description in Markdown.
    pub description: String,
    /// Whether the configuration must set the attribute.
    pub required: bool,
    /// Whether the configuration can set the attribute.
    pub optional: bool,
    /// Whether the provider can set the attribute.
    pub computed: bool,
    /// Whether Terraform and OpenTofu redact the value.
    pub sensitive: bool,
    /// Whether the value is available only in the configuration, and is neither planned nor stored (protocol 6.8).
    pub write_only: bool,
    /// Deprecation message, possibly empty, if the attribute is deprecated.
    pub deprecated: Option<String>,
}

/// Kind of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeKind {
    /// A type.
    Type(Type),
    /// Nested attributes.
    Nested(NestedObject),
}

/// Nested attributes within an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NestedObject {
    /// Nesting mode, which determines how many objects are allowed and how they are addressed.
    pub nesting: ObjectNesting,
    /// Attributes of each object.
    pub attributes: BTreeMap<String, Attribute>,
}

/// Nesting mode of nested attributes. Source: `Schema.Object.NestingMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectNesting {
    /// One object.
    Single,
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
    /// A map of objects.
    Map,
}

/// A nested block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NestedBlock {
    /// Nesting mode, which determines how many occurrences are allowed and how they are addressed.
    pub nesting: BlockNesting,
    /// Content of each occurrence.
    pub block: Block,
    /// Minimum number of occurrences.
    pub min_items: u64,
    /// Maximum number of occurrences, or zero for no limit.
    pub max_items: u64,
}

/// Nesting mode of a nested block. Source: `Schema.NestedBlock.NestingMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockNesting {
    /// At most one block. An absent block is null.
    Single,
    /// At most one block. An absent block is an object of null values.
    Group,
    /// A list, in the order of the configuration.
    List,
    /// A set.
    Set,
    /// A map, by block label.
    Map,
}

/// All schemas of a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderSchema {
    /// Schema of the provider's configuration.
    pub provider: Schema,
    /// Managed resources by type name.
    pub resources: BTreeMap<String, Schema>,
    /// Data sources by type name.
    pub data_sources: BTreeMap<String, Schema>,
    /// Ephemeral resources by type name.
    pub ephemeral_resources: BTreeMap<String, Schema>,
    /// Functions by name.
    pub functions: BTreeMap<String, Function>,
    /// Identities of managed resources by type name. A type without an identity is absent.
    pub identities: BTreeMap<String, IdentitySchema>,
}

/// Attributes that uniquely identify an object of a managed resource. Source: protocol message `ResourceIdentitySchema`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdentitySchema {
    /// Version of the stored identity.
    pub version: i64,
    /// Attributes by name.
    pub attributes: BTreeMap<String, IdentityAttribute>,
}

/// An attribute of an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdentityAttribute {
    /// Type of the attribute: a string, a number, a Boolean, or a list of one of these types.
    pub ty: Type,
    /// Description in Markdown.
    pub description: String,
    /// Whether an import block must set the attribute. Otherwise, the provider can determine its value.
    pub required_for_import: bool,
}

impl Function {
    /// Returns a function without parameters.
    pub fn new(return_type: Type) -> Self {
        Self {
            parameters: Vec::new(),
            variadic_parameter: None,
            return_type,
            summary: String::new(),
            description: String::new(),
            deprecated: None,
        }
    }
}

impl Parameter {
    /// Returns a parameter that allows neither null nor unknown values.
    pub fn new(name: impl Into<String>, ty: Type) -> Self {
        Self {
            name: name.into(),
            ty,
            description: String::new(),
            allow_null: false,
            allow_unknown: false,
        }
    }

    /// Sets the description in Markdown.
    #[must_use]
    pub fn describe(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }
}

impl IdentityAttribute {
    /// Returns an attribute that an import can omit.
    pub fn new(ty: Type) -> Self {
        Self {
            ty,
            description: String::new(),
            required_for_import: false,
        }
    }
}

impl IdentitySchema {
    /// Returns the type of an identity.
    pub fn object_type(&self) -> Type {
        let attributes = self.attributes.iter();
        Type::object(attributes.map(|(name, attribute)| (name.clone(), attribute.ty.clone())))
    }
}

/// The signature of a provider function.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Function {
    /// Positional parameters.
    pub parameters: Vec<Parameter>,
    /// Parameter for all remaining arguments.
    pub variadic_parameter: Option<Parameter>,
    /// Type of the return value.
    pub return_type: Type,
    /// One-line description for lists.
    pub summary: String,
    /// Description in Markdown.
    pub description: String,
    /// Deprecation message, if the function is deprecated.
    pub deprecated: Option<String>,
}

/// A parameter of a provider function.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    /// Name in messages and documentation.
    pub name: String,
    /// Type of the argument.
    pub ty: Type,
    /// Description in Markdown.
    pub description: String,
    /// Whether null is passed to the function instead of being rejected.
    pub allow_null: bool,
    /// Whether unknown values are passed to the function. Otherwise, they make the result unknown.
    pub allow_unknown: bool,
}

impl Schema {
    /// Returns a schema with this version and content.
    pub fn new(version: i64, block: Block) -> Self {
        Self { version, block }
    }
}

impl Block {
    /// Returns an empty block.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, attribute: Attribute) -> Self {
        self.attributes.insert(name.into(), attribute);
        self
    }

    /// Adds a nested block.
    #[must_use]
    pub fn nested(mut self, name: impl Into<String>, nested: NestedBlock) -> Self {
        self.blocks.insert(name.into(), nested);
        self
    }

    /// Sets the description in Markdown.
    #[must_use]
    pub fn describe(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Returns whether an attribute at any depth is sensitive or write-only.
    pub fn has_sensitive_attributes(&self) -> bool {
        self.attributes.values().any(Attribute::is_confidential)
            || self
                .blocks
                .values()
                .any(|nested| nested.block.has_sensitive_attributes())
    }

    /// Returns the object type of this block's values. The object has an attribute for each attribute and nested block.
    pub fn implied_type(&self) -> Type {
        Type::Object(self.implied_object())
    }

    fn implied_object(&self) -> ObjectType {
        let own = self
            .attributes
            .iter()
            .map(|(name, attribute)| (name.clone(), attribute.implied_type()));
        let nested = self
            .blocks
            .iter()
            .map(|(name, nested)| (name.clone(), nested.implied_type()));
        ObjectType {
            attributes: own.chain(nested).collect(),
            optional: Default::default(),
        }
    }
}

impl Attribute {
    /// Returns an attribute of a type, without flags.
    pub fn of(ty: Type) -> Self {
        Self::new(AttributeKind::Type(ty))
    }

    /// Returns an attribute with nested attributes, without flags.
    pub fn nested(nesting: ObjectNesting, attributes: BTreeMap<String, Attribute>) -> Self {
        Self::new(AttributeKind::Nested(NestedObject {
            nesting,
            attributes,
        }))
    }

    /// Returns an attribute of the specified kind with no flags set.
    pub fn new(kind: AttributeKind) -> Self {
        Self {
            kind,
            description: String::new(),
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            deprecated: None,
        }
    }

    /// Marks the attribute as required.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Marks the attribute as optional.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Marks the attribute as computed.
    #[must_use]
    pub fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    /// Marks the attribute as sensitive.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Marks the attribute as write-only.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// Returns whether the attribute, or an attribute nested in it, is sensitive or write-only.
    fn is_confidential(&self) -> bool {
        self.sensitive
            || self.write_only
            || match &self.kind {
                AttributeKind::Type(_) => false,
                AttributeKind::Nested(object) => {
                    object.attributes.values().any(Self::is_confidential)
                }
            }
    }

    /// Sets the description in Markdown.
    #[must_use]
    pub fn describe(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Returns the type of this attribute's values.
    pub fn implied_type(&self) -> Type {
        match &self.kind {
            AttributeKind::Type(ty) => ty.clone(),
            AttributeKind::Nested(nested) => nested.implied_type(),
        }
    }
}

impl NestedObject {
    /// Returns the type of one object.
    pub fn object_type(&self) -> Type {
        Type::object(
            self.attributes
                .iter()
                .map(|(name, attribute)| (name.clone(), attribute.implied_type())),
        )
    }

    /// Returns the type of the whole attribute. Unlike in a nested block, a list or map that contains `dynamic` keeps its type.
    pub fn implied_type(&self) -> Type {
        let object = self.object_type();
        match self.nesting {
            ObjectNesting::Single => object,
            ObjectNesting::Set => object.set(),
            ObjectNesting::List => object.list(),
            ObjectNesting::Map => object.map(),
        }
    }
}

impl NestedBlock {
    /// Returns a nested block without limits.
    pub fn new(nesting: BlockNesting, block: Block) -> Self {
        Self {
            nesting,
            block,
            min_items: 0,
            max_items: 0,
        }
    }

    /// Returns the type of all occurrences. The values of lists and maps that contain `dynamic` are tuples and objects.
    /// Their types depend on the configuration, so the whole type is `dynamic`.
    pub fn implied_type(&self) -> Type {
        let object = self.block.implied_type();
        match self.nesting {
            BlockNesting::Single | BlockNesting::Group => object,
            BlockNesting::Set => object.set(),
            BlockNesting::List | BlockNesting::Map if object.contains_dynamic() => Type::Dynamic,
            BlockNesting::List => object.list(),
            BlockNesting::Map => object.map(),
        }
    }
}
