//! The RPCs as a host sees them, on the wire, against the corner provider.
//!
//! Requests carry values as JSON, which the protocol allows; answers come in MessagePack and are read by a parser that
//! is not ours.

use crate::client::{Provider, attribute, object, texts, value};
use rmpv::Value as Packed;
use serde_json::{Value as Json, json};
use tfplugin_proto::bytes::Bytes;
use tfplugin_proto::tfplugin6::{self as proto, *};
use tokio::task::JoinHandle;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Response, Status};

impl Provider {
    /// Begins to create an object that takes until it is stopped.
    async fn create_without_end(
        &mut self,
    ) -> JoinHandle<Result<apply_resource_change::Response, Status>> {
        let request = self.creation("corner_slow", snail("s", true)).await;
        let mut client = self.client.clone();
        let waiting = tokio::spawn(async move {
            client
                .apply_resource_change(request)
                .await
                .map(Response::into_inner)
        });
        self.host.says("the snail waits").await;
        waiting
    }
}

fn snail(name: &str, waits: bool) -> Json {
    json!({ "name": name, "waits": waits, "id": null, "timeouts": null })
}

fn bug(misbehave: &str) -> Json {
    json!({ "name": "b", "misbehave": misbehave, "remark": null, "legs": null, "id": null })
}

#[tokio::test]
async fn the_schema_says_what_the_server_can_do() {
    let mut provider = Provider::start().await;
    let request = get_provider_schema::Request {};
    let schema = provider
        .client
        .get_provider_schema(request)
        .await
        .expect("answers")
        .into_inner();
    assert_eq!(schema.diagnostics, []);
    assert!(schema.provider.is_some() && schema.provider_meta.is_none());
    let can = schema.server_capabilities.expect("capabilities");
    assert!(can.plan_destroy && can.get_provider_schema_optional && can.move_resource_state);
    let types: Vec<_> = schema.resource_schemas.keys().collect();
    assert!(!types.is_empty());

    let request = get_metadata::Request {};
    let metadata = provider
        .client
        .get_metadata(request)
        .await
        .expect("answers")
        .into_inner();
    assert_eq!(metadata.server_capabilities, Some(can));
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
/// A process may never be asked for its schema, and validates without being configured.
#[tokio::test]
async fn validation_needs_neither_schema_nor_configuration() {
    let mut provider = Provider::start().await;
    let request = validate_resource_config::Request {
        type_name: "corner_failing".into(),
        config: value(&json!({
            "name": "t", "step": null, "next_step": null, "fail": "no such failure", "id": null, "seal": null
        })),
        ..Default::default()
    };
    let answer = provider
        .client
        .validate_resource_config(request)
        .await
        .expect("answers")
        .into_inner();
    let [error] = &answer.diagnostics[..] else {
        panic!("one error, not {:?}", answer.diagnostics)
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
/// Several hosts share a process under debug, each with its own configuration.
#[tokio::test]
async fn the_last_configuration_counts() {
    let mut provider = Provider::configured().await;
    let second = tempfile::tempdir().expect("a directory");
    assert_eq!(
        provider
            .configure(second.path().to_str().expect("text"))
            .await,
        []
    );
    let answer = provider.create("corner_slow", snail("s", false)).await;
    assert_eq!(answer.diagnostics, []);
    assert!(second.path().join("corner_slow.s.json").exists());
    provider.end().await;
}

/// docs/protocol.md, "Absent values".
///
/// No message at all is null. A delete has neither plan nor configuration, and no metadata is normal.
#[tokio::test]
async fn absent_values_are_null() {
    let mut provider = Provider::configured().await;
    let made = provider.create("corner_slow", snail("s", false)).await;
    let request = apply_resource_change::Request {
        type_name: "corner_slow".into(),
        prior_state: made.new_state,
        planned_private: made.private,
        ..Default::default()
    };
    let answer = provider
        .client
        .apply_resource_change(request)
        .await
        .expect("answers")
        .into_inner();
    assert_eq!(answer.diagnostics, []);
    assert_eq!(&answer.new_state.expect("a null").msgpack[..], b"\xc0");
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
    let answer = provider
        .client
        .import_resource_state(request)
        .await
        .expect("answers")
        .into_inner();
    assert_eq!(answer.diagnostics, []);
    let [imported] = &answer.imported_resources[..] else {
        panic!("one object")
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
    .expect("written");
    let request = read_resource::Request {
        type_name: "corner_life".into(),
        current_state: imported.state.clone(),
        private: imported.private.clone(),
        ..Default::default()
    };
    let read = provider
        .client
        .read_resource(request)
        .await
        .expect("answers")
        .into_inner();
    assert_eq!(read.diagnostics, []);
    assert_eq!(read.private, imported.private);
    assert_eq!(
        attribute(&object(read.new_state), "written"),
        Packed::from(100)
    );
    provider.end().await;
}

/// A move carries private state along, and does not stumble over what another provider stored as such.
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
        let answer = provider.client.move_resource_state(request).await;
        let moved = answer.expect("answers").into_inner();
        assert_eq!(moved.diagnostics, []);
        let kept: Json = serde_json::from_slice(&moved.target_private).expect("JSON");
        assert_eq!(kept, json!({ "written": written }));
    }
    provider.end().await;
}

/// docs/protocol.md, "Partial state".
#[tokio::test]
async fn what_a_failed_create_left_behind_is_answered() {
    let mut provider = Provider::configured().await;
    let plan = json!({
        "name": "t", "step": 0, "next_step": 0, "fail": "create partial", "id": null, "seal": null
    });
    let answer = provider.create("corner_failing", plan).await;
    assert!(texts(&answer.diagnostics).contains("The thing broke"));
    let state = object(answer.new_state);
    assert_eq!(attribute(&state, "id"), Packed::from("id-t"));
    assert_eq!(
        attribute(&state, "seal"),
        Packed::Nil,
        "unknown is stored as null"
    );
    provider.end().await;
}

/// docs/protocol.md, "State upgrade".
///
/// The version is equal in nearly every run; what is missing is null and what is too much goes.
#[tokio::test]
async fn state_of_the_present_version_is_read() {
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
    let answer = provider
        .client
        .upgrade_resource_state(request)
        .await
        .expect("answers")
        .into_inner();
    assert_eq!(answer.diagnostics, []);
    let state = object(answer.upgraded_state);
    assert_eq!(state.len(), 5, "{state:?}");
    assert_eq!(attribute(&state, "waits"), Packed::from(true));
    assert_eq!(attribute(&state, "id"), Packed::Nil);
    provider.end().await;
}

/// docs/protocol.md, "State upgrade".
///
/// State from before an attribute with a default existed reads with the default, so nothing is planned.
#[tokio::test]
async fn an_attribute_with_a_default_changes_no_state_that_lacks_it() {
    let mut provider = Provider::start().await;
    let request = upgrade_resource_state::Request {
        type_name: "corner_slow".into(),
        version: 0,
        raw_state: Some(RawState {
            json: Bytes::from_static(br#"{"name":"s","id":"id-s","timeouts":null}"#),
            ..Default::default()
        }),
    };
    let answer = provider.client.upgrade_resource_state(request).await;
    let upgraded = answer.expect("answers").into_inner().upgraded_state;
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
    let answer = provider.client.plan_resource_change(request).await;
    let planned = answer.expect("answers").into_inner();
    assert_eq!(planned.diagnostics, []);
    assert_eq!(object(planned.planned_state), object(upgraded));
    provider.end().await;
}

/// docs/protocol.md, "Panics".
///
/// A panic is a diagnostic, its text is where hosts look for it, and the process goes on.
#[tokio::test]
async fn a_panic_is_a_diagnostic_and_a_crash_text() {
    let mut provider = Provider::configured().await;
    let answer = provider
        .create("corner_faulty", bug("panic in create"))
        .await;
    let told = texts(&answer.diagnostics);
    assert!(
        told.contains("ApplyResourceChange") && told.contains("the bug bit in create"),
        "{told}"
    );
    assert!(told.contains("bug in the provider"), "{told}");
    let request = validate_resource_config::Request {
        type_name: "corner_faulty".into(),
        config: value(&bug("panic in validate")),
        ..Default::default()
    };
    let answer = provider
        .client
        .validate_resource_config(request)
        .await
        .expect("answers")
        .into_inner();
    assert!(texts(&answer.diagnostics).contains("the bug bit in validate"));
    let end = provider.end().await;
    assert!(end.status.success());
    assert!(
        end.stderr
            .lines()
            .any(|line| line.starts_with("panic: the bug bit in create")),
        "{}",
        end.stderr
    );
}

/// docs/protocol.md, "Interrupts".
///
/// A stop cancels what is under way, which then answers with what exists; the next configuration ends the stop.
#[tokio::test]
async fn a_stop_interrupts_work_and_keeps_its_state() {
    let mut provider = Provider::configured().await;
    let waiting = provider.create_without_end().await;
    let stopped = provider
        .client
        .stop_provider(stop_provider::Request {})
        .await
        .expect("answers")
        .into_inner();
    assert_eq!(stopped.error, "");
    let answer = waiting.await.expect("no panic").expect("answers");
    assert!(texts(&answer.diagnostics).contains("The snail was interrupted"));
    assert_eq!(
        attribute(&object(answer.new_state), "id"),
        Packed::from("id-s")
    );
    provider.end().await;
}

/// docs/protocol.md, "Interrupts".
///
/// A stop that overtakes the call it is meant for is not lost. Under debug the next command line configures the
/// process, and works.
#[tokio::test]
async fn a_stop_also_cancels_what_arrives_just_after_it() {
    let mut provider = Provider::configured().await;
    let request = provider.creation("corner_slow", snail("s", true)).await;
    provider
        .client
        .stop_provider(stop_provider::Request {})
        .await
        .expect("answers");
    let late = provider.client.apply_resource_change(request.clone());
    let late = tokio::time::timeout(std::time::Duration::from_secs(120), late).await;
    let late = late
        .expect("it is cancelled")
        .expect("answers")
        .into_inner();
    assert!(texts(&late.diagnostics).contains("The snail was interrupted"));

    let directory = provider.host.directory.path().join("store");
    let configured = provider.configure(directory.to_str().expect("text")).await;
    assert_eq!(configured, []);
    let waiting = provider.create_without_end().await;
    provider
        .client
        .get_functions(get_functions::Request {})
        .await
        .expect("answers");
    assert!(!waiting.is_finished(), "the stop has ended");
    waiting.abort();
    provider.end().await;
}

/// A provider under debug outlives the command line that stops it. Its later calls, here one that ends at its own
/// deadline, are those of others.
#[tokio::test]
async fn a_stop_under_debug_cancels_no_later_call() {
    let mut provider = Provider::under_debug().await.configured_here().await;
    let waiting = provider.create_without_end().await;
    let stop = stop_provider::Request {};
    provider.client.stop_provider(stop).await.expect("answers");
    let stopped = waiting.await.expect("no panic").expect("answers");
    assert!(texts(&stopped.diagnostics).contains("The snail was interrupted"));

    let mut brief = snail("t", true);
    brief["timeouts"] = json!({ "create": "2s", "read": null, "update": null, "delete": null });
    let late = provider.create("corner_slow", brief).await;
    let told = texts(&late.diagnostics);
    assert!(told.contains("The snail did not arrive in time"), "{told}");
    provider.host.signal("INT").await;
    assert!(provider.host.ended().await.status.success());
}

/// Handlers that keep their threads, and more of them than any runtime has threads for, do not keep a stop from arriving.
#[tokio::test]
async fn a_stop_reaches_a_provider_whose_handlers_block() {
    let mut provider = Provider::configured().await;
    let mut requests = Vec::new();
    for at in 0..20 {
        let mut blocking = snail(&format!("s{at}"), true);
        blocking["blocks"] = true.into();
        requests.push(provider.creation("corner_slow", blocking).await);
    }
    let call = |request| {
        let mut client = provider.client.clone();
        tokio::spawn(async move { client.apply_resource_change(request).await })
    };
    let waiting: Vec<_> = requests.into_iter().map(call).collect();
    provider.host.says("the snail waits").await;
    let stopped = provider.client.stop_provider(stop_provider::Request {});
    let patience = std::time::Duration::from_secs(20);
    let stopped = tokio::time::timeout(patience, stopped).await;
    stopped.expect("it is heard").expect("answers");
    for call in waiting {
        let answer = call.await.expect("no panic").expect("answers").into_inner();
        assert!(texts(&answer.diagnostics).contains("The snail was interrupted"));
    }
    provider.end().await;
}

/// Work that a client no longer waits for is not abandoned half-way: only the stop ends it.
#[tokio::test]
async fn work_outlives_a_call_that_its_client_cancelled() {
    let mut provider = Provider::configured().await;
    let waiting = provider.create_without_end().await;
    waiting.abort();
    assert!(waiting.await.is_err_and(|error| error.is_cancelled()));
    // A round trip on the same connection: the cancellation has arrived.
    provider
        .client
        .get_functions(get_functions::Request {})
        .await
        .expect("answers");
    provider
        .client
        .stop_provider(stop_provider::Request {})
        .await
        .expect("answers");
    provider
        .host
        .says(r#""tf_rpc":"ApplyResourceChange","tf_req_duration_ms""#)
        .await;
    provider.end().await;
}

/// docs/protocol.md, "Shutdown".
///
/// A call that never ends does not hold up the end of the process.
#[tokio::test]
async fn shutdown_does_not_wait_for_work_without_end() {
    let mut provider = Provider::configured().await;
    let waiting = provider.create_without_end().await;
    let end = provider.end().await;
    end.expect_in_time();
    assert!(end.status.success());
    assert!(waiting.await.expect("no panic").is_err());
}

/// A command line shows a gRPC error as a crash of the provider, so there is none, whatever it asks for.
#[tokio::test]
async fn what_the_provider_has_not_is_told_in_words() {
    let mut provider = Provider::start().await;
    let client = &mut provider.client;

    /// Asks for something that is not there and checks that it is named in the answer.
    macro_rules! refused {
        ($rpc:ident, $module:ident, $field:ident) => {
            let mut request = proto::$module::Request::default();
            request.$field = "nothing".into();
            let answer = client.$rpc(request).await.expect(stringify!($rpc)).into_inner();
            refused!(@check answer.diagnostics, stringify!($rpc));
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
        .expect("a stream")
        .into_inner();
    let event = events.message().await.expect("an event").expect("an event");
    refused!(@check event.diagnostic, "list_resource");
    assert_eq!(events.message().await.expect("the end"), None);

    let request = read_state_bytes::Request {
        type_name: "nothing".into(),
        ..Default::default()
    };
    let mut chunks = client
        .read_state_bytes(request)
        .await
        .expect("a stream")
        .into_inner();
    let chunk = chunks.message().await.expect("a chunk").expect("a chunk");
    refused!(@check chunk.diagnostics, "read_state_bytes");

    let meta = RequestChunkMeta {
        type_name: "nothing".into(),
        ..Default::default()
    };
    let chunk = write_state_bytes::RequestChunk {
        meta: Some(meta),
        ..Default::default()
    };
    let answer = client
        .write_state_bytes(tokio_stream::once(chunk))
        .await
        .expect("answers")
        .into_inner();
    refused!(@check answer.diagnostics, "write_state_bytes");

    let request = invoke_action::Request {
        action_type: "nothing".into(),
        ..Default::default()
    };
    let mut events = client
        .invoke_action(request)
        .await
        .expect("a stream")
        .into_inner();
    let event = events.message().await.expect("an event").expect("an event");
    let Some(invoke_action::event::Type::Completed(completed)) = event.r#type else {
        panic!("{event:?}")
    };
    refused!(@check completed.diagnostics, "invoke_action");

    let request = call_function::Request {
        name: "nothing".into(),
        ..Default::default()
    };
    let answer = client
        .call_function(request)
        .await
        .expect("answers")
        .into_inner();
    assert!(answer.error.expect("an error").text.contains("nothing"));
    provider.end().await;
}

/// Lists of what there is none of are empty, not errors.
#[tokio::test]
async fn empty_lists_are_answers() {
    let mut provider = Provider::of("hello").await;
    let request = get_resource_identity_schemas::Request {};
    let identities = provider
        .client
        .get_resource_identity_schemas(request)
        .await
        .expect("answers")
        .into_inner();
    assert_eq!(
        identities,
        get_resource_identity_schemas::Response::default()
    );
    let functions = provider
        .client
        .get_functions(get_functions::Request {})
        .await
        .expect("answers")
        .into_inner();
    assert_eq!(functions, get_functions::Response::default());
    provider.end().await;
}

/// docs/protocol.md, "Newer hosts".
///
/// What a newer host says in addition is left aside, values of enumerations among it.
#[tokio::test]
async fn what_only_a_newer_host_knows_does_not_fail() {
    let provider = Provider::of("hello").await;
    let mut client = tonic::client::Grpc::new(provider.channel.clone());
    client.ready().await.expect("ready");
    // A message in which every field is one that the request has not.
    let unheard_of = Diagnostic {
        severity: 99,
        summary: "new".into(),
        ..Default::default()
    };
    let path = PathAndQuery::from_static("/tfplugin6.Provider/GetFunctions");
    let codec = tonic_prost::ProstCodec::<Diagnostic, get_functions::Response>::default();
    let answer = client.unary(tonic::Request::new(unheard_of), path, codec);
    let answer = answer.await.expect("answers").into_inner();
    assert_eq!(answer, get_functions::Response::default());
    provider.end().await;

    // Capabilities that mean nothing here.
    let mut provider = Provider::start().await;
    let request = validate_resource_config::Request {
        type_name: "corner_slow".into(),
        config: value(&snail("s", false)),
        client_capabilities: Some(ClientCapabilities {
            deferral_allowed: true,
            write_only_attributes_allowed: true,
            store_planned_private: true,
            computed_blocks_allowed: true,
        }),
    };
    let answer = provider.client.validate_resource_config(request).await;
    assert_eq!(answer.expect("answers").into_inner().diagnostics, []);
    provider.end().await;
}
