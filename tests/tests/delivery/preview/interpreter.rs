//! The Python process that runs the program under test and validates documents. Must not depend on workflows.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use camino::Utf8PathBuf;
use serde_json::{Value, json};
use tfharness::toolchain::scanner_python;

use crate::read::repository;

const SERVER: &str = include_str!("server.py");

/// The process, which ends when its standard input is closed, at the latest at the end of the tests.
struct Interpreter {
    _process: Child,
    _folder: tempfile::TempDir,
    socket: Utf8PathBuf,
}

static INTERPRETER: Mutex<Option<Interpreter>> = Mutex::new(None);

fn start() -> Result<Interpreter> {
    let folder = tempfile::tempdir()?;
    let socket = Utf8PathBuf::from_path_buf(folder.path().join("socket")).ok();
    let socket = socket.context("the folder is not UTF-8")?;
    let program = repository()?.join("examples/preview-workflows/.github/preview");
    let mut process = Command::new(scanner_python()?)
        .args(["-B", "-c", SERVER, program.as_str(), socket.as_str()])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    let output = process.stdout.take().context("standard output")?;
    BufReader::new(output).read_line(&mut line)?;
    ensure!(line == "ready\n", "the interpreter printed {line:?}");
    Ok(Interpreter {
        _process: process,
        _folder: folder,
        socket,
    })
}

fn request(request: &Value) -> Result<Value> {
    let socket = {
        let mut running = INTERPRETER.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_none() {
            *running = Some(start()?);
        }
        running
            .as_ref()
            .map(|running| running.socket.clone())
            .context("interpreter")?
    };
    let mut stream = UnixStream::connect(&socket)?;
    writeln!(stream, "{request}")?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    serde_json::from_str(&line).with_context(|| format!("the interpreter returned {line:?}"))
}

/// Runs a command of the program, appends its output to a file, and returns whether it succeeded.
pub(super) fn run(
    arguments: &[&str],
    environment: &Value,
    folder: &str,
    log: &str,
) -> Result<bool> {
    let code = request(
        &json!({ "arguments": arguments, "environment": environment, "folder": folder, "log": log }),
    )?;
    Ok(code == 0)
}

/// Returns the violations of a JSON schema, one per line.
pub(super) fn violations(schema: &Value, document: &Value) -> Result<String> {
    let found = request(&json!({ "validate": [schema, document] }))?;
    Ok(found.as_str().context("violations")?.to_owned())
}
