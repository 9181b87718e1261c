//! Types, values, schemas, and attribute paths of the Terraform and OpenTofu type system.
//!
//! The crate does not depend on other crates in the workspace and performs no I/O. The provider framework defines
//! schemas and plans values with these types. Terraform and OpenTofu print schemas as JSON, which [`json`] reads.
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
