//! `cargo xtask bench start`: measures the time until a provider process returns its schema, and the peak memory of the
//! process, compared with the same provider in Go.

use anyhow::Result;
use serde_json::json;

use super::{HOST, build, build_peer, figures, measure, rounded, runs};
use crate::cli::Bench;
use crate::console::{self, Stage};
use crate::repository::{PROVIDER, Repository};

/// Measures both implementations in alternation and prints the medians.
///
/// # Errors
/// Returns an error if an implementation does not build or respond.
pub(super) fn start(repository: &Repository, options: &Bench) -> Result<()> {
    let stage = Stage::default();
    let programs = build(repository, &stage, PROVIDER, options)?;
    let peer = build_peer(repository, &stage, "provider")?;
    let mut host = repository.command(&programs.join(HOST).to_string_lossy());
    host.arg("start")
        .arg(programs.join(PROVIDER))
        .arg(&peer)
        .arg(runs(options).to_string());
    let measured = measure(&stage, options, &mut host)?;

    let mut rows = Vec::new();
    for (name, column, unit) in [
        ("start to handshake line", "handshake", "ms"),
        ("start to mutual TLS", "connected", "ms"),
        ("start to schema", "answered", "ms"),
        ("peak memory", "rss", "KiB"),
    ] {
        let [ours, peer] = figures(&measured, column)?;
        let with_unit = |figure: f64| format!("{figure:.1} {unit}");
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
        let line = json!({ "bench": "start", "time": ratio("answered")?, "rss": ratio("rss")? });
        console::line(&line.to_string());
    }
    Ok(())
}
