//! Finds dependency cycles. Module calls are ignored because Terraform and OpenTofu order their inputs and outputs
//! individually.

use std::collections::{BTreeMap, BTreeSet};

use crate::module::Module;
use crate::node::Target;
use crate::references::needs;

/// Returns every cycle as a list of targets. The first target is repeated at the end.
pub(super) fn cycles(module: &Module) -> Vec<Vec<Target>> {
    let mut needs = needs(module);
    needs.retain(|target, _| can_be_in_cycle(target));
    for needed in needs.values_mut() {
        needed.retain(can_be_in_cycle);
    }
    let mut search = Search {
        needs: &needs,
        done: BTreeSet::new(),
        path: Vec::new(),
        cycles: Vec::new(),
    };
    for target in needs.keys() {
        search.visit(target);
    }
    search.cycles
}

struct Search<'a> {
    needs: &'a BTreeMap<Target, BTreeSet<Target>>,
    done: BTreeSet<&'a Target>,
    path: Vec<&'a Target>,
    cycles: Vec<Vec<Target>>,
}

impl<'a> Search<'a> {
    fn visit(&mut self, target: &'a Target) {
        if let Some(start) = self.path.iter().position(|on_path| *on_path == target) {
            let cycle = self.path[start..].iter().chain([&target]);
            self.cycles
                .push(cycle.map(|target| (*target).clone()).collect());
            return;
        }
        if !self.done.insert(target) {
            return;
        }
        self.path.push(target);
        for next in self.needs.get(target).into_iter().flatten() {
            self.visit(next);
        }
        self.path.pop();
    }
}

/// Returns whether a target can be part of a cycle that a plan cannot resolve.
fn can_be_in_cycle(target: &Target) -> bool {
    matches!(
        target,
        Target::Local(_) | Target::Resource(..) | Target::Data(..) | Target::Ephemeral(..)
    )
}
