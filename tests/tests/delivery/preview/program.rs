//! The unit tests that ship with the program of the workflows.

use std::process::Command;

use anyhow::{Result, ensure};
use tfharness::toolchain::scanner_python;

use crate::read::{repository, run};

#[test]
fn unit_tests_of_the_program_pass() -> Result<()> {
    let folder = repository()?.join("examples/preview-workflows/.github/preview");
    let mut python = Command::new(scanner_python()?);
    python.current_dir(&folder);
    python.args([
        "-B",
        "-W",
        "error",
        "-m",
        "unittest",
        "discover",
        "--pattern",
        "test_*.py",
    ]);
    let output = run(&mut python, "")?;
    let printed = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{printed}");
    ensure!(!printed.contains("Ran 0 tests"), "{printed}");
    Ok(())
}
