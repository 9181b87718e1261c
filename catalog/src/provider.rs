//! Facts about this repository's provider that declarations use. Must declare only the provider requirement.

use tfmodgen::Module;

/// Registry address of the provider.
const SOURCE: &str = "skreg/skreg";
/// Local name of the provider, which is the prefix for its types.
const NAME: &str = "skreg";
/// Prefix for tag keys that the provider reserves.
pub(crate) const TAGS: &str = "skreg";

/// Requires the provider.
pub(crate) fn require(m: &mut Module) {
    m.requires(NAME, SOURCE, ">= 0.1");
}
