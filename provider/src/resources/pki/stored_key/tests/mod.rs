//! In-memory AWS for the tests of resource types with a stored key.

pub(in crate::resources::pki) mod account;
