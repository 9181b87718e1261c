//! Functions with variadic arguments, null and unknown arguments, and errors that refer to an argument.

use std::collections::BTreeMap;

use tfplugin::schema::Value;
use tfplugin::validate::{each, length, text};
use tfplugin::{Arguments, CallFunction, Function, FunctionError, Planned, Schema};

/// Joins words.
///
/// Each word must be unique.
#[derive(Arguments)]
#[function(name = "join_words")]
pub(crate) struct JoinWords {
    /// Separator between the words.
    #[parameter(validate = length(..=3))]
    separator: String,
    /// Words to join.
    #[parameter(variadic, validate = length(1..))]
    words: Vec<String>,
}

pub(crate) struct Join;

impl Function for Join {
    type Arguments = JoinWords;
    type Output = String;

    fn call(&self, request: CallFunction<JoinWords>) -> Result<String, FunctionError> {
        let JoinWords { separator, words } = request.arguments;
        for (index, word) in words.iter().enumerate() {
            if words[..index].contains(word) {
                let position = JoinWords::positions().words(index);
                return Err(FunctionError::at(
                    position,
                    "must differ from the preceding words",
                ));
            }
        }
        if words.is_empty() {
            return Err(FunctionError::new("at least one word is required"));
        }
        Ok(words.join(&separator))
    }
}

/// Returns the kind of a value, which can be null or unknown.
#[derive(Arguments)]
#[function(name = "kind_of")]
pub(crate) struct KindOf {
    /// Value to inspect.
    #[parameter]
    value: Planned<Value>,
}

pub(crate) struct Kind;

impl Function for Kind {
    type Arguments = KindOf;
    type Output = String;

    fn call(&self, request: CallFunction<KindOf>) -> Result<String, FunctionError> {
        let kind = match &request.arguments.value {
            Planned::Null => "null",
            Planned::Unknown => "unknown",
            Planned::Known(value) => value.inner().kind(),
        };
        Ok(kind.to_owned())
    }
}

/// Returns the first string that is not null, or null if both strings are null.
#[derive(Arguments)]
#[function(name = "or_else", deprecated = "Use coalesce instead.")]
pub(crate) struct OrElse {
    /// Preferred string.
    #[parameter]
    text: Option<String>,
    /// String to return if `text` is null.
    #[parameter]
    otherwise: Option<String>,
}

pub(crate) struct Else;

impl Function for Else {
    type Arguments = OrElse;
    type Output = Option<String>;

    fn call(&self, request: CallFunction<OrElse>) -> Result<Option<String>, FunctionError> {
        let OrElse { text, otherwise } = request.arguments;
        Ok(text.or(otherwise))
    }
}

/// An item on an invoice.
#[derive(Schema)]
pub(crate) struct Item {
    /// Name of the item.
    #[attr(required)]
    name: String,
    /// Number of items.
    #[attr(required)]
    count: i64,
}

/// Returns the total count for each specified item on an invoice.
#[derive(Arguments)]
#[function(name = "add_up")]
pub(crate) struct AddUp {
    /// Items on the invoice.
    #[parameter]
    items: Vec<Item>,
    /// Names of the items to count.
    #[parameter(validate = each(text("not be empty", |name| !name.is_empty())))]
    names: Vec<String>,
}

pub(crate) struct Add;

impl Function for Add {
    type Arguments = AddUp;
    type Output = BTreeMap<String, i64>;

    fn call(&self, request: CallFunction<AddUp>) -> Result<Self::Output, FunctionError> {
        let AddUp { items, names } = request.arguments;
        let mut sums: BTreeMap<_, _> = names.into_iter().map(|name| (name, 0)).collect();
        for item in items {
            if let Some(sum) = sums.get_mut(&item.name) {
                *sum += item.count;
            }
        }
        Ok(sums)
    }
}

/// Panics with its argument as the message.
#[derive(Arguments)]
#[function(name = "panic_with")]
pub(crate) struct PanicWith {
    /// Panic message.
    #[parameter]
    text: String,
}

pub(crate) struct Panic;

impl Function for Panic {
    type Arguments = PanicWith;
    type Output = String;

    fn call(&self, request: CallFunction<PanicWith>) -> Result<String, FunctionError> {
        panic!("requested panic with {}", request.arguments.text)
    }
}
