//! The emulator process. Must not know what runs against it.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::gateway::GatewayError;
use crate::process::{Group, remove_at_end};
use crate::toolchain::{EmulatorError, Progress, Quiet, emulator_python_with};

/// How long the emulator may take to answer its first health check.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why there is no local AWS.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It could not be installed.
    #[error("cannot install the local AWS")]
    Install(#[from] EmulatorError),
    /// Its process could not be started.
    #[error("cannot start the local AWS")]
    Start(#[source] io::Error),
    /// It started and did not become healthy.
    #[error("the local AWS did not become healthy; its last words were:\n{log}")]
    Unhealthy {
        /// The end of its log.
        log: String,
    },
    /// The gateway in front of it could not be started.
    #[error("cannot start the gateway of the local AWS")]
    Gateway(#[from] GatewayError),
}

/// A running emulator. It is killed when the handle is dropped or this process ends.
pub struct Emulator {
    address: SocketAddr,
    _group: Group,
    _directory: tempfile::TempDir,
}

impl Emulator {
    /// Starts the pinned emulator on a free port of loopback and waits until it is healthy.
    ///
    /// # Errors
    /// When it cannot be installed, started, or does not become healthy.
    pub fn start() -> Result<Self, StartError> {
        Self::start_with(&Quiet)
    }

    /// As [`Emulator::start`], with a listener to the installation.
    ///
    /// # Errors
    /// When it cannot be installed, started, or does not become healthy.
    pub fn start_with(progress: &dyn Progress) -> Result<Self, StartError> {
        let python = emulator_python_with(progress)?;
        let directory = tempfile::Builder::new()
            .prefix("skreg-aws-")
            .tempdir()
            .map_err(StartError::Start)?;
        if let Some(path) = camino::Utf8Path::from_path(directory.path()) {
            remove_at_end(path).map_err(StartError::Start)?;
        }
        let mut last = String::new();
        // Another process may take the free port between our look and the emulator's bind.
        for _ in 0..3 {
            let address = free_port().map_err(StartError::Start)?;
            let log = directory.path().join("log");
            let mut command = Command::new(&python);
            environment(&mut command, address, directory.path());
            let output = fs::File::create(&log).map_err(StartError::Start)?;
            command
                .stdout(output.try_clone().map_err(StartError::Start)?)
                .stderr(output)
                .stdin(Stdio::null());
            let mut group = Group::spawn(&mut command).map_err(StartError::Start)?;
            if healthy(address, &mut group) {
                return Ok(Self {
                    address,
                    _group: group,
                    _directory: directory,
                });
            }
            group.kill().map_err(StartError::Start)?;
            last = tail(&fs::read_to_string(&log).unwrap_or_default());
        }
        Err(StartError::Unhealthy { log: last })
    }

    /// Where it listens. Clients should go through a gateway instead.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Nothing of the user's environment but the PATH; no listener beside the one we ask for.
fn environment(command: &mut Command, address: SocketAddr, directory: &std::path::Path) {
    command
        .args(["-m", "ministack"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", directory)
        .env("TMPDIR", directory)
        .env("PYTHONUNBUFFERED", "1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("BIND_HOST", address.ip().to_string())
        .env("MINISTACK_HOST", address.ip().to_string())
        .env("GATEWAY_PORT", address.port().to_string())
        .env("IOT_MTLS_ENABLED", "0")
        .env("SFTP_ENABLED", "0")
        .env("LOG_LEVEL", "WARNING")
        .current_dir(directory);
}

fn free_port() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

fn healthy(address: SocketAddr, group: &mut Group) -> bool {
    let url = format!("http://{address}/_ministack/health");
    super::poll(Instant::now() + PATIENCE, || {
        if group.ended() {
            return Some(false);
        }
        ureq::get(&url).call().is_ok().then_some(true)
    })
}

fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
