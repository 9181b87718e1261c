//! SIGKILL at every call: the provider is killed at each of its API calls in turn, once before the call reaches AWS
//! and once after AWS has done it. Applying again must always end with one of everything and an empty plan.

use std::fmt;
use std::io::Write as _;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, on};

use crate::authority::{self, Authority};
use crate::bundle;
use crate::diagnostic::{self, APPLY};
use crate::ground::Ground;
use crate::openssl;
use crate::scenario::side_by_side;

/// Iterations that run at once: they wait more than they work.
const SIDE_BY_SIDE: usize = 6;
/// Of how many calls one is a sample.
const THINNED: usize = 3;
/// So few calls are never thinned out.
const FEW: usize = 6;

/// An apply, and how what it works on is known to be whole.
struct Subject {
    name: &'static str,
    /// Leads up to the apply.
    prepare: fn(&Cli, &LocalAws) -> Result<Stack>,
    expect_whole: fn(&LocalAws, &Stack) -> Result<()>,
}

#[test]
fn a_root_killed_at_any_call_ends_with_one_key_and_its_certificate() -> Result<()> {
    under_every_cli(&[
        Subject {
            name: "create a root",
            prepare: |cli, aws| Ok(authority::example(cli, aws).init()?),
            expect_whole: expect_one_root,
        },
        Subject {
            name: "adopt the key of a root that was killed before",
            prepare: |cli, aws| {
                let stack = authority::example(cli, aws).init()?;
                let create = on("secretsmanager", "CreateSecret").first();
                aws.add_rule(&create.kill_after(&stack.providers()));
                stack.failing(Stack::apply_once)?;
                aws.clear_rules();
                Ok(stack)
            },
            expect_whole: expect_one_root,
        },
        Subject {
            name: "change the tags of a root",
            prepare: |cli, aws| {
                let old = json!({ "stays": "old", "goes": "old" });
                let mut stack = authority::example(cli, aws).var("tags", old).apply()?;
                stack.set_var("tags", json!({ "stays": "new", "comes": "new" }));
                Ok(stack)
            },
            expect_whole: expect_one_root,
        },
    ])
}

#[test]
fn a_bundle_killed_at_any_call_ends_with_one_set_of_services() -> Result<()> {
    under_every_cli(&[
        Subject {
            name: "create a bundle",
            prepare: |cli, aws| Ok(bundle::bundle(cli, aws, &Ground::lay(aws)?).init()?),
            expect_whole: |aws, stack| bundle::expect_one_set(aws, stack, 1),
        },
        Subject {
            name: "roll out another image and another count",
            prepare: |cli, aws| {
                let ground = Ground::lay(aws)?;
                let mut services = bundle::services(&ground);
                services["api"]["desired_count"] = json!(1);
                let workspace = bundle::bundle(cli, aws, &ground);
                let mut stack = workspace.var("services", services).apply()?;
                stack.set_var("image", bundle::image("1.37"));
                stack.set_var("services", bundle::services(&ground));
                Ok(stack)
            },
            expect_whole: |aws, stack| bundle::expect_one_set(aws, stack, 2),
        },
    ])
}

fn under_every_cli(subjects: &[Subject]) -> Result<()> {
    let all = Cli::all()?;
    for (place, cli) in all.iter().enumerate() {
        for subject in subjects {
            // What happens after a death is the provider's doing, so a second command line is asked for samples only.
            kill_everywhere(subject, cli, if place == 0 { 1 } else { THINNED })?;
        }
    }
    Ok(())
}

/// Kills at every `step`th call, or at every call where there are few.
fn kill_everywhere(subject: &Subject, cli: &Cli, step: usize) -> Result<()> {
    let started = Instant::now();
    let calls = calls_of_a_quiet_run(subject, cli)?;
    let step = if calls <= FEW { 1 } else { step };
    let cases: Vec<Case> = (1..=calls)
        .step_by(step)
        .flat_map(|call| [Moment::Before, Moment::After].map(|moment| Case { call, moment }))
        .collect();
    let outcomes = side_by_side(&cases, SIDE_BY_SIDE, |case| {
        kill_at(subject, cli, *case).with_context(|| format!("{} {case:?}", subject.name))
    })?;
    let title = format!(
        "{} under {cli}: {} of {calls} calls, {} killings in {:.0?}",
        subject.name,
        cases.len() / 2,
        cases.len(),
        started.elapsed()
    );
    // Past the test runner's capture, because the table is the result.
    writeln!(std::io::stderr(), "\n{title}\n{}", table(&outcomes))?;
    let bad = outcomes.iter().filter_map(Outcome::complaint);
    let bad = bad.collect::<Vec<_>>().join("\n");
    ensure!(
        bad.is_empty(),
        "under {cli}, to {}, after the second apply:\n{bad}",
        subject.name
    );
    Ok(())
}

/// How many calls an apply makes that nobody disturbs.
fn calls_of_a_quiet_run(subject: &Subject, cli: &Cli) -> Result<usize> {
    let aws = LocalAws::account()?;
    let stack = (subject.prepare)(cli, &aws)?;
    let before = aws.journal().len();
    stack.apply_once()?;
    let calls = aws.journal().len() - before;
    (subject.expect_whole)(&aws, &stack).context("nothing was killed yet")?;
    ensure!(
        calls > 1,
        "expected \"{}\" to call AWS, found {calls} calls",
        subject.name
    );
    Ok(calls)
}

/// When the provider dies.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// AWS never hears of the call.
    Before,
    /// AWS does what it is asked, and nobody hears of it.
    After,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Before => "before",
            Self::After => "after",
        })
    }
}

#[derive(Clone, Copy, Debug)]
struct Case {
    call: usize,
    moment: Moment,
}

/// What came of one killing.
struct Outcome {
    case: Case,
    service: String,
    action: String,
    first: String,
    second: Result<()>,
}

impl Outcome {
    /// What is wrong after the second apply, if anything.
    fn complaint(&self) -> Option<String> {
        let Case { call, moment } = self.case;
        let error = self.second.as_ref().err()?;
        let place = format!("{} {}", self.service, self.action);
        Some(format!("killed {moment} call {call}, {place}: {error:#}"))
    }
}

fn kill_at(subject: &Subject, cli: &Cli, case: Case) -> Result<Outcome> {
    let aws = LocalAws::account()?;
    let stack = (subject.prepare)(cli, &aws)?;
    let call = on("*", "*").nth(case.call);
    let kill = match case.moment {
        Moment::Before => call.kill_before(&stack.providers()),
        Moment::After => call.kill_after(&stack.providers()),
    };
    aws.add_rule(&kill);
    let (finished, diagnostics) = diagnostic::run(&stack, APPLY)?;
    ensure!(
        kill.fired() == 1,
        "expected the provider to be killed once, found {}",
        kill.fired()
    );
    let said = diagnostics
        .iter()
        .find(|found| found.severity == "error")
        .map(|found| found.summary.as_str());
    ensure!(
        finished.code() == Some(1) && said.is_some(),
        "expected the command to fail with a diagnostic when its provider is killed, found exit code {:?}\n{}\n{}",
        finished.code(),
        finished.stdout,
        finished.stderr,
    );
    let first = format!("exit 1: {}", said.unwrap_or_default());
    let journal = aws.journal();
    let killed = journal
        .iter()
        .rfind(|call| call.rule.is_some())
        .context("the journal knows the killed call")?;
    aws.clear_rules();
    let second = apply_or_import(&stack).and_then(|()| (subject.expect_whole)(&aws, &stack));
    Ok(Outcome {
        case,
        service: killed.service.clone(),
        action: killed.action.clone(),
        first,
        second,
    })
}

/// Applies again. Where everything was done and only the state is missing, the error prints the command that brings it
/// back, which is run first.
fn apply_or_import(stack: &Stack) -> Result<()> {
    let (finished, diagnostics) = diagnostic::run(stack, APPLY)?;
    if finished.code() != Some(0) {
        let lines = diagnostics.iter().flat_map(|found| found.detail.lines());
        let printed = lines
            .filter_map(|line| line.split_once(" import "))
            .find_map(|(_, rest)| {
                let (place, quoted) = rest.split_once('\'')?;
                let id = quoted.split_once('\'')?.0.to_owned();
                let address = match place.starts_with("skreg_pki_root_ca.") {
                    true => authority::ADDRESS,
                    false => bundle::ADDRESS,
                };
                Some((address, id))
            });
        let (address, id) = printed.with_context(|| {
            let listed = diagnostic::listed(&diagnostics);
            format!("expected the second apply to end well or to print an import, found\n{listed}")
        })?;
        stack.import(address, &id)?;
    }
    Ok(stack.apply()?)
}

/// One key, one certificate that certifies it, and a state that names it.
fn expect_one_root(aws: &LocalAws, stack: &Stack) -> Result<()> {
    let made = Authority::only(aws)?;
    made.expect_sound()?;
    let ask = json!({ "SecretId": made.arn, "IncludeDeprecated": true });
    let versions = aws.call("secretsmanager", "ListSecretVersionIds", ask)?;
    for version in versions["Versions"]
        .as_array()
        .context("ListSecretVersionIds answers with Versions")?
    {
        let ask = json!({ "SecretId": made.arn, "VersionId": version["VersionId"] });
        // The emulator lists a version without a value, which is not ours.
        let Ok(value) = aws.call("secretsmanager", "GetSecretValue", ask) else {
            continue;
        };
        let text = value["SecretString"]
            .as_str()
            .context("a version holds text")?;
        let document: Value =
            serde_json::from_str(text).context("a version is not a key document")?;
        let same = document["private_key_pem"] == made.document["private_key_pem"];
        ensure!(
            same,
            "expected one key in all versions, found another in {}",
            version["VersionId"]
        );
    }
    let serial = stack.output::<String>("serial_number")?.to_uppercase();
    let expected = openssl::serial(made.certificate_pem()?)?;
    ensure!(
        serial.trim_start_matches('0') == expected,
        "expected the state to hold {expected}, found {serial}"
    );
    Ok(())
}

fn table(outcomes: &[Outcome]) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::ASCII_MARKDOWN);
    table.set_header([
        "call",
        "service",
        "action",
        "killed",
        "first apply",
        "second apply",
    ]);
    for Outcome {
        case,
        service,
        action,
        first,
        second,
    } in outcomes
    {
        let second = match second {
            Ok(()) => "whole, plan empty",
            Err(_) => "NOT WHOLE, see below",
        };
        table.add_row([
            &case.call.to_string(),
            service,
            action,
            &case.moment.to_string(),
            first,
            second,
        ]);
    }
    table
}
