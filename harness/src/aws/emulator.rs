//! The emulator process. Must not depend on its clients.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::Pid;
use serde_json::Value;

use crate::gateway::GatewayError;
use crate::poll::poll;
use crate::process::{Group, remove_at_end};
use crate::toolchain::{EmulatorError, Progress, Quiet, emulator_python_with, service_models};

/// Timeout for the first health check, long enough for a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(240);
/// Timeout for one health check.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(10);
/// Number of ports to try.
const ATTEMPTS: usize = 5;

/// Reason why the local AWS emulator cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The installation failed.
    #[error("cannot install the local AWS emulator")]
    Install(#[from] EmulatorError),
    /// The process cannot be started.
    #[error("cannot start the local AWS emulator")]
    Start(#[source] io::Error),
    /// The process did not become healthy.
    #[error("the local AWS emulator did not become healthy; last lines of its log:\n{log}")]
    Unhealthy {
        /// The last lines of the log.
        log: String,
    },
    /// The gateway cannot be started.
    #[error("cannot start the gateway of the local AWS emulator")]
    Gateway(#[from] GatewayError),
}

/// A running emulator. It is killed when the handle is dropped or when this process exits.
pub struct Emulator {
    address: SocketAddr,
    models: Utf8PathBuf,
    group: Group,
    _directory: tempfile::TempDir,
}

impl Emulator {
    /// Starts the pinned emulator on an available loopback port and waits until it is healthy.
    ///
    /// # Errors
    /// Returns an error if the emulator cannot be installed or started, or does not become healthy.
    pub fn start() -> Result<Self, StartError> {
        Self::start_with(&Quiet)
    }

    /// Starts the emulator like [`Emulator::start`], and reports the progress of the installation.
    ///
    /// # Errors
    /// Returns an error if the emulator cannot be installed or started, or does not become healthy.
    pub fn start_with(progress: &dyn Progress) -> Result<Self, StartError> {
        let python = emulator_python_with(progress)?;
        let models = service_models(&python, progress)?;
        let directory = tempfile::Builder::new()
            .prefix("skreg-aws-")
            .tempdir()
            .map_err(StartError::Start)?;
        if let Some(path) = Utf8Path::from_path(directory.path()) {
            remove_at_end(path).map_err(StartError::Start)?;
        }
        let mut last = String::new();
        // Another process, possibly another emulator, can bind the available port before this emulator does. The health
        // check must therefore return the name of this emulator.
        for attempt in 0..ATTEMPTS {
            let name = format!("{}-{attempt}", directory.path().display());
            let address = free_port().map_err(StartError::Start)?;
            let log = directory.path().join("log");
            let mut command = Command::new(&python);
            environment(&mut command, address, directory.path(), &name);
            let output = fs::File::create(&log).map_err(StartError::Start)?;
            command
                .stdout(output.try_clone().map_err(StartError::Start)?)
                .stderr(output)
                .stdin(Stdio::null());
            let mut group = Group::spawn(&mut command).map_err(StartError::Start)?;
            if healthy(address, &name, &mut group) {
                return Ok(Self {
                    address,
                    models,
                    group,
                    _directory: directory,
                });
            }
            group.kill().map_err(StartError::Start)?;
            last = tail(&fs::read_to_string(&log).unwrap_or_default());
        }
        Err(StartError::Unhealthy { log: last })
    }

    /// Returns the process group ID of the emulator.
    #[must_use]
    pub fn group(&self) -> Pid {
        self.group.id()
    }

    /// Returns the directory with the service models of the emulator's environment.
    #[must_use]
    pub fn models(&self) -> &Utf8Path {
        &self.models
    }

    /// Returns the address of the emulator. Clients should use a gateway instead.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Returns the environment of the emulator. It inherits only PATH from the user's environment and disables other
/// listeners.
fn environment(
    command: &mut Command,
    address: SocketAddr,
    directory: &std::path::Path,
    name: &str,
) {
    command
        .args(["-m", "ministack"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", directory)
        .env("TMPDIR", directory)
        .env("PYTHONUNBUFFERED", "1")
        .env("BIND_HOST", address.ip().to_string())
        .env("MINISTACK_HOST", address.ip().to_string())
        .env("MINISTACK_EDITION", name)
        .env("GATEWAY_PORT", address.port().to_string())
        .env("IOT_MTLS_ENABLED", "0")
        .env("SFTP_ENABLED", "0")
        .env("LOG_LEVEL", "WARNING")
        .current_dir(directory);
}

fn free_port() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// Waits until the emulator with this name responds. Returns `false` if it exited or if another program responds.
fn healthy(address: SocketAddr, name: &str, group: &mut Group) -> bool {
    poll(Instant::now() + START_TIMEOUT, || {
        if group.ended() {
            return Some(false);
        }
        edition(address).map(|edition| edition == name)
    })
}

/// Returns the edition from an emulator's response to a health check. The emulator reads the edition from its
/// environment. Returns `None` if nothing responds, and an empty string if another program responds.
fn edition(address: SocketAddr) -> Option<String> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(HEALTH_TIMEOUT))
        .build()
        .into();
    let answer = agent
        .get(format!("http://{address}/_ministack/health"))
        .call();
    let text = answer.ok()?.body_mut().read_to_string().ok()?;
    let health: Value = serde_json::from_str(&text).unwrap_or_default();
    Some(health["edition"].as_str().unwrap_or_default().to_owned())
}

fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    /// Starts a server with a health check that returns an edition.
    fn answering(edition: &'static str) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let _ = stream.read(&mut [0; 4096]);
                let body = format!(r#"{{"edition":"{edition}"}}"#);
                let length = body.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
            }
        });
        Ok(address)
    }

    #[test]
    fn another_program_on_the_port_is_not_accepted_as_the_emulator() -> io::Result<()> {
        let mut group = Group::spawn(Command::new("sleep").arg("600"))?;
        assert!(!healthy(answering("light")?, "ours", &mut group));
        assert!(healthy(answering("ours")?, "ours", &mut group));
        Ok(())
    }
}
