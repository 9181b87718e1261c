//! Packages, which consist of shared parts and fragments and of their own components. Each package has a folder.

mod skreg;

use tfmodgen::Package;

/// Returns every package of this repository.
pub fn packages() -> Vec<Package> {
    vec![skreg::package()]
}
