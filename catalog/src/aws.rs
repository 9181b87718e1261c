//! What packages on AWS are made of: conventions, inputs, policy documents, mocks, fragments and parts. Must not name a
//! package: facts about one are options and parameters.

pub mod conventions;
pub mod fragments;
pub(crate) mod inputs;
pub(crate) mod mocks;
pub mod parts;
pub(crate) mod policy;
