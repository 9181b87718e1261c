//! Parts: modules that packages share. Each package contains copies of its parts in the folder `modules/`.

pub(crate) mod access_logs;
pub(crate) mod aurora;
pub(crate) mod database;
pub(crate) mod github_identity;
pub(crate) mod github_oidc_provider;
pub(crate) mod gpu_capacity;
pub mod network;
pub(crate) mod pki;
pub(crate) mod session_table;
pub(crate) mod web_acl;
