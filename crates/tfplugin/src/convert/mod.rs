//! Between the messages of the protocol and what the framework works with. Nothing is decided here, and nothing else knows
//! both sides.

pub(crate) mod from_proto;
pub(crate) mod schema_to_proto;
pub(crate) mod to_proto;
