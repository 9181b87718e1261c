//! Waits for one rollout and determines its result.
//!
//! A steady state does not imply success, because a service is also steady after a rollback. Therefore, the status of
//! the **service deployment** that this operation started determines the verdict. If the service deployment API is not
//! available or access to it is denied, the rollout state of the **deployment** with the ID of this rollout determines
//! the verdict. Task counts are used only if neither is available.

use jiff::SignedDuration;

use super::api::{Deployment, EcsApi, Rollout, Service, ServiceDeployment, ServiceStatus};
use super::clock::{Clock, Schedule, WaitEnd, WaitLimit};
use super::error::BundleError;
use super::evidence::Evidence;
use super::target::Target;
use super::verdict::{RolloutFailure, STUCK, reports_blocked_deployment};
use crate::aws::arn::Arn;

/// Period during which ECS can describe a new or changed service as missing or unchanged.
const VISIBILITY_LAG: SignedDuration = SignedDuration::from_secs(120);

/// Performs operations on bundles.
pub struct Deployer<'a, A, C> {
    /// Interface to AWS.
    pub api: &'a A,
    /// Time source.
    pub clock: &'a C,
    /// Limit on waiting time.
    pub wait_limit: WaitLimit,
    /// Pauses between two polls.
    pub schedule: Schedule,
}

/// A rollout that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rolled {
    /// Most recent description of the service.
    pub service: Service,
    /// ARN of the service deployment, if ECS returns one.
    pub service_deployment_arn: Option<String>,
    /// Reason for the status, as reported by ECS.
    pub reason: Option<String>,
}

/// State of a rollout at one poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The rollout is in progress. The value is the status to show to the user.
    InProgress(String),
    /// The rollout succeeded.
    Succeeded(Option<String>),
    /// The rollout did not succeed.
    Failed {
        /// Status, which is an API status if one exists.
        status: String,
        /// Reason, if ECS reports one.
        reason: Option<String>,
    },
}

/// Result of one poll.
struct Poll {
    service: Service,
    deployment: Option<ServiceDeployment>,
    verdict: Verdict,
}

/// Evaluates the current state of a rollout. `settled` indicates that enough time has passed for ECS to return the
/// deployment.
#[must_use]
pub fn evaluate(
    target: &Target,
    service: &Service,
    deployment: Option<&ServiceDeployment>,
    settled: bool,
) -> Verdict {
    let own = target.deployment.as_ref().and_then(|id| {
        let mut deployments = service.deployments.iter();
        deployments.find(|deployment| deployment.id == *id)
    });
    if let Some(deployment) = deployment {
        let verdict = evaluate_service_deployment(deployment);
        return match (verdict, own) {
            // The service deployment API lags behind the service description.
            (Verdict::InProgress(_), Some(own)) if has_given_up(target, service, own) => {
                Verdict::Failed {
                    status: "FAILED".to_owned(),
                    reason: own.reason.clone().or_else(|| deployment.reason.clone()),
                }
            }
            (verdict, _) => verdict,
        };
    }
    if target.deployment.is_none() {
        return evaluate_counts(service);
    }
    match own.map(|own| (own, own.rollout)) {
        Some((own, Some(Rollout::Completed))) => Verdict::Succeeded(own.reason.clone()),
        Some((own, Some(Rollout::Failed))) => evaluate_failed(own, service.primary()),
        Some((_, Some(Rollout::InProgress))) => Verdict::InProgress("IN_PROGRESS".to_owned()),
        Some((_, None)) => evaluate_counts(service),
        None if !settled => Verdict::InProgress("PENDING".to_owned()),
        None => evaluate_missing(target, service),
    }
}

/// Returns whether a deployment failed and ECS does not roll it back, because no earlier deployment exists or rollback
/// is disabled.
fn has_given_up(target: &Target, service: &Service, own: &Deployment) -> bool {
    let breaker = service.settings.deployment.circuit_breaker;
    let rolls_back = target.previous.is_some() && breaker.is_none_or(|breaker| breaker.rollback);
    own.rollout == Some(Rollout::Failed) && own.is_primary && !rolls_back
}

fn evaluate_service_deployment(deployment: &ServiceDeployment) -> Verdict {
    let reason = || {
        deployment
            .rollback_reason
            .clone()
            .or_else(|| deployment.reason.clone())
    };
    match deployment.status.as_str() {
        "SUCCESSFUL" => Verdict::Succeeded(deployment.reason.clone()),
        // A successful rollback means that the rollout failed.
        "STOPPED" | "ROLLBACK_SUCCESSFUL" | "ROLLBACK_FAILED" => Verdict::Failed {
            status: deployment.status.clone(),
            reason: reason(),
        },
        going => Verdict::InProgress(going.to_owned()),
    }
}

/// Evaluates a failed deployment. If another deployment is primary, it is the rollback, and the operation waits for it.
fn evaluate_failed(own: &Deployment, primary: Option<&Deployment>) -> Verdict {
    let rollback = primary.filter(|primary| primary.id != own.id);
    let status = match rollback.and_then(|rollback| rollback.rollout) {
        Some(Rollout::InProgress) => return Verdict::InProgress("ROLLBACK_IN_PROGRESS".to_owned()),
        Some(Rollout::Completed) => "ROLLBACK_SUCCESSFUL",
        Some(Rollout::Failed) => "ROLLBACK_FAILED",
        None => "FAILED",
    };
    Verdict::Failed {
        status: status.to_owned(),
        reason: own.reason.clone(),
    }
}

/// Evaluates a deployment that no longer exists because it was rolled back or another process replaced it.
fn evaluate_missing(target: &Target, service: &Service) -> Verdict {
    let back = target.previous.as_ref() == Some(&service.task_definition);
    let back = back && service.task_definition != target.task_definition;
    Verdict::Failed {
        status: if back {
            "ROLLBACK_SUCCESSFUL"
        } else {
            "REPLACED"
        }
        .to_owned(),
        reason: service.primary().and_then(|primary| primary.reason.clone()),
    }
}

/// Evaluates task counts, for deployment controllers without rollout states.
fn evaluate_counts(service: &Service) -> Verdict {
    let desired = service.settings.desired_count.unwrap_or_default();
    if service.deployments.len() <= 1 && service.running_count == desired {
        Verdict::Succeeded(None)
    } else {
        Verdict::InProgress("IN_PROGRESS".to_owned())
    }
}

/// Returns a failure if ECS would continue a rollout indefinitely. This is the case if an event reports that the
/// percentages prevent the deployment, and the percentages prevent it for the current number of tasks.
fn stuck(evidence: &Evidence, service: &Service) -> Option<Verdict> {
    let event = evidence
        .events()
        .into_iter()
        .rfind(reports_blocked_deployment)?;
    service.settings.task_limits()?.check().err()?;
    Some(Verdict::Failed {
        status: STUCK.to_owned(),
        reason: Some(event.message),
    })
}

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Waits until a rollout ends.
    ///
    /// # Errors
    /// Returns an error if the rollout does not succeed in time ([`BundleError::Rollout`] with all evidence), if the
    /// user interrupts the operation ([`BundleError::WaitEnded`]), if the service is deleted in the meantime
    /// ([`BundleError::Vanished`]), or if the service cannot be described ([`BundleError::Aws`]).
    pub async fn watch(&self, target: &Target) -> Result<Rolled, BundleError> {
        let began = self.clock.now();
        let (mut evidence, mut found, mut last_poll) = (Evidence::default(), None, None);
        let mut pauses = self.schedule.pauses();
        loop {
            let settled = self.clock.now().duration_since(began) > VISIBILITY_LAG;
            if let Some(service) = self.describe(target, settled).await? {
                let deployment = self
                    .service_deployment(target, &service, &mut found, &mut evidence)
                    .await;
                let verdict = evaluate(target, &service, deployment.as_ref(), settled);
                if let Verdict::Succeeded(reason) = verdict {
                    return Ok(Rolled {
                        service,
                        service_deployment_arn: found,
                        reason,
                    });
                }
                evidence.gather(self.api, target, &service).await;
                let verdict = match verdict {
                    Verdict::InProgress(_) => stuck(&evidence, &service).unwrap_or(verdict),
                    ended => ended,
                };
                let poll = Poll {
                    service,
                    deployment,
                    verdict,
                };
                if let Verdict::Failed { .. } = poll.verdict {
                    return Err(self.failure(target, poll, evidence).await);
                }
                last_poll = Some(poll);
            }
            if let Err(why) = self.wait_limit.pause(self.clock, pauses.take()).await {
                return Err(match (why, last_poll) {
                    (WaitEnd::TimedOut, Some(poll)) => self.failure(target, poll, evidence).await,
                    (why, _) => BundleError::WaitEnded {
                        awaited: format!("the rollout of {}", target.service).into(),
                        why,
                    },
                });
            }
        }
    }

    /// Describes the service. Returns `None` if ECS does not return the service yet, or if the call fails with a
    /// transient error.
    async fn describe(
        &self,
        target: &Target,
        settled: bool,
    ) -> Result<Option<Service>, BundleError> {
        let names = [target.service.clone()];
        let services = match self.api.services(&target.cluster, &names).await {
            Ok(services) => services,
            Err(error) if error.is_transient() => return Ok(None),
            Err(error) => {
                return Err(BundleError::aws(format!(
                    "describe the service {}",
                    target.service
                ))(error));
            }
        };
        match services.into_iter().next() {
            Some(service) if service.status == ServiceStatus::Active => Ok(Some(service)),
            None if !settled => Ok(None),
            Some(_) | None => Err(BundleError::Vanished {
                service: target.service.clone(),
            }),
        }
    }

    /// Returns the service deployment for the rollout. Returns `None` if the API is not available, access to it is
    /// denied, or it lags behind.
    async fn service_deployment(
        &self,
        target: &Target,
        service: &Service,
        found: &mut Option<String>,
        evidence: &mut Evidence,
    ) -> Option<ServiceDeployment> {
        if found.is_none() {
            let current = service
                .current_deployment
                .clone()
                .filter(|arn| target.is_new(arn));
            *found = match current {
                Some(arn) => Some(arn),
                None => match self
                    .api
                    .service_deployments(&target.cluster, &target.service)
                    .await
                {
                    Ok(all) => all
                        .into_iter()
                        .find(|listed| target.may_match(listed))
                        .map(|listed| listed.arn),
                    Err(error) => {
                        evidence.note_unavailable(&format!("the service deployment ({error})"));
                        None
                    }
                },
            };
        }
        match self.api.service_deployment(found.as_ref()?).await {
            Ok(deployment) => deployment,
            Err(error) => {
                evidence.note_unavailable(&format!("the service deployment ({error})"));
                None
            }
        }
    }

    async fn failure(&self, target: &Target, poll: Poll, mut evidence: Evidence) -> BundleError {
        let Poll {
            service,
            deployment,
            verdict,
        } = poll;
        // The last events arrive after the description that determined the verdict.
        let service = match self.describe(target, true).await {
            Ok(Some(present)) => {
                evidence.gather(self.api, target, &present).await;
                present
            }
            Ok(None) | Err(_) => service,
        };
        evidence.gather_targets(self.api, &service).await;
        let logs = self.log_tails(target, &mut evidence).await;
        let (status, reason) = match verdict {
            Verdict::Failed { status, reason } => (status, reason),
            Verdict::InProgress(status) => (
                "TIMED_OUT".to_owned(),
                Some(format!(
                    "the status was still {status} when the timeout expired"
                )),
            ),
            Verdict::Succeeded(reason) => ("SUCCESSFUL".to_owned(), reason),
        };
        let id = deployment
            .as_ref()
            .map(|deployment| Arn::name_in(&deployment.arn).to_owned());
        BundleError::Rollout(Box::new(RolloutFailure {
            service: target.service.clone(),
            deployment: id
                .or_else(|| target.deployment.clone())
                .unwrap_or_else(|| "unknown".to_owned()),
            status,
            reason,
            circuit_breaker: deployment.and_then(|deployment| deployment.circuit_breaker),
            tasks: evidence.task_groups(),
            logs,
            targets: evidence.targets(),
            blocked_limits: service
                .settings
                .task_limits()
                .filter(|_| evidence.events().iter().any(reports_blocked_deployment)),
            events: evidence.events(),
            runs: (service.running_count > 0)
                .then(|| Arn::name_in(&service.task_definition).to_owned()),
            unavailable: evidence.unavailable(),
            console: console(&service),
        }))
    }
}

/// Returns the console URL of the service. Only the standard partition is supported.
fn console(service: &Service) -> Option<String> {
    let arn = Arn::parse(&service.arn)?;
    let region = &arn.region;
    let mut path = arn.resource.split('/').skip(1);
    let (cluster, name) = (path.next()?, path.next()?);
    (arn.partition == "aws").then(|| {
        format!(
            "https://{region}.console.aws.amazon.com/ecs/v2/clusters/{cluster}/services/{name}/events?region={region}"
        )
    })
}
