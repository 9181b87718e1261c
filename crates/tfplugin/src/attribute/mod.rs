//! Rust types as attributes: [`Codec`] reads and writes values, [`AttributeType`] adds schema, planned form and paths.
//!
//! `#[derive(Schema)]` implements both for a struct. Every implementation can also be written by hand.

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
