//! Provider-defined functions, which extend the configuration language.
//!
//! A function must be pure: its result must depend only on its arguments, and not on time, randomness, or the environment.
//! Terraform and OpenTofu call functions in every phase, even before the provider is configured, and compare the results.

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

/// Function that a configuration calls as `provider::NAME::FUNCTION(…)`.
///
/// The fields of a struct are the parameters, in order. The type of a field determines which arguments the function accepts:
///
/// - `T`: known values other than null.
/// - `Option<T>`: known values and null.
/// - [`Planned<T>`](crate::Planned): known values, null, and unknown values. An argument that contains an unknown value is
///   unknown as a whole.
///
/// A null argument causes an error if the parameter does not accept null. If a parameter does not accept unknown values, an
/// unknown argument makes the result unknown.
///
/// The framework neither logs nor displays arguments. If a function panics, the panic is reported without its message,
/// because the message could contain a part of an argument.
///
/// ```
/// use tfplugin::validate::length;
/// use tfplugin::{Arguments, CallFunction, Function, FunctionError, Provider};
///
/// /// Joins words. The first word must not be repeated.
/// #[derive(Arguments)]
/// #[function(name = "join_words")]
/// struct JoinWords {
///     /// Separator between words.
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
/// // `main` serves this provider.
/// let provider = Provider::new("hello", "1.0.0").function(Joiner);
/// assert!(provider.schema().functions.contains_key("join_words"));
///
/// // Unit tests run without Terraform and OpenTofu.
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
    /// Type of the parameters.
    type Arguments: Arguments;
    /// Type of the result.
    type Output: FunctionValue;

    /// Returns the name and parameters. Defaults to the signature of the arguments. Override this method if the signature is
    /// built at run time.
    fn signature(&self) -> Signature {
        Self::Arguments::signature()
    }

    /// Calls the function.
    ///
    /// # Errors
    /// Returns an error if the function cannot compute a result for the arguments.
    fn call(&self, request: CallFunction<Self::Arguments>) -> Result<Self::Output, FunctionError>;
}

/// Request to call a function.
#[non_exhaustive]
pub struct CallFunction<A> {
    /// Arguments of the call.
    pub arguments: A,
}

impl<A> CallFunction<A> {
    /// Creates a request with these arguments, for use in unit tests.
    pub fn for_test(arguments: A) -> Self {
        Self { arguments }
    }
}
