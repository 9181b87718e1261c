//! `tags_all` of a bundle: what is planned, what is stored, what is read from the services. Pure.

use std::collections::BTreeMap;

use tfplugin::Planned;

use super::model::{ServiceBundle, ServiceBundlePlan};
use crate::aws::tags::{PlannedTags, dropped_tags, is_reserved_tag, tags_all};
use crate::ecs::bundle::{Bundle, Deployed};

type Texts = BTreeMap<String, String>;

/// Plans `tags_all`. State that was written before the attribute existed has null there, which stays while nothing
/// else changes: what it was tagged with is not known without a refresh.
pub(super) fn plan_tags(
    prior: Option<&ServiceBundlePlan>,
    plan: &mut ServiceBundlePlan,
    default_tags: &PlannedTags,
) {
    if let Some(prior) = prior.filter(|prior| prior.tags_all.is_null()) {
        plan.tags_all = Planned::Null;
        if plan == prior {
            return;
        }
    }
    plan.tags_all = tags_all(default_tags, &plan.tags);
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

fn unreserved(tags: &Texts) -> Texts {
    let own = tags.iter().filter(|(key, _)| !is_reserved_tag(key));
    own.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
