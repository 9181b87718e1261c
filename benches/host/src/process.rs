//! A provider process with its host's side: started, connected, measured and ended.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tfplugin_proto::plugin::Empty;
use tfplugin_proto::plugin::grpc_controller_client::GrpcControllerClient;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;
use tonic::transport::Channel;

use crate::client::{self, Address, Identity};

/// What a provider must be told to serve. Source: Terraform, `internal/plugin`.
const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

/// How long a provider may take for its handshake line, and for its end.
const PATIENCE: Duration = Duration::from_secs(60);
/// Clock ticks of a second in `/proc/PID/stat`, which Linux fixes for user space (`man 5 proc`, `sysconf(_SC_CLK_TCK)`).
const TICKS: f64 = 100.0;

/// A provider that serves its host.
pub(crate) struct Process {
    child: Child,
    /// The connection.
    pub(crate) channel: Channel,
    /// When the process was started.
    pub(crate) started: Instant,
    /// From the start to the handshake line.
    pub(crate) handshake: Duration,
    /// From the start to the end of the TLS handshake on both sides.
    pub(crate) connected: Duration,
}

impl Process {
    /// Starts a provider and connects to it.
    ///
    /// # Errors
    /// When it does not start, or prints no handshake line, or cannot be connected to.
    pub(crate) async fn start(binary: &Path, identity: &Identity) -> Result<Self> {
        let started = Instant::now();
        let mut child = spawn(binary, identity)?;
        let stdout = child.stdout.take().context("no stdout")?;
        let mut line = String::new();
        timeout(PATIENCE, BufReader::new(stdout).read_line(&mut line))
            .await
            .context("no handshake line in time")??;
        let handshake = started.elapsed();
        let address = Address::parse(&line)?;
        let channel = client::connect(&address, identity).await?;
        Ok(Self {
            child,
            channel,
            started,
            handshake,
            connected: started.elapsed(),
        })
    }

    /// `VmHWM`, the peak memory so far, in KiB.
    ///
    /// # Errors
    /// When the process has ended.
    pub(crate) fn peak_kib(&self) -> Result<f64> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number
            .context("no VmHWM in the status of the process")?
            .parse()
            .context("VmHWM is no number")
    }

    /// CPU time of all threads so far, user and system.
    ///
    /// # Errors
    /// When the process has ended.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        let stat = self.proc("stat")?;
        let (_, rest) = stat.rsplit_once(')').context("no name in the statistics")?;
        // The state is field 3, so these are fields 14 and 15: utime and stime.
        let fields = rest.split_whitespace().skip(11).take(2);
        let ticks: Vec<f64> = fields.map(str::parse).collect::<Result<_, _>>()?;
        Ok(ticks.iter().sum::<f64>() / TICKS)
    }

    fn proc(&self, file: &str) -> Result<String> {
        let id = self.child.id().context("the provider has ended")?;
        Ok(std::fs::read_to_string(format!("/proc/{id}/{file}"))?)
    }

    /// Ends the process as a host does.
    ///
    /// # Errors
    /// When it does not end in time.
    pub(crate) async fn end(mut self) -> Result<()> {
        // The answer to the request to end may be cut off by the end itself.
        let _ = GrpcControllerClient::new(self.channel)
            .shutdown(Empty {})
            .await;
        timeout(PATIENCE, self.child.wait())
            .await
            .context("the provider does not end when its host requests it")??;
        Ok(())
    }
}

fn spawn(binary: &Path, identity: &Identity) -> Result<Child> {
    Command::new(binary)
        .env_clear()
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6")
        .env("PLUGIN_CLIENT_CERT", identity.certificate_pem())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("starting {}", binary.display()))
}
