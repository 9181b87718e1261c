//! The modules in this repository as typed declarations. A declaration is data. It does not read files, the clock, or
//! the environment.
//!
//! Components that all packages for a cloud share are in a separate folder, such as [`aws`]. Package-specific
//! components are below `packages/`. Add a new package to [`packages()`].

pub mod aws;
mod packages;
pub(crate) mod preview;
mod provider;
pub(crate) mod scaleway;
mod state;

pub use packages::packages;
