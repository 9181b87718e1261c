//! Runs scenarios side by side, under every command line. Must not know what a scenario does.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context as _, Result};
use tfharness::{Cli, LocalAws};

/// Runs a scenario under every command line, side by side, each in an account of its own.
pub(crate) fn under_every_cli(
    scenario: impl Fn(&Cli, &LocalAws) -> Result<()> + Sync,
) -> Result<()> {
    let all = Cli::all()?;
    side_by_side(&all, all.len(), |cli| {
        let aws = LocalAws::account()?;
        scenario(cli, &aws).with_context(|| format!("under {cli} in account {}", aws.id()))
    })
    .map(drop)
}

/// Does some work for every item, at most `width` of them at once, and returns the results in the items' order.
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
    let results: BTreeMap<usize, Result<R>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..width).map(|_| scope.spawn(worker)).collect();
        let finished = workers.into_iter().map(|worker| worker.join());
        finished
            .flat_map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    results.into_values().collect()
}
