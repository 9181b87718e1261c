//! The `openssl` command line, as the judge of keys and certificates. Must not use code of this project.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};

/// Runs `openssl`, hands it `input`, and returns what it printed.
pub(crate) fn openssl(arguments: &[&str], input: &str) -> Result<String> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context(
            "openssl does not start; install it: apt-get install openssl, or brew install openssl",
        )?;
    // A child that refuses its arguments closes the pipe; its exit status says so.
    let _ = child
        .stdin
        .take()
        .context("stdin is piped")?
        .write_all(input.as_bytes());
    let output = child.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "openssl {arguments:?} refused: {text}{complaint}"
    );
    Ok(text)
}

/// Checks that a root verifies against itself, signature included, under the strict rules, now and by a clock that is
/// twenty seconds behind.
pub(crate) fn expect_verified(certificate_pem: &str) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("root.pem");
    std::fs::write(&path, certificate_pem)?;
    let path = path
        .to_str()
        .context("the temporary directory has a plain name")?;
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
            "expected `openssl verify` to answer OK at {instant}, found {answer:?}"
        );
    }
    Ok(())
}
