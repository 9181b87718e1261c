//! Calls a function of the provider; there are none. A function has an error of its own in place of diagnostics.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::FunctionError;
use tfplugin_proto::tfplugin6::call_function::{Request, Response};

use super::{Answer, unsupported};
use crate::Diagnostics;
use crate::lifecycle::Session;

impl Answer for Response {
    fn refused(diagnostics: Diagnostics) -> Self {
        let texts: Vec<_> = diagnostics
            .into_iter()
            .map(|d| format!("{}: {}", d.summary, d.detail))
            .collect();
        Self {
            error: Some(FunctionError {
                text: texts.join("\n"),
                ..FunctionError::default()
            }),
            ..Self::default()
        }
    }
}

pub(super) async fn answer(_: Arc<Session>, request: Request) -> Result<Response, Diagnostics> {
    Err(unsupported("function", &request.name))
}
