//! The doubles of the providers that the modules use. Must not contain any knowledge about modules.

use tfharness::workspace::Double;

/// Returns the double of `hashicorp/aws` with the schemas and rules in this repository.
pub(crate) fn aws() -> Double {
    Double::new("hashicorp/aws", "5.100.0", "schemas/hashicorp-aws/5.100.0")
        .rules("crates/tfdouble/rules/hashicorp-aws")
}

/// Returns the double of `skreg/skreg` with the schemas and rules in this repository.
pub(crate) fn skreg() -> Double {
    Double::new("skreg/skreg", "0.1.0", "schemas/skreg-skreg/0.1.0")
        .rules("crates/tfdouble/rules/skreg-skreg")
}

/// Returns the doubles of all providers that the modules use.
pub(crate) fn all() -> [Double; 2] {
    [aws(), skreg()]
}
