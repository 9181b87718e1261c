//! RPCs for the provider as a whole: metadata, schemas, configuration, and the stop after an interrupt.

use std::collections::BTreeMap;
use std::sync::Arc;

use tfplugin_proto::tfplugin6::get_metadata::{
    DataSourceMetadata, EphemeralMetadata, FunctionMetadata, ResourceMetadata,
};
use tfplugin_proto::tfplugin6::{
    ServerCapabilities, configure_provider, get_metadata, get_provider_schema, stop_provider,
    validate_provider_config,
};
use tfschema::ProviderSchema;

use super::Answered;
use crate::convert::{from_proto, schema_to_proto, to_proto};
use crate::session::Session;

/// Returns the names of everything that the provider serves, without building schemas. Only multiplexers request this
/// metadata.
pub(super) async fn metadata(
    session: Arc<Session>,
    _: get_metadata::Request,
) -> Answered<get_metadata::Response> {
    let provider = &session.provider;
    Ok(get_metadata::Response {
        server_capabilities: Some(server_capabilities()),
        resources: named(&provider.resources, |type_name| ResourceMetadata {
            type_name,
        }),
        data_sources: named(&provider.data_sources, |type_name| DataSourceMetadata {
            type_name,
        }),
        ephemeral_resources: named(&provider.ephemeral_resources, |type_name| {
            EphemeralMetadata { type_name }
        }),
        functions: named(&provider.functions, |name| FunctionMetadata { name }),
        ..Default::default()
    })
}

fn named<T, M>(served: &BTreeMap<String, T>, metadata: fn(String) -> M) -> Vec<M> {
    served.keys().cloned().map(metadata).collect()
}

/// Returns the schemas of everything that the provider serves, and the server capabilities.
pub(super) async fn schema(
    session: Arc<Session>,
    _: get_provider_schema::Request,
) -> Answered<get_provider_schema::Response> {
    let ProviderSchema {
        provider,
        resources,
        data_sources,
        ephemeral_resources,
        functions,
        // Another RPC returns the identity schemas.
        identities: _,
    } = session.provider.complete_schema()?;
    Ok(get_provider_schema::Response {
        // The schema must be present even if it is empty.
        provider: Some(schema_to_proto::schema(&provider)),
        resource_schemas: schema_to_proto::schemas(resources),
        data_source_schemas: schema_to_proto::schemas(data_sources),
        ephemeral_resource_schemas: schema_to_proto::schemas(ephemeral_resources),
        functions: functions
            .iter()
            .map(|(name, each)| (name.clone(), schema_to_proto::function(each)))
            .collect(),
        server_capabilities: Some(server_capabilities()),
        ..Default::default()
    })
}

/// Returns the server capabilities.
fn server_capabilities() -> ServerCapabilities {
    ServerCapabilities {
        // Destroy operations are planned, which allows a resource to reject them before apply.
        plan_destroy: true,
        // No RPC depends on `GetProviderSchema`, so hosts can call it once per run instead of once per process.
        get_provider_schema_optional: true,
        move_resource_state: true,
        ..ServerCapabilities::default()
    }
}

/// Validates the configuration of the provider. Any value can be unknown.
pub(super) async fn validate(
    session: Arc<Session>,
    request: validate_provider_config::Request,
) -> Answered<validate_provider_config::Response> {
    let configurer = &session.provider.configurer;
    let config = from_proto::value(request.config, &configurer.value_type())?;
    Ok(validate_provider_config::Response {
        diagnostics: to_proto::diagnostics(configurer.validate(config)),
    })
}

/// Configures the provider. Hosts can configure it again at any time.
pub(super) async fn configure(
    session: Arc<Session>,
    request: configure_provider::Request,
) -> Answered<configure_provider::Response> {
    let config = from_proto::value(request.config, &session.provider.configurer.value_type())?;
    let diagnostics = session.configure(config, request.terraform_version).await;
    Ok(configure_provider::Response {
        diagnostics: to_proto::diagnostics(diagnostics),
    })
}

/// After an interrupt, cancels the calls in progress and calls that arrive later. The server continues to run, so a call in
/// progress still returns the state of the objects that exist.
pub(super) async fn stop(
    session: Arc<Session>,
    _: stop_provider::Request,
) -> Answered<stop_provider::Response> {
    session.runner.stop();
    Ok(stop_provider::Response::default())
}
