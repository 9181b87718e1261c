//! How Rust types stand in a schema: [`Codec`] moves values in and out, [`AttributeType`] says what the
//! schema, the planned form and the paths of a type are.
//!
//! `#[derive(Schema)]` implements both for a struct; everything here can also be written by hand.

use std::collections::{BTreeMap, BTreeSet};

use tfschema::{
    Attribute, AttributeKind, AttributePath, Block, BlockNesting, NestedBlock, NestedObject,
    Number, ObjectNesting, Set, Step, Type, Value,
};

use crate::{Diagnostic, Diagnostics, ObjectRules, Planned, PlannedSet, TypeFacts};

/// Says why a value is not of the Rust type that stands in its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: must be {expected}, found {found}")]
pub struct DecodeError {
    /// Where.
    pub path: AttributePath,
    /// What the Rust type holds, in a word.
    pub expected: &'static str,
    /// The kind of value that was found; never the value itself, which may be secret.
    pub found: &'static str,
}

impl DecodeError {
    /// An error for a value that was found where something else is expected.
    pub fn new(path: &AttributePath, expected: &'static str, found: &Value) -> Self {
        Self {
            path: path.clone(),
            expected,
            found: found.kind(),
        }
    }

    /// The error of a value that stands at `step` of one at `path`, for decoders that build a path only where there is an
    /// error to tell.
    pub(crate) fn within(self, path: &AttributePath, step: Step) -> Self {
        let steps = path.steps().iter().cloned();
        let inner = self.path.steps().iter().cloned();
        Self {
            path: steps.chain([step]).chain(inner).collect(),
            ..self
        }
    }

    /// Whether the value is not known yet, so that it may turn out to be right.
    pub fn is_not_known_yet(&self) -> bool {
        self.found == Value::unknown().kind()
    }
}

impl From<DecodeError> for Diagnostic {
    fn from(error: DecodeError) -> Self {
        Diagnostic::error(
            "Invalid value",
            format!(
                "The value must be {}, but it is {}.",
                error.expected, error.found
            ),
        )
        .at(error.path)
    }
}

impl From<DecodeError> for Diagnostics {
    fn from(error: DecodeError) -> Self {
        Diagnostic::from(error).into()
    }
}

/// Moves a Rust value out of and into a [`Value`].
pub trait Codec: Sized + Send + Sync + 'static {
    /// Reads a value found at a path.
    ///
    /// # Errors
    /// The value is of another kind, or null or unknown where this type cannot hold that.
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError>;

    /// Writes the value.
    fn encode(self) -> Value;
}

/// A Rust type that can stand as an attribute or nested block.
pub trait AttributeType: Codec {
    /// The form in a plan, where everything may be null or unknown.
    type Planned: Codec + Clone + Default;
    /// Builds attribute paths: [`AttributePath`] itself for a leaf.
    type Paths: From<AttributePath> + Into<AttributePath>;

    /// Where the type can stand in a schema; by default that of a single value.
    const FACTS: TypeFacts = TypeFacts::LEAF;

    /// The schema of this type and the rules of the attributes within.
    fn shape() -> Shape;

    /// This value as it stands in a plan: everything in it is known.
    fn into_planned(self) -> Self::Planned;

    /// Where this type holds null: the value itself first, then the elements of a collection, then theirs. A place that
    /// is not named holds no null.
    fn nullable() -> Vec<bool> {
        Vec::new()
    }
}

/// The places of a collection of `T` that hold null: a collection is a value, its elements are what `T` is.
fn nullable_elements<T: AttributeType>() -> Vec<bool> {
    std::iter::once(false).chain(T::nullable()).collect()
}

/// The schema of a Rust type before it is known what it is used for.
#[derive(Clone)]
pub enum Shape {
    /// A value of a type.
    Type(Type),
    /// One or more objects with attributes of their own.
    Object {
        /// How many, and how they are addressed.
        nesting: ObjectNesting,
        /// The content of one object.
        block: Block,
        /// The rules of the attributes within.
        rules: ObjectRules,
    },
}

impl Shape {
    /// This shape as an attribute without flags, and the rules within.
    pub fn into_attribute(self) -> (Attribute, ObjectRules) {
        match self {
            Self::Type(ty) => (Attribute::of(ty), ObjectRules::new()),
            Self::Object {
                nesting,
                block,
                rules,
            } => (Attribute::nested(nesting, block.attributes), rules),
        }
    }

    /// This shape as a nested block, and the rules within. A plain type has no attributes to put in a block.
    pub fn into_block(self) -> (NestedBlock, ObjectRules) {
        match self {
            Self::Type(_) => (
                NestedBlock::new(BlockNesting::Single, Block::new()),
                ObjectRules::new(),
            ),
            Self::Object {
                nesting,
                block,
                rules,
            } => {
                let nesting = match nesting {
                    ObjectNesting::Single => BlockNesting::Single,
                    ObjectNesting::List => BlockNesting::List,
                    ObjectNesting::Set => BlockNesting::Set,
                    ObjectNesting::Map => BlockNesting::Map,
                };
                (NestedBlock::new(nesting, block), rules)
            }
        }
    }

    /// A collection of this shape: objects repeat, and everything else becomes the element type of a collection.
    fn repeated(self, nesting: ObjectNesting, collection: fn(Type) -> Type) -> Self {
        match self {
            Self::Object {
                nesting: ObjectNesting::Single,
                block,
                rules,
            } => Self::Object {
                nesting,
                block,
                rules,
            },
            other => Self::Type(collection(other.into_type())),
        }
    }

    fn into_type(self) -> Type {
        match self {
            Self::Type(ty) => ty,
            Self::Object { nesting, block, .. } => {
                let kind = AttributeKind::Nested(NestedObject {
                    nesting,
                    attributes: block.attributes,
                });
                Attribute::new(kind).implied_type()
            }
        }
    }
}

/// Paths of the elements of a list.
pub struct ListPaths<P>(AttributePath, std::marker::PhantomData<P>);

/// Paths of the elements of a map.
pub struct MapPaths<P>(AttributePath, std::marker::PhantomData<P>);

impl<P: From<AttributePath>> ListPaths<P> {
    /// The element at an index, counted from zero.
    pub fn index(&self, index: usize) -> P {
        self.0.index(index).into()
    }
}

impl<P: From<AttributePath>> MapPaths<P> {
    /// The element of a key.
    pub fn key(&self, key: impl Into<String>) -> P {
        self.0.key(key).into()
    }
}

macro_rules! paths {
    ($($name:ident),*) => {$(
        impl<P> From<AttributePath> for $name<P> {
            fn from(path: AttributePath) -> Self {
                Self(path, std::marker::PhantomData)
            }
        }

        impl<P> From<$name<P>> for AttributePath {
            fn from(paths: $name<P>) -> Self {
                paths.0
            }
        }
    )*};
}

paths!(ListPaths, MapPaths);

macro_rules! leaf {
    ($ty:ty, $shape:expr) => {
        leaf!($ty, $shape, TypeFacts::LEAF);
    };
    ($ty:ty, $shape:expr, $facts:expr) => {
        impl AttributeType for $ty {
            type Planned = Planned<$ty>;
            type Paths = AttributePath;

            const FACTS: TypeFacts = $facts;

            fn shape() -> Shape {
                Shape::Type($shape)
            }

            fn into_planned(self) -> Self::Planned {
                Planned::Known(self)
            }
        }
    };
}

leaf!(String, Type::String);
leaf!(bool, Type::Bool);
leaf!(Number, Type::Number);
leaf!(Value, Type::Dynamic, TypeFacts::DYNAMIC);

impl Codec for String {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::String(text) => Ok(text.into_string()),
            other => Err(DecodeError::new(path, "a string", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::string(self)
    }
}

impl Codec for bool {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::Bool(truth) => Ok(truth),
            other => Err(DecodeError::new(path, "true or false", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::Bool(self)
    }
}

impl Codec for Number {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::Number(number) => Ok(number),
            other => Err(DecodeError::new(path, "a number", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::Number(self)
    }
}

impl Codec for Value {
    fn decode(value: Value, _path: &AttributePath) -> Result<Self, DecodeError> {
        Ok(value)
    }

    fn encode(self) -> Value {
        self
    }
}

macro_rules! integers {
    ($($ty:ty => $expected:literal),*) => {$(
        leaf!($ty, Type::Number);

        impl Codec for $ty {
            fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
                let integer = match &value {
                    Value::Number(number) => number.as_i64().and_then(|integer| integer.try_into().ok()),
                    _ => None,
                };
                integer.ok_or_else(|| DecodeError::new(path, $expected, &value))
            }

            fn encode(self) -> Value {
                Value::Number(i64::from(self).into())
            }
        }
    )*};
}

integers!(
    i64 => "a whole number",
    i32 => "a whole number from -2147483648 to 2147483647",
    u32 => "a whole number from 0 to 4294967295",
    u16 => "a whole number from 0 to 65535"
);

impl<T: Codec> Codec for Option<T> {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::Null => Ok(None),
            other => T::decode(other, path).map(Some),
        }
    }

    fn encode(self) -> Value {
        self.map_or(Value::Null, T::encode)
    }
}

impl<T: AttributeType> AttributeType for Option<T> {
    type Planned = T::Planned;
    type Paths = T::Paths;

    const FACTS: TypeFacts = T::FACTS.optional();

    fn shape() -> Shape {
        T::shape()
    }

    fn into_planned(self) -> Self::Planned {
        self.map_or_else(Self::Planned::default, T::into_planned)
    }

    fn nullable() -> Vec<bool> {
        let within = T::nullable().into_iter().skip(1);
        std::iter::once(true).chain(within).collect()
    }
}

impl<T: Codec> Codec for Vec<T> {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::List(elements) | Value::Tuple(elements) => elements
                .into_iter()
                .zip(0..)
                .map(|(value, index)| {
                    T::decode(value, &AttributePath::root())
                        .map_err(|error| error.within(path, Step::Index(index)))
                })
                .collect(),
            other => Err(DecodeError::new(path, "a list", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::List(self.into_iter().map(T::encode).collect())
    }
}

impl<T: AttributeType> AttributeType for Vec<T> {
    type Planned = Planned<Vec<T::Planned>>;
    type Paths = ListPaths<T::Paths>;

    const FACTS: TypeFacts = T::FACTS.repeated();

    fn shape() -> Shape {
        T::shape().repeated(ObjectNesting::List, Type::list)
    }

    fn into_planned(self) -> Self::Planned {
        Planned::Known(self.into_iter().map(T::into_planned).collect())
    }

    fn nullable() -> Vec<bool> {
        nullable_elements::<T>()
    }
}

impl<T: Codec + Ord> Codec for BTreeSet<T> {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::Set(elements) => elements
                .into_iter()
                .map(|value| T::decode(value, path))
                .collect(),
            other => Err(DecodeError::new(path, "a set", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::Set(self.into_iter().map(T::encode).collect::<Set>())
    }
}

impl<T: AttributeType + Ord> AttributeType for BTreeSet<T> {
    type Planned = Planned<PlannedSet<T::Planned>>;
    type Paths = AttributePath;

    const FACTS: TypeFacts = T::FACTS.in_set();

    fn shape() -> Shape {
        T::shape().repeated(ObjectNesting::Set, Type::set)
    }

    fn into_planned(self) -> Self::Planned {
        Planned::Known(self.into_iter().map(T::into_planned).collect())
    }

    fn nullable() -> Vec<bool> {
        nullable_elements::<T>()
    }
}

impl<T: Codec> Codec for BTreeMap<String, T> {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::Map(elements) => elements
                .into_iter()
                .map(|(key, value)| {
                    let value = T::decode(value, &AttributePath::root())
                        .map_err(|error| error.within(path, Step::Key(key.clone())))?;
                    Ok((key, value))
                })
                .collect(),
            other => Err(DecodeError::new(path, "a map", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::Map(
            self.into_iter()
                .map(|(key, value)| (key, value.encode()))
                .collect(),
        )
    }
}

impl<T: AttributeType> AttributeType for BTreeMap<String, T> {
    type Planned = Planned<BTreeMap<String, T::Planned>>;
    type Paths = MapPaths<T::Paths>;

    const FACTS: TypeFacts = T::FACTS.repeated();

    fn shape() -> Shape {
        T::shape().repeated(ObjectNesting::Map, Type::map)
    }

    fn into_planned(self) -> Self::Planned {
        Planned::Known(
            self.into_iter()
                .map(|(key, value)| (key, value.into_planned()))
                .collect(),
        )
    }

    fn nullable() -> Vec<bool> {
        nullable_elements::<T>()
    }
}
