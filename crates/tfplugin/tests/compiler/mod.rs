//! Runs the Rust compiler on files that must not compile, and links the files with the library under test.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) type Fallible<T> = Result<T, Box<dyn Error>>;

/// Returns the newest build of a library in the directory that contains this test. Only that build matches the source of the
/// test.
fn library(name: &str, directory: &Path) -> Fallible<PathBuf> {
    let mut newest = BTreeMap::new();
    for entry in directory.read_dir()? {
        let path = entry?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        if file.starts_with(&format!("lib{name}-")) && file.ends_with(".rlib") {
            newest.insert(path.metadata()?.modified()?, path);
        }
    }
    let (_, library) = newest.pop_last().ok_or("the library is not built")?;
    Ok(library)
}

/// Returns the line and message of each compiler error in a file. Errors that have no line, such as the total count, are
/// omitted.
pub(crate) fn errors(name: &str, file: &Path) -> Fallible<Vec<(u64, String)>> {
    let program = std::env::current_exe()?;
    let directory = program
        .parent()
        .ok_or("the path of the test has no parent directory")?;
    let output = tempfile::tempdir()?;
    let compiler = Command::new("rustc")
        .args([
            "--edition=2024",
            "--crate-type=lib",
            "--emit=metadata",
            "--error-format=json",
        ])
        .arg("--extern")
        .arg(format!("{name}={}", library(name, directory)?.display()))
        .arg(format!("-Ldependency={}", directory.display()))
        .arg("--out-dir")
        .arg(output.path())
        .arg(file)
        .output()?;
    let mut found = Vec::new();
    for line in String::from_utf8(compiler.stderr)?.lines() {
        let message: serde_json::Value = serde_json::from_str(line)?;
        let mut spans = message["spans"].as_array().into_iter().flatten();
        let primary = spans.rfind(|span| span["is_primary"] == true);
        if message["level"] == "error"
            && let Some(line) = primary.and_then(|span| span["line_start"].as_u64())
        {
            found.push((
                line,
                message["message"].as_str().unwrap_or_default().to_owned(),
            ));
        }
    }
    Ok(found)
}

/// Returns the line number and text of the first `//~ text` comment.
fn expected(text: &str) -> Option<(u64, &str)> {
    let mut lines = (1..).zip(text.lines());
    lines.find_map(|(number, line)| Some((number, line.split_once("//~ ")?.1)))
}

/// Compiles every file in a folder with a library. Each file must cause exactly one error, on the line that ends with a
/// comment `//~ text`, and the error message must contain that text. Returns the number of files.
pub(crate) fn refuse_all(name: &str, folder: &Path) -> Fallible<usize> {
    let mut wrong = Vec::new();
    let mut number = 0;
    for case in folder.read_dir()? {
        let file = case?.path();
        if file.is_dir() {
            continue;
        }
        let text = std::fs::read_to_string(&file)?;
        let expected = expected(&text)
            .ok_or_else(|| format!("{}: the comment //~ is missing", file.display()))?;
        let found = errors(name, &file)?;
        let fits =
            |(line, message): &(u64, String)| *line == expected.0 && message.contains(expected.1);
        if found.len() != 1 || !found.iter().all(fits) {
            wrong.push(format!(
                "{}: expected {expected:?}, found {found:?}",
                file.display()
            ));
        }
        number += 1;
    }
    if wrong.is_empty() {
        Ok(number)
    } else {
        Err(wrong.join("\n").into())
    }
}
