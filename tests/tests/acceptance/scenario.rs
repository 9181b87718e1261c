//! Runs scenarios with the CLIs, and checks that no resources remain. Must not depend on specific scenarios.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use tfharness::{Cli, LocalAws, Stack};

/// Runs a scenario with each CLI in parallel, each in a separate account.
pub(crate) fn with_each(
    clis: &[Cli],
    scenario: impl Fn(&Cli, &LocalAws) -> Result<()> + Sync,
) -> Result<()> {
    side_by_side(clis, clis.len(), |cli| {
        let aws = LocalAws::account()?;
        scenario(cli, &aws).with_context(|| format!("with {cli} in account {}", aws.id()))
    })
    .map(drop)
}

/// Runs a scenario with the CLI that the name of the test selects, or with every CLI in a full run.
///
/// Use this if a scenario checks requests to AWS: these do not depend on the CLI. The protocol, plans, deletion protection,
/// and upgrades of states depend on the CLI, and have tests with every CLI.
pub(crate) fn with_one_cli(scenario: impl Fn(&Cli, &LocalAws) -> Result<()> + Sync) -> Result<()> {
    with_each(&alternating_clis()?, scenario)
}

/// Runs work for every item, with at most `width` items in parallel, and returns the results in the order of the items.
pub(crate) fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    width: usize,
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let places = std::iter::repeat_with(|| next.fetch_add(1, Ordering::SeqCst));
        let mine = places.map_while(|place| Some((place, items.get(place)?)));
        mine.map(|(place, item)| (place, work(item)))
            .collect::<Vec<_>>()
    };
    // Each thread is named after the test, because the table of times lists commands by thread name.
    let test = thread::current().name().unwrap_or_default().to_owned();
    let results: BTreeMap<usize, Result<R>> = thread::scope(|scope| {
        let start = |_| {
            let thread = thread::Builder::new().name(test.clone());
            thread.spawn_scoped(scope, worker)
        };
        let workers = (0..width).map(start).collect::<Result<Vec<_>, _>>()?;
        let finished = workers.into_iter().map(|worker| worker.join());
        let results = finished
            .flat_map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect();
        anyhow::Ok(results)
    })?;
    results.into_values().collect()
}

/// Checks that the state contains no resources.
pub(crate) fn expect_nothing_stored(stack: &Stack) -> Result<()> {
    let resources = stack.show()?.resources;
    ensure!(
        resources.is_empty(),
        "{}: expected an empty state, found {resources:?}",
        stack.cli()
    );
    Ok(())
}
