//! Tests the packages for environments on Kubernetes with doubles of the providers, with every CLI: apply, an empty second plan,
//! changes, and destroy. A cluster is not required.
//!
//! Expectations are written manually from the requirements and from the documentation of Kubernetes.

mod base;
mod base_rows;
mod changes;
mod environment;
mod environment_rows;
#[path = "../scaleway/facts.rs"]
mod facts;
mod import;
mod network;
#[path = "../scaleway/order.rs"]
mod order;
mod pods;
mod provider_configuration;
mod providers;
mod quota;
#[path = "../scaleway/table.rs"]
mod table;
