//! Secret tags of a stored key: resource tags, the provider's default tags, and reserved tags. No attribute contains
//! reserved tags.

use std::collections::BTreeMap;

use tfplugin::{Call, Diagnostic};

use super::attributes::attribute;
use super::calls::bounded;
use crate::aws::AwsError;
use crate::aws::diagnostics::{reserved_tag, root_key_tag};
use crate::aws::secrets::SecretStore;
pub(super) use crate::aws::tags::ROOT_KEY_TAG as KEY_TAG;
use crate::aws::tags::{self, PlannedTags, UNFINISHED_TAG, planned_tags};
use crate::resources::tagged::Tagged;

/// Tag that identifies the last create that adopted a stored key. Only earlier provider versions write it.
pub(super) const ADOPTION_TAG: &str = "skreg:adoption";

/// Returns the default tags and the resource tags without the reserved tags. Resource tags take precedence.
pub(super) fn all_tags(
    default_tags: &BTreeMap<String, String>,
    own: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut all = tags::merged(default_tags, own);
    all.remove(KEY_TAG);
    all
}

/// Returns the tags of an existing secret without the reserved tags. The result includes the marker for an unfinished
/// create: the object is in the state, so its create has ended, and the next plan removes the marker.
pub(super) fn found_tags(found: &BTreeMap<String, String>) -> PlannedTags {
    let mut tags = all_tags(found, &BTreeMap::new());
    if let Some(marker) = found.get(UNFINISHED_TAG) {
        tags.insert(UNFINISHED_TAG.to_owned(), marker.clone());
    }
    planned_tags(tags)
}

/// Returns whether the provider or AWS manages the tag with this key on a secret with a stored key.
#[must_use]
pub fn is_reserved_tag(key: &str) -> bool {
    key == KEY_TAG || tags::is_reserved_tag(key)
}

/// Returns an error for each configured tag that is reserved.
pub(super) fn reserved_tags(config: &impl Tagged) -> impl Iterator<Item = Diagnostic> {
    let path = attribute("tags");
    let keys = config.tags().known().into_iter().flat_map(BTreeMap::keys);
    keys.filter(|key| is_reserved_tag(key))
        .map(move |key| match key == KEY_TAG {
            true => root_key_tag(path.key(key)),
            false => reserved_tag(key, path.key(key)),
        })
}

/// Selects the resource tags from all tags of the secret.
pub(super) fn own_tags(
    prior: &impl Tagged,
    found: &BTreeMap<String, String>,
    default: &BTreeMap<String, String>,
) -> PlannedTags {
    let found = all_tags(found, &BTreeMap::new());
    planned_tags(tags::own_tags(
        prior.tags(),
        prior.tags_all(),
        found,
        default,
    ))
}

/// Deletes the `removed` tags and writes the `wanted` tags.
pub(super) async fn write_tags(
    store: &impl SecretStore,
    call: &Call,
    arn: &str,
    removed: &[String],
    wanted: &BTreeMap<String, String>,
) -> Result<(), AwsError> {
    if !removed.is_empty() {
        let untag = store.untag(arn, removed);
        bounded(call, "secretsmanager:UntagResource", untag).await?;
    }
    if !wanted.is_empty() {
        let tag = store.tag(arn, wanted);
        bounded(call, "secretsmanager:TagResource", tag).await?;
    }
    Ok(())
}
