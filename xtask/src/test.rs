//! `cargo xtask test`: finds or builds the CLIs, builds the binaries that tests start, and runs all tests.

mod suite;
mod times;

use std::num::NonZero;

use anyhow::{Result, bail};
use tfharness::Kind;
use tfharness::schedule::MAXIMUM_MEMORY;
use tfharness::toolchain::{self, Cli};

use crate::cli::{CliName, Test};
use crate::console::{self, Stage, seconds};
use crate::repository::{Missing, Repository, SUBSET};
use suite::{Outcome, Wanted};

/// Runs the command.
///
/// # Errors
/// Returns an error if a required CLI is missing, a build fails, or a test fails.
pub(crate) fn test(repository: &Repository, options: &Test) -> Result<()> {
    let required = kinds(&options.require);
    let wanted = match options.cli.as_slice() {
        [] => Kind::ALL.to_vec(),
        names => kinds(names),
    };
    let filter = options.filter.as_deref();
    let tests = suite::wanted(repository, filter)?;
    let present = command_lines(&wanted, &required)?;
    install(tests)?;

    let name = "building the binaries that tests start";
    let provider = Stage::default().run_without_spinner(name, || repository.build())?;

    console::heading("Tests");
    let subset = provider.with_file_name(SUBSET);
    let mut environment = vec![
        (tfharness::SUBSET_VARIABLE, subset.into_os_string()),
        ("SKREG_PROVIDER", provider.into_os_string()),
        ("SKREG_CLI", programs(&wanted).into()),
        ("SKREG_REQUIRE", programs(&required).into()),
    ];
    if options.full {
        environment.push(("SKREG_FULL", "1".into()));
    }
    let memory = options.memory.unwrap_or_else(memory);
    let outcome = suite::run_all(repository, tests, &environment, memory)?;
    summary(&outcome, &present, filter)
}

/// Installs the tools of the selected tests into the cache, if they are missing.
fn install(tests: Wanted) -> Result<()> {
    toolchain::scanner_python_with(&Stage::default())?;
    if tests == Wanted::Suite(KUBERNETES) {
        toolchain::control_plane_with(&Stage::default())?;
        toolchain::helm_with(&Stage::default())?;
        return Ok(());
    }
    toolchain::emulator_python_with(&Stage::default())?;
    toolchain::linter_python_with(&Stage::default())?;
    toolchain::actionlint_with(&Stage::default())?;
    toolchain::shellcheck_with(&Stage::default())?;
    Ok(())
}

/// The optional suite that requires a Kubernetes control plane.
const KUBERNETES: &str = "kubernetes";

/// Default memory for commands, in MiB, for machines that do not report their available memory.
const MEMORY: u32 = 6 * 1024;

/// Maximum number of concurrent commands for each processor. Commands that apply spend most of their time waiting, and more
/// of them would only make all of them slower.
const COMMANDS: u32 = 5;

/// Returns three quarters of the available memory in MiB, but not more than the processors can use. The rest is for the
/// tests themselves, the AWS emulator, and compilers.
fn memory() -> u32 {
    // proc(5), `MemAvailable`, in KiB.
    let available = std::fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| {
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix("MemAvailable:"))?;
            let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
            u32::try_from(kibibytes / 1024 / 4 * 3).ok()
        });
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let usable = u32::try_from(processors)
        .unwrap_or(u32::MAX)
        .saturating_mul(COMMANDS * MAXIMUM_MEMORY);
    available.unwrap_or(MEMORY).min(usable)
}

fn kinds(names: &[CliName]) -> Vec<Kind> {
    names.iter().map(|name| (*name).into()).collect()
}

fn programs(kinds: &[Kind]) -> String {
    kinds
        .iter()
        .map(|kind| kind.program())
        .collect::<Vec<_>>()
        .join(",")
}

/// A CLI that tests use, or the reason why the CLI is not available.
struct Present {
    kind: Kind,
    found: Result<Cli, String>,
}

fn command_lines(wanted: &[Kind], required: &[Kind]) -> Result<Vec<Present>> {
    let mut present = Vec::new();
    for kind in wanted.iter().copied() {
        match Cli::find_with(kind, &Stage::default()) {
            Ok(cli) => {
                console::good(&format!("{cli} at {}", cli.path()));
                present.push(Present {
                    kind,
                    found: Ok(cli),
                });
            }
            Err(error) if required.contains(&kind) => {
                return Err(Missing(format!("{:#}", anyhow::Error::new(error))).into());
            }
            Err(error) => present.push(Present {
                kind,
                found: Err(format!("{:#}", anyhow::Error::new(error))),
            }),
        }
    }
    match present.iter().any(|one| one.found.is_ok()) {
        true => Ok(present),
        false => Err(Missing(
            "neither tofu nor terraform is installed; run `cargo xtask doctor`".into(),
        )
        .into()),
    }
}

fn summary(outcome: &Outcome, present: &[Present], filter: Option<&str>) -> Result<()> {
    console::heading("Summary");
    for failed in &outcome.failed {
        console::bad(&format!("failed: {}", failed.name));
        for line in &failed.says {
            console::line(&format!("    {line}"));
        }
    }
    for one in present {
        match &one.found {
            Ok(cli) => console::good(&format!("ran with {cli}")),
            Err(reason) => console::bad(&format!("not run with {}: {reason}", one.kind)),
        }
    }
    let (passed, failed, took) = (outcome.passed, outcome.failed.len(), seconds(outcome.took));
    match filter {
        _ if outcome.broken => {
            bail!("{passed} tests passed in {took}, but cargo test did not complete")
        }
        _ if failed > 0 => bail!("{passed} tests passed, {failed} failed in {took}"),
        Some(filter) if passed == 0 => bail!("no test name contains `{filter}`"),
        _ => console::good(&format!("{passed} tests passed in {took}")),
    }
    Ok(())
}
