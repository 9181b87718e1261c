//! RPCs for ephemeral resources.

use std::sync::Arc;
use std::time::SystemTime;

use tfplugin_proto::Timestamp;
use tfplugin_proto::tfplugin6::{
    close_ephemeral_resource, open_ephemeral_resource, renew_ephemeral_resource,
    validate_ephemeral_resource_config,
};

use super::Answered;
use super::data_source::configuration_unknown;
use crate::convert::{from_proto, to_proto};
use crate::ephemeral::OpenOutcome;
use crate::session::Session;

/// Validates the configuration of an ephemeral resource. Any value can be unknown.
pub(super) async fn validate(
    session: Arc<Session>,
    request: validate_ephemeral_resource_config::Request,
) -> Answered<validate_ephemeral_resource_config::Response> {
    let ephemeral = session.ephemeral_resource(&request.type_name)?;
    let config = from_proto::value(request.config, &ephemeral.described.value_type())?;
    let found = ephemeral.validate(&session.runner, config).await;
    Ok(validate_ephemeral_resource_config::Response {
        diagnostics: to_proto::diagnostics(found),
    })
}

/// Opens an ephemeral resource.
pub(super) async fn open(
    session: Arc<Session>,
    request: open_ephemeral_resource::Request,
) -> Answered<open_ephemeral_resource::Response> {
    let ephemeral = session.ephemeral_resource(&request.type_name)?;
    let ty = ephemeral.described.value_type();
    let config = from_proto::value(request.config, &ty)?;
    let may_defer = from_proto::deferral_allowed(request.client_capabilities);
    let opened = ephemeral.open(&session.runner, config, may_defer).await;
    let (outcome, warnings) = opened?;
    let diagnostics = to_proto::diagnostics(warnings);
    Ok(match outcome {
        OpenOutcome::Open(open) => open_ephemeral_resource::Response {
            result: to_proto::value(&open.result, &ty)?,
            private: Some(open.private.to_bytes().into()),
            renew_at: open.renew_at.map(timestamp),
            diagnostics,
            deferred: None,
        },
        OpenOutcome::Deferred(known) => open_ephemeral_resource::Response {
            result: to_proto::value(&known, &ty)?,
            diagnostics,
            deferred: Some(configuration_unknown()),
            ..Default::default()
        },
    })
}

/// Renews an open ephemeral resource.
pub(super) async fn renew(
    session: Arc<Session>,
    request: renew_ephemeral_resource::Request,
) -> Answered<renew_ephemeral_resource::Response> {
    let ephemeral = session.ephemeral_resource(&request.type_name)?;
    let private = from_proto::private(&request.private.unwrap_or_default())?;
    let ((private, renew_at), warnings) = ephemeral.renew(&session.runner, private).await?;
    Ok(renew_ephemeral_resource::Response {
        private: Some(private.to_bytes().into()),
        renew_at: renew_at.map(timestamp),
        diagnostics: to_proto::diagnostics(warnings),
    })
}

/// Closes an open ephemeral resource.
pub(super) async fn close(
    session: Arc<Session>,
    request: close_ephemeral_resource::Request,
) -> Answered<close_ephemeral_resource::Response> {
    let ephemeral = session.ephemeral_resource(&request.type_name)?;
    let private = from_proto::private(&request.private.unwrap_or_default())?;
    let diagnostics = ephemeral.close(&session.runner, private).await;
    Ok(close_ephemeral_resource::Response {
        diagnostics: to_proto::diagnostics(diagnostics),
    })
}

fn timestamp(time: SystemTime) -> Timestamp {
    time.into()
}
