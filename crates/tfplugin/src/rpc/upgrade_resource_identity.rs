//! State of an older identity schema; the provider has no identities.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::upgrade_resource_identity::{Request, Response};

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
    Err(unsupported("resource identity", &request.type_name))
}
