//! The provider process: its start, the handshake as its host, and the connection to it.

use std::io;
use std::process::Stdio;

use bytes::Bytes;
use camino::Utf8Path;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::{TcpStream, UnixStream};
use tokio::process::{Child, Command};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Request, Status, client};
use tower::util::service_fn;

use crate::codec::EncodedMessages;

/// Maximum size of a message in bytes. Hosts use the same limit.
pub(crate) const MESSAGE_LIMIT: usize = 256 << 20;

/// A provider process. Dropping it kills the process, unless other instances of this program share it.
#[derive(Debug)]
pub(crate) struct Provider {
    /// Connection to the process.
    pub(crate) channel: Channel,
    /// The process, if only this instance uses it.
    _process: Option<Child>,
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
        let (address, process) = launch(program, &mut command(program)).await?;
        let channel = connect(address).await.map_err(refused(program))?;
        Ok(Self {
            channel,
            _process: Some(process),
        })
    }

    /// Starts a provider that outlives this process in a process group, and returns its address. A host waits for the end
    /// of the standard error of this process, so the provider must not inherit it.
    ///
    /// # Errors
    /// Returns an error if the program cannot be started, or does not serve a provider.
    pub(crate) async fn start_shared(
        program: &Utf8Path,
        group: Option<i32>,
    ) -> Result<(Address, Self), ProviderError> {
        let mut command = command(program);
        command.kill_on_drop(false).stderr(Stdio::null());
        if let Some(group) = group {
            command.process_group(group);
        }
        let (address, _) = launch(program, &mut command).await?;
        let provider = Self::connect(&address).await.map_err(refused(program))?;
        Ok((address, provider))
    }

    /// Connects to a provider that is running.
    ///
    /// # Errors
    /// Returns an error if no process accepts connections at the address.
    pub(crate) async fn connect(address: &Address) -> Result<Self, tonic::transport::Error> {
        let channel = connect(address.clone()).await?;
        let _process = None;
        Ok(Self { channel, _process })
    }

    /// Calls an RPC with an encoded request, and returns the encoded response.
    ///
    /// # Errors
    /// Returns the status if the call fails.
    pub(crate) async fn call(&self, path: PathAndQuery, request: Bytes) -> Result<Bytes, Status> {
        let mut client =
            client::Grpc::new(self.channel.clone()).max_decoding_message_size(MESSAGE_LIMIT);
        client
            .ready()
            .await
            .map_err(|error| Status::unavailable(error.to_string()))?;
        let response = client
            .unary(Request::new(request), path, EncodedMessages)
            .await?;
        Ok(response.into_inner())
    }
}

fn command(program: &Utf8Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_remove("PLUGIN_CLIENT_CERT")
        .env_remove("PLUGIN_MULTIPLEX_GRPC")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Starts a provider and reads its address from the handshake line.
async fn launch(
    program: &Utf8Path,
    command: &mut Command,
) -> Result<(Address, Child), ProviderError> {
    let name = || program.to_string();
    let failed = |source| ProviderError::Start {
        program: name(),
        source,
    };
    let mut process = command.spawn().map_err(failed)?;
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
    match address(line.trim()) {
        Some(address) => Ok((address, process)),
        None => Err(ProviderError::Handshake {
            program: name(),
            line: line.trim().to_owned(),
        }),
    }
}

fn refused(program: &Utf8Path) -> impl FnOnce(tonic::transport::Error) -> ProviderError {
    |source| ProviderError::Connect {
        program: program.to_string(),
        source,
    }
}

/// Address on which a provider listens.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) enum Address {
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
