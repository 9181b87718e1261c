//! A child that leads its own process group. Must not interpret what the child says.

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
use super::table::processes_in_group;

/// Groups of this process that a terminal's interrupt should reach: the command lines, not the local AWS.
static INTERRUPTIBLE: Mutex<Interruptible> = Mutex::new(Interruptible {
    groups: BTreeMap::new(),
    happened: false,
});

/// How long killed processes may take to end.
const DEATH: Duration = Duration::from_secs(10);
/// The pause between two looks at the table of processes.
const POLL: Duration = Duration::from_millis(2);

struct Interruptible {
    groups: BTreeMap<i32, Pid>,
    happened: bool,
}

/// A running child together with everything it started.
pub struct Group {
    child: Child,
    id: Pid,
    ended: Mutex<Receiver<()>>,
    over: bool,
}

impl Group {
    /// Starts `command` as the leader of a new process group under guard.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        let child = command.process_group(0).spawn()?;
        let id = i32::try_from(child.id())
            .ok()
            .and_then(Pid::from_raw)
            .ok_or_else(|| io::Error::other("the child has no process id"))?;
        let (sender, ended) = channel();
        // The leader stays a zombie until `reap`, so that its id cannot be reused while the group is signalled.
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
        };
        keeper::guard(id)?;
        Ok(group)
    }

    /// Lets [`interrupt_all`] reach this group, also where it was called just before.
    pub fn interruptible(&self) {
        let mut known = interruptible();
        known.groups.insert(self.id.as_raw_nonzero().get(), self.id);
        if known.happened {
            self.signal(Signal::INT);
        }
    }

    /// The process id of the leader, which is also the id of the group.
    #[must_use]
    pub fn id(&self) -> Pid {
        self.id
    }

    /// The read end of the child's standard output, once, if it was piped.
    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// The read end of the child's standard error, once, if it was piped.
    pub fn stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// Sends a signal to every process of the group; a group that is gone is no error.
    pub fn signal(&self, signal: Signal) {
        if !self.over {
            let _ = kill_process_group(self.id, signal);
        }
    }

    /// True once the leader has ended.
    pub fn ended(&mut self) -> bool {
        self.over || !self.passed(Duration::ZERO)
    }

    /// Waits for the leader, then kills whatever it left behind. `None` means that the limit passed first.
    ///
    /// # Errors
    /// When the operating system cannot tell how the child ended.
    pub fn wait(&mut self, limit: Duration) -> io::Result<Option<ExitStatus>> {
        if !self.over && self.passed(limit) {
            return Ok(None);
        }
        self.end().map(Some)
    }

    /// Kills the whole group and reaps its leader.
    ///
    /// # Errors
    /// When the operating system cannot tell how the child ended.
    pub fn kill(&mut self) -> io::Result<ExitStatus> {
        self.end()
    }

    /// True where the limit passed before the leader ended.
    fn passed(&mut self, limit: Duration) -> bool {
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        matches!(ended.recv_timeout(limit), Err(RecvTimeoutError::Timeout))
    }

    fn end(&mut self) -> io::Result<ExitStatus> {
        if self.over {
            return self.child.wait();
        }
        self.signal(Signal::KILL);
        self.await_death();
        let status = self.child.wait();
        self.over = true;
        interruptible()
            .groups
            .remove(&self.id.as_raw_nonzero().get());
        keeper::release(self.id);
        status
    }

    /// Waits until no process of the group lives. A process that was sent SIGKILL lives until it is scheduled again, which
    /// takes a while on a busy machine; one that waits for a device may live on, and is not waited for without end.
    fn await_death(&self) {
        let began = Instant::now();
        while processes_in_group(self.id).is_ok_and(|living| !living.is_empty())
            && began.elapsed() < DEATH
        {
            thread::sleep(POLL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// Sends SIGINT to every command line that this process is running or will run, as a terminal does on Ctrl-C.
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
