//! The declarations of a module, which the resolver uses to resolve references.

use std::collections::BTreeMap;

use tfschema::Type;

use super::shape::Shape;
use crate::block::Repetition;
use crate::module::{Declaration, Module};
use crate::node::{Node, Target};
use crate::schemas::Schemas;

/// The declarations of a module.
pub(super) struct Scope<'a> {
    declared: BTreeMap<Target, Declared<'a>>,
    locals: BTreeMap<String, Node>,
}

/// Known properties of a declaration.
#[derive(Clone)]
pub(super) struct Declared<'a> {
    pub(super) shape: Shape<'a>,
    pub(super) sensitive: bool,
    pub(super) ephemeral: bool,
}

impl<'a> Scope<'a> {
    pub(super) fn of(module: &'a Module, schemas: &'a Schemas) -> Self {
        let mut declared = BTreeMap::new();
        let mut locals = BTreeMap::new();
        for variable in &module.variables {
            let variable = variable.borrow();
            let known = Declared {
                shape: Shape::Value(variable.shape.ty()),
                sensitive: variable.sensitive,
                ephemeral: variable.ephemeral,
            };
            let target = Target::Variable(variable.name.clone());
            // The first of two declarations with the same name takes precedence. The checker reports the duplicate.
            declared.entry(target).or_insert(known);
        }
        let mut plain = |target: Target, shape: Shape<'a>| {
            let ephemeral = matches!(target, Target::Ephemeral(..));
            let known = Declared {
                shape,
                sensitive: false,
                ephemeral,
            };
            declared.entry(target).or_insert(known);
        };
        for placed in &module.declarations {
            match &placed.declaration {
                Declaration::Block(block) => {
                    let schema = module.schema_of(block, schemas);
                    let one = schema.map_or(Shape::Unknown, |schema| Shape::Block(&schema.block));
                    plain(block.target(), repeated(&block.repetition, one));
                }
                Declaration::Call(call) => {
                    let one = Shape::Outputs(&call.interface);
                    let target = Target::Module(call.name.clone());
                    plain(target, repeated(&call.repetition, one));
                }
                Declaration::Local(local) => {
                    let local = local.borrow();
                    locals.insert(local.name.clone(), local.value.clone());
                }
                Declaration::Check(_) | Declaration::Moved { .. } | Declaration::Removed { .. } => {
                }
            }
        }
        Self { declared, locals }
    }

    /// Returns the declaration of a target other than a local.
    pub(super) fn find(&self, target: &Target) -> Option<Declared<'a>> {
        match target {
            Target::Path(_) => Some(Declared {
                shape: Shape::Value(Type::String),
                sensitive: false,
                ephemeral: false,
            }),
            target => self.declared.get(target).cloned(),
        }
    }

    /// Returns the value of a local.
    pub(super) fn local(&self, name: &str) -> Option<&Node> {
        self.locals.get(name)
    }

    /// Returns the addresses of all declarations.
    pub(super) fn addresses(&self) -> Vec<String> {
        let locals = self.locals.keys().map(|name| format!("local.{name}"));
        self.declared
            .keys()
            .map(Target::address)
            .chain(locals)
            .collect()
    }
}

fn repeated<'a>(repetition: &Repetition, one: Shape<'a>) -> Shape<'a> {
    match repetition {
        Repetition::Once => one,
        Repetition::When(_) => Shape::List(Box::new(one)),
        Repetition::ForEach(_) => Shape::Map(Box::new(one)),
    }
}
