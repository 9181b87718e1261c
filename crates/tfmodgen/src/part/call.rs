//! Calls to parts, and references to their outputs.

use std::marker::PhantomData;
use std::ops::Deref;

use super::{Arguments, Inputs, Outputs};
use crate::block::{BlockReference, ForEach, Handle, Many, Maybe, Repetition, When};
use crate::body::{Each, Item};
use crate::expr::{IntoExpr, Known};
use crate::marker::{Bool, Collection, Str};
use crate::module::{CallDeclaration, Module};
use crate::node::Target;

/// A call to a part. [`Module::call`] adds it to a module.
pub struct Call<I, O> {
    declaration: CallDeclaration,
    interface: PhantomData<fn() -> (I, O)>,
}

/// A reference to a call, which provides its outputs.
pub struct CallReference<O> {
    handle: Handle,
    outputs: O,
}

/// A call that can be added to a module: once, for each element of a collection, or conditionally.
pub trait ModuleCall {
    /// Type of references to the call.
    type Reference: BlockReference;

    /// Returns the declaration.
    fn into_declaration(self) -> CallDeclaration;
}

impl<I: Inputs, O: Outputs> Call<I, O> {
    pub(super) fn new(name: &str, module: &Module, inputs: I) -> Self {
        let mut arguments = Arguments::default();
        inputs.set(&mut arguments);
        Self {
            declaration: CallDeclaration::new(name, module, arguments.0),
            interface: PhantomData,
        }
    }

    /// Adds a comment above the call.
    #[must_use]
    pub fn comment(mut self, why: &str) -> Self {
        self.declaration.comment = Some(why.to_owned());
        self
    }

    /// Adds a comment above an input that the call sets: `call.argument_comment(|inputs| inputs.zones, "…")`.
    #[must_use]
    pub fn argument_comment(
        mut self,
        of: impl FnOnce(&I::Names) -> &'static str,
        why: &str,
    ) -> Self {
        let name = of(&I::names());
        for item in &mut self.declaration.inputs.items {
            if let Item::Argument(argument) = item
                && argument.name == name
            {
                argument.comment = Some(why.to_owned());
            }
        }
        self
    }

    /// Passes a provider configuration of the caller to the part. `theirs` is the local name in the part, and `ours` is
    /// the name in the caller, such as `aws.us_east_1`.
    #[must_use]
    pub fn provider(mut self, theirs: &str, ours: &str) -> Self {
        let pair = (theirs.to_owned(), ours.to_owned());
        self.declaration.providers.push(pair);
        self
    }

    /// Adds a dependency on a block that no input refers to.
    #[must_use]
    pub fn depends_on(mut self, other: &impl BlockReference) -> Self {
        self.declaration.depends_on.push(other.handle().whole());
        self
    }

    /// Declares the call only if the condition is true.
    pub fn when(mut self, condition: impl IntoExpr<Bool>) -> When<Self> {
        let condition = condition.into_expr().into_node();
        self.declaration.repetition = Repetition::When(condition);
        When::new(self)
    }
}

impl<I: Inputs, O: Outputs> super::Part<I, O> {
    /// Calls the part for each element in a map or a set of strings. The keys identify the instances and should be
    /// static.
    pub fn call_for_each<K>(
        &self,
        name: &str,
        over: K,
        inputs: impl FnOnce(Each<K::Type>) -> I,
    ) -> ForEach<Call<I, O>>
    where
        K: Known,
        K::Type: Collection<Key = Str>,
    {
        let mut call = self.call(name, inputs(Each::of_block()));
        call.declaration.repetition = Repetition::for_each(over.known().into_node());
        ForEach::new(call)
    }
}

impl<I, O: Outputs> ModuleCall for Call<I, O> {
    type Reference = CallReference<O>;

    fn into_declaration(self) -> CallDeclaration {
        self.declaration
    }
}

impl<I, O: Outputs> ModuleCall for ForEach<Call<I, O>> {
    type Reference = Many<CallReference<O>>;

    fn into_declaration(self) -> CallDeclaration {
        self.into_inner().declaration
    }
}

impl<I, O: Outputs> ModuleCall for When<Call<I, O>> {
    type Reference = Maybe<CallReference<O>>;

    fn into_declaration(self) -> CallDeclaration {
        self.into_inner().declaration
    }
}

impl<O: Outputs> CallReference<O> {
    pub(super) fn new(caller: &str, name: &str) -> Self {
        Self::at(Handle::new(caller, Target::Module(name.to_owned())))
    }
}

impl<O: Outputs> BlockReference for CallReference<O> {
    fn at(handle: Handle) -> Self {
        let outputs = O::of(&handle);
        Self { handle, outputs }
    }

    fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl<O> Deref for CallReference<O> {
    type Target = O;

    fn deref(&self) -> &O {
        &self.outputs
    }
}
