//! The wire: each RPC decodes its request, calls one function of a kind, and encodes the answer.
//!
//! A user's error is never a gRPC status, which command lines show as a crash. It is a diagnostic in the answer, and so
//! is a panic. [`service`] is the table of all RPCs; the other modules answer those of one kind each.

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

/// Largest message taken or sent, in bytes; hosts allow as much.
const MESSAGE_LIMIT: usize = 256 << 20;

/// The service of a provider, with the limits that hosts have.
pub(crate) fn service(session: Session) -> ProviderServer<Rpc> {
    ProviderServer::new(Rpc {
        session: Arc::new(session),
    })
    .max_decoding_message_size(MESSAGE_LIMIT)
    .max_encoding_message_size(MESSAGE_LIMIT)
}

/// The RPCs over a session.
pub(crate) struct Rpc {
    session: Arc<Session>,
}

/// The result of a method of the generated trait.
type Reply<A> = Result<Response<A>, Status>;

/// The result of answering an RPC.
type Answered<A> = Result<A, Diagnostics>;

impl Rpc {
    /// Runs the work of an RPC in a task of its own, which outlives a client that goes away.
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
        // All of the work is within the task: its panic is caught, its end is logged.
        let work = async move {
            let begun = Instant::now();
            let answer = work(session, request).await;
            let duration = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(tf_req_duration_ms = duration, "answered");
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
