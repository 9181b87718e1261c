//! Operation timeouts, and the `timeouts` block.

use std::time::Duration;

use tfschema::{Attribute, AttributePath, Block, ObjectNesting, Type, Value};

use crate::attribute::{AttributeType, Codec, DecodeError, Planned, Shape, TypeFacts};
use crate::rules::{AttributeRules, ObjectRules};
use crate::validate;

const OPERATIONS: [&str; 4] = ["create", "read", "update", "delete"];

/// Timeout for an operation if neither the resource nor the user specifies one.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(20 * 60);

/// Maximum timeout for an operation. With this timeout, the deadline is still a valid [`Instant`](std::time::Instant).
const LONGEST_TIMEOUT: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// Configured timeout for each operation. `None` if the timeout is not specified.
///
/// Users specify timeouts in a block, `timeouts { create = "30m" }`. A resource specifies default timeouts in
/// `#[resource(timeouts(create = "30m"))]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// Timeout for create operations.
    pub create: Option<String>,
    /// Timeout for read operations.
    pub read: Option<String>,
    /// Timeout for update operations.
    pub update: Option<String>,
    /// Timeout for delete operations.
    pub delete: Option<String>,
}

/// Operation with a timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Create operation.
    Create,
    /// Read operation.
    Read,
    /// Update operation.
    Update,
    /// Delete operation.
    Delete,
}

impl Operation {
    /// Returns the operation that changes one state to another. A null state means that the object does not exist.
    pub(crate) fn between(prior: &Value, next: &Value) -> Self {
        match (prior.is_null(), next.is_null()) {
            (true, _) => Self::Create,
            (_, true) => Self::Delete,
            _ => Self::Update,
        }
    }
}

impl Timeouts {
    /// Returns the timeouts that the user specifies in the `timeouts` block of an object.
    pub(crate) fn stated(object: &Value) -> Self {
        let path = AttributePath::root().attribute("timeouts");
        match object.attribute("timeouts") {
            Value::Object(texts) => Self::decode(Value::Object(texts), &path).unwrap_or_default(),
            _ => Self::default(),
        }
    }

    /// Sets the timeout for create operations, such as `30m`.
    #[must_use]
    pub fn create(mut self, timeout: impl Into<String>) -> Self {
        self.create = Some(timeout.into());
        self
    }

    /// Sets the timeout for read operations.
    #[must_use]
    pub fn read(mut self, timeout: impl Into<String>) -> Self {
        self.read = Some(timeout.into());
        self
    }

    /// Sets the timeout for update operations.
    #[must_use]
    pub fn update(mut self, timeout: impl Into<String>) -> Self {
        self.update = Some(timeout.into());
        self
    }

    /// Sets the timeout for delete operations.
    #[must_use]
    pub fn delete(mut self, timeout: impl Into<String>) -> Self {
        self.delete = Some(timeout.into());
        self
    }

    /// Returns the timeout for an operation. Returns [`DEFAULT_TIMEOUT`] if the timeout is not specified.
    pub fn of(&self, operation: Operation) -> Duration {
        let text = self.text(operation);
        text.and_then(parse).unwrap_or(DEFAULT_TIMEOUT)
    }

    /// Returns whether the timeout for an operation is specified.
    pub fn states(&self, operation: Operation) -> bool {
        self.text(operation).is_some()
    }

    fn text(&self, operation: Operation) -> Option<&str> {
        let text = match operation {
            Operation::Create => &self.create,
            Operation::Read => &self.read,
            Operation::Update => &self.update,
            Operation::Delete => &self.delete,
        };
        text.as_deref()
    }

    /// Returns these timeouts. Missing timeouts are taken from `others`.
    #[must_use]
    pub fn or(self, others: &Self) -> Self {
        Self {
            create: self.create.or_else(|| others.create.clone()),
            read: self.read.or_else(|| others.read.clone()),
            update: self.update.or_else(|| others.update.clone()),
            delete: self.delete.or_else(|| others.delete.clone()),
        }
    }
}

/// Parses a duration of at most ten years, such as `90s`, `30m`, or `1h30m`. Other providers use the same format.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let duration: jiff::SignedDuration = text.parse().ok()?;
    let positive = duration.is_positive().then(|| duration.unsigned_abs());
    positive.filter(|duration| *duration <= LONGEST_TIMEOUT)
}

impl Codec for Timeouts {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        let text =
            |operation: &str| Codec::decode(value.attribute(operation), &path.attribute(operation));
        Ok(Self {
            create: text("create")?,
            read: text("read")?,
            update: text("update")?,
            delete: text("delete")?,
        })
    }

    fn encode(self) -> Value {
        let texts = [self.create, self.read, self.update, self.delete];
        Value::object(OPERATIONS.into_iter().zip(texts.map(Codec::encode)))
    }
}

impl AttributeType for Timeouts {
    type Planned = Planned<Value>;
    type Paths = AttributePath;

    const FACTS: TypeFacts = TypeFacts::object(&[], false);

    fn shape() -> Shape {
        shape_of(&OPERATIONS)
    }

    fn into_planned(self) -> Self::Planned {
        Planned::Known(self.encode())
    }
}

/// Configured timeout for the read of a data source, which has no other operations. `None` if the timeout is not specified.
///
/// Users specify it in a block, `timeouts { read = "5m" }`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadTimeouts {
    /// Timeout for read operations.
    pub read: Option<String>,
}

impl Codec for ReadTimeouts {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        let read = Codec::decode(value.attribute("read"), &path.attribute("read"))?;
        Ok(Self { read })
    }

    fn encode(self) -> Value {
        Value::object([("read", self.read.encode())])
    }
}

impl AttributeType for ReadTimeouts {
    type Planned = Planned<Value>;
    type Paths = AttributePath;

    const FACTS: TypeFacts = TypeFacts::object(&[], false);

    fn shape() -> Shape {
        shape_of(&["read"])
    }

    fn into_planned(self) -> Self::Planned {
        Planned::Known(self.encode())
    }
}

/// Returns the shape of a `timeouts` block with an optional attribute for each operation.
fn shape_of(operations: &[&str]) -> Shape {
    let mut rules = ObjectRules::new();
    let mut block = Block::new();
    for &operation in operations {
        let text =
            format!("Timeout for the {operation} operation, such as `90s`, `30m`, or `1h30m`.");
        block = block.attribute(
            operation,
            Attribute::of(Type::String).optional().describe(text),
        );
        let duration = validate::text(
            "be a duration of at most ten years, such as `90s`, `30m`, or `1h30m`",
            |text| parse(text).is_some(),
        );
        rules.insert(
            operation,
            AttributeRules {
                validators: vec![duration],
                ..AttributeRules::default()
            },
        );
    }
    Shape::Object {
        nesting: ObjectNesting::Single,
        block,
        rules,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_valid_timeout_is_within_the_range_of_instants() {
        assert_eq!(parse("1h30m"), Some(Duration::from_secs(90 * 60)));
        assert_eq!(parse("87600h"), Some(LONGEST_TIMEOUT));
        for refused in ["87600h1s", "2500000000000000h", "0s", "-1m", "soon"] {
            assert_eq!(parse(refused), None, "{refused}");
        }
        let now = std::time::Instant::now();
        assert!(now.checked_add(LONGEST_TIMEOUT).is_some());
    }
}
