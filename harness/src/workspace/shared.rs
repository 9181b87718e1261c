//! Provider processes that `tfsubset` starts, and that later commands in the same workspace use again. Must not start
//! providers.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use camino::Utf8Path;
use rustix::process::{Pid, Signal};

use super::Error;
use crate::process::Group;

/// Environment variable from which `tfsubset` reads the directory that registers the processes.
const REGISTER: &str = "TFSUBSET_PROCESSES";
/// Environment variable from which `tfsubset` reads the process group of the processes.
const GROUP: &str = "TFSUBSET_GROUP";

/// Provider processes. Dropping the handle kills them.
pub(super) struct SharedProcesses {
    group: Group,
    register: tempfile::TempDir,
}

impl SharedProcesses {
    /// Starts a process group without a provider, and creates its register below `base`.
    fn start(base: &Utf8Path) -> Result<Self, Error> {
        let register = tempfile::Builder::new()
            .prefix("processes-")
            .tempdir_in(base)
            .map_err(Error::io("create", base))?;
        // The leader only keeps the group in existence. It exits when the pipe to its input closes.
        let mut leader = Command::new("/bin/cat");
        leader
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let group = Group::spawn(&mut leader).map_err(|source| Error::Run {
            what: "/bin/cat, which leads the process group of the providers".to_owned(),
            source,
        })?;
        Ok(Self { group, register })
    }

    /// Returns the process group ID.
    pub(super) fn group(&self) -> Pid {
        self.group.id()
    }

    /// Kills the processes.
    pub(super) fn kill(&self) {
        self.group.signal(Signal::KILL);
    }

    fn announce(&self, environment: &mut BTreeMap<String, String>) {
        let register = self.register.path().display().to_string();
        environment.insert(REGISTER.to_owned(), register);
        let group = self.group.id().as_raw_nonzero().to_string();
        environment.insert(GROUP.to_owned(), group);
    }
}

/// The provider processes that no command in a workspace uses.
#[derive(Clone)]
pub(super) struct Idle {
    processes: Arc<Mutex<Option<SharedProcesses>>>,
    /// Whether to keep the processes even if memory is scarce.
    always: bool,
}

impl Idle {
    /// Returns an owner without processes.
    pub(super) fn new(always: bool) -> Self {
        Self {
            processes: Arc::default(),
            always,
        }
    }

    /// Takes the idle processes or an empty group for the next command, and adds them to its environment. Concurrent
    /// commands do not share processes, because an interrupt stops all calls of a process.
    ///
    /// # Errors
    /// Returns an error if a group cannot be started.
    pub(super) fn take(
        &self,
        base: &Utf8Path,
        environment: &mut BTreeMap<String, String>,
    ) -> Result<SharedProcesses, Error> {
        let processes = match self.take_idle() {
            Some(processes) => processes,
            None => SharedProcesses::start(base)?,
        };
        processes.announce(environment);
        Ok(processes)
    }

    /// Keeps the processes of a command that has ended for the next command. Kills them instead if memory is scarce,
    /// because the schedule does not count them.
    pub(super) fn put(&self, processes: SharedProcesses) {
        if self.always || memory_is_plentiful() {
            // Processes of a concurrent command that ended first are killed.
            *self.lock() = Some(processes);
        }
    }

    /// Kills the idle processes.
    pub(super) fn end(&self) {
        drop(self.take_idle());
    }

    fn take_idle(&self) -> Option<SharedProcesses> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<SharedProcesses>> {
        self.processes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether two thirds of the memory are available. Commands in progress can use most of them, so idle
/// processes must fit into the rest. Returns `false` on operating systems without `/proc/meminfo`.
fn memory_is_plentiful() -> bool {
    std::fs::read_to_string("/proc/meminfo").is_ok_and(|text| is_plentiful(&text) == Some(true))
}

/// Compares `MemAvailable` and `MemTotal`, from proc(5).
fn is_plentiful(meminfo: &str) -> Option<bool> {
    let kibibytes = |name: &str| {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    Some(kibibytes("MemAvailable:")? >= kibibytes("MemTotal:")? / 3 * 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_are_kept_while_two_thirds_of_the_memory_are_available() {
        let text = |available: u32| format!("MemTotal: 1000 kB\nMemAvailable: {available} kB\n");
        assert_eq!(is_plentiful(&text(666)), Some(true));
        assert_eq!(is_plentiful(&text(665)), Some(false));
        assert_eq!(is_plentiful("MemTotal: 1000 kB\n"), None);
    }
}
