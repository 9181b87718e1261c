//! Takes over state that was stored as another type, for a `moved` block.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::move_resource_state::{Request, Response};

use super::Answer;
use crate::convert::{from_proto, to_proto};
use crate::lifecycle::Session;
use crate::{Diagnostics, Moved, Private, Warnings};

impl Answer for Response {
    fn refused(diagnostics: Diagnostics) -> Self {
        Self {
            diagnostics: to_proto::diagnostics(diagnostics),
            ..Self::default()
        }
    }
}

pub(super) async fn answer(
    session: Arc<Session>,
    request: Request,
) -> Result<Response, Diagnostics> {
    let resource = session.resource(&request.target_type_name)?;
    let source = Moved {
        source_provider: request.source_provider_address,
        source_type: request.source_type_name,
        source_version: request.source_schema_version,
        source_state: from_proto::raw_state(request.source_state)?,
        // Another provider may have stored bytes of its own kind, which mean nothing here.
        source_private: Private::from_bytes(&request.source_private).unwrap_or_default(),
        warnings: Warnings::default(),
    };
    let (kept, warnings) = session.take_over(&resource, source)?;
    Ok(Response {
        target_state: to_proto::value(&kept.state, &resource.value_type())?,
        target_private: kept.private.to_bytes().into(),
        diagnostics: to_proto::diagnostics(warnings),
        ..Response::default()
    })
}
