//! Assigns faults to calls. Must not run anything.

use std::fmt;

use tfharness::gateway::Call;

use crate::scenario::is_full;

/// A fault in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// The provider is killed before AWS receives the call.
    KillBefore,
    /// The call takes effect, and then the provider is killed.
    KillAfter,
    /// The call takes effect, and then the CLI and its child processes are killed.
    CommandKilled,
    /// The call takes effect, and the connection closes without a response.
    LostResponse,
    /// AWS throttles the call and its retries.
    Throttle,
    /// AWS fails the call and its retries without effect.
    ServerError,
    /// The call takes effect, and AWS returns an error.
    ServerErrorAfter,
    /// Secrets Manager does not find a secret that the operation has just created.
    NotFound,
}

impl Fault {
    /// The faults that can occur at every call.
    pub(super) const ALL: [Self; 7] = [
        Self::KillBefore,
        Self::KillAfter,
        Self::LostResponse,
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
            Self::CommandKilled => "CLI killed after",
            Self::LostResponse => "response lost",
            Self::Throttle => "throttled",
            Self::ServerError => "500",
            Self::ServerErrorAfter => "500 after the effect",
            Self::NotFound => "new secret not found",
        })
    }
}

/// A fault at a call in an operation. The first call is number 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) call: usize,
    pub(super) fault: Fault,
}

/// Interval at which reads are sampled.
const READS: usize = 12;
/// Number of faults per call in an operation that has at most this number of calls.
const FAULTS_OF_FEW: usize = 2;
/// Interval at which other CLIs use the samples. The provider determines the result of an interruption, so a subset is
/// sufficient.
const OTHER_CLI: usize = 8;

/// Returns the cases for an operation with these calls. `place` is the position of the CLI.
pub(super) fn cases(calls: &[Call], place: usize) -> Vec<Case> {
    let complete = is_full();
    let actions: Vec<&str> = calls.iter().map(|call| call.action.as_str()).collect();
    let mut cases = match complete {
        true => every(actions.len()),
        false => sample(&actions, place),
    };
    match complete {
        true => cases.extend(outdated(calls)),
        false => cases.extend(outdated(calls).take(usize::from(place == 0))),
    }
    cases
}

/// Returns the calls for a secret that the operation created, in which Secrets Manager does not find it yet. S3 is
/// consistent, so an outdated response of S3 is not a fault.
fn outdated(calls: &[Call]) -> impl Iterator<Item = Case> {
    let numbered = calls.iter().zip(1..);
    let of_secrets = numbered.filter(|(call, _)| call.service == "secretsmanager");
    let later = of_secrets.skip_while(|(call, _)| call.action != "CreateSecret");
    later.skip(1).map(|(_, call)| Case {
        call,
        fault: Fault::NotFound,
    })
}

fn every(calls: usize) -> Vec<Case> {
    let each = |call| Fault::ALL.map(|fault| Case { call, fault });
    (1..=calls).flat_map(each).collect()
}

/// Returns every write with one fault and some reads, with alternating faults. Operations with few calls have several
/// faults per call. Other CLIs use a subset of the samples, with other faults.
fn sample(actions: &[&str], place: usize) -> Vec<Case> {
    let few = actions.len() <= FAULTS_OF_FEW;
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
    ["Describe", "Get", "List", "GET ", "HEAD "]
        .iter()
        .any(|verb| action.starts_with(verb))
}

#[test]
fn samples_include_every_write_some_reads_and_every_fault() {
    let mut actions = ["DescribeServices"; 14].to_vec();
    actions.extend(["CreateService"; 7]);
    let cases = sample(&actions, 0);
    let at: Vec<_> = cases.iter().map(|case| case.call).collect();
    assert_eq!(at, [1, 13, 15, 16, 17, 18, 19, 20, 21]);
    let mut faults: Vec<_> = cases.iter().map(|case| case.fault).collect();
    faults.sort();
    faults.dedup();
    assert_eq!(faults.len(), Fault::ALL.len());
    assert_eq!(sample(&actions, 1).len(), 2);
    assert_eq!(every(3).len(), 3 * Fault::ALL.len());

    let few = sample(&["DescribeSecret", "DeleteSecret"], 0);
    let at: Vec<_> = few.iter().map(|case| case.call).collect();
    assert_eq!(at, [1, 1, 2, 2]);
}

#[test]
fn new_secrets_are_missing_only_after_their_creation() {
    let call = |service: &str, action: &str| Call {
        sequence: 0,
        account: String::new(),
        service: service.to_owned(),
        action: action.to_owned(),
        operation: None,
        agent: String::new(),
        status: None,
        error: None,
        duration: std::time::Duration::ZERO,
        rule: None,
    };
    let calls = [
        call("secretsmanager", "DescribeSecret"),
        call("secretsmanager", "CreateSecret"),
        call("kms", "Sign"),
        call("secretsmanager", "PutSecretValue"),
    ];
    let cases: Vec<_> = outdated(&calls)
        .map(|case| (case.call, case.fault))
        .collect();
    assert_eq!(cases, [(4, Fault::NotFound)]);
    assert!(outdated(&calls[2..]).next().is_none());
}
