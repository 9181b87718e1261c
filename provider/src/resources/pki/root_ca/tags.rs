//! Tags of an authority's secret: those of the resource, those of the provider's configuration, and those that the
//! provider writes for itself, which no attribute shows.

use std::collections::BTreeMap;

use tfplugin::Call;

use super::calls::bounded;
use super::model::RootCaPlan;
use crate::aws::AwsError;
use crate::aws::secrets::SecretStore;
pub(super) use crate::aws::tags::ROOT_KEY_TAG as KEY_TAG;
use crate::aws::tags::{self, PlannedTags, UNFINISHED_TAG, is_reserved_tag, planned_tags};
use crate::resources::tagged::Tagged;

/// The tag by which an earlier version of the provider told which of several creations took over a stored key last. No
/// create writes it any more.
pub(super) const ADOPTION_TAG: &str = "skreg:adoption";

/// Tags of the secret: the default tags with those of the resource over them, without the tags that the provider writes.
pub(super) fn every_tag(
    default_tags: &BTreeMap<String, String>,
    own: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut all = tags::merged(default_tags, own);
    all.remove(KEY_TAG);
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

impl Tagged for RootCaPlan {
    fn tags(&self) -> &PlannedTags {
        &self.tags
    }

    fn tags_all(&self) -> &PlannedTags {
        &self.tags_all
    }

    fn set_tags_all(&mut self, tags: PlannedTags) {
        self.tags_all = tags;
    }

    fn is_reserved(key: &str) -> bool {
        key == KEY_TAG || is_reserved_tag(key)
    }
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
