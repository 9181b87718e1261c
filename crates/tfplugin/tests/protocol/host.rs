//! The other side of the wire, as Terraform and OpenTofu play it: starts an example as its provider, reads the
//! handshake line, connects, and ends it.

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

/// Longer than anything here takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long hosts wait for the end of a process that they asked to end before they kill it (go-plugin, `Client.Kill`).
const HOSTS_WAIT: Duration = Duration::from_secs(2);

/// A provider process and what its host knows of it.
pub(crate) struct Host {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: watch::Receiver<String>,
    started: Instant,
    /// From the start of the process to its first line, once that was read.
    first_line: Option<Duration>,
    pub(crate) directory: TempDir,
}

impl Host {
    /// Starts an example with exactly these variables, and a temporary directory of its own.
    pub(crate) fn start(example: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let given = variables.iter().any(|(name, _)| *name == "TMPDIR");
        let mut command = Command::new(example_path(example));
        command
            .env_clear()
            .args(arguments)
            .envs(variables.iter().copied());
        if !given {
            command.env("TMPDIR", directory.path());
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let started = Instant::now();
        let mut child = command.spawn().expect("the example starts");
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let pipe = child.stderr.take().expect("piped");
        let (told, stderr) = watch::channel(String::new());
        tokio::spawn(async move {
            let mut lines = BufReader::new(pipe).lines();
            while let Some(line) = lines.next_line().await.expect("stderr is text") {
                told.send_modify(|text| {
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

    /// Starts an example as Terraform 1.11 does, with the certificate of `identity`.
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

    /// The next line of standard output, without its end; empty when there is none.
    pub(crate) async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.stdout.read_line(&mut line);
        tokio::time::timeout(PATIENCE, read)
            .await
            .expect("a line in time")
            .expect("stdout is text");
        self.first_line.get_or_insert(self.started.elapsed());
        line.trim_end_matches('\n').to_owned()
    }

    /// What a provider under `--debug` prints for command lines to reattach to it.
    pub(crate) async fn reattach(&mut self) -> serde_json::Value {
        let variable = loop {
            let line = self.line().await;
            if let Some((_, value)) = line.split_once("TF_REATTACH_PROVIDERS='") {
                break value.strip_suffix('\'').expect("quoted").to_owned();
            }
        };
        let providers: serde_json::Value = serde_json::from_str(&variable).expect("JSON");
        let mut providers = providers.as_object().into_iter().flatten();
        let (_, provider) = providers.next().expect("one provider");
        provider.clone()
    }

    /// Waits until standard error holds that text.
    pub(crate) async fn says(&mut self, text: &str) {
        let said = self.stderr.wait_for(|stderr| stderr.contains(text));
        let said = tokio::time::timeout(PATIENCE, said).await;
        said.expect("it says so in time")
            .expect("it says so before it ends");
    }

    /// Sends a signal by name, through the system's `kill`.
    pub(crate) async fn signal(&self, name: &str) {
        let id = self.child.id().expect("still running").to_string();
        let sent = Command::new("kill")
            .args(["-s", name, &id])
            .status()
            .await
            .expect("kill runs");
        assert!(sent.success());
    }

    /// Waits for the process to end by itself.
    pub(crate) async fn ended(mut self) -> End {
        let waiting = Instant::now();
        let status = tokio::time::timeout(PATIENCE, self.child.wait())
            .await
            .expect("it ends")
            .expect("waited");
        let took = waiting.elapsed();
        let mut stdout = String::new();
        self.stdout
            .read_to_string(&mut stdout)
            .await
            .expect("stdout is text");
        // Closed once everything was read.
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

    /// Asks the process to end, as a host does after its work, and waits until it has.
    pub(crate) async fn shut_down(self, channel: Channel) -> End {
        // A host does not look at the answer.
        let _ = GrpcControllerClient::new(channel).shutdown(Empty {}).await;
        self.ended().await
    }
}

/// How a process ended.
pub(crate) struct End {
    /// Time from the request, or from the wait, to the end.
    took: Duration,
    first_line: Duration,
    pub(crate) status: ExitStatus,
    /// What it wrote to standard output beside the lines that were read.
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// Its temporary directory.
    pub(crate) directory: TempDir,
}

impl End {
    /// Checks that the process ended before a host would have killed it. A process starts within some milliseconds on a
    /// machine that does nothing else, so a busy machine gets more time in the same proportion.
    pub(crate) fn expect_in_time(&self) {
        let allowed = HOSTS_WAIT + 20 * self.first_line;
        assert!(
            self.took < allowed,
            "took {:?} of {allowed:?}; started in {:?}",
            self.took,
            self.first_line
        );
    }
}

fn example_path(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test
        .ancestors()
        .nth(2)
        .expect("target/<profile>/deps/<test>");
    let path = profile.join("examples").join(name);
    assert!(
        path.exists(),
        "{} is missing: run `cargo build -p tfplugin --examples`",
        path.display()
    );
    path
}

/// The parts of a handshake line.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) fields: Vec<String>,
}

impl Line {
    /// What a provider prints as [`Host::reattach`] reads it, as the line of a handshake.
    pub(crate) fn to_reattach(provider: &serde_json::Value) -> Self {
        let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
        let address = &provider["Addr"];
        let (network, path) = (text(&address["Network"]), text(&address["String"]));
        Self::parse(&format!("1|6|{network}|{path}|grpc|"))
    }

    pub(crate) fn parse(line: &str) -> Self {
        let fields: Vec<_> = line.split('|').map(str::to_owned).collect();
        assert_eq!(fields.len(), 6, "six fields: {line}");
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

    /// Connects over plaintext, as a host does that asked for no TLS.
    pub(crate) async fn connect(&self) -> Result<Channel, tonic::transport::Error> {
        self.dial(None).await
    }

    /// Connects as a host does: it trusts the certificate of the line for `localhost`, and shows its own, if any.
    pub(crate) async fn connect_tls(
        &self,
        identity: Option<&Identity>,
    ) -> Result<Channel, tonic::transport::Error> {
        self.connect_tls_version(identity, &TLS13).await
    }

    /// Connects over a version of TLS.
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
            .expect("a certificate");
        let builder =
            ClientConfig::builder_with_protocol_versions(&[version]).with_root_certificates(roots);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => builder.with_client_cert_resolver(identity.shown()),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        self.dial(Some(TlsConnector::from(Arc::new(config)))).await
    }

    async fn dial(&self, tls: Option<TlsConnector>) -> Result<Channel, tonic::transport::Error> {
        let dial = Dial {
            network: self.fields[2].clone(),
            address: self.fields[3].clone(),
            tls,
        };
        Endpoint::from_static("http://localhost")
            .connect_with_connector(dial)
            .await
    }
}

/// Opens the connections of a channel.
struct Dial {
    network: String,
    address: String,
    tls: Option<TlsConnector>,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Service<Uri> for Dial {
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
            let name = "localhost".try_into().expect("a name");
            let stream = tls.connect(name, stream).await?;
            let protocol = stream.get_ref().1.alpn_protocol();
            assert_eq!(protocol, Some(&b"h2"[..]), "newer hosts insist on ALPN");
            let stream: Box<dyn Stream> = Box::new(stream);
            Ok(TokioIo::new(stream))
        })
    }
}

/// A host's certificate and key, made by OpenSSL after the template that go-plugin uses.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    key: String,
}

impl Identity {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let (key, certificate) = (
            directory.path().join("key"),
            directory.path().join("certificate"),
        );
        let made = std::process::Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp521r1", "-nodes", "-sha512"])
            .args(["-days", "10957", "-subj", "/O=HashiCorp/CN=localhost"])
            .args(["-addext", "subjectAltName=DNS:localhost"])
            .args(["-addext", "basicConstraints=critical,CA:TRUE"])
            .args(["-addext", "keyUsage=critical,digitalSignature,keyEncipherment,keyAgreement,keyCertSign"])
            .args(["-addext", "extendedKeyUsage=clientAuth,serverAuth"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output()
            .expect("openssl is missing: install it with `apt-get install openssl` or `brew install openssl`");
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let read = |path: &Path| std::fs::read_to_string(path).expect("openssl wrote it");
        Self {
            certificate: read(&certificate),
            key: read(&key),
        }
    }

    /// Shows that certificate without having its key.
    pub(crate) fn stolen(certificate: &Self) -> Self {
        Self {
            certificate: certificate.certificate.clone(),
            ..Self::new()
        }
    }

    /// What a client shows and signs with; nobody checks here that they belong together.
    fn shown(&self) -> Arc<SingleCertAndKey> {
        let certificate = CertificateDer::from_pem_slice(self.certificate.as_bytes()).expect("PEM");
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).expect("PEM");
        let key = any_supported_type(&key).expect("a P-521 key");
        Arc::new(SingleCertAndKey::from(CertifiedKey::new(
            vec![certificate],
            key,
        )))
    }
}

/// The lines of a log that are hclog JSON.
pub(crate) fn log_lines(text: &str) -> Vec<BTreeMap<String, serde_json::Value>> {
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}
