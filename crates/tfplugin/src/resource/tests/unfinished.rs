//! Handlers that do not come to their end: they panic, or run past their timeout.

use std::time::Duration;

use super::*;
use crate::call::{Handlers, Limits, Runner};

/// What the handlers of a [`Worker`] do before they fail.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Nothing,
    Record,
}

/// How they fail.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Panic,
    /// Wait until they are cancelled, and return then.
    WaitForCancel,
    /// Wait for ever.
    Wait,
}

/// Warns, records or does not, and never returns in time.
struct Worker(Before, Then);

fn half_made() -> Value {
    Value::object([("id", Value::from("id-1")), ("url", Value::unknown())])
}

fn stored(id: &str) -> Value {
    Value::object([("id", Value::from(id)), ("url", Value::from("u"))])
}

impl Worker {
    async fn work(&self, call: &Call, progress: Option<&Progress<Value>>) -> Diagnostics {
        call.warnings.push(Diagnostic::warning("it is hot", ""));
        if let (Before::Record, Some(progress)) = (self.0, progress) {
            let mut private = Private::default();
            private.set("step", 1.into());
            progress.record_private(private);
            progress.record(stored("overwritten"));
            progress.record(half_made());
        }
        match self.1 {
            Then::Panic => panic!("the tool broke"),
            Then::WaitForCancel => call.cancel.cancelled().await,
            Then::Wait => std::future::pending().await,
        }
        Diagnostic::error("cancelled", "").into()
    }
}

impl Resource for Worker {
    type Model = Value;

    fn definition(&self) -> Definition {
        let text = || Attribute::of(Type::String);
        let block = Block::new()
            .attribute("id", text().computed())
            .attribute("url", text().computed());
        Definition {
            type_name: "test_worker".to_owned(),
            schema: Schema::new(0, block),
            timeouts: Timeouts {
                create: Some("1ms".to_owned()),
                update: Some("1ms".to_owned()),
                delete: Some("1ms".to_owned()),
                read: Some("1ms".to_owned()),
            },
            ..Definition::default()
        }
    }

    async fn create(&self, request: Create<Value>) -> Outcome<Value> {
        let failed = self.work(&request.call, Some(&request.progress)).await;
        Err(Failure::nothing(failed))
    }

    async fn read(&self, request: Read<Value>) -> Result<Option<Stored<Value>>, Diagnostics> {
        Err(self.work(&request.call, None).await)
    }

    async fn update(&self, request: Update<Value>) -> Outcome<Value> {
        let failed = self.work(&request.call, Some(&request.progress)).await;
        Err(Failure::unchanged(failed))
    }

    async fn delete(&self, request: Delete<Value>) -> Result<(), Failure<Value>> {
        let failed = self.work(&request.call, Some(&request.progress)).await;
        Err(Failure::unchanged(failed))
    }

    async fn plan(&self, request: &mut Plan<Value>) -> Result<(), Diagnostics> {
        Err(self.work(&request.call, None).await)
    }

    async fn import(&self, request: Import) -> Result<Imported<Value>, Diagnostics> {
        Err(self.work(&request.call, None).await)
    }
}

fn session(before: Before, then: Then) -> (Session, ResourceType) {
    let provider = Provider::new("test", "1.0.0").resource(Worker(before, then));
    let mut session = Session::new(provider, false);
    let last = match then {
        // As long as it takes.
        Then::WaitForCancel => Duration::from_secs(3600),
        Then::Panic | Then::Wait => Duration::ZERO,
    };
    session.runner.handlers = Handlers::within(Limits {
        grace: Duration::ZERO,
        last,
    });
    let resource = session.resource("test_worker").expect("served");
    (session, resource)
}

fn planned() -> Value {
    Value::object([("id", Value::unknown()), ("url", Value::unknown())])
}

/// State, whether private state was recorded, and what the user is told.
async fn applied(worker: (Before, Then), prior: Value, plan: Value) -> (Value, bool, Diagnostics) {
    let (session, resource) = session(worker.0, worker.1);
    let applied = resource.apply(&session.runner, change(prior, plan)).await;
    let recorded = applied.kept.private.get("step").is_some();
    (applied.kept.state, recorded, applied.diagnostics)
}

const CRASHED: &str = "The provider crashed in ApplyResourceChange";
const LATE: &str = "The operation did not end in time";

#[tokio::test]
async fn an_operation_without_an_outcome_leaves_what_it_recorded() {
    let known = Value::object([("id", Value::from("id-1")), ("url", Value::Null)]);
    for (then, summary) in [(Then::Panic, CRASHED), (Then::Wait, LATE)] {
        for (prior, plan) in [
            (Value::Null, planned()),
            (stored("id-0"), planned()),
            (stored("id-0"), Value::Null),
        ] {
            let (state, private, told) = applied((Before::Record, then), prior, plan).await;
            assert_eq!(state, known);
            assert!(private);
            assert_eq!(summaries(&told), ["it is hot", summary]);
            let detail = &told.iter().last().expect("an error").detail;
            assert!(detail.contains("recorded"), "{detail}");
        }
    }
}

#[tokio::test]
async fn an_operation_that_recorded_nothing_leaves_what_was_there() {
    for (then, summary) in [(Then::Panic, CRASHED), (Then::Wait, LATE)] {
        for (prior, plan, says) in [
            (Value::Null, planned(), "The object may exist"),
            (stored("id-0"), planned(), "The state is unchanged"),
            (stored("id-0"), Value::Null, "The state is unchanged"),
        ] {
            let worker = (Before::Nothing, then);
            let (state, private, told) = applied(worker, prior.clone(), plan).await;
            assert_eq!(state, prior);
            assert!(!private);
            assert_eq!(summaries(&told), ["it is hot", summary]);
            let detail = &told.iter().last().expect("an error").detail;
            assert!(detail.contains(says), "{detail}");
            assert_eq!(detail.contains("the tool broke"), then == Then::Panic);
        }
    }
}

/// Its own word counts: it may have cleaned up what it recorded.
#[tokio::test]
async fn an_operation_that_returns_when_it_is_late_says_what_exists() {
    let worker = (Before::Record, Then::WaitForCancel);
    let (state, private, told) = applied(worker, Value::Null, planned()).await;
    assert_eq!((state, private), (Value::Null, false));
    assert_eq!(summaries(&told), ["it is hot", "cancelled"]);
}

#[tokio::test]
async fn warnings_survive_a_panic_in_every_call() {
    let (session, resource) = session(Before::Nothing, Then::Panic);
    let input = PlanInput {
        prior: Value::Null,
        proposed: planned(),
        config: Value::object([("id", Value::Null), ("url", Value::Null)]),
        private: Private::default(),
    };
    let kept = Kept {
        state: stored("id-0"),
        private: Private::default(),
    };
    for (rpc, told) in [
        (
            "PlanResourceChange",
            told(resource.plan(&session.runner, input).await),
        ),
        (
            "ReadResource",
            told(resource.read(&session.runner, kept).await),
        ),
        (
            "ImportResourceState",
            told(resource.import(&session.runner, "a".into()).await),
        ),
    ] {
        let crashed = format!("The provider crashed in {rpc}");
        assert_eq!(summaries(&told), ["it is hot", &crashed]);
    }
}

#[tokio::test]
async fn a_configuration_that_panics_is_refused_with_its_warnings() {
    let handle = Configured::<()>::new();
    let configure = |request: Configure<Value>| async move {
        request.warnings.push(Diagnostic::warning("it is hot", ""));
        panic!("the tool broke")
    };
    let session = Session::new(
        Provider::new("test", "1").configure(&handle, configure),
        false,
    );
    let told = session.configure(Value::Null, String::new()).await;
    let crashed = "The provider crashed in ConfigureProvider";
    assert_eq!(summaries(&told), ["it is hot", crashed]);
}

#[tokio::test]
async fn a_stop_is_for_the_calls_under_way_where_command_lines_share_the_process() {
    let call = |runner: &Runner| runner.call(Duration::from_secs(60));
    let shared = Runner::new(true);
    let under_way = call(&shared);
    shared.stop();
    assert!(under_way.cancel.is_cancelled());
    assert!(!call(&shared).cancel.is_cancelled());

    let alone = Runner::new(false);
    let under_way = call(&alone);
    alone.stop();
    assert!(under_way.cancel.is_cancelled());
    assert!(
        call(&alone).cancel.is_cancelled(),
        "the stop may be meant for it"
    );
    alone.resume();
    assert!(!call(&alone).cancel.is_cancelled());
}
