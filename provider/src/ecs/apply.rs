//! Making what should run out of what runs. Create and update are the same here: every step first looks at what is
//! there, so that a repeated attempt goes on where the last one ended and makes nothing twice.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{
    CreateService, EcsApi, ListedDeployment, Rollout, Service, ServiceStatus, Tags, UpdateService,
};
use super::bundle::{Bundle, Deployed, ServiceSpec, owns};
use super::clock::Clock;
use super::concurrent::{is_ours, is_rolling};
use super::error::BundleError;
use super::revisions::Running;
use super::rollout::{Deployer, Rolled, Target};
use super::service::FIRST_COUNT;

/// How an attempt to apply a bundle ended, and what it left.
#[derive(Debug)]
pub struct Applied {
    /// What is there now, by key.
    pub services: BTreeMap<String, Deployed>,
    /// What this attempt made.
    pub made: Made,
    /// What the user should know although nothing failed.
    pub notices: Vec<String>,
    /// Keys that the state knows and the bundle has no more, whose services are still there.
    pub not_removed: BTreeSet<String>,
    /// Whether every service has the tags of the bundle.
    pub tagged: bool,
    /// Whether every service was deployed anew, where that was asked for.
    pub forced: bool,
    /// Whether nothing was made or changed.
    pub untouched: bool,
    /// Why it did not end well.
    pub result: Result<(), BundleError>,
}

/// What an attempt made, in case it must be undone.
#[derive(Debug, Default)]
pub struct Made {
    /// Names of services.
    pub services: Vec<String>,
    /// ARNs of task definitions.
    pub revisions: Vec<String>,
    /// Names of services that the state does not know, made by an earlier attempt and taken over by this one.
    pub taken_over: Vec<String>,
}

/// The state of an attempt.
struct Attempt<'b> {
    bundle: &'b Bundle,
    /// Keys of services that the state knows: ours even without a tag, because they were imported.
    adopted: &'b BTreeSet<String>,
    present: BTreeMap<String, Service>,
    /// Whether anything may have been made or changed.
    touched: bool,
    revisions: BTreeMap<String, String>,
    /// Keys of services of which a deployment was asked for, whether or not the answer came.
    started: BTreeSet<String>,
    /// Keys of services that were deployed anew, as far as that was waited for.
    deployed: BTreeSet<String>,
    /// Statuses of rollouts that were waited for, by key.
    rolled: BTreeMap<String, Rolled>,
    /// Keys of services that have the tags of the bundle.
    tagged: BTreeSet<String>,
    made: Made,
    notices: Vec<String>,
}

/// What a service needs.
enum Step {
    Nothing,
    /// A deployment of what is wanted is going on already.
    Await,
    Update(Box<UpdateService>),
}

impl Attempt<'_> {
    /// Keys that the state knows and the bundle has no more.
    fn removed(&self) -> BTreeSet<String> {
        let wanted = &self.bundle.services;
        let removed = self.adopted.iter().filter(|key| !wanted.contains_key(*key));
        removed.cloned().collect()
    }
}

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Makes a bundle run. `in_state` are the keys of the services that the state knows; those that the bundle has
    /// no more are deleted after the others run.
    pub async fn apply(&self, bundle: &Bundle, in_state: &BTreeSet<String>) -> Applied {
        let mut attempt = Attempt {
            bundle,
            adopted: in_state,
            present: BTreeMap::new(),
            touched: false,
            started: BTreeSet::new(),
            deployed: BTreeSet::new(),
            revisions: BTreeMap::new(),
            rolled: BTreeMap::new(),
            tagged: BTreeSet::new(),
            made: Made::default(),
            notices: Vec::new(),
        };
        let result = self.run(&mut attempt).await;
        let services = self.inventory(&attempt, &result).await;
        let not_removed = match result {
            Ok(()) => BTreeSet::new(),
            Err(_) => self.still_there(bundle, attempt.removed()).await,
        };
        Applied {
            services,
            not_removed,
            tagged: attempt.tagged.len() == bundle.services.len(),
            forced: attempt.deployed.len() == bundle.services.len(),
            untouched: !attempt.touched,
            made: attempt.made,
            notices: attempt.notices,
            result,
        }
    }

    async fn run(&self, attempt: &mut Attempt<'_>) -> Result<(), BundleError> {
        let bundle = attempt.bundle;
        attempt.notices.extend(self.verify(bundle).await?);
        attempt.present = self.present(bundle).await?;
        for (key, service) in &attempt.present {
            check_ownership(bundle, key, service, attempt.adopted)?;
        }
        let unknown = attempt.present.iter().filter(|(key, service)| {
            service.status == ServiceStatus::Active && !attempt.adopted.contains(*key)
        });
        attempt.made.taken_over = unknown.map(|(_, service)| service.name.clone()).collect();
        self.create_log_groups(bundle).await?;
        attempt.touched = true;
        for (key, spec) in &bundle.services {
            self.prepare(attempt, key, spec).await?;
        }
        for key in bundle.rollout_order() {
            self.bring_up(attempt, key, &bundle.services[key]).await?;
        }
        let removed = attempt.removed();
        if !removed.is_empty() {
            let names = bundle.service_names(&removed);
            self.delete(&bundle.cluster, &bundle.name, &names).await?;
        }
        let retired = self.retire(bundle, &attempt.revisions).await;
        attempt.notices.extend(retired);
        Ok(())
    }

    async fn create_log_groups(&self, bundle: &Bundle) -> Result<(), BundleError> {
        for group in &bundle.log_groups {
            let created = self.api.create_log_group(group, &bundle.tags).await;
            let doing = format!("create the log group {}", group.name);
            created.map_err(BundleError::aws(doing))?;
        }
        Ok(())
    }

    /// Finds or registers the revision that a service shall run, after somebody else's deployment of it has ended.
    async fn prepare(
        &self,
        attempt: &mut Attempt<'_>,
        key: &str,
        spec: &ServiceSpec,
    ) -> Result<(), BundleError> {
        let bundle = attempt.bundle;
        let active = |service: &&Service| service.status == ServiceStatus::Active;
        // What a service runs that is being deleted is nothing to go on with.
        let running = |attempt: &Attempt<'_>| {
            let present = attempt.present.get(key).filter(active)?;
            Some(Running {
                revision: present.task_definition.clone(),
                in_state: attempt.adopted.contains(key),
            })
        };
        let mut choice = self.choose(bundle, key, spec, running(attempt)).await?;
        if let Some(service) = attempt.present.get(key).filter(active)
            && will_deploy(bundle, spec, service, choice.usable.as_deref())
            && let Some(after) = self.make_way(bundle, key, service).await?
        {
            attempt.present.insert(key.to_owned(), after);
            // It may have brought another image.
            choice = self.choose(bundle, key, spec, running(attempt)).await?;
        }
        let arn = match choice.usable {
            Some(arn) => arn,
            None => {
                let arn = self.register(bundle, &choice.definition).await?;
                attempt.made.revisions.push(arn.clone());
                arn
            }
        };
        attempt.revisions.insert(key.to_owned(), arn);
        Ok(())
    }

    async fn present(&self, bundle: &Bundle) -> Result<BTreeMap<String, Service>, BundleError> {
        let names: Vec<String> = bundle
            .services
            .keys()
            .map(|key| bundle.service_name(key))
            .collect();
        let services = self.api.services(&bundle.cluster, &names).await;
        let services = services.map_err(BundleError::aws("describe the services"))?;
        let there = services
            .into_iter()
            .filter(|service| service.status != ServiceStatus::Inactive);
        let mut by_name: BTreeMap<String, Service> = there
            .map(|service| (service.name.clone(), service))
            .collect();
        let by_key = bundle.services.keys().filter_map(|key| {
            let service = by_name.remove(&bundle.service_name(key))?;
            Some((key.clone(), service))
        });
        Ok(by_key.collect())
    }

    /// Creates or changes one service and waits for its rollout.
    async fn bring_up(
        &self,
        attempt: &mut Attempt<'_>,
        key: &str,
        spec: &ServiceSpec,
    ) -> Result<(), BundleError> {
        let wanted = attempt.revisions[key].clone();
        let target = match attempt.present.get(key).cloned() {
            Some(service) if service.status == ServiceStatus::Active => {
                self.change(attempt, key, spec, &service, &wanted).await?
            }
            draining => {
                if draining.is_some() {
                    self.await_gone(&attempt.bundle.cluster, &[attempt.bundle.service_name(key)])
                        .await?;
                }
                self.create(attempt, key, spec, &wanted).await?
            }
        };
        if let (Some(mut target), true) = (target, attempt.bundle.wait) {
            target.log_lines = attempt.bundle.error_log_lines;
            let rolled = self.watch(&target).await?;
            attempt.rolled.insert(key.to_owned(), rolled);
        }
        // What was rolled back was not deployed.
        attempt.deployed.insert(key.to_owned());
        Ok(())
    }

    async fn create(
        &self,
        attempt: &mut Attempt<'_>,
        key: &str,
        spec: &ServiceSpec,
        wanted: &str,
    ) -> Result<Option<Target>, BundleError> {
        let bundle = attempt.bundle;
        let request = CreateService {
            cluster: bundle.cluster.clone(),
            name: bundle.service_name(key),
            task_definition: wanted.to_owned(),
            settings: spec.settings.clone(),
            client_token: self.api.client_token().map_err(BundleError::aws(format!(
                "create the service {}",
                bundle.service_name(key)
            )))?,
            tags: bundle.service_tags(),
        };
        attempt.started.insert(key.to_owned());
        match self.create_patiently(&request).await? {
            Some(service) => {
                attempt.made.services.push(request.name);
                attempt.tagged.insert(key.to_owned());
                Ok(Some(Target::of(
                    &bundle.cluster,
                    &service,
                    None,
                    Some(BTreeSet::new()),
                )))
            }
            // It was made by an attempt whose answer was lost.
            None => {
                let service = self.present(bundle).await?.remove(key);
                let service = service.ok_or_else(|| BundleError::Vanished {
                    service: request.name.clone(),
                })?;
                check_ownership(bundle, key, &service, attempt.adopted)?;
                attempt.made.taken_over.push(service.name.clone());
                self.change(attempt, key, spec, &service, wanted).await
            }
        }
    }

    async fn change(
        &self,
        attempt: &mut Attempt<'_>,
        key: &str,
        spec: &ServiceSpec,
        service: &Service,
        wanted: &str,
    ) -> Result<Option<Target>, BundleError> {
        let bundle = attempt.bundle;
        if !attempt.adopted.contains(key) {
            attempt.notices.push(format!(
                "The service {} was there already, made by an earlier attempt of this bundle. It was taken over.",
                service.name
            ));
        }
        self.retag(bundle, service).await?;
        attempt.tagged.insert(key.to_owned());
        // Where others deploy, their deployments are none of ours.
        let ours = !spec.keeps_image || !attempt.adopted.contains(key) || is_ours(bundle, service);
        match step(bundle, spec, service, wanted) {
            Step::Await if !ours => Ok(None),
            Step::Nothing => Ok(None),
            Step::Await => {
                // It was going on before this look, so what has ended is not it.
                let ended = self
                    .listed(&bundle.cluster, &service.name, ListedDeployment::has_ended)
                    .await;
                Ok(Some(Target::of(&bundle.cluster, service, None, ended)))
            }
            Step::Update(request) => self.update(attempt, key, service, *request).await,
        }
    }

    async fn update(
        &self,
        attempt: &mut Attempt<'_>,
        key: &str,
        service: &Service,
        request: UpdateService,
    ) -> Result<Option<Target>, BundleError> {
        let expected = request.starts_deployment();
        if expected && is_rolling(service) {
            attempt.notices.push(format!(
                "A deployment of {} was going on; this one took its place.",
                service.name
            ));
        }
        if expected {
            attempt.started.insert(key.to_owned());
        }
        // What is listed before the call cannot be the deployment that the call starts.
        let expected = expected && attempt.bundle.wait;
        let known = match expected {
            true => self.listed(&request.cluster, &service.name, |_| true).await,
            false => None,
        };
        let updated = self.api.update_service(&request).await;
        let updated = updated.map_err(BundleError::aws(format!(
            "update the service {}",
            service.name
        )))?;
        let previous = Some(service.task_definition.clone());
        Ok(expected.then(|| Target::of(&request.cluster, &updated, previous, known)))
    }

    /// ARNs of the service deployments that fit; `None` if they cannot be listed.
    async fn listed(
        &self,
        cluster: &str,
        service: &str,
        fits: fn(&ListedDeployment) -> bool,
    ) -> Option<BTreeSet<String>> {
        let all = self.api.service_deployments(cluster, service).await.ok()?;
        Some(
            all.into_iter()
                .filter(fits)
                .map(|listed| listed.arn)
                .collect(),
        )
    }

    async fn retag(&self, bundle: &Bundle, service: &Service) -> Result<(), BundleError> {
        let wanted = bundle.service_tags();
        let set: Tags = wanted
            .iter()
            .filter(|(key, value)| service.tags.get(*key) != Some(*value))
            .map(owned)
            .collect();
        let remove: Vec<String> = service
            .tags
            .keys()
            .filter(|key| bundle.dropped_tags.contains(*key))
            .cloned()
            .collect();
        if set.is_empty() && remove.is_empty() {
            return Ok(());
        }
        let retagged = self.api.retag(&service.arn, &set, &remove).await;
        retagged.map_err(BundleError::aws(format!(
            "tag the service {}",
            service.name
        )))
    }

    /// Those of these keys whose services are not gone; all if that cannot be found out.
    async fn still_there(&self, bundle: &Bundle, keys: BTreeSet<String>) -> BTreeSet<String> {
        let names: Vec<String> = keys.iter().map(|key| bundle.service_name(key)).collect();
        if names.is_empty() {
            return keys;
        }
        let Ok(services) = self.api.services(&bundle.cluster, &names).await else {
            return keys;
        };
        let there = services
            .into_iter()
            .filter(|service| service.status != ServiceStatus::Inactive);
        let there: BTreeSet<String> = there.map(|service| service.name).collect();
        let remain = |key: &String| there.contains(&bundle.service_name(key));
        keys.into_iter().filter(remain).collect()
    }

    /// What is there after an attempt, good or bad. It must not fail: what cannot be described is as it was.
    async fn inventory(
        &self,
        attempt: &Attempt<'_>,
        result: &Result<(), BundleError>,
    ) -> BTreeMap<String, Deployed> {
        let bundle = attempt.bundle;
        let read = self.read(bundle).await;
        let mut services = read.unwrap_or_else(|_| {
            let known = attempt
                .present
                .iter()
                .map(|(key, service)| (key.clone(), Deployed::unread(service)));
            known.collect()
        });
        for (key, deployed) in &mut services {
            // Somebody else's would pass for ours in the next attempt, which would take its place.
            let ours = |arn: &String| {
                attempt.started.contains(key) || bundle.own_deployments.contains(arn)
            };
            deployed.service_deployment_arn = deployed.service_deployment_arn.take().filter(ours);
            if let Some(rolled) = attempt.rolled.get(key) {
                deployed.settle("SUCCESSFUL", rolled.reason.clone());
                deployed.service_deployment_arn = rolled.service_deployment_arn.clone();
            }
            if let Err(BundleError::Rollout(failure)) = result
                && failure.service == bundle.service_name(key)
            {
                deployed.settle(&failure.status, failure.reason.clone());
                deployed.drift.push("the last deployment failed".to_owned());
            }
        }
        services
    }
}

fn owned((key, value): (&String, &String)) -> (String, String) {
    (key.clone(), value.clone())
}

fn check_ownership(
    bundle: &Bundle,
    key: &str,
    service: &Service,
    adopted: &BTreeSet<String>,
) -> Result<(), BundleError> {
    if adopted.contains(key)
        || owns(&bundle.name, service)
        || service.status == ServiceStatus::Draining
    {
        return Ok(());
    }
    Err(BundleError::Exists {
        key: key.to_owned(),
        service: service.name.clone(),
        import_id: bundle.import_id(),
    })
}

/// Whether a change starts a deployment, once a revision is found or registered.
fn will_deploy(
    bundle: &Bundle,
    spec: &ServiceSpec,
    service: &Service,
    usable: Option<&str>,
) -> bool {
    // What goes on already is not to be started.
    let other = usable != Some(service.task_definition.as_str());
    let changes = spec.settings.changes_from(&service.settings);
    other || bundle.force || changes.deploys() || changes.restart
}

/// What must be done so that the service runs what is wanted.
fn step(bundle: &Bundle, spec: &ServiceSpec, service: &Service, wanted: &str) -> Step {
    let changes = spec.settings.changes_from(&service.settings);
    let new_revision = service.task_definition != wanted;
    let failed = service
        .primary()
        .is_some_and(|primary| primary.rollout == Some(Rollout::Failed));
    if !new_revision && changes.is_empty() && !failed && !bundle.force {
        return if is_rolling(service) {
            Step::Await
        } else {
            Step::Nothing
        };
    }
    let settings = &spec.settings;
    let deploys = new_revision || failed || bundle.force || changes.deploys() || changes.restart;
    // A version that was asked for is said with every deployment, so that it is not only met by chance.
    let platform = settings.platform.as_ref().filter(|_| deploys);
    // The same thing again, because the last attempt at it failed and stayed, or nothing runs that could tell.
    let repeat = failed || changes.restart;
    Step::Update(Box::new(UpdateService {
        cluster: bundle.cluster.clone(),
        name: service.name.clone(),
        task_definition: new_revision.then(|| wanted.to_owned()),
        network: changes.network.then(|| settings.network.clone()),
        load_balancers: changes
            .load_balancers
            .then(|| settings.load_balancers.clone()),
        capacity: settings.capacity.clone().filter(|_| changes.capacity),
        platform_version: platform.map(|platform| platform.asked.clone()),
        service_connect: changes
            .service_connect
            .then(|| settings.service_connect.clone()),
        settings: (!changes.is_empty()).then(|| settings.clone()),
        desired_count: settings
            .desired_count
            .or_else(|| changes.restart.then_some(FIRST_COUNT)),
        force_new_deployment: bundle.force || changes.capacity || (repeat && !new_revision),
    }))
}
