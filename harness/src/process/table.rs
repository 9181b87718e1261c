//! Reads the process table of the operating system.

#[cfg(target_os = "linux")]
use std::fs;
use std::io;
use std::time::Duration;

use camino::Utf8PathBuf;
use rustix::process::Pid;

/// A process in a group.
#[derive(Clone, Debug)]
pub struct Process {
    /// Process ID.
    pub id: Pid,
    /// The program that started the process (its first argument).
    pub program: Utf8PathBuf,
}

/// Returns all living processes in a group, including the leader and excluding zombies.
///
/// # Errors
/// Returns an error if the process table cannot be read.
#[cfg(target_os = "linux")]
pub fn processes_in_group(group: Pid) -> io::Result<Vec<Process>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let entry = entry?;
        let Some(id) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
            .and_then(Pid::from_raw)
        else {
            continue;
        };
        // A process can exit while this function reads the table.
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        if living_member(&stat, group) {
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let program = line.split(|byte| *byte == 0).next().unwrap_or_default();
            found.push(Process {
                id,
                program: String::from_utf8_lossy(program).into_owned().into(),
            });
        }
    }
    Ok(found)
}

/// Returns the processor time of a process and of the descendants that it waited for. The process can be a zombie.
#[cfg(target_os = "linux")]
pub(super) fn processor_time(process: Pid) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).ok()?;
    let ticks = processor_ticks(&stat)?;
    let per_second = rustix::param::clock_ticks_per_second();
    Some(Duration::from_millis(
        (ticks * 1000).checked_div(per_second)?,
    ))
}

/// Reads the sum of `utime`, `stime`, `cutime`, and `cstime`, fields 14 to 17 of `/proc/PID/stat` (proc(5)).
#[cfg(target_os = "linux")]
fn processor_ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    (0..4).map(|_| fields.next()?.parse::<u64>().ok()).sum()
}

/// Returns `None`: the process table has no times.
#[cfg(not(target_os = "linux"))]
pub(super) fn processor_time(_process: Pid) -> Option<Duration> {
    None
}

/// Parses `pid (name) state ppid pgrp …` from proc(5). The name can contain spaces and parentheses.
#[cfg(target_os = "linux")]
fn living_member(stat: &str, group: Pid) -> bool {
    let Some((_, rest)) = stat.rsplit_once(')') else {
        return false;
    };
    let mut fields = rest.split_whitespace();
    let state = fields.next();
    let own_group = fields.nth(1).and_then(|field| field.parse().ok());
    state != Some("Z") && own_group == Some(group.as_raw_nonzero().get())
}

/// Returns all living processes in a group, including the leader and excluding zombies.
///
/// # Errors
/// Returns an error if `ps` cannot be run.
#[cfg(not(target_os = "linux"))]
pub fn processes_in_group(group: Pid) -> io::Result<Vec<Process>> {
    let table = std::process::Command::new("ps")
        .args(["-axo", "pid=,pgid=,stat=,comm="])
        .current_dir("/")
        .output()?;
    Ok(String::from_utf8_lossy(&table.stdout)
        .lines()
        .filter_map(|line| member(line, group))
        .collect())
}

#[cfg(not(target_os = "linux"))]
fn member(line: &str, group: Pid) -> Option<Process> {
    let mut fields = line.split_whitespace();
    let id = Pid::from_raw(fields.next()?.parse().ok()?)?;
    let own_group: i32 = fields.next()?.parse().ok()?;
    let zombie = fields.next()?.starts_with('Z');
    let program = fields.collect::<Vec<_>>().join(" ").into();
    (!zombie && own_group == group.as_raw_nonzero().get()).then_some(Process { id, program })
}
