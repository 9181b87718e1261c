//! A module: what it asks for, what it declares and what it gives.

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

/// The file of what no topic was named for.
const MAIN: &str = "main";

/// A module of Terraform or OpenTofu, as data.
///
/// ```
/// use tfmodgen::prelude::*;
/// use tfmodgen::{Schemas, render};
///
/// let mut m = Module::new("greeting", "Greets.");
/// let name = m.variable("name", string()).describe("Who is greeted.").default("world");
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

/// Names of arguments that stand in a certain place of every block and call. Of the others, required ones stand before
/// optional ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct ArgumentOrder {
    /// At the beginning.
    pub first: &'static [&'static str],
    /// After all arguments but the last, such as policies.
    pub long: &'static [&'static str],
    /// At the end, before nested blocks.
    pub last: &'static [&'static str],
}

/// A provider that the module needs.
#[derive(Clone, Debug)]
pub(crate) struct ProviderRequirement {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) version: String,
    /// Further configurations that the caller has to pass.
    pub(crate) aliases: Vec<String>,
}

/// A declaration and the file it stands in, without its extension.
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

/// A `check` block: what should hold after every plan and apply, said as a warning.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub(crate) name: String,
    pub(crate) assertions: Vec<Rule>,
}

impl Module {
    /// An empty module. The name is that of its directory; the purpose is one sentence.
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

    /// The name of the module.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the module is for, in one sentence.
    pub fn purpose(&self) -> &str {
        &self.purpose
    }

    /// A comment at the top of every file, such as the command that writes it.
    pub fn header(&mut self, comment: &str) {
        self.header = Some(comment.to_owned());
    }

    /// Sets the order of arguments, which depends on the names that the providers of a cloud use.
    pub fn argument_order(&mut self, order: ArgumentOrder) {
        self.order = order;
    }

    /// Which versions of the command line may use the module; `>= 1.11` where nothing is said.
    pub fn requires_cli(&mut self, version: &str) {
        self.cli_version = version.to_owned();
    }

    /// A provider that the module needs, by its local name, its source and the versions that do.
    pub fn requires(&mut self, name: &str, source: &str, version: &str) {
        self.requires_with_aliases(name, source, version, []);
    }

    /// A provider of which the caller has to pass further configurations.
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

    /// What follows stands in the file of this topic: `network` is `network.tf`. Variables and outputs have files of
    /// their own.
    pub fn file(&mut self, topic: &str) {
        self.topic = topic.to_owned();
    }

    /// An input.
    pub fn variable<T>(&mut self, name: &str, ty: Constraint<T>) -> Variable<T> {
        let variable = Variable::new(&self.name, name, ty.shape);
        self.variables.push(variable.declaration());
        variable
    }

    /// An input that is declared as another module declares it.
    pub(crate) fn copy_variable<T>(&mut self, name: &str, other: &Variable<T>) -> Variable<T> {
        let variable = Variable::copied(&self.name, name, other);
        self.variables.push(variable.declaration());
        variable
    }

    /// A value with a name. Those that follow each other stand in one block.
    pub fn local<K: Known>(&mut self, name: &str, value: K) -> Local<K::Type> {
        let local = Local::new(&self.name, name, value.known());
        self.place(Declaration::Local(local.declaration()));
        local
    }

    /// A resource.
    pub fn resource<B: BlockBuilder>(&mut self, builder: B) -> B::Reference {
        let block = builder.into_block();
        let handle = Handle::new(&self.name, block.target());
        self.place(Declaration::Block(Box::new(block)));
        B::Reference::at(handle)
    }

    /// A data source.
    pub fn data<B: BlockBuilder>(&mut self, builder: B) -> B::Reference {
        self.resource(builder)
    }

    /// An ephemeral resource.
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

    /// An output.
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

    /// A check: conditions that should hold after every plan and apply, and what to say where one does not.
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

    /// What was at one address is at another since a release.
    pub fn moved(&mut self, from: Address, to: Address) {
        self.place(Declaration::Moved { from, to });
    }

    /// What was at an address in an earlier release is left as it is, and no longer managed.
    pub fn removed(&mut self, from: Address) {
        self.place(Declaration::Removed { from });
    }

    fn place(&mut self, declaration: Declaration) {
        self.declarations.push(Placed {
            file: self.topic.clone(),
            declaration,
        });
    }

    /// What each resource, data source, call and local refers to, by address. For diagrams and for reading.
    pub fn graph(&self) -> BTreeMap<String, BTreeSet<String>> {
        let edges = needs(self).into_iter().map(|(target, needed)| {
            let needed = needed.iter().map(Target::address).collect();
            (target.address(), needed)
        });
        edges.collect()
    }
}
