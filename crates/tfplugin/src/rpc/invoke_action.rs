//! Runs an action, as a stream of progress; the provider has none.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::invoke_action::event::{Completed, Type};
use tfplugin_proto::tfplugin6::invoke_action::{Event, Request};

use super::{Answer, unsupported};
use crate::Diagnostics;
use crate::convert::to_proto;
use crate::lifecycle::Session;

impl Answer for Event {
    fn refused(diagnostics: Diagnostics) -> Self {
        let diagnostics = to_proto::diagnostics(diagnostics);
        Self {
            r#type: Some(Type::Completed(Completed { diagnostics })),
        }
    }
}

pub(super) async fn answer(_: Arc<Session>, request: Request) -> Result<Event, Diagnostics> {
    Err(unsupported("action", &request.action_type))
}
