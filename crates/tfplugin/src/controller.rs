//! Shutdown of a provider process. A shutdown begins when the host calls `plugin.GRPCController/Shutdown`, when the process
//! receives a signal, or after the host exits.
//!
//! In each case, [`Shutdown::begin`] is called. `StopProvider` is not handled here: it only cancels calls, and the process
//! continues to serve.

use std::time::Duration;

use tfplugin_proto::plugin::Empty;
use tfplugin_proto::plugin::grpc_controller_server::GrpcController;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::listen::Address;

/// Time limit for the process to exit. Hosts kill a process that is still running two seconds after a shutdown request.
const EXIT_TIMEOUT: Duration = Duration::from_millis(1500);

/// Shutdown of the process, which callers can begin and wait for.
#[derive(Clone)]
pub(crate) struct Shutdown {
    begun: CancellationToken,
    address: Address,
}

impl Shutdown {
    /// Returns the shutdown for a process that listens on `address`.
    pub(crate) fn of(address: Address) -> Self {
        Self {
            begun: CancellationToken::new(),
            address,
        }
    }

    /// Allows the server to finish its current responses, and ends the process after [`EXIT_TIMEOUT`] at the latest.
    pub(crate) fn begin(&self) {
        if self.begun.is_cancelled() {
            return;
        }
        self.begun.cancel();
        let address = self.address.clone();
        // A separate thread can run even if every worker thread is blocked.
        let watch = std::thread::Builder::new()
            .name("exit".to_owned())
            .spawn(move || {
                std::thread::sleep(EXIT_TIMEOUT);
                address.remove();
                std::process::exit(0);
            });
        if watch.is_err() {
            tracing::warn!(
                "cannot start the thread that ends this process after the shutdown timeout"
            );
        }
    }

    /// Resolves once the shutdown has begun.
    pub(crate) async fn begun(&self) {
        self.begun.cancelled().await;
    }
}

/// gRPC service that hosts use to request the shutdown of the process.
pub(crate) struct Controller(pub(crate) Shutdown);

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.0.begin();
        Ok(Response::new(Empty {}))
    }
}
