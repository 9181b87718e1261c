//! Kills the documented command at each of its writes, as a power failure does, and follows the README: the state is in the
//! bucket, nothing is lost, and nothing exists twice.

use anyhow::{Context as _, Result, bail, ensure};
use tfharness::gateway::rules::Rule;
use tfharness::{Cli, LocalAws, on};

use super::example::{Example, KEY};
use crate::scenario::side_by_side;
use crate::shell::{lock_id, run, succeed};

/// A call of the command, and whether the call takes effect before the kill.
struct Fault {
    name: &'static str,
    action: &'static str,
    /// Part of the path or the body.
    about: &'static str,
    /// Number of the call.
    number: usize,
    takes_effect: bool,
}

const fn fault(
    name: &'static str,
    action: &'static str,
    about: &'static str,
    number: usize,
    takes_effect: bool,
) -> Fault {
    Fault {
        name,
        action,
        about,
        number,
        takes_effect,
    }
}

const FAULTS: [Fault; 7] = [
    fault("after CreateBucket", "PUT /*", "state", 1, true),
    fault("before PutBucketPolicy", "PUT /*?policy", "state", 1, false),
    fault("before the lock", "PUT /*/*", "tflock", 1, false),
    fault("after the lock", "PUT /*/*", "tflock", 1, true),
    fault("before the state", "PUT /*/*", "tfstate", 2, false),
    fault("after the state", "PUT /*/*", "tfstate", 2, true),
    fault("before the unlock", "DELETE /*/*", "tflock", 1, false),
];

#[test]
fn interrupted_bootstrap_continues_as_documented() -> Result<()> {
    let clis = Cli::all()?;
    let cases: Vec<_> = FAULTS.iter().zip(clis.iter().cycle()).collect();
    let results = side_by_side(&cases, 2, |(fault, cli)| {
        let aws = LocalAws::account()?.in_region("eu-central-1");
        let steps =
            interrupted(fault, cli, &aws).with_context(|| format!("{} with {cli}", fault.name))?;
        Ok(format!("{} | {cli} | {}", fault.name, steps.join(", ")))
    })?;
    println!("killed | CLI | next commands\n{}", results.join("\n"));
    Ok(())
}

/// Interrupts the command, and returns the documented steps that the next runs required.
fn interrupted(fault: &Fault, cli: &Cli, aws: &LocalAws) -> Result<Vec<&'static str>> {
    let example = Example::new(cli, aws)?;
    let rule = rule(fault, &example);
    aws.add_rule(&rule);
    let killed = run(&example.stack, &example.bootstrap()?)?;
    aws.clear_rules();
    ensure!(
        rule.fired() == 1 && killed.code().is_none(),
        "the rule applied to {} calls; the command printed {}{}",
        rule.fired(),
        killed.stdout,
        killed.stderr
    );
    let steps = follow(&example)?;
    expect_complete(&example)?;
    Ok(steps)
}

fn rule(fault: &Fault, example: &Example<'_>) -> Rule {
    let call = on("s3", fault.action)
        .mentioning(fault.about)
        .nth(fault.number);
    let providers = example.stack.providers();
    if fault.takes_effect {
        call.kill_command_after(&providers)
    } else {
        call.kill_command_before(&providers)
    }
}

/// Runs the command again until it succeeds. After an error, runs the commands that the README names for this error.
fn follow(example: &Example<'_>) -> Result<Vec<&'static str>> {
    let mut steps = Vec::new();
    for _ in 0..3 {
        steps.push("the command");
        let again = run(&example.stack, &example.bootstrap()?)?;
        if again.code() == Some(0) {
            return Ok(steps);
        }
        if again.stderr.contains("BucketAlreadyOwnedByYou") {
            steps.push("import");
            let usage = example.commands("Usage")?;
            let import = usage.iter().find(|block| block.contains("tofu import"));
            succeed(&example.stack, import.context("tofu import")?)?;
        } else if again.stderr.contains("Error acquiring the state lock") {
            steps.push("init without a lock, force-unlock");
            let [.., unlock, init] = &example.commands("Lock")?[..] else {
                bail!("expected commands for a remaining lock")
            };
            succeed(&example.stack, init)?;
            let id = lock_id(&again.stderr)?;
            let unlock = unlock.replace("11111111-1111-1111-1111-111111111111", &id);
            succeed(&example.stack, &unlock)?;
        } else {
            bail!("no documented error: {}{}", again.stdout, again.stderr);
        }
    }
    bail!("the command still fails after {steps:?}")
}

/// Checks that the state in the bucket contains the only bucket of the account with all of its settings.
fn expect_complete(example: &Example<'_>) -> Result<()> {
    example.stack.expect_empty_plan()?;
    let state = example.stored()?;
    let resources = state["resources"].as_array().map_or(0, Vec::len);
    ensure!(resources == 8, "the state contains {resources} resources");
    let lock = example
        .aws
        .s3()
        .get(&example.bucket(), &format!("{KEY}.tflock"));
    ensure!(lock.is_err(), "the lock remains");
    let buckets = example.aws.get("s3", "/")?;
    let names = buckets["Buckets"].to_string();
    ensure!(
        names.matches("\"Name\"").count() == 1 && names.contains(&example.bucket()),
        "{names}"
    );
    // The local copies, which the README deletes, are not required.
    for name in ["terraform.tfstate", "terraform.tfstate.backup"] {
        let path = example.stack.directory().join(name);
        if path.exists() {
            std::fs::remove_file(path)?;
        }
    }
    example.stack.expect_empty_plan()?;
    Ok(())
}
