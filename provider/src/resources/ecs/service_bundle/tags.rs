//! Plans, stores, and reads `tags_all` for a bundle. These functions are pure.

use std::collections::BTreeMap;

use super::model::{ServiceBundle, ServiceBundlePlan};
use crate::aws::tags::{PlannedTags, dropped_tags, unreserved};
use crate::ecs::bundle::{Bundle, Deployed};
use crate::resources::tagged::Tagged;

type Texts = BTreeMap<String, String>;

impl Tagged for ServiceBundlePlan {
    fn tags(&self) -> &PlannedTags {
        &self.tags
    }

    fn tags_all(&self) -> &PlannedTags {
        &self.tags_all
    }

    fn set_tags_all(&mut self, tags: PlannedTags) {
        self.tags_all = tags;
    }
}

/// Returns the model with the tags that an apply wrote.
pub(super) fn tagged(mut model: ServiceBundle, bundle: &Bundle) -> ServiceBundle {
    model.tags_all = unreserved(&bundle.tags);
    model
}

/// Marks tags for removal if they are in the state but are no longer configured.
pub(super) fn drop_tags(bundle: &mut Bundle, prior: &ServiceBundlePlan) {
    let dropped = dropped_tags([&prior.tags, &prior.tags_all], &bundle.tags);
    bundle.dropped_tags = dropped.into_iter().collect();
}

/// Returns the tags of the services. If a tag differs between services, the result contains a value that differs from
/// the configured value, or omits the tag if it is configured but missing from a service. The plan then shows a change.
pub(super) fn found_tags(services: &BTreeMap<String, Deployed>, wanted: &Texts) -> Texts {
    let all: Vec<Texts> = services
        .values()
        .map(|deployed| unreserved(&deployed.tags))
        .collect();
    let wanted = unreserved(wanted);
    let keys = all.iter().flat_map(BTreeMap::keys);
    let keys: std::collections::BTreeSet<&String> = keys.collect();
    let shown = keys.into_iter().filter_map(|key| {
        let values: Vec<Option<&String>> = all.iter().map(|tags| tags.get(key)).collect();
        let deviating = values.iter().find(|value| **value != wanted.get(key));
        let value = deviating.or(values.first()).copied().flatten()?;
        Some((key.clone(), value.clone()))
    });
    shown.collect()
}
