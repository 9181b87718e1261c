//! Summaries of modules for documentation and diagrams: inputs, outputs, blocks, and their references.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::block::Repetition;
use crate::expr::Expr;
use crate::marker::Any;
use crate::module::{Declaration, Module};
use crate::node::{Node, Target};
use crate::references::uses;
use crate::render::constraint;

/// Summary of a module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The name of the module.
    pub name: String,
    /// Purpose of the module, in one sentence.
    pub purpose: String,
    /// Version constraint for Terraform and OpenTofu.
    pub cli_version: String,
    /// Source addresses and version constraints of the required providers.
    pub providers: BTreeMap<String, String>,
    /// Inputs, in the order of declaration.
    pub inputs: Vec<InputSummary>,
    /// Outputs, in the order of declaration.
    pub outputs: Vec<OutputSummary>,
    /// Resources, data sources, ephemeral resources, and calls, in the order of declaration.
    pub blocks: Vec<BlockSummary>,
}

/// Summary of an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputSummary {
    /// Name of the input.
    pub name: String,
    /// Description of the input.
    pub description: String,
    /// Type constraint as in the module, on one or more lines.
    pub ty: String,
    /// Default as in the module. `None` if the input is required.
    pub default: Option<String>,
    /// Error messages of the validations.
    pub rules: Vec<String>,
}

/// Summary of an output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutputSummary {
    /// Name of the output.
    pub name: String,
    /// Description of the output.
    pub description: String,
    /// Whether the output is sensitive.
    pub sensitive: bool,
}

/// Summary of a resource, data source, ephemeral resource, or call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockSummary {
    /// Address in the module, such as `aws_vpc.this` or `module.network`.
    pub address: String,
    /// `resource`, `data`, `ephemeral`, or `module`.
    pub kind: String,
    /// Source of a called module, such as `./modules/network`.
    pub source: Option<String>,
    /// Number of instances: `one`, `optional` (one or none), or `many` (one for each element of a collection).
    pub number: String,
    /// Addresses of other blocks in this module that the block refers to, directly or through locals. Inputs that a
    /// called module uses only in `depends_on` do not count, because two calls can use them to order the objects of
    /// each other.
    pub needs: BTreeSet<String>,
}

impl Module {
    /// Returns the summary of the module.
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

/// Collects the blocks that a declaration refers to, directly or through locals.
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
