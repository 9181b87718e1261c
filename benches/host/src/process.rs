//! A provider process and its client: starts, connects, measures, and stops the process.

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

/// Magic cookie that the provider requires in its environment. Source: Terraform, `internal/plugin`.
const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

/// Timeout for the handshake line, and for the exit of the provider.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Clock ticks per second in `/proc/PID/stat`. Linux defines a fixed value for user space (`man 5 proc`,
/// `sysconf(_SC_CLK_TCK)`).
const TICKS: f64 = 100.0;

/// A running provider process.
pub(crate) struct Process {
    child: Child,
    /// The connection to the provider.
    pub(crate) channel: Channel,
    /// Time when the process was started.
    pub(crate) started: Instant,
    /// Time from process start to the handshake line.
    pub(crate) handshake: Duration,
    /// Time from process start to the end of the TLS handshake on both sides.
    pub(crate) connected: Duration,
}

impl Process {
    /// Starts a provider and connects to it.
    ///
    /// # Errors
    /// Returns an error if the process does not start, does not print a handshake line, or does not accept a
    /// connection.
    pub(crate) async fn start(binary: &Path, identity: &Identity) -> Result<Self> {
        let started = Instant::now();
        let mut child = spawn(binary, identity)?;
        let stdout = child
            .stdout
            .take()
            .context("standard output is not captured")?;
        let mut line = String::new();
        timeout(TIMEOUT, BufReader::new(stdout).read_line(&mut line))
            .await
            .context("timed out waiting for the handshake line")??;
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

    /// Returns the peak memory (`VmHWM`) in KiB.
    ///
    /// # Errors
    /// Returns an error if the process has exited.
    pub(crate) fn peak_kib(&self) -> Result<f64> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number
            .context("the process status has no VmHWM")?
            .parse()
            .context("VmHWM is not a number")
    }

    /// Returns the CPU time that all threads used, in user and system mode.
    ///
    /// # Errors
    /// Returns an error if the process has exited.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        let stat = self.proc("stat")?;
        let (_, rest) = stat
            .rsplit_once(')')
            .context("the process statistics have no name")?;
        // The remaining fields start with field 3, the state. Fields 14 and 15 are utime and stime.
        let fields = rest.split_whitespace().skip(11).take(2);
        let ticks: Vec<f64> = fields.map(str::parse).collect::<Result<_, _>>()?;
        Ok(ticks.iter().sum::<f64>() / TICKS)
    }

    fn proc(&self, file: &str) -> Result<String> {
        let id = self.child.id().context("the provider has exited")?;
        Ok(std::fs::read_to_string(format!("/proc/{id}/{file}"))?)
    }

    /// Stops the process in the same way as a host.
    ///
    /// # Errors
    /// Returns an error if the process does not exit before the timeout.
    pub(crate) async fn end(mut self) -> Result<()> {
        // The process can exit before it sends the response.
        let _ = GrpcControllerClient::new(self.channel)
            .shutdown(Empty {})
            .await;
        timeout(TIMEOUT, self.child.wait())
            .await
            .context("the provider did not exit after the stop request")??;
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
