//! Outputs of parts: the trait that [`outputs!`](crate::outputs) implements, and values of outputs with their properties.

use std::marker::PhantomData;

use crate::block::{BlockReference, Handle, Rule};
use crate::expr::{Expr, IntoExpr, Known};
use crate::marker::{Bool, Str, Typed};
use crate::module::{Module, Output};

/// The outputs of a part, in the form of a call. [`outputs!`](crate::outputs) implements this trait.
pub trait Outputs {
    /// The same outputs with their values inside the part.
    type Declared;

    /// Adds the outputs to the part.
    fn declare(outputs: Self::Declared, module: &mut Module);

    /// Returns references to the outputs of a call.
    fn of(call: &Handle) -> Self;
}

/// The value of an output. The list in [`outputs!`](crate::outputs) provides its name and description.
pub struct OutputValue<T> {
    output: Output,
    ty: PhantomData<fn() -> T>,
}

/// Returns a value as an output.
pub fn output<K>(value: K) -> OutputValue<K::Type>
where
    K: Known,
    K::Type: Typed,
{
    OutputValue {
        output: Output::new("", value.known().into_node(), K::Type::ty()),
        ty: PhantomData,
    }
}

impl<T> OutputValue<T> {
    /// Declares the output in a module, with the documentation of its field as the description.
    pub fn declare(self, name: &str, description: &str, module: &mut Module) {
        let words: Vec<&str> = description.split_whitespace().collect();
        module.outputs.push(Output {
            name: name.to_owned(),
            description: Some(words.join(" ")),
            ..self.output
        });
    }

    /// Marks the value as sensitive, which means that Terraform and OpenTofu redact it.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.output.sensitive = true;
        self
    }

    /// Marks the value as ephemeral, which means that it is never stored in a plan or state.
    #[must_use]
    pub fn ephemeral(mut self) -> Self {
        self.output.ephemeral = true;
        self
    }

    /// Adds a condition that must be true before the output is evaluated.
    #[must_use]
    pub fn precondition(mut self, condition: Expr<Bool>, message: impl IntoExpr<Str>) -> Self {
        let rule = Rule::new(condition, message);
        self.output.preconditions.push(rule);
        self
    }

    /// Adds a dependency on a block that the value does not refer to.
    #[must_use]
    pub fn depends_on(mut self, other: &impl BlockReference) -> Self {
        self.output.depends_on.push(other.handle().whole());
        self
    }
}

/// Generates the outputs of a part from a list. The module declares them in the order of the list. The documentation of
/// a field is the description of the output.
///
/// ```
/// use tfmodgen::prelude::*;
///
/// tfmodgen::outputs! {
///     /// Outputs of a network.
///     pub struct Outputs {
///         /// ID of the VPC.
///         vpc_id: Str,
///     }
/// }
/// ```
///
/// expands to
///
/// ```text
/// pub struct Outputs<F: Form = Called> {
///     /// ID of the VPC.
///     pub vpc_id: F::Output<Str>,
/// }
///
/// impl tfmodgen::Outputs for Outputs<Called> { … }
/// ```
#[macro_export]
macro_rules! outputs {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident {
            $(
                $(#[doc = $doc:literal])+
                $field:ident: $ty:ty
            ),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        $visibility struct $name<F: $crate::Form = $crate::Called> {
            $(
                $(#[doc = $doc])+
                $visibility $field: <F as $crate::Form>::Output<$ty>,
            )*
        }

        impl $crate::Outputs for $name<$crate::Called> {
            type Declared = $name<$crate::Declared>;

            fn declare(outputs: Self::Declared, module: &mut $crate::Module) {
                $(
                    outputs
                        .$field
                        .declare(stringify!($field), concat!($($doc),+), module);
                )*
            }

            fn of(call: &$crate::Handle) -> Self {
                Self { $($field: call.attribute(stringify!($field))),* }
            }
        }
    };
}
