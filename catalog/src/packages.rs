//! Packages: each a folder of what is particular to it, made of parts and fragments.

mod skreg;

use tfmodgen::Package;

/// Returns every package that is published from here.
pub fn packages() -> Vec<Package> {
    vec![skreg::package()]
}
