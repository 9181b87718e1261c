//! Provider settings that a bundle uses in addition to its model.

use std::collections::BTreeMap;

/// Provider settings that a bundle uses.
#[derive(Clone, Debug, Default)]
pub struct ProviderSettings {
    /// Region of the provider, which is the default region of log groups.
    pub region: String,
    /// Default tags of all resources.
    pub default_tags: BTreeMap<String, String>,
}
