//! Parts: modules that packages share. A package contains a copy of each of its parts in its folder `modules/`.

pub(crate) mod access_logs;
pub(crate) mod database;
pub(crate) mod github_identity;
pub(crate) mod github_oidc_provider;
pub mod network;
pub(crate) mod pki;
