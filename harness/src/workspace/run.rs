//! A running command: its output lines, signals, and exit. Must not interpret the output.

use std::io::{self, BufRead as _, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::shared::{Idle, SharedProcesses};
use super::{Listener, Providers};
use crate::process::Group;
use crate::schedule::Admission;

/// A command that has exited.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Exit status. `None` if the command was killed on timeout.
    pub status: Option<ExitStatus>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Time from start to exit.
    pub elapsed: Duration,
}

impl Finished {
    /// Returns the exit code. Returns `None` if a signal killed the command.
    #[must_use]
    pub fn code(&self) -> Option<i32> {
        self.status?.code()
    }
}

/// A command in progress. Dropping it kills the command and its descendants.
pub struct Running {
    group: Group,
    start: Instant,
    limit: Duration,
    stdout: Reader,
    stderr: Reader,
    providers: Providers,
    /// Memory from the schedule that the command holds.
    admission: Option<Admission>,
    /// Provider processes that the command uses, and their owner between commands. An interrupted process stops all later
    /// calls, and a killed command can leave calls in progress, so neither is used again.
    shared: Option<(SharedProcesses, Idle)>,
    interrupted: AtomicBool,
}

impl Running {
    pub(super) fn start(
        command: &mut Command,
        limit: Duration,
        listener: Option<&Listener>,
        providers: &Providers,
    ) -> io::Result<Self> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut group = Group::spawn(command)?;
        group.interruptible();
        let stdout = Reader::start(group.stdout(), listener.cloned());
        let stderr = Reader::start(group.stderr(), listener.cloned());
        providers.enter(group.id());
        Ok(Self {
            group,
            start: Instant::now(),
            limit,
            stdout,
            stderr,
            providers: providers.clone(),
            admission: None,
            shared: None,
            interrupted: AtomicBool::new(false),
        })
    }

    /// Keeps the memory from the schedule until the command ends.
    pub(super) fn holding(mut self, admission: Option<Admission>) -> Self {
        self.admission = admission;
        self
    }

    /// Lets later commands use the provider processes when the command has ended.
    pub(super) fn sharing(mut self, shared: Option<(SharedProcesses, Idle)>) -> Self {
        if let Some((processes, _)) = &shared {
            self.providers.enter(processes.group());
        }
        self.shared = shared;
        self
    }

    /// Sends SIGINT to the command and its providers, like a terminal on Ctrl-C.
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::Relaxed);
        self.group.signal(Signal::INT);
    }

    /// Sends SIGKILL to the command and its descendants.
    pub fn kill(&self) {
        self.group.signal(Signal::KILL);
        if let Some((processes, _)) = &self.shared {
            processes.kill();
        }
    }

    /// Returns the process group ID of the command.
    #[must_use]
    pub fn group(&self) -> rustix::process::Pid {
        self.group.id()
    }

    /// Returns the standard output that the command has printed so far.
    #[must_use]
    pub fn stdout_so_far(&self) -> String {
        self.stdout.text()
    }

    /// Waits for the command to exit. On timeout, kills the whole process group.
    ///
    /// # Errors
    /// Returns an error if the exit status cannot be determined.
    pub fn wait(mut self) -> io::Result<Finished> {
        let left = self.limit.saturating_sub(self.start.elapsed());
        let status = self.group.wait(left)?;
        if status.is_none() {
            self.group.kill()?;
        }
        self.providers.leave();
        // A shell exits with 128 and the number of the signal that killed its command.
        let exited = status
            .and_then(|status| status.code())
            .is_some_and(|code| code < 128);
        if let Some((processes, idle)) = self.shared.take()
            && exited
            && !self.interrupted.load(Ordering::Relaxed)
        {
            idle.put(processes);
        }
        if let Some(admission) = self.admission.take() {
            admission.end(self.group.processor_time());
        }
        let elapsed = self.start.elapsed();
        Ok(Finished {
            status,
            stdout: self.stdout.end(),
            stderr: self.stderr.end(),
            elapsed,
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.providers.leave();
    }
}

/// Collects the lines from one stream.
struct Reader {
    text: Arc<Mutex<String>>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    fn start(stream: Option<impl Read + Send + 'static>, listener: Option<Listener>) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let thread = stream.map(|stream| {
            let text = Arc::clone(&text);
            thread::spawn(move || collect(stream, &text, listener.as_ref()))
        });
        Self { text, thread }
    }

    fn text(&self) -> String {
        self.text
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn end(&mut self) -> String {
        if let Some(thread) = self.thread.take() {
            // A listener that panicked has already reported the panic. The lines up to then are preserved.
            let _ = thread.join();
        }
        self.text()
    }
}

fn collect(stream: impl Read, text: &Mutex<String>, listener: Option<&Listener>) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while stream
        .read_until(b'\n', &mut line)
        .is_ok_and(|read| read > 0)
    {
        let read = String::from_utf8_lossy(&line).into_owned();
        line.clear();
        text.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_str(&read);
        if let Some(listener) = listener {
            listener(read.trim_end_matches(['\n', '\r']));
        }
    }
}
