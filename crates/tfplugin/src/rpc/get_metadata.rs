//! Names what the provider serves, without building schemas; only multiplexers ask.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::get_metadata::{Request, ResourceMetadata, Response};

use super::Answer;
use super::get_provider_schema::server_capabilities;
use crate::Diagnostics;
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
    let names = session.provider.resources.keys().cloned();
    Ok(Response {
        server_capabilities: Some(server_capabilities()),
        resources: names
            .map(|type_name| ResourceMetadata { type_name })
            .collect(),
        ..Response::default()
    })
}
