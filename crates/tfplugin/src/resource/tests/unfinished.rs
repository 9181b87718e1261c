//! Tests of handlers that do not finish because they panic or exceed their timeout.

use std::time::Duration;

use super::*;
use crate::call::{Handlers, Limits, Runner};

/// Action that the handlers of a [`Worker`] perform before they fail.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Nothing,
    Record,
}

/// How the handlers fail.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Panic,
    /// Wait for cancellation, and then return.
    WaitForCancel,
    /// Wait forever.
    Wait,
}

/// Resource whose handlers add a warning, can record progress, and never return in time.
struct Worker(Before, Then);

fn partial() -> Value {
    Value::object([("id", Value::from("id-1")), ("url", Value::unknown())])
}

fn stored(id: &str) -> Value {
    Value::object([("id", Value::from(id)), ("url", Value::from("u"))])
}

impl Worker {
    async fn work(&self, call: &Call, progress: Option<&Progress<Value>>) -> Diagnostics {
        call.warnings.push(Diagnostic::warning("test warning", ""));
        if let (Before::Record, Some(progress)) = (self.0, progress) {
            let mut private = Private::default();
            private.set("step", 1.into());
            progress.record_private(private);
            progress.record(stored("overwritten"));
            progress.record(partial());
        }
        match self.1 {
            Then::Panic => panic!("test panic"),
            Then::WaitForCancel => call.cancel.cancelled().await,
            Then::Wait => std::future::pending().await,
        }
        Diagnostic::error("canceled", "").into()
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
    let after_cancel = match then {
        // The handler has enough time to return after it is canceled.
        Then::WaitForCancel => Duration::from_secs(3600),
        Then::Panic | Then::Wait => Duration::ZERO,
    };
    session.runner.handlers = Handlers::on_caller_threads(Limits {
        grace: Duration::ZERO,
        after_cancel,
    });
    let resource = session.resource("test_worker").expect("served");
    (session, resource)
}

fn planned() -> Value {
    Value::object([("id", Value::unknown()), ("url", Value::unknown())])
}

/// Returns the state, whether private state was recorded, and the diagnostics.
async fn applied(worker: (Before, Then), prior: Value, plan: Value) -> (Value, bool, Diagnostics) {
    let (session, resource) = session(worker.0, worker.1);
    let applied = resource.apply(&session.runner, change(prior, plan)).await;
    let recorded = applied.kept.private.get("step").is_some();
    (applied.kept.state, recorded, applied.diagnostics)
}

const CRASHED: &str = "The provider crashed in ApplyResourceChange";
const LATE: &str = "Operation timed out";

#[tokio::test]
async fn an_unfinished_operation_stores_its_record() {
    let known = Value::object([("id", Value::from("id-1")), ("url", Value::Null)]);
    for (then, summary) in [(Then::Panic, CRASHED), (Then::Wait, LATE)] {
        for (prior, plan) in [
            (Value::Null, planned()),
            (stored("id-0"), planned()),
            (stored("id-0"), Value::Null),
        ] {
            let (state, private, reported) = applied((Before::Record, then), prior, plan).await;
            assert_eq!(state, known);
            assert!(private);
            assert_eq!(summaries(&reported), ["test warning", summary]);
            let detail = &reported.iter().last().expect("an error").detail;
            assert!(detail.contains("recorded"), "{detail}");
        }
    }
}

#[tokio::test]
async fn an_unfinished_operation_without_a_record_keeps_the_prior_state() {
    for (then, summary) in [(Then::Panic, CRASHED), (Then::Wait, LATE)] {
        for (prior, plan, expected) in [
            (Value::Null, planned(), "The object might exist"),
            (stored("id-0"), planned(), "The state is unchanged"),
            (stored("id-0"), Value::Null, "The state is unchanged"),
        ] {
            let worker = (Before::Nothing, then);
            let (state, private, reported) = applied(worker, prior.clone(), plan).await;
            assert_eq!(state, prior);
            assert!(!private);
            assert_eq!(summaries(&reported), ["test warning", summary]);
            let detail = &reported.iter().last().expect("an error").detail;
            assert!(detail.contains(expected), "{detail}");
            assert_eq!(detail.contains("test panic"), then == Then::Panic);
        }
    }
}

/// The result takes precedence over the record, because the operation might have deleted the recorded object.
#[tokio::test]
async fn the_result_of_a_late_operation_takes_precedence_over_its_record() {
    let worker = (Before::Record, Then::WaitForCancel);
    let (state, private, reported) = applied(worker, Value::Null, planned()).await;
    assert_eq!((state, private), (Value::Null, false));
    assert_eq!(summaries(&reported), ["test warning", "canceled"]);
}

#[tokio::test]
async fn a_panic_is_reported_with_the_warnings_of_the_call() {
    let (session, resource) = session(Before::Nothing, Then::Panic);
    let input = PlanInput {
        prior: Value::Null,
        proposed: planned(),
        config: Value::object([("id", Value::Null), ("url", Value::Null)]),
        private: Private::default(),
    };
    let kept = StoredState {
        state: stored("id-0"),
        private: Private::default(),
    };
    for (rpc, reported) in [
        (
            "PlanResourceChange",
            reported(resource.plan(&session.runner, input).await),
        ),
        (
            "ReadResource",
            reported(resource.read(&session.runner, kept).await),
        ),
        (
            "ImportResourceState",
            reported(resource.import(&session.runner, "a".into()).await),
        ),
    ] {
        let crashed = format!("The provider crashed in {rpc}");
        assert_eq!(summaries(&reported), ["test warning", &crashed]);
    }
}

#[tokio::test]
async fn a_panic_in_configure_is_reported_with_its_warnings() {
    let handle = Configured::<()>::new();
    let configure = |request: Configure<Value>| async move {
        request
            .warnings
            .push(Diagnostic::warning("test warning", ""));
        panic!("test panic")
    };
    let session = Session::new(
        Provider::new("test", "1").configure(&handle, configure),
        false,
    );
    let reported = session.configure(Value::Null, String::new()).await;
    let crashed = "The provider crashed in ConfigureProvider";
    assert_eq!(summaries(&reported), ["test warning", crashed]);
}

#[tokio::test]
async fn a_stop_cancels_only_calls_in_progress_if_hosts_share_the_process() {
    let call = |runner: &Runner| runner.call(Duration::from_secs(60));
    let shared = Runner::new(true);
    let in_progress = call(&shared);
    shared.stop();
    assert!(in_progress.cancel.is_cancelled());
    assert!(!call(&shared).cancel.is_cancelled());

    let alone = Runner::new(false);
    let in_progress = call(&alone);
    alone.stop();
    assert!(in_progress.cancel.is_cancelled());
    assert!(
        call(&alone).cancel.is_cancelled(),
        "the stop could target a later call"
    );
    alone.resume();
    assert!(!call(&alone).cancel.is_cancelled());
}
