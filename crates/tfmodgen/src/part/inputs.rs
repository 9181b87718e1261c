//! Inputs of parts: the trait that [`inputs!`](crate::inputs) implements, and declarations of inputs that have the
//! names of their fields.

use crate::body::Body;
use crate::constraint::Constraint;
use crate::expr::Expr;
use crate::module::{Module, Variable};

/// The inputs of a part, in the form of a call. [`inputs!`](crate::inputs) implements this trait.
pub trait Inputs {
    /// The same inputs as variables of the part.
    type Declared;
    /// The same inputs as names.
    type Names;

    /// Returns the names of the inputs.
    fn names() -> Self::Names;

    /// Sets every input that has a value, in the order of the fields.
    fn set(self, arguments: &mut Arguments);
}

/// The inputs that a call sets.
#[derive(Default)]
pub struct Arguments(pub(super) Body);

impl Arguments {
    /// Sets an input. `None` keeps its default.
    pub fn set<T>(&mut self, name: &str, value: impl Into<Option<Expr<T>>>) {
        if let Some(value) = value.into() {
            self.0.set(name, value);
        }
    }
}

/// A named input that is not declared yet.
pub struct NewInput<'m> {
    module: &'m mut Module,
    name: &'static str,
}

impl<'m> NewInput<'m> {
    /// Returns an input with this name that is not declared in the module yet.
    pub fn new(module: &'m mut Module, name: &'static str) -> Self {
        Self { module, name }
    }

    /// Returns the name of the input.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Declares the input with a type.
    pub fn declare<T>(self, ty: Constraint<T>) -> Variable<T> {
        self.module.variable(self.name, ty)
    }

    /// Declares the input with the type, default, description, and validations of an input in another module. A
    /// validation can refer to other inputs, so the module must have inputs with the same names.
    pub fn copy<T>(self, other: &Variable<T>) -> Variable<T> {
        self.module.copy_variable(self.name, other)
    }
}

/// Generates the inputs of a part from a list. The part declares the inputs, and calls set them, in the order of the
/// list.
///
/// An entry consists of `required` or `optional`, the name, the type, and the declaration. The declaration uses the identifier
/// in parentheses, which is a [`NewInput`] with the name of the field, and can refer to the fields above it.
///
/// ```
/// use tfmodgen::prelude::*;
///
/// tfmodgen::inputs! {
///     /// Inputs of a range of numbers.
///     pub struct Inputs(input, least: i64) {
///         required first: Num = input.declare(number()).describe("First number."),
///         optional last: Num = input
///             .declare(number())
///             .describe("Last number.")
///             .default(9)
///             .validate(|last| last.at_least(least).and(last.at_least(&first)), "The last number must not be before the first."),
///     }
/// }
/// ```
///
/// expands to
///
/// ```text
/// pub struct Inputs<F: Form = Called> {
///     pub first: F::Required<Num>,
///     pub last: F::Optional<Num>,
/// }
///
/// impl Inputs<Declared> {
///     pub fn declare(module: &mut Module, least: i64) -> Self { … }
/// }
///
/// impl tfmodgen::Inputs for Inputs<Called> { … }
/// ```
#[macro_export]
macro_rules! inputs {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident($input:ident $(, $context:ident: $of:ty)* $(,)?) {
            $(
                $(#[$doc:meta])*
                $presence:ident $field:ident: $ty:ty = $declaration:expr
            ),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        $visibility struct $name<F: $crate::Form = $crate::Called> {
            $(
                #[doc = concat!("Input `", stringify!($field), "`.")]
                $(#[$doc])*
                $visibility $field: $crate::inputs!(@form F $presence $ty),
            )*
        }

        impl $name<$crate::Declared> {
            /// Declares the inputs in a module.
            $visibility fn declare(module: &mut $crate::Module $(, $context: $of)*) -> Self {
                $(
                    let $field: $crate::Variable<$ty> = {
                        let $input = $crate::NewInput::new(module, stringify!($field));
                        $declaration
                    };
                )*
                Self { $($field),* }
            }
        }

        impl $crate::Inputs for $name<$crate::Called> {
            type Declared = $name<$crate::Declared>;
            type Names = $name<$crate::Named>;

            fn names() -> Self::Names {
                $name { $($field: stringify!($field)),* }
            }

            fn set(self, arguments: &mut $crate::Arguments) {
                $(arguments.set::<$ty>(stringify!($field), self.$field);)*
            }
        }
    };
    (@form $form:ident required $ty:ty) => { <$form as $crate::Form>::Required<$ty> };
    (@form $form:ident optional $ty:ty) => { <$form as $crate::Form>::Optional<$ty> };
}
