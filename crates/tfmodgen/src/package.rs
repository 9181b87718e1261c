//! A package: what is published under one name. A root module and the parts that lie in it, each a module of its own.

use std::collections::BTreeMap;

use crate::block::Kind;
use crate::check::check;
use crate::finding::{Finding, Problem};
use crate::module::{Declaration, Module};
use crate::node::Target;
use crate::references::used;
use crate::render::render;
use crate::schemas::Schemas;

/// A root module with its parts. A part lies in `modules/<name>`, and is called from there.
pub struct Package {
    target: String,
    pub(crate) root: Module,
    pub(crate) parts: Vec<Module>,
}

impl Package {
    /// A package of one module. The target is the system that it configures, such as `aws`, as in the name of the repository
    /// that a registry reads a module from: `terraform-aws-name`.
    pub fn new(target: &str, root: impl Into<Module>) -> Self {
        Self {
            target: target.to_owned(),
            root: root.into(),
            parts: Vec::new(),
        }
    }

    /// With a part, which lies in `modules/<name>`.
    #[must_use]
    pub fn part(mut self, part: impl Into<Module>) -> Self {
        self.parts.push(part.into());
        self
    }

    /// Returns the target system.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The name: that of its root module.
    pub fn name(&self) -> &str {
        self.root.name()
    }

    /// Every module with the folder it lies in, relative to the package: the root, in an empty path, comes first.
    pub fn modules(&self) -> impl Iterator<Item = (String, &Module)> {
        let parts = self.parts.iter();
        let parts = parts.map(|part| (format!("modules/{}", part.name()), part));
        [(String::new(), &self.root)].into_iter().chain(parts)
    }

    /// Everything that is wrong with its modules, and what a published module owes its readers: a case for each
    /// validation, an example of each input that has to be given, and no declaration that nothing uses.
    pub fn check(&self, schemas: &Schemas) -> Vec<Finding> {
        let modules = self.modules();
        modules
            .flat_map(|(_, module)| {
                let mut findings = check(module, schemas);
                findings.extend(owed(module));
                findings.extend(idle(module));
                findings
            })
            .collect()
    }

    /// The files of all modules by path, relative to the package.
    ///
    /// # Errors
    /// Everything that is wrong, and nothing is given out then.
    pub fn render(&self, schemas: &Schemas) -> Result<BTreeMap<String, String>, Vec<Finding>> {
        let (mut files, mut findings) = (BTreeMap::new(), Vec::new());
        for (folder, module) in self.modules() {
            findings.extend(owed(module));
            findings.extend(idle(module));
            match render(module, schemas) {
                Ok(rendered) => {
                    files.extend(
                        rendered
                            .into_iter()
                            .map(|(name, text)| match folder.is_empty() {
                                true => (name, text),
                                false => (format!("{folder}/{name}"), text),
                            }),
                    )
                }
                Err(more) => findings.extend(more),
            }
        }
        match findings.is_empty() {
            true => Ok(files),
            false => Err(findings),
        }
    }
}

/// Inputs, locals and data sources that nothing uses. A data source that states conditions is there for them.
fn idle(module: &Module) -> Vec<Finding> {
    let used = used(module);
    let finding = |file: &str, target: &Target, address: String| {
        (!used.contains(target)).then(|| Finding {
            module: module.name().to_owned(),
            file: format!("{file}.tf"),
            address,
            argument: String::new(),
            problem: Problem::Unused,
        })
    };
    let variables = module.variables.iter().filter_map(|variable| {
        let variable = variable.borrow();
        let target = Target::Variable(variable.name.clone());
        let address = format!("variable.{}", variable.name);
        let found = finding("variables", &target, address);
        found.filter(|_| !variable.only_validated)
    });
    let declared = module.declarations.iter().filter_map(|placed| {
        let target = match &placed.declaration {
            Declaration::Local(local) => Target::Local(local.borrow().name.clone()),
            Declaration::Block(block) if block.kind == Kind::Data && block.lifecycle.is_empty() => {
                block.target()
            }
            _ => return None,
        };
        finding(&placed.file, &target, placed.declaration.address())
    });
    variables.chain(declared).collect()
}

/// What is missing of the cases and examples of a published module.
fn owed(module: &Module) -> Vec<Finding> {
    let mut findings = Vec::new();
    for variable in &module.variables {
        let variable = variable.borrow();
        let mut report = |argument: &str, problem| {
            findings.push(Finding {
                module: module.name().to_owned(),
                file: "variables.tf".to_owned(),
                address: format!("variable.{}", variable.name),
                argument: argument.to_owned(),
                problem,
            });
        };
        if variable.default.is_none() && variable.example.is_none() {
            report("example", Problem::NoExample);
        }
        for validation in &variable.validations {
            if validation.refused.is_empty() {
                report("validation", Problem::Untested);
            }
        }
    }
    findings
}
