//! A Kubernetes control plane without nodes, on loopback, and a client for its API.
//!
//! etcd, the API server, and the controller manager are the real programs. They decide about validation, admission,
//! quotas, defaults, ownership of fields, and garbage collection. There are no nodes, so pods stay pending. This module
//! must not depend on a CLI or a cloud.

mod client;
mod control_plane;
mod credentials;

pub use client::{ApiError, Client, Reference};
pub use control_plane::{ControlPlane, StartError};
