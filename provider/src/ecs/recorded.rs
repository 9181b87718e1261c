//! Record of the revisions that a bundle registered for a service, stored in a tag on the service.
//!
//! `ListTaskDefinitions` does not return tags. Without a record, finding the revisions of a bundle would require
//! describing every revision of a family, including all revisions that other bundles registered.

use std::collections::{BTreeMap, BTreeSet};

use super::api::Tags;
use super::bundle::REVISIONS_TAG;
use crate::aws::arn::Arn;

/// Maximum length of a tag value. Source: Tag, Amazon ECS API reference.
const LONGEST_VALUE: usize = 256;
/// Marker for older revisions that did not fit into the tag value.
const MORE: &str = "+";

/// Revision numbers by family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Recorded {
    families: BTreeMap<String, BTreeSet<u32>>,
    /// Whether older, unlisted revisions exist.
    more: bool,
}

impl Recorded {
    /// Parses the record in the tags of a service. The value is a list, such as `skreg-api:7 6 4 other:2`. A number
    /// without a family belongs to the preceding family.
    pub(super) fn of(tags: &Tags) -> Self {
        let mut recorded = Self::default();
        let mut family = "";
        for word in tags
            .get(REVISIONS_TAG)
            .map_or("", String::as_str)
            .split(' ')
        {
            recorded.more |= word == MORE;
            let (named, number) = word.rsplit_once(':').unwrap_or((family, word));
            family = named;
            if let Ok(number) = number.parse() {
                recorded.insert_number(family, number);
            }
        }
        recorded
    }

    /// Returns the record as a tag value, newest revisions first. Revisions that do not fit are omitted.
    pub(super) fn value(&self) -> String {
        let mut value = String::new();
        let mut more = self.more;
        for (family, numbers) in &self.families {
            for (place, number) in numbers.iter().rev().enumerate() {
                let word = match place {
                    0 => format!("{family}:{number} "),
                    _ => format!("{number} "),
                };
                if value.len() + word.len() + MORE.len() > LONGEST_VALUE {
                    more = true;
                    break;
                }
                value.push_str(&word);
            }
        }
        if more {
            value.push_str(MORE);
        }
        value.trim_end().to_owned()
    }

    /// Returns whether every revision of the bundle is listed.
    pub(super) fn is_complete(&self) -> bool {
        !self.more && !self.families.is_empty()
    }

    /// Returns whether older revisions are omitted.
    pub(super) fn is_cut(&self) -> bool {
        self.more
    }

    /// Returns the families of the listed revisions.
    pub(super) fn families(&self) -> impl Iterator<Item = &str> {
        self.families.keys().map(String::as_str)
    }

    /// Returns the numbers of the listed revisions in a family.
    pub(super) fn numbers(&self, family: &str) -> BTreeSet<u32> {
        self.families.get(family).cloned().unwrap_or_default()
    }

    /// Adds the revision with this ARN.
    pub(super) fn insert(&mut self, arn: &str) {
        if let Some((family, number)) = parse(arn) {
            self.insert_number(family, number);
        }
    }

    /// Replaces the listed revisions of a family with the complete set.
    pub(super) fn replace(&mut self, family: &str, numbers: BTreeSet<u32>) {
        self.families.insert(family.to_owned(), numbers);
        self.families.retain(|_, numbers| !numbers.is_empty());
        // The omitted revisions may belong to another family.
        self.more &= self.families.len() > 1;
    }

    fn insert_number(&mut self, family: &str, number: u32) {
        if family.is_empty() {
            return;
        }
        let numbers = self.families.entry(family.to_owned()).or_default();
        numbers.insert(number);
    }
}

/// Returns the family and the number in the ARN of a revision.
pub(super) fn parse(arn: &str) -> Option<(&str, u32)> {
    let (family, number) = Arn::name_in(arn).rsplit_once(':')?;
    Some((family, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tagged(value: &str) -> Tags {
        Tags::from([(REVISIONS_TAG.to_owned(), value.to_owned())])
    }

    #[test]
    fn record_round_trips_through_its_tag() {
        let mut recorded = Recorded::default();
        for arn in [
            "arn:aws:ecs:eu-central-1:123456789012:task-definition/skreg-api:9",
            "arn:aws:ecs:eu-central-1:123456789012:task-definition/skreg-api:12",
            "arn:aws:ecs:eu-central-1:123456789012:task-definition/other:3",
        ] {
            recorded.insert(arn);
        }
        assert_eq!(recorded.value(), "other:3 skreg-api:12 9");
        assert_eq!(Recorded::of(&tagged(&recorded.value())), recorded);
        assert!(recorded.is_complete());
        assert_eq!(
            recorded.families().collect::<Vec<_>>(),
            ["other", "skreg-api"]
        );
        assert_eq!(recorded.numbers("skreg-api"), BTreeSet::from([9, 12]));
        assert_eq!(recorded.numbers("unknown"), BTreeSet::new());
    }

    #[test]
    fn missing_and_malformed_records_are_empty() {
        for tags in [
            Tags::new(),
            tagged(""),
            tagged("skreg-api:x y"),
            tagged("7 8"),
        ] {
            let recorded = Recorded::of(&tags);
            assert_eq!(recorded, Recorded::default(), "{tags:?}");
            assert!(!recorded.is_complete());
        }
    }

    #[test]
    fn truncated_record_keeps_the_newest_revisions_and_is_marked() {
        let mut recorded = Recorded::default();
        for number in 1..=200 {
            recorded.insert(&format!("task-definition/skreg-api:{number}"));
        }
        let value = recorded.value();
        assert!((250..=256).contains(&value.len()), "{}", value.len());
        let read = Recorded::of(&tagged(&value));
        assert!(!read.is_complete());
        assert!(read.numbers("skreg-api").contains(&200));
        assert!(!read.numbers("skreg-api").contains(&1));
        assert_eq!(read.value(), value, "the value must stay unchanged");

        let mut all = read;
        all.replace("skreg-api", BTreeSet::from([199, 200]));
        assert!(all.is_complete());
        assert_eq!(all.value(), "skreg-api:200 199");
        all.replace("skreg-api", BTreeSet::new());
        assert_eq!(all, Recorded::default());
    }

    #[test]
    fn truncated_record_of_two_families_stays_truncated_if_one_is_complete() {
        let cut = Recorded::of(&tagged("other:7 skreg-api:3 +"));
        for family in ["other", "skreg-api"] {
            let mut replaced = cut.clone();
            replaced.replace(family, BTreeSet::from([9]));
            assert!(replaced.is_cut() && !replaced.is_complete(), "{family}");
        }
        let mut one = cut;
        one.replace("other", BTreeSet::new());
        assert_eq!(
            one.value(),
            "skreg-api:3",
            "the omitted revisions belonged to the other family"
        );
    }

    #[test]
    fn tag_value_uses_the_maximum_length() {
        // A colon, a digit, a space, and the marker occupy four characters.
        for (family, complete) in [(252, true), (253, false)] {
            let mut recorded = Recorded::default();
            recorded.insert(&format!("{}:1", "f".repeat(family)));
            let value = recorded.value();
            assert!(value.len() <= LONGEST_VALUE);
            assert_eq!(
                Recorded::of(&tagged(&value)).is_complete(),
                complete,
                "{family}"
            );
        }
    }
}
