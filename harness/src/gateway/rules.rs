//! What a test does to chosen calls: lose the answer, fail, answer itself, act before or after, kill.
//!
//! A rule picks calls of one account by service and action (`*` for any), optionally by caller, counts the calls it
//! picks, and acts on some of them. The first rule that acts on a call wins.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hyper::StatusCode;
use serde_json::Value;

use super::request::Request;
use crate::workspace::Providers;

type Callback = Arc<dyn Fn() + Send + Sync>;

/// Begins a rule for the calls of an action; `*` stands for any service or any action.
#[must_use]
pub fn on(service: &str, action: &str) -> Selector {
    Selector {
        service: service.to_owned(),
        action: action.to_owned(),
        agent: None,
        about: None,
    }
}

/// Which calls a rule counts.
#[derive(Clone, Debug)]
pub struct Selector {
    service: String,
    action: String,
    agent: Option<String>,
    about: Option<String>,
}

impl Selector {
    /// Only calls that name `text` in what they ask for, such as the name of a secret: in the path, or in the body.
    #[must_use]
    pub fn about(mut self, text: &str) -> Self {
        self.about = Some(text.to_owned());
        self
    }

    /// Only calls whose user agent contains `text`, such as the name of a provider.
    #[must_use]
    pub fn from_agent(mut self, text: &str) -> Self {
        self.agent = Some(text.to_owned());
        self
    }

    /// The first of them.
    #[must_use]
    pub fn first(self) -> Trigger {
        self.nth(1)
    }

    /// The `n`th of them, counted from one.
    #[must_use]
    pub fn nth(self, n: usize) -> Trigger {
        Trigger {
            selector: self,
            when: When::Nth(n),
        }
    }

    /// The `n`th of them, counted from one, and the calls of the same service and action that follow it: `length` calls
    /// in all, so that retries meet the rule too.
    #[must_use]
    pub fn burst(self, n: usize, length: usize) -> Trigger {
        Trigger {
            selector: self,
            when: When::Burst { n, length },
        }
    }

    /// All of them.
    #[must_use]
    pub fn every(self) -> Trigger {
        Trigger {
            selector: self,
            when: When::Every,
        }
    }

    fn picks(&self, request: &Request) -> bool {
        let fits = |pattern: &str, text: &str| pattern == "*" || pattern == text;
        fits(&self.service, &request.service)
            && fits(&self.action, &request.action)
            && self
                .agent
                .as_ref()
                .is_none_or(|agent| request.agent.contains(agent))
            && self.about.as_ref().is_none_or(|text| request.names(text))
    }
}

#[derive(Clone, Copy, Debug)]
enum When {
    Nth(usize),
    Burst { n: usize, length: usize },
    Every,
}

/// Calls to act on; the methods say how.
#[derive(Clone, Debug)]
pub struct Trigger {
    selector: Selector,
    when: When,
}

impl Trigger {
    /// Forwards the call and closes the connection instead of answering: the work is done, the client cannot know.
    #[must_use]
    pub fn lose_answer(self) -> Rule {
        self.rule(Effect::LoseAnswer)
    }

    /// Closes the connection without forwarding the call.
    #[must_use]
    pub fn lose_request(self) -> Rule {
        self.rule(Effect::LoseRequest)
    }

    /// Answers with an error of the service's own protocol, without forwarding. A status that is none counts as 500.
    #[must_use]
    pub fn fail(self, status: u16, code: &str, message: &str) -> Rule {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.rule(Effect::Fail {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
        })
    }

    /// Forwards the call and answers with an error of the service's own protocol: the work is done, the client hears of a
    /// failure. A status that is none counts as 500.
    #[must_use]
    pub fn fail_after(self, status: u16, code: &str, message: &str) -> Rule {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.rule(Effect::FailAfter {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
        })
    }

    /// Answers with this JSON and status 200, without forwarding.
    #[must_use]
    pub fn answer(self, body: Value) -> Rule {
        self.rule(Effect::Answer(body))
    }

    /// Calls back, then forwards as usual.
    #[must_use]
    pub fn before(self, callback: impl Fn() + Send + Sync + 'static) -> Rule {
        self.rule(Effect::Before(Arc::new(callback)))
    }

    /// Forwards, calls back, then answers as usual.
    #[must_use]
    pub fn after(self, callback: impl Fn() + Send + Sync + 'static) -> Rule {
        self.rule(Effect::After(Arc::new(callback)))
    }

    /// Kills the providers of a workspace and does not forward the call: it never reached AWS.
    #[must_use]
    pub fn kill_before(self, providers: &Providers) -> Rule {
        let providers = providers.clone();
        self.rule(Effect::KillBefore(Arc::new(move || providers.kill())))
    }

    /// Forwards the call, then kills the providers of a workspace: AWS did the work, nobody heard.
    #[must_use]
    pub fn kill_after(self, providers: &Providers) -> Rule {
        let providers = providers.clone();
        self.rule(Effect::KillAfter(Arc::new(move || providers.kill())))
    }

    /// Kills a workspace's command line with everything it started, and does not forward the call.
    #[must_use]
    pub fn kill_command_before(self, providers: &Providers) -> Rule {
        let providers = providers.clone();
        self.rule(Effect::KillBefore(Arc::new(move || {
            providers.kill_command();
        })))
    }

    /// Forwards the call, then kills a workspace's command line with everything it started.
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

/// What happens to a call.
#[derive(Clone)]
pub(crate) enum Effect {
    LoseAnswer,
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
    Answer(Value),
    Before(Callback),
    After(Callback),
    KillBefore(Callback),
    KillAfter(Callback),
}

impl Effect {
    /// How the journal names it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::LoseAnswer => "answer lost",
            Self::LoseRequest => "request lost",
            Self::Fail { .. } => "failed",
            Self::FailAfter { .. } => "failed after",
            Self::Answer(_) => "answered",
            Self::Before(_) => "callback before",
            Self::After(_) => "callback after",
            Self::KillBefore(_) => "killed before",
            Self::KillAfter(_) => "killed after",
        }
    }
}

/// A complete rule. Clones share their counters, so a test can keep one and ask whether it fired.
#[derive(Clone)]
pub struct Rule {
    trigger: Trigger,
    effect: Effect,
    picked: Arc<AtomicUsize>,
    fired: Arc<AtomicUsize>,
    burst: Arc<Mutex<Option<Burst>>>,
}

/// A burst that has begun: which calls it acts on, and how many more.
struct Burst {
    service: String,
    action: String,
    left: usize,
}

impl Rule {
    /// How many calls the rule acted on.
    #[must_use]
    pub fn fired(&self) -> usize {
        self.fired.load(Ordering::SeqCst)
    }

    fn meets(&self, request: &Request) -> Option<Effect> {
        if !self.trigger.selector.picks(request) {
            return None;
        }
        let place = self.picked.fetch_add(1, Ordering::SeqCst) + 1;
        let acts = match self.trigger.when {
            When::Nth(n) => n == place,
            When::Burst { n, length } => self.bursts(request, n == place, length),
            When::Every => true,
        };
        if acts {
            self.fired.fetch_add(1, Ordering::SeqCst);
        }
        acts.then(|| self.effect.clone())
    }

    /// True for the call that a burst begins with, and for those of its kind until the burst is over.
    fn bursts(&self, request: &Request, begins: bool, length: usize) -> bool {
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

/// The rules of every account.
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

    /// What to do to this call. Every rule that picks it counts it, acting or not.
    pub(super) fn meet(&self, request: &Request) -> Option<Effect> {
        let rules = self.lock();
        let met = rules
            .get(&request.account)?
            .iter()
            .map(|rule| rule.meets(request));
        met.fold(None, |first, next| first.or(next))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Vec<Rule>>> {
        self.by_account
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
