//! Conversions between protocol messages and framework types. No other module depends on both.

pub(crate) mod from_proto;
pub(crate) mod schema_to_proto;
pub(crate) mod to_proto;
