//! Rust types as attributes: [`Codec`] decodes and encodes values, and [`AttributeType`] adds the schema, planned form, and
//! paths.
//!
//! `#[derive(Schema)]` implements both traits for a struct. You can also implement them manually.

mod attribute_type;
mod codec;
mod collection;
mod facts;
mod object;
mod paths;
mod planned;
mod primitive;
mod secret;
mod shape;

pub use attribute_type::AttributeType;
pub use codec::{Codec, DecodeError};
pub use facts::{AttributeFlags, TypeFacts};
pub use object::{AttributeSpec, ObjectFields, ObjectShape};
pub use paths::{ListPaths, MapPaths};
pub use planned::{Planned, PlannedSet};
pub use secret::{Secret, WriteOnly};
pub use shape::Shape;
