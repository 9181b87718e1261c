//! Rules that a test applies to selected calls: drop the response, fail, respond, run a callback before or after the
//! call, or kill a process.
//!
//! A rule selects calls to one account by service and action (`*` matches any) and optionally by caller, counts them,
//! and acts on some of them. The first rule that acts on a call takes precedence.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hyper::StatusCode;
use serde_json::Value;

use super::request::Request;
use crate::workspace::Providers;

type Callback = Arc<dyn Fn() + Send + Sync>;

/// Starts a rule for calls to an action. `*` matches any service or action.
#[must_use]
pub fn on(service: &str, action: &str) -> Selector {
    Selector {
        service: service.to_owned(),
        action: action.to_owned(),
        agent: None,
        mentioning: None,
    }
}

/// Selects the calls that a rule counts.
#[derive(Clone, Debug)]
pub struct Selector {
    service: String,
    action: String,
    agent: Option<String>,
    mentioning: Option<String>,
}

impl Selector {
    /// Selects only calls with a path or body that contains `text`, such as the name of a secret.
    #[must_use]
    pub fn mentioning(mut self, text: &str) -> Self {
        self.mentioning = Some(text.to_owned());
        self
    }

    /// Selects only calls with a user agent that contains `text`, such as the name of a provider.
    #[must_use]
    pub fn from_agent(mut self, text: &str) -> Self {
        self.agent = Some(text.to_owned());
        self
    }

    /// Acts on the first selected call.
    #[must_use]
    pub fn first(self) -> Trigger {
        self.nth(1)
    }

    /// Acts on the `n`th selected call. The first call is number 1.
    #[must_use]
    pub fn nth(self, n: usize) -> Trigger {
        Trigger {
            selector: self,
            when: When::Nth(n),
        }
    }

    /// Acts on the `n`th selected call, and then on subsequent calls to the same service and action, `length` calls in
    /// total. The rule therefore also applies to retries. The first call is number 1.
    #[must_use]
    pub fn burst(self, n: usize, length: usize) -> Trigger {
        Trigger {
            selector: self,
            when: When::Burst { n, length },
        }
    }

    /// Acts on all selected calls.
    #[must_use]
    pub fn every(self) -> Trigger {
        Trigger {
            selector: self,
            when: When::Every,
        }
    }

    fn selects(&self, request: &Request) -> bool {
        let fits = |pattern: &str, text: &str| pattern == "*" || pattern == text;
        fits(&self.service, &request.service)
            && fits(&self.action, &request.action)
            && self
                .agent
                .as_ref()
                .is_none_or(|agent| request.agent.contains(agent))
            && self
                .mentioning
                .as_ref()
                .is_none_or(|text| request.names(text))
    }
}

#[derive(Clone, Copy, Debug)]
enum When {
    Nth(usize),
    Burst { n: usize, length: usize },
    Every,
}

/// The calls that a rule acts on, without an effect.
#[derive(Clone, Debug)]
pub struct Trigger {
    selector: Selector,
    when: When,
}

impl Trigger {
    /// Forwards the call and closes the connection without a response. The call takes effect, but the client receives
    /// no confirmation.
    #[must_use]
    pub fn lose_response(self) -> Rule {
        self.rule(Effect::LoseResponse)
    }

    /// Closes the connection without forwarding the call.
    #[must_use]
    pub fn lose_request(self) -> Rule {
        self.rule(Effect::LoseRequest)
    }

    /// Responds with an error in the protocol that the service uses, without forwarding the call. Replaces an invalid
    /// status with 500.
    #[must_use]
    pub fn fail(self, status: u16, code: &str, message: &str) -> Rule {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.rule(Effect::Fail {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
        })
    }

    /// Forwards the call and responds with an error in the protocol that the service uses. The call takes effect, but
    /// the client receives a failure. Replaces an invalid status with 500.
    #[must_use]
    pub fn fail_after(self, status: u16, code: &str, message: &str) -> Rule {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.rule(Effect::FailAfter {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
        })
    }

    /// Responds with this JSON and status 200, without forwarding the call.
    #[must_use]
    pub fn respond(self, body: Value) -> Rule {
        self.rule(Effect::Respond(body))
    }

    /// Runs a callback, and then forwards the call.
    #[must_use]
    pub fn before(self, callback: impl Fn() + Send + Sync + 'static) -> Rule {
        self.rule(Effect::Before(Arc::new(callback)))
    }

    /// Forwards the call, and then runs a callback before the response is sent.
    #[must_use]
    pub fn after(self, callback: impl Fn() + Send + Sync + 'static) -> Rule {
        self.rule(Effect::After(Arc::new(callback)))
    }

    /// Kills the providers in a workspace and does not forward the call.
    #[must_use]
    pub fn kill_before(self, providers: &Providers) -> Rule {
        let providers = providers.clone();
        self.rule(Effect::KillBefore(Arc::new(move || providers.kill())))
    }

    /// Forwards the call, and then kills the providers in a workspace. The call takes effect, but no provider receives
    /// the response.
    #[must_use]
    pub fn kill_after(self, providers: &Providers) -> Rule {
        let providers = providers.clone();
        self.rule(Effect::KillAfter(Arc::new(move || providers.kill())))
    }

    /// Kills the CLI process in a workspace and its child processes, and does not forward the call.
    #[must_use]
    pub fn kill_command_before(self, providers: &Providers) -> Rule {
        let providers = providers.clone();
        self.rule(Effect::KillBefore(Arc::new(move || {
            providers.kill_command();
        })))
    }

    /// Forwards the call, and then kills the CLI process in a workspace and its child processes.
    #[must_use]
    pub fn kill_command_after(self, providers: &Providers) -> Rule {
        let providers = providers.clone();
        self.rule(Effect::KillAfter(Arc::new(move || {
            providers.kill_command();
        })))
    }

    fn rule(self, effect: Effect) -> Rule {
        Rule {
            trigger: self,
            effect,
            picked: Arc::default(),
            fired: Arc::default(),
            burst: Arc::default(),
        }
    }
}

/// Effect that a rule has on a call.
#[derive(Clone)]
pub(crate) enum Effect {
    LoseResponse,
    LoseRequest,
    Fail {
        status: StatusCode,
        code: String,
        message: String,
    },
    FailAfter {
        status: StatusCode,
        code: String,
        message: String,
    },
    Respond(Value),
    Before(Callback),
    After(Callback),
    KillBefore(Callback),
    KillAfter(Callback),
}

impl Effect {
    /// Returns the name of the effect for the journal.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::LoseResponse => "response lost",
            Self::LoseRequest => "request lost",
            Self::Fail { .. } => "failed",
            Self::FailAfter { .. } => "failed after",
            Self::Respond(_) => "responded",
            Self::Before(_) => "callback before",
            Self::After(_) => "callback after",
            Self::KillBefore(_) => "killed before",
            Self::KillAfter(_) => "killed after",
        }
    }
}

/// A complete rule. Clones share their counters, so a test can keep a clone to query [`Rule::fired`].
#[derive(Clone)]
pub struct Rule {
    trigger: Trigger,
    effect: Effect,
    picked: Arc<AtomicUsize>,
    fired: Arc<AtomicUsize>,
    burst: Arc<Mutex<Option<Burst>>>,
}

/// A burst in progress: the selected calls, and the number of remaining calls.
struct Burst {
    service: String,
    action: String,
    left: usize,
}

impl Rule {
    /// Returns the number of calls that the rule acted on.
    #[must_use]
    pub fn fired(&self) -> usize {
        self.fired.load(Ordering::SeqCst)
    }

    fn effect_on(&self, request: &Request) -> Option<Effect> {
        if !self.trigger.selector.selects(request) {
            return None;
        }
        let place = self.picked.fetch_add(1, Ordering::SeqCst) + 1;
        let acts = match self.trigger.when {
            When::Nth(n) => n == place,
            When::Burst { n, length } => self.burst_applies(request, n == place, length),
            When::Every => true,
        };
        if acts {
            self.fired.fetch_add(1, Ordering::SeqCst);
        }
        acts.then(|| self.effect.clone())
    }

    /// Returns whether a burst acts on the call.
    fn burst_applies(&self, request: &Request, begins: bool, length: usize) -> bool {
        let mut burst = self.burst.lock().unwrap_or_else(PoisonError::into_inner);
        if begins {
            *burst = Some(Burst {
                service: request.service.clone(),
                action: request.action.clone(),
                left: length,
            });
        }
        let Some(burst) = burst.as_mut() else {
            return false;
        };
        let same = burst.service == request.service && burst.action == request.action;
        let acts = same && burst.left > 0;
        burst.left -= usize::from(acts);
        acts
    }
}

/// Rules for all accounts.
#[derive(Default)]
pub(crate) struct Rules {
    by_account: Mutex<BTreeMap<String, Vec<Rule>>>,
}

impl Rules {
    pub(crate) fn add(&self, account: &str, rule: Rule) {
        self.lock()
            .entry(account.to_owned())
            .or_default()
            .push(rule);
    }

    pub(crate) fn clear(&self, account: &str) {
        self.lock().remove(account);
    }

    /// Returns the effect on a call. Every rule that selects the call counts it, even if the rule does not act on it.
    pub(super) fn effect_on(&self, request: &Request) -> Option<Effect> {
        let rules = self.lock();
        let met = rules
            .get(&request.account)?
            .iter()
            .map(|rule| rule.effect_on(request));
        met.fold(None, |first, next| first.or(next))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Vec<Rule>>> {
        self.by_account
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
