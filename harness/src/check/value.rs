//! Expectations for JSON values. Must not depend on the source of the value.

use std::fmt;

use regex_lite::Regex;
use serde_json::Value;

use super::Unmet;

type Test = Box<dyn Fn(&Value) -> bool>;

/// A named expectation for a value.
pub struct ValueCheck {
    name: String,
    test: Test,
    /// The reason why the expectation cannot fail.
    broken: Option<String>,
}

impl ValueCheck {
    fn new(name: impl Into<String>, test: impl Fn(&Value) -> bool + 'static) -> Self {
        Self {
            name: name.into(),
            test: Box::new(test),
            broken: None,
        }
    }

    fn broken(name: String, reason: impl Into<String>) -> Self {
        Self {
            name,
            test: Box::new(|_| false),
            broken: Some(reason.into()),
        }
    }

    /// Returns whether the value meets the expectation.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        self.broken.is_none() && (self.test)(value)
    }

    /// Requires both expectations.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let name = format!("{self} and {other}");
        let broken = self.broken.or(other.broken);
        let (first, second) = (self.test, other.test);
        Self {
            name,
            test: Box::new(move |value| first(value) && second(value)),
            broken,
        }
    }

    /// Requires at least one of the expectations.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let name = format!("{self} or {other}");
        let broken = self.broken.or(other.broken);
        let (first, second) = (self.test, other.test);
        Self {
            name,
            test: Box::new(move |value| first(value) || second(value)),
            broken,
        }
    }

    /// Checks a value. `what` is its name in the error.
    pub(super) fn run(&self, what: &str, value: &Value) -> Result<(), Unmet> {
        if let Some(reason) = &self.broken {
            return Err(Unmet::empty(reason));
        }
        if (self.test)(value) {
            return Ok(());
        }
        Err(Unmet::new(
            format!("{what} to be {self}"),
            value.to_string(),
        ))
    }
}

impl fmt::Display for ValueCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Expects exactly this value.
#[must_use]
pub fn equals(expected: impl Into<Value>) -> ValueCheck {
    let expected = expected.into();
    ValueCheck::new(expected.to_string(), move |value| *value == expected)
}

/// Expects a string that matches the regular expression.
#[must_use]
pub fn matches(pattern: &str) -> ValueCheck {
    let name = format!("text matching {pattern:?}");
    match Regex::new(pattern) {
        Ok(regex) if !regex.is_match("") => ValueCheck::new(name, move |value| {
            value.as_str().is_some_and(|text| regex.is_match(text))
        }),
        Ok(_) => ValueCheck::broken(name, format!("the pattern {pattern:?}")),
        Err(error) => ValueCheck::broken(name, format!("the pattern {pattern:?} ({error})")),
    }
}

/// Expects a string that contains `part`, or a list with `part` as an element.
#[must_use]
pub fn contains(part: &str) -> ValueCheck {
    let name = format!("text containing {part:?}");
    if part.is_empty() {
        return ValueCheck::broken(name, "an empty string");
    }
    let part = part.to_owned();
    ValueCheck::new(name, move |value| match value {
        Value::String(text) => text.contains(&part),
        Value::Array(items) => items.iter().any(|item| item == part.as_str()),
        _ => false,
    })
}

/// Expects a value other than null, an empty string, an empty list, or an empty object.
#[must_use]
pub fn not_empty() -> ValueCheck {
    ValueCheck::new("not empty", |value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    })
}

/// Expects null or a missing value.
#[must_use]
pub fn is_null() -> ValueCheck {
    ValueCheck::new("null", Value::is_null)
}

/// Negates an expectation.
#[must_use]
pub fn not(check: ValueCheck) -> ValueCheck {
    let ValueCheck { name, test, broken } = check;
    ValueCheck {
        name: format!("not {name}"),
        test: Box::new(move |value| !test(value)),
        broken,
    }
}

/// Expects a value that the function accepts. `name` describes the expectation.
#[must_use]
pub fn satisfies(name: &str, test: impl Fn(&Value) -> bool + 'static) -> ValueCheck {
    ValueCheck::new(name, test)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_check_accepts_only_matching_values() {
        for (check, good, bad) in [
            (
                equals(json!({ "a": 1 })),
                json!({ "a": 1 }),
                json!({ "a": 2 }),
            ),
            (
                matches("^arn:.*:secret:"),
                json!("arn:aws:sm:secret:x"),
                json!("xarn::secret:"),
            ),
            (contains("b"), json!(["a", "b"]), json!(["ab"])),
            (contains("b"), json!("abc"), json!(7)),
            (not_empty(), json!(0), json!([])),
            (is_null(), json!(null), json!("")),
            (not(is_null()), json!(""), json!(null)),
            (equals(1).or(equals(2)), json!(2), json!(3)),
            (contains("a").and(contains("b")), json!("ab"), json!("a")),
            (
                satisfies("even", |value| value.as_i64().is_some_and(|n| n % 2 == 0)),
                json!(2),
                json!(3),
            ),
        ] {
            assert!(check.accepts(&good), "{check} must accept {good}");
            assert!(!check.accepts(&bad), "{check} must reject {bad}");
        }
    }

    #[test]
    fn expectation_that_cannot_fail_is_an_error() {
        for check in [matches(""), matches("a*"), matches("("), contains("")] {
            let unmet = check.run("x", &json!("a")).unwrap_err().to_string();
            assert!(
                unmet.contains("expected an expectation that can fail"),
                "{unmet}"
            );
        }
    }
}
