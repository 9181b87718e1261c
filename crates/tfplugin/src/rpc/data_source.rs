//! RPCs for data sources.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::deferred::Reason;
use tfplugin_proto::tfplugin6::{Deferred, read_data_source, validate_data_resource_config};

use super::Answered;
use crate::convert::{from_proto, to_proto};
use crate::data_source::ReadOutcome;
use crate::session::Session;

/// Validates the configuration of a data source. Any value can be unknown.
pub(super) async fn validate(
    session: Arc<Session>,
    request: validate_data_resource_config::Request,
) -> Answered<validate_data_resource_config::Response> {
    let described = session.data_source(&request.type_name)?.described;
    let config = from_proto::value(request.config, &described.value_type())?;
    Ok(validate_data_resource_config::Response {
        // Data sources have no write-only attributes, so it is irrelevant whether the host supports them.
        diagnostics: to_proto::diagnostics(described.check(config, true)),
    })
}

/// Reads a data source.
pub(super) async fn read(
    session: Arc<Session>,
    request: read_data_source::Request,
) -> Answered<read_data_source::Response> {
    let data_source = session.data_source(&request.type_name)?;
    let ty = data_source.described.value_type();
    let config = from_proto::value(request.config, &ty)?;
    let may_defer = from_proto::deferral_allowed(request.client_capabilities);
    let read = data_source.read(&session.runner, config, may_defer).await;
    let (outcome, warnings) = read?;
    let (state, deferred) = match outcome {
        ReadOutcome::State(state) => (state, None),
        ReadOutcome::Deferred(state) => (state, Some(configuration_unknown())),
    };
    Ok(read_data_source::Response {
        state: to_proto::value(&state, &ty)?,
        diagnostics: to_proto::diagnostics(warnings),
        deferred,
    })
}

/// Returns the reason for a response that is deferred because the configuration contains unknown values.
pub(super) fn configuration_unknown() -> Deferred {
    Deferred {
        reason: Reason::ResourceConfigUnknown.into(),
    }
}
