//! The double of `scaleway/scaleway`. Must not contain any knowledge about modules.

use tfharness::workspace::Double;

/// Returns the double with the schemas and rules in this repository.
pub(crate) fn scaleway() -> Double {
    Double::new(
        "scaleway/scaleway",
        "2.81.0",
        "schemas/scaleway-scaleway/2.81.0",
    )
    .rules("crates/tfdouble/rules/scaleway-scaleway")
}
