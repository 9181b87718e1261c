//! Components of packages on AWS: conventions, inputs, policy documents, mocks, fragments, and parts. Must not name a
//! package. Package-specific facts are options and parameters.

pub mod conventions;
pub mod fragments;
pub(crate) mod inputs;
pub(crate) mod mocks;
pub mod parts;
pub(crate) mod policy;
