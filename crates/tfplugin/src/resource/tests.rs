//! Tests of session calls to a resource without a Rust model.

use tfschema::{Attribute, AttributePath, Block, Schema, Type, Value};

use super::*;
use crate::session::Session;
use crate::{
    Call, Codec, Configure, Configured, Diagnostic, Diagnostics, Private, Provider, Timeouts,
    Warnings,
};

mod deadline;
mod unfinished;

/// Resource that adds a warning in every call, and rejects every call if `refuses` is set.
struct Warner {
    refuses: bool,
}

impl Warner {
    fn outcome<T>(&self, warnings: &Warnings, call: &str, value: T) -> Result<T, Diagnostics> {
        warnings.push(Diagnostic::warning(format!("{call} warned"), ""));
        match self.refuses {
            true => Err(Diagnostic::error(format!("{call} refused"), "").into()),
            false => Ok(value),
        }
    }
}

fn state() -> Value {
    Value::object([("name", Value::from("a"))])
}

impl Resource for Warner {
    type Model = Value;

    fn definition(&self) -> Definition {
        let name = Attribute::of(Type::String).required();
        Definition {
            type_name: "test_warner".to_owned(),
            schema: Schema::new(1, Block::new().attribute("name", name)),
            ..Definition::default()
        }
    }

    async fn create(&self, request: Create<Value>) -> Outcome<Value> {
        let outcome = self.outcome(&request.call.warnings, "create", Stored::new(state()));
        outcome.map_err(Failure::nothing)
    }

    async fn read(&self, request: Read<Value>) -> Result<Option<Stored<Value>>, Diagnostics> {
        self.outcome(&request.call.warnings, "read", None)
    }

    async fn update(&self, request: Update<Value>) -> Outcome<Value> {
        let outcome = self.outcome(&request.call.warnings, "update", Stored::new(state()));
        outcome.map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<Value>) -> Result<(), Failure<Value>> {
        let outcome = self.outcome(&request.call.warnings, "delete", ());
        outcome.map_err(Failure::unchanged)
    }

    async fn plan(&self, request: &mut Plan<Value>) -> Result<(), Diagnostics> {
        self.outcome(&request.warnings, "plan", ())
    }

    async fn import(&self, request: Import) -> Result<Imported<Value>, Diagnostics> {
        self.outcome(&request.call.warnings, "import", Imported::new(state()))
    }

    fn moved(&self, request: Moved) -> Result<Imported<Value>, Diagnostics> {
        self.outcome(&request.warnings, "move", Imported::new(state()))
    }

    fn upgrade(&self, request: Upgrade) -> Result<Value, Diagnostics> {
        self.outcome(&request.warnings, "upgrade", state())
    }
}

fn session(refuses: bool) -> (Session, ResourceType) {
    let handle = Configured::<()>::new();
    let configure = move |request: Configure<Value>| {
        let outcome = Warner { refuses }.outcome(&request.warnings, "configure", ());
        async move { outcome }
    };
    let provider = Provider::new("test", "1.0.0")
        .configure(&handle, configure)
        .resource(Warner { refuses });
    let session = Session::new(provider, false);
    let resource = session.resource("test_warner").expect("served");
    (session, resource)
}

fn summaries(diagnostics: &Diagnostics) -> Vec<&str> {
    diagnostics.iter().map(|d| d.summary.as_str()).collect()
}

/// Returns the diagnostics of a call, regardless of whether the call succeeded.
fn reported<T>(outcome: Result<(T, Diagnostics), Diagnostics>) -> Diagnostics {
    outcome.map_or_else(|refused| refused, |(_, warnings)| warnings)
}

fn kept() -> StoredState {
    StoredState {
        state: state(),
        private: Private::default(),
    }
}

fn change(prior: Value, plan: Value) -> ApplyInput {
    ApplyInput {
        prior,
        config: plan.clone(),
        plan,
        private: Private::default(),
    }
}

/// Returns the diagnostics of each call.
async fn every_call(refuses: bool) -> Vec<(&'static str, Diagnostics)> {
    let (session, resource) = session(refuses);
    let apply = |prior, plan| resource.apply(&session.runner, change(prior, plan));
    let warnings = Warnings::default;
    let planned = PlanInput {
        prior: Value::Null,
        proposed: state(),
        config: state(),
        private: Private::default(),
    };
    let moved = Moved {
        source_provider: String::new(),
        source_type: String::new(),
        source_version: 0,
        source_state: serde_json::Value::Null,
        source_private: Private::default(),
        warnings: warnings(),
    };
    let older = Upgrade {
        version: 0,
        state: serde_json::Value::Null,
        warnings: warnings(),
    };
    let nothing = Value::Object(Default::default());
    vec![
        ("configure", session.configure(nothing, String::new()).await),
        (
            "plan",
            reported(resource.plan(&session.runner, planned).await),
        ),
        ("create", apply(Value::Null, state()).await.diagnostics),
        ("update", apply(state(), state()).await.diagnostics),
        ("delete", apply(state(), Value::Null).await.diagnostics),
        (
            "read",
            reported(resource.read(&session.runner, kept()).await),
        ),
        (
            "import",
            reported(resource.import(&session.runner, "a".into()).await),
        ),
        (
            "move",
            reported(resource.move_state(&session.runner, moved)),
        ),
        (
            "upgrade",
            reported(resource.upgrade(&session.runner, older)),
        ),
    ]
}

#[tokio::test]
async fn every_call_can_warn() {
    for (call, reported) in every_call(false).await {
        assert_eq!(summaries(&reported), [format!("{call} warned")]);
    }
}

#[tokio::test]
async fn refused_calls_report_their_warnings() {
    for (call, reported) in every_call(true).await {
        let expected = [format!("{call} warned"), format!("{call} refused")];
        assert_eq!(summaries(&reported), expected);
    }
}

#[test]
fn an_error_among_the_warnings_fails_the_call() {
    let warnings = Warnings::default();
    warnings.push(Diagnostic::error("broken", ""));
    assert!(warnings.collected().has_errors());
    assert!(
        warnings
            .attach(Ok(()))
            .is_err_and(|reported| reported.has_errors())
    );
}

/// Providers written in Go can change the type of an attribute without changing the schema version.
#[tokio::test]
async fn stored_state_of_another_primitive_type_is_read() {
    let (session, resource) = session(false);
    let stored = |name: serde_json::Value| Upgrade {
        version: 1,
        state: serde_json::json!({ "name": name }),
        warnings: Warnings::default(),
    };
    for (name, expected) in [
        (serde_json::json!(80), "80"),
        (serde_json::json!(true), "true"),
        (serde_json::json!("eighty"), "eighty"),
    ] {
        let (state, reported) = resource
            .upgrade(&session.runner, stored(name))
            .expect("read");
        assert_eq!(state.attribute("name"), Value::from(expected));
        assert!(reported.is_empty());
    }
    let list = serde_json::json!(["eighty"]);
    assert!(resource.upgrade(&session.runner, stored(list)).is_err());
}
