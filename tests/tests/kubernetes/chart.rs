//! Renders charts of planned releases with Helm, and reads the objects with PyYAML. Must not contain expectations.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use camino::Utf8Path;
use serde_json::Value;
use tfharness::toolchain::{Quiet, helm_with, scanner_python};

/// Prints the documents of a YAML file as a JSON array.
const CONVERT: &str = "import json, sys, yaml\n\
    documents = yaml.safe_load_all(sys.stdin)\n\
    json.dump([each for each in documents if each], sys.stdout)";

/// Returns the objects of a planned release with a chart in a module. `directory` is the directory of the root module.
pub(crate) fn rendered(directory: &Utf8Path, release: &Value) -> Result<Vec<Value>> {
    let text = |name: &str| release[name].as_str().with_context(|| format!("no {name}"));
    let mut helm = Command::new(helm_with(&Quiet)?);
    let home = tempfile::tempdir()?;
    // Without the user's environment, Helm finds no kubeconfig, and reads no plugins.
    helm.env_clear()
        .env("HOME", home.path())
        .current_dir(home.path())
        .args(["template", text("name")?])
        .arg(directory.join(text("chart")?))
        .args(["--namespace", text("namespace")?]);
    for (number, values) in release["values"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
    {
        let path = home.path().join(format!("values-{number}.yaml"));
        std::fs::write(&path, values.as_str().context("the values are unknown")?)?;
        helm.arg("--values").arg(path);
    }
    let yaml = printed(&mut helm)?;
    let file = home.path().join("objects.yaml");
    std::fs::write(&file, yaml)?;
    let mut python = Command::new(scanner_python()?);
    python
        .env_clear()
        .args(["-c", CONVERT])
        .stdin(std::fs::File::open(file)?);
    Ok(serde_json::from_str(&printed(&mut python)?)?)
}

/// Runs a program and returns its output.
fn printed(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    ensure!(
        output.status.success(),
        "{command:?} failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}
