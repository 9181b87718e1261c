//! Kinds that the framework does not support: list resources, actions, and state stores. Each request is rejected with a
//! diagnostic that contains the requested name.
//!
//! To support a kind, add a module next to `resource`, move the RPCs for the kind from this module to the new module, and
//! update their rows in [`super::service`].

use std::sync::Arc;

use tfplugin_proto::tfplugin6 as proto;
use tonic::Streaming;

use super::Answered;
use crate::session::Session;

/// Defines functions that reject a request. Each row specifies a function, the request with the field that contains the
/// name, and the response.
macro_rules! refused {
    ($($kind:literal { $($name:ident: $message:ident.$field:ident -> $answer:ident;)* })*) => {$($(
        pub(super) async fn $name(
            session: Arc<Session>,
            request: proto::$message::Request,
        ) -> Answered<proto::$message::$answer> {
            Err(session.unknown($kind, &request.$field))
        }
    )*)*};
}

refused! {
    "list resource" {
        validate_list: validate_list_resource_config.type_name -> Response;
        list_resource: list_resource.type_name -> Event;
    }
    "action" {
        validate_action: validate_action_config.type_name -> Response;
        plan_action: plan_action.action_type -> Response;
        invoke_action: invoke_action.action_type -> Event;
    }
    "state store" {
        validate_state_store: validate_state_store.type_name -> Response;
        configure_state_store: configure_state_store.type_name -> Response;
        read_state: read_state_bytes.type_name -> Response;
        lock_state: lock_state.type_name -> Response;
        unlock_state: unlock_state.type_name -> Response;
        get_states: get_states.type_name -> Response;
        delete_state: delete_state.type_name -> Response;
    }
}

pub(super) async fn write_state_bytes(
    session: Arc<Session>,
    mut chunks: Streaming<proto::write_state_bytes::RequestChunk>,
) -> Answered<proto::write_state_bytes::Response> {
    // Only the first chunk contains the name of the state store. A stream without a first chunk provides no name.
    let first = chunks.message().await.ok().flatten();
    let meta = first.and_then(|chunk| chunk.meta).unwrap_or_default();
    Err(session.unknown("state store", &meta.type_name))
}
