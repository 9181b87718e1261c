//! Processes that a command starts in a workspace, especially local providers. Tests use this module to kill them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::process::{Process, processes_in_group};

/// A handle to the local provider processes in a workspace. It does not depend on which command runs.
#[derive(Clone, Debug, Default)]
pub struct Providers {
    kinds: Arc<Vec<String>>,
    /// The group of the running command, and that of provider processes that outlive the command.
    groups: Arc<Mutex<Vec<Pid>>>,
}

impl Providers {
    /// Creates a handle for the specified provider types, such as `skreg`.
    pub(super) fn of(kinds: Vec<String>) -> Self {
        Self {
            kinds: Arc::new(kinds),
            groups: Arc::default(),
        }
    }

    pub(super) fn enter(&self, group: Pid) {
        self.lock().push(group);
    }

    pub(super) fn leave(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Pid>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the living processes of local providers.
    #[must_use]
    pub fn processes(&self) -> Vec<Process> {
        let groups = self.lock().clone();
        groups
            .into_iter()
            .filter_map(|group| processes_in_group(group).ok())
            .flatten()
            .filter(|process| self.is_provider(process))
            .collect()
    }

    /// Sends SIGKILL to each local provider.
    pub fn kill(&self) {
        for process in self.processes() {
            let _ = kill_process(process.id, Signal::KILL);
        }
    }

    /// Sends SIGKILL to the running CLI process and its descendants.
    pub fn kill_command(&self) {
        for group in self.lock().iter() {
            let _ = kill_process_group(*group, Signal::KILL);
        }
    }

    fn is_provider(&self, process: &Process) -> bool {
        let name = process.program.file_name().unwrap_or_default();
        self.kinds.iter().any(|kind| {
            let rest = name
                .strip_prefix("terraform-provider-")
                .and_then(|rest| rest.strip_prefix(kind.as_str()));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        })
    }
}
