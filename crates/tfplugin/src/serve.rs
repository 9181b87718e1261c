//! Lifecycle of a provider process: environment, handshake, calls, and shutdown.
//!
//! [`crate::rpc`] implements the calls, and [`crate::handshake`] reads the environment.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::task::{Context, Poll};
use std::time::Duration;

use tfplugin_proto::plugin::grpc_controller_server::{GrpcControllerServer, SERVICE_NAME};
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::transport::Server;

use crate::call::panic;
use crate::controller::{Controller, Shutdown};
use crate::debug::{self, Reattach};
use crate::handshake::{self, Environment, HandshakeError, Line, PROTOCOL};
use crate::listen::{ListenError, Listener, OpenConnections};
use crate::provider::Provider;
use crate::session::Session;
use crate::tls::{Tls, TlsError};
use crate::{logging, rpc};

/// Time limit for the first connection. A host connects immediately after the handshake.
const FIRST_CONNECTION: Duration = Duration::from_secs(60);
/// Time limit after the last connection closes. A host that is interrupted twice exits without calling the `Shutdown` RPC.
const LOST_CONNECTION: Duration = Duration::from_secs(5);

/// gRPC service that satisfies the bounds of the generated servers. It is implemented for every type that satisfies them.
pub trait GrpcService:
    Service<
        http::Request<Body>,
        Response = http::Response<Body>,
        Error = Infallible,
        Future: Send + 'static,
    > + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> GrpcService for S where
    S: Service<
            http::Request<Body>,
            Response = http::Response<Body>,
            Error = Infallible,
            Future: Send + 'static,
        > + Clone
        + Send
        + Sync
        + 'static
{
}

/// Serves a provider until its host requests a shutdown. Returns the exit code for `main`.
///
/// With the argument `--debug`, the provider waits for hosts to attach. Without this argument, the process prints an error
/// and fails if it was not started by a host.
pub fn serve(provider: Provider) -> ExitCode {
    let address = provider.address.clone();
    let debug = debug::is_requested(std::env::args_os().skip(1));
    let service = rpc::service(Session::new(provider, debug));
    serve_calls(&address, PROTOCOL, debug, service)
}

/// Serves the calls of a host with any gRPC service, such as a program in front of another provider. Performs the
/// handshake, serves mutual TLS, and ends the process like [`serve`]. `address` is the source address of the provider, and
/// `protocol` is the major version of the plugin protocol that `service` implements.
///
/// The service receives every call except `plugin.GRPCController/Shutdown`. It must return `UNIMPLEMENTED` for unknown
/// methods, because hosts probe for optional services of go-plugin.
pub fn serve_service(address: &str, protocol: u16, service: impl GrpcService) -> ExitCode {
    let debug = debug::is_requested(std::env::args_os().skip(1));
    serve_calls(address, protocol, debug, service)
}

fn serve_calls(address: &str, protocol: u16, debug: bool, service: impl GrpcService) -> ExitCode {
    let environment = Environment::of_process(address);
    if !debug && let Err(error) = environment.require_host() {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    logging::install(environment.log.as_deref());
    panic::install_hook();
    let host = Host {
        provider: address,
        protocol,
        environment: &environment,
        debug,
    };
    match run(&host, service) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(address, &error),
    }
}

/// Reports that a provider with the specified source address cannot start. Returns the exit code for `main`.
///
/// [`serve`] reports its own errors. Call this function if the provider cannot be created.
pub fn refuse(address: &str, reason: &dyn Error) -> ExitCode {
    // Hosts display the first line to the user if it is not a handshake line.
    let text = format!("The provider {address} cannot start: {}", chain(reason));
    if handshake::announce(&text).is_err() {
        eprintln!("{text}");
    }
    ExitCode::FAILURE
}

/// Reason that prevents the provider from being served.
#[derive(Debug, thiserror::Error)]
enum ServeError {
    #[error("the runtime cannot be started")]
    Runtime(#[source] io::Error),
    #[error("the signal handlers cannot be installed")]
    Signals(#[source] io::Error),
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("the handshake line cannot be written")]
    Announce(#[source] io::Error),
    #[error("the server failed")]
    Server(#[source] tonic::transport::Error),
}

/// Returns an error and its sources on a single line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text.replace('\n', " ")
}

/// The host of this process, and the provider that it starts.
struct Host<'a> {
    provider: &'a str,
    protocol: u16,
    environment: &'a Environment,
    debug: bool,
}

fn run(host: &Host<'_>, service: impl GrpcService) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(ServeError::Runtime)?;
    let result = runtime.block_on(listen_and_serve(host, service));
    // Abandoned work must not delay the exit of the process.
    runtime.shutdown_background();
    result
}

async fn listen_and_serve(host: &Host<'_>, service: impl GrpcService) -> Result<(), ServeError> {
    // Signals are handled before the host connects, because Ctrl-C must not end a process that serves a host.
    let signals = Signals::receive().map_err(ServeError::Signals)?;
    let listener = Listener::bind(&host.environment.listen_options()?).await?;
    let address = listener.address.clone();
    let announced = if host.debug {
        let reattach = Reattach {
            provider: host.provider,
            protocol: host.protocol,
            address: &address,
        };
        handshake::announce(&reattach)
            .map_err(ServeError::Announce)
            .map(|()| None)
    } else {
        answer_host(host, &listener)
    };
    let served = match announced {
        Ok(tls) => serve_connections(listener, tls, signals, host.debug, service).await,
        Err(error) => Err(error),
    };
    address.remove();
    served
}

/// Prints the notices and the handshake line.
fn answer_host(host: &Host<'_>, listener: &Listener) -> Result<Option<Tls>, ServeError> {
    let environment = host.environment;
    let tls = environment
        .client_certificate
        .as_deref()
        .map(Tls::pinned)
        .transpose()?;
    for notice in environment.notices(host.protocol) {
        eprintln!("[WARN] {notice}");
    }
    let line = Line {
        protocol: host.protocol,
        address: &listener.address,
        certificate: tls.as_ref().map(|tls| &tls.certificate),
        multiplex: environment.multiplex.is_some(),
    };
    handshake::announce(&line).map_err(ServeError::Announce)?;
    Ok(tls)
}

async fn serve_connections(
    listener: Listener,
    tls: Option<Tls>,
    mut signals: Signals,
    debug: bool,
    service: impl GrpcService,
) -> Result<(), ServeError> {
    let shutdown = Shutdown::of(listener.address.clone());
    let open = OpenConnections::none();
    let connections = listener.connections(tls.map(|tls| tls.server), open.clone());
    let services = Services {
        controller: GrpcControllerServer::new(Controller(shutdown.clone())),
        provider: service,
    };
    let watch = async {
        tokio::select! {
            () = signals.end(debug) => shutdown.begin(),
            () = open.abandoned(FIRST_CONNECTION, LOST_CONNECTION), if !debug => shutdown.begin(),
            () = shutdown.begun() => {}
        }
    };
    Server::builder()
        .serve_with_incoming_shutdown(services, connections, watch)
        .await
        .map_err(ServeError::Server)
}

/// Signals that a provider process handles.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn receive() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Resolves on SIGTERM and, in debug mode, on SIGINT. Outside of debug mode, SIGINT is ignored, because Ctrl-C reaches
    /// the whole process group, and the host stops its providers by RPC.
    async fn end(&mut self, debug: bool) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => if debug { return },
            }
        }
    }
}

/// Ctrl-C handling on platforms without Unix signals.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn receive() -> io::Result<Self> {
        Ok(Self)
    }

    async fn end(&mut self, debug: bool) {
        while tokio::signal::ctrl_c().await.is_ok() {
            if debug {
                return;
            }
        }
        std::future::pending().await
    }
}

/// The two services of a provider process. The path in a call selects the service.
#[derive(Clone)]
struct Services<S> {
    controller: GrpcControllerServer<Controller>,
    provider: S,
}

impl<S: GrpcService> Service<http::Request<Body>> for Services<S> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let service = request.uri().path().split('/').nth(1);
        if service == Some(SERVICE_NAME) {
            Box::pin(self.controller.call(request))
        } else {
            // The provider service returns UNIMPLEMENTED for unknown methods. Hosts expect this response for other go-plugin
            // services.
            Box::pin(self.provider.call(request))
        }
    }
}
