//! Shutdown of a provider process: by the host's `plugin.GRPCController/Shutdown`, by a signal, or after the host exits.
//!
//! All of them call [`Shutdown::begin`]. `StopProvider` only cancels calls and is not handled here, because the process
//! continues to serve after it.

use std::time::Duration;

use tfplugin_proto::plugin::Empty;
use tfplugin_proto::plugin::grpc_controller_server::GrpcController;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::listen::Address;

/// Time until the process exits. Hosts kill a process that still runs two seconds after a shutdown request.
const EXIT_TIMEOUT: Duration = Duration::from_millis(1500);

/// Shutdown of the process, which callers can begin and await.
#[derive(Clone)]
pub(crate) struct Shutdown {
    begun: CancellationToken,
    address: Address,
}

impl Shutdown {
    /// Returns the shutdown of a process that listens on `address`.
    pub(crate) fn of(address: Address) -> Self {
        Self {
            begun: CancellationToken::new(),
            address,
        }
    }

    /// Lets the server finish its current responses, and ends the process after [`EXIT_TIMEOUT`] at the latest.
    pub(crate) fn begin(&self) {
        if self.begun.is_cancelled() {
            return;
        }
        self.begun.cancel();
        let address = self.address.clone();
        // A separate thread runs even if every worker is blocked.
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

/// gRPC service through which a host requests the shutdown of the process.
pub(crate) struct Controller(pub(crate) Shutdown);

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.0.begin();
        Ok(Response::new(Empty {}))
    }
}
