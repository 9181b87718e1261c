//! `tags` and `tags_all` of every resource that has them: how `tags_all` is planned.
//!
//! Pure.

use tfplugin::Planned;

use crate::aws::tags::{PlannedTags, is_reserved_tag, tags_all};

/// A plan or state with `tags` and `tags_all`.
pub trait Tagged: PartialEq {
    /// Returns the tags of the resource itself.
    fn tags(&self) -> &PlannedTags;

    /// Returns all tags.
    fn tags_all(&self) -> &PlannedTags;

    /// Sets all tags.
    fn set_tags_all(&mut self, tags: PlannedTags);

    /// Returns whether a tag is written by the provider or by AWS, so that no attribute shows it.
    #[must_use]
    fn is_reserved(key: &str) -> bool {
        is_reserved_tag(key)
    }
}

/// Plans `tags_all`. A state that was written before the attribute existed has null there, which stays while nothing else
/// changes: which tags the object has is not known without a refresh.
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
