//! Where the host connects: a socket file or a loopback port, and the connections taken there.
//!
//! Nothing here knows what is said on a connection, and nothing but loopback is ever bound.

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

/// A peer that has not finished the TLS handshake by then is let go.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// How long to wait after a connection could not be taken, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Socket files that others left behind are passed over, up to this many.
const SOCKET_NAMES: u32 = 1000;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Use a loopback port although a socket file would do.
    pub(crate) tcp: bool,
    /// Directory of the socket file.
    pub(crate) directory: PathBuf,
    /// Group that may use the socket file besides its owner.
    pub(crate) group: Option<u32>,
    /// Ports to try in turn; port 0 is any free one.
    pub(crate) ports: RangeInclusive<u16>,
}

/// Where a provider listens, as the handshake line spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// A socket file.
    Unix(PathBuf),
    /// A loopback port.
    Tcp(SocketAddr),
}

impl Address {
    /// `unix` or `tcp`.
    pub(crate) fn network(&self) -> &'static str {
        match self {
            Self::Unix(_) => "unix",
            Self::Tcp(_) => "tcp",
        }
    }

    /// Removes the socket file, if there is one; a second call does nothing.
    pub(crate) fn remove(&self) {
        if let Self::Unix(path) = self {
            // It may be gone already, and nobody is left to be told.
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

/// Why nothing could be bound.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ListenError {
    /// The socket file cannot be made.
    #[error("no socket could be made in {}", directory.display())]
    Socket {
        /// Directory that was tried.
        directory: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// No port of the range is free.
    #[error("no port from {first} to {last} could be bound on 127.0.0.1")]
    Port {
        /// First port tried.
        first: u16,
        /// Last port tried.
        last: u16,
        /// What the system said of the last one.
        #[source]
        source: io::Error,
    },
}

/// A bound socket.
pub(crate) struct Listener {
    socket: Socket,
    /// Where it is bound.
    pub(crate) address: Address,
}

enum Socket {
    #[cfg(unix)]
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl Listener {
    /// Binds a socket file, or a port where asked for or where the path of the file would be too long.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) async fn bind(place: &Place) -> Result<Self, ListenError> {
        #[cfg(unix)]
        if !place.tcp
            && let Some(listener) = bind_file(place)?
        {
            return Ok(listener);
        }
        bind_port(&place.ports).await
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

    /// Takes connections for as long as the answered stream lives, each after its own TLS handshake.
    pub(crate) fn connections(self, tls: Option<Arc<ServerConfig>>, open: Open) -> Connections {
        let (sender, receiver) = mpsc::channel(1);
        let acceptor = tls.map(TlsAcceptor::from);
        tokio::spawn(async move {
            let taken = |stream| {
                // A peer that is slow or silent must not keep the others waiting.
                let admitted = admit(stream, acceptor.clone(), open.clone(), sender.clone());
                drop(tokio::spawn(admitted));
            };
            tokio::select! {
                () = take_each(|| self.accept(), tokio::time::sleep, taken) => {}
                () = sender.closed() => {}
            }
        });
        ReceiverStream::new(receiver)
    }
}

/// Takes one connection after the other, for ever. Where the system has no room for another one it waits, longer each
/// time: the next attempt would fail at once, and the connections that are open need the time to end.
async fn take_each<A, W>(
    mut accept: impl FnMut() -> A,
    mut wait: impl FnMut(Duration) -> W,
    mut taken: impl FnMut(Box<dyn Stream>),
) where
    A: Future<Output = io::Result<Box<dyn Stream>>>,
    W: Future<Output = ()>,
{
    let mut pause = FIRST_PAUSE;
    loop {
        match accept().await {
            Ok(stream) => {
                pause = FIRST_PAUSE;
                taken(stream);
            }
            Err(error) if is_of_one_peer(&error) => {
                tracing::warn!(%error, "a connection was gone before it was taken");
            }
            Err(error) => {
                tracing::warn!(%error, "no connection can be taken now");
                wait(pause).await;
                pause = (2 * pause).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Whether an error says something about one connection, and nothing about the next.
fn is_of_one_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// The connections of a [`Listener`].
pub(crate) type Connections = ReceiverStream<io::Result<Connection>>;

async fn admit(
    stream: Box<dyn Stream>,
    acceptor: Option<TlsAcceptor>,
    open: Open,
    connections: mpsc::Sender<io::Result<Connection>>,
) {
    let stream: Box<dyn Stream> = match acceptor {
        None => stream,
        Some(acceptor) => {
            match tokio::time::timeout(HANDSHAKE_LIMIT, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => Box::new(stream),
                Ok(Err(error)) => return tracing::warn!(%error, "a connection was refused"),
                Err(_) => {
                    return tracing::warn!(
                        "a connection was refused: its TLS handshake did not end"
                    );
                }
            }
        }
    };
    // The other side is closed when the server has begun to end.
    let _ = connections
        .send(Ok(Connection {
            stream,
            _open: open.enter(),
        }))
        .await;
}

#[cfg(unix)]
fn bind_file(place: &Place) -> Result<Option<Listener>, ListenError> {
    use std::os::unix::fs::{PermissionsExt, chown};

    let failed = |source| ListenError::Socket {
        directory: place.directory.clone(),
        source,
    };
    for attempt in 0..SOCKET_NAMES {
        let name = format!("plugin-{}-{attempt}", std::process::id());
        let path = place.directory.join(name);
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
        let mode = if place.group.is_some() { 0o660 } else { 0o600 };
        chown(&path, None, place.group)
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

/// Counts the connections that are open.
#[derive(Clone)]
pub(crate) struct Open(Arc<watch::Sender<usize>>);

impl Open {
    pub(crate) fn none() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    fn enter(&self) -> Entered {
        self.0.send_modify(|count| *count += 1);
        Entered(self.clone())
    }

    /// Resolves when no connection was open for `first` from now on, or for `later` after there has been one.
    pub(crate) async fn abandoned(&self, first: Duration, later: Duration) {
        let mut count = self.0.subscribe();
        let mut limit = first;
        // The sender lives in `self`, so waiting cannot fail; if it did, no connection could come any more.
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

struct Entered(Open);

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}

/// What a connection is made of: a socket, with TLS on it or without.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection that may speak HTTP/2 now.
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

    /// How long was waited after each outcome of `accept`, until none is left.
    fn pauses<const N: usize>(outcomes: [Result<(), io::Error>; N]) -> (usize, Vec<u128>) {
        let outcomes = RefCell::new(VecDeque::from(outcomes));
        let waited = RefCell::new(Vec::new());
        let taken = RefCell::new(0);
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
        let mut taking = Box::pin(take_each(accept, wait, |_| *taken.borrow_mut() += 1));
        let mut context = Context::from_waker(std::task::Waker::noop());
        assert!(taking.as_mut().poll(&mut context).is_pending());
        drop(taking);
        (taken.into_inner(), waited.into_inner())
    }

    /// `EMFILE`, which stays as long as no connection ends.
    fn full() -> Result<(), io::Error> {
        Err(io::Error::from_raw_os_error(24))
    }

    #[test]
    fn accepting_backs_off_while_the_system_has_no_room() {
        let (taken, waited) = pauses([full(), full(), Ok(()), full()]);
        assert_eq!((taken, waited), (1, vec![10, 20, 10]));
        let (_, waited) = pauses(std::array::from_fn::<_, 10, _>(|_| full()));
        assert_eq!(waited.last(), Some(&1000));
    }

    #[test]
    fn a_peer_that_is_gone_keeps_no_other_waiting() {
        let gone = |kind: io::ErrorKind| Err(io::Error::from(kind));
        let (taken, waited) = pauses([
            gone(io::ErrorKind::ConnectionAborted),
            gone(io::ErrorKind::ConnectionReset),
            Ok(()),
        ]);
        assert_eq!((taken, waited), (1, Vec::new()));
    }
}
