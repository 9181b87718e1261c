//! Ctrl-C handling: the first signal ends every child process, and the second signal exits immediately.
//!
//! Child processes run in separate process groups, so a signal from the terminal reaches only this program.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::console;

/// Exit code after an interrupt.
pub(crate) const EXIT_CODE: u8 = 130;

/// Error for a phase that did not start because of an interrupt.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

static HAPPENED: Mutex<bool> = Mutex::new(false);
static CHANGED: Condvar = Condvar::new();

/// Starts listening for signals.
///
/// # Errors
/// Returns an error if signal handlers cannot be installed.
pub(crate) fn watch() -> Result<()> {
    let mut signals =
        Signals::new([SIGINT, SIGTERM, SIGHUP]).context("installing signal handlers")?;
    thread::spawn(move || {
        for signal in signals.forever() {
            let again = std::mem::replace(&mut *happened_guard(), true);
            CHANGED.notify_all();
            if again || signal == SIGHUP {
                // The keeper process kills the remaining processes in the process groups.
                std::process::exit(EXIT_CODE.into());
            }
            console::line(
                "interrupted: stopping all child processes; press Ctrl-C again to exit immediately",
            );
            tfharness::process::interrupt_all();
        }
    });
    Ok(())
}

/// Returns whether an interrupt has occurred.
pub(crate) fn happened() -> bool {
    *happened_guard()
}

/// Waits for an interrupt.
pub(crate) fn wait() {
    let mut happened = happened_guard();
    while !*happened {
        happened = CHANGED
            .wait(happened)
            .unwrap_or_else(PoisonError::into_inner);
    }
}

fn happened_guard() -> std::sync::MutexGuard<'static, bool> {
    HAPPENED.lock().unwrap_or_else(PoisonError::into_inner)
}
