//! Locks state in a store; the provider has no state stores.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::lock_state::{Request, Response};

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
