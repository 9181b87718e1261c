//! `cargo xtask bench`: builds both implementations, measures them in alternation, and prints the result. `benches/host`
//! measures providers; the other benchmarks run programs.

mod double;
mod generation;
mod pki;
mod rpc;
mod start;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::cli::{Bench, Measure};
use crate::console::Stage;
use crate::repository::{self, Repository};

/// The program that acts as the host.
const HOST: &str = "bench-host";

/// Runs the command.
///
/// # Errors
/// Returns an error if an implementation does not build or respond.
pub(crate) fn bench(repository: &Repository, options: &Bench) -> Result<()> {
    match options.what {
        Measure::Double => double::double(repository, options),
        Measure::Gen => generation::generation(repository, options),
        Measure::Pki => pki::pki(repository, options),
        Measure::Start => start::start(repository, options),
        Measure::Rpc => rpc::rpc(repository, options),
    }
}

/// Returns the number of runs for each implementation.
fn runs(options: &Bench) -> u32 {
    match (options.check, options.what) {
        (true, _) => 1,
        (_, Measure::Double | Measure::Rpc) => options.runs.unwrap_or(3),
        (_, Measure::Pki) => options.runs.unwrap_or(10),
        _ => options.runs.unwrap_or(30),
    }
}

/// Builds a program and the host, with optimizations unless `--check` is set, and returns their folder.
fn build(repository: &Repository, stage: &Stage, ours: &str, options: &Bench) -> Result<PathBuf> {
    if options.check {
        let build = || repository.build();
        let provider = stage.run_without_spinner("building the workspace, debug profile", build)?;
        return Ok(provider.with_file_name(""));
    }
    let name = format!("building {ours} and the host, release profile");
    stage.run_without_spinner(&name, || repository.build_release(&[ours, HOST]))
}

/// Builds a program for the peer.
fn build_peer(repository: &Repository, stage: &Stage, program: &str) -> Result<PathBuf> {
    let folder = repository.target()?.join("peer");
    std::fs::create_dir_all(&folder).context("creating the folder for the peer")?;
    let peer = folder.join(program);
    let go = tfharness::toolchain::go()?;
    let mut build = repository.command(go.path.as_str());
    build
        .current_dir(repository.path("benches/peer"))
        .env("CGO_ENABLED", "0")
        .env("GOTOOLCHAIN", "auto")
        .env("GOGC", "400")
        .env("GOFLAGS", "")
        .args(["build", "-trimpath", "-ldflags", "-s -w", "-o"])
        .arg(&peer)
        .arg(format!("./{program}"));
    stage.run("building the peer", || repository::run(&mut build))?;
    Ok(peer)
}

/// Runs the host, which prints one JSON object.
fn measure(stage: &Stage, options: &Bench, host: &mut Command) -> Result<Value> {
    let name = format!("measuring {} alternating runs each", runs(options));
    let text = stage.run(&name, || repository::output(host))?;
    serde_json::from_str(&text).with_context(|| format!("{HOST} did not print JSON"))
}

/// Returns the values of a column for both implementations.
fn figures(measured: &Value, column: &str) -> Result<[f64; 2]> {
    let of = |side: &str| measured[side][column].as_f64();
    let both = of("ours").zip(of("peer")).map(|(ours, peer)| [ours, peer]);
    both.with_context(|| format!("{HOST} did not measure `{column}`"))
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
