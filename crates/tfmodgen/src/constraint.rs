//! Type constraints of variables: `list(string())`, `object().required(…).optional(…)`.

use std::marker::PhantomData;

use tfschema::{ObjectType, Type};

use crate::expr::IntoExpr;
use crate::marker::{Any, Bool, List, Map, Num, Object, Set, Str};
use crate::node::Node;

/// Type constraint of a variable.
pub struct Constraint<T> {
    pub(crate) shape: Shape,
    ty: PhantomData<fn() -> T>,
}

/// A type constraint with the defaults of optional attributes.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Any,
    String,
    Number,
    Bool,
    List(Box<Shape>),
    Set(Box<Shape>),
    Map(Box<Shape>),
    Object(Vec<Field>),
}

/// An attribute of an object constraint.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    pub(crate) presence: Presence,
}

/// Whether an attribute is required.
#[derive(Clone, Debug)]
pub(crate) enum Presence {
    Required,
    /// The attribute is null if omitted.
    Optional,
    /// The attribute has this value if omitted.
    Default(Node),
}

fn constraint<T>(shape: Shape) -> Constraint<T> {
    Constraint {
        shape,
        ty: PhantomData,
    }
}

/// `string`.
pub fn string() -> Constraint<Str> {
    constraint(Shape::String)
}

/// `number`.
pub fn number() -> Constraint<Num> {
    constraint(Shape::Number)
}

/// `bool`.
pub fn bool() -> Constraint<Bool> {
    constraint(Shape::Bool)
}

/// `any`. Use it as a last resort, because the checker cannot check the value.
pub fn any() -> Constraint<Any> {
    constraint(Shape::Any)
}

/// `list(…)`.
pub fn list<T>(element: Constraint<T>) -> Constraint<List<T>> {
    constraint(Shape::List(Box::new(element.shape)))
}

/// `set(…)`.
pub fn set<T>(element: Constraint<T>) -> Constraint<Set<T>> {
    constraint(Shape::Set(Box::new(element.shape)))
}

/// `map(…)`.
pub fn map<T>(element: Constraint<T>) -> Constraint<Map<T>> {
    constraint(Shape::Map(Box::new(element.shape)))
}

/// `object({})`. Add attributes with the methods of the constraint.
///
/// ```
/// use tfmodgen::prelude::*;
/// let size = object().required("cpu", number()).optional_or("memory", number(), 512);
/// ```
pub fn object() -> Constraint<Object> {
    constraint(Shape::Object(Vec::new()))
}

impl Constraint<Object> {
    /// Adds a required attribute.
    #[must_use]
    pub fn required<T>(self, name: &str, ty: Constraint<T>) -> Self {
        self.with(name, ty.shape, Presence::Required)
    }

    /// Adds an optional attribute, which is null if omitted.
    #[must_use]
    pub fn optional<T>(self, name: &str, ty: Constraint<T>) -> Self {
        self.with(name, ty.shape, Presence::Optional)
    }

    /// Adds an optional attribute with a default.
    #[must_use]
    pub fn optional_or<T>(self, name: &str, ty: Constraint<T>, default: impl IntoExpr<T>) -> Self {
        let default = default.into_expr().into_node();
        self.with(name, ty.shape, Presence::Default(default))
    }

    fn with(self, name: &str, shape: Shape, presence: Presence) -> Self {
        let mut fields = match self.shape {
            Shape::Object(fields) => fields,
            _ => Vec::new(),
        };
        fields.push(Field {
            name: name.to_owned(),
            shape,
            presence,
        });
        constraint(Shape::Object(fields))
    }
}

impl Shape {
    /// Returns the type of the values that satisfy the constraint.
    pub(crate) fn ty(&self) -> Type {
        match self {
            Self::Any => Type::Dynamic,
            Self::String => Type::String,
            Self::Number => Type::Number,
            Self::Bool => Type::Bool,
            Self::List(element) => element.ty().list(),
            Self::Set(element) => element.ty().set(),
            Self::Map(element) => element.ty().map(),
            Self::Object(fields) => {
                let optional = |field: &&Field| !matches!(field.presence, Presence::Required);
                Type::Object(ObjectType {
                    attributes: fields
                        .iter()
                        .map(|field| (field.name.clone(), field.shape.ty()))
                        .collect(),
                    optional: fields
                        .iter()
                        .filter(optional)
                        .map(|field| field.name.clone())
                        .collect(),
                })
            }
        }
    }

    /// Calls `visit` for every attribute of every object in the constraint.
    pub(crate) fn fields<'a>(&'a self, visit: &mut impl FnMut(&'a Field)) {
        match self {
            Self::Any | Self::String | Self::Number | Self::Bool => {}
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.fields(visit),
            Self::Object(fields) => {
                for field in fields {
                    visit(field);
                    field.shape.fields(visit);
                }
            }
        }
    }
}
