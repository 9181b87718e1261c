//! Functions: how an author adds a function to the configuration language.
//!
//! A function is pure. The command lines call it in every phase, on a process that is not configured, and compare the
//! results: a function must not depend on the time, on chance, or on anything outside its arguments.

mod arguments;
mod error;
mod function_type;
mod position;
mod signature;
mod value;

pub use arguments::{ArgumentValues, Arguments};
pub use error::FunctionError;
pub use position::ArgumentPosition;
pub use signature::{ParameterSpec, Signature};
pub use value::{FunctionValue, Variadic};

pub(crate) use function_type::FunctionType;

/// A function, called as `provider::NAME::FUNCTION(…)`.
///
/// Its parameters are the fields of a struct, in their order. The type of a field says which arguments reach the
/// function:
///
/// - `T`: neither null nor unknown.
/// - `Option<T>`: null too.
/// - [`Planned<T>`](crate::Planned): null and unknown too. An argument that is unknown somewhere within is unknown as a whole.
///
/// Otherwise null is refused, and where an argument is unknown, so is the result.
///
/// The framework neither logs nor shows arguments. A panic is reported without its message, which could hold a part of
/// one.
///
/// ```
/// use tfplugin::validate::length;
/// use tfplugin::{Arguments, CallFunction, Function, FunctionError, Provider};
///
/// /// Joins words, the first of which must not be repeated.
/// #[derive(Arguments)]
/// #[function(name = "join_words")]
/// struct JoinWords {
///     /// Text between two words.
///     #[parameter]
///     separator: String,
///     /// The first word.
///     #[parameter(validate = length(1..))]
///     first: String,
///     /// The other words.
///     #[parameter(variadic)]
///     others: Vec<String>,
/// }
///
/// struct Joiner;
///
/// impl Function for Joiner {
///     type Arguments = JoinWords;
///     type Output = String;
///
///     fn call(&self, request: CallFunction<JoinWords>) -> Result<String, FunctionError> {
///         let JoinWords { separator, first, others } = request.arguments;
///         if let Some(index) = others.iter().position(|word| *word == first) {
///             return Err(FunctionError::at(JoinWords::positions().others(index), "must differ from the first word"));
///         }
///         Ok([vec![first], others].concat().join(&separator))
///     }
/// }
///
/// // What `main` serves.
/// let provider = Provider::new("hello", "1.0.0").function(Joiner);
/// assert!(provider.schema().functions.contains_key("join_words"));
///
/// // A unit test needs no command line.
/// let arguments = |others: &[&str]| JoinWords {
///     separator: "-".to_owned(),
///     first: "a".to_owned(),
///     others: others.iter().map(ToString::to_string).collect(),
/// };
/// let joined = Joiner.call(CallFunction::for_test(arguments(&["b"])));
/// assert_eq!(joined, Ok("a-b".to_owned()));
/// let refused = Joiner.call(CallFunction::for_test(arguments(&["b", "a"])));
/// assert_eq!(refused.expect_err("a is repeated").argument, Some(JoinWords::positions().others(1)));
/// ```
pub trait Function: Send + Sync + 'static {
    /// The parameters.
    type Arguments: Arguments;
    /// The result.
    type Output: FunctionValue;

    /// Returns name and parameters; by default what the arguments say. A function made of data overrides this.
    fn signature(&self) -> Signature {
        Self::Arguments::signature()
    }

    /// Calls the function.
    ///
    /// # Errors
    /// The arguments have no result.
    fn call(&self, request: CallFunction<Self::Arguments>) -> Result<Self::Output, FunctionError>;
}

/// A request to call a function.
#[non_exhaustive]
pub struct CallFunction<A> {
    /// The arguments.
    pub arguments: A,
}

impl<A> CallFunction<A> {
    /// A call with these arguments, for a unit test.
    pub fn for_test(arguments: A) -> Self {
        Self { arguments }
    }
}
