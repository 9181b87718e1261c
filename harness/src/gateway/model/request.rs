//! Reads the parameters of a request, one file per protocol. Must not check constraints.

pub(super) mod json;
pub(super) mod query;
pub(super) mod rest;
pub(super) mod xml;
