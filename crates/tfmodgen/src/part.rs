//! Parts: modules whose inputs and outputs have Rust types, which allows the compiler to check calls.
//!
//! An interface is a struct that is generic over its [`Form`]. Inside the part, its fields are declarations. In a call, they
//! are values. [`inputs!`](crate::inputs) and [`outputs!`](crate::outputs) generate such structs from a list of fields. The
//! name of a field is the name in the module.
//!
//! ```
//! use tfmodgen::prelude::*;
//!
//! tfmodgen::inputs! {
//!     /// Inputs of the greeting.
//!     pub struct Inputs(input) {
//!         required name: Str = input.declare(string()).describe("Name to greet."),
//!         optional loud: Bool = input.declare(bool()).describe("Whether to shout.").default(false),
//!     }
//! }
//!
//! tfmodgen::outputs! {
//!     /// Outputs of the greeting.
//!     pub struct Outputs {
//!         /// The greeting.
//!         text: Str,
//!     }
//! }
//!
//! fn greeting() -> Part<Inputs, Outputs> {
//!     let mut m = Module::new("greeting", "Greets.");
//!     let inputs = Inputs::declare(&mut m);
//!     let name = conditional(&inputs.loud, upper(&inputs.name), &inputs.name);
//!     let text = output(template(["Hello, ".into(), name.into()]));
//!     Part::new(m, inputs, Outputs { text })
//! }
//!
//! let greeting = greeting();
//! let mut root = Module::new("system", "Greets the world.");
//! let inputs = Inputs { name: "world".into_expr(), loud: None };
//! let greeted = root.call(greeting.call("greeting", inputs));
//! assert_eq!(greeted.text.to_string(), "module.greeting.text");
//! ```

mod call;
mod inputs;
mod outputs;

use std::marker::PhantomData;

pub use call::{Call, CallReference, ModuleCall};
pub use inputs::{Arguments, Inputs, NewInput};
pub use outputs::{OutputValue, Outputs, output};

use crate::expr::Expr;
use crate::module::{Module, Variable};

/// Kind of the fields in an interface: declarations, values, or names.
pub trait Form {
    /// An input that a call must set.
    type Required<T>;
    /// An input with a default.
    type Optional<T>;
    /// An output.
    type Output<T>;
}

/// Form of an interface inside its part: variables, and values of outputs.
pub enum Declared {}

/// Form of an interface in a call: values of inputs, and references to outputs. An optional input that is `None` keeps
/// its default.
pub enum Called {}

/// Form of an interface that contains only the names of its fields.
pub enum Named {}

impl Form for Declared {
    type Required<T> = Variable<T>;
    type Optional<T> = Variable<T>;
    type Output<T> = OutputValue<T>;
}

impl Form for Called {
    type Required<T> = Expr<T>;
    type Optional<T> = Option<Expr<T>>;
    type Output<T> = Expr<T>;
}

impl Form for Named {
    type Required<T> = &'static str;
    type Optional<T> = &'static str;
    type Output<T> = &'static str;
}

/// A module with typed inputs and outputs. A [`Package`](crate::Package) renders it to `modules/<name>`.
pub struct Part<I: Inputs, O: Outputs> {
    module: Module,
    inputs: I::Declared,
    outputs: PhantomData<fn() -> O>,
}

impl<I: Inputs, O: Outputs> Part<I, O> {
    /// Completes a module with its outputs.
    pub fn new(mut module: Module, inputs: I::Declared, outputs: O::Declared) -> Self {
        O::declare(outputs, &mut module);
        Self {
            module,
            inputs,
            outputs: PhantomData,
        }
    }

    /// Returns the module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Returns the variables of the part. A package can copy variables that it only forwards. See [`NewInput::copy`].
    pub fn inputs(&self) -> &I::Declared {
        &self.inputs
    }

    /// Returns a call to the part with the specified name.
    pub fn call(&self, name: &str, inputs: I) -> Call<I, O> {
        Call::new(name, &self.module, inputs)
    }

    /// Returns a reference to a call that a module declares later. This allows two calls to use outputs of each other.
    pub fn later(&self, caller: &Module, name: &str) -> CallReference<O> {
        CallReference::new(caller.name(), name)
    }
}

impl<I: Inputs, O: Outputs> From<Part<I, O>> for Module {
    fn from(part: Part<I, O>) -> Self {
        part.module
    }
}
