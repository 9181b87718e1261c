//! Checks names, variables, outputs, calls, and conditions.

use std::collections::BTreeSet;

use tfschema::Type;

use super::infer::{Place, convertible, sensitive_as_a_whole};
use super::near::nearest;
use super::shape::{Shape, accepted};
use super::{Checker, join};
use crate::block::{Block, Rule};
use crate::constraint::{Presence, Shape as Constraint};
use crate::finding::Problem;
use crate::identifier::{is_free_for_variables, is_identifier};
use crate::module::{Address, CallDeclaration, Declaration, VariableDeclaration};
use crate::node::{Node, Reference, Target};

/// Files whose content the renderer generates.
const OWN_FILES: [&str; 3] = ["variables", "outputs", "versions"];
/// File that contains the scenarios.
const SCENARIOS: &str = "tests/plan.tftest.hcl";
/// First of the files that contain the mocks.
const MOCKS: &str = "tests/inputs.tftest.hcl";

impl<'a> Checker<'a> {
    /// Checks for duplicate declarations and for invalid file, local, and check names.
    pub(super) fn names(&mut self) {
        let mut seen = BTreeSet::new();
        for variable in &self.module.variables {
            let address = format!("variable.{}", variable.borrow().name);
            self.at("variables", address.clone());
            self.once(&mut seen, address);
        }
        for placed in &self.module.declarations {
            self.at(&placed.file, placed.declaration.address());
            let by_address = matches!(
                placed.declaration,
                Declaration::Moved { .. } | Declaration::Removed { .. }
            );
            if !by_address {
                self.once(&mut seen, placed.declaration.address());
            }
            let name = placed.file.clone();
            if OWN_FILES.contains(&placed.file.as_str()) {
                self.report("", Problem::ReservedName { name });
            } else if !is_identifier(&placed.file) {
                self.report("", Problem::InvalidName { name });
            }
            match &placed.declaration {
                Declaration::Local(local) => self.name(&local.borrow().name),
                Declaration::Check(check) => self.name(&check.name),
                Declaration::Block(_)
                | Declaration::Call(_)
                | Declaration::Moved { .. }
                | Declaration::Removed { .. } => {}
            }
        }
        for output in &self.module.outputs {
            let address = format!("output.{}", output.name);
            self.at("outputs", address.clone());
            self.once(&mut seen, address);
        }
    }

    fn once(&mut self, seen: &mut BTreeSet<String>, address: String) {
        if !seen.insert(address.clone()) {
            self.report("", Problem::DuplicateName { what: address });
        }
    }

    pub(super) fn providers(&mut self) {
        let mut seen = BTreeSet::new();
        for provider in &self.module.providers {
            let address = format!("required_providers.{}", provider.name);
            self.at("versions", address.clone());
            self.name(&provider.name);
            self.once(&mut seen, address);
            for alias in &provider.aliases {
                self.name(alias);
            }
        }
    }

    pub(super) fn variables(&mut self) {
        let module = self.module;
        for variable in &module.variables {
            let variable = variable.borrow();
            self.at("variables", format!("variable.{}", variable.name));
            self.variable(&variable);
        }
    }

    fn variable(&mut self, variable: &VariableDeclaration) {
        self.name(&variable.name);
        if !is_free_for_variables(&variable.name) {
            let name = variable.name.clone();
            self.report("", Problem::ReservedName { name });
        }
        if variable.description.is_none() {
            self.report("description", Problem::Undescribed);
        }
        self.constraint(&variable.shape);
        self.given(variable, "default", variable.default.iter());
        self.given(variable, "example", variable.example.iter());
        for validation in &variable.validations {
            self.given(variable, "refuses", &validation.refused);
            let rule = &validation.rule;
            self.rule("validation", rule, &Place::default());
            let own = Target::Variable(variable.name.clone());
            if !references(&rule.condition).any(|reference| reference.target == own) {
                let variable = own.address();
                self.report(
                    "validation.condition",
                    Problem::UnrelatedCondition { variable },
                );
            }
        }
    }

    /// Checks that the values of a variable are valid constants.
    fn given<'n>(
        &mut self,
        variable: &VariableDeclaration,
        argument: &str,
        values: impl IntoIterator<Item = &'n Node>,
    ) {
        let ty = variable.shape.ty();
        for node in values {
            let value = self.value(argument, node, &Place::default());
            let mut problems = Vec::new();
            convertible(&value.shape, &ty, &mut |problem| problems.push(problem));
            self.report_all(argument, problems);
            for reference in references(node) {
                let name = reference.target.address();
                self.report(argument, Problem::Unbound { name });
            }
        }
    }

    /// Checks the attributes of object constraints.
    fn constraint(&mut self, constraint: &Constraint) {
        let mut fields = Vec::new();
        constraint.fields(&mut |field| fields.push(field));
        for field in fields {
            let path = join("type", &field.name);
            if !is_identifier(&field.name) {
                let name = field.name.clone();
                self.report(&path, Problem::InvalidName { name });
            }
            if let Presence::Default(default) = &field.presence {
                let value = self.value(&path, default, &Place::default());
                let mut problems = Vec::new();
                convertible(&value.shape, &field.shape.ty(), &mut |problem| {
                    problems.push(problem);
                });
                self.report_all(&path, problems);
            }
        }
        for name in repeated_fields(constraint) {
            let path = join("type", &name);
            self.report(&path, Problem::DuplicateKey { key: name });
        }
        if has_only_for(constraint) {
            let name = "for".to_owned();
            self.report("type.for", Problem::ReservedName { name });
        }
    }

    pub(super) fn rules(&mut self, name: &str, rules: &[Rule], place: &Place<'a>) {
        for rule in rules {
            self.rule(name, rule, place);
        }
    }

    fn rule(&mut self, name: &str, rule: &Rule, place: &Place<'a>) {
        let path = join(name, "condition");
        let condition = self.value(&path, &rule.condition, place);
        let mut problems = Vec::new();
        convertible(&condition.shape, &tfschema::Type::Bool, &mut |problem| {
            problems.push(problem);
        });
        self.report_all(&path, problems);
        let path = join(name, "error_message");
        self.value(&path, &rule.message, place);
        if let Node::Text(message) = &rule.message
            && !is_sentence(message)
        {
            let message = message.clone();
            self.report(&path, Problem::Message { message });
        }
    }

    pub(super) fn outputs(&mut self) {
        let module = self.module;
        for output in &module.outputs {
            self.at("outputs", format!("output.{}", output.name));
            self.name(&output.name);
            if output.description.is_none() {
                self.report("description", Problem::Undescribed);
            }
            let value = self.value("value", &output.value, &Place::default());
            if let (Some(target), false) = (
                sensitive_as_a_whole(&value, &output.value),
                output.sensitive,
            ) {
                self.report("value", Problem::SensitiveOutput { target });
            }
            if let (Some(target), false) = (value.ephemeral.clone(), output.ephemeral) {
                self.report("value", Problem::StoredEphemeral { target });
            }
            self.rules("precondition", &output.preconditions, &Place::default());
            self.dependencies(&output.depends_on);
        }
    }

    pub(super) fn call(&mut self, call: &'a CallDeclaration) {
        self.name(&call.name);
        let place = Place {
            each: self.repetition(&call.repetition),
            ..Place::default()
        };
        let inputs = &call.interface.inputs;
        for argument in call.inputs.arguments() {
            let value = self.value(&argument.name, &argument.value, &place);
            match inputs.get(&argument.name) {
                None => {
                    let name = argument.name.clone();
                    let suggestion = nearest(&name, inputs.keys().map(String::as_str));
                    self.report(
                        &argument.name,
                        Problem::UnknownArgument { name, suggestion },
                    );
                }
                Some(input) => {
                    let mut problems = Vec::new();
                    convertible(&value.shape, &input.ty, &mut |problem| {
                        problems.push(problem)
                    });
                    if let (Some(target), false) = (value.ephemeral, input.ephemeral) {
                        problems.push(Problem::StoredEphemeral { target });
                    }
                    self.report_all(&argument.name, problems);
                }
            }
        }
        for (name, _) in inputs.iter().filter(|(_, input)| input.required) {
            if !call
                .inputs
                .arguments()
                .any(|argument| argument.name == *name)
            {
                let name = name.clone();
                self.report("", Problem::MissingArgument { name });
            }
        }
        self.dependencies(&call.depends_on);
    }

    /// Checks the scenarios. Their conditions can refer to any declaration in the module.
    pub(super) fn scenarios(&mut self) {
        let module = self.module;
        let mut seen = BTreeSet::new();
        for scenario in &module.scenarios {
            let address = format!("run.{}", scenario.name);
            self.at("", address.clone());
            SCENARIOS.clone_into(&mut self.file);
            self.once(&mut seen, address);
            self.name(&scenario.name);
            for (name, value) in &scenario.given {
                let declared = module.variables.iter().map(|one| one.borrow());
                match declared.into_iter().find(|one| one.name == *name) {
                    Some(variable) => self.given(&variable, name, [value]),
                    None => {
                        let target = format!("var.{name}");
                        let suggestion = None;
                        self.report(name, Problem::UnknownReference { target, suggestion });
                    }
                }
            }
            self.rules("assert", &scenario.expectations, &Place::default());
        }
    }

    /// Checks that every mock has a type that a required provider supports, and that it sets only attributes of that
    /// type. Terraform and OpenTofu silently ignore mocks of other types.
    pub(super) fn mocks(&mut self) {
        let module = self.module;
        let mut seen = BTreeSet::new();
        for mock in &module.mocks {
            let block = Block::of_kind(mock.kind, &mock.ty, "mock");
            let address = format!("mock_{}.{}", mock.kind.keyword(), mock.ty);
            self.at("", address.clone());
            MOCKS.clone_into(&mut self.file);
            self.once(&mut seen, address);
            let Some(schema) = self.schema(&block) else {
                continue;
            };
            let value = self.value("defaults", &mock.values, &Place::default());
            let Type::Object(given) = value.shape.ty() else {
                continue;
            };
            for (name, found) in given.attributes {
                let known = schema.attributes.get(&name);
                let Some(attribute) = known else {
                    let names = schema.attributes.keys().map(String::as_str);
                    let suggestion = nearest(&name, names);
                    let path = join("defaults", &name);
                    self.report(&path, Problem::UnknownArgument { name, suggestion });
                    continue;
                };
                let mut problems = Vec::new();
                convertible(&Shape::Value(found), &accepted(attribute), &mut |problem| {
                    problems.push(problem);
                });
                self.report_all(&join("defaults", &name), problems);
            }
        }
    }

    /// Checks that the new address of a moved object is declared, and that the old address is not declared.
    pub(super) fn moved(&mut self, from: &Address, to: &Address) {
        self.value("to", &to.node, &Place::default());
        self.removed(from);
    }

    /// Checks that an address is not declared.
    pub(super) fn removed(&mut self, from: &Address) {
        for reference in references(&from.node) {
            let still_declared = self.scope.find(&reference.target).is_some();
            if still_declared && matches!(from.node, Node::Reference(_)) {
                let what = reference.target.address();
                self.report("from", Problem::DuplicateName { what });
            }
        }
    }
}

fn references(node: &Node) -> impl Iterator<Item = &Reference> {
    let mut found = Vec::new();
    node.walk(&mut |node| {
        if let Node::Reference(reference) = node {
            found.push(reference);
        }
    });
    found.into_iter()
}

/// Returns the duplicate names in an object constraint, at all levels.
fn repeated_fields(constraint: &Constraint) -> Vec<String> {
    match constraint {
        Constraint::Any | Constraint::String | Constraint::Number | Constraint::Bool => Vec::new(),
        Constraint::List(element) | Constraint::Set(element) | Constraint::Map(element) => {
            repeated_fields(element)
        }
        Constraint::Object(fields) => {
            let mut seen = BTreeSet::new();
            let own = fields.iter().filter(|field| !seen.insert(&field.name));
            let mut repeated: Vec<String> = own.map(|field| field.name.clone()).collect();
            repeated.extend(
                fields
                    .iter()
                    .flat_map(|field| repeated_fields(&field.shape)),
            );
            repeated
        }
    }
}

/// Returns whether an object constraint, at any level, has `for` as its only attribute. Terraform and OpenTofu parse an
/// object that begins with `for` as a `for` expression, so another attribute must precede it.
fn has_only_for(constraint: &Constraint) -> bool {
    match constraint {
        Constraint::Any | Constraint::String | Constraint::Number | Constraint::Bool => false,
        Constraint::List(element) | Constraint::Set(element) | Constraint::Map(element) => {
            has_only_for(element)
        }
        Constraint::Object(fields) => {
            matches!(fields.as_slice(), [only] if only.name == "for")
                || fields.iter().any(|field| has_only_for(&field.shape))
        }
    }
}

/// Returns whether a message is a full sentence. Early Terraform versions required error messages to be full sentences.
fn is_sentence(message: &str) -> bool {
    message.starts_with(char::is_uppercase) && message.ends_with(['.', '?', '!'])
}
