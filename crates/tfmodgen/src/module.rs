//! A module: its requirements, inputs, declarations, and outputs.

mod call;
mod declaration;
mod moved;
mod scenario;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

pub use call::CallDeclaration;
pub(crate) use call::Interface;
pub use declaration::{Local, Output, Variable};
pub(crate) use declaration::{LocalDeclaration, VariableDeclaration};
pub use moved::Address;
pub(crate) use scenario::Mock;
pub use scenario::Scenario;

use crate::block::{Block, BlockBuilder, BlockReference, Handle, Rule};
use crate::constraint::Constraint;
use crate::expr::{Expr, IntoExpr, Known};
use crate::marker::{Bool, Str, Typed};
use crate::node::Target;
use crate::part::ModuleCall;
use crate::references::needs;

/// File for declarations without a topic.
const MAIN: &str = "main";

/// A Terraform or OpenTofu module, as data.
///
/// ```
/// use tfmodgen::prelude::*;
/// use tfmodgen::{Schemas, render};
///
/// let mut m = Module::new("greeting", "Greets.");
/// let name = m.variable("name", string()).describe("Name to greet.").default("world");
/// m.output("text", template(["Hello, ".into(), (&name).into(), "!".into()])).describe("The greeting.");
///
/// let files = render(&m, &Schemas::new()).map_err(|findings| findings[0].to_string())?;
/// assert!(files["outputs.tf"].contains(r#"value       = "Hello, ${var.name}!""#));
/// # Ok::<(), String>(())
/// ```
pub struct Module {
    pub(crate) name: String,
    pub(crate) purpose: String,
    pub(crate) header: Option<String>,
    pub(crate) cli_version: String,
    pub(crate) providers: Vec<ProviderRequirement>,
    pub(crate) variables: Vec<Rc<RefCell<VariableDeclaration>>>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) declarations: Vec<Placed>,
    pub(crate) scenarios: Vec<Scenario>,
    pub(crate) mocks: Vec<Mock>,
    pub(crate) order: ArgumentOrder,
    topic: String,
}

/// Names of arguments that have a fixed position in every block and call. Among the other arguments, required arguments
/// precede optional arguments.
#[derive(Clone, Copy, Debug, Default)]
pub struct ArgumentOrder {
    /// Arguments at the beginning.
    pub first: &'static [&'static str],
    /// Arguments near the end, before those in `last`, such as policies.
    pub long: &'static [&'static str],
    /// Arguments at the end, before nested blocks.
    pub last: &'static [&'static str],
}

/// A provider that the module needs.
#[derive(Clone, Debug)]
pub(crate) struct ProviderRequirement {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) version: String,
    /// Aliases of provider configurations that the caller must pass.
    pub(crate) aliases: Vec<String>,
}

/// A declaration and the name of its file, without the extension.
pub(crate) struct Placed {
    pub(crate) file: String,
    pub(crate) declaration: Declaration,
}

pub(crate) enum Declaration {
    Block(Box<Block>),
    Local(Rc<RefCell<LocalDeclaration>>),
    Call(Box<CallDeclaration>),
    Check(Check),
    Moved { from: Address, to: Address },
    Removed { from: Address },
}

/// A `check` block: conditions that produce a warning after a plan or apply if they are false.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub(crate) name: String,
    pub(crate) assertions: Vec<Rule>,
}

impl Module {
    /// Returns an empty module. The name is also the directory name. The purpose is a single sentence.
    pub fn new(name: &str, purpose: &str) -> Self {
        Self {
            name: name.to_owned(),
            purpose: purpose.to_owned(),
            header: None,
            cli_version: ">= 1.11".to_owned(),
            providers: Vec::new(),
            variables: Vec::new(),
            outputs: Vec::new(),
            declarations: Vec::new(),
            scenarios: Vec::new(),
            mocks: Vec::new(),
            order: ArgumentOrder::default(),
            topic: MAIN.to_owned(),
        }
    }

    /// Returns the name of the module.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the purpose of the module, in one sentence.
    pub fn purpose(&self) -> &str {
        &self.purpose
    }

    /// Adds a comment to the top of every file, such as the command that generates the file.
    pub fn header(&mut self, comment: &str) {
        self.header = Some(comment.to_owned());
    }

    /// Sets the order of arguments. The order depends on the argument names of the providers.
    pub fn argument_order(&mut self, order: ArgumentOrder) {
        self.order = order;
    }

    /// Sets the version constraint for Terraform and OpenTofu. The default is `>= 1.11`.
    pub fn requires_cli(&mut self, version: &str) {
        self.cli_version = version.to_owned();
    }

    /// Requires a provider with its local name, source, and version constraint.
    pub fn requires(&mut self, name: &str, source: &str, version: &str) {
        self.requires_with_aliases(name, source, version, []);
    }

    /// Requires a provider, and additional configurations that the caller must pass.
    pub fn requires_with_aliases<'a>(
        &mut self,
        name: &str,
        source: &str,
        version: &str,
        aliases: impl IntoIterator<Item = &'a str>,
    ) {
        self.providers.push(ProviderRequirement {
            name: name.to_owned(),
            source: source.to_owned(),
            version: version.to_owned(),
            aliases: aliases.into_iter().map(str::to_owned).collect(),
        });
    }

    /// Sets the file for subsequent declarations by topic: `network` selects `network.tf`. Variables and outputs have
    /// separate files.
    pub fn file(&mut self, topic: &str) {
        self.topic = topic.to_owned();
    }

    /// Declares an input.
    pub fn variable<T>(&mut self, name: &str, ty: Constraint<T>) -> Variable<T> {
        let variable = Variable::new(&self.name, name, ty.shape);
        self.variables.push(variable.declaration());
        variable
    }

    /// Declares an input with a declaration copied from another module.
    pub(crate) fn copy_variable<T>(&mut self, name: &str, other: &Variable<T>) -> Variable<T> {
        let variable = Variable::copied(&self.name, name, other);
        self.variables.push(variable.declaration());
        variable
    }

    /// Declares a local value. Consecutive local values share a block.
    pub fn local<K: Known>(&mut self, name: &str, value: K) -> Local<K::Type> {
        let local = Local::new(&self.name, name, value.known());
        self.place(Declaration::Local(local.declaration()));
        local
    }

    /// Adds a resource.
    pub fn resource<B: BlockBuilder>(&mut self, builder: B) -> B::Reference {
        let block = builder.into_block();
        let handle = Handle::new(&self.name, block.target());
        self.place(Declaration::Block(Box::new(block)));
        B::Reference::at(handle)
    }

    /// Adds a data source.
    pub fn data<B: BlockBuilder>(&mut self, builder: B) -> B::Reference {
        self.resource(builder)
    }

    /// Adds an ephemeral resource.
    pub fn ephemeral<B: BlockBuilder>(&mut self, builder: B) -> B::Reference {
        self.resource(builder)
    }

    /// Calls a part, and returns a reference to its outputs.
    pub fn call<C: ModuleCall>(&mut self, call: C) -> C::Reference {
        let declaration = call.into_declaration();
        let target = Target::Module(declaration.name.clone());
        let handle = Handle::new(&self.name, target);
        self.place(Declaration::Call(Box::new(declaration)));
        C::Reference::at(handle)
    }

    /// Declares an output.
    pub fn output<K>(&mut self, name: &str, value: K) -> &mut Output
    where
        K: Known,
        K::Type: Typed,
    {
        let output = Output::new(name, value.known().into_node(), K::Type::ty());
        let position = self.outputs.len();
        self.outputs.push(output);
        &mut self.outputs[position]
    }

    /// Adds a check: conditions that are evaluated after every plan and apply, each with the message of the warning.
    pub fn check<'a>(
        &mut self,
        name: &str,
        assertions: impl IntoIterator<Item = (Expr<Bool>, &'a str)>,
    ) {
        let assertions = assertions.into_iter();
        let assertions = assertions
            .map(|(condition, message)| Rule::new(condition, IntoExpr::<Str>::into_expr(message)));
        self.place(Declaration::Check(Check {
            name: name.to_owned(),
            assertions: assertions.collect(),
        }));
    }

    /// Adds a `moved` block for an object whose address changes in this release.
    pub fn moved(&mut self, from: Address, to: Address) {
        self.place(Declaration::Moved { from, to });
    }

    /// Adds a `removed` block for an object from an earlier release. The object is not destroyed, but it is no longer
    /// managed.
    pub fn removed(&mut self, from: Address) {
        self.place(Declaration::Removed { from });
    }

    fn place(&mut self, declaration: Declaration) {
        self.declarations.push(Placed {
            file: self.topic.clone(),
            declaration,
        });
    }

    /// Returns the references in each resource, data source, call, and local, by address, for diagrams and
    /// documentation.
    pub fn graph(&self) -> BTreeMap<String, BTreeSet<String>> {
        let edges = needs(self).into_iter().map(|(target, needed)| {
            let needed = needed.iter().map(Target::address).collect();
            (target.address(), needed)
        });
        edges.collect()
    }
}
