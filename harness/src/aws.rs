//! Accounts on the local AWS emulator, with journal, rules, and direct calls. Must not depend on providers or modules.

mod call;
mod ecs;
mod empty;
mod emulator;
mod rds;
mod s3;
mod serve;
pub mod types;
mod xml;

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use camino::Utf8PathBuf;
use serde_json::Value;

pub use call::CallError;
pub use ecs::{Ecs, RolloutScript};
pub use empty::NotEmpty;
pub use emulator::{Emulator, StartError};
pub use rds::Rds;
pub use s3::{S3, StoredObject};
pub use serve::Served;

use crate::gateway::rules::Rule;
use crate::gateway::{Call, Count, Finding, Gateway, GatewayError};
use crate::toolchain::{Quiet, emulator_python, service_models};
use crate::workspace::Cloud;

/// Default region for all accounts.
pub const REGION: &str = "us-east-1";
/// ID of the first account. Each further account increments it.
const FIRST_ACCOUNT: u64 = 100_000_000_001;

/// Gateway and emulator that this process started.
pub(crate) struct Machine {
    gateway: Gateway,
    _emulator: Option<Emulator>,
    next_account: AtomicU64,
}

/// An account on the local AWS emulator. Clones refer to the same account.
#[derive(Clone)]
pub struct LocalAws {
    machine: Arc<Machine>,
    account: String,
    region: String,
}

static SHARED: Mutex<Option<Arc<Machine>>> = Mutex::new(None);

impl LocalAws {
    /// Creates an account on the gateway and emulator that belong to this process. The first call starts both, and they
    /// stop when the process exits. Stacks in different accounts are isolated from each other.
    ///
    /// # Errors
    /// Returns an error if the emulator cannot be installed or started.
    pub fn account() -> Result<Self, StartError> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let machine = match shared.as_ref() {
            Some(machine) => Arc::clone(machine),
            None => {
                let emulator = Emulator::start()?;
                let machine = Arc::new(Machine::with(emulator, 0)?);
                shared.insert(machine).clone()
            }
        };
        drop(shared);
        Ok(Self::on(machine))
    }

    /// Creates an account on a separate gateway that forwards to any HTTP server on loopback.
    ///
    /// # Errors
    /// Returns an error if the address is not a loopback address or if no port is available.
    pub fn behind(upstream: SocketAddr) -> Result<Self, GatewayError> {
        Ok(Self::on(Arc::new(Machine::new(upstream, 0, None, None)?)))
    }

    /// Creates an account like [`behind`](Self::behind), and validates requests against the service models of the
    /// emulator's environment.
    ///
    /// # Errors
    /// Returns an error if the models are not available, if the address is not a loopback address, or if no port is
    /// available.
    pub fn validated(upstream: SocketAddr) -> Result<Self, StartError> {
        let python = emulator_python()?;
        let models = service_models(&python, &Quiet)?;
        let machine = Machine::new(upstream, 0, None, Some(models))?;
        Ok(Self::on(Arc::new(machine)))
    }

    fn on(machine: Arc<Machine>) -> Self {
        let account = machine
            .next_account
            .fetch_add(1, Ordering::SeqCst)
            .to_string();
        Self {
            machine,
            account,
            region: REGION.to_owned(),
        }
    }

    /// Returns the same account with another region for its clients and for direct calls.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        Self {
            region: region.to_owned(),
            ..self.clone()
        }
    }

    /// Returns the region of clients and of direct calls.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Creates another account on the same gateway and emulator.
    #[must_use]
    pub fn sibling(&self) -> Self {
        Self::on(Arc::clone(&self.machine))
    }

    /// Returns the 12-digit account ID, which is also the access key of the account.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.account
    }

    /// Returns the address of the gateway, which is always on loopback.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.machine.gateway.address()
    }

    /// Returns the value of `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Returns the URL of a proxy that rejects every request. The journal of this account records each request with the
    /// service `network`.
    #[must_use]
    pub fn proxy(&self) -> String {
        format!("http://{}:local@{}", self.account, self.address())
    }

    /// Returns the environment variables that configure any AWS client for this account, in display order.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_ACCESS_KEY_ID", self.account.clone()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_REGION", self.region.clone()),
            ("AWS_DEFAULT_REGION", self.region.clone()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
    }

    /// Adds a rule for this account and returns the account.
    #[must_use]
    pub fn rule(self, rule: Rule) -> Self {
        self.add_rule(&rule);
        self
    }

    /// Adds a rule for this account. The added rule shares its counters with the caller's rule.
    pub fn add_rule(&self, rule: &Rule) {
        self.machine
            .gateway
            .shared()
            .rules
            .add(&self.account, rule.clone());
    }

    /// Removes all rules for this account.
    pub fn clear_rules(&self) {
        self.machine.gateway.shared().rules.clear(&self.account);
    }

    /// Returns every call to this account in order, except direct calls from the test.
    #[must_use]
    pub fn journal(&self) -> Vec<Call> {
        self.machine
            .gateway
            .shared()
            .journal
            .of_account(&self.account)
    }

    /// Returns the differences between the emulator and the service models that calls to any account have shown, with
    /// the number of their occurrences.
    #[must_use]
    pub fn findings(&self) -> Vec<(Finding, usize)> {
        self.machine.gateway.shared().findings.all()
    }

    /// Returns the number of calls per action, ordered by service and action.
    #[must_use]
    pub fn counts(&self) -> Vec<Count> {
        crate::gateway::counts(&self.journal())
    }

    /// Returns the number of calls to one action.
    #[must_use]
    pub fn count(&self, service: &str, action: &str) -> usize {
        self.journal()
            .iter()
            .filter(|call| call.service == service && call.action == action)
            .count()
    }

    /// Calls an action with JSON parameters and returns the response as JSON. Intended for assertions: the journal does
    /// not record the call, and rules do not apply to it. Query services use the same format: a list becomes
    /// `Name.member.N` (`Name.N` on EC2). XML responses become objects, with lists as arrays.
    ///
    /// # Errors
    /// Returns an error if the service rejects the call (`CallError::Refused` contains the error code) or does not
    /// respond.
    pub fn call(&self, service: &str, action: &str, parameters: Value) -> Result<Value, CallError> {
        call::call(self, service, action, &parameters)
    }

    /// Sends a GET request to a REST service (`s3`, `cloudfront`). Examples of paths are `/bucket?versioning` and
    /// `/2020-05-31/distribution/ID`. A list is returned as an array. The journal does not record the call.
    ///
    /// # Errors
    /// Returns an error if the service rejects the call (`CallError::Refused` contains the error code) or does not
    /// respond.
    pub fn get(&self, service: &str, path: &str) -> Result<Value, CallError> {
        call::get(self, service, path)
    }

    /// Returns access to the objects in S3 buckets.
    #[must_use]
    pub fn s3(&self) -> S3<'_> {
        S3::new(self)
    }

    /// Returns access to RDS functionality that has no API, such as verifying a password.
    #[must_use]
    pub fn rds(&self) -> Rds<'_> {
        Rds::new(self)
    }

    /// Returns access to ECS functionality that has no API, such as scripting rollouts.
    #[must_use]
    pub fn ecs(&self) -> Ecs<'_> {
        Ecs::new(self)
    }

    /// Checks that the account contains no resources of the types that the modules create.
    ///
    /// # Errors
    /// Returns an error if resources remain, or if a list request fails. The error lists the remaining resources.
    pub fn expect_empty(&self) -> Result<(), NotEmpty> {
        empty::expect_empty(self)
    }

    pub(crate) fn machine(&self) -> &Machine {
        &self.machine
    }
}

impl Cloud for LocalAws {
    fn account(&self) -> &str {
        self.id()
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        self.environment()
    }

    fn proxy(&self) -> String {
        self.proxy()
    }

    fn last_calls(&self, count: usize) -> String {
        self.last_calls(count)
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
        models: Option<Utf8PathBuf>,
    ) -> Result<Self, GatewayError> {
        let gateway = Gateway::start(upstream, port, models)?;
        Ok(Self {
            gateway,
            _emulator: emulator,
            next_account: AtomicU64::new(FIRST_ACCOUNT),
        })
    }

    /// Starts a gateway for an emulator, with its service models.
    fn with(emulator: Emulator, port: u16) -> Result<Self, GatewayError> {
        let models = emulator.models().to_owned();
        Self::new(emulator.address(), port, Some(emulator), Some(models))
    }

    pub(crate) fn gateway(&self) -> &Gateway {
        &self.gateway
    }
}
