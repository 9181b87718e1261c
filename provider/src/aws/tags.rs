//! Tags of a resource together with the provider's `default_tags`, as `hashicorp/aws` merges them.
//!
//! Tags of the resource win over default tags. Reserved tags are never among them. Pure.

use std::collections::BTreeMap;

use tfplugin::Planned;

/// Tags in a plan: the map or single values may be unknown.
pub type PlannedTags = Planned<BTreeMap<String, Planned<String>>>;

/// Tag of an object whose creation has not finished. It is part of the creation itself, its value names the attempt, and
/// removing it is the last step of an operation that succeeds. Only an object with it is taken over.
pub const UNFINISHED_TAG: &str = "skreg:unfinished";

/// The tag of a secret by which the key of a root is recognised without reading it.
pub const ROOT_KEY_TAG: &str = "spki_sha256";

/// Tags that users must not set: AWS's own and ours.
#[must_use]
pub fn is_reserved_tag(key: &str) -> bool {
    key.starts_with("aws:") || key.starts_with("skreg:")
}

/// All tags of a resource: the default tags with those of the resource over them. Unknown as a whole where the keys
/// of either are unknown.
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

/// All tags of an object that is written: the default tags with its own over them. Reserved tags are left out.
#[must_use]
pub fn merged(
    default_tags: &BTreeMap<String, String>,
    own: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut all = default_tags.clone();
    all.extend(own.clone());
    unreserved(&all)
}

/// Tags without reserved ones.
#[must_use]
pub fn unreserved(tags: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let tags = tags.iter().filter(|(key, _)| !is_reserved_tag(key));
    tags.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// The tags that are known.
#[must_use]
pub fn known_tags(tags: &PlannedTags) -> BTreeMap<String, String> {
    let tags = tags.known().into_iter().flatten();
    tags.filter_map(|(key, value)| Some((key.clone(), value.known()?.clone())))
        .collect()
}

/// Known tags as part of a plan.
#[must_use]
pub fn planned_tags(tags: impl IntoIterator<Item = (String, String)>) -> PlannedTags {
    let tags = tags.into_iter();
    Planned::Known(
        tags.map(|(key, value)| (key, Planned::Known(value)))
            .collect(),
    )
}

/// The tags of a resource among all tags that were found: without those that come from the provider's configuration, now
/// or when the state was written, unless the resource sets them too. `before` and `before_all` are the resource's tags
/// and all tags in the state.
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

/// Keys of tags that a state knows and that are wanted no more.
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
    fn tags_of_the_resource_win_over_default_tags() {
        let all = tags_all(
            &tags(&[("team", "pki"), ("cost", "1")]),
            &tags(&[("team", "ops")]),
        );
        assert_eq!(all, tags(&[("cost", "1"), ("team", "ops")]));
        assert_eq!(tags_all(&Planned::Null, &Planned::Null), tags(&[]));
    }

    #[test]
    fn reserved_tags_are_left_out() {
        let all = tags_all(
            &tags(&[("aws:x", "1"), ("a", "1")]),
            &tags(&[("skreg:bundle", "x")]),
        );
        assert_eq!(all, tags(&[("a", "1")]));
        let stored = tags(&[("skreg:bundle", "x"), ("aws:x", "1"), ("a", "1")]);
        assert_eq!(dropped_tags([&stored], &BTreeMap::new()), ["a"]);
    }

    #[test]
    fn unknown_keys_make_all_unknown_and_unknown_values_only_themselves() {
        let known = tags(&[("a", "1")]);
        assert!(tags_all(&Planned::Unknown, &known).is_unknown());
        assert!(tags_all(&known, &Planned::Unknown).is_unknown());
        let value: PlannedTags = Planned::Known(BTreeMap::from([("b".into(), Planned::Unknown)]));
        let all = tags_all(&value, &known).into_known().unwrap();
        assert_eq!(all["b"], Planned::Unknown);
        assert_eq!(all["a"], Planned::Known("1".to_owned()));
    }
}
