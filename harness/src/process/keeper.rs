//! A guardian that kills what is left when this process ends. Must not hold any other state.
//!
//! Destructors do not run after SIGKILL, nor for statics at a normal exit. The keeper is a shell that reads the
//! groups to guard from a pipe; the pipe closes whenever this process is gone, and the shell then kills the groups
//! still on its list. The pipe is close-on-exec, so no other child keeps it open.

use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use camino::Utf8Path;
use rustix::process::Pid;

/// Reads `+ID` and `-ID` lines; at the end of input kills every group that was added and not removed, then removes
/// the directories that came as `/PATH` and not as `=/PATH` since.
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
for id in $groups; do kill -s KILL -- "-$id"; done
for directory do rm -rf -- "$directory"; done
"#;

static KEEPER: OnceLock<Mutex<Option<ChildStdin>>> = OnceLock::new();

/// Puts a process group under guard.
///
/// # Errors
/// When the guardian cannot be started or told.
pub(super) fn guard(group: Pid) -> io::Result<()> {
    tell(&format!("+{}", group.as_raw_nonzero()))
}

/// Takes a process group off the list, because it was killed or ended.
pub(super) fn release(group: Pid) {
    // A guardian that is gone guards nothing, so there is nothing to take back.
    let _ = tell(&format!("-{}", group.as_raw_nonzero()));
}

/// Has a directory of ours removed when this process ends, for owners whose destructor never runs.
///
/// # Errors
/// When the guardian cannot be started or told.
pub(crate) fn remove_at_end(directory: &Utf8Path) -> io::Result<()> {
    tell(directory.as_str())
}

/// Lets a directory stand that [`remove_at_end`] was given.
///
/// # Errors
/// When the guardian cannot be told.
pub(crate) fn keep_at_end(directory: &Utf8Path) -> io::Result<()> {
    tell(&format!("={directory}"))
}

fn tell(line: &str) -> io::Result<()> {
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
        .ok_or_else(|| io::Error::other("the guardian has no standard input"))
}
