//! Taking services away: none left running, none left draining, no task definition of ours left registered.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{Answer, EcsApi, ServiceStatus, UpdateService};
use super::apply::Made;
use super::bundle::family_of;
use super::clock::Clock;
use super::error::BundleError;
use super::ownership::mark_of;
use super::rollout::Deployer;
use crate::aws::AwsError;

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Deletes the services of these names, waits until they are gone, then deregisters our task definitions.
    ///
    /// What is gone already is no error, so that a repeated attempt ends well.
    ///
    /// # Errors
    /// [`BundleError::Aws`] if AWS refuses, [`BundleError::Impatient`] if waiting ends first.
    pub async fn delete(
        &self,
        cluster: &str,
        bundle: &str,
        names: &BTreeSet<String>,
    ) -> Result<(), BundleError> {
        let names: Vec<String> = names.iter().cloned().collect();
        let services = self.api.services(cluster, &names).await;
        let services = match services {
            Err(error) if error.is("ClusterNotFoundException") => Vec::new(),
            other => other.map_err(BundleError::aws("describe the services"))?,
        };
        for service in services
            .iter()
            .filter(|service| service.status == ServiceStatus::Active)
        {
            let removed = self.remove(cluster, &service.name).await;
            removed.map_err(BundleError::aws(format!(
                "delete the service {}",
                service.name
            )))?;
        }
        if !services.is_empty() {
            self.await_gone(cluster, &names).await?;
        }
        let own = names.iter().map(|name| (name.as_str(), name.as_str()));
        let run = services
            .iter()
            .map(|service| (family_of(&service.task_definition), service.name.as_str()));
        let families: BTreeMap<&str, &str> = own.chain(run).collect();
        for (family, service) in families {
            let owner = (cluster, bundle);
            let deregistered = self.deregister_ours(owner, family, service, 0).await;
            deregistered.map_err(BundleError::aws(format!(
                "deregister the task definitions of {family}"
            )))?;
        }
        Ok(())
    }

    /// Undoes what an attempt made, without waiting for the end: the next attempt waits if it must. Answers what
    /// could not be undone.
    pub async fn undo(&self, cluster: &str, made: &Made) -> Vec<String> {
        let mut left = Vec::new();
        let described = self.api.services(cluster, &made.services).await;
        let described = described.unwrap_or_default();
        let taken = |name: &&String| {
            let mut services = described.iter();
            let service = services.find(|service| service.name == **name);
            // Another attempt has claimed it meanwhile, or it is not unfinished any more.
            service.is_some_and(|service| mark_of(service) != Some(&made.mark))
        };
        for name in made.services.iter().filter(|name| !taken(name)) {
            if let Err(error) = self.remove(cluster, name).await {
                left.push(format!(
                    "The service {name} could not be deleted again: {error}"
                ));
            }
        }
        for arn in &made.revisions {
            if let Err(error) = self.deregister_unused(cluster, made, arn).await {
                left.push(format!(
                    "The task definition {arn} could not be deregistered again: {error}"
                ));
            }
        }
        left
    }

    /// Deregisters a revision, unless a service runs it that was there before the attempt.
    async fn deregister_unused(&self, cluster: &str, made: &Made, arn: &str) -> Answer<()> {
        let mut services = made.taken_over.clone();
        services.push(family_of(arn).to_owned());
        if self
            .revisions_in_use(cluster, &services)
            .await?
            .contains(arn)
        {
            return Ok(());
        }
        self.api.deregister(arn).await
    }

    /// Waits until none of the services is active or draining.
    pub(super) async fn await_gone(
        &self,
        cluster: &str,
        names: &[String],
    ) -> Result<(), BundleError> {
        let mut pauses = self.schedule.pauses();
        loop {
            let gone = match self.api.services(cluster, names).await {
                Ok(services) => services
                    .iter()
                    .all(|service| service.status == ServiceStatus::Inactive),
                Err(error) if error.is_transient() => false,
                Err(error) => return Err(BundleError::aws("describe the services")(error)),
            };
            if gone {
                return Ok(());
            }
            if let Err(why) = self.patience.pause(self.clock, pauses.take()).await {
                let awaited = format!("the deletion of {}", names.join(", "));
                return Err(BundleError::Impatient { awaited, why });
            }
        }
    }

    async fn remove(&self, cluster: &str, name: &str) -> Answer<()> {
        let to_zero = UpdateService {
            cluster: cluster.to_owned(),
            name: name.to_owned(),
            desired_count: Some(0),
            ..UpdateService::default()
        };
        tolerate_gone(self.api.update_service(&to_zero).await.map(drop))?;
        tolerate_gone(self.api.delete_service(cluster, name).await)
    }
}

fn tolerate_gone(answer: Answer<()>) -> Answer<()> {
    match answer {
        Err(error) if is_gone(&error) => Ok(()),
        other => other,
    }
}

fn is_gone(error: &AwsError) -> bool {
    error.is("ServiceNotFoundException") || error.is("ServiceNotActiveException")
}
