//! Conversion of tags to and from SDK types.

use aws_sdk_ecs::types::Tag;

use crate::ecs::api::Tags;

pub(super) fn to_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

pub(super) fn from_tags(tags: &[Tag]) -> Tags {
    let pairs = tags
        .iter()
        .filter_map(|tag| Some((tag.key.clone()?, tag.value.clone().unwrap_or_default())));
    pairs.collect()
}
