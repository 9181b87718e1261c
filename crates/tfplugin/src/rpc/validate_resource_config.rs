//! Checks the configuration of a resource; anything in it may be unknown.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::validate_resource_config::{Request, Response};

use super::Answer;
use crate::Diagnostics;
use crate::convert::{from_proto, to_proto};
use crate::lifecycle::Session;

impl Answer for Response {
    fn refused(diagnostics: Diagnostics) -> Self {
        Self {
            diagnostics: to_proto::diagnostics(diagnostics),
        }
    }
}

pub(super) async fn answer(
    session: Arc<Session>,
    request: Request,
) -> Result<Response, Diagnostics> {
    let resource = session.resource(&request.type_name)?;
    let config = from_proto::value(request.config, &resource.value_type())?;
    let write_only = from_proto::write_only_allowed(request.client_capabilities);
    let diagnostics =
        to_proto::diagnostics(session.validate_resource(&resource, config, write_only));
    Ok(Response { diagnostics })
}
