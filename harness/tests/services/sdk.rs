//! The official SDK for Python as a client of the local AWS.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tfharness::LocalAws;
use tfharness::toolchain::emulator_python;

const CLIENT: &str = include_str!("client.py");

/// A Python process with botocore. It stops when the handle is dropped.
pub(super) struct Sdk {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    pub(super) region: &'static str,
}

impl Sdk {
    /// Starts a client for an account.
    pub(super) fn new(aws: &LocalAws) -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(emulator_python()?)
            .args(["-c", CLIENT, &aws.endpoint(), aws.id()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = process.stdin.take().ok_or("no standard input")?;
        let output = BufReader::new(process.stdout.take().ok_or("no standard output")?);
        Ok(Self {
            process,
            input,
            output,
            region: "us-east-1",
        })
    }

    fn answer(
        &mut self,
        service: &str,
        operation: &str,
        parameters: &Value,
    ) -> Result<Value, Box<dyn Error>> {
        let call = json!({
            "service": service, "operation": operation, "parameters": parameters, "region": self.region,
        });
        writeln!(self.input, "{call}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }

    /// Sends a call that must succeed, and returns its result.
    pub(super) fn call(
        &mut self,
        service: &str,
        operation: &str,
        parameters: Value,
    ) -> Result<Value, Box<dyn Error>> {
        let mut answer = self.answer(service, operation, &parameters)?;
        match answer.get("error") {
            Some(error) => Err(format!("{operation} {parameters}: {error}").into()),
            None => Ok(answer["result"].take()),
        }
    }

    /// Sends a call that must fail, and returns the error code and message.
    pub(super) fn refused(
        &mut self,
        service: &str,
        operation: &str,
        parameters: Value,
    ) -> Result<(String, String), Box<dyn Error>> {
        let answer = self.answer(service, operation, &parameters)?;
        let error = answer
            .get("error")
            .ok_or_else(|| format!("{operation} {parameters} must fail, but returned {answer}"))?;
        let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        Ok((text("Code"), text("Message")))
    }
}

impl Drop for Sdk {
    fn drop(&mut self) {
        // The process ends when its input is closed. A process that has already ended is not an error.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
