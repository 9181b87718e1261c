//! The build specifications of the package `pipeline`: a JSON schema of the build specification reference accepts them,
//! and ShellCheck accepts their commands.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::toolchain::shellcheck;

use crate::read::{repository, run, violations, yaml};

/// Follows "Build specification reference for CodeBuild", CodeBuild user guide. All scalars are strings.
const SCHEMA: &str = include_str!("buildspec.schema.json");
/// Phases, in the order in which CodeBuild runs them.
const PHASES: [&str; 4] = ["install", "pre_build", "build", "post_build"];

/// Returns the build specifications by file name.
fn buildspecs() -> Result<BTreeMap<String, Value>> {
    let folder = repository()?.join("modules/pipeline/buildspecs");
    let mut found = BTreeMap::new();
    for file in folder.read_dir_utf8()? {
        let path = file?.into_path();
        let text = std::fs::read_to_string(&path)?;
        let name = path.file_name().context("file name")?.to_owned();
        found.insert(name, yaml(&text).with_context(|| path.to_string())?);
    }
    Ok(found)
}

/// Returns the commands of a build specification as a script.
fn script(buildspec: &Value) -> String {
    let commands = PHASES.iter().flat_map(|phase| {
        let commands = buildspec["phases"][*phase]["commands"].as_array();
        commands.into_iter().flatten().filter_map(Value::as_str)
    });
    let lines: Vec<_> = std::iter::once("#!/usr/bin/env bash")
        .chain(commands)
        .collect();
    lines.join("\n") + "\n"
}

/// Returns the problems that ShellCheck reports.
fn problems(script: &str) -> Result<String> {
    let mut command = Command::new(shellcheck()?);
    command.args(["--shell", "bash", "--severity", "style", "--norc", "-"]);
    let output = run(&mut command, script)?;
    Ok(String::from_utf8(output.stdout)? + &String::from_utf8_lossy(&output.stderr))
}

#[test]
fn projects_of_the_requirements_have_build_specifications() -> Result<()> {
    let found: Vec<_> = buildspecs()?.into_keys().collect();
    let expected = [
        "image.yml",
        "integration-test.yml",
        "security-scan.yml",
        "unit-test.yml",
    ];
    ensure!(found == expected, "expected {expected:?}, found {found:?}");
    Ok(())
}

#[test]
fn build_specifications_match_the_reference() -> Result<()> {
    let schema: Value = serde_json::from_str(SCHEMA)?;
    for (name, buildspec) in buildspecs()? {
        let found = violations(&schema, &buildspec)?;
        ensure!(found.is_empty(), "{name}:\n{found}");
    }
    for (broken, part) in [
        (
            json!({ "version": "0.2", "phases": { "deploy": { "commands": ["true"] } } }),
            "deploy",
        ),
        (
            json!({ "version": "0.3", "phases": { "build": { "commands": ["true"] } } }),
            "$.version",
        ),
        (
            json!({ "version": "0.2", "phases": { "build": { "commands": [] } } }),
            "commands",
        ),
        (
            json!({ "version": "0.2", "phases": { "build": { "commands": [["true"]] } } }),
            "commands",
        ),
    ] {
        let found = violations(&schema, &broken)?;
        ensure!(found.contains(part), "{broken}: found {found:?}");
    }
    Ok(())
}

#[test]
fn commands_of_build_specifications_pass_shellcheck() -> Result<()> {
    for (name, buildspec) in buildspecs()? {
        let script = script(&buildspec);
        ensure!(script.lines().count() > 1, "{name} has no commands");
        let found = problems(&script)?;
        ensure!(found.is_empty(), "{name}:\n{found}");
    }
    let found = problems("#!/usr/bin/env bash\ndocker push $image\n")?;
    ensure!(found.contains("SC2086"), "found {found:?}");
    Ok(())
}
