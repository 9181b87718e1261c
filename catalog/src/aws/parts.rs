//! Parts: modules that several packages contain. A package renders each that it uses below its own `modules/`.

pub(crate) mod access_logs;
pub(crate) mod database;
pub(crate) mod github_identity;
pub(crate) mod github_oidc_provider;
pub mod network;
pub(crate) mod pki;
