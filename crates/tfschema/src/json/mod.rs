//! JSON forms of values, as in state files, and of schemas, as printed by `providers schema -json`.

mod schema;
mod value;

pub use schema::{SchemaJsonError, read_provider_schemas, write_provider_schemas};
pub use value::{ValueJsonError, value_from_json, value_to_json};
