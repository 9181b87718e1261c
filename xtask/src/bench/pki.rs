//! `cargo xtask bench pki`: measures the creation of roots, and of revocation lists with many entries, compared with the Go
//! standard library, which `hashicorp/tls` uses. The provider also parses, lints, and verifies the result, and the peer does
//! not.
//!
//! The time to generate an RSA key varies by a factor of ten because the number of candidates for a prime is random. The
//! table therefore contains the median of many samples, and the quartiles.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tfharness::LocalAws;

use super::{build, build_peer, rounded, runs};
use crate::cli::Bench;
use crate::console::{self, Stage};
use crate::repository::{self, Repository};

/// The program that issues with the provider's library.
const SUBJECT: &str = "bench-pki";
/// Name of the bucket for the lists.
const BUCKET: &str = "bench-pki";
/// Number of entries in a `--check` run.
const CHECK_ENTRIES: &str = "100";

/// Part of a task that is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Figure {
    /// CPU time, which does not depend on other processes.
    Cpu,
    /// Elapsed time, including the local AWS emulator.
    Elapsed,
}

/// A task that both programs have.
struct Task {
    title: &'static str,
    /// Name in the JSON output.
    key: &'static str,
    task: &'static str,
    /// Key algorithm or number of entries.
    subject: &'static str,
    /// Samples in each run.
    samples: u32,
    figure: Figure,
    /// Largest ratio of the medians.
    goal: f64,
}

const TASKS: [Task; 6] = [
    Task {
        title: "root, RSA 4096",
        key: "root_rsa_4096",
        task: "root",
        subject: "RSA_4096",
        samples: 5,
        figure: Figure::Cpu,
        goal: 1.25,
    },
    Task {
        title: "root, ECDSA P-384",
        key: "root_ecdsa_p384",
        task: "root",
        subject: "ECDSA_P384",
        samples: 20,
        figure: Figure::Cpu,
        goal: 3.0,
    },
    Task {
        title: "sign 10,000 entries",
        key: "list_10000",
        task: "list",
        subject: "10000",
        samples: 5,
        figure: Figure::Cpu,
        goal: 1.5,
    },
    Task {
        title: "sign 100,000 entries",
        key: "list_100000",
        task: "list",
        subject: "100000",
        samples: 1,
        figure: Figure::Cpu,
        goal: 1.5,
    },
    Task {
        title: "sign and publish 10,000 entries",
        key: "publish_10000",
        task: "publish",
        subject: "10000",
        samples: 1,
        figure: Figure::Elapsed,
        goal: 2.0,
    },
    Task {
        title: "sign and publish 100,000 entries",
        key: "publish_100000",
        task: "publish",
        subject: "100000",
        samples: 1,
        figure: Figure::Elapsed,
        goal: 2.0,
    },
];

/// The samples of one program.
#[derive(Default)]
struct Samples {
    milliseconds: Vec<f64>,
    peak_mib: Vec<f64>,
}

/// Measures both implementations in alternation and prints the medians and quartiles.
///
/// # Errors
/// Returns an error if an implementation does not build or fails, or if the local AWS emulator cannot be started.
pub(super) fn pki(repository: &Repository, options: &Bench) -> Result<()> {
    let stage = Stage::default();
    let ours = build(repository, &stage, SUBJECT, options)?.join(SUBJECT);
    let programs = [ours, build_peer(repository, &stage, "pki")?];
    let aws = LocalAws::account()?;
    aws.s3().create_bucket(BUCKET)?;

    let mut rows = Vec::new();
    let mut line = json!({ "bench": "pki", "runs": runs(options) });
    for task in &TASKS {
        let name = format!("{}, {} alternating runs each", task.title, runs(options));
        let [ours, peer] = stage.run(&name, || {
            measure(repository, &aws, &programs, task, options)
        })?;
        let times = [&ours, &peer].map(|side| quartiles(&side.milliseconds));
        let memory = [&ours, &peer].map(|side| quartiles(&side.peak_mib)[1]);
        let ratio = times[0][1] / times[1][1];
        rows.push([
            task.title.to_owned(),
            text(times[0]),
            text(times[1]),
            format!("{ratio:.2}"),
            format!("{:.2}", task.goal),
            format!("{:.0} and {:.0} MiB", memory[0], memory[1]),
        ]);
        line[task.key] = json!({
            "ratio": rounded(ratio),
            "goal": task.goal,
            "samples": ours.milliseconds.len(),
            "ours": times[0].map(rounded),
            "peer": times[1].map(rounded),
            "peak_mib": memory.map(rounded),
        });
    }
    console::table(
        &[
            "median (quartiles), ms",
            "ours",
            "Go",
            "ratio",
            "goal",
            "peak memory",
        ],
        rows,
    );
    console::line("Roots and signatures: CPU time. Publication: elapsed time.");
    if options.json {
        console::line(&line.to_string());
    }
    Ok(())
}

/// Runs both programs in alternation.
fn measure(
    repository: &Repository,
    aws: &LocalAws,
    programs: &[PathBuf; 2],
    task: &Task,
    options: &Bench,
) -> Result<[Samples; 2]> {
    let mut sides = [Samples::default(), Samples::default()];
    for _ in 0..runs(options) {
        for (program, side) in programs.iter().zip(&mut sides) {
            let measured = run(repository, aws, program, task, options)?;
            let column = match task.figure {
                Figure::Cpu => "cpu",
                Figure::Elapsed => "elapsed",
            };
            let samples = measured[column].as_array();
            let samples = samples.context("the program did not print samples")?;
            side.milliseconds
                .extend(samples.iter().filter_map(Value::as_f64));
            let peak = measured["peak_kib"].as_f64();
            side.peak_mib
                .push(peak.context("the program did not print its memory")? / 1024.0);
        }
    }
    Ok(sides)
}

/// Runs a program, which prints one JSON object.
fn run(
    repository: &Repository,
    aws: &LocalAws,
    program: &Path,
    task: &Task,
    options: &Bench,
) -> Result<Value> {
    let subject = match (options.check, task.task) {
        (true, "list" | "publish") => CHECK_ENTRIES,
        _ => task.subject,
    };
    let samples = match options.check {
        true => 1,
        false => task.samples,
    };
    let mut command = repository.command(&program.to_string_lossy());
    command
        .envs(aws.environment())
        .args([task.task, subject, &samples.to_string()]);
    if task.task == "publish" {
        command.arg(BUCKET);
    }
    let text = repository::output(&mut command)?;
    serde_json::from_str(&text).with_context(|| format!("{} did not print JSON", program.display()))
}

/// Returns the first quartile, the median, and the third quartile.
fn quartiles(samples: &[f64]) -> [f64; 3] {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    [1, 2, 3].map(|quarter| {
        let (position, rest) = (last * quarter / 4, last * quarter % 4);
        let at = |position: usize| sorted.get(position.min(last)).copied().unwrap_or_default();
        let weight = f64::from(u8::try_from(rest).unwrap_or_default()) / 4.0;
        at(position) + (at(position + 1) - at(position)) * weight
    })
}

fn text([first, median, third]: [f64; 3]) -> String {
    format!("{median:.1} ({first:.1} to {third:.1})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_interpolated() {
        assert_eq!(quartiles(&[4.0, 1.0, 3.0, 2.0, 5.0]), [2.0, 3.0, 4.0]);
        assert_eq!(quartiles(&[1.0, 2.0, 3.0, 4.0]), [1.75, 2.5, 3.25]);
        assert_eq!(quartiles(&[7.0]), [7.0, 7.0, 7.0]);
    }

    #[test]
    fn keys_of_tasks_are_unique() {
        let mut keys = TASKS.map(|task| task.key).to_vec();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), TASKS.len());
    }
}
