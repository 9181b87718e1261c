//! Reads YAML files with PyYAML, and runs linters. Must not contain expectations.

use std::process::{Command, Output};

use anyhow::{Context as _, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use tfharness::toolchain::scanner_python;

/// Prints a YAML file as JSON. All scalars are strings, because YAML 1.1 reads `on` as a truth value.
const CONVERT: &str =
    "import json, sys, yaml\njson.dump(yaml.load(sys.stdin, yaml.BaseLoader), sys.stdout)";
/// Validates a document with a JSON schema. Both are on standard input.
const VALIDATE: &str = "import json, sys, jsonschema\nschema, document = json.load(sys.stdin)\n\
    jsonschema.Draft202012Validator.check_schema(schema)\n\
    errors = jsonschema.Draft202012Validator(schema).iter_errors(document)\n\
    print(*[f'{error.json_path}: {error.message}' for error in errors], sep='\\n', end='')";

/// Returns the root folder of the repository.
pub(crate) fn repository() -> Result<Utf8PathBuf> {
    let here = Utf8PathBuf::from_path_buf(std::env::current_dir()?).ok();
    let here = here.context("the current directory is not UTF-8")?;
    let top = here
        .ancestors()
        .find(|folder| folder.join(".github/workflows").is_dir());
    top.map(Utf8Path::to_owned)
        .with_context(|| format!("no parent folder of {here} has .github/workflows"))
}

/// Returns the content of a YAML document.
pub(crate) fn yaml(text: &str) -> Result<Value> {
    let json = python(CONVERT, text)?;
    serde_json::from_str(&json).with_context(|| format!("PyYAML printed {json}"))
}

/// Returns the violations of a JSON schema, one per line.
pub(crate) fn violations(schema: &Value, document: &Value) -> Result<String> {
    let both = serde_json::json!([schema, document]);
    python(VALIDATE, &both.to_string())
}

fn python(program: &str, input: &str) -> Result<String> {
    let python = scanner_python()?;
    let output = run(Command::new(&python).args(["-c", program]), input)?;
    ensure!(
        output.status.success(),
        "{python} failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// Runs a program with standard input from a temporary file, and returns its output.
pub(crate) fn run(command: &mut Command, input: &str) -> Result<Output> {
    let mut file = tempfile::NamedTempFile::new()?;
    std::io::Write::write_all(&mut file, input.as_bytes())?;
    command
        .env_clear()
        .stdin(std::fs::File::open(file.path())?)
        .output()
        .with_context(|| format!("cannot start {command:?}"))
}
