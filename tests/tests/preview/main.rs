//! Tests the packages for environments on Kubernetes with doubles of the providers, with every CLI: apply, an empty second plan,
//! changes, and destroy. A cluster is not required.
//!
//! Expectations are written manually from the requirements and from the documentation of Kubernetes.

mod base;
mod environment;
mod providers;
