//! Calls of other modules. A call keeps what the called module asks for and gives, so that inputs and outputs can be
//! checked without it.

use std::collections::BTreeMap;

use tfschema::Type;

use super::Module;
use crate::block::Repetition;
use crate::block::{BlockReference, Handle};
use crate::body::{Body, Each};
use crate::expr::{Expr, IntoExpr, Known};
use crate::marker::{Bool, Collection, Str};
use crate::node::{Node, Target};
use crate::references::ordering_inputs;

/// A call of another module.
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) interface: Interface,
    pub(crate) inputs: Body,
    pub(crate) repetition: Repetition,
    /// Local names of the called module's providers and what they are here.
    pub(crate) providers: Vec<(String, String)>,
    pub(crate) depends_on: Vec<Node>,
    pub(crate) comment: Option<String>,
}

/// What a module asks for and gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interface {
    pub(crate) inputs: BTreeMap<String, Input>,
    pub(crate) outputs: BTreeMap<String, Given>,
}

#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) ty: Type,
    pub(crate) required: bool,
    pub(crate) ephemeral: bool,
    /// Whether the module refers to it in `depends_on` only.
    pub(crate) orders: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) ty: Type,
    pub(crate) sensitive: bool,
    pub(crate) ephemeral: bool,
}

/// A reference to a call.
#[derive(Clone, Debug)]
pub struct CallReference {
    handle: Handle,
}

impl Call {
    /// A call of a module that lies in `source`, such as `./modules/network`.
    pub fn new(name: &str, module: &Module, source: &str) -> Self {
        Self {
            name: name.to_owned(),
            source: source.to_owned(),
            interface: module.interface(),
            inputs: Body::default(),
            repetition: Repetition::Once,
            providers: Vec::new(),
            depends_on: Vec::new(),
            comment: None,
        }
    }

    /// Sets an input.
    #[must_use]
    pub fn input(mut self, name: &str, value: impl Known) -> Self {
        self.inputs.set(name, value.known());
        self
    }

    /// A comment above the call: why it is there.
    #[must_use]
    pub fn comment(mut self, why: &str) -> Self {
        self.comment = Some(why.to_owned());
        self
    }

    /// A comment above the input that was set last; above the call where none was.
    #[must_use]
    pub fn because(mut self, why: &str) -> Self {
        match self.inputs.because(why) {
            true => self,
            false => self.comment(why),
        }
    }

    /// The call only where the condition holds.
    #[must_use]
    pub fn when(mut self, condition: impl IntoExpr<Bool>) -> Self {
        self.repetition = Repetition::When(condition.into_expr().into_node());
        self
    }

    /// One call for each element of a map, or of a set of strings.
    #[must_use]
    pub fn for_each<K>(self, over: K, write: impl FnOnce(Self, Each<K::Type>) -> Self) -> Self
    where
        K: Known,
        K::Type: Collection<Key = Str>,
    {
        let mut call = write(self, Each::of_block());
        call.repetition = Repetition::for_each(over.known().into_node());
        call
    }

    /// What a provider of the called module is here, as `aws` or `aws.us_east_1`.
    #[must_use]
    pub fn provider(mut self, theirs: &str, ours: &str) -> Self {
        self.providers.push((theirs.to_owned(), ours.to_owned()));
        self
    }

    /// After something that no input refers to.
    #[must_use]
    pub fn depends_on(mut self, other: &impl BlockReference) -> Self {
        self.depends_on.push(other.handle().whole());
        self
    }
}

impl CallReference {
    pub(super) fn new(module: &str, name: &str) -> Self {
        Self::at(Handle::new(module, Target::Module(name.to_owned())))
    }

    /// An output of the called module.
    pub fn output<T>(&self, name: &str) -> Expr<T> {
        self.handle.attribute(name)
    }

    /// The call of a key, of many.
    #[must_use]
    pub fn get(&self, key: impl IntoExpr<Str>) -> Self {
        let key = key.into_expr().into_node();
        Self::at(Handle::of(self.handle.node().clone().index(key)))
    }

    /// An output of a call that stands only where a condition holds; null where it does not.
    pub fn one<T>(&self, name: &str) -> Expr<T> {
        let all = Node::Splat(Box::new(self.handle.node().clone()), vec![name.to_owned()]);
        Expr::new(Node::call("one", [all]))
    }
}

impl BlockReference for CallReference {
    fn at(handle: Handle) -> Self {
        Self { handle }
    }

    fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Module {
    /// What the module asks for and gives.
    pub(crate) fn interface(&self) -> Interface {
        let ordering = ordering_inputs(self);
        let inputs = self.variables.iter().map(|declaration| {
            let declaration = declaration.borrow();
            let input = Input {
                ty: declaration.shape.ty(),
                required: declaration.default.is_none(),
                ephemeral: declaration.ephemeral,
                orders: ordering.contains(&declaration.name),
            };
            (declaration.name.clone(), input)
        });
        let outputs = self.outputs.iter().map(|output| {
            let given = Given {
                ty: output.ty.clone(),
                sensitive: output.sensitive,
                ephemeral: output.ephemeral,
            };
            (output.name.clone(), given)
        });
        Interface {
            inputs: inputs.collect(),
            outputs: outputs.collect(),
        }
    }
}
