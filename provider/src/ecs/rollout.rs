//! Waiting for one rollout, and the verdict on it.
//!
//! "Steady" is not "succeeded": after a rollback a service is steady too. So the verdict is that of the **service
//! deployment** we started, and where that API is missing or denied, the rollout state of the **deployment** we
//! started, by its id. Counts of tasks decide nothing unless there is nothing else to go by.

use jiff::SignedDuration;

use super::api::{Deployment, EcsApi, Rollout, Service, ServiceDeployment, ServiceStatus};
use super::clock::{Clock, Impatience, Patience, Schedule};
use super::error::BundleError;
use super::evidence::Evidence;
use super::service::Room;
use super::target::Target;
use super::verdict::{RolloutFailure, STUCK, says_no_room};
use crate::aws::arn::Arn;

/// A service that was just made or changed may be described as missing, or as it was, for so long.
const VISIBILITY_LAG: SignedDuration = SignedDuration::from_secs(120);

/// Works on bundles through a port, by a clock, as long as patience lasts.
pub struct Deployer<'a, A, C> {
    /// The way to AWS.
    pub api: &'a A,
    /// Time.
    pub clock: &'a C,
    /// When to stop waiting.
    pub patience: Patience,
    /// Pauses between two looks.
    pub schedule: Schedule,
}

/// A rollout that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rolled {
    /// The service as it was last described.
    pub service: Service,
    /// ARN of the service deployment, where ECS tells it.
    pub service_deployment_arn: Option<String>,
    /// What ECS says about the status.
    pub reason: Option<String>,
}

/// What one look says about a rollout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on; the status is for the user.
    Going(String),
    /// It succeeded.
    Succeeded(Option<String>),
    /// It ended otherwise.
    Failed {
        /// How, in the API's word where there is one.
        status: String,
        /// Why, as far as ECS says.
        reason: Option<String>,
    },
}

/// What one look showed.
struct Look {
    service: Service,
    deployment: Option<ServiceDeployment>,
    verdict: Verdict,
}

/// Judges a rollout by what ECS says now. `settled` is true once ECS must be showing the deployment.
#[must_use]
pub fn judge(
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
        let verdict = judge_service_deployment(deployment);
        return match (verdict, own) {
            // It is behind what the service says.
            (Verdict::Going(_), Some(own)) if has_given_up(target, service, own) => {
                Verdict::Failed {
                    status: "FAILED".to_owned(),
                    reason: own.reason.clone().or_else(|| deployment.reason.clone()),
                }
            }
            (verdict, _) => verdict,
        };
    }
    if target.deployment.is_none() {
        return judge_counts(service);
    }
    match own.map(|own| (own, own.rollout)) {
        Some((own, Some(Rollout::Completed))) => Verdict::Succeeded(own.reason.clone()),
        Some((own, Some(Rollout::Failed))) => judge_failed(own, service.primary()),
        Some((_, Some(Rollout::InProgress))) => Verdict::Going("IN_PROGRESS".to_owned()),
        Some((_, None)) => judge_counts(service),
        None if !settled => Verdict::Going("PENDING".to_owned()),
        None => judge_gone(target, service),
    }
}

/// Whether a deployment failed, and ECS does not go back to another: there was none, or it is not to.
fn has_given_up(target: &Target, service: &Service, own: &Deployment) -> bool {
    let breaker = service.settings.circuit_breaker;
    let goes_back = target.previous.is_some() && breaker.is_none_or(|breaker| breaker.rollback);
    own.rollout == Some(Rollout::Failed) && own.is_primary && !goes_back
}

fn judge_service_deployment(deployment: &ServiceDeployment) -> Verdict {
    let reason = || {
        deployment
            .rollback_reason
            .clone()
            .or_else(|| deployment.reason.clone())
    };
    match deployment.status.as_str() {
        "SUCCESSFUL" => Verdict::Succeeded(deployment.reason.clone()),
        // A rollback that went well is a rollout that did not.
        "STOPPED" | "ROLLBACK_SUCCESSFUL" | "ROLLBACK_FAILED" => Verdict::Failed {
            status: deployment.status.clone(),
            reason: reason(),
        },
        going => Verdict::Going(going.to_owned()),
    }
}

/// The deployment failed; if another took its place, that is the rollback, which is waited for.
fn judge_failed(own: &Deployment, primary: Option<&Deployment>) -> Verdict {
    let rollback = primary.filter(|primary| primary.id != own.id);
    let status = match rollback.and_then(|rollback| rollback.rollout) {
        Some(Rollout::InProgress) => return Verdict::Going("ROLLBACK_IN_PROGRESS".to_owned()),
        Some(Rollout::Completed) => "ROLLBACK_SUCCESSFUL",
        Some(Rollout::Failed) => "ROLLBACK_FAILED",
        None => "FAILED",
    };
    Verdict::Failed {
        status: status.to_owned(),
        reason: own.reason.clone(),
    }
}

/// The deployment is not there any more: rolled back, or replaced by someone else.
fn judge_gone(target: &Target, service: &Service) -> Verdict {
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

/// Without rollout states (another deployment controller) only counts are left.
fn judge_counts(service: &Service) -> Verdict {
    let desired = service.settings.desired_count.unwrap_or_default();
    if service.deployments.len() <= 1 && service.running_count == desired {
        Verdict::Succeeded(None)
    } else {
        Verdict::Going("IN_PROGRESS".to_owned())
    }
}

/// The end of a rollout that goes on for ever: ECS says that the percentages leave no room, and for the count of tasks
/// at this moment they leave none.
fn stuck(evidence: &Evidence, service: &Service) -> Option<Verdict> {
    let event = evidence.events().into_iter().rfind(says_no_room)?;
    Room::of(&service.settings)?.check().err()?;
    Some(Verdict::Failed {
        status: STUCK.to_owned(),
        reason: Some(event.message),
    })
}

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Waits for the end of a rollout.
    ///
    /// # Errors
    /// [`BundleError::Rollout`] with all evidence if it did not succeed in time, [`BundleError::Impatient`] if the
    /// user interrupts, [`BundleError::Vanished`] if the service is deleted meanwhile, [`BundleError::Aws`] if it
    /// cannot be described.
    pub async fn watch(&self, target: &Target) -> Result<Rolled, BundleError> {
        let began = self.clock.now();
        let (mut evidence, mut found, mut last_look) = (Evidence::default(), None, None);
        let mut pauses = self.schedule.pauses();
        loop {
            let settled = self.clock.now().duration_since(began) > VISIBILITY_LAG;
            if let Some(service) = self.look(target, settled).await? {
                let deployment = self
                    .service_deployment(target, &service, &mut found, &mut evidence)
                    .await;
                let verdict = judge(target, &service, deployment.as_ref(), settled);
                if let Verdict::Succeeded(reason) = verdict {
                    return Ok(Rolled {
                        service,
                        service_deployment_arn: found,
                        reason,
                    });
                }
                evidence.gather(self.api, target, &service).await;
                let verdict = match verdict {
                    Verdict::Going(_) => stuck(&evidence, &service).unwrap_or(verdict),
                    ended => ended,
                };
                let look = Look {
                    service,
                    deployment,
                    verdict,
                };
                if let Verdict::Failed { .. } = look.verdict {
                    return Err(self.failure(target, look, evidence).await);
                }
                last_look = Some(look);
            }
            if let Err(why) = self.patience.pause(self.clock, pauses.take()).await {
                return Err(match (why, last_look) {
                    (Impatience::TimedOut, Some(look)) => {
                        self.failure(target, look, evidence).await
                    }
                    (why, _) => BundleError::Impatient {
                        awaited: format!("the rollout of {}", target.service).into(),
                        why,
                    },
                });
            }
        }
    }

    /// Describes the service; `None` while ECS does not show it yet, or is too busy to answer.
    async fn look(&self, target: &Target, settled: bool) -> Result<Option<Service>, BundleError> {
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

    /// The service deployment that belongs to the rollout; `None` where the API is missing, denied or behind.
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
                .filter(|arn| target.is_news(arn));
            *found = match current {
                Some(arn) => Some(arn),
                None => match self
                    .api
                    .service_deployments(&target.cluster, &target.service)
                    .await
                {
                    Ok(all) => all
                        .into_iter()
                        .find(|listed| target.may_be(listed))
                        .map(|listed| listed.arn),
                    Err(error) => {
                        evidence.blind(&format!("the service deployment ({error})"));
                        None
                    }
                },
            };
        }
        match self.api.service_deployment(found.as_ref()?).await {
            Ok(deployment) => deployment,
            Err(error) => {
                evidence.blind(&format!("the service deployment ({error})"));
                None
            }
        }
    }

    async fn failure(&self, target: &Target, look: Look, mut evidence: Evidence) -> BundleError {
        let Look {
            service,
            deployment,
            verdict,
        } = look;
        // The verdict is younger than the description it was reached with: the last events come after that.
        let service = match self.look(target, true).await {
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
            Verdict::Going(status) => (
                "TIMED_OUT".to_owned(),
                Some(format!("still {status} when time ran out")),
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
            no_room: Room::of(&service.settings)
                .filter(|_| evidence.events().iter().any(says_no_room)),
            events: evidence.events(),
            runs: (service.running_count > 0)
                .then(|| Arn::name_in(&service.task_definition).to_owned()),
            blind_spots: evidence.blind_spots(),
            console: console(&service),
        }))
    }
}

/// The page of the service in the console of the standard partition.
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
