//! The Go standard library, run as one program for all paths.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tfharness::toolchain::{cache, go};

use super::super::path::Path;
use super::Verdict;

const PROGRAM: &str = include_str!("verify.go");

/// Returns the verdicts of Go for all paths.
pub(super) fn verify(paths: &[Path]) -> Result<Vec<Verdict>> {
    let directory = tempfile::tempdir()?;
    std::fs::write(directory.path().join("verify.go"), PROGRAM)?;
    let cache = cache::directory()?;
    let mut child = Command::new(&go()?.path)
        .args(["run", "verify.go"])
        .current_dir(directory.path())
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap_or_default())
        .env("HOME", directory.path())
        .env("GOCACHE", cache.join("go-build"))
        .env("GOTOOLCHAIN", "local")
        .env("GOWORK", "off")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start go")?;
    let input: Value = paths.iter().map(Path::to_json).collect();
    let stdin = child.stdin.take().context("stdin is not piped")?;
    // A program that does not compile does not read its input. Its exit status reports the error.
    let _ = { stdin }.write_all(input.to_string().as_bytes());
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "go run verify.go failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let verdicts: Vec<String> = serde_json::from_slice(&output.stdout)?;
    ensure!(
        verdicts.len() == paths.len(),
        "expected {} verdicts, found {}",
        paths.len(),
        verdicts.len()
    );
    Ok(verdicts.into_iter().map(verdict).collect())
}

fn verdict(text: String) -> Verdict {
    let known = [
        Verdict::Valid,
        Verdict::Revoked,
        Verdict::Expired,
        Verdict::NameNotPermitted,
        Verdict::UnknownIssuer,
    ];
    let found = known.into_iter().find(|known| known.to_string() == text);
    found.unwrap_or(Verdict::Other(text))
}
