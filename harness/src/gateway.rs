//! A reverse proxy on loopback between the providers and the emulator: journal, rules and corrections.
//!
//! It sees every call, so it can tell what was asked, fail a chosen call, and answer like AWS where the emulator
//! does not. It must never listen on, or forward to, anything but loopback, and never keep a body.

mod answer;
mod corrections;
mod journal;

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

/// Calls with this header come from a test that looks at the result: no journal, no rules, corrections as usual.
pub(crate) const OBSERVER: &str = "x-skreg-observer";

/// Why the gateway could not be started.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The emulator's address is not on this machine.
    #[error("the gateway forwards to loopback only, and {0} is not")]
    NotLoopback(SocketAddr),
    /// The port cannot be used.
    #[error("the gateway cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port, 0 for any.
        port: u16,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// No runtime could be made.
    #[error("the gateway cannot start its threads")]
    Runtime(#[source] io::Error),
}

/// What every connection shares.
pub(crate) struct Shared {
    pub(crate) journal: Journal,
    pub(crate) rules: Rules,
    pub(crate) corrections: Corrections,
    upstream: Upstream,
}

/// A running gateway. It stops when the handle is dropped.
pub struct Gateway {
    address: SocketAddr,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

impl Gateway {
    /// Starts a gateway in front of an emulator, on the given port of 127.0.0.1 (0 for any free one).
    ///
    /// # Errors
    /// When the emulator is not on loopback or the port is taken.
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

    /// The address that stands in for AWS.
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
            // Open connections must not hold up the end of a test for long, but nobody may connect any more.
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}
