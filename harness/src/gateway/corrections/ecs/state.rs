//! State for the ECS corrections: services, their deployments, and scripts for the next deployments.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::super::super::request::Request;
use super::placement::resolved;
use super::script::{Failed, Outcome};
use super::{short, text};

/// State for all accounts.
#[derive(Default)]
pub(crate) struct Ecs {
    accounts: Mutex<BTreeMap<String, Account>>,
}

#[derive(Default)]
pub(super) struct Account {
    /// Cluster name and service name by `clientToken`.
    tokens: BTreeMap<String, (String, String)>,
    /// Services by ARN.
    pub(super) services: BTreeMap<String, Service>,
    /// Scripts by cluster name and service name.
    scripts: BTreeMap<(String, String), VecDeque<Outcome>>,
}

#[derive(Default)]
pub(super) struct Service {
    pub(super) cluster: String,
    pub(super) rebalancing: Option<String>,
    /// The initial launch type, which an empty capacity provider strategy restores.
    pub(super) launch_type: Option<String>,
    /// The most recent Service Connect configuration, which the next deployment uses.
    connect: Value,
    /// Number of descriptions that still return DRAINING.
    pub(super) draining: u8,
    /// Deployments, oldest first.
    pub(super) deployments: Vec<Deployment>,
    /// Events from scripted rollouts, oldest first.
    pub(super) events: Vec<(u64, String)>,
}

pub(super) struct Deployment {
    /// ID, in the format `ecs-svc/…`.
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) revision: String,
    pub(super) task_definition: String,
    pub(super) outcome: Outcome,
    /// Number of polls, which determines the stage.
    pub(super) polls: u32,
    /// Whether a client polls the deployment through the service deployment API. If so, other polls do not count.
    pub(super) watched: bool,
    pub(super) created: u64,
    /// Index of the deployment with the revision that a rollback restores.
    pub(super) source: Option<usize>,
    /// Resolved `platformVersion`.
    pub(super) platform: String,
    /// `serviceConnectConfiguration`.
    pub(super) connect: Value,
}

/// Stage of a rollout. The variants are named after the `status` values in ServiceDeployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    InProgress,
    Successful,
    RollbackInProgress,
    RollbackSuccessful,
    RollbackFailed,
}

impl Deployment {
    pub(super) fn stage(&self) -> Stage {
        match (&self.outcome, self.polls) {
            (Outcome::Hangs, _) | (_, 0 | 1) => Stage::InProgress,
            (Outcome::Succeeds, _) => Stage::Successful,
            (Outcome::Fails(_), 2) if self.source.is_some() => Stage::RollbackInProgress,
            (Outcome::Fails(_), _) if self.source.is_some() => Stage::RollbackSuccessful,
            (Outcome::Fails(_), _) => Stage::RollbackFailed,
        }
    }
}

/// An update that rolls a service back to its last successful revision.
pub(super) struct Rollback {
    pub(super) cluster: String,
    pub(super) task_definition: String,
}

impl Ecs {
    /// Sets the outcome of the next deployment for a service. Multiple outcomes are used in order.
    pub(crate) fn script(&self, account: &str, cluster: &str, service: &str, outcome: Outcome) {
        let mut accounts = self.lock();
        let scripts = &mut accounts.entry(account.to_owned()).or_default().scripts;
        scripts
            .entry((cluster.to_owned(), service.to_owned()))
            .or_default()
            .push_back(outcome);
    }

    pub(super) fn of_token(&self, account: &str, token: &str) -> Option<(String, String)> {
        self.lock().get(account)?.tokens.get(token).cloned()
    }

    pub(super) fn is_draining(&self, request: &Request, body: &Value) -> bool {
        let (cluster, name) = (text(&body["cluster"]), text(&body["serviceName"]));
        self.with(&request.account, |account| {
            account.services.iter().any(|(arn, service)| {
                service.draining > 0
                    && short(arn) == name
                    && short(&service.cluster) == cluster_name(&cluster)
            })
        })
    }

    pub(super) fn drain(&self, request: &Request, service: &Value) {
        let arn = text(&service["serviceArn"]);
        self.with(&request.account, |account| {
            let entry = account.services.entry(arn).or_default();
            entry.cluster = text(&service["clusterArn"]);
            entry.draining = 1;
        });
    }

    /// Returns DRAINING once for a deleted service.
    pub(super) fn drained(&self, request: &Request, service: &mut Value) {
        let arn = text(&service["serviceArn"]);
        self.with(&request.account, |account| {
            let Some(entry) = account.services.get_mut(&arn) else {
                return;
            };
            if entry.draining > 0 && service["status"] == "INACTIVE" {
                entry.draining -= 1;
                service["status"] = Value::String("DRAINING".to_owned());
            }
        });
    }

    /// Records the result of CreateService or UpdateService.
    pub(super) fn record(&self, request: &Request, body: &Value, service: &Value) {
        let arn = text(&service["serviceArn"]);
        let (cluster, name) = (text(&service["clusterArn"]), text(&service["serviceName"]));
        let created = request.action == "CreateService";
        self.with(&request.account, |account| {
            if created {
                let strategy = &body["capacityProviderStrategy"][0]["capacityProvider"];
                let fargate = strategy
                    .as_str()
                    .is_some_and(|name| name.starts_with("FARGATE"));
                let launch_type = body["launchType"].as_str().or(fargate.then_some("FARGATE"));
                let launch_type = launch_type.map(str::to_owned);
                let new = Service {
                    launch_type,
                    ..Service::default()
                };
                account.services.insert(arn.clone(), new);
                if let Some(token) = body["clientToken"].as_str() {
                    account
                        .tokens
                        .insert(token.to_owned(), (cluster.clone(), name.clone()));
                }
            }
            let key = (short(&cluster).to_owned(), name.clone());
            let entry = account.services.entry(arn.clone()).or_default();
            entry.cluster.clone_from(&cluster);
            match body["availabilityZoneRebalancing"].as_str() {
                Some(value) => entry.rebalancing = Some(value.to_owned()),
                // CreateService: "if no value is specified, Amazon ECS defaults the value to ENABLED".
                None if created => entry.rebalancing = Some("ENABLED".to_owned()),
                None => {}
            }
            if body["serviceConnectConfiguration"].is_object() {
                entry.connect = body["serviceConnectConfiguration"].clone();
            }
            let Some(primary) = primary(service) else {
                return;
            };
            let id = text(&primary["id"]);
            if entry
                .deployments
                .iter()
                .any(|deployment| deployment.id == id)
            {
                return;
            }
            let script = account.scripts.get_mut(&key).and_then(VecDeque::pop_front);
            entry.deploy(&arn, id, service, script.unwrap_or(Outcome::Succeeds));
        });
    }

    /// Counts a poll of the newest deployment. If the rollback has just started, returns the update to send.
    pub(super) fn count_poll(
        &self,
        account: &str,
        service: &str,
        watched: bool,
    ) -> Option<Rollback> {
        self.with(account, |account| {
            let entry = account.services.get_mut(service)?;
            let newest = entry.deployments.len().checked_sub(1)?;
            let deployment = &mut entry.deployments[newest];
            if deployment.watched && !watched {
                return None;
            }
            deployment.watched |= watched;
            deployment.polls = deployment.polls.saturating_add(1);
            let Outcome::Fails(failed) = deployment.outcome.clone() else {
                return None;
            };
            if deployment.polls != 2 {
                return None;
            }
            let source = deployment.source;
            entry.report_failure(newest, &failed, short(service));
            let source = &entry.deployments[source?];
            Some(Rollback {
                cluster: entry.cluster.clone(),
                task_definition: source.task_definition.clone(),
            })
        })
    }

    /// Records that the newest deployment in the emulator is a rollback.
    pub(super) fn rolled_back(&self, account: &str, service: &str, response: &Value) {
        let Some(id) = primary(response).map(|primary| text(&primary["id"])) else {
            return;
        };
        self.with(account, |account| {
            let Some(entry) = account.services.get_mut(service) else {
                return;
            };
            let source = entry
                .deployments
                .last()
                .and_then(|deployment| deployment.source);
            if let Some(source) = source.and_then(|index| entry.deployments.get_mut(index)) {
                source.id = id;
            }
        });
    }

    pub(super) fn service_of_deployment(&self, account: &str, deployment: &str) -> Option<String> {
        self.with(account, |account| {
            let services = account.services.iter();
            let mut owners = services
                .filter(|(_, entry)| entry.deployments.iter().any(|own| own.arn == deployment));
            owners.next().map(|(arn, _)| arn.clone())
        })
    }

    pub(super) fn with<T>(&self, account: &str, work: impl FnOnce(&mut Account) -> T) -> T {
        work(self.lock().entry(account.to_owned()).or_default())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Account>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    fn deploy(&mut self, arn: &str, id: String, service: &Value, outcome: Outcome) {
        let serial = short(&id).to_owned();
        let of = |kind: &str| {
            format!(
                "{}/{serial}",
                arn.replacen(":service/", &format!(":{kind}/"), 1)
            )
        };
        let source = self
            .deployments
            .iter()
            .rposition(|earlier| matches!(earlier.outcome, Outcome::Succeeds));
        self.deployments.push(Deployment {
            arn: of("service-deployment"),
            revision: of("service-revision"),
            id,
            task_definition: text(&service["taskDefinition"]),
            platform: resolved(&text(&service["platformVersion"])).to_owned(),
            connect: self.connect.clone(),
            outcome,
            polls: 0,
            watched: false,
            created: now(),
            source,
        });
    }

    /// Adds the events that the circuit breaker creates when it triggers.
    fn report_failure(&mut self, index: usize, failed: &Failed, name: &str) {
        let deployment = &self.deployments[index];
        let mut events = failed.events.clone();
        events.push(format!(
            "(service {name}) (deployment {}) deployment failed: tasks failed to start.",
            deployment.id
        ));
        if let Some(source) = deployment
            .source
            .and_then(|source| self.deployments.get(source))
        {
            events.push(format!(
                "(service {name}) rolling back to deployment {}.",
                source.id
            ));
        }
        self.events
            .extend(events.into_iter().map(|event| (now(), event)));
    }
}

/// Returns the primary deployment.
pub(super) fn primary(service: &Value) -> Option<&Value> {
    service["deployments"]
        .as_array()?
        .iter()
        .find(|deployment| deployment["status"] == "PRIMARY")
}

pub(super) fn cluster_name(cluster: &str) -> &str {
    if cluster.is_empty() {
        "default"
    } else {
        short(cluster)
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map(|since| since.as_secs())
        .unwrap_or_default()
}
