//! RPC layer. Each RPC decodes its request, calls a function, and encodes the response.
//!
//! Errors are returned as diagnostics and never as a gRPC status, because hosts report a gRPC status as a crash. Panics are
//! also converted to diagnostics. [`service`] contains the table of all RPCs. Each of the other modules implements the RPCs
//! for one kind.

mod answer;
mod data_source;
mod ephemeral;
mod function;
mod provider;
mod resource;
mod service;
mod unserved;

use std::sync::Arc;
use std::time::Instant;

use tfplugin_proto::tfplugin6::provider_server::ProviderServer;
use tonic::{Request, Response, Status};
use tracing::Instrument;

use crate::call::panic;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::session::Session;

use answer::Answer;

/// Maximum size of a message in bytes. Hosts use the same limit.
const MESSAGE_LIMIT: usize = 256 << 20;

/// Returns the gRPC service for a provider, with the same message limits as in hosts.
pub(crate) fn service(session: Session) -> ProviderServer<Rpc> {
    ProviderServer::new(Rpc {
        session: Arc::new(session),
    })
    .max_decoding_message_size(MESSAGE_LIMIT)
    .max_encoding_message_size(MESSAGE_LIMIT)
}

/// RPCs in a session.
pub(crate) struct Rpc {
    session: Arc<Session>,
}

/// Result of a method in the generated trait.
type Reply<A> = Result<Response<A>, Status>;

/// Result that the implementation of an RPC returns.
type Answered<A> = Result<A, Diagnostics>;

impl Rpc {
    /// Runs an RPC in a separate task, which continues if the client disconnects.
    async fn answer<Q, A, F>(
        &self,
        rpc: &'static str,
        request: Request<Q>,
        work: fn(Arc<Session>, Q) -> F,
    ) -> Reply<A>
    where
        Q: Send + 'static,
        A: Answer,
        F: Future<Output = Answered<A>> + Send + 'static,
    {
        let span = tracing::info_span!("rpc", tf_rpc = rpc);
        let session = Arc::clone(&self.session);
        let request = request.into_inner();
        // All of the work runs within the task, which ensures that a panic is caught and that completion is logged.
        let work = async move {
            let begun = Instant::now();
            let answer = work(session, request).await;
            let duration = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(tf_req_duration_ms = duration, "RPC completed");
            answer
        };
        let answer = match panic::caught(work).instrument(span).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(diagnostics)) => A::refused(diagnostics),
            Err(panicked) => {
                let summary = format!("The provider crashed in {rpc}");
                A::refused(Diagnostic::bug(summary, panicked).into())
            }
        };
        Ok(Response::new(answer))
    }
}
