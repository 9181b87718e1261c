//! Limits the number of concurrent commands by their memory requirements. Must not start commands or depend on their
//! purpose.
//!
//! A test run consists of many processes, and each process runs many commands. [`Schedule`] tracks the available memory
//! and listens on a socket. A process that receives the path of the socket in [`VARIABLE`] requests memory before each
//! command, and keeps the connection open until the command ends. When a process exits for any reason, the operating
//! system closes its connections, so its memory is always released. Requests are admitted in order of arrival.
//!
//! Only the first command for an account waits for memory. While it runs, further commands for the account are admitted
//! immediately. Commands that wait for each other, such as two applies that use one lock, always belong to the same
//! account. Therefore, a command that has memory never waits for a command that waits for memory.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Environment variable that contains the path of the socket. If it is not set, commands run without a limit.
pub const VARIABLE: &str = "TFHARNESS_SCHEDULE";

/// Maximum memory for a command in MiB: a CLI and hashicorp/aws 5.100, as measured.
pub const MAXIMUM_MEMORY: u32 = 1000;

/// A request for memory.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Request {
    /// Name of the test that runs the command.
    pub test: String,
    /// CLI and subcommand, such as `tofu apply`.
    pub command: String,
    /// Maximum memory that the command and its providers use, in MiB.
    pub mebibytes: u32,
    /// Whether another command for the same account is running.
    joins: bool,
}

impl Request {
    /// Returns a request for a command.
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
    /// The request for the command.
    pub request: Request,
    /// Time when the command requested memory.
    pub requested: Duration,
    /// Time when the command was admitted.
    pub admitted: Duration,
    /// Time when the command ended.
    pub ended: Duration,
    /// Processor time of the command and its providers, if the command reported it.
    pub processor: Option<Duration>,
}

/// Memory budget that commands in multiple processes share.
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
                // A connection error means that the process died, and the test run reports this failure.
                thread::spawn(move || shared.serve(&connection));
            }
        });
        Ok(Self {
            socket,
            shared,
            _directory: directory,
        })
    }

    /// Returns the path of the socket, which is the value for [`VARIABLE`].
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Returns the number of commands that wait for memory.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.state().waiting.len()
    }

    /// Returns the commands that have ended, in order of completion.
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
        // Both calls return when the process closes its side of the connection.
        let granted = (&*connection).write_all(b"\n");
        let mut report = String::new();
        let released = reader.read_to_string(&mut report);
        let processor = report.trim().parse().ok().map(Duration::from_millis);
        let mut state = self.state();
        state.used -= request.mebibytes;
        state.records.push(Record {
            request,
            requested,
            admitted,
            ended: self.start.elapsed(),
            processor,
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

/// Memory for a running command. Dropping the value releases the memory.
pub struct Admission {
    connection: UnixStream,
    account: String,
}

/// Number of running or waiting commands in this process, by account.
static ACCOUNTS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

impl Admission {
    /// Waits until memory is available for a command. Returns `None` if [`VARIABLE`] is not set.
    ///
    /// # Errors
    /// Returns an error if the socket in [`VARIABLE`] does not respond.
    pub fn wait(account: &str, request: Request) -> io::Result<Option<Self>> {
        match std::env::var_os(VARIABLE) {
            Some(socket) => Self::at(Path::new(&socket), account, request).map(Some),
            None => Ok(None),
        }
    }

    /// Waits until memory is available for a command. The schedule listens on `socket`.
    ///
    /// # Errors
    /// Returns an error if the socket does not respond.
    pub fn at(socket: &Path, account: &str, mut request: Request) -> io::Result<Self> {
        let connection = UnixStream::connect(socket)?;
        // The value exists before the command is counted. If an error occurs, dropping the value decrements the count.
        let admission = Self {
            connection: connection.try_clone()?,
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

    /// Reports the processor time of the command, and releases the memory.
    pub fn end(self, processor: Option<Duration>) {
        if let Some(time) = processor {
            // The report is only for the table of times.
            let _ = writeln!(&self.connection, "{}", time.as_millis());
        }
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
