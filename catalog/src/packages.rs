//! Packages, which consist of shared parts, shared fragments, and package-specific components. Each package has a
//! separate folder.

mod ml_api;
mod pipeline;
mod pki;
mod preview_base;
mod preview_env;
mod scaleway_app;
mod scaleway_state;
mod skreg;
mod state_backend;

use tfmodgen::Package;

/// Returns every package in this repository.
pub fn packages() -> Vec<Package> {
    vec![
        ml_api::package(),
        pipeline::package(),
        pki::package(),
        preview_base::package(),
        preview_env::package(),
        scaleway_app::package(),
        scaleway_state::package(),
        skreg::package(),
        state_backend::package(),
    ]
}
