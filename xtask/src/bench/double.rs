//! `cargo xtask bench double`: measures `validate` of one resource and of a package with doubles, compared with the providers
//! that they replace, and the commands from `init` to `destroy` with doubles.
//!
//! Linux only: CPU time and memory are read from procfs. The CPU time of a command includes its providers.

use std::collections::BTreeMap;
use std::fs;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use camino::Utf8PathBuf;
use serde_json::json;
use tfharness::process::{Process, processes_in_group};
use tfharness::workspace::{Double, Stack};
use tfharness::{Cli, Workspace};

use super::{rounded, runs};
use crate::cli::Bench;
use crate::console::{self, Stage};
use crate::repository::{PROVIDER, Repository};

/// The program of every double.
const DOUBLE: &str = "tfdouble";
/// Source address of the provider in this repository.
const OWN: &str = "skreg/skreg";
/// Providers of the package, with their versions.
const PROVIDERS: [(&str, &str); 2] = [("hashicorp/aws", "5.100.0"), (OWN, "0.1.0")];
/// The package, and the variables that its example requires.
const EXAMPLE: &str = "examples/skreg";
const VARIABLES: [(&str, &str); 2] = [
    ("github_repository", "skreg/skreg"),
    ("region", "eu-central-1"),
];
/// A configuration with one resource.
const ONE_RESOURCE: &str = r#"
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}
"#;
/// Largest ratios for `validate`: CPU time, and memory of the largest provider process.
const GOALS: [f64; 2] = [0.1, 0.2];
/// Largest sum of the times from `init` to `destroy`, in seconds, on a machine without other load.
const LIFE_GOAL: f64 = 5.0;
/// Interval at which the peak memory is read. The kernel records the peak, so only the last interval of a process is lost.
const INTERVAL: Duration = Duration::from_millis(5);
/// Clock ticks per second in `/proc/self/stat`. Linux defines a fixed value for user space (`sysconf(_SC_CLK_TCK)`).
const TICKS: f64 = 100.0;

/// Cost of a command, in seconds and MiB.
#[derive(Clone, Copy, Default)]
struct Cost {
    elapsed: f64,
    cpu: f64,
    /// Peak memory of the largest provider process.
    provider: f64,
    /// Peak memory of the CLI process.
    cli: f64,
}

/// Measures both sides in alternation and prints the medians.
///
/// # Errors
/// Returns an error if a program does not build or a command fails.
pub(super) fn double(repository: &Repository, options: &Bench) -> Result<()> {
    ensure!(
        cfg!(target_os = "linux"),
        "this benchmark reads procfs; run it on Linux"
    );
    let stage = Stage::default();
    let programs = programs(repository, &stage, options)?;
    let mut clis = Cli::all()?;
    if options.check {
        clis.truncate(1);
    }
    for cli in clis {
        let mut ratios = Vec::new();
        for (subject, workspace) in [
            ("one resource", one_resource as fn(&Cli) -> Workspace),
            (EXAMPLE, package),
        ] {
            let count = runs(options);
            let name = format!("{cli}: validate of {subject}, {count} alternating runs each");
            let [ours, real] = stage.run(&name, || {
                let ours = workspace(&cli).doubles(doubles(&programs)).init()?;
                let real = workspace(&cli).subset(None);
                let real = real.provider(OWN, programs.join(PROVIDER)).init()?;
                alternate([&ours, &real], count, !options.check)
            })?;
            let head = [subject, "doubles", "providers", "ratio", "goal"];
            console::table(&head, rows(&ours, &real));
            ratios.push(json!({
                "subject": subject,
                "cpu": rounded(ours.cpu / real.cpu),
                "rss": rounded(ours.provider / real.provider),
            }));
        }
        let life = stage.run(&format!("{cli}: init to destroy of {EXAMPLE}"), || {
            life(&package(&cli).doubles(doubles(&programs)).open()?)
        })?;
        let head = ["command with doubles", "elapsed", "CPU time"];
        console::table(&head, life_rows(&life));
        if options.json {
            let line = json!({
                "bench": "double",
                "cli": cli.to_string(),
                "validate": ratios,
                "init_to_destroy_seconds": rounded(sum(&life).elapsed),
            });
            console::line(&line.to_string());
        }
    }
    Ok(())
}

/// Builds the double and the provider, with optimizations unless `--check` is set, and returns their folder.
fn programs(repository: &Repository, stage: &Stage, options: &Bench) -> Result<Utf8PathBuf> {
    let folder = if options.check {
        let build = || repository.build();
        let provider = stage.run_without_spinner("building the workspace, debug profile", build)?;
        provider.with_file_name("")
    } else {
        let name = "building the double and the provider, release profile";
        stage.run_without_spinner(name, || repository.build_release(&[DOUBLE, PROVIDER]))?
    };
    Utf8PathBuf::from_path_buf(folder)
        .ok()
        .context("the path of the target folder is not UTF-8")
}

fn one_resource(cli: &Cli) -> Workspace {
    Workspace::inline(ONE_RESOURCE).cli(cli)
}

fn package(cli: &Cli) -> Workspace {
    let workspace = Workspace::of(EXAMPLE).cli(cli).var("disposable", true);
    VARIABLES
        .into_iter()
        .fold(workspace, |workspace, (name, value)| {
            workspace.var(name, value)
        })
}

/// Returns the doubles of all providers of the package, with the schemas and rules in this repository.
fn doubles(programs: &Utf8PathBuf) -> Vec<Double> {
    let double = |(address, version): (&str, &str)| {
        let folder = address.replace('/', "-");
        Double::new(address, version, format!("schemas/{folder}/{version}"))
            .rules(format!("crates/tfdouble/rules/{folder}"))
            .program(programs.join(DOUBLE))
    };
    PROVIDERS.into_iter().map(double).collect()
}

/// Runs `validate` in both workspaces in alternation, and returns the medians. If `warm_up` is set, an additional first run
/// of each side reads the programs into the page cache and does not count.
fn alternate(stacks: [&Stack; 2], runs: u32, warm_up: bool) -> Result<[Cost; 2]> {
    let mut costs = [Vec::new(), Vec::new()];
    let uncounted = u32::from(warm_up);
    for run in 0..runs + uncounted {
        for (stack, side) in stacks.into_iter().zip(&mut costs) {
            let cost = cost(stack, &["validate", "-no-color"])?;
            if run >= uncounted {
                side.push(cost);
            }
        }
    }
    Ok(costs.map(|side| medians(&side)))
}

fn medians(costs: &[Cost]) -> Cost {
    let median = |column: fn(&Cost) -> f64| {
        let mut values: Vec<_> = costs.iter().map(column).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    Cost {
        elapsed: median(|cost| cost.elapsed),
        cpu: median(|cost| cost.cpu),
        provider: median(|cost| cost.provider),
        cli: median(|cost| cost.cli),
    }
}

/// Runs all commands of a package, and checks that the second plan is empty.
fn life(stack: &Stack) -> Result<Vec<(&'static str, Cost)>> {
    let commands: [&[&str]; 6] = [
        &["init", "-input=false", "-no-color"],
        &["validate", "-no-color"],
        &["plan", "-input=false", "-no-color"],
        &["apply", "-input=false", "-no-color", "-auto-approve"],
        &["plan", "-input=false", "-no-color", "-detailed-exitcode"],
        &["destroy", "-input=false", "-no-color", "-auto-approve"],
    ];
    let measured = commands.into_iter().map(|arguments| {
        let name = arguments.first().copied().unwrap_or_default();
        Ok((name, cost(stack, arguments)?))
    });
    measured.collect()
}

/// Runs a command that must succeed, and measures it.
fn cost(stack: &Stack, arguments: &[&str]) -> Result<Cost> {
    let before = cpu_of_children()?;
    let begun = Instant::now();
    let running = stack.start(arguments)?;
    let group = running.group();
    let (ended, end) = mpsc::channel();
    let sampler =
        thread::spawn(move || peaks(|| processes_in_group(group).unwrap_or_default(), &end));
    let finished = running.wait()?;
    let elapsed = begun.elapsed().as_secs_f64();
    drop::<mpsc::Sender<()>>(ended);
    ensure!(
        finished.code() == Some(0),
        "{} failed:\n{}{}",
        arguments.join(" "),
        finished.stdout,
        finished.stderr
    );
    let (providers, clis): (Vec<_>, Vec<_>) = sampler
        .join()
        .unwrap_or_default()
        .into_iter()
        .partition(|(program, _)| program.contains("terraform-provider-"));
    let largest =
        |peaks: Vec<(String, f64)>| peaks.into_iter().map(|(_, mib)| mib).fold(0.0, f64::max);
    Ok(Cost {
        elapsed,
        cpu: cpu_of_children()? - before,
        provider: largest(providers),
        cli: largest(clis),
    })
}

/// Returns the peak memory of each program in MiB, read until the command ends.
fn peaks(list: impl Fn() -> Vec<Process>, end: &Receiver<()>) -> BTreeMap<String, f64> {
    let mut peaks = BTreeMap::new();
    while end.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
        for process in list() {
            // A process can exit at any time.
            if let Some(mib) = peak_mib(process.id.as_raw_nonzero().get()) {
                let peak: &mut f64 = peaks.entry(process.program.into_string()).or_default();
                *peak = peak.max(mib);
            }
        }
    }
    peaks
}

/// Returns the peak memory (`VmHWM`, proc_pid_status(5)) of a process.
fn peak_mib(id: i32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}

/// Returns the CPU time in seconds of all child processes that have exited, and of their descendants (`cutime` and `cstime`,
/// proc_pid_stat(5)).
fn cpu_of_children() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat").context("reading /proc/self/stat")?;
    let (_, rest) = stat
        .rsplit_once(')')
        .context("/proc/self/stat contains no name")?;
    // The remaining fields start with field 3, the state. Fields 16 and 17 are cutime and cstime.
    let fields = rest.split_whitespace().skip(13).take(2);
    let ticks: Vec<f64> = fields.map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() / TICKS)
}

fn rows(ours: &Cost, real: &Cost) -> Vec<[String; 5]> {
    let row = |name: &str, [ours, real]: [f64; 2], unit: &str, goal: Option<f64>| {
        [
            name.to_owned(),
            format!("{ours:.2} {unit}"),
            format!("{real:.2} {unit}"),
            format!("{:.2}", ours / real),
            goal.map_or_else(String::new, |goal| format!("{goal:.2}")),
        ]
    };
    let [time, memory] = GOALS;
    vec![
        row("CPU time", [ours.cpu, real.cpu], "s", Some(time)),
        row("elapsed", [ours.elapsed, real.elapsed], "s", None),
        row(
            "peak memory, largest provider",
            [ours.provider, real.provider],
            "MiB",
            Some(memory),
        ),
        row("peak memory, CLI", [ours.cli, real.cli], "MiB", None),
    ]
}

fn life_rows(life: &[(&'static str, Cost)]) -> Vec<[String; 3]> {
    let row = |name: String, cost: &Cost| {
        [
            name,
            format!("{:.2} s", cost.elapsed),
            format!("{:.2} s", cost.cpu),
        ]
    };
    let rows = life
        .iter()
        .map(|(name, cost)| row((*name).to_owned(), cost));
    let total = row(format!("all (goal: {LIFE_GOAL} s elapsed)"), &sum(life));
    rows.chain([total]).collect()
}

fn sum(life: &[(&'static str, Cost)]) -> Cost {
    life.iter().fold(Cost::default(), |sum, (_, cost)| Cost {
        elapsed: sum.elapsed + cost.elapsed,
        cpu: sum.cpu + cost.cpu,
        ..sum
    })
}
