//! Prints a table of runs and violations for each operation and fault.

use std::collections::BTreeMap;

use super::run::Outcome;
use super::schedule::Fault;

/// Returns the table, with totals in the last row.
pub(super) fn of(outcomes: &[Outcome]) -> comfy_table::Table {
    let mut counts: BTreeMap<(&str, Fault), (usize, usize)> = BTreeMap::new();
    for outcome in outcomes {
        let count = counts
            .entry((outcome.subject, outcome.case.fault))
            .or_default();
        count.0 += 1;
        count.1 += usize::from(outcome.violation().is_some());
    }
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::ASCII_MARKDOWN);
    table.set_header(["operation", "fault", "runs", "violations"]);
    let mut sums = (0, 0);
    for ((subject, fault), (runs, violations)) in counts {
        sums = (sums.0 + runs, sums.1 + violations);
        table.add_row([
            subject.to_owned(),
            fault.to_string(),
            runs.to_string(),
            violations.to_string(),
        ]);
    }
    table.add_row([
        "all".to_owned(),
        String::new(),
        sums.0.to_string(),
        sums.1.to_string(),
    ]);
    table
}
