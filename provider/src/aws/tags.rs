//! Resource tags, merged with the provider's `default_tags` as in `hashicorp/aws`.
//!
//! Resource tags override default tags. Reserved tags are always excluded. This module has no side effects.

use std::collections::BTreeMap;

use tfplugin::Planned;

/// Tags in a plan. The map or individual values can be unknown.
pub type PlannedTags = Planned<BTreeMap<String, Planned<String>>>;

/// Tag on an object whose creation is incomplete. The create call sets the tag, and its value identifies the attempt.
/// The last step of a successful operation removes the tag. Only objects with this tag are taken over.
pub const UNFINISHED_TAG: &str = "skreg:unfinished";

/// Tag on a secret that identifies the key of a root CA without reading the key.
pub const ROOT_KEY_TAG: &str = "spki_sha256";

/// Returns whether a tag key is reserved for AWS or for this provider.
#[must_use]
pub fn is_reserved_tag(key: &str) -> bool {
    key.starts_with("aws:") || key.starts_with("skreg:")
}

/// Returns all tags of a resource: the default tags, overridden by the resource tags. The result is unknown if the keys
/// of either map are unknown.
#[must_use]
pub fn tags_all(default_tags: &PlannedTags, own: &PlannedTags) -> PlannedTags {
    if default_tags.is_unknown() || own.is_unknown() {
        return Planned::Unknown;
    }
    let both = default_tags.known().into_iter().chain(own.known());
    let all = both.flatten().filter(|(key, _)| !is_reserved_tag(key));
    Planned::Known(
        all.map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    )
}

/// Returns all tags to write to an object: the default tags, overridden by the resource tags, without reserved tags.
#[must_use]
pub fn merged(
    default_tags: &BTreeMap<String, String>,
    own: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut all = default_tags.clone();
    all.extend(own.clone());
    unreserved(&all)
}

/// Returns the tags without reserved tags.
#[must_use]
pub fn unreserved(tags: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let tags = tags.iter().filter(|(key, _)| !is_reserved_tag(key));
    tags.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// Returns the tags whose values are known.
#[must_use]
pub fn known_tags(tags: &PlannedTags) -> BTreeMap<String, String> {
    let tags = tags.known().into_iter().flatten();
    tags.filter_map(|(key, value)| Some((key.clone(), value.known()?.clone())))
        .collect()
}

/// Converts known tags to tags in a plan.
#[must_use]
pub fn planned_tags(tags: impl IntoIterator<Item = (String, String)>) -> PlannedTags {
    let tags = tags.into_iter();
    Planned::Known(
        tags.map(|(key, value)| (key, Planned::Known(value)))
            .collect(),
    )
}

/// Returns the resource tags among all tags of an object. Excludes tags from the provider configuration, both the
/// current tags and the tags at the time the state was written, unless the resource also sets them. `before` contains
/// the resource tags in the state, and `before_all` contains all tags in the state.
#[must_use]
pub fn own_tags(
    before: &PlannedTags,
    before_all: &PlannedTags,
    found: BTreeMap<String, String>,
    default: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let (before, before_all) = (known_tags(before), known_tags(before_all));
    let own = found.into_iter().filter(|(key, value)| {
        let by_default = default.get(key) == Some(value) || before_all.get(key) == Some(value);
        before.contains_key(key) || !by_default
    });
    own.collect()
}

/// Returns the keys of tags that are in the state but are no longer configured.
#[must_use]
pub fn dropped_tags<'s>(
    stored: impl IntoIterator<Item = &'s PlannedTags>,
    wanted: &BTreeMap<String, String>,
) -> Vec<String> {
    let stored = stored.into_iter().filter_map(Planned::known);
    let mut keys: Vec<String> = stored
        .flat_map(BTreeMap::keys)
        .filter(|key| !wanted.contains_key(*key) && !is_reserved_tag(key))
        .cloned()
        .collect();
    keys.sort();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> PlannedTags {
        let pairs = pairs.iter();
        planned_tags(pairs.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn resource_tags_override_default_tags() {
        let all = tags_all(
            &tags(&[("team", "pki"), ("cost", "1")]),
            &tags(&[("team", "ops")]),
        );
        assert_eq!(all, tags(&[("cost", "1"), ("team", "ops")]));
        assert_eq!(tags_all(&Planned::Null, &Planned::Null), tags(&[]));
    }

    #[test]
    fn reserved_tags_are_excluded() {
        let all = tags_all(
            &tags(&[("aws:x", "1"), ("a", "1")]),
            &tags(&[("skreg:bundle", "x")]),
        );
        assert_eq!(all, tags(&[("a", "1")]));
        let stored = tags(&[("skreg:bundle", "x"), ("aws:x", "1"), ("a", "1")]);
        assert_eq!(dropped_tags([&stored], &BTreeMap::new()), ["a"]);
    }

    #[test]
    fn unknown_keys_make_all_tags_unknown_and_unknown_values_only_themselves() {
        let known = tags(&[("a", "1")]);
        assert!(tags_all(&Planned::Unknown, &known).is_unknown());
        assert!(tags_all(&known, &Planned::Unknown).is_unknown());
        let value: PlannedTags = Planned::Known(BTreeMap::from([("b".into(), Planned::Unknown)]));
        let all = tags_all(&value, &known).into_known().unwrap();
        assert_eq!(all["b"], Planned::Unknown);
        assert_eq!(all["a"], Planned::Known("1".to_owned()));
    }
}
