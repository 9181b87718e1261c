//! JSON forms: values as state files hold them, schemas as `providers schema -json` prints them.

mod schema;
mod value;

pub use schema::{SchemaJsonError, read_provider_schemas, write_provider_schemas};
pub use value::{ValueJsonError, value_from_json, value_to_json};
