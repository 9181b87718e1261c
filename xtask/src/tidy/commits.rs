//! Checks commit subjects.

use super::{Control, Finding, Map, Tree};

/// Start date of the check. Older commits are published and cannot be changed.
pub(super) const SINCE: &str = "2026-11-30T00:00:00Z";
/// Maximum number of characters in a subject.
const LENGTH: usize = 72;

/// Finds commits whose subject is too long. In a shallow clone, only the commits in the clone are checked.
pub(super) fn subjects(tree: &Tree, _: &Map) -> Vec<Finding> {
    tree.commits
        .iter()
        .filter_map(|(hash, subject)| {
            let length = subject.chars().count();
            let message = format!("the subject has {length} characters; use at most {LENGTH}");
            (length > LENGTH).then(|| Finding::new(format!("commit {hash}"), 1, message))
        })
        .collect()
}

pub(super) const CONTROLS: &[Control] = &[Control {
    path: "commit 0123456",
    plant: |tree| tree.commit("0123456", &"a".repeat(LENGTH + 1)),
}];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subject_of_maximum_length_is_accepted() {
        let mut tree = Tree::default();
        tree.commit("0123456", &"é".repeat(LENGTH));
        let map = Map::default();
        assert!(subjects(&tree, &map).is_empty());
    }
}
