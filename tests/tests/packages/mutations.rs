//! Mutates modules to measure which CLI errors the generator's checker also finds. The checker must find nearly all
//! mutants that the CLI rejects.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};
use tfharness::{Cli, Workspace};

use crate::every::uninstalled;
use crate::package::{Package, repository};

/// Number of generated mutants of each package. Some of them are valid.
const MADE: usize = 25;
/// Number of rejected mutants that are counted.
const COUNTED: usize = 100;
/// Number of counted mutants that the checker must find.
const FOUND: usize = 95;

/// A module with one mutation.
struct Mutant {
    package: String,
    folder: String,
    what: String,
    files: BTreeMap<String, String>,
    required_inputs: Vec<String>,
    found: Vec<String>,
}

#[test]
fn checker_finds_nearly_all_cli_errors() -> Result<()> {
    let mutants = mutants()?;
    let rejected = rejected(&mutants)?;
    ensure!(
        rejected.len() >= COUNTED,
        "{} mutants, of which {} are rejected: too few",
        mutants.len(),
        rejected.len()
    );
    let counted: Vec<_> = rejected.iter().take(COUNTED).collect();
    let missed: Vec<_> = counted
        .iter()
        .filter(|(number, _)| mutants[**number].found.is_empty())
        .map(|(number, said)| {
            let mutant = &mutants[**number];
            format!("  {number} {}: {} ({said})", mutant.folder, mutant.what)
        })
        .collect();
    let found = counted.len() - missed.len();
    println!(
        "{} mutants, of which {} are rejected; of the first {COUNTED}, the checker finds {found} and misses\n{}",
        mutants.len(),
        rejected.len(),
        missed.join("\n")
    );
    ensure!(
        found >= FOUND,
        "expected {FOUND} to be found; misses:\n{}",
        missed.join("\n")
    );
    Ok(())
}

/// Runs the catalog program that generates mutants, with the schemas for checking modules.
fn mutants() -> Result<Vec<Mutant>> {
    let mut child = Command::new(program()?)
        .arg(MADE.to_string())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()?;
    let question = json!({ "providers": schemas()? }).to_string();
    child
        .stdin
        .take()
        .context("stdin is not piped")?
        .write_all(question.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "the catalog program failed");
    let printed: Vec<Value> = serde_json::from_slice(&output.stdout)?;
    printed.into_iter().map(read).collect()
}

fn read(mutant: Value) -> Result<Mutant> {
    let texts = |name: &str| serde_json::from_value(mutant[name].clone());
    Ok(Mutant {
        package: mutant["package"].as_str().context("package")?.to_owned(),
        folder: mutant["folder"].as_str().context("folder")?.to_owned(),
        what: mutant["what"].as_str().context("what")?.to_owned(),
        files: serde_json::from_value(mutant["files"].clone())?,
        required_inputs: texts("required_inputs")?,
        found: texts("found")?,
    })
}

/// # Errors
/// Returns an error if the program is not built. The error contains the build command.
fn program() -> Result<Utf8PathBuf> {
    let test = Utf8PathBuf::from_path_buf(std::env::current_exe()?).ok();
    let test = test.context("the path is not UTF-8")?;
    let profile = test.parent().and_then(Utf8Path::parent);
    let program = profile
        .context("the test is not in target/PROFILE/deps")?
        .join("examples/mutations");
    ensure!(
        program.is_file(),
        "{program} is not built; build it with: cargo build -p catalog --examples"
    );
    Ok(program)
}

/// Returns the exact schemas for all providers, in the format that the catalog program reads.
fn schemas() -> Result<Vec<Value>> {
    let top = repository()?.join("schemas");
    let lock: Value = serde_json::from_str(&std::fs::read_to_string(top.join("lock.json"))?)?;
    let mut sources = vec![("skreg-skreg/0.1.0".to_owned(), "skreg/skreg".to_owned())];
    for (folder, entry) in lock["providers"].as_object().context("providers")? {
        if entry["exact"] == true {
            sources.push((
                folder.clone(),
                entry["source"].as_str().context("source")?.to_owned(),
            ));
        }
    }
    let documents = |folder: &String| Package::documents(&top.join(folder));
    sources
        .iter()
        .map(|(folder, source)| Ok(json!({ "source": source, "documents": documents(folder)? })))
        .collect()
}

/// Returns the CLI error for every rejected mutant, by number.
///
/// Many mutants share one root module, because reading schemas is slow. Some errors hide others, so the rejected
/// mutants are removed and the remaining mutants are validated again until the CLI reports no error.
fn rejected(mutants: &[Mutant]) -> Result<BTreeMap<usize, String>> {
    let cli = Cli::all()?.swap_remove(0);
    let names: BTreeSet<_> = mutants.iter().map(|mutant| &mutant.package).collect();
    let packages = names
        .into_iter()
        .map(|name| Ok((name.clone(), Package::named(name)?)))
        .collect::<Result<BTreeMap<_, _>>>()?;
    let mut rejected = BTreeMap::new();
    loop {
        let left: BTreeSet<_> = (0..mutants.len())
            .filter(|one| !rejected.contains_key(one))
            .collect();
        let said = validated(&cli, &packages, mutants, &left)?;
        if said.is_empty() {
            return Ok(rejected);
        }
        rejected.extend(said);
    }
}

/// Validates some of the mutants once.
fn validated(
    cli: &Cli,
    packages: &BTreeMap<String, Package>,
    mutants: &[Mutant],
    which: &BTreeSet<usize>,
) -> Result<BTreeMap<usize, String>> {
    let mut root = String::from("resource \"terraform_data\" \"any\" {}\n");
    let mut files = BTreeMap::new();
    for number in which {
        let mutant = &mutants[*number];
        let _ = writeln!(root, "module \"m{number}\" {{\n  source = \"./m{number}\"");
        for name in &mutant.required_inputs {
            let _ = writeln!(root, "  {name} = terraform_data.any.output");
        }
        root.push_str("}\n");
        for (path, text) in packages[&mutant.package].files() {
            // A root module of a package is validated with its submodules. A submodule is validated alone.
            if mutant.folder.is_empty() && path.starts_with("modules/") && path.ends_with(".tf") {
                files.insert(format!("m{number}/{path}"), text.clone());
            }
        }
        let own = mutant
            .files
            .iter()
            .filter(|(path, _)| path.ends_with(".tf"));
        files.extend(own.map(|(path, text)| (format!("m{number}/{path}"), text.clone())));
    }
    let start = Workspace::inline(root).doubles(uninstalled()).cli(cli);
    let workspace = files
        .iter()
        .fold(start, |workspace, (path, text)| workspace.file(path, text));
    let stack = workspace.open()?;
    let init = stack.run(&["init", "-input=false", "-no-color", "-json"])?;
    let mut said = BTreeMap::new();
    for line in init.stdout.lines() {
        let message: Value = serde_json::from_str(line).unwrap_or_default();
        note(&message["diagnostic"], &mut said);
    }
    if init.code() != Some(0) {
        ensure!(
            !said.is_empty(),
            "init fails without an error for a mutant:\n{}{}",
            init.stdout,
            init.stderr
        );
        return Ok(said);
    }
    for diagnostic in &stack.validate()?.diagnostics {
        note(diagnostic, &mut said);
    }
    Ok(said)
}

/// Records an error under the number of its mutant.
fn note(diagnostic: &Value, said: &mut BTreeMap<usize, String>) {
    let file = diagnostic["range"]["filename"].as_str().unwrap_or_default();
    let number = file
        .strip_prefix('m')
        .and_then(|rest| rest.split('/').next()?.parse().ok());
    if let Some(number) = number.filter(|_| diagnostic["severity"] == "error") {
        let text = format!(
            "{}: {}",
            file,
            diagnostic["summary"].as_str().unwrap_or_default()
        );
        said.entry(number).or_insert(text);
    }
}
