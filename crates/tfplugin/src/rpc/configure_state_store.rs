//! Configures a state store; the provider has none.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::configure_state_store::{Request, Response};

use super::{Answer, unsupported};
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

pub(super) async fn answer(_: Arc<Session>, request: Request) -> Result<Response, Diagnostics> {
    Err(unsupported("state store", &request.type_name))
}
