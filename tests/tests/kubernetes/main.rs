//! Applies the objects of preview environments to a real Kubernetes API server: admission, quotas, validation, ownership of
//! fields, and deletion. Nodes, load balancers, and issued certificates do not exist.

mod base;
mod chart;
mod cluster;
mod convert;
mod environment;
mod lifetime;
mod namespace;
mod pods;
mod preview;
#[path = "../preview/providers.rs"]
mod providers;
mod quota;
mod validation;
