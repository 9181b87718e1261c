//! Tests of the corner provider's RPCs over the protocol.
//!
//! Requests encode values as JSON, which the protocol allows. Responses use MessagePack and are decoded with `rmpv`, which
//! is independent of this crate.

use crate::client::{Provider, attribute, object, received, texts, value};
use rmpv::Value as Packed;
use serde_json::{Value as Json, json};
use tfplugin_proto::bytes::Bytes;
use tfplugin_proto::tfplugin6::{self as proto, *};
use tokio::task::JoinHandle;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Response, Status};

impl Provider {
    /// Starts a create operation that waits until it is stopped.
    async fn create_without_end(
        &mut self,
    ) -> JoinHandle<Result<apply_resource_change::Response, Status>> {
        let request = self.creation("corner_slow", slow("s", true)).await;
        let mut client = self.client.clone();
        let waiting = tokio::spawn(async move {
            client
                .apply_resource_change(request)
                .await
                .map(Response::into_inner)
        });
        self.host.wait_for_log("creation waits").await;
        waiting
    }
}

fn slow(name: &str, waits: bool) -> Json {
    json!({ "name": name, "waits": waits, "id": null, "timeouts": null })
}

fn bug(misbehave: &str) -> Json {
    json!({ "name": "b", "misbehave": misbehave, "remark": null, "legs": null, "id": null })
}

#[tokio::test]
async fn schema_and_metadata_report_the_server_capabilities() {
    let mut provider = Provider::start().await;
    let request = get_provider_schema::Request {};
    let schema = received(provider.client.get_provider_schema(request)).await;
    assert_eq!(schema.diagnostics, []);
    assert!(schema.provider.is_some() && schema.provider_meta.is_none());
    let capabilities = schema.server_capabilities.expect("server capabilities");
    assert!(
        capabilities.plan_destroy
            && capabilities.get_provider_schema_optional
            && capabilities.move_resource_state
    );
    let types: Vec<_> = schema.resource_schemas.keys().collect();
    assert!(!types.is_empty());

    let request = get_metadata::Request {};
    let metadata = received(provider.client.get_metadata(request)).await;
    assert_eq!(metadata.server_capabilities, Some(capabilities));
    assert_eq!(
        metadata
            .resources
            .iter()
            .map(|r| &r.type_name)
            .collect::<Vec<_>>(),
        types
    );
    provider.end().await;
}

/// docs/protocol.md, "Order of calls".
///
/// A host might never request the schema from a process, and validates the configuration before it configures the process.
#[tokio::test]
async fn validation_requires_neither_schema_request_nor_configuration() {
    let mut provider = Provider::start().await;
    let request = validate_resource_config::Request {
        type_name: "corner_failing".into(),
        config: value(&json!({
            "name": "t", "step": null, "next_step": null, "fail": "unknown failure", "id": null, "seal": null
        })),
        ..Default::default()
    };
    let response = received(provider.client.validate_resource_config(request)).await;
    let [error] = &response.diagnostics[..] else {
        panic!("expected one error, found {:?}", response.diagnostics)
    };
    assert_eq!(error.severity(), diagnostic::Severity::Error);
    let step = attribute_path::Step {
        selector: Some(attribute_path::step::Selector::AttributeName("fail".into())),
    };
    assert_eq!(error.attribute, Some(AttributePath { steps: vec![step] }));
    provider.end().await;
}

/// docs/protocol.md, "Order of calls".
///
/// In debug mode, several hosts share a process, and each of them configures it.
#[tokio::test]
async fn last_configuration_is_used() {
    let mut provider = Provider::configured().await;
    let second = tempfile::tempdir().expect("create a directory");
    assert_eq!(
        provider
            .configure(second.path().to_str().expect("UTF-8 path"))
            .await,
        []
    );
    let response = provider.create("corner_slow", slow("s", false)).await;
    assert_eq!(response.diagnostics, []);
    assert!(second.path().join("corner_slow.s.json").exists());
    provider.end().await;
}

/// docs/protocol.md, "Absent values".
///
/// An absent message is null. A delete request has neither a planned state nor a configuration, and usually has no
/// `provider_meta`.
#[tokio::test]
async fn absent_values_are_null() {
    let mut provider = Provider::configured().await;
    let made = provider.create("corner_slow", slow("s", false)).await;
    let request = apply_resource_change::Request {
        type_name: "corner_slow".into(),
        prior_state: made.new_state,
        planned_private: made.private,
        ..Default::default()
    };
    let response = received(provider.client.apply_resource_change(request)).await;
    assert_eq!(response.diagnostics, []);
    assert_eq!(
        &response.new_state.expect("null value").msgpack[..],
        b"\xc0"
    );
    assert!(
        !provider
            .host
            .directory
            .path()
            .join("store/corner_slow.s.json")
            .exists()
    );
    provider.end().await;
}

/// docs/protocol.md, "Private state".
#[tokio::test]
async fn private_state_passes_through_a_read() {
    let mut provider = Provider::configured().await;
    let request = import_resource_state::Request {
        type_name: "corner_life".into(),
        id: "cat".into(),
        ..Default::default()
    };
    let response = received(provider.client.import_resource_state(request)).await;
    assert_eq!(response.diagnostics, []);
    let [imported] = &response.imported_resources[..] else {
        panic!("expected one imported resource")
    };
    assert_eq!(imported.type_name, "corner_life");
    assert!(!imported.private.is_empty());
    std::fs::write(
        provider
            .host
            .directory
            .path()
            .join("store/corner_life.cat.json"),
        json!({ "name": "cat", "note": null, "protected": false, "written": 1, "id": "id-cat" })
            .to_string(),
    )
    .expect("write the object");
    let request = read_resource::Request {
        type_name: "corner_life".into(),
        current_state: imported.state.clone(),
        private: imported.private.clone(),
        ..Default::default()
    };
    let read = received(provider.client.read_resource(request)).await;
    assert_eq!(read.diagnostics, []);
    assert_eq!(read.private, imported.private);
    assert_eq!(
        attribute(&object(read.new_state), "written"),
        Packed::from(100)
    );
    provider.end().await;
}

/// A move preserves private state, but ignores private state in another format.
#[tokio::test]
async fn private_state_passes_through_a_move() {
    let mut provider = Provider::start().await;
    for (private, written) in [
        (&br#"{"written":7}"#[..], 7),
        (b"", 50),
        (b"\x00opaque", 50),
    ] {
        let request = move_resource_state::Request {
            source_provider_address: "registry.terraform.io/corner/corner".into(),
            source_type_name: "corner_kinds".into(),
            source_state: Some(RawState {
                json: Bytes::from_static(br#"{"name":"cat","text":null}"#),
                ..Default::default()
            }),
            source_private: Bytes::copy_from_slice(private),
            target_type_name: "corner_life".into(),
            ..Default::default()
        };
        let moved = received(provider.client.move_resource_state(request)).await;
        assert_eq!(moved.diagnostics, []);
        let kept: Json =
            serde_json::from_slice(&moved.target_private).expect("private state as JSON");
        assert_eq!(kept, json!({ "written": written }));
    }
    provider.end().await;
}

/// docs/protocol.md, "Partial state".
#[tokio::test]
async fn failed_create_returns_the_partial_state() {
    let mut provider = Provider::configured().await;
    let plan = json!({
        "name": "t", "step": 0, "next_step": 0, "fail": "create partial", "id": null, "seal": null
    });
    let response = provider.create("corner_failing", plan).await;
    assert!(texts(&response.diagnostics).contains("Operation failed on request"));
    let state = object(response.new_state);
    assert_eq!(attribute(&state, "id"), Packed::from("id-t"));
    assert_eq!(
        attribute(&state, "seal"),
        Packed::Nil,
        "an unknown value is stored as null"
    );
    provider.end().await;
}

/// docs/protocol.md, "State upgrade".
///
/// In most runs, the version is equal. Missing attributes are read as null, and unknown attributes are dropped.
#[tokio::test]
async fn state_of_the_current_version_is_read() {
    let mut provider = Provider::start().await;
    let request = upgrade_resource_state::Request {
        type_name: "corner_slow".into(),
        version: 0,
        raw_state: Some(RawState {
            json: Bytes::from_static(
                b"{\n  \"name\": \"s\",\n  \"gone\": 1,\n  \"waits\": true\n}",
            ),
            ..Default::default()
        }),
    };
    let response = received(provider.client.upgrade_resource_state(request)).await;
    assert_eq!(response.diagnostics, []);
    let state = object(response.upgraded_state);
    assert_eq!(state.len(), 5, "{state:?}");
    assert_eq!(attribute(&state, "waits"), Packed::from(true));
    assert_eq!(attribute(&state, "id"), Packed::Nil);
    provider.end().await;
}

/// docs/protocol.md, "State upgrade".
///
/// If stored state lacks an attribute that has a default value, the state is read with the default value. No change is
/// planned.
#[tokio::test]
async fn new_attribute_with_a_default_plans_no_change() {
    let mut provider = Provider::start().await;
    let request = upgrade_resource_state::Request {
        type_name: "corner_slow".into(),
        version: 0,
        raw_state: Some(RawState {
            json: Bytes::from_static(br#"{"name":"s","id":"id-s","timeouts":null}"#),
            ..Default::default()
        }),
    };
    let response = provider.client.upgrade_resource_state(request).await;
    let upgraded = response.expect("response").into_inner().upgraded_state;
    assert_eq!(
        attribute(&object(upgraded.clone()), "waits"),
        Packed::from(false)
    );
    let config = json!({ "name": "s", "waits": null, "id": null, "timeouts": null });
    let proposed = json!({ "name": "s", "waits": null, "id": "id-s", "timeouts": null });
    let request = plan_resource_change::Request {
        type_name: "corner_slow".into(),
        prior_state: upgraded.clone(),
        proposed_new_state: value(&proposed),
        config: value(&config),
        ..Default::default()
    };
    let planned = received(provider.client.plan_resource_change(request)).await;
    assert_eq!(planned.diagnostics, []);
    assert_eq!(object(planned.planned_state), object(upgraded));
    provider.end().await;
}

/// docs/protocol.md, "Panics".
///
/// A panic becomes a diagnostic, and standard error contains its message in the format that hosts recognize. The process
/// continues to run.
#[tokio::test]
async fn panic_becomes_a_diagnostic_and_is_logged_as_a_crash() {
    let mut provider = Provider::configured().await;
    let response = provider
        .create("corner_faulty", bug("panic in create"))
        .await;
    let messages = texts(&response.diagnostics);
    assert!(
        messages.contains("ApplyResourceChange") && messages.contains("requested panic in create"),
        "{messages}"
    );
    assert!(messages.contains("bug in the provider"), "{messages}");
    let request = validate_resource_config::Request {
        type_name: "corner_faulty".into(),
        config: value(&bug("panic in validate")),
        ..Default::default()
    };
    let response = received(provider.client.validate_resource_config(request)).await;
    assert!(texts(&response.diagnostics).contains("requested panic in validate"));
    let end = provider.end().await;
    assert!(end.status.success());
    assert!(
        end.stderr
            .lines()
            .any(|line| line.starts_with("panic: requested panic in create")),
        "{}",
        end.stderr
    );
}

/// docs/protocol.md, "Interrupts".
///
/// A stop cancels the calls in progress, which return the state of the objects that exist.
#[tokio::test]
async fn stop_cancels_calls_and_keeps_their_state() {
    let mut provider = Provider::configured().await;
    let waiting = provider.create_without_end().await;
    let stopped = received(provider.client.stop_provider(stop_provider::Request {})).await;
    assert_eq!(stopped.error, "");
    let response = waiting
        .await
        .expect("task without panic")
        .expect("response");
    assert!(texts(&response.diagnostics).contains("Creation was interrupted"));
    assert_eq!(
        attribute(&object(response.new_state), "id"),
        Packed::from("id-s")
    );
    provider.end().await;
}

/// docs/protocol.md, "Interrupts".
///
/// A stop that arrives before the call that it targets also cancels that call. The stop ends with the next configuration of
/// the process.
#[tokio::test]
async fn stop_also_cancels_later_calls_until_the_next_configuration() {
    let mut provider = Provider::configured().await;
    let request = provider.creation("corner_slow", slow("s", true)).await;
    provider
        .client
        .stop_provider(stop_provider::Request {})
        .await
        .expect("response");
    let late = provider.client.apply_resource_change(request.clone());
    let late = tokio::time::timeout(std::time::Duration::from_secs(120), late).await;
    let late = late
        .expect("cancellation within the time limit")
        .expect("response")
        .into_inner();
    assert!(texts(&late.diagnostics).contains("Creation was interrupted"));

    let directory = provider.host.directory.path().join("store");
    let configured = provider
        .configure(directory.to_str().expect("UTF-8 path"))
        .await;
    assert_eq!(configured, []);
    let waiting = provider.create_without_end().await;
    provider
        .client
        .get_functions(get_functions::Request {})
        .await
        .expect("response");
    assert!(!waiting.is_finished(), "the configuration ends the stop");
    waiting.abort();
    provider.end().await;
}

/// A provider with `--debug` continues to run after a stop. Later calls belong to other hosts. The call in this test ends at
/// its own deadline.
#[tokio::test]
async fn stop_under_debug_does_not_cancel_later_calls() {
    let mut provider = Provider::under_debug().await.configured_here().await;
    let waiting = provider.create_without_end().await;
    let stop = stop_provider::Request {};
    provider.client.stop_provider(stop).await.expect("response");
    let stopped = waiting
        .await
        .expect("task without panic")
        .expect("response");
    assert!(texts(&stopped.diagnostics).contains("Creation was interrupted"));

    let mut short = slow("t", true);
    short["timeouts"] = json!({ "create": "2s", "read": null, "update": null, "delete": null });
    let late = provider.create("corner_slow", short).await;
    let messages = texts(&late.diagnostics);
    assert!(messages.contains("Creation timed out"), "{messages}");
    provider.host.signal("INT").await;
    assert!(provider.host.exited().await.status.success());
}

/// A stop is received even if more handlers block their threads than the runtime has threads.
#[tokio::test]
async fn stop_is_received_while_handlers_block() {
    let mut provider = Provider::configured().await;
    let mut requests = Vec::new();
    for at in 0..20 {
        let mut blocking = slow(&format!("s{at}"), true);
        blocking["blocks"] = true.into();
        requests.push(provider.creation("corner_slow", blocking).await);
    }
    let call = |request| {
        let mut client = provider.client.clone();
        tokio::spawn(async move { client.apply_resource_change(request).await })
    };
    let waiting: Vec<_> = requests.into_iter().map(call).collect();
    provider.host.wait_for_log("creation waits").await;
    let stopped = provider.client.stop_provider(stop_provider::Request {});
    let limit = std::time::Duration::from_secs(20);
    let stopped = tokio::time::timeout(limit, stopped).await;
    stopped
        .expect("response within the time limit")
        .expect("response");
    for call in waiting {
        let response = call
            .await
            .expect("task without panic")
            .expect("response")
            .into_inner();
        assert!(texts(&response.diagnostics).contains("Creation was interrupted"));
    }
    provider.end().await;
}

/// An operation continues after its client cancels the call. Only a stop ends the operation.
#[tokio::test]
async fn operation_continues_after_the_client_cancels_the_call() {
    let mut provider = Provider::configured().await;
    let waiting = provider.create_without_end().await;
    waiting.abort();
    assert!(waiting.await.is_err_and(|error| error.is_cancelled()));
    // After a round trip on the same connection, the cancellation must have arrived.
    provider
        .client
        .get_functions(get_functions::Request {})
        .await
        .expect("response");
    provider
        .client
        .stop_provider(stop_provider::Request {})
        .await
        .expect("response");
    provider
        .host
        .wait_for_log(r#""tf_rpc":"ApplyResourceChange","tf_req_duration_ms""#)
        .await;
    provider.end().await;
}

/// docs/protocol.md, "Shutdown".
///
/// A call that never ends does not delay the exit of the process.
#[tokio::test]
async fn shutdown_does_not_wait_for_calls_in_progress() {
    let mut provider = Provider::configured().await;
    let waiting = provider.create_without_end().await;
    let end = provider.end().await;
    end.expect_in_time();
    assert!(end.status.success());
    assert!(waiting.await.expect("task without panic").is_err());
}

/// A host reports a gRPC error as a crash of the provider, so a request for an unknown name must return a diagnostic.
#[tokio::test]
async fn unknown_names_are_reported_as_diagnostics() {
    let mut provider = Provider::start().await;
    let client = &mut provider.client;

    /// Sends a request for `nothing`, and checks that an error in the response contains that name.
    macro_rules! refused {
        ($rpc:ident, $module:ident, $field:ident) => {
            let mut request = proto::$module::Request::default();
            request.$field = "nothing".into();
            let response = client.$rpc(request).await.expect(stringify!($rpc)).into_inner();
            refused!(@check response.diagnostics, stringify!($rpc));
        };
        (@check $diagnostics:expr, $rpc:expr) => {
            let diagnostics = $diagnostics;
            assert!(diagnostics.iter().any(|d| d.severity() == diagnostic::Severity::Error), "{}", $rpc);
            assert!(texts(&diagnostics).contains("nothing"), "{}: {diagnostics:?}", $rpc);
        };
    }
    refused!(
        validate_resource_config,
        validate_resource_config,
        type_name
    );
    refused!(upgrade_resource_state, upgrade_resource_state, type_name);
    refused!(read_resource, read_resource, type_name);
    refused!(plan_resource_change, plan_resource_change, type_name);
    refused!(apply_resource_change, apply_resource_change, type_name);
    refused!(import_resource_state, import_resource_state, type_name);
    refused!(move_resource_state, move_resource_state, target_type_name);
    refused!(
        upgrade_resource_identity,
        upgrade_resource_identity,
        type_name
    );
    refused!(
        validate_data_resource_config,
        validate_data_resource_config,
        type_name
    );
    refused!(read_data_source, read_data_source, type_name);
    refused!(
        generate_resource_config,
        generate_resource_config,
        type_name
    );
    refused!(
        validate_ephemeral_resource_config,
        validate_ephemeral_resource_config,
        type_name
    );
    refused!(open_ephemeral_resource, open_ephemeral_resource, type_name);
    refused!(
        renew_ephemeral_resource,
        renew_ephemeral_resource,
        type_name
    );
    refused!(
        close_ephemeral_resource,
        close_ephemeral_resource,
        type_name
    );
    refused!(
        validate_list_resource_config,
        validate_list_resource_config,
        type_name
    );
    refused!(validate_state_store_config, validate_state_store, type_name);
    refused!(configure_state_store, configure_state_store, type_name);
    refused!(lock_state, lock_state, type_name);
    refused!(unlock_state, unlock_state, type_name);
    refused!(get_states, get_states, type_name);
    refused!(delete_state, delete_state, type_name);
    refused!(plan_action, plan_action, action_type);
    refused!(validate_action_config, validate_action_config, type_name);

    let request = list_resource::Request {
        type_name: "nothing".into(),
        ..Default::default()
    };
    let mut events = client
        .list_resource(request)
        .await
        .expect("stream")
        .into_inner();
    let event = events
        .message()
        .await
        .expect("event")
        .expect("event before the end");
    refused!(@check event.diagnostic, "list_resource");
    assert_eq!(events.message().await.expect("end of the stream"), None);

    let request = read_state_bytes::Request {
        type_name: "nothing".into(),
        ..Default::default()
    };
    let mut chunks = client
        .read_state_bytes(request)
        .await
        .expect("stream")
        .into_inner();
    let chunk = chunks
        .message()
        .await
        .expect("chunk")
        .expect("chunk before the end");
    refused!(@check chunk.diagnostics, "read_state_bytes");

    let meta = RequestChunkMeta {
        type_name: "nothing".into(),
        ..Default::default()
    };
    let chunk = write_state_bytes::RequestChunk {
        meta: Some(meta),
        ..Default::default()
    };
    let response = received(client.write_state_bytes(tokio_stream::once(chunk))).await;
    refused!(@check response.diagnostics, "write_state_bytes");

    let request = invoke_action::Request {
        action_type: "nothing".into(),
        ..Default::default()
    };
    let mut events = client
        .invoke_action(request)
        .await
        .expect("stream")
        .into_inner();
    let event = events
        .message()
        .await
        .expect("event")
        .expect("event before the end");
    let Some(invoke_action::event::Type::Completed(completed)) = event.r#type else {
        panic!("{event:?}")
    };
    refused!(@check completed.diagnostics, "invoke_action");

    let request = call_function::Request {
        name: "nothing".into(),
        ..Default::default()
    };
    let response = received(client.call_function(request)).await;
    assert!(response.error.expect("error").text.contains("nothing"));
    provider.end().await;
}

/// A provider without functions and identities returns empty lists instead of errors.
#[tokio::test]
async fn provider_without_functions_and_identities_returns_empty_lists() {
    let mut provider = Provider::of("hello").await;
    let request = get_resource_identity_schemas::Request {};
    let identities = received(provider.client.get_resource_identity_schemas(request)).await;
    assert_eq!(
        identities,
        get_resource_identity_schemas::Response::default()
    );
    let functions = received(provider.client.get_functions(get_functions::Request {})).await;
    assert_eq!(functions, get_functions::Response::default());
    provider.end().await;
}

/// docs/protocol.md, "Newer hosts".
///
/// The provider ignores unknown fields and capabilities from a newer host.
#[tokio::test]
async fn requests_from_a_newer_host_succeed() {
    let provider = Provider::of("hello").await;
    let mut client = tonic::client::Grpc::new(provider.channel.clone());
    client.ready().await.expect("ready");
    // The request type does not define any of the fields in this message.
    let unknown = Diagnostic {
        severity: 99,
        summary: "new".into(),
        ..Default::default()
    };
    let path = PathAndQuery::from_static("/tfplugin6.Provider/GetFunctions");
    let codec = tonic_prost::ProstCodec::<Diagnostic, get_functions::Response>::default();
    let response = client.unary(tonic::Request::new(unknown), path, codec);
    let response = response.await.expect("response").into_inner();
    assert_eq!(response, get_functions::Response::default());
    provider.end().await;

    // The provider does not use these capabilities.
    let mut provider = Provider::start().await;
    let request = validate_resource_config::Request {
        type_name: "corner_slow".into(),
        config: value(&slow("s", false)),
        client_capabilities: Some(ClientCapabilities {
            deferral_allowed: true,
            write_only_attributes_allowed: true,
            store_planned_private: true,
            computed_blocks_allowed: true,
        }),
    };
    let response = provider.client.validate_resource_config(request).await;
    assert_eq!(response.expect("response").into_inner().diagnostics, []);
    provider.end().await;
}
