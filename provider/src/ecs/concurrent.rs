//! Handles deployments in progress that another process started.

use super::api::{EcsApi, Rollout, Service, ServiceStatus};
use super::bundle::{Bundle, Concurrent};
use super::clock::Clock;
use super::error::{Awaited, BundleError};
use super::rollout::Deployer;

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Handles a deployment in progress for a service that is about to be changed. Returns the description of the
    /// service after a deployment by another process has ended, or `None` if no such deployment had to be awaited.
    ///
    /// # Errors
    /// Returns an error if the bundle does not allow such a deployment ([`BundleError::Concurrent`]), if the deployment
    /// does not end in time ([`BundleError::WaitEnded`]), or if a call to AWS fails ([`BundleError::Aws`]).
    pub(super) async fn resolve_concurrent(
        &self,
        bundle: &Bundle,
        key: &str,
        service: &Service,
    ) -> Result<Option<Service>, BundleError> {
        if !is_rolling(service) || is_ours(bundle, service) {
            return Ok(None);
        }
        match bundle.concurrent {
            Concurrent::Replace => Ok(None),
            Concurrent::Fail => Err(BundleError::Concurrent {
                key: key.to_owned(),
                service: service.name.clone(),
                deployment: deployment_name(service),
            }),
            Concurrent::Wait => self.await_idle(bundle, service).await,
        }
    }

    async fn await_idle(
        &self,
        bundle: &Bundle,
        service: &Service,
    ) -> Result<Option<Service>, BundleError> {
        let names = [service.name.clone()];
        let mut pauses = self.schedule.pauses();
        loop {
            if let Err(why) = self.wait_limit.pause(self.clock, pauses.take()).await {
                let awaited = Awaited::OtherDeployment {
                    deployment: deployment_name(service),
                    service: service.name.clone(),
                };
                return Err(BundleError::WaitEnded { awaited, why });
            }
            let services = self.services_of(&bundle.cluster, &names).await?;
            match services.into_iter().next() {
                Some(present) if present.status != ServiceStatus::Active => {
                    return Ok(Some(present));
                }
                Some(present) if !is_rolling(&present) => return Ok(Some(present)),
                Some(_) => {}
                None => {
                    let service = service.name.clone();
                    return Err(BundleError::Vanished { service });
                }
            }
        }
    }
}

/// Returns whether a deployment is in progress.
pub(super) fn is_rolling(service: &Service) -> bool {
    service
        .primary()
        .is_some_and(|primary| primary.rollout == Some(Rollout::InProgress))
}

/// Returns whether an earlier attempt started the deployment in progress.
pub(super) fn is_ours(bundle: &Bundle, service: &Service) -> bool {
    let current = service.current_deployment.as_ref();
    current.is_some_and(|arn| bundle.own_deployments.contains(arn))
}

/// Returns the ID of the primary deployment.
pub(super) fn deployment_name(service: &Service) -> String {
    let primary = service.primary();
    primary.map_or_else(|| "unknown".to_owned(), |primary| primary.id.clone())
}
