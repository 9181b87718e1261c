//! Plans `tags_all` for all resource types that support tags.
//!
//! Pure.

use tfplugin::Planned;

use crate::aws::tags::{PlannedTags, is_reserved_tag, tags_all};

/// A plan or state with `tags` and `tags_all`.
pub trait Tagged: PartialEq {
    /// Returns the resource tags without the provider's default tags.
    fn tags(&self) -> &PlannedTags;

    /// Returns all tags, including the provider's default tags.
    fn tags_all(&self) -> &PlannedTags;

    /// Sets all tags.
    fn set_tags_all(&mut self, tags: PlannedTags);

    /// Returns whether the provider or AWS manages the tag with this key. Attributes do not contain such tags.
    #[must_use]
    fn is_reserved(key: &str) -> bool {
        is_reserved_tag(key)
    }
}

/// Plans `tags_all`. The value is null in a state that predates the attribute. While nothing else changes, the null
/// value is kept because the object's tags are unknown without a refresh.
pub fn plan_tags<T: Tagged>(prior: Option<&T>, plan: &mut T, default_tags: &PlannedTags) {
    if let Some(prior) = prior.filter(|prior| prior.tags_all().is_null()) {
        plan.set_tags_all(Planned::Null);
        if plan == prior {
            return;
        }
    }
    let all = tags_all(default_tags, plan.tags()).map(|mut tags| {
        tags.retain(|key, _| !T::is_reserved(key));
        tags
    });
    plan.set_tags_all(all);
}
