//! `cargo xtask bench`: builds both sides, lets `benches/start` measure them in turns, and prints the outcome.

mod generation;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::cli::{Bench, Measure};
use crate::console::{self, Stage};
use crate::repository::{self, PROVIDER, Repository};

/// Runs the command.
///
/// # Errors
/// When a side does not build or does not answer.
pub(crate) fn bench(repository: &Repository, options: &Bench) -> Result<()> {
    match options.what {
        Measure::Gen => generation::generation(repository, options),
        Measure::Start => start(repository, options),
    }
}

fn start(repository: &Repository, options: &Bench) -> Result<()> {
    let stage = Stage::default();
    let name = "building the provider and the client, release profile";
    let release = stage.aloud(name, || {
        repository.build_release(&[PROVIDER, "bench-start"])
    })?;
    let peer = repository.target()?.join("peer");
    let go = tfharness::toolchain::go()?;
    let mut build = repository.command(go.path.as_str());
    build
        .current_dir(repository.path("benches/peer"))
        .env("CGO_ENABLED", "0")
        .env("GOTOOLCHAIN", "auto")
        .env("GOFLAGS", "")
        .args(["build", "-trimpath", "-ldflags", "-s -w", "-o"])
        .arg(&peer)
        .arg(".");
    stage.run("building the peer", || repository::run(&mut build))?;

    let mut client = repository.command(&release.join("bench-start").to_string_lossy());
    client
        .arg(release.join(PROVIDER))
        .arg(&peer)
        .arg(options.runs.to_string());
    let name = format!("measuring, {} runs each in turns", options.runs);
    let text = stage.run(&name, || repository::output(&mut client))?;
    let measured: Value = serde_json::from_str(&text).context("bench-start printed no JSON")?;

    let mut rows = Vec::new();
    for (name, column, unit) in [
        ("start to handshake line", "handshake", "ms"),
        ("start to mutual TLS", "connected", "ms"),
        ("start to schema answered", "answered", "ms"),
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
        let ratio = |column| {
            figures(&measured, column).map(|[ours, peer]| (ours / peer * 100.0).round() / 100.0)
        };
        let line = json!({ "bench": "start", "time": ratio("answered")?, "rss": ratio("rss")? });
        console::line(&line.to_string());
    }
    Ok(())
}

/// A column of both sides.
fn figures(measured: &Value, column: &str) -> Result<[f64; 2]> {
    let of = |side: &str| measured[side][column].as_f64();
    let both = of("ours").zip(of("peer")).map(|(ours, peer)| [ours, peer]);
    both.with_context(|| format!("bench-start did not measure `{column}`"))
}
