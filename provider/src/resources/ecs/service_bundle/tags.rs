//! `tags_all` of a bundle: what is planned, what is stored, what is read from the services. Pure.

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

/// The model with the tags that an apply has written.
pub(super) fn tagged(mut model: ServiceBundle, bundle: &Bundle) -> ServiceBundle {
    model.tags_all = unreserved(&bundle.tags);
    model
}

/// Lets an update remove the tags that the state knows and that are wanted no more.
pub(super) fn drop_tags(bundle: &mut Bundle, prior: &ServiceBundlePlan) {
    let dropped = dropped_tags([&prior.tags, &prior.tags_all], &bundle.tags);
    bundle.dropped_tags = dropped.into_iter().collect();
}

/// The tags that the services have. A tag that is not the same on all of them is shown so that it differs from what
/// is wanted: as missing where it is wanted, and as it is where it is not.
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
