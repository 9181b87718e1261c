//! Types, values, schemas and attribute paths of the Terraform and OpenTofu type system.
//!
//! This crate is the bottom of the house. It is pure: no input or output, no clock, no cloud. The
//! provider framework authors schemas in it and plans over its values, the command lines print
//! those schemas as JSON, and [`json`] reads that JSON back.
//!
//! ```
//! use tfschema::{Attribute, Block, Schema, Type, Value};
//!
//! let schema = Schema::new(0, Block::new().attribute("name", Attribute::of(Type::String).required()));
//! let value = Value::object([("name", Value::string("api"))]);
//! assert!(schema.block.implied_type().check(&value).is_ok());
//! ```

mod conform;
pub mod json;
mod number;
mod path;
mod schema;
mod set;
pub mod slim;
mod text;
mod ty;
mod unknown;
mod value;

pub use conform::{Conformance, NonConforming};
pub use number::{Number, NumberError};
pub use path::{AttributePath, Step};
pub use schema::{
    Attribute, AttributeKind, Block, BlockNesting, Function, IdentityAttribute, IdentitySchema,
    NestedBlock, NestedObject, ObjectNesting, Parameter, ProviderSchema, Schema,
};
pub use set::Set;
pub use text::Text;
pub use ty::{ObjectType, Type, TypeError};
pub use unknown::{Bound, Unknown};
pub use value::{Dynamic, Value};
