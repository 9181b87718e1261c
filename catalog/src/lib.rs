//! The modules of this repository as typed declarations. A declaration is data. It does not read files, the clock or the
//! environment.
//!
//! Components that the packages of a cloud share are in a separate folder, such as [`aws`]. Components of a single package are
//! below `packages/`. Add a new package to [`packages()`].

pub mod aws;
mod packages;
mod provider;

pub use packages::packages;
