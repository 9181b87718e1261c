//! Limits the number of concurrent commands by the memory that they require. Must not start commands or depend on what they do.
//!
//! A test run has many processes, and each of them runs many commands. [`Schedule`] tracks the available memory and listens on
//! a socket. A process that has the path of the socket in [`VARIABLE`] requests memory before each command, and keeps the
//! connection open until the command ends. The operating system closes the connection of a process that dies, so its memory is
//! always released. Requests are admitted in the order of their arrival.
//!
//! Only the first running command of an account waits for memory. While it runs, further commands of the account are admitted
//! immediately. Commands that wait for each other, such as two applies under one lock, always belong to the same account.
//! Therefore, a command that has memory never waits for a command that waits for memory.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Environment variable that contains the path of the socket. Commands run without a limit if it is not set.
pub const VARIABLE: &str = "TFHARNESS_SCHEDULE";

/// A request for memory.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Request {
    /// Name of the test that runs the command.
    pub test: String,
    /// Command line and verb, such as `tofu apply`.
    pub command: String,
    /// Maximum memory of the command and its providers, in MiB.
    pub mebibytes: u32,
    /// Whether another command of the same account is running.
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

/// A command that has ended. Times are relative to the start of the schedule.
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

/// Memory budget that the commands of many processes share.
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
    /// Starts a schedule with a budget in MiB. A command that requires more than the budget runs alone.
    ///
    /// # Errors
    /// Returns an error if the socket cannot be created.
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
            // The listener runs until the process exits, because a run has only one schedule.
            for connection in listener.incoming().flatten() {
                let shared = Arc::clone(&accepting);
                // An error on a connection means that the process died, which the run reports.
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

    /// Returns the commands that have ended, in the order in which they ended.
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
        let granted = (&*connection).write_all(b"\n");
        let released = reader.read_to_end(&mut Vec::new());
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
        granted.and(released.map(drop))
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

/// Memory of a running command, which is released when the value is dropped.
pub struct Admission {
    _connection: UnixStream,
    account: String,
}

/// Number of commands of this process that run or wait, by account.
static ACCOUNTS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

impl Admission {
    /// Waits for the memory of a command. Returns `None` if [`VARIABLE`] is not set.
    ///
    /// # Errors
    /// Returns an error if the socket in [`VARIABLE`] does not respond.
    pub fn wait(account: &str, request: Request) -> io::Result<Option<Self>> {
        match std::env::var_os(VARIABLE) {
            Some(socket) => Self::at(Path::new(&socket), account, request).map(Some),
            None => Ok(None),
        }
    }

    /// Waits for the memory of a command. The schedule listens on `socket`.
    ///
    /// # Errors
    /// Returns an error if the socket does not respond.
    pub fn at(socket: &Path, account: &str, mut request: Request) -> io::Result<Self> {
        let connection = UnixStream::connect(socket)?;
        // Created before the command is counted, so that its drop decrements the count after an error.
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
