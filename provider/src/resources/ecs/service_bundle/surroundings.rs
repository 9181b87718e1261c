//! Facts of the provider's configuration that a bundle needs beside its model.

use std::collections::BTreeMap;

/// What the model does not say: facts of the provider's configuration.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The region of the provider, and so of log groups that name none.
    pub region: String,
    /// Tags of everything.
    pub default_tags: BTreeMap<String, String>,
}
