//! Validators of configured values. They run before every plan, check known values only, and do no I/O.

use std::fmt::Display;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use tfschema::{AttributePath, Number, Value};

/// Checks a configured value. A validator never receives null or unknown values.
pub trait Validator: Send + Sync {
    /// Returns the requirement as the end of a sentence that starts with "must": `be between 0 and 10`.
    fn requirement(&self) -> String;

    /// Returns the requirement as a sentence, for the description of the attribute.
    fn sentence(&self) -> String {
        format!("Must {}.", self.requirement())
    }

    /// Returns whether a known, non-null value satisfies the requirement.
    fn accepts(&self, value: &Value) -> bool;

    /// Returns the paths in a value that violate the requirement; by default the path of the whole value.
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

/// Violation of a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Path of the value that violates the requirement.
    pub path: AttributePath,
    /// Requirement as the end of a sentence that starts with "must".
    pub requirement: String,
}

impl Violation {
    /// Creates a violation of a requirement at a path.
    pub fn new(path: AttributePath, requirement: impl Into<String>) -> Self {
        Self {
            path,
            requirement: requirement.into(),
        }
    }
}

/// Validator that consists of a requirement and a test.
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

/// Returns a validator with a requirement (the end of a sentence that starts with "must") and a test of the value.
pub fn test<F>(requirement: impl Into<String>, test: F) -> Arc<dyn Validator>
where
    F: Fn(&Value) -> bool + Send + Sync + 'static,
{
    Arc::new(Test {
        requirement: requirement.into(),
        test,
    })
}

/// Returns a validator of strings with a requirement and a test.
pub fn text<F>(requirement: impl Into<String>, accepts: F) -> Arc<dyn Validator>
where
    F: Fn(&str) -> bool + Send + Sync + 'static,
{
    test(requirement, move |value| {
        value.as_str().is_some_and(&accepts)
    })
}

/// Returns a validator of the number of characters of a string.
pub fn length(range: impl RangeBounds<usize> + Send + Sync + 'static) -> Arc<dyn Validator> {
    let requirement = if is_not_empty(&range) {
        "not be empty".to_owned()
    } else {
        format!("be {} characters", describe(&range))
    };
    text(requirement, move |text| {
        range.contains(&text.chars().count())
    })
}

/// Returns a validator of the number of elements of a list, set or map.
pub fn elements(range: impl RangeBounds<usize> + Send + Sync + 'static) -> Arc<dyn Validator> {
    let requirement = if is_not_empty(&range) {
        "not be empty".to_owned()
    } else {
        format!("have {} elements", describe(&range))
    };
    test(requirement, move |value| {
        let count = match value {
            Value::List(elements) | Value::Tuple(elements) => elements.len(),
            Value::Set(elements) => elements.len(),
            Value::Map(elements) => elements.len(),
            _ => return false,
        };
        range.contains(&count)
    })
}

/// Returns a validator of the range of a whole number.
pub fn range(range: impl RangeBounds<i64> + Send + Sync + 'static) -> Arc<dyn Validator> {
    test(
        format!("be {}", describe(&range)),
        move |value| match value {
            Value::Number(number) => contains(&range, number),
            _ => false,
        },
    )
}

/// Returns a validator of a fixed list of strings.
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

/// Returns a validator that applies another one to every element of a list, set or map.
pub fn each(element: Arc<dyn Validator>) -> Arc<dyn Validator> {
    Arc::new(Each(element))
}

/// Returns a validator that applies a validator of strings to every key of a map.
pub fn keys(key: Arc<dyn Validator>) -> Arc<dyn Validator> {
    Arc::new(Keys(key))
}

struct Each(Arc<dyn Validator>);

impl Validator for Each {
    fn requirement(&self) -> String {
        format!("have elements of which each must {}", self.0.requirement())
    }

    fn sentence(&self) -> String {
        format!("Each element must {}.", self.0.requirement())
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
            // Elements of sets have no path.
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
        format!("have keys of which each must {}", self.0.requirement())
    }

    fn sentence(&self) -> String {
        format!("Each key must {}.", self.0.requirement())
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
        let requirement = || format!("have a valid key, which must {}", self.0.requirement());
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

/// Returns whether a range of counts excludes zero and nothing else.
fn is_not_empty(range: &impl RangeBounds<usize>) -> bool {
    range.contains(&1) && !range.contains(&0) && range.contains(&usize::MAX)
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
        (Some(low), Some(high)) => match (range.start_bound(), range.end_bound()) {
            (Bound::Included(low), Bound::Included(high)) => format!("between {low} and {high}"),
            _ => format!("{low} and {high}"),
        },
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "any number of".to_owned(),
    }
}
