//! Scans every package with an independent static scanner. No check fails, and each of the few skipped checks has a
//! reason at the resource. `catalog/checkov.yaml` lists the global exemptions with reasons. Must not implement rules.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use camino::Utf8Path;
use serde_json::Value;
use tfharness::toolchain::scanner_python;

use crate::package::repository;

/// Maximum number of skipped checks per package.
const SKIPS: usize = 5;
/// Minimum number of checks in a valid scan, by package. The scanner does not support the resource types of this
/// provider, and has no policies for Scaleway.
const CHECKS: [(&str, u64); 9] = [
    ("ml-api", 50),
    ("pipeline", 30),
    ("pki", 5),
    ("preview-base", 0),
    ("preview-env", 30),
    ("scaleway-app", 0),
    ("scaleway-state", 0),
    ("skreg", 50),
    ("state-backend", 10),
];

/// List of policies that all packages are exempt from.
const EXEMPT: &str = "catalog/checkov.yaml";

#[test]
fn every_package_passes_the_scan() -> Result<()> {
    let top = repository()?;
    let exempt = exempt(&std::fs::read_to_string(top.join(EXEMPT))?)?;
    let mut met = BTreeSet::new();
    let modules = top.join("modules");
    for package in modules.read_dir_utf8()? {
        let package = package?.into_path();
        if package.is_dir() {
            met.extend(expect_clean(&package, &exempt).with_context(|| package.to_string())?);
        }
    }
    let idle: Vec<_> = exempt.keys().filter(|id| !met.contains(*id)).collect();
    ensure!(idle.is_empty(), "{EXEMPT} has unused exemptions: {idle:?}");
    Ok(())
}

/// Returns the exempt policies with their reasons.
fn exempt(text: &str) -> Result<BTreeMap<String, String>> {
    let entries = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- "));
    let entries = entries.map(|entry| {
        let (id, reason) = entry.split_once('#').unwrap_or((entry, ""));
        let (id, reason) = (id.trim().to_owned(), reason.trim().to_owned());
        expect_sentence(&id, &reason)?;
        Ok((id, reason))
    });
    entries.collect()
}

fn expect_sentence(id: &str, reason: &str) -> Result<()> {
    let sentence = reason.split(' ').count() >= 3 && reason.ends_with('.');
    ensure!(sentence, "{id} is skipped without a reason: {reason:?}");
    Ok(())
}

/// Checks the scan for a package, and returns the exemptions that the package uses.
fn expect_clean(package: &Utf8Path, exempt: &BTreeMap<String, String>) -> Result<BTreeSet<String>> {
    let report = scan(package)?;
    let passed = report["summary"]["passed"].as_u64().unwrap_or(0);
    let name = package.file_name().unwrap_or_default();
    let least = CHECKS.iter().find(|(of, _)| *of == name);
    let (_, least) = least.with_context(|| format!("CHECKS has no row for {name}"))?;
    ensure!(
        passed >= *least,
        "only {passed} checks passed, so the scan is not valid"
    );
    let of = |kind: &str| {
        report["results"][kind]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    let broken = of("parsing_errors");
    ensure!(broken.is_empty(), "the scanner cannot parse {broken:?}");
    let (allowed, failed): (Vec<_>, Vec<_>) = of("failed_checks")
        .into_iter()
        .partition(|check| exempt.contains_key(&text(check, "check_id")));
    let failed: Vec<_> = failed.iter().map(shown).collect();
    ensure!(
        failed.is_empty(),
        "{} failed checks:\n{}",
        failed.len(),
        failed.join("\n")
    );

    // A submodule is scanned twice: alone, and as a part of the root module.
    let mut skipped: Vec<_> = of("skipped_checks")
        .iter()
        .map(|check| {
            (
                text(check, "file_path"),
                text(check, "check_id"),
                reason(check),
            )
        })
        .collect();
    skipped.sort();
    skipped.dedup();
    ensure!(
        skipped.len() <= SKIPS,
        "expected at most {SKIPS} skipped checks, found {skipped:#?}"
    );
    skipped
        .iter()
        .try_for_each(|(_, id, reason)| expect_sentence(id, reason))?;
    let needed: BTreeSet<_> = allowed
        .iter()
        .map(|check| text(check, "check_id"))
        .collect();
    println!(
        "{package}: {passed} passed checks, {} failed checks for {} policies that {EXEMPT} exempts, {} skipped at a resource",
        allowed.len(),
        needed.len(),
        skipped.len()
    );
    Ok(needed)
}

fn text(check: &Value, name: &str) -> String {
    check[name].as_str().unwrap_or_default().to_owned()
}

fn reason(check: &Value) -> String {
    text(&check["check_result"], "suppress_comment")
}

fn shown(check: &Value) -> String {
    format!(
        "  {} {} ({}, lines {})",
        text(check, "check_id"),
        text(check, "resource"),
        text(check, "file_path"),
        check["file_line_range"]
    ) + &format!(": {}", text(check, "check_name"))
}

/// Returns the scanner report for a folder.
fn scan(folder: &Utf8Path) -> Result<Value> {
    let python = scanner_python()?;
    let home = tempfile::tempdir()?;
    let output = Command::new(&python)
        .args([
            "-m",
            "checkov.main",
            "--framework",
            "terraform",
            "--skip-download",
        ])
        .args([
            "--compact",
            "--output",
            "json",
            "--directory",
            folder.as_str(),
        ])
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("LANG", "C.UTF-8")
        .current_dir(home.path())
        .output()
        .with_context(|| format!("cannot start {python}"))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    serde_json::from_str(&printed).with_context(|| {
        format!(
            "the scanner printed {printed}{}",
            String::from_utf8_lossy(&output.stderr)
        )
    })
}
