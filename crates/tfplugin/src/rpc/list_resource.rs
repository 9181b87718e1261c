//! Lists existing objects, as a stream; the provider has no list resources.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::list_resource::{Event, Request};

use super::{Answer, unsupported};
use crate::Diagnostics;
use crate::convert::to_proto;
use crate::lifecycle::Session;

impl Answer for Event {
    fn refused(diagnostics: Diagnostics) -> Self {
        Self {
            diagnostic: to_proto::diagnostics(diagnostics),
            ..Self::default()
        }
    }
}

pub(super) async fn answer(_: Arc<Session>, request: Request) -> Result<Event, Diagnostics> {
    Err(unsupported("list resource", &request.type_name))
}
