//! A local AWS: accounts, journal, rules and direct calls. Must not know how a provider or a module works.

mod call;
mod ecs;
mod empty;
mod emulator;
mod rds;
mod s3;
mod serve;
mod xml;

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde_json::Value;

pub use call::CallError;
pub use ecs::{Ecs, RolloutScript};
pub use empty::NotEmpty;
pub use emulator::{Emulator, StartError};
pub use rds::Rds;
pub use s3::S3;
pub use serve::Served;

use crate::gateway::rules::Rule;
use crate::gateway::{Call, Count, Gateway, GatewayError};

/// The region that every account works in unless a test says otherwise.
pub const REGION: &str = "us-east-1";
/// The first account handed out; the next ones count up.
const FIRST_ACCOUNT: u64 = 100_000_000_001;

/// Gateway and emulator of this process.
pub(crate) struct Machine {
    gateway: Gateway,
    _emulator: Option<Emulator>,
    next_account: AtomicU64,
}

/// One account on a local AWS. Clones are the same account.
#[derive(Clone)]
pub struct LocalAws {
    machine: Arc<Machine>,
    account: String,
}

static SHARED: Mutex<Option<Arc<Machine>>> = Mutex::new(None);

impl LocalAws {
    /// A fresh account on the gateway and emulator that this process shares; the first call starts them, the end of
    /// the process ends them. Stacks in different accounts do not see each other.
    ///
    /// # Errors
    /// When the emulator cannot be installed or started.
    pub fn account() -> Result<Self, StartError> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let machine = match shared.as_ref() {
            Some(machine) => Arc::clone(machine),
            None => {
                let emulator = Emulator::start()?;
                let machine = Arc::new(Machine::new(emulator.address(), 0, Some(emulator))?);
                shared.insert(machine).clone()
            }
        };
        drop(shared);
        Ok(Self::on(machine))
    }

    /// A fresh account behind a gateway of its own in front of any HTTP server on loopback.
    ///
    /// # Errors
    /// When the address is not on loopback or no port is free.
    pub fn behind(upstream: SocketAddr) -> Result<Self, GatewayError> {
        Ok(Self::on(Arc::new(Machine::new(upstream, 0, None)?)))
    }

    fn on(machine: Arc<Machine>) -> Self {
        let account = machine
            .next_account
            .fetch_add(1, Ordering::SeqCst)
            .to_string();
        Self { machine, account }
    }

    /// Another fresh account on the same gateway and emulator.
    #[must_use]
    pub fn sibling(&self) -> Self {
        Self::on(Arc::clone(&self.machine))
    }

    /// The twelve digits of the account; also its access key.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.account
    }

    /// The gateway's address, always on loopback.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.machine.gateway.address()
    }

    /// What `AWS_ENDPOINT_URL` is set to.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The proxy that refuses every way out and writes it down for this account, as service `network`.
    #[must_use]
    pub fn proxy(&self) -> String {
        format!("http://{}:local@{}", self.account, self.address())
    }

    /// The variables that point any AWS client at this account, in the order in which they are best read.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_ACCESS_KEY_ID", self.account.clone()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
    }

    /// Adds a rule for this account, for use where the account is made.
    #[must_use]
    pub fn rule(self, rule: Rule) -> Self {
        self.add_rule(&rule);
        self
    }

    /// Adds a rule for this account. The rule that was passed shares its counters with the one at work.
    pub fn add_rule(&self, rule: &Rule) {
        self.machine
            .gateway
            .shared()
            .rules
            .add(&self.account, rule.clone());
    }

    /// Takes every rule of this account away.
    pub fn clear_rules(&self) {
        self.machine.gateway.shared().rules.clear(&self.account);
    }

    /// Every call of this account, in order. A test's own calls are not among them.
    #[must_use]
    pub fn journal(&self) -> Vec<Call> {
        self.machine
            .gateway
            .shared()
            .journal
            .of_account(&self.account)
    }

    /// How often each action was called, in alphabetical order of service and action.
    #[must_use]
    pub fn counts(&self) -> Vec<Count> {
        crate::gateway::counts(&self.journal())
    }

    /// How often one action was called.
    #[must_use]
    pub fn count(&self, service: &str, action: &str) -> usize {
        self.journal()
            .iter()
            .filter(|call| call.service == service && call.action == action)
            .count()
    }

    /// Calls an action with JSON parameters and gives its answer as JSON; for assertions, so the journal does not
    /// hear of it and rules do not act on it. Query services take the same shape: a list becomes `Name.member.N`
    /// (`Name.N` on EC2), and XML answers come back as objects, with lists as arrays.
    ///
    /// # Errors
    /// When the service answers with an error (`CallError::Refused` names its code), or does not answer.
    pub fn call(&self, service: &str, action: &str, parameters: Value) -> Result<Value, CallError> {
        call::call(self, service, action, &parameters)
    }

    /// Asks a REST service (`s3`, `cloudfront`) for what is at a path, such as `/bucket?versioning` or
    /// `/2020-05-31/distribution/ID`. A list comes back as an array; the journal does not hear of it.
    ///
    /// # Errors
    /// When the service answers with an error (`CallError::Refused` names its code), or does not answer.
    pub fn get(&self, service: &str, path: &str) -> Result<Value, CallError> {
        call::get(self, service, path)
    }

    /// The objects of S3 buckets.
    #[must_use]
    pub fn s3(&self) -> S3<'_> {
        S3::new(self)
    }

    /// RDS beyond its API: whether a password is the right one.
    #[must_use]
    pub fn rds(&self) -> Rds<'_> {
        Rds::new(self)
    }

    /// ECS beyond its API: what rollouts should come to.
    #[must_use]
    pub fn ecs(&self) -> Ecs<'_> {
        Ecs::new(self)
    }

    /// Checks that nothing is left of what our services make.
    ///
    /// # Errors
    /// When something is left (the error lists it), or a list cannot be read.
    pub fn expect_empty(&self) -> Result<(), NotEmpty> {
        empty::expect_empty(self)
    }

    pub(crate) fn machine(&self) -> &Machine {
        &self.machine
    }
}

impl fmt::Debug for LocalAws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "account {} at {}", self.account, self.endpoint())
    }
}

impl Machine {
    fn new(
        upstream: SocketAddr,
        port: u16,
        emulator: Option<Emulator>,
    ) -> Result<Self, GatewayError> {
        let gateway = Gateway::start(upstream, port)?;
        Ok(Self {
            gateway,
            _emulator: emulator,
            next_account: AtomicU64::new(FIRST_ACCOUNT),
        })
    }

    pub(crate) fn gateway(&self) -> &Gateway {
        &self.gateway
    }
}

/// Waits until `ready` says yes; false when the deadline passed or `ready` gave up with `Some(false)`.
fn poll(deadline: Instant, mut ready: impl FnMut() -> Option<bool>) -> bool {
    loop {
        match ready() {
            Some(answer) => return answer,
            None if Instant::now() >= deadline => return false,
            None => std::thread::sleep(std::time::Duration::from_millis(20)),
        }
    }
}
