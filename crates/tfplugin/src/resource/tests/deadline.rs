//! Tests of operation deadlines. The user's timeout takes precedence over the resource's default timeout for the object,
//! which takes precedence over the timeout in the definition.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tfschema::{NestedBlock, Number};

use super::*;
use crate::{AttributeType as _, DecodeError, Model};

/// Resource whose default timeout is one minute for each unit of its size. It stores the number of minutes until the
/// deadline.
struct Growing;

impl Resource for Growing {
    type Model = Value;

    fn definition(&self) -> Definition {
        let number = || Attribute::of(Type::Number);
        let timeouts: NestedBlock = Timeouts::shape().into_block().0;
        let block = Block::new()
            .attribute("size", number().optional())
            .attribute("minutes", number().computed())
            .nested("timeouts", timeouts);
        Definition {
            type_name: "test_growing".to_owned(),
            schema: Schema::new(0, block),
            timeouts: Timeouts {
                create: Some("7m".to_owned()),
                ..Timeouts::default()
            },
            ..Definition::default()
        }
    }

    fn default_timeout(&self, operation: Operation, object: &Value) -> Option<Duration> {
        let Value::Number(size) = object.attribute("size") else {
            return None;
        };
        let minutes = u64::try_from(size.as_i64()?).ok()?;
        (operation == Operation::Create).then(|| Duration::from_secs(60 * minutes))
    }

    async fn create(&self, request: Create<Value>) -> Outcome<Value> {
        let left = request.call.deadline.duration_since(Instant::now());
        let minutes = i64::try_from(left.as_secs().div_ceil(60)).unwrap_or_default();
        let plan = &request.plan;
        Ok(Stored::new(Value::object([
            ("size", plan.attribute("size")),
            ("minutes", Value::Number(Number::from(minutes))),
            ("timeouts", plan.attribute("timeouts")),
        ])))
    }

    async fn read(&self, request: Read<Value>) -> Result<Option<Stored<Value>>, Diagnostics> {
        Ok(Some(Stored::new(request.prior)))
    }

    async fn update(&self, request: Update<Value>) -> Outcome<Value> {
        Ok(Stored::new(request.plan))
    }

    async fn delete(&self, _: Delete<Value>) -> Result<(), Failure<Value>> {
        Ok(())
    }
}

async fn minutes(size: Value, create: Option<&str>) -> Value {
    let session = Session::new(Provider::new("test", "1.0.0").resource(Growing), false);
    let resource = session.resource("test_growing").expect("served");
    let timeouts = create.map_or(Value::Null, |create| {
        let timeouts = Timeouts {
            create: Some(create.to_owned()),
            ..Timeouts::default()
        };
        timeouts.encode()
    });
    let plan = Value::object([
        ("size", size),
        ("minutes", Value::unknown()),
        ("timeouts", timeouts),
    ]);
    let applied = resource
        .apply(&session.runner, change(Value::Null, plan))
        .await;
    assert!(
        !applied.diagnostics.has_errors(),
        "{:?}",
        applied.diagnostics
    );
    applied.kept.state.attribute("minutes")
}

#[tokio::test]
async fn the_user_timeout_takes_precedence_over_the_defaults() {
    let given = |minutes: i64| Value::Number(Number::from(minutes));
    assert_eq!(minutes(given(50), Some("3m")).await, given(3));
    assert_eq!(minutes(given(50), None).await, given(50));
    assert_eq!(minutes(Value::Null, None).await, given(7));
}

/// Model that counts how many values are decoded.
#[derive(Clone, Default)]
struct Counted(Value);

static DECODED: AtomicUsize = AtomicUsize::new(0);

impl Codec for Counted {
    fn decode(value: Value, _: &AttributePath) -> Result<Self, DecodeError> {
        DECODED.fetch_add(1, Ordering::Relaxed);
        Ok(Self(value))
    }

    fn encode(self) -> Value {
        self.0
    }
}

impl Model for Counted {
    type Plan = Self;

    fn definition() -> Definition {
        let size = Attribute::of(Type::Number).optional();
        Definition {
            type_name: "test_counting".to_owned(),
            schema: Schema::new(0, Block::new().attribute("size", size)),
            ..Definition::default()
        }
    }
}

/// Resource that computes its default timeout.
struct Counting;

impl Resource for Counting {
    type Model = Counted;

    fn default_timeout(&self, _: Operation, object: &Counted) -> Option<Duration> {
        (!object.0.is_null()).then_some(Duration::from_secs(60))
    }

    async fn create(&self, request: Create<Counted>) -> Outcome<Counted> {
        Ok(Stored::new(request.plan))
    }

    async fn read(&self, request: Read<Counted>) -> Result<Option<Stored<Counted>>, Diagnostics> {
        Ok(Some(Stored::new(request.prior)))
    }

    async fn update(&self, request: Update<Counted>) -> Outcome<Counted> {
        Ok(Stored::new(request.plan))
    }

    async fn delete(&self, _: Delete<Counted>) -> Result<(), Failure<Counted>> {
        Ok(())
    }
}

#[tokio::test]
async fn every_value_of_a_change_is_decoded_once() {
    let session = Session::new(Provider::new("test", "1.0.0").resource(Counting), false);
    let resource = session.resource("test_counting").expect("served");
    let sized = |size: i64| Value::object([("size", Value::Number(Number::from(size)))]);
    for (prior, plan, values) in [
        (Value::Null, sized(1), 2),
        (sized(1), sized(2), 3),
        (sized(2), Value::Null, 1),
    ] {
        let before = DECODED.load(Ordering::Relaxed);
        let applied = resource.apply(&session.runner, change(prior, plan)).await;
        assert!(!applied.diagnostics.has_errors());
        assert_eq!(DECODED.load(Ordering::Relaxed) - before, values);
    }
}
