//! Maximum matching in a bipartite graph. Each member of either side belongs to at most one pair.
//!
//! Elements in sets have no address, so the planner infers which prior element corresponds to which planned element. An
//! element must never correspond to two others, and as many elements as possible must be paired.

use std::collections::{BTreeMap, VecDeque};

/// Returns the right member that is paired with each left member.
///
/// `candidates` lists the possible partners of each left member, in order of preference. Left members are paired in the
/// order that `order` specifies. A paired member can later receive another partner, but it always remains paired.
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
    /// Adds a left member to the matching if an augmenting path exists. The search is breadth-first and therefore finds a
    /// shortest path.
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

    /// Shifts the pairs along the augmenting path. The left member that reached `free` is paired with it, and its previous
    /// partner is paired with the preceding left member on the path.
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
    fn a_paired_member_moves_to_another_candidate() {
        assert_eq!(pairs(&[vec![0, 1], vec![0]], 0..2), [Some(1), Some(0)]);
        // Pairing the last member moves the three members of the chain.
        let chain = [vec![0, 1], vec![1, 2], vec![2, 3], vec![0]];
        assert_eq!(pairs(&chain, 0..4), [Some(1), Some(2), Some(3), Some(0)]);
    }

    #[test]
    fn the_number_of_pairs_is_maximal() {
        // Compares the result for every graph of three by three members with all possible assignments.
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
