//! Admission of commands by the memory that they need, so that as many as fit run at the same time. Must not start a
//! command or know what it does.
//!
//! A test run has many processes, and each of them runs many commands. [`Schedule`] is the one place that knows how much
//! memory is left: it listens on a socket, a process that has its path in [`VARIABLE`] requests memory before each command,
//! and holds the connection open until the command ends. The operating system closes the connection of a process that dies,
//! so memory is never lost. Requests are admitted in the order in which they arrive.
//!
//! The first command of an account waits. A command that starts while another one of its account runs is admitted at once:
//! two commands that wait for each other, such as two applies under one lock, are always of one account, so what holds memory
//! never waits for memory.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Environment variable that holds the path of the socket. Commands run without a limit where it is not set.
pub const VARIABLE: &str = "TFHARNESS_SCHEDULE";

/// A request for memory.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Request {
    /// Name of the test that runs the command.
    pub test: String,
    /// Command line and verb, such as `tofu apply`.
    pub command: String,
    /// Memory that the command and its providers need at most, in MiB.
    pub mebibytes: u32,
    /// Whether another command of the same account runs.
    joins: bool,
}

impl Request {
    /// Returns the request of a command.
    #[must_use]
    pub fn new(test: &str, command: &str, mebibytes: u32) -> Self {
        Self {
            test: test.to_owned(),
            command: command.to_owned(),
            mebibytes,
            joins: false,
        }
    }
}

/// A command that has ended, with times since the start of the schedule.
#[derive(Clone, Debug)]
pub struct Record {
    /// The request of the command.
    pub request: Request,
    /// Time of the request.
    pub requested: Duration,
    /// Time of the admission.
    pub admitted: Duration,
    /// Time at which the command ended.
    pub ended: Duration,
}

/// Memory that the commands of many processes share.
pub struct Schedule {
    socket: PathBuf,
    shared: Arc<Shared>,
    _directory: tempfile::TempDir,
}

struct Shared {
    start: Instant,
    budget: u32,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    used: u32,
    next: u64,
    waiting: VecDeque<u64>,
    records: Vec<Record>,
}

impl Schedule {
    /// Starts a schedule with a budget in MiB. A command that needs more than the whole budget runs alone.
    ///
    /// # Errors
    /// When the socket cannot be created.
    pub fn start(mebibytes: u32) -> io::Result<Self> {
        let directory = tempfile::Builder::new().prefix("skreg-").tempdir()?;
        let socket = directory.path().join("schedule");
        let listener = UnixListener::bind(&socket)?;
        let shared = Arc::new(Shared {
            start: Instant::now(),
            budget: mebibytes,
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            // The listener ends with the process: a run has one schedule.
            for connection in listener.incoming().flatten() {
                let shared = Arc::clone(&accepting);
                // A connection that breaks is a process that died, which the run reports.
                thread::spawn(move || shared.serve(&connection));
            }
        });
        Ok(Self {
            socket,
            shared,
            _directory: directory,
        })
    }

    /// Returns the path of the socket, for [`VARIABLE`].
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Returns the number of commands that wait for memory.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.state().waiting.len()
    }

    /// Returns the commands that have ended, in the order of their ends.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.shared.state().records.clone()
    }
}

impl Shared {
    fn serve(&self, connection: &UnixStream) -> io::Result<()> {
        let mut reader = BufReader::new(connection);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let request: Request = serde_json::from_str(&line)?;
        let requested = self.start.elapsed();
        self.admit(&request);
        let admitted = self.start.elapsed();
        // Both calls end when the process closes its side.
        let told = (&*connection).write_all(b"\n");
        let held = reader.read_to_end(&mut Vec::new());
        let mut state = self.state();
        state.used -= request.mebibytes;
        state.records.push(Record {
            request,
            requested,
            admitted,
            ended: self.start.elapsed(),
        });
        drop(state);
        self.changed.notify_all();
        told.and(held.map(drop))
    }

    fn admit(&self, request: &Request) {
        let mut state = self.state();
        if !request.joins {
            let ticket = state.next;
            state.next += 1;
            state.waiting.push_back(ticket);
            while state.waiting.front() != Some(&ticket)
                || (state.used > 0 && state.used + request.mebibytes > self.budget)
            {
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            state.waiting.pop_front();
        }
        state.used += request.mebibytes;
        drop(state);
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Memory that a running command holds until the value is dropped.
pub struct Admission {
    _connection: UnixStream,
    account: String,
}

/// Commands of this process that run or wait, by account.
static ACCOUNTS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

impl Admission {
    /// Waits for the memory of a command. Returns `None` where no schedule is at work.
    ///
    /// # Errors
    /// When [`VARIABLE`] names a socket that does not answer.
    pub fn wait(account: &str, request: Request) -> io::Result<Option<Self>> {
        match std::env::var_os(VARIABLE) {
            Some(socket) => Self::at(Path::new(&socket), account, request).map(Some),
            None => Ok(None),
        }
    }

    /// Waits for the memory of a command at the schedule that listens on `socket`.
    ///
    /// # Errors
    /// When the socket does not answer.
    pub fn at(socket: &Path, account: &str, mut request: Request) -> io::Result<Self> {
        let connection = UnixStream::connect(socket)?;
        // Counted from here on, and no longer where an error drops it.
        let admission = Self {
            _connection: connection.try_clone()?,
            account: account.to_owned(),
        };
        let mut accounts = accounts();
        let running = accounts.entry(account.to_owned()).or_default();
        request.joins = *running > 0;
        *running += 1;
        drop(accounts);
        let mut line = serde_json::to_vec(&request)?;
        line.push(b'\n');
        (&connection).write_all(&line)?;
        (&connection).read_exact(&mut [0])?;
        Ok(admission)
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut accounts = accounts();
        let running = accounts.remove(&self.account).unwrap_or_default();
        if running > 1 {
            accounts.insert(self.account.clone(), running - 1);
        }
    }
}

fn accounts() -> MutexGuard<'static, BTreeMap<String, usize>> {
    ACCOUNTS.lock().unwrap_or_else(PoisonError::into_inner)
}
