//! Tables of test run times: tests, commands, waits for memory, and processor load.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use tfharness::schedule::Record;

use crate::console::{self, seconds};

/// Maximum number of tests in the table.
const LISTED: usize = 15;

/// Processor time of the whole machine, if the operating system reports it.
pub(super) struct Processor {
    start: Instant,
    ticks: Option<Ticks>,
}

/// Clock ticks since the machine started.
#[derive(Clone, Copy)]
struct Ticks {
    busy: u64,
    all: u64,
}

impl Processor {
    /// Starts the measurement.
    pub(super) fn start() -> Self {
        Self {
            start: Instant::now(),
            ticks: ticks(),
        }
    }

    /// Returns the elapsed time and the percentage of this time during which processors were busy.
    pub(super) fn busy(&self) -> (Duration, Option<u64>) {
        let share = self.ticks.zip(ticks()).and_then(|(before, now)| {
            // The count of iowait can decrease (proc(5)), so the sum can also decrease.
            let all = now.all.checked_sub(before.all)?;
            (now.busy.checked_sub(before.busy)? * 100).checked_div(all)
        });
        (self.start.elapsed(), share)
    }
}

/// Reads the first line of `/proc/stat` (proc(5)): user, nice, system, idle, iowait, and so on.
fn ticks() -> Option<Ticks> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let counts: Vec<u64> = text
        .lines()
        .next()?
        .split_whitespace()
        .filter_map(|field| field.parse().ok())
        .collect();
    let all = counts.iter().take(8).sum();
    let idle: u64 = counts.get(3..5)?.iter().sum();
    Some(Ticks {
        busy: all - idle,
        all,
    })
}

/// Prints the tables. `budget` is in MiB.
pub(super) fn show(records: &[Record], budget: u32, (took, busy): (Duration, Option<u64>)) {
    if records.is_empty() {
        return;
    }
    console::heading("Time");
    let mut commands: BTreeMap<&str, (usize, Duration)> = BTreeMap::new();
    for record in records {
        let (count, time) = commands.entry(&record.request.command).or_default();
        *count += 1;
        *time += record.ended - record.admitted;
    }
    let mut commands: Vec<_> = commands.into_iter().collect();
    commands.sort_by_key(|(_, (_, time))| std::cmp::Reverse(*time));
    console::table(
        &["command", "runs", "total time"],
        commands
            .into_iter()
            .map(|(name, (count, time))| [name.to_owned(), count.to_string(), seconds(time)]),
    );
    let mut tests = tests(records);
    tests.sort_by_key(|test| std::cmp::Reverse(test.ended - test.requested));
    console::line("");
    console::table(
        &[
            "slowest tests",
            "total time",
            "in commands",
            "waiting for memory",
        ],
        tests.iter().take(LISTED).map(|test| {
            [
                test.name.to_owned(),
                seconds(test.ended - test.requested),
                seconds(test.ran),
                seconds(test.waited),
            ]
        }),
    );
    console::line("");
    let most = maximum_memory(records);
    let processor = busy.map_or_else(String::new, |share| format!("; processors busy {share}%"));
    console::line(&format!(
        "{} in total; commands required up to {most} of {budget} MiB at the same time{processor}",
        seconds(took)
    ));
}

/// Times of a test and its commands.
struct Test<'a> {
    name: &'a str,
    requested: Duration,
    ended: Duration,
    ran: Duration,
    waited: Duration,
}

fn tests(records: &[Record]) -> Vec<Test<'_>> {
    let mut tests: BTreeMap<&str, Test<'_>> = BTreeMap::new();
    for record in records {
        let test = tests.entry(&record.request.test).or_insert(Test {
            name: &record.request.test,
            requested: record.requested,
            ended: record.ended,
            ran: Duration::ZERO,
            waited: Duration::ZERO,
        });
        test.requested = test.requested.min(record.requested);
        test.ended = test.ended.max(record.ended);
        test.ran += record.ended - record.admitted;
        test.waited += record.admitted - record.requested;
    }
    tests.into_values().collect()
}

/// Returns the peak total memory of concurrent commands, in MiB.
fn maximum_memory(records: &[Record]) -> u32 {
    let mut changes: Vec<(Duration, bool, u32)> = records
        .iter()
        .flat_map(|record| {
            let memory = record.request.mebibytes;
            [
                (record.ended, false, memory),
                (record.admitted, true, memory),
            ]
        })
        .collect();
    changes.sort_unstable();
    let mut used = 0;
    changes
        .into_iter()
        .map(|(_, begins, memory)| {
            used = if begins { used + memory } else { used - memory };
            used
        })
        .max()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tfharness::schedule::Request;

    /// Returns a command record with the request, admission, and end times, in seconds.
    fn record(test: &str, mebibytes: u32, [requested, admitted, ended]: [u64; 3]) -> Record {
        Record {
            request: Request::new(test, "tofu apply", mebibytes),
            requested: Duration::from_secs(requested),
            admitted: Duration::from_secs(admitted),
            ended: Duration::from_secs(ended),
        }
    }

    #[test]
    fn maximum_memory_counts_only_overlapping_commands() {
        let records = [
            record("a", 100, [0, 0, 10]),
            record("b", 200, [0, 5, 10]),
            record("c", 250, [0, 10, 20]),
        ];
        assert_eq!(maximum_memory(&records), 300);
    }

    #[test]
    fn test_time_spans_its_commands() {
        let records = [
            record("a", 1, [0, 2, 10]),
            record("a", 1, [12, 15, 20]),
            record("b", 1, [1, 1, 2]),
        ];
        let tests = tests(&records);
        let [a, b] = tests.as_slice() else {
            panic!("{} tests", tests.len())
        };
        assert_eq!((a.name, b.name), ("a", "b"));
        let spans = [a.requested, a.ended, a.ran, a.waited].map(|time| time.as_secs());
        assert_eq!(spans, [0, 20, 13, 5]);
    }
}
