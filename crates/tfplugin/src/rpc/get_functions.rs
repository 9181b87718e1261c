//! The functions of the provider; there are none.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::get_functions::{Request, Response};

use super::Answer;
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

pub(super) async fn answer(_: Arc<Session>, _: Request) -> Result<Response, Diagnostics> {
    Ok(Response::default())
}
