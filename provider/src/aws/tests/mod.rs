//! In-memory AWS services for the tests of resources.
//!
//! The services follow the API documentation and must not depend on the code under test. A [`Script`] makes selected
//! calls fail.

mod clients;
mod keys;
mod keys_semantics;
mod objects;
mod objects_semantics;
mod script;
mod server;

pub(crate) use keys::InMemoryKeys;
pub(crate) use objects::InMemoryObjects;
pub(crate) use script::{Crash, Fault, Script};
