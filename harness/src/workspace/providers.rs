//! Processes that a command starts in a workspace, especially local providers. Tests use this module to kill them.

use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::process::{Process, processes_in_group};

/// A handle to the local provider processes in a workspace. It does not depend on which command runs.
#[derive(Clone, Debug, Default)]
pub struct Providers {
    kinds: Arc<Vec<String>>,
    group: Arc<Mutex<Option<Pid>>>,
}

impl Providers {
    /// Creates a handle for the specified provider types, such as `skreg`.
    pub(super) fn of(kinds: Vec<String>) -> Self {
        Self {
            kinds: Arc::new(kinds),
            group: Arc::default(),
        }
    }

    pub(super) fn enter(&self, group: Pid) {
        *self.group.lock().unwrap_or_else(PoisonError::into_inner) = Some(group);
    }

    pub(super) fn leave(&self) {
        *self.group.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Returns the living processes of local providers.
    #[must_use]
    pub fn processes(&self) -> Vec<Process> {
        let group = *self.group.lock().unwrap_or_else(PoisonError::into_inner);
        let all = group
            .and_then(|group| processes_in_group(group).ok())
            .unwrap_or_default();
        all.into_iter()
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
        let group = *self.group.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = group {
            let _ = kill_process_group(group, Signal::KILL);
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
