//! Pre-flight checks for the objects that a bundle depends on. The checks run before any object is created. The bundle
//! configuration controls how failed checks are handled.

use jiff::SignedDuration;

use super::api::{Cluster, EcsApi, LogGroup, TargetGroup};
use super::bundle::{Bundle, ServiceSpec, Verify};
use super::clock::Clock;
use super::error::BundleError;
use super::notice::Notice;
use super::rollout::Deployer;
use super::service::Capacity;

/// Period during which a new listener, capacity provider, target group, or log group might not be visible yet.
const VISIBILITY_LAG: SignedDuration = SignedDuration::from_secs(20);

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Checks the cluster, the capacity providers, the target groups, and the log groups. Returns notices for the user.
    ///
    /// # Errors
    /// Returns an error for the first failed check, if failed checks are errors.
    pub(super) async fn verify(&self, bundle: &Bundle) -> Result<Vec<Notice>, BundleError> {
        if bundle.verify == Verify::Off {
            return Ok(Vec::new());
        }
        if bundle.verify == Verify::Error {
            return self.verify_with_retries(bundle).await;
        }
        let (findings, mut notices) = self.findings(bundle).await;
        notices.splice(0..0, findings.into_iter().map(Notice::Finding));
        Ok(notices)
    }

    /// Repeats the checks while all failures may concern recently created objects.
    async fn verify_with_retries(&self, bundle: &Bundle) -> Result<Vec<Notice>, BundleError> {
        let began = self.clock.now();
        let mut pauses = self.schedule.pauses();
        loop {
            let (findings, notices) = self.findings(bundle).await;
            let lasting = findings.iter().any(|finding| !may_be_delayed(finding));
            let Some(finding) = findings.into_iter().next() else {
                return Ok(notices);
            };
            let young = self.clock.now().duration_since(began) < VISIBILITY_LAG;
            if lasting || !young {
                return Err(finding);
            }
            let paused = self.wait_limit.pause(self.clock, pauses.take()).await;
            paused.map_err(|_| finding)?;
        }
    }

    /// Returns the failed checks, and notices about checks that could not run.
    async fn findings(&self, bundle: &Bundle) -> (Vec<BundleError>, Vec<Notice>) {
        let (mut findings, mut notices) = (Vec::new(), Vec::new());
        match self.cluster(bundle).await {
            Ok(cluster) => findings.extend(unknown_providers(bundle, &cluster)),
            Err(finding) => findings.push(finding),
        }
        for (key, spec) in &bundle.services {
            findings.extend(self.target_groups(key, spec).await);
        }
        for (key, group) in log_groups(bundle) {
            match self.api.has_log_group(&group).await {
                Ok(true) => {}
                Ok(false) => findings.push(BundleError::NoLogGroup { key, group }),
                // The permission to deploy does not imply the permission to describe log groups.
                Err(error) => notices.push(Notice::LogGroupNotLookedUp {
                    group: group.name,
                    error,
                }),
            }
        }
        (findings, notices)
    }

    async fn cluster(&self, bundle: &Bundle) -> Result<Cluster, BundleError> {
        let doing = format!("describe the cluster {}", bundle.cluster);
        let describe = || self.api.cluster(&bundle.cluster);
        let cluster = self.repeat(&doing, describe).await?;
        match cluster {
            Some(cluster) if cluster.status == "ACTIVE" => Ok(cluster),
            other => Err(BundleError::Cluster {
                cluster: bundle.cluster.clone(),
                status: other.map_or_else(|| "missing".to_owned(), |cluster| cluster.status),
            }),
        }
    }

    async fn target_groups(&self, key: &str, spec: &ServiceSpec) -> Vec<BundleError> {
        let balancers = spec.settings.load_balancers.iter();
        let arns: Vec<String> = balancers
            .map(|balancer| balancer.target_group_arn.clone())
            .collect();
        if arns.is_empty() {
            return Vec::new();
        }
        let doing = format!("describe the target groups of {key}");
        let describe = || self.api.target_groups(&arns);
        let groups = match self.repeat(&doing, describe).await {
            Ok(groups) => groups,
            Err(error) => return vec![error],
        };
        let findings = arns.iter().filter_map(|arn| {
            let key = key.to_owned();
            let Some(group) = groups.iter().find(|group| group.arn == *arn) else {
                let arn = arn.clone();
                return Some(BundleError::NoTargetGroup { key, arn });
            };
            (group.load_balancers.is_empty() || takes_others(group)).then(|| {
                BundleError::TargetGroup {
                    key,
                    group: group.clone(),
                }
            })
        });
        findings.collect()
    }
}

/// Returns whether a failed check may concern an object that was recently created or attached and is not visible
/// everywhere yet. Responses from ECS and Elastic Load Balancing are eventually consistent. Sources: Amazon ECS API
/// reference; Elastic Load Balancing API reference.
fn may_be_delayed(finding: &BundleError) -> bool {
    match finding {
        BundleError::TargetGroup { group, .. } => {
            group.load_balancers.is_empty() && !takes_others(group)
        }
        BundleError::NoTargetGroup { .. }
        | BundleError::NoCapacityProvider { .. }
        | BundleError::NoLogGroup { .. } => true,
        _ => false,
    }
}

/// Returns whether the target type of a target group is not `ip`.
fn takes_others(group: &TargetGroup) -> bool {
    let target = group.target_type.as_deref();
    target.is_some_and(|target| target != "ip")
}

/// Returns an error for the first configured capacity provider, of any service, that is not associated with the cluster.
fn unknown_providers(bundle: &Bundle, cluster: &Cluster) -> Option<BundleError> {
    let services = bundle.services.values();
    let mut wanted = services.flat_map(|spec| match &spec.settings.capacity {
        Some(Capacity::Providers(shares)) => shares.keys().collect(),
        _ => Vec::new(),
    });
    let missing = wanted.find(|name| !cluster.capacity_providers.contains(name))?;
    Some(BundleError::NoCapacityProvider {
        provider: missing.clone(),
        cluster: bundle.cluster.clone(),
    })
}

/// Returns the log groups that must already exist, each with the key of the first service that writes to it.
fn log_groups(bundle: &Bundle) -> Vec<(String, LogGroup)> {
    let mut found: Vec<(String, LogGroup)> = Vec::new();
    for (key, spec) in &bundle.services {
        let own = [&spec.definition.container].into_iter();
        let containers = own.chain(spec.definition.sidecars.values());
        for log in containers.filter_map(|container| container.log.as_ref()) {
            let group = LogGroup {
                name: log.group.clone(),
                region: log.region.clone(),
            };
            let known = found.iter().any(|(_, known)| *known == group);
            if !known && !bundle.log_groups.contains(&group) {
                found.push((key.clone(), group));
            }
        }
    }
    found
}
