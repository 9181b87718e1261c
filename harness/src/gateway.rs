//! A reverse proxy on loopback between providers and emulator: journal, rules and corrections.
//!
//! The gateway sees every call: it records calls, lets selected calls fail, and corrects responses of the emulator. It
//! must never listen on, or forward to, an address other than loopback, and never store a body.

mod corrections;
mod journal;
mod response;

mod request;
pub mod rules;
mod serve;
mod upstream;
mod xml;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;

pub use corrections::ecs::StoppedTask;
pub(crate) use corrections::ecs::script;
pub(crate) use journal::counts;
pub use journal::{Call, Count, Journal};

use corrections::Corrections;
use rules::Rules;
use upstream::Upstream;

/// Header of calls that a test makes for assertions: no journal and no rules, but corrections.
pub(crate) const OBSERVER: &str = "x-skreg-observer";

/// Error when the gateway cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The address of the emulator is not on this machine.
    #[error("the gateway forwards to loopback only; {0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// The port is not available.
    #[error("the gateway cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port; 0 for any.
        port: u16,
        /// Error of the operating system.
        #[source]
        source: io::Error,
    },
    /// The runtime could not be created.
    #[error("the gateway cannot start its threads")]
    Runtime(#[source] io::Error),
}

/// State that all connections share.
pub(crate) struct Shared {
    pub(crate) journal: Journal,
    pub(crate) rules: Rules,
    pub(crate) corrections: Corrections,
    upstream: Upstream,
}

/// A running gateway. Dropping the handle stops it.
pub struct Gateway {
    address: SocketAddr,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

impl Gateway {
    /// Starts a gateway for an emulator on a port of 127.0.0.1 (0 for any free port).
    ///
    /// # Errors
    /// Returns an error if the emulator is not on loopback or the port is taken.
    pub fn start(emulator: SocketAddr, port: u16) -> Result<Self, GatewayError> {
        if !emulator.ip().is_loopback() {
            return Err(GatewayError::NotLoopback(emulator));
        }
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
