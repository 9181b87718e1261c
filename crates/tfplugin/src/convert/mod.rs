//! Conversion between protocol messages and the types of the framework. No other module depends on both.

pub(crate) mod from_proto;
pub(crate) mod schema_to_proto;
pub(crate) mod to_proto;
