//! From the model to what should run, and from what runs back to the model's computed attributes.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::schema::AttributePath;
use tfplugin::{Codec, DecodeError, Diagnostic, Planned};

use super::model::{
    Deployment, DeploymentState, ENABLED, HealthCheck, Log, Service, ServiceBundle,
    ServiceBundlePlan,
};
use crate::ecs::bundle::{Bundle, Deployed, ServiceSpec, service_name};
use crate::ecs::definition::{self, Container, TaskDefinition};
use crate::ecs::service::{CircuitBreaker, LoadBalancer, Network, ServiceSettings};

/// What the model does not say: facts of the provider's configuration.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The region of the provider, and so of log groups that name none.
    pub region: String,
    /// Tags of everything.
    pub default_tags: BTreeMap<String, String>,
}

impl ServiceBundle {
    /// The model of a plan or state in which everything configured is known; computed attributes are left empty.
    ///
    /// # Errors
    /// [`DecodeError`] with the path of what is not known yet.
    pub(super) fn of(plan: &ServiceBundlePlan) -> Result<Self, DecodeError> {
        let mut plan = plan.clone();
        plan.task_definition_arns = Planned::Known(BTreeMap::new());
        plan.deployments = Planned::Known(BTreeMap::new());
        Self::decode(plan.encode(), &AttributePath::root())
    }

    /// What should run.
    ///
    /// # Errors
    /// An image that is not legal or missing, at its path.
    pub(super) fn bundle(&self, surroundings: &Surroundings) -> Result<Bundle, Diagnostic> {
        let services = self.services.iter().map(|(key, service)| {
            let spec = ServiceSpec {
                definition: self.definition(key, service, surroundings)?,
                settings: self.settings(key, service),
            };
            Ok((key.clone(), spec))
        });
        let mut tags = surroundings.default_tags.clone();
        tags.extend(self.tags.clone());
        let rollout = self.deployment.as_ref();
        Ok(Bundle {
            name: self.name.clone(),
            cluster: self.cluster.clone(),
            services: services.collect::<Result<_, Diagnostic>>()?,
            order: rollout
                .and_then(|rollout| rollout.order.clone())
                .unwrap_or_default(),
            wait: rollout.is_none_or(|rollout| rollout.wait),
            keep_revisions: self.keep_revisions,
            tags,
            dropped_tags: BTreeSet::new(),
        })
    }

    fn definition(
        &self,
        key: &str,
        service: &Service,
        surroundings: &Surroundings,
    ) -> Result<TaskDefinition, Diagnostic> {
        let log = service.log.as_ref().or(self.log.as_ref());
        Ok(TaskDefinition {
            family: service_name(&self.name, key),
            cpu: service.cpu,
            memory: service.memory,
            cpu_architecture: self.cpu_architecture.clone(),
            operating_system_family: self.operating_system_family.clone(),
            execution_role_arn: self.execution_role_arn.clone(),
            task_role_arn: service
                .task_role_arn
                .clone()
                .or_else(|| self.task_role_arn.clone()),
            container: Container {
                name: key.to_owned(),
                image: self.image_of(key, service)?,
                command: service.command.clone().unwrap_or_default(),
                entry_point: service.entry_point.clone().unwrap_or_default(),
                environment: over(&self.environment, &service.environment),
                secrets: over(&self.secrets, &service.secrets),
                port: service.port,
                health_check: service.health_check.as_ref().map(HealthCheck::definition),
                log: log.map(|log| log.definition(&self.name, surroundings)),
                stop_timeout: service.stop_timeout,
            },
            unmodelled: BTreeSet::new(),
        })
    }

    fn image_of(&self, key: &str, service: &Service) -> Result<String, Diagnostic> {
        let path = Self::paths().services().key(key).image();
        let image = service
            .image
            .as_ref()
            .or(self.image.as_ref())
            .ok_or_else(|| {
                let detail = "Set `image` here or for the whole bundle.";
                Diagnostic::error("No image", detail).at(path)
            })?;
        image.reference().map_err(|error| {
            let path = match service.image {
                Some(_) => Self::paths().services().key(key).image(),
                None => Self::paths().image(),
            };
            Diagnostic::error(
                "Illegal image",
                format!("It cannot be used: {error}. {}", error.remedy()),
            )
            .at(path)
        })
    }

    fn settings(&self, key: &str, service: &Service) -> ServiceSettings {
        let defaults = Deployment::default();
        let rollout = self.deployment.as_ref().unwrap_or(&defaults);
        let breaker = rollout.circuit_breaker.as_ref();
        let balancers = service
            .load_balancer
            .iter()
            .flatten()
            .map(|balancer| LoadBalancer {
                target_group_arn: balancer.target_group_arn.clone(),
                container_name: key.to_owned(),
                container_port: balancer.container_port.or(service.port).unwrap_or_default(),
            });
        ServiceSettings {
            desired_count: service.desired_count,
            network: Network {
                subnets: self.network.subnets.clone(),
                security_groups: self.network.security_groups.clone(),
                assign_public_ip: self.network.assign_public_ip,
            },
            load_balancers: balancers.collect(),
            health_check_grace_period_seconds: service
                .health_check_grace_period_seconds
                .unwrap_or_default(),
            minimum_healthy_percent: Some(rollout.minimum_healthy_percent),
            maximum_percent: Some(rollout.maximum_percent),
            circuit_breaker: Some(CircuitBreaker {
                enable: breaker.is_none_or(|breaker| breaker.enable),
                rollback: breaker.is_none_or(|breaker| breaker.rollback),
            }),
            enable_execute_command: service.enable_execute_command,
            availability_zone_rebalancing: Some(service.availability_zone_rebalancing == ENABLED),
            propagate_tags: Some(self.propagate_tags.clone()),
        }
    }

    /// The same with computed attributes that say what is there.
    #[must_use]
    pub(super) fn with(mut self, there: BTreeMap<String, Deployed>) -> Self {
        let arns = there
            .iter()
            .map(|(key, deployed)| (key.clone(), deployed.task_definition_arn.clone()));
        self.task_definition_arns = arns.collect();
        self.deployments = there
            .into_iter()
            .map(|(key, deployed)| (key, deployed.into()))
            .collect();
        self
    }
}

impl From<Deployed> for DeploymentState {
    fn from(deployed: Deployed) -> Self {
        Self {
            service_arn: deployed.service_arn,
            service_deployment_arn: deployed.service_deployment_arn,
            status: deployed.status,
            status_reason: deployed.status_reason,
            drift: deployed.drift,
        }
    }
}

impl HealthCheck {
    fn definition(&self) -> definition::HealthCheck {
        definition::HealthCheck {
            command: self.command.clone(),
            interval: self.interval,
            timeout: self.timeout,
            retries: self.retries,
            start_period: self.start_period,
        }
    }
}

impl Log {
    fn definition(&self, bundle: &str, surroundings: &Surroundings) -> definition::Log {
        definition::Log {
            group: self.group.clone(),
            region: self
                .region
                .clone()
                .unwrap_or_else(|| surroundings.region.clone()),
            stream_prefix: self
                .stream_prefix
                .clone()
                .unwrap_or_else(|| bundle.to_owned()),
        }
    }
}

/// The entries of a bundle with those of a service over them.
fn over(
    bundle: &BTreeMap<String, String>,
    service: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut all = bundle.clone();
    all.extend(service.clone());
    all
}
