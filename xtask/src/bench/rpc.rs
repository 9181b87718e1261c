//! `cargo xtask bench rpc`: measures validate, plan, apply, and read RPCs for many resources, and updates to a large
//! set, compared with the same provider in Go. The goals are three times as many RPCs per CPU second, and one third of
//! the memory and program size.

use anyhow::Result;
use serde_json::json;

use super::{HOST, build, build_peer, figures, measure, rounded, runs};
use crate::cli::Bench;
use crate::console::{self, Stage};
use crate::repository::Repository;

/// The provider that keeps its resources in memory.
const SUBJECT: &str = "bench-subject";
/// Number of resources in a `--check` run.
const CHECK_RESOURCES: u32 = 60;
/// Columns: title, key, unit, and the divisor that converts to the unit.
const COLUMNS: [(&str, &str, &str, f64); 7] = [
    ("RPCs, all sizes", "rpcs", "per CPU s", 1.0),
    ("RPCs, small", "small", "per CPU s", 1.0),
    ("RPCs, medium", "medium", "per CPU s", 1.0),
    ("RPCs, large", "large", "per CPU s", 1.0),
    ("updates to a large set", "updates", "per CPU s", 1.0),
    ("peak memory", "rss", "MiB", 1024.0),
    ("program", "binary", "MiB", 1024.0 * 1024.0),
];

/// Measures both implementations in alternation and prints the medians.
///
/// # Errors
/// Returns an error if an implementation does not build, does not respond, or rejects a resource.
pub(super) fn rpc(repository: &Repository, options: &Bench) -> Result<()> {
    let stage = Stage::default();
    let programs = build(repository, &stage, SUBJECT, options)?;
    let peer = build_peer(repository, &stage, "memory")?;
    let resources = if options.check {
        CHECK_RESOURCES
    } else {
        options.resources
    };
    let mut host = repository.command(&programs.join(HOST).to_string_lossy());
    host.arg("rpc")
        .arg(programs.join(SUBJECT))
        .arg(&peer)
        .arg(runs(options).to_string())
        .arg(resources.to_string());
    let measured = measure(&stage, options, &mut host)?;

    let mut rows = Vec::new();
    for (name, column, unit, scale) in COLUMNS {
        let [ours, peer] = figures(&measured, column)?;
        let with_unit = |figure: f64| format!("{:.1} {unit}", figure / scale);
        rows.push([
            name.into(),
            with_unit(ours),
            with_unit(peer),
            format!("{:.2}", ours / peer),
        ]);
    }
    console::table(&["median", "ours", "peer in Go", "ratio"], rows);
    if options.json {
        let ratio = |column| figures(&measured, column).map(|[ours, peer]| rounded(ours / peer));
        let line = json!({
            "bench": "rpc",
            "resources": measured["resources"],
            "elements": measured["elements"],
            "rpcs": ratio("rpcs")?,
            "updates": ratio("updates")?,
            "rss": ratio("rss")?,
            "binary": ratio("binary")?,
            "ours": measured["ours"],
            "peer": measured["peer"],
        });
        console::line(&line.to_string());
    }
    Ok(())
}
