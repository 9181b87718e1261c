//! Assigns faults to calls. Must not run anything.

use std::fmt;

use acceptance::is_full;
use tfharness::gateway::Call;

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

/// Returns the cases for an operation with these calls.
pub(super) fn cases(calls: &[Call]) -> Vec<Case> {
    let complete = is_full();
    let actions: Vec<&str> = calls.iter().map(|call| call.action.as_str()).collect();
    let mut cases = match complete {
        true => every(actions.len()),
        false => sample(&actions),
    };
    match complete {
        true => cases.extend(outdated(calls)),
        false => cases.extend(outdated(calls).take(1)),
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
/// faults per call.
fn sample(actions: &[&str]) -> Vec<Case> {
    let few = actions.len() <= FAULTS_OF_FEW;
    let mut reads = 0;
    let taken = actions.iter().enumerate().filter(|(_, action)| {
        reads += usize::from(reads_only(action));
        few || !reads_only(action) || reads % READS == 1
    });
    let often = if few { FAULTS_OF_FEW } else { 1 };
    let calls = taken.flat_map(|(index, _)| std::iter::repeat_n(index + 1, often));
    let faults = Fault::ALL.into_iter().cycle();
    let turns = calls.zip(faults.skip(actions.len()));
    turns.map(|(call, fault)| Case { call, fault }).collect()
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
    let cases = sample(&actions);
    let at: Vec<_> = cases.iter().map(|case| case.call).collect();
    assert_eq!(at, [1, 13, 15, 16, 17, 18, 19, 20, 21]);
    let mut faults: Vec<_> = cases.iter().map(|case| case.fault).collect();
    faults.sort();
    faults.dedup();
    assert_eq!(faults.len(), Fault::ALL.len());
    assert_eq!(every(3).len(), 3 * Fault::ALL.len());

    let few = sample(&["DescribeSecret", "DeleteSecret"]);
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
