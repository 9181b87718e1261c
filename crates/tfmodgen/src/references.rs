//! References between the declarations in a module.

use std::collections::{BTreeMap, BTreeSet};

use crate::block::{Block, Repetition, Rule};
use crate::body::{Body, Item};
use crate::module::{CallDeclaration, Declaration, Module};
use crate::node::{Node, Target};

/// References to include.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    /// Every reference.
    All,
    /// Every reference, except references in inputs that the called module uses only in `depends_on`.
    Uses,
    /// References whose value is used. References in `depends_on` are also excluded.
    Values,
}

/// Returns the targets that each declaration refers to.
pub(crate) fn needs(module: &Module) -> BTreeMap<Target, BTreeSet<Target>> {
    counted(module, Counted::All)
}

/// Returns the targets that each declaration refers to, excluding references in inputs that a called module uses only
/// in `depends_on`.
pub(crate) fn uses(module: &Module) -> BTreeMap<Target, BTreeSet<Target>> {
    counted(module, Counted::Uses)
}

/// Returns the input variables that are used only in `depends_on`, in this module or in called modules.
pub(crate) fn ordering_inputs(module: &Module) -> BTreeSet<String> {
    let values = referred(module, Counted::Values);
    let names = referred(module, Counted::All).into_iter();
    names
        .filter(|target| !values.contains(target))
        .filter_map(|target| match target {
            Target::Variable(name) => Some(name),
            _ => None,
        })
        .collect()
}

fn counted(module: &Module, counted: Counted) -> BTreeMap<Target, BTreeSet<Target>> {
    let mut needs = BTreeMap::new();
    for placed in &module.declarations {
        match &placed.declaration {
            Declaration::Block(block) => {
                needs.insert(block.target(), of_block(block, counted));
            }
            Declaration::Local(local) => {
                let local = local.borrow();
                let mut found = BTreeSet::new();
                collect(&local.value, &mut found);
                needs.insert(Target::Local(local.name.clone()), found);
            }
            Declaration::Call(call) => {
                let mut found = BTreeSet::new();
                of_repetition(&call.repetition, &mut found);
                for item in &call.inputs.items {
                    if counted == Counted::All || !orders(call, item) {
                        of_item(item, &mut found);
                    }
                }
                if counted != Counted::Values {
                    for node in &call.depends_on {
                        collect(node, &mut found);
                    }
                }
                needs.insert(Target::Module(call.name.clone()), found);
            }
            Declaration::Check(_) | Declaration::Moved { .. } | Declaration::Removed { .. } => {}
        }
    }
    needs
}

/// Returns all targets that another declaration refers to. References from an input's validations to the same input are
/// excluded.
pub(crate) fn used(module: &Module) -> BTreeSet<Target> {
    referred(module, Counted::All)
}

fn referred(module: &Module, which: Counted) -> BTreeSet<Target> {
    let needs = counted(module, which);
    let mut found: BTreeSet<Target> = needs.into_values().flatten().collect();
    let mut of_rules = |rules: &[Rule], own: Option<&Target>| {
        let mut referred = BTreeSet::new();
        for rule in rules {
            collect(&rule.condition, &mut referred);
            collect(&rule.message, &mut referred);
        }
        found.extend(referred.into_iter().filter(|target| Some(target) != own));
    };
    for variable in &module.variables {
        let variable = variable.borrow();
        let own = Target::Variable(variable.name.clone());
        for validation in &variable.validations {
            of_rules(std::slice::from_ref(&validation.rule), Some(&own));
        }
    }
    for placed in &module.declarations {
        match &placed.declaration {
            Declaration::Check(check) => of_rules(&check.assertions, None),
            Declaration::Block(block) => of_rules(&block.lifecycle.postconditions, None),
            _ => {}
        }
    }
    for output in &module.outputs {
        of_rules(&output.preconditions, None);
    }
    for output in &module.outputs {
        collect(&output.value, &mut found);
        if which != Counted::Values {
            for node in &output.depends_on {
                collect(node, &mut found);
            }
        }
    }
    found
}

/// Returns whether the called module uses an input only in `depends_on`.
fn orders(call: &CallDeclaration, input: &Item) -> bool {
    match input {
        Item::Argument(argument) => {
            let input = call.interface.inputs.get(&argument.name);
            input.is_some_and(|input| input.orders)
        }
        Item::Block(_) => false,
    }
}

fn of_block(block: &Block, counted: Counted) -> BTreeSet<Target> {
    let mut found = BTreeSet::new();
    of_repetition(&block.repetition, &mut found);
    of_body(&block.body, &mut found);
    let lifecycle = &block.lifecycle;
    let rules = lifecycle
        .preconditions
        .iter()
        .flat_map(|rule| [&rule.condition, &rule.message]);
    let depends_on = block.depends_on.iter();
    for node in depends_on
        .filter(|_| counted != Counted::Values)
        .chain(&lifecycle.replace_triggered_by)
        .chain(rules)
    {
        collect(node, &mut found);
    }
    found
}

fn of_body(body: &Body, found: &mut BTreeSet<Target>) {
    for item in &body.items {
        of_item(item, found);
    }
}

fn of_item(item: &Item, found: &mut BTreeSet<Target>) {
    match item {
        Item::Argument(argument) => collect(&argument.value, found),
        Item::Block(block) => {
            if let Some(repetition) = &block.repetition {
                collect(&repetition.collection, found);
            }
            of_body(&block.body, found);
        }
    }
}

fn collect(node: &Node, found: &mut BTreeSet<Target>) {
    node.walk(&mut |node| {
        if let Node::Reference(reference) = node {
            // The other targets are not declarations.
            if !matches!(
                reference.target,
                Target::Path(_) | Target::Each(_) | Target::This | Target::Iterator(..)
            ) {
                found.insert(reference.target.clone());
            }
        }
    });
}

fn of_repetition(repetition: &Repetition, found: &mut BTreeSet<Target>) {
    match repetition {
        Repetition::Once => {}
        Repetition::When(node) | Repetition::ForEach(node) => collect(node, found),
    }
}
