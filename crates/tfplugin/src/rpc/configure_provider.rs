//! Makes what resources work with, from the configuration of the provider; may come again at any time.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::configure_provider::{Request, Response};

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
    let diagnostics = session.configure(config, request.terraform_version).await;
    Ok(Response {
        diagnostics: to_proto::diagnostics(diagnostics),
    })
}
