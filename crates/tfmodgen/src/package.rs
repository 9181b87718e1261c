//! A package: a root module and its parts, which are child modules. A package is published under one name.

use std::collections::BTreeMap;

use crate::block::Kind;
use crate::check::check;
use crate::finding::{Finding, Problem};
use crate::module::{Declaration, Module};
use crate::node::Target;
use crate::references::used;
use crate::render::render;
use crate::schemas::Schemas;

/// A root module with its parts. A part is a module in `modules/<name>`.
pub struct Package {
    target: String,
    pub(crate) root: Module,
    pub(crate) parts: Vec<Module>,
    documents: BTreeMap<String, String>,
}

impl Package {
    /// Returns a package with one module. The target is the system that the package configures, such as `aws` in the
    /// repository name `terraform-aws-name`.
    pub fn new(target: &str, root: impl Into<Module>) -> Self {
        Self {
            target: target.to_owned(),
            root: root.into(),
            parts: Vec::new(),
            documents: BTreeMap::new(),
        }
    }

    /// Adds a part in `modules/<name>`.
    #[must_use]
    pub fn part(mut self, part: impl Into<Module>) -> Self {
        self.parts.push(part.into());
        self
    }

    /// Adds a file that a module reads, such as `buildspecs/image.yml`. The path is relative to the package.
    #[must_use]
    pub fn document(mut self, path: &str, text: impl Into<String>) -> Self {
        self.documents.insert(path.to_owned(), text.into());
        self
    }

    /// Returns the target system.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Returns the name of the root module.
    pub fn name(&self) -> &str {
        self.root.name()
    }

    /// Returns every module with its folder, relative to the package. The root module comes first and has an empty path.
    pub fn modules(&self) -> impl Iterator<Item = (String, &Module)> {
        let parts = self.parts.iter();
        let parts = parts.map(|part| (format!("modules/{}", part.name()), part));
        [(String::new(), &self.root)].into_iter().chain(parts)
    }

    /// Checks all modules, and the additional requirements for published modules: every validation has a test value
    /// that it must reject, every required input has an example, and every declaration is used. Returns all problems.
    pub fn check(&self, schemas: &Schemas) -> Vec<Finding> {
        let modules = self.modules();
        modules
            .flat_map(|(_, module)| {
                let mut findings = check(module, schemas);
                findings.extend(without_test_values(module));
                findings.extend(unused(module));
                findings
            })
            .collect()
    }

    /// Renders the files of all modules, by path relative to the package.
    ///
    /// # Errors
    /// Returns an error that lists all problems if a module is invalid.
    pub fn render(&self, schemas: &Schemas) -> Result<BTreeMap<String, String>, Vec<Finding>> {
        let (mut files, mut findings) = (self.documents.clone(), Vec::new());
        for (folder, module) in self.modules() {
            findings.extend(without_test_values(module));
            findings.extend(unused(module));
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

/// Finds unused inputs, locals, and data sources. A data source with conditions counts as used.
fn unused(module: &Module) -> Vec<Finding> {
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

/// Finds inputs without examples and validations without test values.
fn without_test_values(module: &Module) -> Vec<Finding> {
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
