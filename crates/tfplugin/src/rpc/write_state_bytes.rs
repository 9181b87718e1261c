//! Writes state to a store, from a stream; the provider has no state stores.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::write_state_bytes::{RequestChunk, Response};
use tonic::Streaming;

use super::{Answer, unsupported};
use crate::Diagnostics;
use crate::convert::to_proto;
use crate::lifecycle::Session;

impl Answer for Response {
    fn refused(diagnostics: Diagnostics) -> Self {
        Self {
            diagnostics: to_proto::diagnostics(diagnostics),
        }
    }
}

pub(super) async fn answer(
    _: Arc<Session>,
    mut chunks: Streaming<RequestChunk>,
) -> Result<Response, Diagnostics> {
    // Only the first chunk says whose state it is; a stream that breaks off says nothing.
    let first = chunks.message().await.ok().flatten();
    let name = first
        .and_then(|chunk| chunk.meta)
        .unwrap_or_default()
        .type_name;
    Err(unsupported("state store", &name))
}
