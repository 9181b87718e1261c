//! What a reader is told of a module before reading it: inputs, outputs, what it creates and what refers to what. For
//! documentation and diagrams.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::block::Repetition;
use crate::expr::Expr;
use crate::marker::Any;
use crate::module::{Declaration, Module};
use crate::node::{Node, Target};
use crate::references::uses;
use crate::render::constraint;

/// A module in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The name of the module.
    pub name: String,
    /// What it is for, in one sentence.
    pub purpose: String,
    /// Which versions of the command line may use it.
    pub cli_version: String,
    /// Sources of the providers it needs, and the versions that do.
    pub providers: BTreeMap<String, String>,
    /// Inputs, in the order of their declaration.
    pub inputs: Vec<InputSummary>,
    /// Outputs, in the order of their declaration.
    pub outputs: Vec<OutputSummary>,
    /// Resources, data sources, ephemeral resources and calls, in the order of their declaration.
    pub blocks: Vec<BlockSummary>,
}

/// An input in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputSummary {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its type, as it stands in the module, over as many lines as it takes there.
    pub ty: String,
    /// Its default, as it stands in the module; none where it has to be given.
    pub default: Option<String>,
    /// What is said where a value is refused.
    pub rules: Vec<String>,
}

/// An output in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutputSummary {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Whether the command lines hide it.
    pub sensitive: bool,
}

/// A resource, data source, ephemeral resource or call in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockSummary {
    /// Its address in the module, such as `aws_vpc.this` or `module.network`.
    pub address: String,
    /// `resource`, `data`, `ephemeral` or `module`.
    pub kind: String,
    /// Where a called module lies, such as `./modules/network`.
    pub source: Option<String>,
    /// Whether there is one, one or none, or one for each of something: `one`, `optional` or `many`.
    pub number: String,
    /// The addresses it refers to, through locals, of other blocks of this module. Inputs that a called module has in
    /// `depends_on` only do not count: two calls may order each other's objects by them.
    pub needs: BTreeSet<String>,
}

impl Module {
    /// The module in short.
    pub fn summary(&self) -> Summary {
        let providers = self.providers.iter();
        Summary {
            name: self.name.clone(),
            purpose: self.purpose.clone(),
            cli_version: self.cli_version.clone(),
            providers: providers
                .map(|provider| (provider.source.clone(), provider.version.clone()))
                .collect(),
            inputs: self.inputs(),
            outputs: self.outputs.iter().map(output).collect(),
            blocks: self.blocks(),
        }
    }

    fn inputs(&self) -> Vec<InputSummary> {
        let variables = self.variables.iter().map(|variable| {
            let variable = variable.borrow();
            let rules = variable.validations.iter();
            InputSummary {
                name: variable.name.clone(),
                description: variable.description.clone().unwrap_or_default(),
                ty: constraint(&variable.shape),
                default: variable.default.clone().map(printed),
                rules: rules
                    .map(|one| match &one.rule.message {
                        Node::Text(text) => text.clone(),
                        message => printed(message.clone()),
                    })
                    .collect(),
            }
        });
        variables.collect()
    }

    fn blocks(&self) -> Vec<BlockSummary> {
        let uses = uses(self);
        let declarations = self.declarations.iter();
        let blocks = declarations.filter_map(|placed| {
            let (target, kind, source, repetition) = match &placed.declaration {
                Declaration::Block(block) => (
                    block.target(),
                    block.kind.keyword(),
                    None,
                    &block.repetition,
                ),
                Declaration::Call(call) => {
                    let target = Target::Module(call.name.clone());
                    (
                        target,
                        "module",
                        Some(call.source.clone()),
                        &call.repetition,
                    )
                }
                _ => return None,
            };
            let number = match repetition {
                Repetition::Once => "one",
                Repetition::When(_) => "optional",
                Repetition::ForEach(_) => "many",
            };
            let mut needed = BTreeSet::new();
            through_locals(&target, &uses, &mut BTreeSet::new(), &mut needed);
            needed.remove(&target.address());
            Some(BlockSummary {
                address: target.address(),
                kind: kind.to_owned(),
                source,
                number: number.to_owned(),
                needs: needed,
            })
        });
        blocks.collect()
    }
}

fn output(output: &crate::module::Output) -> OutputSummary {
    OutputSummary {
        name: output.name.clone(),
        description: output.description.clone().unwrap_or_default(),
        sensitive: output.sensitive,
    }
}

fn printed(node: Node) -> String {
    Expr::<Any>::new(node).to_string()
}

/// Blocks that a declaration needs, be it through locals.
fn through_locals(
    of: &Target,
    needs: &BTreeMap<Target, BTreeSet<Target>>,
    seen: &mut BTreeSet<Target>,
    found: &mut BTreeSet<String>,
) {
    for target in needs.get(of).into_iter().flatten() {
        match target {
            Target::Local(_) if seen.insert(target.clone()) => {
                through_locals(target, needs, seen, found);
            }
            Target::Resource(..) | Target::Data(..) | Target::Ephemeral(..) | Target::Module(_) => {
                found.insert(target.address());
            }
            _ => {}
        }
    }
}
