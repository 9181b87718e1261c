//! A host that behaves like Terraform and OpenTofu. It starts an example as its provider, reads the handshake line,
//! connects, and shuts down the process.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hyper_util::rt::TokioIo;
use tempfile::TempDir;
use tfplugin_proto::plugin::Empty;
use tfplugin_proto::plugin::grpc_controller_client::GrpcControllerClient;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, BufReader};
use tokio::net::{TcpStream, UnixStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::watch;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs::sign::any_supported_type;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tonic::codegen::{Service, http::Uri};
use tonic::transport::{Channel, Endpoint};

pub(crate) const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

/// Time limit for each wait. It is long enough for a busy machine.
const LIMIT: Duration = Duration::from_secs(120);
/// Time that hosts wait after a shutdown request before they kill the process (go-plugin, `Client.Kill`).
const KILL_TIMEOUT: Duration = Duration::from_secs(2);

/// Provider process and its output streams.
pub(crate) struct Host {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: watch::Receiver<String>,
    started: Instant,
    /// Time from the start of the process to its first line. `None` until the line is read.
    first_line: Option<Duration>,
    pub(crate) directory: TempDir,
}

impl Host {
    /// Starts an example with only these environment variables and with a separate temporary directory.
    pub(crate) fn start(example: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().expect("create a temporary directory");
        let has_directory = variables.iter().any(|(name, _)| *name == "TMPDIR");
        let mut command = Command::new(example_path(example));
        command
            .env_clear()
            .args(arguments)
            .envs(variables.iter().copied());
        if !has_directory {
            command.env("TMPDIR", directory.path());
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let started = Instant::now();
        let mut child = command.spawn().expect("start the example");
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let pipe = child.stderr.take().expect("stderr is piped");
        let (sender, stderr) = watch::channel(String::new());
        tokio::spawn(async move {
            let mut lines = BufReader::new(pipe).lines();
            while let Some(line) = lines.next_line().await.expect("read stderr as UTF-8") {
                sender.send_modify(|text| {
                    text.push_str(&line);
                    text.push('\n');
                });
            }
        });
        Self {
            child,
            stdout,
            stderr,
            started,
            first_line: None,
            directory,
        }
    }

    /// Starts an example as Terraform 1.11 does, with the certificate in `identity`.
    pub(crate) fn start_hosted(example: &str, identity: &Identity, more: &[(&str, &str)]) -> Self {
        let mut variables = vec![
            COOKIE,
            ("PLUGIN_PROTOCOL_VERSIONS", "6,5"),
            ("PLUGIN_MIN_PORT", "10000"),
            ("PLUGIN_MAX_PORT", "25000"),
            ("PLUGIN_CLIENT_CERT", &identity.certificate),
        ];
        variables.extend(more);
        Self::start(example, &[], &variables)
    }

    /// Returns the next line of standard output without its line break. Returns an empty string at the end of the output.
    pub(crate) async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.stdout.read_line(&mut line);
        tokio::time::timeout(LIMIT, read)
            .await
            .expect("line within the time limit")
            .expect("read stdout as UTF-8");
        self.first_line.get_or_insert(self.started.elapsed());
        line.trim_end_matches('\n').to_owned()
    }

    /// Reads the `TF_REATTACH_PROVIDERS` value that a provider prints with `--debug`, and returns its only entry.
    pub(crate) async fn reattach(&mut self) -> serde_json::Value {
        let variable = loop {
            let line = self.line().await;
            if let Some((_, value)) = line.split_once("TF_REATTACH_PROVIDERS='") {
                break value.strip_suffix('\'').expect("closing quote").to_owned();
            }
        };
        let providers: serde_json::Value = serde_json::from_str(&variable).expect("JSON");
        let mut providers = providers.as_object().into_iter().flatten();
        let (_, provider) = providers.next().expect("entry for a provider");
        provider.clone()
    }

    /// Waits until standard error contains the specified text.
    pub(crate) async fn wait_for_log(&mut self, text: &str) {
        let found = self.stderr.wait_for(|stderr| stderr.contains(text));
        let found = tokio::time::timeout(LIMIT, found).await;
        found
            .expect("text within the time limit")
            .expect("text before the process exits");
    }

    /// Sends the named signal with the `kill` command.
    pub(crate) async fn signal(&self, name: &str) {
        let id = self.child.id().expect("process is running").to_string();
        let sent = Command::new("kill")
            .args(["-s", name, &id])
            .status()
            .await
            .expect("run kill");
        assert!(sent.success());
    }

    /// Waits until the process exits.
    pub(crate) async fn exited(mut self) -> End {
        let waiting = Instant::now();
        let status = tokio::time::timeout(LIMIT, self.child.wait())
            .await
            .expect("exit within the time limit")
            .expect("wait for the process");
        let took = waiting.elapsed();
        let mut stdout = String::new();
        self.stdout
            .read_to_string(&mut stdout)
            .await
            .expect("read stdout as UTF-8");
        // The channel closes after all output is read.
        while self.stderr.changed().await.is_ok() {}
        let stderr = self.stderr.borrow().clone();
        End {
            took,
            first_line: self.first_line.unwrap_or_default(),
            status,
            stdout,
            stderr,
            directory: self.directory,
        }
    }

    /// Requests a shutdown as a host does after it finishes, and waits until the process exits.
    pub(crate) async fn shut_down(self, channel: Channel) -> End {
        // A host ignores the response.
        let _ = GrpcControllerClient::new(channel).shutdown(Empty {}).await;
        self.exited().await
    }
}

/// Result of a process that exited.
pub(crate) struct End {
    /// Time until the exit, measured from the shutdown request or from the start of the wait.
    took: Duration,
    first_line: Duration,
    pub(crate) status: ExitStatus,
    /// Remainder of standard output, after the lines that were already read.
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// Temporary directory that the process used.
    pub(crate) directory: TempDir,
}

impl End {
    /// Checks that the process exited before a host would have killed it. On an idle machine, a process starts within
    /// milliseconds. The limit therefore increases with the time that the process took to start.
    pub(crate) fn expect_in_time(&self) {
        let allowed = KILL_TIMEOUT + 20 * self.first_line;
        assert!(
            self.took < allowed,
            "exit took {:?}, allowed {allowed:?}; start took {:?}",
            self.took,
            self.first_line
        );
    }
}

fn example_path(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("path of this test");
    let profile = test
        .ancestors()
        .nth(2)
        .expect("path target/<profile>/deps/<test>");
    let path = profile.join("examples").join(name);
    assert!(
        path.exists(),
        "{} does not exist; run `cargo build -p tfplugin --examples`",
        path.display()
    );
    path
}

/// Fields of a handshake line.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) fields: Vec<String>,
}

impl Line {
    /// Converts the result of [`Host::reattach`] to a handshake line.
    pub(crate) fn to_reattach(provider: &serde_json::Value) -> Self {
        let text = |value: &serde_json::Value| value.as_str().expect("string").to_owned();
        let address = &provider["Addr"];
        let (network, path) = (text(&address["Network"]), text(&address["String"]));
        Self::parse(&format!("1|6|{network}|{path}|grpc|"))
    }

    /// Parses a handshake line that has no seventh field.
    pub(crate) fn parse(line: &str) -> Self {
        let fields: Vec<_> = line.split('|').map(str::to_owned).collect();
        assert_eq!(fields.len(), 6, "expected six fields: {line}");
        assert_eq!(
            (&*fields[0], &*fields[1], &*fields[4]),
            ("1", "6", "grpc"),
            "{line}"
        );
        Self { fields }
    }

    pub(crate) fn socket(&self) -> &Path {
        assert_eq!(self.fields[2], "unix");
        Path::new(&self.fields[3])
    }

    /// Connects without TLS, like a host that did not request TLS.
    pub(crate) async fn connect(&self) -> Result<Channel, tonic::transport::Error> {
        self.open(None).await
    }

    /// Connects with TLS 1.3. Trusts the certificate in the handshake line for `localhost`, and presents the certificate in
    /// `identity`, if any.
    pub(crate) async fn connect_tls(
        &self,
        identity: Option<&Identity>,
    ) -> Result<Channel, tonic::transport::Error> {
        self.connect_tls_version(identity, &TLS13).await
    }

    /// Connects with the specified version of TLS.
    pub(crate) async fn connect_tls_version(
        &self,
        identity: Option<&Identity>,
        version: &'static SupportedProtocolVersion,
    ) -> Result<Channel, tonic::transport::Error> {
        let server = STANDARD_NO_PAD
            .decode(&self.fields[5])
            .expect("base64 without padding");
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from(server))
            .expect("valid certificate");
        let builder =
            ClientConfig::builder_with_protocol_versions(&[version]).with_root_certificates(roots);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => builder.with_client_cert_resolver(identity.resolver()),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        self.open(Some(TlsConnector::from(Arc::new(config)))).await
    }

    async fn open(&self, tls: Option<TlsConnector>) -> Result<Channel, tonic::transport::Error> {
        let connector = Connector {
            network: self.fields[2].clone(),
            address: self.fields[3].clone(),
            tls,
        };
        Endpoint::from_static("http://localhost")
            .connect_with_connector(connector)
            .await
    }
}

/// Opens connections for a channel.
struct Connector {
    network: String,
    address: String,
    tls: Option<TlsConnector>,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Service<Uri> for Connector {
    type Response = TokioIo<Box<dyn Stream>>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let (network, address, tls) =
            (self.network.clone(), self.address.clone(), self.tls.clone());
        Box::pin(async move {
            let stream: Box<dyn Stream> = match &*network {
                "unix" => Box::new(UnixStream::connect(address).await?),
                _ => Box::new(TcpStream::connect(address).await?),
            };
            let Some(tls) = tls else {
                return Ok(TokioIo::new(stream));
            };
            let name = "localhost".try_into().expect("valid server name");
            let stream = tls.connect(name, stream).await?;
            let protocol = stream.get_ref().1.alpn_protocol();
            assert_eq!(protocol, Some(&b"h2"[..]), "newer hosts require ALPN");
            let stream: Box<dyn Stream> = Box::new(stream);
            Ok(TokioIo::new(stream))
        })
    }
}

/// Certificate and key of a host. OpenSSL creates them according to the template in go-plugin.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    key: String,
}

impl Identity {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().expect("create a temporary directory");
        let (key, certificate) = (
            directory.path().join("key"),
            directory.path().join("certificate"),
        );
        let output = std::process::Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:secp521r1",
                "-nodes",
                "-sha512",
            ])
            .args(["-days", "10957", "-subj", "/O=HashiCorp/CN=localhost"])
            .args(["-addext", "subjectAltName=DNS:localhost"])
            .args(["-addext", "basicConstraints=critical,CA:TRUE"])
            .args([
                "-addext",
                "keyUsage=critical,digitalSignature,keyEncipherment,keyAgreement,keyCertSign",
            ])
            .args(["-addext", "extendedKeyUsage=clientAuth,serverAuth"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output()
            .expect(
                "openssl is not installed; run `apt-get install openssl` or `brew install openssl`",
            );
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let read =
            |path: &Path| std::fs::read_to_string(path).expect("read a file that openssl wrote");
        Self {
            certificate: read(&certificate),
            key: read(&key),
        }
    }

    /// Returns an identity that has the certificate of another identity but a different key.
    pub(crate) fn stolen(certificate: &Self) -> Self {
        Self {
            certificate: certificate.certificate.clone(),
            ..Self::new()
        }
    }

    /// Returns a resolver for the client certificate. The resolver does not check that the certificate and key match.
    fn resolver(&self) -> Arc<SingleCertAndKey> {
        let certificate =
            CertificateDer::from_pem_slice(self.certificate.as_bytes()).expect("valid PEM");
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).expect("valid PEM");
        let key = any_supported_type(&key).expect("supported P-521 key");
        Arc::new(SingleCertAndKey::from(CertifiedKey::new(
            vec![certificate],
            key,
        )))
    }
}

/// Returns the lines in a log that are hclog JSON.
pub(crate) fn log_lines(text: &str) -> Vec<BTreeMap<String, serde_json::Value>> {
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}
