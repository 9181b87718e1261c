//! Applies a plan. A failed answer carries the state that exists all the same.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::apply_resource_change::{Request, Response};

use super::Answer;
use crate::Diagnostics;
use crate::convert::{from_proto, to_proto};
use crate::lifecycle::{Applied, ApplyInput, Session};

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
    let input = ApplyInput {
        prior: from_proto::value(request.prior_state, &ty)?,
        plan: from_proto::value(request.planned_state, &ty)?,
        config: from_proto::value(request.config, &ty)?,
        private: from_proto::private(&request.planned_private)?,
    };
    let known = if input.prior.is_null() {
        &input.plan
    } else {
        &input.prior
    };
    let known = known.clone().unknown_as_null();
    let Applied {
        kept,
        mut diagnostics,
    } = session.apply(&resource, input).await;
    // State that cannot be encoded must not turn an object into one that nobody knows of. The plan, or what was there
    // before, is stored in its place beside the error, with the private state. A created object is tainted then, as
    // after any error of a create; an answer without the error would be stored as right.
    let new_state = to_proto::value(&kept.state, &ty).or_else(|bug| {
        diagnostics.extend(bug);
        to_proto::value(&known, &ty)
    })?;
    Ok(Response {
        new_state,
        private: kept.private.to_bytes().into(),
        diagnostics: to_proto::diagnostics(diagnostics),
        ..Response::default()
    })
}
