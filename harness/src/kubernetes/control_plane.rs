//! The processes of a control plane. Must not depend on the objects that clients create.

use std::fs::{File, Permissions};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::Pid;

use super::client::{ApiError, Client};
use super::credentials::{CredentialError, Credentials};
use crate::poll::poll;
use crate::process::{Group, keep_at_end, remove_at_end};
use crate::toolchain::{BuildError, ControlPlanePrograms, Progress, Quiet, control_plane_with};

/// Timeout for the start of the API server and the controllers, long enough for a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(240);
/// Number of ports to try.
const ATTEMPTS: usize = 5;
/// Number of log lines in an error.
const SHOWN: usize = 15;

/// Reason why a control plane cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The programs cannot be built.
    #[error("cannot build the Kubernetes control plane")]
    Build(#[from] BuildError),
    /// The credentials cannot be created.
    #[error("cannot create the credentials of the Kubernetes control plane")]
    Credentials(#[from] CredentialError),
    /// A process or directory cannot be created.
    #[error("cannot start the Kubernetes control plane")]
    Start(#[from] io::Error),
    /// The client cannot be created, or the API server refused a request.
    #[error("the API server refused a request during its start")]
    Api(#[from] ApiError),
    /// The control plane did not become ready.
    #[error("{program} did not become ready; last lines of its log:\n{log}")]
    NotReady {
        /// Name of the program.
        program: &'static str,
        /// The last lines of its log.
        log: String,
    },
}

/// A running control plane. It is killed when the handle is dropped or when this process exits.
pub struct ControlPlane {
    client: Client,
    started: Duration,
    logs: Logs,
    // Fields are dropped in this order: clients of a process before the process.
    controllers: Group,
    server: Group,
    etcd: Group,
    directory: Directory,
}

impl ControlPlane {
    /// Builds the programs if they are missing, starts them on loopback, and waits until the API server is ready and the
    /// controllers work.
    ///
    /// # Errors
    /// Returns an error if a program cannot be built or started, or does not become ready.
    pub fn start() -> Result<Self, StartError> {
        Self::start_with(&Quiet)
    }

    /// Starts a control plane like [`ControlPlane::start`], and reports the progress of builds.
    ///
    /// # Errors
    /// Returns an error if a program cannot be built or started, or does not become ready.
    pub fn start_with(progress: &dyn Progress) -> Result<Self, StartError> {
        let programs = control_plane_with(progress)?;
        let began = Instant::now();
        let directory = Directory::create("skreg-kubernetes-")?;
        let logs = Logs(Directory::create("skreg-kubernetes-logs-")?);
        let credentials = Credentials::create(&directory.path)?;
        let socket = directory.path.join("etcd.sock");
        let etcd = logs.spawn("etcd", etcd(&programs, &directory.path, &socket))?;
        let (server, client) = serve(&programs, &directory.path, &credentials, &socket, &logs)?;
        let kubeconfig = credentials.kubeconfig(&directory.path, &client.server())?;
        let command = controllers(&programs, &directory.path, &credentials, &kubeconfig);
        let mut controllers = logs.spawn("kube-controller-manager", command)?;
        // The first object that a controller creates.
        let account = "/api/v1/namespaces/default/serviceaccounts/default";
        let works = poll(began + START_TIMEOUT, || {
            let ended = controllers.ended().then_some(false);
            ended.or_else(|| client.get(account).ok().flatten().map(|_| true))
        });
        if !works {
            return Err(logs.not_ready("kube-controller-manager"));
        }
        client.install(&programs.definitions)?;
        Ok(Self {
            client,
            started: began.elapsed(),
            logs,
            controllers,
            server,
            etcd,
            directory,
        })
    }

    /// Returns the client of a cluster administrator.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Returns the time that the start took, without builds.
    #[must_use]
    pub fn started(&self) -> Duration {
        self.started
    }

    /// Returns the process group IDs of the controller manager, the API server, and etcd.
    #[must_use]
    pub fn groups(&self) -> [Pid; 3] {
        [&self.controllers, &self.server, &self.etcd].map(Group::id)
    }

    /// Returns the directory with the credentials and the data.
    #[must_use]
    pub fn directory(&self) -> &Utf8Path {
        &self.directory.path
    }

    /// Keeps the logs when this process ends, and returns their directory. The credentials are deleted in any case.
    ///
    /// # Errors
    /// Returns an error if the process that deletes directories does not run.
    pub fn keep_logs(&self) -> io::Result<Utf8PathBuf> {
        self.logs.0.keep()
    }
}

/// Starts the API server on an available port, and waits until it is ready. Another process can bind the port first. The
/// client accepts only the certificate of this server.
fn serve(
    programs: &ControlPlanePrograms,
    directory: &Utf8Path,
    credentials: &Credentials,
    socket: &Utf8Path,
    logs: &Logs,
) -> Result<(Group, Client), StartError> {
    for _ in 0..ATTEMPTS {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let client = Client::new(address, &credentials.certificate, &credentials.token)?;
        let command = api_server(programs, directory, credentials, socket, address);
        let mut server = logs.spawn("kube-apiserver", command)?;
        let ready = poll(Instant::now() + START_TIMEOUT, || {
            let ended = server.ended().then_some(false);
            ended.or_else(|| client.is_ready().then_some(true))
        });
        if ready {
            return Ok((server, client));
        }
    }
    Err(logs.not_ready("kube-apiserver"))
}

/// Address of the only member of the etcd cluster. etcd requires an address with a port, but no process connects to it.
const MEMBER: &str = "http://127.0.0.1:1";

/// etcd listens on sockets in a private directory, because it does not authenticate its clients.
fn etcd(programs: &ControlPlanePrograms, directory: &Utf8Path, socket: &Utf8Path) -> Command {
    let mut command = program(&programs.etcd, directory);
    command
        .arg(format!("--data-dir={directory}/etcd"))
        .arg(format!("--listen-client-urls=unix://{socket}"))
        .arg(format!("--listen-peer-urls=unix://{directory}/peer.sock"))
        .arg(format!("--advertise-client-urls={MEMBER}"))
        .arg(format!("--initial-advertise-peer-urls={MEMBER}"))
        .arg(format!("--initial-cluster=default={MEMBER}"))
        // The data does not outlive the processes.
        .args(["--unsafe-no-fsync", "--log-level=warn"]);
    command
}

fn api_server(
    programs: &ControlPlanePrograms,
    directory: &Utf8Path,
    credentials: &Credentials,
    socket: &Utf8Path,
    address: SocketAddr,
) -> Command {
    let (accounts, public) = (
        &credentials.accounts_file,
        &credentials.accounts_public_file,
    );
    let mut command = program(&programs.api_server, directory);
    command
        .arg(format!("--etcd-servers=unix://{socket}"))
        .arg(format!("--bind-address={}", address.ip()))
        .arg(format!("--secure-port={}", address.port()))
        .arg(format!("--tls-cert-file={}", credentials.certificate_file))
        .arg(format!("--tls-private-key-file={}", credentials.key_file))
        .arg(format!("--token-auth-file={}", credentials.tokens_file))
        .arg(format!("--service-account-key-file={public}"))
        .arg(format!("--service-account-signing-key-file={accounts}"))
        .args([
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--authorization-mode=RBAC",
            "--anonymous-auth=false",
            // No pod connects to the API server.
            "--endpoint-reconciler-type=none",
        ]);
    command
}

fn controllers(
    programs: &ControlPlanePrograms,
    directory: &Utf8Path,
    credentials: &Credentials,
    kubeconfig: &Utf8Path,
) -> Command {
    let accounts = &credentials.accounts_file;
    let mut command = program(&programs.controller_manager, directory);
    command
        .arg(format!("--kubeconfig={kubeconfig}"))
        .arg(format!("--service-account-private-key-file={accounts}"))
        .args(["--leader-elect=false", "--secure-port=0"]);
    command
}

/// Returns a command without the user's environment, which could contain a kubeconfig.
fn program(path: &Utf8Path, directory: &Utf8Path) -> Command {
    let mut command = Command::new(path);
    command
        .env_clear()
        .env("HOME", directory)
        .env("TMPDIR", directory)
        .current_dir(directory)
        .stdin(Stdio::null());
    command
}

/// Directory with one log for each program.
struct Logs(Directory);

impl Logs {
    fn spawn(&self, program: &str, mut command: Command) -> io::Result<Group> {
        let log = File::create(self.0.path.join(format!("{program}.log")))?;
        command.stdout(log.try_clone()?).stderr(log);
        Group::spawn(&mut command)
    }

    fn not_ready(&self, program: &'static str) -> StartError {
        let path = self.0.path.join(format!("{program}.log"));
        let log = std::fs::read_to_string(path).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        let log = lines[lines.len().saturating_sub(SHOWN)..].join("\n");
        StartError::NotReady { program, log }
    }
}

/// A private temporary directory. It is deleted when the handle is dropped or when this process exits.
struct Directory {
    path: Utf8PathBuf,
    temporary: Mutex<Option<tempfile::TempDir>>,
}

impl Directory {
    fn create(prefix: &str) -> io::Result<Self> {
        let temporary = tempfile::Builder::new()
            .prefix(prefix)
            .permissions(Permissions::from_mode(0o700))
            .tempdir()?;
        let path = Utf8Path::from_path(temporary.path())
            .ok_or_else(|| io::Error::other("the temporary directory is not UTF-8"))?
            .to_owned();
        remove_at_end(&path)?;
        let temporary = Mutex::new(Some(temporary));
        Ok(Self { path, temporary })
    }

    fn keep(&self) -> io::Result<Utf8PathBuf> {
        let mut temporary = self
            .temporary
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(temporary) = temporary.take() {
            let _ = temporary.keep();
            keep_at_end(&self.path)?;
        }
        Ok(self.path.clone())
    }
}
