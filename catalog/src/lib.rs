//! Our modules as typed declarations. A declaration is data: nothing here reads a file, a clock or an environment, and what
//! is written of it is decided where it is rendered.
//!
//! A package is a file that declares its root module and a folder with its parts. A new one is added to [`packages`].

pub mod skreg;

use tfmodgen::Package;

/// Every package that is published from here.
pub fn packages() -> Vec<Package> {
    vec![skreg::package()]
}
