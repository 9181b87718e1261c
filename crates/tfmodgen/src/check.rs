//! The checker, which reports all problems in a module.

mod blocks;
mod cycles;
mod declarations;
mod function;
mod infer;
mod near;
mod scope;
mod shape;

use crate::finding::{Finding, Problem};
use crate::identifier::is_identifier;
use crate::module::{Declaration, Module};
use crate::node::Node;
use crate::schemas::Schemas;
use infer::{Place, Resolver, Value};
use scope::Scope;

/// Checks the names, types, arguments, and references in a module against the schemas of its providers and its own
/// declarations. Returns all problems.
pub fn check(module: &Module, schemas: &Schemas) -> Vec<Finding> {
    let mut checker = Checker {
        module,
        schemas,
        scope: Scope::of(module, schemas),
        file: String::new(),
        address: String::new(),
        findings: Vec::new(),
    };
    checker.names();
    checker.providers();
    checker.variables();
    for placed in &module.declarations {
        checker.at(&placed.file, placed.declaration.address());
        match &placed.declaration {
            Declaration::Block(block) => checker.block(block),
            Declaration::Local(local) => {
                let value = &local.borrow().value;
                checker.value("", value, &Place::default());
            }
            Declaration::Call(call) => checker.call(call),
            Declaration::Check(check) => {
                checker.rules("assert", &check.assertions, &Place::default());
            }
            Declaration::Moved { from, to } => checker.moved(from, to),
            Declaration::Removed { from } => checker.removed(from),
        }
    }
    checker.outputs();
    checker.scenarios();
    checker.mocks();
    checker.cycles();
    checker.findings
}

/// Walks a module and collects findings.
struct Checker<'a> {
    module: &'a Module,
    schemas: &'a Schemas,
    scope: Scope<'a>,
    /// File and address of the declaration that is being checked.
    file: String,
    address: String,
    findings: Vec<Finding>,
}

impl<'a> Checker<'a> {
    /// Sets the location for subsequent findings.
    fn at(&mut self, file: &str, address: String) {
        self.file = format!("{file}.tf");
        self.address = address;
    }

    fn report(&mut self, argument: &str, problem: Problem) {
        self.findings.push(Finding {
            module: self.module.name.clone(),
            file: self.file.clone(),
            address: self.address.clone(),
            argument: argument.to_owned(),
            problem,
        });
    }

    fn report_all(&mut self, argument: &str, problems: Vec<Problem>) {
        for problem in problems {
            self.report(argument, problem);
        }
    }

    /// Infers the value of an expression, and reports its problems at the argument.
    fn value(&mut self, argument: &str, node: &Node, place: &Place<'a>) -> Value<'a> {
        let mut problems = Vec::new();
        let resolver = Resolver {
            module: &self.module.name,
            scope: &self.scope,
        };
        let value = resolver.value(node, place, &mut |problem| problems.push(problem));
        self.report_all(argument, problems);
        value
    }

    fn name(&mut self, name: &str) {
        if !is_identifier(name) {
            let name = name.to_owned();
            self.report("", Problem::InvalidName { name });
        }
    }

    fn cycles(&mut self) {
        for cycle in cycles::cycles(self.module) {
            let path: Vec<String> = cycle.iter().map(crate::node::Target::address).collect();
            let first = path.first().cloned().unwrap_or_default();
            let placed = self.module.declarations.iter();
            let file = placed
                .filter(|placed| placed.declaration.address() == first)
                .map(|placed| placed.file.clone())
                .next()
                .unwrap_or_default();
            self.at(&file, first);
            self.report("", Problem::Cycle { path });
        }
    }
}

impl Declaration {
    /// Returns the address of the declaration.
    pub(crate) fn address(&self) -> String {
        match self {
            Self::Block(block) => block.target().address(),
            Self::Local(local) => format!("local.{}", local.borrow().name),
            Self::Call(call) => format!("module.{}", call.name),
            Self::Check(check) => format!("check.{}", check.name),
            Self::Moved { .. } => "moved".to_owned(),
            Self::Removed { .. } => "removed".to_owned(),
        }
    }
}

/// Returns the path of a nested argument.
fn join(prefix: &str, name: &str) -> String {
    match prefix {
        "" => name.to_owned(),
        prefix => format!("{prefix}.{name}"),
    }
}
