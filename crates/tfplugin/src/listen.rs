//! Listener for host connections on a socket file or a loopback port.
//!
//! TCP ports are bound only on the loopback interface. This module is independent of the protocol that a connection uses.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

/// Timeout for the TLS handshake.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// Initial delay after a connection cannot be accepted.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// Maximum delay after a connection cannot be accepted.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Number of socket names to try. Socket files of earlier processes can have the same name.
const SOCKET_NAMES: u32 = 1000;

/// Options for a [`Listener`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListenOptions {
    /// Whether to use a loopback port even if a socket file can be used.
    pub(crate) tcp: bool,
    /// Directory for the socket file.
    pub(crate) directory: PathBuf,
    /// Group that can use the socket file in addition to its owner.
    pub(crate) group: Option<u32>,
    /// Ports to try, in order. Port 0 selects any available port.
    pub(crate) ports: RangeInclusive<u16>,
}

/// Address on which a provider listens. It is displayed in the format of the handshake line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// A socket file.
    Unix(PathBuf),
    /// A loopback port.
    Tcp(SocketAddr),
}

impl Address {
    /// Returns `unix` or `tcp`.
    pub(crate) fn network(&self) -> &'static str {
        match self {
            Self::Unix(_) => "unix",
            Self::Tcp(_) => "tcp",
        }
    }

    /// Removes the socket file if it exists.
    pub(crate) fn remove(&self) {
        if let Self::Unix(path) = self {
            // The file might already have been removed. During shutdown, no host remains that could receive an error.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => path.display().fmt(f),
            Self::Tcp(address) => address.fmt(f),
        }
    }
}

/// Error returned by [`Listener::bind`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ListenError {
    /// The socket file cannot be created.
    #[error("cannot create a socket in {}", directory.display())]
    Socket {
        /// Directory for the socket file.
        directory: PathBuf,
        /// Error from the operating system.
        #[source]
        source: io::Error,
    },
    /// No port in the range can be bound.
    #[error("cannot bind a port from {first} to {last} on 127.0.0.1")]
    Port {
        /// First port that was tried.
        first: u16,
        /// Last port that was tried.
        last: u16,
        /// Error from the operating system for the last port.
        #[source]
        source: io::Error,
    },
}

/// Bound listening socket.
pub(crate) struct Listener {
    socket: Socket,
    /// Address of the bound socket.
    pub(crate) address: Address,
}

enum Socket {
    #[cfg(unix)]
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl Listener {
    /// Binds a socket file. Binds a port instead if the options request it, or if the path of the file would be too long.
    ///
    /// # Errors
    /// Returns an error if the operating system cannot create or bind the socket.
    pub(crate) async fn bind(options: &ListenOptions) -> Result<Self, ListenError> {
        #[cfg(unix)]
        if !options.tcp
            && let Some(listener) = bind_file(options)?
        {
            return Ok(listener);
        }
        bind_port(&options.ports).await
    }

    async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        match &self.socket {
            #[cfg(unix)]
            Socket::Unix(listener) => Ok(Box::new(listener.accept().await?.0)),
            Socket::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }

    /// Returns a stream of connections whose TLS handshake is complete. Connections are accepted until the stream is
    /// dropped.
    pub(crate) fn connections(
        self,
        tls: Option<Arc<ServerConfig>>,
        open: OpenConnections,
    ) -> Connections {
        let (sender, receiver) = mpsc::channel(1);
        let acceptor = tls.map(TlsAcceptor::from);
        tokio::spawn(async move {
            let accepted = |stream| {
                // A slow or unresponsive peer must not delay other connections.
                let admitted = admit(stream, acceptor.clone(), open.clone(), sender.clone());
                drop(tokio::spawn(admitted));
            };
            tokio::select! {
                () = accept_each(|| self.accept(), tokio::time::sleep, accepted) => {}
                () = sender.closed() => {}
            }
        });
        ReceiverStream::new(receiver)
    }
}

/// Accepts connections in an endless loop. After an error such as too many open files, it waits with exponential backoff,
/// because further attempts would fail until other connections close.
async fn accept_each<A, W>(
    mut accept: impl FnMut() -> A,
    mut wait: impl FnMut(Duration) -> W,
    mut accepted: impl FnMut(Box<dyn Stream>),
) where
    A: Future<Output = io::Result<Box<dyn Stream>>>,
    W: Future<Output = ()>,
{
    let mut pause = FIRST_PAUSE;
    loop {
        match accept().await {
            Ok(stream) => {
                pause = FIRST_PAUSE;
                accepted(stream);
            }
            Err(error) if is_of_one_peer(&error) => {
                tracing::warn!(%error, "connection closed before it was accepted");
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                wait(pause).await;
                pause = (2 * pause).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Returns whether an error affects only one connection and not subsequent connections.
fn is_of_one_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// Stream of connections from a [`Listener`].
pub(crate) type Connections = ReceiverStream<io::Result<Connection>>;

async fn admit(
    stream: Box<dyn Stream>,
    acceptor: Option<TlsAcceptor>,
    open: OpenConnections,
    connections: mpsc::Sender<io::Result<Connection>>,
) {
    let stream: Box<dyn Stream> = match acceptor {
        None => stream,
        Some(acceptor) => {
            match tokio::time::timeout(HANDSHAKE_LIMIT, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => Box::new(stream),
                Ok(Err(error)) => return tracing::warn!(%error, "connection rejected"),
                Err(_) => {
                    return tracing::warn!("connection rejected: TLS handshake timed out");
                }
            }
        }
    };
    // The receiver is dropped during shutdown.
    let _ = connections
        .send(Ok(Connection {
            stream,
            _open: open.enter(),
        }))
        .await;
}

#[cfg(unix)]
fn bind_file(options: &ListenOptions) -> Result<Option<Listener>, ListenError> {
    use std::os::unix::fs::{PermissionsExt, chown};

    let failed = |source| ListenError::Socket {
        directory: options.directory.clone(),
        source,
    };
    for attempt in 0..SOCKET_NAMES {
        let name = format!("plugin-{}-{attempt}", std::process::id());
        let path = options.directory.join(name);
        if std::os::unix::net::SocketAddr::from_pathname(&path).is_err() {
            return Ok(None);
        }
        let socket = match UnixListener::bind(&path) {
            Ok(socket) => socket,
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => continue,
            Err(error) => return Err(failed(error)),
        };
        let address = Address::Unix(path.clone());
        let listener = Listener {
            socket: Socket::Unix(socket),
            address,
        };
        let mode = if options.group.is_some() {
            0o660
        } else {
            0o600
        };
        chown(&path, None, options.group)
            .and_then(|()| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)))
            .map_err(|error| {
                listener.address.remove();
                failed(error)
            })?;
        return Ok(Some(listener));
    }
    Err(failed(io::ErrorKind::AddrInUse.into()))
}

async fn bind_port(ports: &RangeInclusive<u16>) -> Result<Listener, ListenError> {
    let mut refused = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for port in ports.clone() {
        let bound = async {
            let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
            let address = Address::Tcp(socket.local_addr()?);
            Ok(Listener {
                socket: Socket::Tcp(socket),
                address,
            })
        };
        match bound.await {
            Ok(listener) => return Ok(listener),
            Err(error) => refused = error,
        }
    }
    Err(ListenError::Port {
        first: *ports.start(),
        last: *ports.end(),
        source: refused,
    })
}

/// Counter for open connections.
#[derive(Clone)]
pub(crate) struct OpenConnections(Arc<watch::Sender<usize>>);

impl OpenConnections {
    pub(crate) fn none() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    fn enter(&self) -> Entered {
        self.0.send_modify(|count| *count += 1);
        Entered(self.clone())
    }

    /// Resolves if no connection opens within `first`, or within `later` after the last connection closes.
    pub(crate) async fn abandoned(&self, first: Duration, later: Duration) {
        let mut count = self.0.subscribe();
        let mut limit = first;
        // `self` owns the sender, so `wait_for` cannot fail. If it did fail, no further connection could be opened.
        loop {
            let connected = async { count.wait_for(|count| *count > 0).await.is_ok() };
            if tokio::time::timeout(limit, connected).await != Ok(true) {
                return;
            }
            if count.wait_for(|count| *count == 0).await.is_err() {
                return;
            }
            limit = later;
        }
    }
}

struct Entered(OpenConnections);

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}

/// Transport of a connection: a socket, with or without TLS.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection that is ready for HTTP/2.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    _open: Entered,
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, data)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, data)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::VecDeque;

    use super::*;

    /// Returns the number of accepted connections and the delays in milliseconds for these outcomes of `accept`.
    fn pauses<const N: usize>(outcomes: [Result<(), io::Error>; N]) -> (usize, Vec<u128>) {
        let outcomes = RefCell::new(VecDeque::from(outcomes));
        let waited = RefCell::new(Vec::new());
        let accepted = RefCell::new(0);
        let accept = || {
            let outcome = outcomes.borrow_mut().pop_front();
            async move {
                let Some(outcome) = outcome else {
                    return std::future::pending().await;
                };
                let (stream, _) = tokio::io::duplex(1);
                outcome.map(|()| Box::new(stream) as Box<dyn Stream>)
            }
        };
        let wait = |pause: Duration| {
            waited.borrow_mut().push(pause.as_millis());
            std::future::ready(())
        };
        let mut accepting = Box::pin(accept_each(accept, wait, |_| *accepted.borrow_mut() += 1));
        let mut context = Context::from_waker(std::task::Waker::noop());
        assert!(accepting.as_mut().poll(&mut context).is_pending());
        drop(accepting);
        (accepted.into_inner(), waited.into_inner())
    }

    /// Returns `EMFILE`, an error that persists until a connection closes.
    fn full() -> Result<(), io::Error> {
        Err(io::Error::from_raw_os_error(24))
    }

    #[test]
    fn accept_backs_off_while_too_many_files_are_open() {
        let (accepted, waited) = pauses([full(), full(), Ok(()), full()]);
        assert_eq!((accepted, waited), (1, vec![10, 20, 10]));
        let (_, waited) = pauses(std::array::from_fn::<_, 10, _>(|_| full()));
        assert_eq!(waited.last(), Some(&1000));
    }

    #[test]
    fn closed_connections_do_not_delay_others() {
        let closed = |kind: io::ErrorKind| Err(io::Error::from(kind));
        let (accepted, waited) = pauses([
            closed(io::ErrorKind::ConnectionAborted),
            closed(io::ErrorKind::ConnectionReset),
            Ok(()),
        ]);
        assert_eq!((accepted, waited), (1, Vec::new()));
    }
}
