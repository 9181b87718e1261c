//! Tests of data sources, ephemeral resources, and functions over the protocol, including hosts that allow deferrals.

use rmpv::Value as Packed;
use serde_json::{Value as Json, json};
use tfplugin_proto::tfplugin6::deferred::Reason;
use tfplugin_proto::tfplugin6::{
    ClientCapabilities, DynamicValue, call_function, close_ephemeral_resource, get_functions,
    get_metadata, get_provider_schema, open_ephemeral_resource, read_data_source,
    renew_ephemeral_resource, stop_provider,
};

use crate::client::{Provider, attribute, object, received, texts, value};

/// Returns an object that contains an unknown attribute, encoded in MessagePack. JSON cannot represent an unknown value.
fn with_unknown(known: &[&str], unknown: &str) -> Option<DynamicValue> {
    let nil = known.iter().map(|name| (Packed::from(*name), Packed::Nil));
    let unknown = (Packed::from(unknown), Packed::Ext(0, vec![0]));
    let packed = Packed::Map(nil.chain([unknown]).collect());
    let mut msgpack = Vec::new();
    rmpv::encode::write_value(&mut msgpack, &packed).expect("encode as MessagePack");
    Some(DynamicValue {
        msgpack: msgpack.into(),
        ..Default::default()
    })
}

fn deferring(allowed: bool) -> Option<ClientCapabilities> {
    Some(ClientCapabilities {
        deferral_allowed: allowed,
        ..Default::default()
    })
}

fn is_unknown(value: &Packed) -> bool {
    matches!(value, Packed::Ext(..))
}

#[tokio::test]
async fn metadata_and_schema_contain_every_kind() {
    let mut provider = Provider::start().await;
    let schema = provider
        .client
        .get_provider_schema(get_provider_schema::Request {});
    let schema = schema.await.expect("response").into_inner();
    let metadata = provider.client.get_metadata(get_metadata::Request {});
    let metadata = metadata.await.expect("response").into_inner();
    let functions = provider.client.get_functions(get_functions::Request {});
    let functions = functions.await.expect("response").into_inner();
    assert_eq!(functions.functions, schema.functions);
    let join = &schema.functions["join_words"];
    let words = join
        .variadic_parameter
        .as_ref()
        .expect("variadic parameter");
    assert!(!words.allow_null_value && !words.allow_unknown_values);
    let value = &schema.functions["kind_of"].parameters[0];
    assert!(value.allow_null_value && value.allow_unknown_values);
    assert_eq!(&value.r#type[..], b"\"dynamic\"");
    let text = &schema.functions["or_else"].parameters[0];
    assert!(text.allow_null_value && !text.allow_unknown_values);
    let named: Vec<_> = metadata.functions.iter().map(|each| &each.name).collect();
    assert_eq!(named, schema.functions.keys().collect::<Vec<_>>());
    let named: Vec<_> = metadata
        .data_sources
        .iter()
        .map(|each| &each.type_name)
        .collect();
    assert_eq!(named, schema.data_source_schemas.keys().collect::<Vec<_>>());
    let named: Vec<_> = metadata
        .ephemeral_resources
        .iter()
        .map(|each| &each.type_name)
        .collect();
    assert_eq!(
        named,
        schema.ephemeral_resource_schemas.keys().collect::<Vec<_>>()
    );
    provider.end().await;
}

#[tokio::test]
async fn read_with_unknown_configuration_is_deferred_if_the_host_allows_it() {
    let mut provider = Provider::configured().await;
    let names = ["prefix", "misbehave", "remarks", "text", "timeouts"];
    let request = |allowed| read_data_source::Request {
        type_name: "corner_note".into(),
        config: with_unknown(&names, "name"),
        client_capabilities: deferring(allowed),
        ..Default::default()
    };
    let response = received(provider.client.read_data_source(request(true))).await;
    assert_eq!(response.diagnostics, []);
    assert_eq!(
        response.deferred.expect("deferred").reason(),
        Reason::ResourceConfigUnknown
    );
    let known = object(response.state);
    assert!(is_unknown(&attribute(&known, "name")) && is_unknown(&attribute(&known, "text")));
    assert_eq!(attribute(&known, "prefix"), Packed::from("note: "));

    let response = received(provider.client.read_data_source(request(false))).await;
    assert_eq!(response.deferred, None);
    assert!(texts(&response.diagnostics).contains("Configuration contains unknown values"));
    provider.end().await;
}

fn lease(arguments: Json) -> open_ephemeral_resource::Request {
    let mut config =
        json!({ "name": "car", "seed": null, "renewed": null, "misbehave": null, "token": null });
    for (name, argument) in arguments.as_object().expect("object of arguments") {
        config[name] = argument.clone();
    }
    open_ephemeral_resource::Request {
        type_name: "corner_lease".into(),
        config: value(&config),
        client_capabilities: deferring(false),
    }
}

#[tokio::test]
async fn lease_is_opened_renewed_and_closed_with_its_private_data() {
    let mut provider = Provider::configured().await;
    let client = &mut provider.client;
    let opened = received(client.open_ephemeral_resource(lease(json!({ "renewed": true })))).await;
    assert_eq!(opened.diagnostics, []);
    let result = object(opened.result);
    assert_eq!(attribute(&result, "seed"), Packed::from("plain"));
    assert_eq!(attribute(&result, "token"), Packed::from("token-of-plain"));
    assert!(opened.renew_at.is_some() && opened.deferred.is_none());

    let renewed = client.renew_ephemeral_resource(renew_ephemeral_resource::Request {
        type_name: "corner_lease".into(),
        private: opened.private.clone(),
    });
    let renewed = renewed.await.expect("response").into_inner();
    assert_eq!((renewed.diagnostics, renewed.renew_at), (vec![], None));
    assert_ne!(renewed.private, opened.private);

    for private in [opened.private, renewed.private] {
        let closed = client.close_ephemeral_resource(close_ephemeral_resource::Request {
            type_name: "corner_lease".into(),
            private,
        });
        assert_eq!(closed.await.expect("response").into_inner().diagnostics, []);
    }
    let journal = provider
        .host
        .directory
        .path()
        .join("store/corner_lease.car.log");
    let journal = std::fs::read_to_string(journal).expect("read the journal");
    assert_eq!(journal, "open o1\nrenew o1\nclose o1\nclose r1\n");
    provider.end().await;
}

#[tokio::test]
async fn lease_is_closed_after_a_stop() {
    let mut provider = Provider::configured().await;
    let client = &mut provider.client;
    let opened = received(client.open_ephemeral_resource(lease(json!({})))).await;
    let stopped = client.stop_provider(stop_provider::Request {}).await;
    assert_eq!(stopped.expect("response").into_inner().error, "");
    let closed = client.close_ephemeral_resource(close_ephemeral_resource::Request {
        type_name: "corner_lease".into(),
        private: opened.private,
    });
    assert_eq!(closed.await.expect("response").into_inner().diagnostics, []);
    provider.end().await;
}

#[tokio::test]
async fn lease_with_unknown_configuration_is_deferred_if_the_host_allows_it() {
    let mut provider = Provider::configured().await;
    let names = ["seed", "renewed", "misbehave", "token"];
    let request = |allowed| open_ephemeral_resource::Request {
        type_name: "corner_lease".into(),
        config: with_unknown(&names, "name"),
        client_capabilities: deferring(allowed),
    };
    let response = received(provider.client.open_ephemeral_resource(request(true))).await;
    assert_eq!(
        response.deferred.expect("deferred").reason(),
        Reason::ResourceConfigUnknown
    );
    assert!(is_unknown(&attribute(&object(response.result), "token")));
    let response = received(provider.client.open_ephemeral_resource(request(false))).await;
    assert!(texts(&response.diagnostics).contains("Configuration contains unknown values"));
    provider.end().await;
}

/// A nested attribute of the data source is sensitive.
#[tokio::test]
async fn panic_of_a_data_source_with_a_sensitive_attribute_is_reported_without_its_message() {
    let mut provider = Provider::configured().await;
    let request = read_data_source::Request {
        type_name: "corner_note".into(),
        config: value(&json!({
            "name": "car", "prefix": null, "misbehave": "panic", "remarks": null, "text": null, "timeouts": null,
        })),
        client_capabilities: deferring(false),
        ..Default::default()
    };
    let response = provider.client.read_data_source(request).await;
    let message = texts(&response.expect("response").into_inner().diagnostics);
    assert!(message.contains("crashed in ReadDataSource"), "{message}");
    let end = provider.end().await;
    assert!(
        end.stderr.contains("panic: the message is not shown"),
        "{}",
        end.stderr
    );
    for text in [&message, &end.stderr] {
        assert!(!text.contains("requested panic"), "{text}");
    }
}

/// The panic message contains the token. For other kinds, the framework logs and reports panic messages.
#[tokio::test]
async fn panic_in_a_lease_does_not_reveal_the_token() {
    let mut provider = Provider::configured().await;
    let request = lease(json!({ "seed": "s3cr3t", "misbehave": "panic in open" }));
    let response = provider.client.open_ephemeral_resource(request).await;
    let message = texts(&response.expect("response").into_inner().diagnostics);
    assert!(
        message.contains("crashed in OpenEphemeralResource"),
        "{message}"
    );
    let end = provider.end().await;
    assert!(
        end.stderr.contains("panic: the message is not shown"),
        "{}",
        end.stderr
    );
    assert!(
        end.stderr.contains("ephemeral.rs:"),
        "the log does not contain the position: {}",
        end.stderr
    );
    assert!(!message.contains("s3cr3t") && !end.stderr.contains("s3cr3t"));
}

async fn call(provider: &mut Provider, name: &str, arguments: &[Json]) -> call_function::Response {
    let request = call_function::Request {
        name: name.into(),
        arguments: arguments.iter().filter_map(value).collect(),
    };
    let response = provider.client.call_function(request).await;
    response.expect("response").into_inner()
}

#[tokio::test]
async fn function_errors_contain_the_argument_index() {
    let mut provider = Provider::start().await;
    for (name, arguments, index, says) in [
        (
            "join_words",
            vec![json!("long")],
            Some(0),
            "must be at most 3 characters",
        ),
        (
            "join_words",
            vec![json!("-"), json!("a"), json!("")],
            Some(2),
            "must not be empty",
        ),
        (
            "join_words",
            vec![json!("-"), json!("a"), json!("a")],
            Some(2),
            "must differ",
        ),
        ("join_words", vec![json!(null)], Some(0), "must not be null"),
        ("join_words", vec![json!("-")], None, "at least one word"),
        (
            "join_words",
            vec![],
            None,
            "number of arguments must be at least 1, found 0",
        ),
        (
            "or_else",
            vec![json!("a"), json!("b"), json!("c")],
            None,
            "number of arguments must be 2, found 3",
        ),
    ] {
        let response = call(&mut provider, name, &arguments).await;
        let error = response.error.expect("error");
        assert_eq!(error.function_argument, index, "{name} {arguments:?}");
        assert!(
            error.text.contains(says),
            "{name} {arguments:?}: {}",
            error.text
        );
    }
    provider.end().await;
}

/// OpenTofu sends an empty message for null. Only MessagePack can represent an unknown argument.
#[tokio::test]
async fn null_and_unknown_arguments_reach_functions_that_allow_them() {
    let mut provider = Provider::start().await;
    let unknown = DynamicValue {
        msgpack: vec![0xd4, 0, 0].into(),
        ..Default::default()
    };
    for (name, arguments, expected) in [
        (
            "kind_of",
            vec![DynamicValue::default()],
            Packed::from("null"),
        ),
        ("kind_of", vec![unknown.clone()], Packed::from("unknown")),
        ("or_else", vec![DynamicValue::default(); 2], Packed::Nil),
        (
            "or_else",
            vec![unknown.clone(), DynamicValue::default()],
            Packed::Ext(0, vec![0]),
        ),
    ] {
        let request = call_function::Request {
            name: name.into(),
            arguments,
        };
        let response = received(provider.client.call_function(request)).await;
        assert_eq!(response.error, None);
        let bytes = response.result.expect("result").msgpack;
        let result = rmpv::decode::read_value(&mut &bytes[..]).expect("valid MessagePack");
        assert_eq!(result, expected, "{name}");
    }
    provider.end().await;
}
