//! Static knowledge about values: the type or, for blocks, the schema, which is more detailed.

use tfschema::{
    Attribute, AttributeKind, BlockNesting, NestedBlock, ObjectNesting, ObjectType, Type,
};

use crate::module::Interface;

/// Static knowledge about a value.
#[derive(Clone, Debug)]
pub(super) enum Shape<'a> {
    /// The type is not known.
    Unknown,
    /// The type is known.
    Value(Type),
    /// The value is a block with this schema.
    Block(&'a tfschema::Block),
    /// The value is an object that contains the outputs of a module.
    Outputs(&'a Interface),
    List(Box<Shape<'a>>),
    Set(Box<Shape<'a>>),
    Map(Box<Shape<'a>>),
}

/// An existing attribute.
pub(super) struct Found<'a> {
    pub(super) shape: Shape<'a>,
    pub(super) sensitive: bool,
    pub(super) ephemeral: bool,
    pub(super) write_only: bool,
}

/// Result of an attribute lookup.
pub(super) enum Lookup<'a> {
    Found(Found<'a>),
    /// The attribute does not exist. Contains the names of the existing attributes.
    Missing(Vec<String>),
}

impl<'a> Shape<'a> {
    /// Returns the type, as far as it is known.
    pub(super) fn ty(&self) -> Type {
        match self {
            Self::Unknown | Self::Outputs(_) => Type::Dynamic,
            Self::Value(ty) => ty.clone(),
            Self::Block(block) => block.implied_type(),
            Self::List(element) => element.ty().list(),
            Self::Set(element) => element.ty().set(),
            Self::Map(element) => element.ty().map(),
        }
    }

    /// Returns a short description for messages.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Block(_) => "an object".to_owned(),
            Self::Outputs(_) => "a module".to_owned(),
            Self::List(element) => format!("a list of {}", element.plural()),
            Self::Set(element) => format!("a set of {}", element.plural()),
            Self::Map(element) => format!("a map of {}", element.plural()),
            Self::Unknown | Self::Value(_) => describe(&self.ty()),
        }
    }

    fn plural(&self) -> String {
        match self {
            Self::Block(_) => "objects".to_owned(),
            Self::Outputs(_) => "modules".to_owned(),
            other => describe(&other.ty()),
        }
    }

    /// Looks up an attribute of the value.
    pub(super) fn attribute(&self, name: &str) -> Lookup<'a> {
        let plain = |shape| {
            Lookup::Found(Found {
                shape,
                sensitive: false,
                ephemeral: false,
                write_only: false,
            })
        };
        match self {
            Self::Unknown | Self::Value(Type::Dynamic) => plain(Self::Unknown),
            Self::Value(Type::Map(element)) => plain(Self::Value(element.as_ref().clone())),
            Self::Value(Type::Object(object)) => match object.attributes.get(name) {
                Some(ty) => plain(Self::Value(ty.clone())),
                None => Lookup::Missing(object.attributes.keys().cloned().collect()),
            },
            Self::Block(block) => attribute_of_block(block, name),
            Self::Outputs(interface) => match interface.outputs.get(name) {
                Some(given) => Lookup::Found(Found {
                    shape: Self::Value(given.ty.clone()),
                    sensitive: given.sensitive,
                    ephemeral: given.ephemeral,
                    write_only: false,
                }),
                None => Lookup::Missing(interface.outputs.keys().cloned().collect()),
            },
            Self::Value(_) | Self::List(_) | Self::Set(_) | Self::Map(_) => {
                Lookup::Missing(Vec::new())
            }
        }
    }

    /// Returns the shape of an element, if the value can be indexed.
    pub(super) fn element(&self) -> Option<Self> {
        match self {
            Self::Unknown | Self::Value(Type::Dynamic | Type::Object(_) | Type::Tuple(_)) => {
                Some(Self::Unknown)
            }
            Self::Value(Type::List(element) | Type::Map(element)) => {
                Some(Self::Value(element.as_ref().clone()))
            }
            Self::List(element) | Self::Map(element) => Some(element.as_ref().clone()),
            Self::Value(_) | Self::Set(_) | Self::Block(_) | Self::Outputs(_) => None,
        }
    }

    /// Returns the key and value in `for`, `for_each`, and `dynamic`, if the value can be iterated over.
    pub(super) fn members(&self) -> Option<(Self, Self)> {
        let text = || Self::Value(Type::String);
        let number = || Self::Value(Type::Number);
        match self {
            Self::Unknown | Self::Value(Type::Dynamic) => Some((Self::Unknown, Self::Unknown)),
            Self::Value(Type::List(element)) => {
                Some((number(), Self::Value(element.as_ref().clone())))
            }
            Self::Value(Type::Map(element)) => {
                Some((text(), Self::Value(element.as_ref().clone())))
            }
            Self::Value(Type::Set(element)) => {
                let element = Self::Value(element.as_ref().clone());
                Some((element.clone(), element))
            }
            Self::Value(Type::Tuple(types)) => Some((number(), Self::Value(unify(types)))),
            Self::Value(Type::Object(object)) => {
                let types: Vec<Type> = object.attributes.values().cloned().collect();
                Some((text(), Self::Value(unify(&types))))
            }
            Self::Block(_) | Self::Outputs(_) => Some((text(), Self::Unknown)),
            Self::List(element) => Some((number(), element.as_ref().clone())),
            Self::Map(element) => Some((text(), element.as_ref().clone())),
            Self::Set(element) => Some((element.as_ref().clone(), element.as_ref().clone())),
            Self::Value(Type::String | Type::Number | Type::Bool) => None,
        }
    }
}

fn attribute_of_block<'a>(block: &'a tfschema::Block, name: &str) -> Lookup<'a> {
    if let Some(attribute) = block.attributes.get(name) {
        return Lookup::Found(Found {
            shape: Shape::Value(attribute.implied_type()),
            sensitive: attribute.sensitive,
            ephemeral: false,
            write_only: attribute.write_only,
        });
    }
    match block.blocks.get(name) {
        Some(nested) => Lookup::Found(Found {
            shape: shape_of_nested(nested),
            sensitive: false,
            ephemeral: false,
            write_only: false,
        }),
        None => {
            let names = block.attributes.keys().chain(block.blocks.keys());
            Lookup::Missing(names.cloned().collect())
        }
    }
}

fn shape_of_nested(nested: &NestedBlock) -> Shape<'_> {
    let own = Shape::Block(&nested.block);
    match nested.nesting {
        BlockNesting::Single | BlockNesting::Group => own,
        BlockNesting::List => Shape::List(Box::new(own)),
        BlockNesting::Set => Shape::Set(Box::new(own)),
        BlockNesting::Map => Shape::Map(Box::new(own)),
    }
}

/// Returns whether any attribute of a block is sensitive, at any depth.
pub(super) fn contains_sensitive(block: &tfschema::Block) -> bool {
    let own = block.attributes.values().any(|attribute| {
        attribute.sensitive
            || matches!(&attribute.kind, AttributeKind::Nested(nested) if nested.attributes.values().any(|inner| inner.sensitive))
    });
    own || block
        .blocks
        .values()
        .any(|nested| contains_sensitive(&nested.block))
}

/// Returns the type that an attribute accepts. Nested attributes that are not required can be omitted.
pub(super) fn accepted(attribute: &Attribute) -> Type {
    let AttributeKind::Nested(nested) = &attribute.kind else {
        return attribute.implied_type();
    };
    let attributes = nested.attributes.iter();
    let object = Type::Object(ObjectType {
        optional: attributes
            .clone()
            .filter(|(_, inner)| !inner.required)
            .map(|(name, _)| name.clone())
            .collect(),
        attributes: attributes
            .map(|(name, inner)| (name.clone(), accepted(inner)))
            .collect(),
    });
    match nested.nesting {
        ObjectNesting::Single => object,
        ObjectNesting::List => object.list(),
        ObjectNesting::Set => object.set(),
        ObjectNesting::Map => object.map(),
    }
}

/// Returns the attributes that the expected type does not have, each with the attribute names of the expected type. The
/// language silently drops such attributes.
pub(super) fn extra(given: &Type, expected: &Type) -> Vec<(String, Vec<String>)> {
    match (given, expected) {
        (Type::Object(given), Type::Object(expected)) => {
            let inner = given.attributes.iter().flat_map(|(name, ty)| {
                match expected.attributes.get(name) {
                    Some(expected) => extra(ty, expected),
                    None => vec![(name.clone(), expected.attributes.keys().cloned().collect())],
                }
            });
            inner.collect()
        }
        (Type::Object(given), Type::Map(expected)) => {
            let types = given.attributes.values();
            types.flat_map(|ty| extra(ty, expected)).collect()
        }
        (Type::Tuple(given), Type::List(expected) | Type::Set(expected)) => {
            given.iter().flat_map(|ty| extra(ty, expected)).collect()
        }
        (
            Type::List(given) | Type::Set(given) | Type::Map(given),
            Type::List(expected) | Type::Set(expected) | Type::Map(expected),
        ) => extra(given, expected),
        _ => Vec::new(),
    }
}

/// Returns the name of a type for messages.
pub(super) fn describe(ty: &Type) -> String {
    match ty {
        Type::Dynamic => "any value".to_owned(),
        Type::Tuple(types) if types.is_empty() => "an empty list".to_owned(),
        Type::Tuple(types) => format!("list({})", unify(types)),
        ty => ty.to_string(),
    }
}

/// Returns the type that all these types have in common, or the dynamic type.
pub(super) fn unify(types: &[Type]) -> Type {
    match types.split_first() {
        Some((first, rest)) if rest.iter().all(|ty| ty == first) => first.clone(),
        _ => Type::Dynamic,
    }
}

/// Returns whether the language can convert a value from one type to another. A conversion that depends on the value,
/// such as from string to number, counts as possible.
pub(super) fn converts(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Dynamic, _) | (_, Type::Dynamic) => true,
        (Type::Number | Type::Bool, Type::String) | (Type::String, Type::Number | Type::Bool) => {
            true
        }
        (Type::List(from) | Type::Set(from), Type::List(to) | Type::Set(to)) => converts(from, to),
        (Type::Tuple(from), Type::List(to) | Type::Set(to)) => {
            from.iter().all(|from| converts(from, to))
        }
        (Type::List(from) | Type::Set(from), Type::Tuple(to)) => {
            to.iter().all(|to| converts(from, to))
        }
        (Type::Tuple(from), Type::Tuple(to)) => {
            from.len() == to.len() && from.iter().zip(to).all(|(from, to)| converts(from, to))
        }
        (Type::Map(from), Type::Map(to)) => converts(from, to),
        (Type::Object(from), Type::Map(to)) => {
            from.attributes.values().all(|from| converts(from, to))
        }
        (Type::Map(from), Type::Object(to)) => to.attributes.values().all(|to| converts(from, to)),
        (Type::Object(from), Type::Object(to)) => to.attributes.iter().all(|(name, ty)| match from
            .attributes
            .get(name)
        {
            Some(from) => converts(from, ty),
            None => to.optional.contains(name),
        }),
        (from, to) => from == to,
    }
}
