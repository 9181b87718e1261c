//! Which call meets which fault. Must not run anything.

use std::fmt;

use tfharness::gateway::Call;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// The provider is killed, and AWS never hears of the call.
    KillBefore,
    /// AWS does what the call requests, and then the provider is killed.
    KillAfter,
    /// AWS does what the call requests, and then the command line is killed with everything it started.
    CommandKilled,
    /// AWS does what the call requests, and the connection breaks instead of an answer.
    LostAnswer,
    /// AWS refuses the call and its repetitions because there are too many.
    Throttle,
    /// AWS fails on the call and its repetitions without doing anything.
    ServerError,
    /// AWS does what the call requests and reports a failure.
    ServerErrorAfter,
}

impl Fault {
    /// Every fault.
    pub(super) const ALL: [Self; 7] = [
        Self::KillBefore,
        Self::KillAfter,
        Self::LostAnswer,
        Self::CommandKilled,
        Self::Throttle,
        Self::ServerErrorAfter,
        Self::ServerError,
    ];
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::KillBefore => "provider killed before",
            Self::KillAfter => "provider killed after",
            Self::CommandKilled => "command line killed after",
            Self::LostAnswer => "answer lost",
            Self::Throttle => "throttled",
            Self::ServerError => "500",
            Self::ServerErrorAfter => "500 after the work",
        })
    }
}

/// A fault at the call of that place in an operation, counted from one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) call: usize,
    pub(super) fault: Fault,
}

/// The variable that requests the complete table with the value `all`.
const VARIABLE: &str = "SKREG_FAULTS";
/// Of how many reads one is a sample.
const READS: usize = 6;
/// So few calls that each of them is taken, with as many faults as [`FAULTS_OF_FEW`] says.
const FEW: usize = 6;
/// Faults that each call of an operation with few calls meets.
const FAULTS_OF_FEW: usize = 3;
/// Of how many samples of the first command line one is taken under the next ones: what happens after an interruption is
/// the provider's doing.
const OTHER_CLI: usize = 4;

/// The cases for an operation that makes these calls when it is not disturbed, under the command line of that place.
pub(super) fn cases(calls: &[Call], place: usize) -> Vec<Case> {
    let complete = std::env::var(VARIABLE).is_ok_and(|value| value == "all");
    let actions: Vec<&str> = calls.iter().map(|call| call.action.as_str()).collect();
    if complete {
        every(actions.len())
    } else {
        sample(&actions, place)
    }
}

fn every(calls: usize) -> Vec<Case> {
    let each = |call| Fault::ALL.map(|fault| Case { call, fault });
    (1..=calls).flat_map(each).collect()
}

/// Every write with one fault, and some reads; faults take turns. Where there are few calls, each with some faults. Under
/// another command line a part of that, with other faults.
fn sample(actions: &[&str], place: usize) -> Vec<Case> {
    let few = actions.len() <= FEW;
    let mut reads = 0;
    let taken = actions.iter().enumerate().filter(|(_, action)| {
        reads += usize::from(reads_only(action));
        few || !reads_only(action) || reads % READS == 1
    });
    let often = if few { FAULTS_OF_FEW } else { 1 };
    let calls = taken.flat_map(|(index, _)| std::iter::repeat_n(index + 1, often));
    let faults = Fault::ALL.into_iter().cycle();
    let turns = calls.zip(faults.skip(place * 3 + actions.len()));
    let step = if place == 0 { 1 } else { OTHER_CLI };
    let cases = turns.map(|(call, fault)| Case { call, fault });
    cases.step_by(step).collect()
}

fn reads_only(action: &str) -> bool {
    ["Describe", "Get", "List"]
        .iter()
        .any(|verb| action.starts_with(verb))
}

#[test]
fn samples_take_every_write_and_some_reads_and_every_fault() {
    let mut actions = ["DescribeServices"; 14].to_vec();
    actions.extend(["CreateService"; 7]);
    let cases = sample(&actions, 0);
    let at: Vec<_> = cases.iter().map(|case| case.call).collect();
    assert_eq!(at, [1, 7, 13, 15, 16, 17, 18, 19, 20, 21]);
    let mut faults: Vec<_> = cases.iter().map(|case| case.fault).collect();
    faults.sort();
    faults.dedup();
    assert_eq!(faults.len(), Fault::ALL.len());
    assert_eq!(sample(&actions, 1).len(), 3);
    assert_eq!(every(3).len(), 3 * Fault::ALL.len());

    let few = sample(&["DescribeSecret", "DeleteSecret"], 0);
    let at: Vec<_> = few.iter().map(|case| case.call).collect();
    assert_eq!(at, [1, 1, 1, 2, 2, 2]);
}
