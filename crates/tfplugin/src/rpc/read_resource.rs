//! Reads an object; the absence of state says that it is gone.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::read_resource::{Request, Response};

use super::Answer;
use crate::Diagnostics;
use crate::convert::{from_proto, to_proto};
use crate::lifecycle::{Kept, Session};

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
    let resource = session.resource(&request.type_name)?;
    let ty = resource.value_type();
    let kept = Kept {
        state: from_proto::value(request.current_state, &ty)?,
        private: from_proto::private(&request.private)?,
    };
    let (kept, warnings) = session.read(&resource, kept).await?;
    Ok(Response {
        new_state: to_proto::value(&kept.state, &ty)?,
        private: kept.private.to_bytes().into(),
        diagnostics: to_proto::diagnostics(warnings),
        ..Response::default()
    })
}
