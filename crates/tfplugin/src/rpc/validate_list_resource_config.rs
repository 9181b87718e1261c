//! Checks a query for existing objects; the provider has no list resources.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::validate_list_resource_config::{Request, Response};

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
    Err(unsupported("list resource", &request.type_name))
}
