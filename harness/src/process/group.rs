//! A child process that leads its own process group. Must not interpret its output.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::keeper;
use super::table::{processes_in_group, processor_time};

/// Process groups that receive the terminal interrupt: the CLI commands, but not the local AWS emulator.
static INTERRUPTIBLE: Mutex<Interruptible> = Mutex::new(Interruptible {
    groups: BTreeMap::new(),
    happened: false,
});

/// Time limit within which killed processes must exit.
const EXIT_TIMEOUT: Duration = Duration::from_secs(10);
/// Interval at which the process table is polled.
const POLL_INTERVAL: Duration = Duration::from_millis(2);

struct Interruptible {
    groups: BTreeMap<i32, Pid>,
    happened: bool,
}

/// A running child process and its descendants.
pub struct Group {
    child: Child,
    id: Pid,
    ended: Mutex<Receiver<()>>,
    over: bool,
    processor_time: Option<Duration>,
}

impl Group {
    /// Starts `command` as the leader of a new process group that is registered with the keeper.
    ///
    /// # Errors
    /// Returns an error if the program cannot be started.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        let child = command.process_group(0).spawn()?;
        let id = i32::try_from(child.id())
            .ok()
            .and_then(Pid::from_raw)
            .ok_or_else(|| io::Error::other("the child has no process ID"))?;
        let (sender, ended) = channel();
        // The leader remains a zombie until `reap`. This prevents reuse of its ID while the group receives signals.
        thread::spawn(move || {
            while let Err(rustix::io::Errno::INTR) = waitid(
                WaitId::Pid(id),
                WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
            ) {}
            let _ = sender.send(());
        });
        let group = Self {
            child,
            id,
            ended: Mutex::new(ended),
            over: false,
            processor_time: None,
        };
        keeper::register(id)?;
        Ok(group)
    }

    /// Forwards interrupts from [`interrupt_all`] to this group, including an interrupt that has already occurred.
    pub fn interruptible(&self) {
        let mut known = interruptible();
        known.groups.insert(self.id.as_raw_nonzero().get(), self.id);
        if known.happened {
            self.signal(Signal::INT);
        }
    }

    /// Returns the process ID of the leader, which is also the process group ID.
    #[must_use]
    pub fn id(&self) -> Pid {
        self.id
    }

    /// Takes the read end of the piped standard output.
    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Takes the read end of the piped standard error.
    pub fn stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// Sends a signal to every process in the group. Succeeds if the group has no processes.
    pub fn signal(&self, signal: Signal) {
        if !self.over {
            let _ = kill_process_group(self.id, signal);
        }
    }

    /// Returns whether the leader has exited.
    pub fn ended(&mut self) -> bool {
        self.over || !self.timed_out(Duration::ZERO)
    }

    /// Waits for the leader, and then kills its remaining descendants. Returns `None` on timeout.
    ///
    /// # Errors
    /// Returns an error if the exit status cannot be determined.
    pub fn wait(&mut self, limit: Duration) -> io::Result<Option<ExitStatus>> {
        if !self.over && self.timed_out(limit) {
            return Ok(None);
        }
        self.end().map(Some)
    }

    /// Kills the whole group and reaps its leader.
    ///
    /// # Errors
    /// Returns an error if the exit status cannot be determined.
    pub fn kill(&mut self) -> io::Result<ExitStatus> {
        self.end()
    }

    /// Returns the processor time of the leader and of the descendants that it waited for. Returns `None` while the leader
    /// runs, and on operating systems that do not report the time of a single process.
    #[must_use]
    pub fn processor_time(&self) -> Option<Duration> {
        self.processor_time
    }

    /// Returns whether the timeout expired before the leader exited.
    fn timed_out(&mut self, limit: Duration) -> bool {
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        matches!(ended.recv_timeout(limit), Err(RecvTimeoutError::Timeout))
    }

    fn end(&mut self) -> io::Result<ExitStatus> {
        if self.over {
            return self.child.wait();
        }
        self.signal(Signal::KILL);
        self.wait_until_gone();
        // The leader is a zombie until the next line.
        self.processor_time = processor_time(self.id);
        let status = self.child.wait();
        self.over = true;
        interruptible()
            .groups
            .remove(&self.id.as_raw_nonzero().get());
        keeper::unregister(self.id);
        status
    }

    /// Waits until the group has no living process. A killed process remains alive until the system schedules it again,
    /// which takes time on a busy machine. A process that waits for a device can survive, so the wait has a timeout.
    fn wait_until_gone(&self) {
        let began = Instant::now();
        while processes_in_group(self.id).is_ok_and(|living| !living.is_empty())
            && began.elapsed() < EXIT_TIMEOUT
        {
            thread::sleep(POLL_INTERVAL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// Sends SIGINT to all current and future CLI commands of this process, like a terminal on Ctrl-C.
pub fn interrupt_all() {
    let mut known = interruptible();
    known.happened = true;
    for group in known.groups.values() {
        let _ = kill_process_group(*group, Signal::INT);
    }
}

fn interruptible() -> std::sync::MutexGuard<'static, Interruptible> {
    INTERRUPTIBLE.lock().unwrap_or_else(PoisonError::into_inner)
}
