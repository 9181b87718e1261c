//! Runs `openssl` to verify keys and certificates. Must not use code from this project.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};

/// Runs `openssl` with `input` on standard input, and returns its output.
pub(crate) fn openssl(arguments: &[&str], input: &str) -> Result<String> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context(
            "cannot start openssl; install it with: apt-get install openssl, or brew install openssl",
        )?;
    // A process that rejects its arguments closes the pipe. Its exit status reports the error.
    let _ = child
        .stdin
        .take()
        .context("stdin is not piped")?
        .write_all(input.as_bytes());
    let output = child.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "openssl {arguments:?} failed: {text}{complaint}"
    );
    Ok(text)
}

/// Checks that a root certificate verifies under strict rules with itself as the trust anchor, both now and with a
/// clock that is 20 seconds slow.
pub(crate) fn expect_verified(certificate_pem: &str) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("root.pem");
    std::fs::write(&path, certificate_pem)?;
    let path = path
        .to_str()
        .context("the path of the temporary directory is not UTF-8")?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    for instant in [now, now - 20] {
        let instant = instant.to_string();
        let verify = [
            "verify",
            "-x509_strict",
            "-check_ss_sig",
            "-attime",
            &instant,
            "-CAfile",
            path,
            path,
        ];
        let answer = openssl(&verify, "")?;
        ensure!(
            answer.trim().ends_with(": OK"),
            "expected `openssl verify` to print OK at {instant}, found {answer:?}"
        );
    }
    Ok(())
}
