//! Provider processes that the instances of this program share during one or more commands of a host.
//!
//! A host starts a provider several times during a command: to validate, to plan, to apply, and for each `run` block of a
//! test. Each start of hashicorp/aws costs about a second of processor time. A process serves all instances with the same
//! configuration and environment, so a command starts one process for each configuration of a provider. The caller of the
//! host kills the processes, with the other processes in their group.

use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;

use bytes::Bytes;
use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use tonic::Status;
use tonic::codegen::http::uri::PathAndQuery;

use crate::provider::{Address, Provider};
use crate::settings::Settings;

/// The processes of one provider program.
#[derive(Debug)]
pub(crate) struct Processes {
    program: Utf8PathBuf,
    /// File with the running processes. Each instance locks it while it reads and changes it.
    register: Utf8PathBuf,
    /// Process group of the processes.
    group: Option<i32>,
    /// Hash of the environment of this instance.
    environment: u64,
}

/// A running process.
#[derive(Debug, Deserialize, Serialize)]
struct Process {
    address: Address,
    /// Hash of the environment, which can contain credentials.
    environment: u64,
    configured: Option<Configured>,
}

/// The configuration of a process.
#[derive(Debug, Deserialize, Serialize)]
struct Configured {
    /// Hash of the request, which can contain credentials.
    request: u64,
    response: Vec<u8>,
}

impl Processes {
    /// Returns the processes that are registered in a directory, and have the environment of this process.
    pub(crate) fn of(settings: &Settings, directory: &Utf8Path) -> Self {
        let name = settings.program.file_name().unwrap_or("provider");
        Self {
            program: settings.program.clone(),
            register: directory.join(format!("{name}.processes")),
            group: settings.group,
            environment: settings.environment,
        }
    }

    /// Returns a process for calls that do not depend on the configuration, such as validation.
    ///
    /// # Errors
    /// Returns an error if no process can be started or registered.
    pub(crate) async fn any(&self) -> Result<Provider, Status> {
        let mut register = self.lock().await?;
        let same = |process: &Process| process.environment == self.environment;
        match register.connect(same).await {
            Some((_, provider)) => Ok(provider),
            None => register.start(self).await,
        }
    }

    /// Returns a process with the configuration in a request, and its response to the request. `path` is the RPC.
    ///
    /// # Errors
    /// Returns an error if no process can be started, registered, or called.
    pub(crate) async fn configured(
        &self,
        path: PathAndQuery,
        request: Bytes,
    ) -> Result<(Provider, Bytes), Status> {
        let mut hasher = DefaultHasher::new();
        request.hash(&mut hasher);
        let wanted = hasher.finish();
        let mut register = self.lock().await?;
        let same = |process: &Process| {
            let configured = process.configured.as_ref();
            process.environment == self.environment
                && configured.is_some_and(|configured| configured.request == wanted)
        };
        if let Some((index, provider)) = register.connect(same).await
            && let Some(configured) = &register.processes[index].configured
        {
            return Ok((provider, configured.response.clone().into()));
        }
        let free = register
            .connect(|process| {
                process.environment == self.environment && process.configured.is_none()
            })
            .await;
        let (index, provider) = match free {
            Some(free) => free,
            None => {
                let provider = register.start(self).await?;
                (register.processes.len() - 1, provider)
            }
        };
        let response = provider.call(path, request).await?;
        register.processes[index].configured = Some(Configured {
            request: wanted,
            response: response.to_vec(),
        });
        register.write()?;
        Ok((provider, response))
    }

    async fn lock(&self) -> Result<Register, Status> {
        let path = self.register.clone();
        let locked = tokio::task::spawn_blocking(move || Register::lock(&path)).await;
        locked
            .map_err(io::Error::other)
            .flatten()
            .map_err(|error| Status::internal(format!("{}: {error}", self.register)))
    }
}

/// The locked register. Dropping it releases the lock.
#[derive(Debug)]
struct Register {
    file: File,
    processes: Vec<Process>,
}

impl Register {
    fn lock(path: &Utf8Path) -> io::Result<Self> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)?;
        file.lock()?;
        let text = io::read_to_string(&file)?;
        let processes = match text.is_empty() {
            true => Vec::new(),
            false => serde_json::from_str(&text)?,
        };
        Ok(Self { file, processes })
    }

    /// Connects to the first process that `matches`, and returns its index. Removes processes that do not accept
    /// connections, because they have exited.
    async fn connect(&mut self, matches: impl Fn(&Process) -> bool) -> Option<(usize, Provider)> {
        while let Some(index) = self.processes.iter().position(&matches) {
            match Provider::connect(&self.processes[index].address).await {
                Ok(provider) => return Some((index, provider)),
                Err(_) => drop(self.processes.remove(index)),
            }
        }
        None
    }

    /// Starts a process without a configuration, and adds it at the end.
    async fn start(&mut self, processes: &Processes) -> Result<Provider, Status> {
        let started = Provider::start_shared(&processes.program, processes.group).await;
        let (address, provider) =
            started.map_err(|error| Status::unavailable(error.to_string()))?;
        self.processes.push(Process {
            address,
            environment: processes.environment,
            configured: None,
        });
        self.write()?;
        Ok(provider)
    }

    fn write(&mut self) -> Result<(), Status> {
        use std::io::{Seek as _, Write as _};
        let text = serde_json::to_vec(&self.processes);
        text.map_err(io::Error::from)
            .and_then(|text| {
                self.file.set_len(0)?;
                self.file.rewind()?;
                self.file.write_all(&text)
            })
            .map_err(|error| Status::internal(format!("the processes are not registered: {error}")))
    }
}
