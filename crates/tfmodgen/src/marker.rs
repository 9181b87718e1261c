//! Terraform types as Rust types without values, such as `Str` in `Expr<Str>`. These types must not contain data.

use std::marker::PhantomData;

use tfschema::Type;

/// A type of the language as a Rust type.
pub trait Typed: 'static {
    /// Returns the type as a value.
    fn ty() -> Type;
}

/// A collection type, which `for` can iterate over.
pub trait Collection: Typed {
    /// Type of the keys: numbers in a list, strings in a map, and the elements themselves in a set.
    type Key: Typed;
    /// Type of the values.
    type Value: Typed;
}

/// A string.
pub enum Str {}

/// A number.
pub enum Num {}

/// A bool.
pub enum Bool {}

/// A value whose type is not known to Rust. The checker might know the type.
pub enum Any {}

/// A list with a single element type.
pub struct List<T>(PhantomData<fn() -> T>);

/// A set with a single element type.
pub struct Set<T>(PhantomData<fn() -> T>);

/// A map from strings to a single element type.
pub struct Map<T>(PhantomData<fn() -> T>);

/// An object. The checker knows its attributes, but Rust does not.
pub enum Object {}

impl Typed for Str {
    fn ty() -> Type {
        Type::String
    }
}

impl Typed for Num {
    fn ty() -> Type {
        Type::Number
    }
}

impl Typed for Bool {
    fn ty() -> Type {
        Type::Bool
    }
}

impl Typed for Any {
    fn ty() -> Type {
        Type::Dynamic
    }
}

impl Typed for Object {
    fn ty() -> Type {
        Type::Dynamic
    }
}

impl<T: Typed> Typed for List<T> {
    fn ty() -> Type {
        T::ty().list()
    }
}

impl<T: Typed> Typed for Set<T> {
    fn ty() -> Type {
        T::ty().set()
    }
}

impl<T: Typed> Typed for Map<T> {
    fn ty() -> Type {
        T::ty().map()
    }
}

impl<T: Typed> Collection for List<T> {
    type Key = Num;
    type Value = T;
}

impl<T: Typed> Collection for Set<T> {
    type Key = T;
    type Value = T;
}

impl<T: Typed> Collection for Map<T> {
    type Key = Str;
    type Value = T;
}
