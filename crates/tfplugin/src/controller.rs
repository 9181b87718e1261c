//! How a provider process ends: the host's `plugin.GRPCController/Shutdown`, a signal, or a host that is gone.
//!
//! Ending is one thing, [`Ending::begin`], whatever asked for it. Stopping work (`StopProvider`) is another, and not
//! done here: after it the process goes on serving.

use std::time::Duration;

use tfplugin_proto::plugin::Empty;
use tfplugin_proto::plugin::grpc_controller_server::GrpcController;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::listen::Address;

/// Hosts kill a process that is still there two seconds after they asked it to end.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The end of the process, which can be begun and waited for.
#[derive(Clone)]
pub(crate) struct Ending {
    begun: CancellationToken,
    address: Address,
}

impl Ending {
    /// The end of a process that listens on `address`.
    pub(crate) fn of(address: Address) -> Self {
        Self {
            begun: CancellationToken::new(),
            address,
        }
    }

    /// Lets the server finish what it is answering, and makes sure that the process is gone soon even if it cannot.
    pub(crate) fn begin(&self) {
        if self.begun.is_cancelled() {
            return;
        }
        self.begun.cancel();
        let address = self.address.clone();
        // A thread of its own: it must run also when every worker is blocked.
        let watch = std::thread::Builder::new()
            .name("exit".to_owned())
            .spawn(move || {
                std::thread::sleep(PATIENCE);
                address.remove();
                std::process::exit(0);
            });
        if watch.is_err() {
            tracing::warn!(
                "the end of this process cannot be watched over: no thread could be started"
            );
        }
    }

    /// Resolves once the end has begun.
    pub(crate) async fn begun(&self) {
        self.begun.cancelled().await;
    }
}

/// The service through which a host asks the process to end.
pub(crate) struct Controller(pub(crate) Ending);

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.0.begin();
        Ok(Response::new(Empty {}))
    }
}
