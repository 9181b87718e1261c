//! A reverse proxy on loopback between providers and the emulator, with journal, rules, and corrections.
//!
//! Every call passes through the gateway. It records calls, causes selected calls to fail, and corrects responses from
//! the emulator. It must never listen on, or forward to, an address other than loopback, and never store a body.

mod corrections;
mod journal;
mod model;
mod response;

mod request;
pub mod rules;
mod serve;
mod services;
mod upstream;
mod xml;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8PathBuf;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

pub use corrections::ecs::StoppedTask;
pub(crate) use corrections::ecs::script;
pub(crate) use journal::counts;
pub use journal::{Call, Count, Journal};
pub use model::Finding;
pub(crate) use model::{Findings, Models};

use corrections::Corrections;
use rules::Rules;
use upstream::Upstream;

/// Header for direct calls that a test sends for assertions. Such calls skip the journal and the rules, but not the
/// corrections.
pub(crate) const OBSERVER: &str = "x-skreg-observer";

/// Reason why the gateway cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The emulator address is not a loopback address.
    #[error("the gateway forwards to loopback only; {0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// The port is not available.
    #[error("the gateway cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port. 0 selects any available port.
        port: u16,
        /// Operating system error.
        #[source]
        source: io::Error,
    },
    /// The service models cannot be read.
    #[error("the gateway cannot read the service models")]
    Models(#[source] io::Error),
    /// The runtime cannot be created.
    #[error("the gateway cannot start its threads")]
    Runtime(#[source] io::Error),
}

/// State that all connections share.
pub(crate) struct Shared {
    pub(crate) journal: Journal,
    pub(crate) rules: Rules,
    pub(crate) corrections: Corrections,
    pub(crate) findings: Findings,
    /// Service models. Without them, requests are not validated.
    models: Option<Models>,
    upstream: Upstream,
}

/// A running gateway. Dropping the handle stops it.
pub struct Gateway {
    address: SocketAddr,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

impl Gateway {
    /// Starts a gateway for an emulator on a port of 127.0.0.1. Port 0 selects any available port. With a directory of
    /// service models (see [`service_models`](crate::toolchain::service_models)), the gateway validates requests.
    ///
    /// # Errors
    /// Returns an error if the emulator is not on loopback, if the port is in use, or if the models cannot be read.
    pub fn start(
        emulator: SocketAddr,
        port: u16,
        models: Option<Utf8PathBuf>,
    ) -> Result<Self, GatewayError> {
        if !emulator.ip().is_loopback() {
            return Err(GatewayError::NotLoopback(emulator));
        }
        let models = models
            .map(Models::open)
            .transpose()
            .map_err(GatewayError::Models)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("gateway")
            .enable_all()
            .build()
            .map_err(GatewayError::Runtime)?;
        let listen = |source| GatewayError::Listen { port, source };
        let wanted = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        let listener = runtime
            .block_on(TcpListener::bind(wanted))
            .map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let shared = Arc::new(Shared {
            journal: Journal::default(),
            rules: Rules::default(),
            corrections: Corrections::default(),
            findings: Findings::default(),
            models,
            upstream: Upstream::new(emulator),
        });
        runtime.spawn(serve::accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            runtime: Some(runtime),
        })
    }

    /// Returns the address that clients use instead of AWS.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Open connections must not delay the end of a test, and new connections must be rejected.
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}
