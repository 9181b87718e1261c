//! Reads stored state, of this schema version or an older one.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::upgrade_resource_state::{Request, Response};

use super::Answer;
use crate::convert::{from_proto, to_proto};
use crate::lifecycle::Session;
use crate::{Diagnostics, Upgrade, Warnings};

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
    let state = from_proto::raw_state(request.raw_state)?;
    let (state, warnings) = session.upgrade(
        &resource,
        Upgrade {
            version: request.version,
            state,
            warnings: Warnings::default(),
        },
    )?;
    let upgraded_state = to_proto::value(&state, &resource.value_type())?;
    Ok(Response {
        upgraded_state,
        diagnostics: to_proto::diagnostics(warnings),
    })
}
