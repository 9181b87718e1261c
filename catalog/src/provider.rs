//! Facts about the provider of this repository that declarations use. Must declare only the provider requirement.

use tfmodgen::Module;

/// Address of the provider in a registry.
const SOURCE: &str = "skreg/skreg";
/// Local name of the provider, which is the prefix of its types.
const NAME: &str = "skreg";
/// Prefix of the tag keys that the provider reserves.
pub(crate) const TAGS: &str = "skreg";

/// Requires the provider.
pub(crate) fn require(m: &mut Module) {
    m.requires(NAME, SOURCE, ">= 0.1");
}
