//! Cancels what is under way after an interrupt, and what still arrives. The server goes on: work under way still
//! answers with what exists.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::stop_provider::{Request, Response};

use super::Answer;
use crate::Diagnostics;
use crate::lifecycle::Session;

impl Answer for Response {
    fn refused(diagnostics: Diagnostics) -> Self {
        let mut text = diagnostics
            .iter()
            .map(|diagnostic| diagnostic.summary.as_str());
        Self {
            error: text
                .next()
                .unwrap_or("the provider cannot be stopped")
                .to_owned(),
        }
    }
}

pub(super) async fn answer(session: Arc<Session>, _: Request) -> Result<Response, Diagnostics> {
    session.stop();
    Ok(Response::default())
}
