//! Helpers that check generated keys and certificates with the `openssl` command. They must not use the code under test.

use std::io::Write;
use std::process::{Command, Stdio};

/// Runs `openssl` with `arguments` and `input`. Returns its output.
pub(crate) fn openssl(arguments: &[&str], input: &str) -> Result<String, String> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("openssl could not be started ({error}); install it with apt-get install openssl or brew install openssl")
        });
    // If the child process rejects its arguments, it closes the pipe. The exit status then indicates the failure.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(text)
    } else {
        Err(text + &String::from_utf8_lossy(&output.stderr))
    }
}

/// Runs `openssl` and returns its output. Panics with its error output if it fails.
pub(crate) fn accepted(arguments: &[&str], input: &str) -> String {
    openssl(arguments, input).unwrap_or_else(|error| panic!("openssl {arguments:?}: {error}"))
}
