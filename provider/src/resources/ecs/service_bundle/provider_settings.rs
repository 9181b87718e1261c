//! Provider settings that a bundle uses in addition to its model.

use std::collections::BTreeMap;

/// Provider settings that a bundle uses.
#[derive(Clone, Debug, Default)]
pub struct ProviderSettings {
    /// Provider region, which is the default region for log groups.
    pub region: String,
    /// Default tags for all resources.
    pub default_tags: BTreeMap<String, String>,
}
