//! The provider process: its start, the handshake as its host, and the connection to it.

use std::io;
use std::process::Stdio;

use camino::Utf8Path;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::{TcpStream, UnixStream};
use tokio::process::{Child, Command};
use tonic::transport::{Channel, Endpoint, Uri};
use tower::util::service_fn;

/// A provider process. Dropping it kills the process.
#[derive(Debug)]
pub(crate) struct Provider {
    /// Connection to the process.
    pub(crate) channel: Channel,
    _process: Child,
}

/// Error that prevents the provider from being used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    /// The program cannot be started.
    #[error("{program} cannot be started: {source}")]
    Start {
        /// The program.
        program: String,
        /// The error.
        source: io::Error,
    },
    /// The process did not print the handshake line of go-plugin.
    #[error("{program} did not print a handshake line, but {line:?}")]
    Handshake {
        /// The program.
        program: String,
        /// First line on standard output.
        line: String,
    },
    /// The process does not accept connections.
    #[error("{program} does not accept connections: {source}")]
    Connect {
        /// The program.
        program: String,
        /// The error.
        source: tonic::transport::Error,
    },
}

impl Provider {
    /// Starts a provider and connects to it.
    ///
    /// The connection does not use TLS, because the process receives no client certificate. It uses a socket in the
    /// temporary directory of this process, which other users cannot access.
    ///
    /// # Errors
    /// Returns an error if the program cannot be started, or does not serve a provider.
    pub(crate) async fn start(program: &Utf8Path) -> Result<Self, ProviderError> {
        let name = || program.to_string();
        let failed = |source| ProviderError::Start {
            program: name(),
            source,
        };
        let mut process = Command::new(program)
            .env_remove("PLUGIN_CLIENT_CERT")
            .env_remove("PLUGIN_MULTIPLEX_GRPC")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            let mut stdout = BufReader::new(stdout);
            stdout.read_line(&mut line).await.map_err(failed)?;
            // A closed pipe would end the process when it prints another line.
            tokio::spawn(async move {
                let mut rest = tokio::io::sink();
                tokio::io::copy(&mut stdout, &mut rest).await
            });
        }
        let Some(address) = address(line.trim()) else {
            let line = line.trim().to_owned();
            return Err(ProviderError::Handshake {
                program: name(),
                line,
            });
        };
        let channel = connect(address)
            .await
            .map_err(|source| ProviderError::Connect {
                program: name(),
                source,
            })?;
        Ok(Self {
            channel,
            _process: process,
        })
    }
}

/// Address on which a provider listens.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Address {
    Unix(String),
    Tcp(String),
}

/// Returns the address in a handshake line, `1|5|unix|plugin-123|grpc|`, from "Writing Plugins in Languages other than
/// Go" in the documentation of go-plugin.
fn address(line: &str) -> Option<Address> {
    let mut fields = line.split('|').skip(2);
    let (network, address, protocol) = (fields.next()?, fields.next()?, fields.next()?);
    match (network, protocol) {
        ("unix", "grpc") => Some(Address::Unix(address.to_owned())),
        ("tcp", "grpc") => Some(Address::Tcp(address.to_owned())),
        _ => None,
    }
}

async fn connect(address: Address) -> Result<Channel, tonic::transport::Error> {
    // The connector ignores the URI, which HTTP/2 requires.
    let endpoint = Endpoint::from_static("http://provider.invalid");
    let connector = service_fn(move |_: Uri| open(address.clone()));
    endpoint.connect_with_connector(connector).await
}

async fn open(address: Address) -> io::Result<TokioIo<Stream>> {
    let stream: Stream = match address {
        Address::Unix(path) => Box::new(UnixStream::connect(path).await?),
        Address::Tcp(address) => Box::new(TcpStream::connect(address).await?),
    };
    Ok(TokioIo::new(stream))
}

type Stream = Box<dyn Connection>;

trait Connection: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin {}

impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin> Connection for T {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handshake_line_contains_the_address() {
        assert_eq!(
            address("1|5|unix|plugin-1|grpc|"),
            Some(Address::Unix("plugin-1".into()))
        );
        assert_eq!(
            address("1|6|tcp|127.0.0.1:1234|grpc|AAAA|false"),
            Some(Address::Tcp("127.0.0.1:1234".into()))
        );
        for line in ["", "This binary is a plugin.", "1|5|unix|plugin-1|netrpc|"] {
            assert_eq!(address(line), None, "{line}");
        }
    }
}
