//! A local AWS that stands on its own, for demos and for users with an AWS command line.

use rustix::process::Pid;

use super::{Emulator, LocalAws, Machine, StartError};
use crate::toolchain::Progress;

/// A running local AWS. It ends when the handle is dropped.
pub struct Served {
    aws: LocalAws,
    emulator: Pid,
}

impl Served {
    /// An account on it; every client that uses its [`environment`](LocalAws::environment) shares it.
    #[must_use]
    pub fn account(&self) -> &LocalAws {
        &self.aws
    }

    /// The process group of its emulator.
    #[must_use]
    pub fn emulator(&self) -> Pid {
        self.emulator
    }

    /// Shell lines that point any AWS client at it.
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
    /// Starts a gateway and an emulator of their own, on the given port of 127.0.0.1 (0 for any free one).
    ///
    /// # Errors
    /// When the emulator cannot be installed or started, or the port is taken.
    pub fn serve(port: u16, progress: &dyn Progress) -> Result<Served, StartError> {
        let emulator = Emulator::start_with(progress)?;
        let group = emulator.group();
        let machine = Machine::new(emulator.address(), port, Some(emulator))?;
        Ok(Served {
            aws: Self::on(std::sync::Arc::new(machine)),
            emulator: group,
        })
    }

    /// The last `count` calls of the account, a line each, for error messages.
    #[must_use]
    pub fn last_calls(&self, count: usize) -> String {
        let calls = self.journal();
        let lines = calls[calls.len().saturating_sub(count)..]
            .iter()
            .map(|call| {
                let status = call
                    .status
                    .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
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
