//! The `openssl` command line, as the judge of keys and certificates that we made. Must not use our own code.

use std::io::Write;
use std::process::{Command, Stdio};

/// Runs `openssl` with `arguments`, hands it `input`, and returns what it printed.
pub(crate) fn openssl(arguments: &[&str], input: &str) -> Result<String, String> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("openssl does not start ({error}); install it: apt-get install openssl, or brew install openssl")
        });
    // A child that refuses its arguments closes the pipe; its exit status says so.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(text)
    } else {
        Err(text + &String::from_utf8_lossy(&output.stderr))
    }
}

/// Runs `openssl` and panics with its complaint when it refuses.
pub(crate) fn accepted(arguments: &[&str], input: &str) -> String {
    openssl(arguments, input)
        .unwrap_or_else(|complaint| panic!("openssl {arguments:?}: {complaint}"))
}
