//! Mutates modules to measure the share of errors reported by Terraform or OpenTofu that the checker also finds. For
//! measurements only: the result is not checked.

use std::collections::BTreeMap;

use crate::body::{Argument, Body, Item, NestedBlock};
use crate::module::{Declaration, Module};
use crate::node::{Key, Node, Target};
use crate::package::Package;
use crate::render::{PrintError, unchecked};
use crate::schemas::Schemas;

/// A mutation. It selects a location by number and returns a description of the change, or `None` if the module has no
/// suitable location.
type Mutation = fn(&mut Module, u64) -> Option<String>;

/// All mutations.
const MUTATIONS: [Mutation; 11] = [
    misspell_argument,
    remove_argument,
    set_argument,
    misspell_block,
    remove_block,
    misspell_type,
    misspell_reference,
    misspell_attribute,
    change_value,
    remove_declaration,
    drop_function_argument,
];

/// Returns the modules of a package by folder, for mutation.
pub fn modules(package: &mut Package) -> Vec<(String, &mut Module)> {
    let parts = package.parts.iter_mut();
    let parts = parts.map(|part| (format!("modules/{}", part.name()), part));
    [(String::new(), &mut package.root)]
        .into_iter()
        .chain(parts)
        .collect()
}

/// Applies one mutation to a module, and returns its description. The same seed selects the same mutation.
pub fn mutate(module: &mut Module, seed: u64) -> Option<String> {
    let first = usize::try_from(mix(seed) % MUTATIONS.len() as u64).ok()?;
    let place = mix(seed ^ u64::MAX);
    let mutations = MUTATIONS.iter().cycle().skip(first).take(MUTATIONS.len());
    mutations.filter_map(|mutate| mutate(module, place)).next()
}

/// Renders the files of a module without its tests, and without checking it.
///
/// # Errors
/// Returns an error if the printed text cannot be parsed.
pub fn files(module: &Module, schemas: &Schemas) -> Result<BTreeMap<String, String>, PrintError> {
    unchecked(module, schemas)
}

/// Returns the names of the required inputs.
pub fn required_inputs(module: &Module) -> Vec<String> {
    let variables = module.variables.iter().map(|variable| variable.borrow());
    let required = variables.filter(|variable| variable.default.is_none());
    required.map(|variable| variable.name.clone()).collect()
}

/// Returns a pseudorandom number (the finalizer of splitmix64).
fn mix(seed: u64) -> u64 {
    let mut number = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Returns the list element that a number selects.
fn choose<T>(mut list: Vec<T>, place: u64) -> Option<T> {
    let count = u64::try_from(list.len()).ok().filter(|count| *count > 0)?;
    Some(list.swap_remove(usize::try_from(place % count).ok()?))
}

/// Misspells a name by appending a letter.
fn misspelt(name: &mut String) -> String {
    let before = name.clone();
    name.push('s');
    format!("{before} became {name}")
}

/// Returns the bodies of all blocks and calls with their addresses.
fn bodies(module: &mut Module) -> Vec<(String, &mut Body)> {
    let mut found = Vec::new();
    for placed in &mut module.declarations {
        let address = placed.declaration.address();
        match &mut placed.declaration {
            Declaration::Block(block) => found.push((address, &mut block.body)),
            Declaration::Call(call) => found.push((address, &mut call.inputs)),
            _ => {}
        }
    }
    found
}

/// Returns the body that a number selects, at any depth.
fn body_at(module: &mut Module, place: u64) -> Option<(String, &mut Body)> {
    let (address, mut body) = choose(bodies(module), place)?;
    // Each level is entered with a probability of one half.
    let mut bit = place >> 40;
    while bit & 1 == 1 && body.blocks().next().is_some() {
        bit >>= 1;
        let blocks = body.items.iter_mut().filter_map(|item| match item {
            Item::Block(block) => Some(block),
            Item::Argument(_) => None,
        });
        body = &mut choose(blocks.collect(), bit)?.body;
    }
    Some((address, body))
}

fn misspell_argument(module: &mut Module, place: u64) -> Option<String> {
    let (address, body) = body_at(module, place)?;
    let arguments = body.items.iter_mut().filter_map(|item| match item {
        Item::Argument(argument) => Some(argument),
        Item::Block(_) => None,
    });
    let argument = choose(arguments.collect(), place >> 8)?;
    Some(format!(
        "argument in {address}: {}",
        misspelt(&mut argument.name)
    ))
}

fn remove_argument(module: &mut Module, place: u64) -> Option<String> {
    let (address, body) = body_at(module, place)?;
    let arguments = body.arguments().map(|argument| argument.name.clone());
    let name = choose(arguments.collect(), place >> 8)?;
    body.items
        .retain(|item| !matches!(item, Item::Argument(one) if one.name == name));
    Some(format!("argument in {address}: {name} was removed"))
}

/// Sets an attribute that is read-only or does not exist.
fn set_argument(module: &mut Module, place: u64) -> Option<String> {
    let (address, body) = body_at(module, place)?;
    let name =
        ["arn", "owner_id", "tags_all", "status", "colour"][usize::try_from(place >> 16).ok()? % 5];
    if body.arguments().any(|argument| argument.name == name) {
        return None;
    }
    body.items.push(Item::Argument(Argument {
        name: name.to_owned(),
        value: Node::Text("given".to_owned()),
        comment: None,
    }));
    Some(format!("argument in {address}: {name} was set"))
}

fn misspell_block(module: &mut Module, place: u64) -> Option<String> {
    let (address, block) = nested(module, place)?;
    Some(format!("block in {address}: {}", misspelt(&mut block.name)))
}

fn nested(module: &mut Module, place: u64) -> Option<(String, &mut NestedBlock)> {
    let blocks = bodies(module).into_iter().flat_map(|(address, body)| {
        body.items.iter_mut().filter_map(move |item| match item {
            Item::Block(block) => Some((address.clone(), block)),
            Item::Argument(_) => None,
        })
    });
    choose(blocks.collect(), place)
}

fn remove_block(module: &mut Module, place: u64) -> Option<String> {
    let with_blocks = bodies(module).into_iter();
    let with_blocks = with_blocks.filter(|(_, body)| body.blocks().next().is_some());
    let (address, body) = choose(with_blocks.collect(), place)?;
    let name = choose(
        body.blocks().map(|block| block.name.clone()).collect(),
        place >> 8,
    )?;
    body.items
        .retain(|item| !matches!(item, Item::Block(block) if block.name == name));
    Some(format!("block in {address}: {name} was removed"))
}

fn misspell_type(module: &mut Module, place: u64) -> Option<String> {
    let blocks =
        module
            .declarations
            .iter_mut()
            .filter_map(|placed| match &mut placed.declaration {
                Declaration::Block(block) => Some(block),
                _ => None,
            });
    let block = choose(blocks.collect(), place)?;
    Some(format!(
        "type of {}: {}",
        block.name,
        misspelt(&mut block.ty)
    ))
}

/// Changes a reference so that its target is not declared.
fn misspell_reference(module: &mut Module, place: u64) -> Option<String> {
    at_node(module, place, &|node| match node {
        Node::Reference(reference) => match &mut reference.target {
            Target::Variable(name)
            | Target::Local(name)
            | Target::Module(name)
            | Target::Resource(_, name)
            | Target::Data(_, name)
            | Target::Ephemeral(_, name) => Some(format!("reference: {}", misspelt(name))),
            _ => None,
        },
        _ => None,
    })
}

/// Changes a reference so that its target does not have the attribute.
fn misspell_attribute(module: &mut Module, place: u64) -> Option<String> {
    at_node(module, place, &|node| match node {
        Node::Attribute(base, name) if starts_at_declaration(base) => {
            Some(format!("attribute: {}", misspelt(name)))
        }
        _ => None,
    })
}

fn starts_at_declaration(node: &Node) -> bool {
    match node {
        Node::Reference(reference) => {
            !matches!(reference.target, Target::Path(_) | Target::Each(_))
        }
        Node::Index(base, _) | Node::Attribute(base, _) => starts_at_declaration(base),
        _ => false,
    }
}

/// Changes a value to a type that the argument does not accept.
fn change_value(module: &mut Module, place: u64) -> Option<String> {
    let (address, body) = body_at(module, place)?;
    let arguments = body.items.iter_mut().filter_map(|item| match item {
        Item::Argument(argument) => Some(argument),
        Item::Block(_) => None,
    });
    let argument = choose(arguments.collect(), place >> 8)?;
    let another = Node::Text("another".to_owned());
    argument.value = match (&argument.value, place >> 16 & 1) {
        (Node::Bool(_) | Node::Number(_) | Node::Tuple(_) | Node::Object(_), 0) => another,
        (Node::Object(_), _) => Node::Tuple(vec![another]),
        _ => Node::Object(vec![(Key::Name("another".to_owned()), another)]),
    };
    Some(format!(
        "value in {address}: {} has another type",
        argument.name
    ))
}

/// Removes a variable or a declaration that others can refer to.
fn remove_declaration(module: &mut Module, place: u64) -> Option<String> {
    match place & 1 {
        0 => {
            let count = u64::try_from(module.variables.len())
                .ok()
                .filter(|count| *count > 0)?;
            let removed = module
                .variables
                .remove(usize::try_from((place >> 8) % count).ok()?);
            let name = removed.borrow().name.clone();
            Some(format!("variable {name} was removed"))
        }
        _ => {
            let count = u64::try_from(module.declarations.len())
                .ok()
                .filter(|count| *count > 0)?;
            let removed = module
                .declarations
                .remove(usize::try_from((place >> 8) % count).ok()?);
            Some(format!("{} was removed", removed.declaration.address()))
        }
    }
}

fn drop_function_argument(module: &mut Module, place: u64) -> Option<String> {
    at_node(module, place, &|node| match node {
        Node::Call(call) if !call.expand && !call.arguments.is_empty() => {
            call.arguments.pop();
            Some(format!(
                "call of {}: the last argument was removed",
                call.function
            ))
        }
        _ => None,
    })
}

/// Changes one of the nodes that `change` supports. A number selects the node.
fn at_node(
    module: &mut Module,
    place: u64,
    change: &impl Fn(&mut Node) -> Option<String>,
) -> Option<String> {
    let mut count: u64 = 0;
    every_node(module, &mut |node| {
        count += u64::from(change(&mut node.clone()).is_some())
    });
    let wanted = place.checked_rem(count)?;
    let (mut number, mut description) = (0, None);
    every_node(module, &mut |node| {
        if description.is_none() && change(&mut node.clone()).is_some() {
            if number == wanted {
                description = change(node);
            }
            number += 1;
        }
    });
    description
}

fn every_node(module: &mut Module, visit: &mut impl FnMut(&mut Node)) {
    for (_, body) in bodies(module) {
        every_node_of(body, visit);
    }
    for placed in &mut module.declarations {
        if let Declaration::Local(local) = &placed.declaration {
            local.borrow_mut().value.walk_mut(visit);
        }
    }
    for output in &mut module.outputs {
        output.value.walk_mut(visit);
    }
}

fn every_node_of(body: &mut Body, visit: &mut impl FnMut(&mut Node)) {
    for item in &mut body.items {
        match item {
            Item::Argument(argument) => argument.value.walk_mut(visit),
            Item::Block(block) => every_node_of(&mut block.body, visit),
        }
    }
}
