//! Validators of configured values. They run before every plan, see only what is known, and call nobody.

use std::fmt::Display;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use tfschema::{AttributePath, Number, Value};

/// Checks a configured value. Null and unknown values are never shown to a validator.
pub trait Validator: Send + Sync {
    /// What a value must do, as the end of a sentence: `be between 0 and 10`.
    fn requirement(&self) -> String;

    /// Whether a known, non-null value satisfies the requirement.
    fn accepts(&self, value: &Value) -> bool;

    /// The places in a value that violate the requirement; by default the value as a whole.
    fn violations(&self, value: &Value, path: &AttributePath) -> Vec<Violation> {
        if value.is_null() || value.is_unknown() || self.accepts(value) {
            return Vec::new();
        }
        vec![Violation {
            path: path.clone(),
            requirement: self.requirement(),
        }]
    }
}

/// A place that violates a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where.
    pub path: AttributePath,
    /// What the value there must do, as the end of a sentence.
    pub requirement: String,
}

/// A validator made of a requirement and a test.
struct Test<F> {
    requirement: String,
    test: F,
}

impl<F: Fn(&Value) -> bool + Send + Sync> Validator for Test<F> {
    fn requirement(&self) -> String {
        self.requirement.clone()
    }

    fn accepts(&self, value: &Value) -> bool {
        (self.test)(value)
    }
}

/// A validator from a requirement (the end of a sentence that starts with "must") and a test of the value.
pub fn test<F>(requirement: impl Into<String>, test: F) -> Arc<dyn Validator>
where
    F: Fn(&Value) -> bool + Send + Sync + 'static,
{
    Arc::new(Test {
        requirement: requirement.into(),
        test,
    })
}

/// A validator of strings from a requirement and a test.
pub fn text<F>(requirement: impl Into<String>, accepts: F) -> Arc<dyn Validator>
where
    F: Fn(&str) -> bool + Send + Sync + 'static,
{
    test(requirement, move |value| {
        value.as_str().is_some_and(&accepts)
    })
}

/// The number of characters of a string, or of elements of a collection.
pub fn length(range: impl RangeBounds<usize> + Send + Sync + 'static) -> Arc<dyn Validator> {
    let requirement = format!("have {} characters or elements", describe(&range));
    test(requirement, move |value| {
        let length = match value {
            Value::String(text) => text.chars().count(),
            Value::List(elements) | Value::Tuple(elements) => elements.len(),
            Value::Set(elements) => elements.len(),
            Value::Map(elements) => elements.len(),
            _ => return false,
        };
        range.contains(&length)
    })
}

/// The range of a whole number.
pub fn range(range: impl RangeBounds<i64> + Send + Sync + 'static) -> Arc<dyn Validator> {
    test(
        format!("be {}", describe(&range)),
        move |value| match value {
            Value::Number(number) => contains(&range, number),
            _ => false,
        },
    )
}

/// One of a fixed list of strings.
pub fn one_of(allowed: &'static [&'static str]) -> Arc<dyn Validator> {
    let list = allowed
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ");
    text(format!("be one of {list}"), move |word| {
        allowed.contains(&word)
    })
}

/// Applies a validator to every element of a list, set or map.
pub fn each(element: Arc<dyn Validator>) -> Arc<dyn Validator> {
    Arc::new(Each(element))
}

/// Applies a validator of strings to every key of a map.
pub fn keys(key: Arc<dyn Validator>) -> Arc<dyn Validator> {
    Arc::new(Keys(key))
}

struct Each(Arc<dyn Validator>);

impl Validator for Each {
    fn requirement(&self) -> String {
        format!("have elements that each {}", self.0.requirement())
    }

    fn accepts(&self, value: &Value) -> bool {
        self.violations(value, &AttributePath::root()).is_empty()
    }

    fn violations(&self, value: &Value, path: &AttributePath) -> Vec<Violation> {
        match value {
            Value::List(elements) | Value::Tuple(elements) => {
                let places = elements
                    .iter()
                    .enumerate()
                    .map(|(index, element)| (path.index(index), element));
                places
                    .flat_map(|(path, element)| self.0.violations(element, &path))
                    .collect()
            }
            Value::Map(elements) => elements
                .iter()
                .flat_map(|(key, element)| self.0.violations(element, &path.key(key)))
                .collect(),
            // Elements of sets have no path of their own.
            Value::Set(elements) => elements
                .iter()
                .flat_map(|element| self.0.violations(element, path))
                .collect(),
            _ => Vec::new(),
        }
    }
}

struct Keys(Arc<dyn Validator>);

impl Validator for Keys {
    fn requirement(&self) -> String {
        format!("have keys that each {}", self.0.requirement())
    }

    fn accepts(&self, value: &Value) -> bool {
        self.violations(value, &AttributePath::root()).is_empty()
    }

    fn violations(&self, value: &Value, path: &AttributePath) -> Vec<Violation> {
        let Value::Map(elements) = value else {
            return Vec::new();
        };
        let refused = elements
            .keys()
            .filter(|key| !self.0.accepts(&Value::string(key.as_str())));
        let requirement = || format!("have a key that must {}", self.0.requirement());
        refused
            .map(|key| Violation {
                path: path.key(key),
                requirement: requirement(),
            })
            .collect()
    }
}

fn contains(range: &impl RangeBounds<i64>, number: &Number) -> bool {
    let above = match range.start_bound() {
        Bound::Included(bound) => *number >= Number::from(*bound),
        Bound::Excluded(bound) => *number > Number::from(*bound),
        Bound::Unbounded => true,
    };
    let below = match range.end_bound() {
        Bound::Included(bound) => *number <= Number::from(*bound),
        Bound::Excluded(bound) => *number < Number::from(*bound),
        Bound::Unbounded => true,
    };
    above && below
}

fn describe<T: Display>(range: &impl RangeBounds<T>) -> String {
    let low = match range.start_bound() {
        Bound::Included(bound) => Some(format!("at least {bound}")),
        Bound::Excluded(bound) => Some(format!("more than {bound}")),
        Bound::Unbounded => None,
    };
    let high = match range.end_bound() {
        Bound::Included(bound) => Some(format!("at most {bound}")),
        Bound::Excluded(bound) => Some(format!("less than {bound}")),
        Bound::Unbounded => None,
    };
    match (low, high) {
        (Some(low), Some(high)) => format!("{low} and {high}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "any number of".to_owned(),
    }
}
