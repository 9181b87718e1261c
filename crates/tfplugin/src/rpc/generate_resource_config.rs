//! Configuration for an imported object; the command line makes it itself, as the capability is not set.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::generate_resource_config::{Request, Response};

use super::Answer;
use crate::convert::to_proto;
use crate::lifecycle::Session;
use crate::{Diagnostic, Diagnostics};

impl Answer for Response {
    fn refused(diagnostics: Diagnostics) -> Self {
        Self {
            diagnostics: to_proto::diagnostics(diagnostics),
            ..Self::default()
        }
    }
}

pub(super) async fn answer(_: Arc<Session>, request: Request) -> Result<Response, Diagnostics> {
    let detail = format!(
        "Write the configuration of {} by hand, from its documentation.",
        request.type_name
    );
    Err(Diagnostic::error("Configuration cannot be generated", detail).into())
}
