//! Measures two provider processes in alternation and prints the medians as one JSON object.
//!
//! Linux only: memory and CPU time are read from procfs. Both providers must use the same client, environment, and
//! order of steps.

mod client;
mod msgpack;
mod objects;
mod process;
mod rpc;
mod sets;
mod start;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use client::Identity;

/// The two programs to compare.
struct Sides {
    ours: PathBuf,
    peer: PathBuf,
}

impl Sides {
    fn binaries(&self) -> [&Path; 2] {
        [&self.ours, &self.peer]
    }
}

fn main() -> Result<()> {
    ensure!(
        cfg!(target_os = "linux"),
        "bench-host reads memory and CPU time from procfs; run it on Linux"
    );
    let mut arguments = std::env::args().skip(1);
    let mut next = || {
        arguments.next().context(
            "usage: bench-host start OURS PEER RUNS, or: bench-host rpc OURS PEER RUNS RESOURCES",
        )
    };
    let bench = next()?;
    let sides = Sides {
        ours: next()?.into(),
        peer: next()?.into(),
    };
    let runs: usize = next()?.parse().context("RUNS must be a number")?;
    ensure!(runs >= 1, "RUNS must be at least 1");
    let identity = Identity::generate()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let measured = match bench.as_str() {
        "start" => runtime.block_on(start::measure(&sides, runs, &identity))?,
        "rpc" => {
            let resources = next()?.parse().context("RESOURCES must be a number")?;
            runtime.block_on(rpc::measure(&sides, runs, resources, &identity))?
        }
        other => bail!("`{other}` is not a benchmark; use start or rpc"),
    };
    println!("{measured}");
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        0 => f64::midpoint(values[middle - 1], values[middle]),
        _ => values[middle],
    }
}
