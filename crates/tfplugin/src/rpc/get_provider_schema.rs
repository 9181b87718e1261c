//! The schemas of all that the provider serves, and what the server can do.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::ServerCapabilities;
use tfplugin_proto::tfplugin6::get_provider_schema::{Request, Response};
use tfschema::ProviderSchema;

use super::Answer;
use crate::Diagnostics;
use crate::convert::schema_to_proto::schema;
use crate::convert::to_proto;
use crate::lifecycle::Session;

impl Answer for Response {
    fn refused(diagnostics: Diagnostics) -> Self {
        Self {
            diagnostics: to_proto::diagnostics(diagnostics),
            ..Self::default()
        }
    }
}

pub(super) async fn answer(session: Arc<Session>, _: Request) -> Result<Response, Diagnostics> {
    let ProviderSchema {
        provider,
        resources,
        ..
    } = session.schema();
    Ok(Response {
        // It must be there also when it is empty.
        provider: Some(schema(&provider)),
        resource_schemas: resources
            .iter()
            .map(|(name, each)| (name.clone(), schema(each)))
            .collect(),
        server_capabilities: Some(server_capabilities()),
        ..Response::default()
    })
}

/// What hosts may rely on.
pub(super) fn server_capabilities() -> ServerCapabilities {
    ServerCapabilities {
        // Destroying is planned too, so that a resource can refuse it before anything happens.
        plan_destroy: true,
        // No RPC needs this one to come first, so it is called once per run instead of once per process.
        get_provider_schema_optional: true,
        move_resource_state: true,
        ..ServerCapabilities::default()
    }
}
