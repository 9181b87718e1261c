//! Tags of an authority's secret: those of the resource, those of the provider's configuration, and those that the
//! provider writes for itself, which no attribute shows.

use std::collections::BTreeMap;

use tfplugin::{Call, Diagnostic, Planned};

use super::calls::bounded;
use super::guard::{KEY_TAG, UNFINISHED_TAG};
use super::model::RootCaPlan;
use super::refusals;
use crate::aws::AwsError;
use crate::aws::secrets::SecretStore;
use crate::aws::tags::{self, PlannedTags, is_reserved_tag, planned_tags, tags_all};

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

/// Tags of a secret that was found, without the tags that the provider or AWS writes.
pub(super) fn found_tags(found: &BTreeMap<String, String>) -> PlannedTags {
    planned_tags(every_tag(found, &BTreeMap::new()))
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

/// Removes the mark that an authority still has which was imported after an interrupted create. Returns a warning where
/// that fails: the mark has no effect on an authority that has its certificate.
pub(super) async fn drop_mark(
    store: &impl SecretStore,
    call: &Call,
    arn: &str,
) -> Option<Diagnostic> {
    let described = bounded(call, "secretsmanager:DescribeSecret", store.describe(arn)).await;
    if !described.ok()?.tags.contains_key(UNFINISHED_TAG) {
        return None;
    }
    let mark = [UNFINISHED_TAG.to_owned()];
    let untagged = bounded(
        call,
        "secretsmanager:UntagResource",
        store.untag(arn, &mark),
    )
    .await;
    let error = untagged.err()?;
    Some(refusals::mark_not_removed(arn, &error))
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
