//! How long operations may take: the `timeouts` block.

use std::time::Duration;

use tfschema::{Attribute, AttributePath, Block, ObjectNesting, Type, Value};

use crate::attribute::{AttributeType, Codec, DecodeError, Planned, Shape, TypeFacts};
use crate::rules::{AttributeRules, ObjectRules};
use crate::validate;

const OPERATIONS: [&str; 4] = ["create", "read", "update", "delete"];

/// How long an operation may take where neither the resource nor its user says anything.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(20 * 60);

/// The longest time an operation may be given. A deadline that far away is still an instant that can be told.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// How long each operation may take, as the user wrote it; `None` where nothing is said.
///
/// Users write a block, `timeouts { create = "30m" }`; a resource names its defaults in
/// `#[resource(timeouts(create = "30m"))]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// For creation.
    pub create: Option<String>,
    /// For reading.
    pub read: Option<String>,
    /// For changes.
    pub update: Option<String>,
    /// For deletion.
    pub delete: Option<String>,
}

/// An operation that may take long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Creation.
    Create,
    /// Reading.
    Read,
    /// A change.
    Update,
    /// Deletion.
    Delete,
}

impl Operation {
    /// What leads from one state to the next; null stands for absence.
    pub(crate) fn between(prior: &Value, next: &Value) -> Self {
        match (prior.is_null(), next.is_null()) {
            (true, _) => Self::Create,
            (_, true) => Self::Delete,
            _ => Self::Update,
        }
    }
}

impl Timeouts {
    /// The timeouts that the user states in an object's block `timeouts`.
    pub(crate) fn stated(object: &Value) -> Self {
        let path = AttributePath::root().attribute("timeouts");
        match object.attribute("timeouts") {
            Value::Object(texts) => Self::decode(Value::Object(texts), &path).unwrap_or_default(),
            _ => Self::default(),
        }
    }

    /// The same with a timeout for creation, such as `30m`.
    #[must_use]
    pub fn create(mut self, timeout: impl Into<String>) -> Self {
        self.create = Some(timeout.into());
        self
    }

    /// The same with a timeout for reading.
    #[must_use]
    pub fn read(mut self, timeout: impl Into<String>) -> Self {
        self.read = Some(timeout.into());
        self
    }

    /// The same with a timeout for changes.
    #[must_use]
    pub fn update(mut self, timeout: impl Into<String>) -> Self {
        self.update = Some(timeout.into());
        self
    }

    /// The same with a timeout for deletion.
    #[must_use]
    pub fn delete(mut self, timeout: impl Into<String>) -> Self {
        self.delete = Some(timeout.into());
        self
    }

    /// How long an operation may take; [`DEFAULT_TIMEOUT`] where nothing is said.
    pub fn of(&self, operation: Operation) -> Duration {
        let text = self.text(operation);
        text.and_then(parse).unwrap_or(DEFAULT_TIMEOUT)
    }

    /// Whether a timeout is stated for an operation.
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

    /// These timeouts, with what is missing taken from others.
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

/// Reads a duration such as `90s`, `30m` or `1h30m`, as the command lines' own providers write them; ten years at most.
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
        let mut rules = ObjectRules::new();
        let mut block = Block::new();
        for operation in OPERATIONS {
            let text =
                format!("How long to wait for {operation}, such as `90s`, `30m` or `1h30m`.");
            block = block.attribute(
                operation,
                Attribute::of(Type::String).optional().describe(text),
            );
            let duration = validate::text(
                "be a duration such as `90s`, `30m` or `1h30m`, and not longer than ten years",
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

    fn into_planned(self) -> Self::Planned {
        Planned::Known(self.encode())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_always_an_instant() {
        assert_eq!(parse("1h30m"), Some(Duration::from_secs(90 * 60)));
        assert_eq!(parse("87600h"), Some(LONGEST_TIMEOUT));
        for refused in ["87600h1s", "2500000000000000h", "0s", "-1m", "soon"] {
            assert_eq!(parse(refused), None, "{refused}");
        }
        let now = std::time::Instant::now();
        assert!(now.checked_add(LONGEST_TIMEOUT).is_some());
    }
}
