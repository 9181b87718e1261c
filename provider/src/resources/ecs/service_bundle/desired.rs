//! Converts the model to the desired services, and the deployed services to computed attributes of the model.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::schema::AttributePath;
use tfplugin::{Codec, DecodeError, Diagnostic, Planned};

use super::containers::ServiceContext;
use super::diagnostics::drift::texts as drift_texts;
use super::model::{
    Capacity, Deployment, DeploymentState, EXTERNAL, FAIL, REPLACE, Service, ServiceBundle,
    ServiceBundlePlan, TERRAFORM,
};
use super::provider_settings::ProviderSettings;
use crate::ecs::api::LogGroup;
use crate::ecs::bundle::{Bundle, Concurrent, Deployed, ServiceSpec, Verify, service_name};
use crate::ecs::definition::TaskDefinition;
use crate::ecs::service::{Network, Platform, ServiceSettings};

impl ServiceBundle {
    /// Decodes a plan or state whose configured attributes are known. Computed attributes are left empty.
    ///
    /// # Errors
    /// Returns an error with the attribute path of a configured value that is unknown.
    pub(super) fn of(plan: &ServiceBundlePlan) -> Result<Self, DecodeError> {
        let mut plan = plan.clone();
        plan.task_definition_arns = Planned::Known(BTreeMap::new());
        plan.deployments = Planned::Known(BTreeMap::new());
        plan.tags_all = Planned::Known(BTreeMap::new());
        if plan.cluster_arn.known().is_none() {
            plan.cluster_arn = Planned::Known(String::new());
        }
        if plan.platform_version.is_unknown() {
            plan.platform_version = Planned::Null;
        }
        name_services(&mut plan, None);
        Self::decode(plan.encode(), &AttributePath::root())
    }

    /// Returns the desired bundle.
    ///
    /// # Errors
    /// Returns an error if an image is missing or not valid, or if container settings are not valid. The diagnostic
    /// contains the attribute path.
    pub(super) fn bundle(&self, provider: &ProviderSettings) -> Result<Bundle, Diagnostic> {
        let services = self.services.iter().map(|(key, service)| {
            let spec = ServiceSpec {
                definition: self.definition(key, service, provider)?,
                settings: self.settings(key, service),
                keeps_image: self.keeps_image(),
                keeps_family: service.service_name != service_name(&self.name, key),
                pinned: self
                    .release
                    .as_ref()
                    .and_then(|release| release.rollback_to.get(key).copied()),
            };
            Ok((key.clone(), spec))
        });
        let mut tags = provider.default_tags.clone();
        tags.extend(self.tags.clone());
        let defaults = Deployment::default();
        let rollout = self.deployment.as_ref().unwrap_or(&defaults);
        let names = self.services.iter();
        Ok(Bundle {
            name: self.name.clone(),
            cluster: self.cluster.clone(),
            services: services.collect::<Result<_, Diagnostic>>()?,
            names: names
                .map(|(key, service)| (key.clone(), service.service_name.clone()))
                .collect(),
            order: rollout.order.clone().unwrap_or_default(),
            wait: rollout.wait,
            keep_revisions: self.keep_revisions,
            tags,
            dropped_tags: BTreeSet::new(),
            log_groups: self.log_groups_to_create(provider),
            verify: match self.verify.as_str() {
                "off" => Verify::Off,
                "warn" => Verify::Warn,
                _ => Verify::Error,
            },
            concurrent: match rollout.concurrent.as_str() {
                FAIL => Concurrent::Fail,
                REPLACE => Concurrent::Replace,
                _ => Concurrent::Wait,
            },
            own_deployments: BTreeSet::new(),
            force: false,
            error_log_lines: self.error_log_lines,
        })
    }

    fn keeps_image(&self) -> bool {
        let release = self.release.as_ref();
        release.is_some_and(|release| release.owner != TERRAFORM)
    }

    /// Returns whether images with neither a tag nor a digest are allowed. This is the case if another process deploys
    /// the images.
    pub(super) fn image_may_be_unversioned(&self) -> bool {
        let release = self.release.as_ref();
        release.is_some_and(|release| release.owner == EXTERNAL)
    }

    fn definition(
        &self,
        key: &str,
        service: &Service,
        provider: &ProviderSettings,
    ) -> Result<TaskDefinition, Diagnostic> {
        let context = ServiceContext {
            bundle: self,
            key,
            service,
            provider,
        };
        Ok(TaskDefinition {
            family: service.service_name.clone(),
            cpu: service.cpu,
            memory: service.memory,
            cpu_architecture: self.cpu_architecture.clone(),
            operating_system_family: self.operating_system_family.clone(),
            execution_role_arn: self.execution_role_arn.clone(),
            task_role_arn: service
                .task_role_arn
                .clone()
                .or_else(|| self.task_role_arn.clone()),
            ephemeral_storage_gib: service.ephemeral_storage_gib,
            container: context.container()?,
            sidecars: context.sidecars()?,
            unmodelled: BTreeSet::new(),
        })
    }

    fn log_groups_to_create(&self, provider: &ProviderSettings) -> BTreeSet<LogGroup> {
        let services = self.services.values();
        let logs = services.flat_map(|service| {
            let sidecars = service.sidecars.values();
            service
                .log
                .iter()
                .chain(sidecars.flat_map(|sidecar| &sidecar.log))
        });
        let wanted = logs.chain(&self.log).filter(|log| log.create);
        wanted.map(|log| log.log_group(provider)).collect()
    }

    fn settings(&self, key: &str, service: &Service) -> ServiceSettings {
        let defaults = Deployment::default();
        let rollout = self.deployment.as_ref().unwrap_or(&defaults);
        let opens = |container: &str| match service.sidecars.get(container) {
            Some(sidecar) => sidecar.port,
            None => service.port,
        };
        let balancers = service.load_balancer.iter().flatten();
        let balancers = balancers.map(|balancer| balancer.settings(key, opens));
        let connect = service.service_connect.as_ref();
        ServiceSettings {
            desired_count: service.desired_count,
            network: Network {
                subnets: self.network.subnets.clone(),
                security_groups: &self.network.security_groups | &service.security_groups,
                assign_public_ip: self.network.assign_public_ip,
            },
            load_balancers: balancers.collect(),
            deployment: rollout.configuration(),
            options: service.options(self.options()),
            capacity: Some(Capacity::settings(self.capacity.as_ref())),
            platform: self
                .platform_version
                .clone()
                .map(|asked| Platform { asked, runs: None }),
            service_connect: connect.map(|connect| connect.settings(key, service.port)),
        }
    }

    /// Returns the model with computed attributes of the deployed services.
    #[must_use]
    pub(super) fn with(mut self, found: BTreeMap<String, Deployed>) -> Self {
        let arns = found
            .iter()
            .map(|(key, deployed)| (key.clone(), deployed.task_definition_arn.clone()));
        self.task_definition_arns = arns.collect();
        if let Some(cluster) = found.values().map(|deployed| &deployed.cluster_arn).next() {
            self.cluster_arn.clone_from(cluster);
        }
        self.platform_version = platform_version(self.platform_version, &found);
        self.deployments = found
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
            service_revision_arn: deployed.service_revision_arn,
            running_digest: deployed.running_digest,
            drift: drift_texts(&deployed.drift),
        }
    }
}

/// Returns the platform version for the state: the stored version if every service meets it; otherwise, the version of
/// a service that does not meet it.
fn platform_version(stored: Option<String>, found: &BTreeMap<String, Deployed>) -> Option<String> {
    let wanted = stored.clone().map(|asked| Platform { asked, runs: None });
    let mut present = found
        .values()
        .filter_map(|deployed| deployed.platform.as_ref());
    let other = present.find(|present| {
        wanted
            .as_ref()
            .is_none_or(|wanted| !wanted.is_met_by(present))
    });
    let Some(other) = other else {
        return stored;
    };
    let resolved = other
        .runs
        .clone()
        .filter(|_| other.asked == Platform::LATEST);
    resolved.or_else(|| Some(other.asked.clone()))
}

/// Sets the default names of services without a configured name. A configured name that is unknown stays unknown.
pub(super) fn name_services(plan: &mut ServiceBundlePlan, config: Option<&ServiceBundlePlan>) {
    let configured = config.and_then(|config| config.services.known());
    let is_awaited = |key: &String| {
        let service = configured.and_then(|services| services.get(key)?.known());
        service.is_some_and(|service| service.service_name.is_unknown())
    };
    let (Some(bundle), Planned::Known(services)) = (plan.name.known(), &mut plan.services) else {
        return;
    };
    for (key, service) in services {
        if let Planned::Known(service) = service
            && service.service_name.known().is_none()
            && !is_awaited(key)
        {
            service.service_name = Planned::Known(service_name(bundle, key));
        }
    }
}
