//! Certification path validation (RFC 5280 section 6) with independent verifiers: a root, an intermediate authority, server
//! certificates, and revocation lists for every key algorithm, signature algorithm, and location of the keys.
//!
//! OpenSSL, rustls-webpki, and the Go standard library must agree on every path. pkilint must report no errors.

mod hierarchy;
mod linter;
mod path;
mod verifiers;

use std::io::Write as _;

use anyhow::{Result, ensure};

use crate::clis::with_every_cli;
use hierarchy::{Algorithms, Hierarchy};
use path::Path;
use verifiers::{NAMES, Verdict};

#[test]
fn verifiers_agree_on_every_algorithm_and_key_store() -> Result<()> {
    with_every_cli(|cli, aws| {
        let hierarchies = Hierarchy::create_all(cli, aws)?;
        let mut paths = Vec::new();
        for (position, hierarchy) in hierarchies.iter().enumerate() {
            let foreign = &hierarchies[(position + 1) % hierarchies.len()];
            paths.extend(hierarchy.paths(foreign)?);
        }
        let verdicts = verifiers::verify(&paths)?;
        let findings = linter::findings(&hierarchies)?;
        let table = table(&hierarchies, &paths, &verdicts, &findings);
        // The table is the result, so the test writes it to standard error without capture.
        writeln!(std::io::stderr(), "\n{cli}:\n{table}")?;
        let wrong: Vec<String> = paths
            .iter()
            .zip(&verdicts)
            .flat_map(|(path, verdicts)| disagreements(path, verdicts))
            .collect();
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        let errors = findings.iter().filter(|one| one.is_violation());
        let errors: Vec<String> = errors.map(ToString::to_string).collect();
        ensure!(errors.is_empty(), "pkilint reports:\n{}", errors.join("\n"));
        Ok(())
    })
}

/// Describes the verdicts that differ from the expected one.
fn disagreements(path: &Path, verdicts: &[Verdict]) -> Vec<String> {
    let wrong = NAMES
        .iter()
        .zip(verdicts)
        .filter(|(_, found)| **found != path.expected);
    wrong
        .map(|(verifier, found)| {
            format!(
                "{}: expected {verifier} to report \"{}\", found \"{found}\"",
                path.name, path.expected
            )
        })
        .collect()
}

/// Returns the verdicts for each hierarchy and verifier.
fn table(
    hierarchies: &[Hierarchy],
    paths: &[Path],
    verdicts: &[Vec<Verdict>],
    findings: &[linter::Finding],
) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::ASCII_MARKDOWN);
    let columns = ["key algorithm", "signature algorithm", "keys in"];
    table.set_header(columns.into_iter().chain(NAMES).chain(["pkilint"]));
    for hierarchy in hierarchies {
        let Algorithms { key, signature, .. } = hierarchy.algorithms;
        let mut row = vec![
            key.to_owned(),
            signature.to_owned(),
            hierarchy.store.to_owned(),
        ];
        let of_row = paths
            .iter()
            .zip(verdicts)
            .filter(|(path, _)| path.hierarchy == hierarchy.name);
        for verifier in 0..NAMES.len() {
            let found: Vec<String> = of_row
                .clone()
                .map(|(_, verdicts)| verdicts[verifier].to_string())
                .collect();
            row.push(found.join(", "));
        }
        let of_row = findings
            .iter()
            .filter(|one| one.hierarchy == hierarchy.name && one.is_violation());
        row.push(match of_row.count() {
            0 => "no errors".to_owned(),
            errors => format!("{errors} errors"),
        });
        table.add_row(row);
    }
    table
}

/// The rows are written by hand, so the test compares them with the names in the documentation.
#[test]
fn rows_contain_every_documented_algorithm() {
    let documented = include_str!("../../../docs/resources/pki_root_ca.md");
    let named: std::collections::BTreeSet<&str> = documented
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
        .filter(|word| {
            let signature = word.contains("WITHRSA") || word.contains("WITHECDSA");
            signature
                || word.starts_with("RSA_")
                || word.starts_with("ECDSA_")
                || *word == "ED25519"
        })
        .collect();
    let rows = hierarchy::ROWS
        .iter()
        .flat_map(|row| [row.key, row.signature]);
    assert_eq!(rows.collect::<std::collections::BTreeSet<_>>(), named);
}
