//! A standalone local AWS, for demos and for manual use.

use rustix::process::Pid;

use super::{Emulator, LocalAws, Machine, StartError};
use crate::toolchain::Progress;

/// A running local AWS. Dropping the handle stops it.
pub struct Served {
    aws: LocalAws,
    emulator: Pid,
}

impl Served {
    /// Returns an account. Every client with its [`environment`](LocalAws::environment) shares it.
    #[must_use]
    pub fn account(&self) -> &LocalAws {
        &self.aws
    }

    /// Returns the process group of the emulator.
    #[must_use]
    pub fn emulator(&self) -> Pid {
        self.emulator
    }

    /// Returns shell lines that configure any AWS client for the account.
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
    /// Starts a separate gateway and emulator on a port of 127.0.0.1 (0 for any free port).
    ///
    /// # Errors
    /// Returns an error if the emulator cannot be installed or started, or if the port is taken.
    pub fn serve(port: u16, progress: &dyn Progress) -> Result<Served, StartError> {
        let emulator = Emulator::start_with(progress)?;
        let group = emulator.group();
        let machine = Machine::new(emulator.address(), port, Some(emulator))?;
        Ok(Served {
            aws: Self::on(std::sync::Arc::new(machine)),
            emulator: group,
        })
    }

    /// Returns the last `count` calls of the account, one per line, for error messages.
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
