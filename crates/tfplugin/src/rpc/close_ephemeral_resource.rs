//! Closes an ephemeral resource; the provider has none.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::close_ephemeral_resource::{Request, Response};

use super::{Answer, unsupported};
use crate::Diagnostics;
use crate::convert::to_proto;
use crate::lifecycle::Session;

impl Answer for Response {
    fn refused(diagnostics: Diagnostics) -> Self {
        Self {
            diagnostics: to_proto::diagnostics(diagnostics),
        }
    }
}

pub(super) async fn answer(_: Arc<Session>, request: Request) -> Result<Response, Diagnostics> {
    Err(unsupported("ephemeral resource", &request.type_name))
}
