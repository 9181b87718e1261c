//! Lists with many entries. The output contains the time and the memory, which the tests do not limit.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::PathBuf;
use std::process::{ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tfharness::process::Group;

use super::*;

/// Returns the content of a variable file with many revoked certificates.
fn many(count: u32) -> String {
    let entries = (0..count).map(|number| {
        let revocation = json!({ "revoked_at": REVOKED_AT, "reason": "superseded" });
        (format!("10{number:06x}"), revocation)
    });
    json!({ "revoked": Value::Object(entries.collect()) }).to_string()
}

#[test]
fn ten_thousand_entries_are_published() -> Result<()> {
    with_every_cli(|cli, aws| {
        let stack = workspace(cli, aws)?.init()?;
        stack.write("revoked.auto.tfvars.json", &many(10_000))?;
        let started = Instant::now();
        stack.apply_once()?;
        let applied = started.elapsed();
        stack.expect_empty_plan()?;
        let planned = started.elapsed() - applied;
        eprintln!("{cli}: apply of 10,000 entries in {applied:.1?}, empty plan in {planned:.1?}");
        let list = Published::read(aws)?;
        ensure!(list.text.matches("Serial Number:").count() == 10_000);
        Ok(())
    })
}

/// One provider process serves all commands, so that its peak memory can be read at the end.
#[test]
fn one_hundred_thousand_entries_are_published() -> Result<()> {
    with_every_cli(|cli, aws| {
        let mut provider = Provider::start(aws)?;
        let stack = workspace(cli, aws)?
            .reattach(provider.reattach.as_str())
            .limit(Duration::from_secs(1800))
            .init()?;
        let idle = provider.peak_kib()?;
        stack.write("revoked.auto.tfvars.json", &many(100_000))?;
        let started = Instant::now();
        stack.apply_once()?;
        let applied = started.elapsed();
        let peak = provider.peak_kib()?;
        stack.expect_empty_plan()?;
        let planned = started.elapsed() - applied;
        let list = Published::read(aws)?;
        ensure!(list.text.matches("Serial Number:").count() == 100_000);
        ensure!(list.number == 1, "found the number {}", list.number);
        eprintln!(
            "{cli}: apply of 100,000 entries in {applied:.1?}, empty plan in {planned:.1?}; peak memory of the provider \
             {} MiB at the start, {} MiB after the apply, and {} MiB after the plan",
            idle / 1024,
            peak / 1024,
            provider.peak_kib()? / 1024
        );
        provider.stop()
    })
}

/// A provider process that all commands of a workspace use.
struct Provider {
    process: Group,
    /// Value of `TF_REATTACH_PROVIDERS`.
    reattach: String,
    /// Standard output. If it were closed, the provider could not print its other lines.
    _lines: Lines<BufReader<ChildStdout>>,
    _temporary: TempDir,
}

impl Provider {
    fn start(aws: &LocalAws) -> Result<Self> {
        let temporary = tempfile::tempdir()?;
        let mut command = Command::new(program()?);
        command
            .arg("--debug")
            .env_clear()
            .envs(aws.environment())
            .env("TMPDIR", temporary.path())
            .stdout(Stdio::piped());
        let mut process = Group::spawn(&mut command)?;
        let output = process.stdout().context("standard output is not piped")?;
        let mut lines = BufReader::new(output).lines();
        let reattach = loop {
            let line = lines
                .next()
                .context("the provider did not print TF_REATTACH_PROVIDERS")??;
            if let Some((_, rest)) = line.split_once("TF_REATTACH_PROVIDERS='") {
                break rest.trim_end_matches('\'').to_owned();
            }
        };
        Ok(Self {
            process,
            reattach,
            _lines: lines,
            _temporary: temporary,
        })
    }

    /// Returns the largest resident memory since the start (`VmHWM`, proc_pid_status(5)), or 0 on other systems.
    fn peak_kib(&self) -> Result<u64> {
        let path = format!("/proc/{}/status", self.process.id().as_raw_nonzero());
        let Ok(status) = std::fs::read_to_string(path) else {
            return Ok(0);
        };
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        Ok(number.context("the process has no VmHWM")?.parse()?)
    }

    fn stop(&mut self) -> Result<()> {
        self.process.signal(Signal::INT);
        let status = self.process.wait(Duration::from_secs(60))?;
        let status = status.context("the provider did not exit after SIGINT")?;
        ensure!(status.success(), "{status}");
        Ok(())
    }
}

/// Returns the program that the other tests use.
fn program() -> Result<PathBuf> {
    if let Some(program) = std::env::var_os("SKREG_PROVIDER") {
        return Ok(program.into());
    }
    let test = std::env::current_exe()?;
    let profile = test.parent().and_then(|deps| deps.parent());
    let profile = profile.context("the test is not in target/PROFILE/deps")?;
    Ok(profile.join("terraform-provider-skreg"))
}
