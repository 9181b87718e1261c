//! An untyped block. Tests use it for declarations that would not compile with generated builders.

use tfmodgen::prelude::*;
use tfmodgen::{Arguments, Block, Handle, Inputs, Outputs};

pub(crate) struct Plain(pub(crate) Block);

pub(crate) struct PlainReference(pub(crate) Handle);

impl BlockBuilder for Plain {
    type Reference = PlainReference;

    fn block(&mut self) -> &mut Block {
        &mut self.0
    }

    fn into_block(self) -> Block {
        self.0
    }
}

impl BlockReference for PlainReference {
    fn at(handle: Handle) -> Self {
        Self(handle)
    }

    fn handle(&self) -> &Handle {
        &self.0
    }
}

/// Inputs of a call by name and of any type, as an example of a handwritten interface.
#[derive(Default)]
pub(crate) struct PlainInputs(Vec<(&'static str, Expr<Any>)>);

/// Outputs of a call, with any name and type.
pub(crate) struct PlainOutputs(Handle);

impl PlainInputs {
    pub(crate) fn and(mut self, name: &'static str, value: impl IntoExpr<Any>) -> Self {
        self.0.push((name, value.into_expr()));
        self
    }
}

impl PlainOutputs {
    pub(crate) fn get<T>(&self, name: &str) -> Expr<T> {
        self.0.attribute(name)
    }
}

impl Inputs for PlainInputs {
    type Declared = ();
    type Names = ();

    fn names() {}

    fn set(self, arguments: &mut Arguments) {
        for (name, value) in self.0 {
            arguments.set(name, value);
        }
    }
}

impl Outputs for PlainOutputs {
    type Declared = ();

    fn declare((): (), _: &mut Module) {}

    fn of(call: &Handle) -> Self {
        Self(call.clone())
    }
}

/// Returns a module as a part with an untyped interface.
pub(crate) fn plain(module: Module) -> Part<PlainInputs, PlainOutputs> {
    Part::new(module, (), ())
}
