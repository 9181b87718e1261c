//! Validators for configured values. They run before every plan, check only known values, and perform no I/O.

use std::fmt::Display;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use tfschema::{AttributePath, Number, Value};

/// Validator for a configured value. It never receives null or unknown values.
pub trait Validator: Send + Sync {
    /// Returns the requirement as the end of a sentence that starts with "must", such as `be between 0 and 10`.
    fn requirement(&self) -> String;

    /// Returns the requirement as a sentence for the description of the attribute.
    fn sentence(&self) -> String {
        format!("Must {}.", self.requirement())
    }

    /// Returns whether a known, non-null value satisfies the requirement.
    fn accepts(&self, value: &Value) -> bool;

    /// Returns the violations in a value. By default, a violation refers to the path of the whole value.
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
    /// Creates a violation at a path.
    pub fn new(path: AttributePath, requirement: impl Into<String>) -> Self {
        Self {
            path,
            requirement: requirement.into(),
        }
    }
}

/// Validator that consists of a requirement and a test function.
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

/// Returns a validator with a requirement and a test function. The requirement is the end of a sentence that starts with
/// "must".
pub fn test<F>(requirement: impl Into<String>, test: F) -> Arc<dyn Validator>
where
    F: Fn(&Value) -> bool + Send + Sync + 'static,
{
    Arc::new(Test {
        requirement: requirement.into(),
        test,
    })
}

/// Returns a validator for strings with a requirement and a test function.
pub fn text<F>(requirement: impl Into<String>, accepts: F) -> Arc<dyn Validator>
where
    F: Fn(&str) -> bool + Send + Sync + 'static,
{
    test(requirement, move |value| {
        value.as_str().is_some_and(&accepts)
    })
}

/// Returns a validator that requires a string whose number of characters is in a range.
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

/// Returns a validator that requires a list, set, or map whose number of elements is in a range.
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

/// Returns a validator that requires an integer in a range.
pub fn range(range: impl RangeBounds<i64> + Send + Sync + 'static) -> Arc<dyn Validator> {
    test(
        format!("be {}", describe(&range)),
        move |value| match value {
            Value::Number(number) => contains(&range, number),
            _ => false,
        },
    )
}

/// Returns a validator that requires one of the allowed strings.
pub fn one_of(allowed: &'static [&'static str]) -> Arc<dyn Validator> {
    let quoted: Vec<String> = allowed.iter().map(|value| format!("`{value}`")).collect();
    let requirement = match quoted.as_slice() {
        [first @ .., last] if first.len() > 1 => {
            format!("be one of {}, or {last}", first.join(", "))
        }
        few => format!("be {}", few.join(" or ")),
    };
    text(requirement, move |value| allowed.contains(&value))
}

/// Returns a validator that applies another validator to every element of a list, set, or map.
pub fn each(element: Arc<dyn Validator>) -> Arc<dyn Validator> {
    Arc::new(Each(element))
}

/// Returns a validator that applies a string validator to every key in a map.
pub fn keys(key: Arc<dyn Validator>) -> Arc<dyn Validator> {
    Arc::new(Keys(key))
}

struct Each(Arc<dyn Validator>);

impl Validator for Each {
    fn requirement(&self) -> String {
        format!("have elements that each must {}", self.0.requirement())
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
            // Elements in sets have no path.
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
        format!("have keys that each must {}", self.0.requirement())
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
        let requirement = || format!("have a valid key. The key must {}", self.0.requirement());
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

/// Returns whether a range of counts excludes only zero.
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
