//! Plans a change: what will be, and what of it needs a new object.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::plan_resource_change::{Request, Response};

use super::Answer;
use crate::Diagnostics;
use crate::convert::{from_proto, to_proto};
use crate::lifecycle::{PlanInput, Session};

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
    let input = PlanInput {
        prior: from_proto::value(request.prior_state, &ty)?,
        proposed: from_proto::value(request.proposed_new_state, &ty)?,
        config: from_proto::value(request.config, &ty)?,
        private: from_proto::private(&request.prior_private)?,
    };
    let (proposal, warnings) = session.plan(&resource, input).await?;
    Ok(Response {
        planned_state: to_proto::value(&proposal.plan, &ty)?,
        requires_replace: proposal
            .requires_replace
            .iter()
            .map(to_proto::attribute_path)
            .collect(),
        planned_private: proposal.private.to_bytes().into(),
        diagnostics: to_proto::diagnostics(warnings),
        ..Response::default()
    })
}
