//! Tests of resource identity over the protocol, including features that the installed versions of Terraform and OpenTofu
//! might not support.

use rmpv::Value as Packed;
use serde_json::{Value as Json, json};
use tfplugin_proto::tfplugin6::import_resource_state::ImportedResource;
use tfplugin_proto::tfplugin6::{
    RawState, ResourceIdentityData, apply_resource_change, get_resource_identity_schemas,
    import_resource_state, plan_resource_change, read_resource, upgrade_resource_identity,
};

use crate::client::{Provider, attribute, object, received, texts, value};

const TYPE: &str = "corner_place";

fn place(name: &str, country: &str) -> Json {
    json!({ "name": name, "country": country, "streets": null, "note": null, "misbehave": null })
}

fn identity(json: &Json) -> Option<ResourceIdentityData> {
    Some(ResourceIdentityData {
        identity_data: value(json),
    })
}

/// Returns the attributes of an identity in a response.
fn identified(identity: Option<ResourceIdentityData>) -> Vec<(String, Packed)> {
    object(identity.expect("identity").identity_data)
}

async fn created(provider: &mut Provider) -> apply_resource_change::Response {
    let created = provider.create(TYPE, place("Nice", "France")).await;
    assert_eq!(created.diagnostics, []);
    created
}

async fn plan(
    provider: &mut Provider,
    request: plan_resource_change::Request,
) -> plan_resource_change::Response {
    let request = plan_resource_change::Request {
        type_name: TYPE.into(),
        ..request
    };
    let response = provider.client.plan_resource_change(request).await;
    response.expect("response").into_inner()
}

#[tokio::test]
async fn identity_schema_marks_attributes_that_an_import_requires() {
    let mut provider = Provider::start().await;
    let request = get_resource_identity_schemas::Request {};
    let response = provider.client.get_resource_identity_schemas(request).await;
    let schemas = response.expect("response").into_inner().identity_schemas;
    assert_eq!(schemas.keys().collect::<Vec<_>>(), [TYPE]);
    let schema = &schemas[TYPE];
    assert_eq!(schema.version, 1);
    let attributes: Vec<_> = schema
        .identity_attributes
        .iter()
        .map(|each| {
            (
                &*each.name,
                &each.r#type[..],
                each.required_for_import,
                each.optional_for_import,
            )
        })
        .collect();
    assert_eq!(
        attributes,
        [
            ("country", &b"\"string\""[..], false, true),
            ("name", b"\"string\"", true, false),
            ("streets", b"[\"list\",\"string\"]", false, true),
        ]
    );
    provider.end().await;
}

#[tokio::test]
async fn identity_is_stored_and_read() {
    let mut provider = Provider::configured().await;
    let config = place("Nice", "France");
    let planned = plan(
        &mut provider,
        plan_resource_change::Request {
            proposed_new_state: value(&config),
            config: value(&config),
            ..Default::default()
        },
    )
    .await;
    assert_eq!(planned.diagnostics, []);
    assert_eq!(
        planned.planned_identity, None,
        "OpenTofu cannot store an identity with unknown streets"
    );

    let made = created(&mut provider).await;
    let stored = identified(made.new_identity.clone());
    let streets = Packed::Array(vec![Packed::from("Nice street")]);
    assert_eq!(attribute(&stored, "streets"), streets);

    let request = read_resource::Request {
        type_name: TYPE.into(),
        current_state: made.new_state,
        current_identity: made.new_identity,
        ..Default::default()
    };
    let read = received(provider.client.read_resource(request)).await;
    assert_eq!(read.diagnostics, []);
    assert_eq!(identified(read.new_identity), stored);
    provider.end().await;
}

#[tokio::test]
async fn replacement_plans_a_new_identity_and_destroy_keeps_the_prior_one() {
    let mut provider = Provider::configured().await;
    let made = created(&mut provider).await;
    let mut config = place("Nice", "Italy");
    config["streets"] = json!(["Nice street"]);
    let planned = plan(
        &mut provider,
        plan_resource_change::Request {
            prior_state: made.new_state.clone(),
            prior_identity: made.new_identity.clone(),
            proposed_new_state: value(&config),
            config: value(&place("Nice", "Italy")),
            ..Default::default()
        },
    )
    .await;
    assert_eq!(planned.diagnostics, []);
    assert_eq!(planned.requires_replace.len(), 1);
    let identity = identified(planned.planned_identity);
    assert_eq!(attribute(&identity, "country"), Packed::from("Italy"));

    let destroyed = plan(
        &mut provider,
        plan_resource_change::Request {
            prior_state: made.new_state,
            prior_identity: made.new_identity.clone(),
            ..Default::default()
        },
    )
    .await;
    assert_eq!(
        identified(destroyed.planned_identity),
        identified(made.new_identity)
    );
    provider.end().await;
}

async fn import(
    provider: &mut Provider,
    request: import_resource_state::Request,
) -> Result<ImportedResource, String> {
    let request = import_resource_state::Request {
        type_name: TYPE.into(),
        ..request
    };
    let response = received(provider.client.import_resource_state(request)).await;
    let errors = texts(&response.diagnostics);
    response.imported_resources.into_iter().next().ok_or(errors)
}

#[tokio::test]
async fn import_by_identity_and_import_by_id_read_the_same_state() {
    let mut provider = Provider::configured().await;
    created(&mut provider).await;
    let by_identity = import_resource_state::Request {
        identity: identity(&json!({ "name": "Nice", "country": null, "streets": null })),
        ..Default::default()
    };
    let by_id = import_resource_state::Request {
        id: "Nice".into(),
        ..Default::default()
    };
    let mut read = Vec::new();
    for request in [by_identity, by_id] {
        let imported = import(&mut provider, request)
            .await
            .expect("imported resource");
        let request = read_resource::Request {
            type_name: TYPE.into(),
            current_state: imported.state,
            current_identity: imported.identity,
            ..Default::default()
        };
        let response = received(provider.client.read_resource(request)).await;
        assert_eq!(response.diagnostics, []);
        read.push((
            object(response.new_state),
            identified(response.new_identity),
        ));
    }
    assert_eq!(read[0], read[1]);
    assert_eq!(attribute(&read[0].1, "country"), Packed::from("France"));
    provider.end().await;
}

#[tokio::test]
async fn import_without_id_or_required_identity_attribute_is_rejected() {
    let mut provider = Provider::configured().await;
    let request = import_resource_state::Request {
        identity: identity(&json!({ "name": null, "country": "France", "streets": null })),
        ..Default::default()
    };
    let error = import(&mut provider, request).await.expect_err("error");
    assert!(
        error.contains("Identity is incomplete") && error.contains("`name`"),
        "{error}"
    );
    let result = import(&mut provider, import_resource_state::Request::default()).await;
    let error = result.expect_err("error");
    assert!(error.contains("Import without an ID"), "{error}");
    provider.end().await;
}

#[tokio::test]
async fn stored_identity_of_either_version_is_upgraded() {
    let mut provider = Provider::start().await;
    for (version, stored) in [
        (
            1,
            json!({ "name": "Nice", "country": "France", "streets": null }),
        ),
        (0, json!({ "title": "Nice" })),
    ] {
        let request = upgrade_resource_identity::Request {
            type_name: TYPE.into(),
            version,
            raw_identity: Some(RawState {
                json: stored.to_string().into(),
                ..Default::default()
            }),
        };
        let response = received(provider.client.upgrade_resource_identity(request)).await;
        assert_eq!(response.diagnostics, []);
        let upgraded = identified(response.upgraded_identity);
        assert_eq!(attribute(&upgraded, "name"), Packed::from("Nice"));
        assert_eq!(attribute(&upgraded, "country"), Packed::from("France"));
    }
    provider.end().await;
}
