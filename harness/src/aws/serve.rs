//! A standalone local AWS emulator for demos and manual use.

use rustix::process::Pid;

use super::{Emulator, LocalAws, Machine, StartError};
use crate::toolchain::Progress;

/// A running local AWS emulator. Dropping the handle stops it.
pub struct Served {
    aws: LocalAws,
    emulator: Pid,
}

impl Served {
    /// Returns the account. All clients that use its [`environment`](LocalAws::environment) share it.
    #[must_use]
    pub fn account(&self) -> &LocalAws {
        &self.aws
    }

    /// Returns the process group ID of the emulator.
    #[must_use]
    pub fn emulator(&self) -> Pid {
        self.emulator
    }

    /// Returns shell commands that configure any AWS client for the account.
    #[must_use]
    pub fn export_lines(&self) -> Vec<String> {
        self.aws
            .environment()
            .into_iter()
            .map(|(name, value)| format!("export {name}={value}"))
            .collect()
    }
}

impl LocalAws {
    /// Starts a separate gateway and emulator on a port of 127.0.0.1. Port 0 selects any available port.
    ///
    /// # Errors
    /// Returns an error if the emulator cannot be installed or started, or if the port is in use.
    pub fn serve(port: u16, progress: &dyn Progress) -> Result<Served, StartError> {
        let emulator = Emulator::start_with(progress)?;
        let group = emulator.group();
        let machine = Machine::with(emulator, port)?;
        Ok(Served {
            aws: Self::on(std::sync::Arc::new(machine)),
            emulator: group,
        })
    }

    /// Returns the last `count` calls to the account, one per line, for error messages.
    #[must_use]
    pub fn last_calls(&self, count: usize) -> String {
        let calls = self.journal();
        let lines = calls[calls.len().saturating_sub(count)..]
            .iter()
            .map(|call| {
                let status = call
                    .status
                    .map_or_else(|| "no response".to_owned(), |status| status.to_string());
                let error = call.error.as_deref().unwrap_or_default();
                let rule = call
                    .rule
                    .map(|rule| format!("({rule})"))
                    .unwrap_or_default();
                let line = format!("  {} {} {status} {error} {rule}", call.service, call.action);
                line.trim_end().to_owned()
            });
        lines.collect::<Vec<_>>().join("\n")
    }
}
