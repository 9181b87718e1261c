//! A table of requirements and the evidence for each of them.

use anyhow::{Result, ensure};
use tfharness::Cli;

use crate::facts::Facts;

/// Checks a row and returns the evidence.
pub(crate) type Check = fn(&Facts) -> Result<Vec<String>>;

/// Checks every row, and prints a table of the rows and their evidence.
pub(crate) fn expect_rows(cli: &Cli, rows: &[(&str, Check)], facts: &Facts) -> Result<()> {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::ASCII_MARKDOWN);
    table.set_header(["row", "evidence"]);
    let mut failed = Vec::new();
    for (row, check) in rows {
        match check(facts) {
            Ok(evidence) => {
                ensure!(!evidence.is_empty(), "{row} has no evidence");
                table.add_row([(*row).to_owned(), evidence.join("; ")]);
            }
            Err(error) => failed.push(format!("{row}: {error:#}")),
        }
    }
    println!("{cli}:\n{table}");
    ensure!(failed.is_empty(), "{cli}:\n{}", failed.join("\n"));
    Ok(())
}
