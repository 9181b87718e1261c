//! Tags of an authority's secret: those of the resource, those of the provider's configuration, and those that the
//! provider writes for itself, which no attribute shows.

use std::collections::BTreeMap;

use tfplugin::{Call, Planned};

use super::calls::bounded;
use super::model::RootCaPlan;
use crate::aws::AwsError;
use crate::aws::secrets::SecretStore;
use crate::aws::tags::{
    self, PlannedTags, UNFINISHED_TAG, is_reserved_tag, planned_tags, tags_all,
};
pub(super) use crate::config::ROOT_KEY_TAG as KEY_TAG;

/// The tag by which an earlier version of the provider told which of several creations took over a stored key last. No
/// create writes it any more.
pub(super) const ADOPTION_TAG: &str = "skreg:adoption";

/// Tags of the secret: the default tags with those of the resource over them, without the tags that the provider writes.
pub(super) fn every_tag(
    default_tags: &BTreeMap<String, String>,
    own: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut all = default_tags.clone();
    all.extend(own.clone());
    all.retain(|key, _| key != KEY_TAG && !is_reserved_tag(key));
    all
}

/// Tags of a secret that was found, without the tags that the provider or AWS writes. The mark of an unfinished create is
/// shown: the authority is in the state, so its create is over, and the next plan removes the mark.
pub(super) fn found_tags(found: &BTreeMap<String, String>) -> PlannedTags {
    let mut tags = every_tag(found, &BTreeMap::new());
    if let Some(mark) = found.get(UNFINISHED_TAG) {
        tags.insert(UNFINISHED_TAG.to_owned(), mark.clone());
    }
    planned_tags(tags)
}

/// Plans `tags_all`. State that was written before the attribute existed has null there, which stays while nothing
/// else changes: what it was tagged with is not known without a refresh.
pub(super) fn plan_tags(
    prior: Option<&RootCaPlan>,
    plan: &mut RootCaPlan,
    default_tags: &PlannedTags,
) {
    if let Some(prior) = prior.filter(|prior| prior.tags_all.is_null()) {
        plan.tags_all = Planned::Null;
        if plan == prior {
            return;
        }
    }
    let all = tags_all(default_tags, &plan.tags);
    plan.tags_all = all.map(|mut tags| {
        tags.remove(KEY_TAG);
        tags
    });
}

/// The tags of this resource among all tags of the secret.
pub(super) fn own_tags(
    prior: &RootCaPlan,
    found: &BTreeMap<String, String>,
    default: &BTreeMap<String, String>,
) -> PlannedTags {
    let found = every_tag(found, &BTreeMap::new());
    planned_tags(tags::own_tags(&prior.tags, &prior.tags_all, found, default))
}

/// Removes the tags that are gone and writes those that are wanted.
pub(super) async fn write_tags(
    store: &impl SecretStore,
    call: &Call,
    arn: &str,
    gone: &[String],
    wanted: &BTreeMap<String, String>,
) -> Result<(), AwsError> {
    if !gone.is_empty() {
        let untag = store.untag(arn, gone);
        bounded(call, "secretsmanager:UntagResource", untag).await?;
    }
    if !wanted.is_empty() {
        let tag = store.tag(arn, wanted);
        bounded(call, "secretsmanager:TagResource", tag).await?;
    }
    Ok(())
}
