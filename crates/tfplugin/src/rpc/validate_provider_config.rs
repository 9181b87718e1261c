//! Checks the configuration of the provider; anything in it may be unknown.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::validate_provider_config::{Request, Response};

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
    let config = from_proto::value(request.config, &session.configuration_type())?;
    let diagnostics = to_proto::diagnostics(session.validate_provider(config));
    Ok(Response { diagnostics })
}
