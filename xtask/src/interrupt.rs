//! Ctrl-C: the first one asks every child to end, the second one ends everything at once.
//!
//! Children live in process groups of their own, so a terminal's signal reaches this program only.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::console;

/// Exit code of a program that was interrupted.
pub(crate) const EXIT_CODE: u8 = 130;

/// It was interrupted before this could begin.
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

/// Starts to listen.
///
/// # Errors
/// When the operating system refuses.
pub(crate) fn watch() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("listening to signals")?;
    thread::spawn(move || {
        for signal in signals.forever() {
            let again = std::mem::replace(&mut *happened_guard(), true);
            CHANGED.notify_all();
            if again || signal == SIGHUP {
                // What is still running is killed by the keeper of the process groups.
                std::process::exit(EXIT_CODE.into());
            }
            console::line("interrupted: ending every child process; once more ends at once");
            tfharness::process::interrupt_all();
        }
    });
    Ok(())
}

/// Whether it happened.
pub(crate) fn happened() -> bool {
    *happened_guard()
}

/// Waits until it happens.
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
