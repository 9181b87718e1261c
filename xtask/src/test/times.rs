//! Tables of test run times: tests, commands, waits for memory, and processor load.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use tfharness::schedule::Record;

use crate::console::{self, seconds};

/// Maximum number of tests in the table.
const LISTED: usize = 30;

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
    let mut commands: BTreeMap<&str, Commands> = BTreeMap::new();
    for record in records {
        let commands = commands.entry(&record.request.command).or_default();
        commands.add(record);
    }
    let mut commands: Vec<_> = commands.into_iter().collect();
    commands.sort_by_key(|(_, commands)| std::cmp::Reverse(commands.ran));
    console::table(
        &["command", "runs", "total time", "processor time"],
        commands.into_iter().map(|(name, commands)| {
            [
                name.to_owned(),
                commands.count.to_string(),
                seconds(commands.ran),
                seconds(commands.processor),
            ]
        }),
    );
    let mut tests = tests(records);
    tests.sort_by_key(|test| std::cmp::Reverse((test.commands.processor, test.commands.ran)));
    console::line("");
    console::table(
        &[
            "most expensive tests",
            "commands",
            "processor time",
            "total time",
            "waiting for memory",
        ],
        tests.iter().take(LISTED).map(|test| {
            [
                test.name.to_owned(),
                test.commands.count.to_string(),
                seconds(test.commands.processor),
                seconds(test.ended - test.requested),
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
    commands: Commands,
    waited: Duration,
}

/// Totals of several commands.
#[derive(Clone, Copy, Default)]
struct Commands {
    count: usize,
    ran: Duration,
    processor: Duration,
}

impl Commands {
    fn add(&mut self, record: &Record) {
        self.count += 1;
        self.ran += record.ended - record.admitted;
        self.processor += record.processor.unwrap_or_default();
    }
}

fn tests(records: &[Record]) -> Vec<Test<'_>> {
    let mut tests: BTreeMap<&str, Test<'_>> = BTreeMap::new();
    for record in records {
        let test = tests.entry(&record.request.test).or_insert(Test {
            name: &record.request.test,
            requested: record.requested,
            ended: record.ended,
            commands: Commands::default(),
            waited: Duration::ZERO,
        });
        test.requested = test.requested.min(record.requested);
        test.ended = test.ended.max(record.ended);
        test.commands.add(record);
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
            processor: Some(Duration::from_secs(1)),
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
        let commands = a.commands;
        let spans = [
            a.requested,
            a.ended,
            commands.ran,
            commands.processor,
            a.waited,
        ];
        assert_eq!(spans.map(|time| time.as_secs()), [0, 20, 13, 2, 5]);
        assert_eq!(commands.count, 2);
    }
}
