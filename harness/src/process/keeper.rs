//! A keeper process that kills the remaining process groups when this process exits. Must not have any other state.
//!
//! After SIGKILL, no destructors run. On a normal exit, destructors of statics do not run either. The keeper is a shell
//! that reads process groups from a pipe. The pipe closes when this process exits for any reason, and the shell then
//! kills the remaining groups. The pipe is close-on-exec, so no other child process keeps it open.

use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use camino::Utf8Path;
use rustix::process::Pid;

/// Reads `+ID` and `-ID` lines. At end of input, kills every group that was added and not removed. A process can start
/// another process in a group that was already killed, until its own group is killed, so there are two passes. Then deletes
/// the directories that were added as `/PATH` and not removed as `=/PATH`.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
groups=' '
set --
while read -r line; do
  id=${line#?}
  case $line in
    +*) groups="$groups$id " ;;
    -*) groups="${groups%% "$id" *} ${groups#* "$id" }" ;;
    /*) set -- "$@" "$line" ;;
    =*) for directory do shift; [ "$directory" = "$id" ] || set -- "$@" "$directory"; done ;;
  esac
done
for pass in 1 2; do
  for id in $groups; do kill -s KILL -- "-$id"; done
done
for directory do rm -rf -- "$directory"; done
"#;

static KEEPER: OnceLock<Mutex<Option<ChildStdin>>> = OnceLock::new();

/// Registers a process group with the keeper.
///
/// # Errors
/// Returns an error if the keeper cannot be started or written to.
pub(super) fn register(group: Pid) -> io::Result<()> {
    send(&format!("+{}", group.as_raw_nonzero()))
}

/// Unregisters a process group that was killed or has exited.
pub(super) fn unregister(group: Pid) {
    // If the keeper has exited, the group is no longer registered.
    let _ = send(&format!("-{}", group.as_raw_nonzero()));
}

/// Registers a directory for deletion when this process exits. Intended for owners whose destructor never runs.
///
/// # Errors
/// Returns an error if the keeper cannot be started or written to.
pub(crate) fn remove_at_end(directory: &Utf8Path) -> io::Result<()> {
    send(directory.as_str())
}

/// Unregisters a directory that [`remove_at_end`] registered.
///
/// # Errors
/// Returns an error if the keeper cannot be written to.
pub(crate) fn keep_at_end(directory: &Utf8Path) -> io::Result<()> {
    send(&format!("={directory}"))
}

fn send(line: &str) -> io::Result<()> {
    let slot = KEEPER.get_or_init(|| Mutex::new(None));
    let mut pipe = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if pipe.is_none() {
        *pipe = Some(start()?);
    }
    match pipe.as_mut() {
        Some(pipe) => pipe.write_all(format!("{line}\n").as_bytes()),
        None => Ok(()),
    }
}

fn start() -> io::Result<ChildStdin> {
    let mut shell = Command::new("/bin/sh")
        .args(["-c", SCRIPT])
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    shell
        .stdin
        .take()
        .ok_or_else(|| io::Error::other("the keeper has no standard input"))
}
