//! Measures two provider processes in turns and prints the medians as one JSON object.
//!
//! Linux only: peak memory is read from the proc file system. It must stay the same for both sides: one client, one
//! environment, one order of steps.

mod client;
mod sample;

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use client::Identity;
use sample::Sample;

fn main() -> Result<()> {
    ensure!(
        cfg!(target_os = "linux"),
        "peak memory is read from the proc file system: run this on Linux"
    );
    let mut arguments = std::env::args().skip(1);
    let mut next = || {
        arguments
            .next()
            .context("usage: bench-start OURS PEER RUNS")
    };
    let (ours, peer) = (PathBuf::from(next()?), PathBuf::from(next()?));
    let runs: usize = next()?.parse().context("RUNS is a number")?;
    ensure!(runs >= 3, "fewer than 3 runs have no median worth telling");

    let identity = Identity::generate()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut samples = [Vec::new(), Vec::new()];
    // The first run of each warms the page cache and is not counted.
    for run in 0..=runs {
        for (side, binary) in [&ours, &peer].into_iter().enumerate() {
            let sample = runtime
                .block_on(sample::take(binary, &identity))
                .with_context(|| format!("measuring {}", binary.display()))?;
            if run > 0 {
                samples[side].push(sample);
            }
        }
    }
    let [ours, peer] = samples.each_ref().map(|side| &side[0].resources);
    ensure!(
        ours == peer,
        "the peer is another provider than ours, so it measures nothing; bring benches/peer up to date\n  ours: {ours:?}\n  \
         peer: {peer:?}"
    );
    let [ours, peer] = samples.map(|side| medians(&side));
    println!("{}", json!({ "runs": runs, "ours": ours, "peer": peer }));
    Ok(())
}

/// Medians of every column, in milliseconds and KiB.
fn medians(samples: &[Sample]) -> Value {
    let milliseconds = |column: fn(&Sample) -> std::time::Duration| {
        median(
            samples
                .iter()
                .map(|sample| column(sample).as_secs_f64() * 1e3)
                .collect(),
        )
    };
    json!({
        "handshake": milliseconds(|sample| sample.handshake),
        "connected": milliseconds(|sample| sample.connected),
        "answered": milliseconds(|sample| sample.answered),
        "rss": median(samples.iter().map(|sample| sample.peak_kib).collect()),
        "resources": samples.first().map(|sample| sample.resources.len()),
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        0 => f64::midpoint(values[middle - 1], values[middle]),
        _ => values[middle],
    }
}
