//! Pairs of two sides, each member in at most one pair: a maximum matching of a bipartite graph.
//!
//! Elements of sets have no address, so which element was which has to be inferred. One element must never stand
//! for two, and no element may be left over that another choice of pairs would have placed.

use std::collections::{BTreeMap, VecDeque};

/// For each member of the left side the member of the right side it is paired with.
///
/// `candidates` holds for each left member the right members it may be paired with, best first. Left members are
/// placed in the order of `order`: one that was placed keeps a partner when a later one needs its own.
pub(super) fn pairs(
    candidates: &[Vec<usize>],
    order: impl IntoIterator<Item = usize>,
) -> Vec<Option<usize>> {
    let mut matching = Matching {
        candidates,
        right_of: vec![None; candidates.len()],
        left_of: BTreeMap::new(),
    };
    for left in order {
        matching.place(left);
    }
    matching.right_of
}

struct Matching<'c> {
    candidates: &'c [Vec<usize>],
    right_of: Vec<Option<usize>>,
    left_of: BTreeMap<usize, usize>,
}

impl Matching<'_> {
    /// Pairs one more left member if any choice of pairs allows it: the nearest free right member is sought over
    /// members that could move, and they move.
    fn place(&mut self, left: usize) {
        let mut reached_from = BTreeMap::new();
        let mut queue = VecDeque::from([left]);
        while let Some(left) = queue.pop_front() {
            for right in self.candidates.get(left).into_iter().flatten().copied() {
                if reached_from.contains_key(&right) {
                    continue;
                }
                reached_from.insert(right, left);
                match self.left_of.get(&right) {
                    Some(paired) => queue.push_back(*paired),
                    None => return self.shift(right, &reached_from),
                }
            }
        }
    }

    /// Gives a free right member to the left member that reached it, whose own right member then goes to the one
    /// before, and so on to the left member that had none.
    fn shift(&mut self, free: usize, reached_from: &BTreeMap<usize, usize>) {
        let mut next = Some(free);
        while let Some(right) = next {
            let Some(&left) = reached_from.get(&right) else {
                return;
            };
            self.left_of.insert(right, left);
            next = self
                .right_of
                .get_mut(left)
                .and_then(|slot| slot.replace(right));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_right_member_is_in_two_pairs() {
        assert_eq!(pairs(&[vec![0], vec![0]], 0..2), [Some(0), None]);
        assert_eq!(pairs(&[vec![0], vec![0]], [1, 0]), [None, Some(0)]);
        assert_eq!(pairs(&[vec![], vec![1, 0]], 0..2), [None, Some(1)]);
    }

    #[test]
    fn a_member_that_has_a_choice_makes_room() {
        assert_eq!(pairs(&[vec![0, 1], vec![0]], 0..2), [Some(1), Some(0)]);
        // A chain of three, and the last one makes all of them move.
        let chain = [vec![0, 1], vec![1, 2], vec![2, 3], vec![0]];
        assert_eq!(pairs(&chain, 0..4), [Some(1), Some(2), Some(3), Some(0)]);
    }

    #[test]
    fn no_choice_of_pairs_has_more() {
        // Every graph of three by three, against every assignment.
        let assignments = [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ];
        for graph in 0..512_usize {
            let allowed = |left: usize, right: usize| graph >> (3 * left + right) & 1 == 1;
            let candidates: Vec<Vec<usize>> = (0..3)
                .map(|left| (0..3).filter(|right| allowed(left, *right)).collect())
                .collect();
            let found = pairs(&candidates, 0..3);
            let mut taken: Vec<usize> = found.iter().flatten().copied().collect();
            taken.sort_unstable();
            taken.dedup();
            let placed = found.iter().flatten().count();
            assert_eq!(taken.len(), placed, "{candidates:?} {found:?}");
            for (left, right) in found.iter().enumerate() {
                assert!(right.is_none_or(|right| allowed(left, right)));
            }
            let most = assignments
                .iter()
                .map(|rights| (0..3).filter(|left| allowed(*left, rights[*left])).count())
                .max();
            assert_eq!(Some(placed), most, "{candidates:?} {found:?}");
        }
    }
}
