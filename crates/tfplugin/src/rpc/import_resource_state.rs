//! Finds an existing object by the id that the user gave; it is read next.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::import_resource_state::{ImportedResource, Request, Response};

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

pub(super) async fn answer(
    session: Arc<Session>,
    request: Request,
) -> Result<Response, Diagnostics> {
    let resource = session.resource(&request.type_name)?;
    if request.id.is_empty() {
        let detail = "Objects of this type are imported by id: set `id` in the import block, not `identity`.";
        return Err(Diagnostic::error("Import without an id", detail).into());
    }
    let (kept, warnings) = session.import(&resource, request.id).await?;
    let imported = ImportedResource {
        type_name: request.type_name,
        state: to_proto::value(&kept.state, &resource.value_type())?,
        private: kept.private.to_bytes().into(),
        ..ImportedResource::default()
    };
    Ok(Response {
        imported_resources: vec![imported],
        diagnostics: to_proto::diagnostics(warnings),
        ..Response::default()
    })
}
