//! The schema model: attributes, nested attributes, blocks, functions, and a whole provider's schema.

use std::collections::BTreeMap;

use crate::{ObjectType, Type};

/// A versioned schema of a provider configuration, resource, data source or ephemeral resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Version of the stored state; only managed resources use it.
    pub version: i64,
    /// The content.
    pub block: Block,
}

/// The content of a block: attributes and nested blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// Nested blocks by type name.
    pub blocks: BTreeMap<String, NestedBlock>,
    /// Markdown for users.
    pub description: String,
    /// Set where the block is deprecated: what to use instead, possibly empty.
    pub deprecated: Option<String>,
}

/// An attribute with its flags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// A type, or nested attributes.
    pub kind: AttributeKind,
    /// Markdown for users.
    pub description: String,
    /// Must be set in configuration.
    pub required: bool,
    /// May be set in configuration.
    pub optional: bool,
    /// The provider may choose a value.
    pub computed: bool,
    /// The command lines hide the value.
    pub sensitive: bool,
    /// Readable from configuration only; never planned or stored (protocol 6.8).
    pub write_only: bool,
    /// Set where the attribute is deprecated: what to use instead, possibly empty.
    pub deprecated: Option<String>,
}

/// What an attribute is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeKind {
    /// A value of a type.
    Type(Type),
    /// Attributes within the attribute.
    Nested(NestedObject),
}

/// Attributes within an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NestedObject {
    /// How many objects there are and how they are addressed.
    pub nesting: ObjectNesting,
    /// The attributes of each object.
    pub attributes: BTreeMap<String, Attribute>,
}

/// How nested attributes repeat. Source: `Schema.Object.NestingMode`.
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

/// A block within a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NestedBlock {
    /// How often the block may be written and how its occurrences are addressed.
    pub nesting: BlockNesting,
    /// The content of each occurrence.
    pub block: Block,
    /// Least number of occurrences.
    pub min_items: u64,
    /// Greatest number of occurrences; zero for no limit.
    pub max_items: u64,
}

/// How a nested block repeats. Source: `Schema.NestedBlock.NestingMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockNesting {
    /// At most one; absent is null.
    Single,
    /// At most one; absent is an object of nulls.
    Group,
    /// A list, in the order written.
    List,
    /// A set.
    Set,
    /// A map by block label.
    Map,
}

/// All schemas of a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderSchema {
    /// The provider's configuration.
    pub provider: Schema,
    /// Managed resources by type name.
    pub resources: BTreeMap<String, Schema>,
    /// Data sources by type name.
    pub data_sources: BTreeMap<String, Schema>,
    /// Ephemeral resources by type name.
    pub ephemeral_resources: BTreeMap<String, Schema>,
    /// Functions by name.
    pub functions: BTreeMap<String, Function>,
    /// Identities of managed resources by type name; a type without one is absent.
    pub identities: BTreeMap<String, IdentitySchema>,
}

/// The attributes that tell an object of a managed resource from every other. Source: protocol message
/// `ResourceIdentitySchema`.
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
    /// Type of the attribute: a string, a number, a boolean, or a list of those.
    pub ty: Type,
    /// Markdown for users.
    pub description: String,
    /// Must be set in an import block. Otherwise the provider has a value for it.
    pub required_for_import: bool,
}

impl Function {
    /// A function without parameters, by the type of its result.
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
    /// A parameter that takes neither null nor unknown values.
    pub fn new(name: impl Into<String>, ty: Type) -> Self {
        Self {
            name: name.into(),
            ty,
            description: String::new(),
            allow_null: false,
            allow_unknown: false,
        }
    }

    /// This parameter with a description in Markdown.
    #[must_use]
    pub fn describe(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }
}

impl IdentityAttribute {
    /// An attribute that an import may leave out.
    pub fn new(ty: Type) -> Self {
        Self {
            ty,
            description: String::new(),
            required_for_import: false,
        }
    }
}

impl IdentitySchema {
    /// The type of an identity.
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
    /// The parameter that takes all further arguments.
    pub variadic_parameter: Option<Parameter>,
    /// The type of the result.
    pub return_type: Type,
    /// One line for lists.
    pub summary: String,
    /// Markdown for users.
    pub description: String,
    /// Set where the function is deprecated: what to use instead.
    pub deprecated: Option<String>,
}

/// A parameter of a provider function.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    /// Name for messages and documentation.
    pub name: String,
    /// Type of the argument.
    pub ty: Type,
    /// Markdown for users.
    pub description: String,
    /// Null reaches the function instead of being refused.
    pub allow_null: bool,
    /// Unknown values reach the function instead of making the result unknown.
    pub allow_unknown: bool,
}

impl Schema {
    /// A schema of this version and content.
    pub fn new(version: i64, block: Block) -> Self {
        Self { version, block }
    }
}

impl Block {
    /// An empty block.
    pub fn new() -> Self {
        Self::default()
    }

    /// This block with an attribute added.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, attribute: Attribute) -> Self {
        self.attributes.insert(name.into(), attribute);
        self
    }

    /// This block with a nested block added.
    #[must_use]
    pub fn nested(mut self, name: impl Into<String>, nested: NestedBlock) -> Self {
        self.blocks.insert(name.into(), nested);
        self
    }

    /// This block with a description.
    #[must_use]
    pub fn describe(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// The object type of this block's values: every attribute and every nested block is an attribute of it.
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
    /// An attribute of a type, with no flag set.
    pub fn of(ty: Type) -> Self {
        Self::new(AttributeKind::Type(ty))
    }

    /// An attribute made of attributes, with no flag set.
    pub fn nested(nesting: ObjectNesting, attributes: BTreeMap<String, Attribute>) -> Self {
        Self::new(AttributeKind::Nested(NestedObject {
            nesting,
            attributes,
        }))
    }

    /// An attribute of a kind, with no flag set.
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

    /// Must be set in configuration.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// May be set in configuration.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// The provider may choose a value.
    #[must_use]
    pub fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    /// Hidden by the command lines.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Readable from configuration only.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// With a description in Markdown.
    #[must_use]
    pub fn describe(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// The type of this attribute's values.
    pub fn implied_type(&self) -> Type {
        match &self.kind {
            AttributeKind::Type(ty) => ty.clone(),
            AttributeKind::Nested(nested) => nested.implied_type(),
        }
    }
}

impl NestedObject {
    /// The type of one object.
    pub fn object_type(&self) -> Type {
        Type::object(
            self.attributes
                .iter()
                .map(|(name, attribute)| (name.clone(), attribute.implied_type())),
        )
    }

    /// The type of the whole attribute. Unlike a nested block, a list or map stays one even where it
    /// holds `dynamic`.
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
    /// A nested block without bounds.
    pub fn new(nesting: BlockNesting, block: Block) -> Self {
        Self {
            nesting,
            block,
            min_items: 0,
            max_items: 0,
        }
    }

    /// The type of all occurrences together. Lists and maps that hold `dynamic` are tuples and
    /// objects, of which the schema alone cannot know the shape, so they are `dynamic` as a whole.
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
