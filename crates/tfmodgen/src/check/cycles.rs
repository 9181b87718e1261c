//! Declarations that need each other. Calls of modules are left out: their inputs and outputs are ordered one by one.

use std::collections::{BTreeMap, BTreeSet};

use crate::module::Module;
use crate::node::Target;
use crate::references::needs;

/// Every cycle, as targets from one to itself.
pub(super) fn cycles(module: &Module) -> Vec<Vec<Target>> {
    let mut needs = needs(module);
    needs.retain(|target, _| orders_work(target));
    for needed in needs.values_mut() {
        needed.retain(orders_work);
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

/// Whether something of this kind can be part of a cycle that a plan cannot resolve.
fn orders_work(target: &Target) -> bool {
    matches!(
        target,
        Target::Local(_) | Target::Resource(..) | Target::Data(..) | Target::Ephemeral(..)
    )
}
