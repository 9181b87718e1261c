//! `cargo xtask bench gen`: measures the time from provider schemas to checked and formatted modules, compared with
//! `fmt -check` on the same files.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tfharness::{Cli, Kind};

use super::rounded;
use crate::catalog::Program;
use crate::cli::Bench;
use crate::console::{self, Stage};
use crate::repository::{Repository, output};

/// Measures both implementations in alternation and prints the medians.
///
/// # Errors
/// Returns an error if the program does not build or reports findings, or if neither Terraform nor OpenTofu is
/// installed.
pub(super) fn generation(repository: &Repository, options: &Bench) -> Result<()> {
    let stage = Stage::default();
    let (runs, release) = (super::runs(options), !options.check);
    let name = "building the generator";
    let program = stage.run_without_spinner(name, || Program::build(repository, release))?;
    let catalog = program.ask(repository)?;
    ensure!(
        catalog.findings.is_empty(),
        "the declarations are invalid: run `cargo xtask gen modules` to list the findings"
    );
    let packages = catalog.packages.values();
    let modules = packages
        .clone()
        .flat_map(|package| package.modules.values());
    let blocks = modules.clone().flat_map(|facts| &facts.blocks);
    let resources = blocks.filter(|block| block.kind == "resource").count();
    let files = packages.flat_map(|package| package.files.values());
    let bytes: usize = files.map(String::len).sum();

    let cli = Kind::ALL
        .into_iter()
        .find_map(|kind| Cli::installed(kind).ok())
        .map_or_else(|| Cli::find(Kind::Tofu), Ok)?;
    let peer = || {
        let mut command = repository.command(cli.path().as_str());
        command
            .env("TF_CLI_CONFIG_FILE", "")
            .env("CHECKPOINT_DISABLE", "1");
        command.args(["fmt", "-check", "-recursive", "modules"]);
        command
    };
    let name = format!("measuring {runs} alternating runs each");
    let (ours, peer_times) = stage.run(&name, || {
        let (mut ours, mut peer_times) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            ours.push(timed(program.command(repository)?)?);
            peer_times.push(timed(peer())?);
        }
        anyhow::Ok((median(ours)?, median(peer_times)?))
    })?;
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    let row = |what: String, time: Duration| [what, format!("{:.1} ms", milliseconds(time))];
    console::table(
        &["median of whole processes", ""],
        [
            row("schemas to checked and formatted modules".into(), ours),
            row(format!("{cli} fmt -check on the same modules"), peer_times),
        ],
    );
    let count = modules.count();
    console::line(&format!(
        "{count} modules, {resources} resource blocks, {bytes} bytes"
    ));
    if options.json {
        let line = json!({
            "bench": "gen",
            "time": rounded(milliseconds(ours) / milliseconds(peer_times)),
            "milliseconds": rounded(milliseconds(ours)),
            "resources": resources,
            "bytes": bytes,
        });
        console::line(&line.to_string());
    }
    Ok(())
}

fn timed(mut command: Command) -> Result<Duration> {
    let start = Instant::now();
    output(&mut command)?;
    Ok(start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Result<Duration> {
    times.sort();
    let middle = times.get(times.len() / 2);
    middle.copied().context("no runs")
}
