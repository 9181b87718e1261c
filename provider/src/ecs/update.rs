//! Bringing one service to what is wanted: the revision it shall run, its creation or its update, and the wait for its
//! rollout.

use std::collections::BTreeSet;

use super::api::{
    CreateService, EcsApi, ListedDeployment, Rollout, Service, ServiceStatus, Tags, UpdateService,
};
use super::apply::Attempt;
use super::bundle::{Bundle, ServiceSpec, UNFINISHED_TAG};
use super::clock::Clock;
use super::concurrent::{is_ours, is_rolling};
use super::error::BundleError;
use super::revisions::Running;
use super::rollout::{Deployer, Target};
use super::service::FIRST_COUNT;

/// What a service needs.
enum Step {
    Nothing,
    /// A deployment of what is wanted is going on already.
    Await,
    Update(Box<UpdateService>),
}

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Finds or registers the revision that a service shall run, after somebody else's deployment of it has ended.
    pub(super) async fn prepare(
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
                in_state: attempt.is_in_state(key),
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

    /// Creates or changes one service and waits for its rollout.
    pub(super) async fn bring_up(
        &self,
        attempt: &mut Attempt<'_>,
        key: &str,
        spec: &ServiceSpec,
    ) -> Result<(), BundleError> {
        let wanted = attempt.revisions[key].clone();
        let target = loop {
            match attempt.present.get(key).cloned() {
                Some(service) if service.status == ServiceStatus::Active => {
                    break self.change(attempt, key, spec, &service, &wanted).await?;
                }
                Some(draining) => {
                    self.await_gone(&attempt.bundle.cluster, &[draining.name])
                        .await?;
                }
                None => {}
            }
            if let Some(target) = self.create(attempt, key, spec, &wanted).await? {
                break Some(target);
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

    /// Creates a service. Answers nothing if another attempt has created it meanwhile; then it is among those that are
    /// present, claimed if it is active.
    async fn create(
        &self,
        attempt: &mut Attempt<'_>,
        key: &str,
        spec: &ServiceSpec,
        wanted: &str,
    ) -> Result<Option<Target>, BundleError> {
        let bundle = attempt.bundle;
        let mut tags = bundle.service_tags();
        let mark = attempt.ownership.mark().to_owned();
        tags.insert(UNFINISHED_TAG.to_owned(), mark);
        let request = CreateService {
            cluster: bundle.cluster.clone(),
            name: bundle.service_name(key),
            task_definition: wanted.to_owned(),
            settings: spec.settings.clone(),
            client_token: self.api.client_token().map_err(BundleError::aws(format!(
                "create the service {}",
                bundle.service_name(key)
            )))?,
            tags,
        };
        attempt.started.insert(key.to_owned());
        if let Some(service) = self.create_patiently(&request).await?
            && self.has_created(attempt, key, &service).await?
        {
            attempt.ownership.note(&request.name);
            attempt.made.services.push(request.name);
            attempt.tagged.insert(key.to_owned());
            let known = Some(BTreeSet::new());
            return Ok(Some(Target::of(&bundle.cluster, &service, None, known)));
        }
        let service = self.present(bundle).await?.remove(key);
        let service = service.ok_or(BundleError::Vanished {
            service: request.name,
        })?;
        attempt.present.insert(key.to_owned(), service);
        self.claim(attempt).await?;
        Ok(None)
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
        self.retag(bundle, service).await?;
        attempt.tagged.insert(key.to_owned());
        // Where others deploy, their deployments are none of ours.
        let ours = !spec.keeps_image || !attempt.is_in_state(key) || is_ours(bundle, service);
        match step(bundle, spec, service, wanted) {
            Step::Await if !ours => Ok(None),
            Step::Nothing => Ok(None),
            Step::Await => Ok(Some(self.going_on(bundle, service).await)),
            Step::Update(request) => {
                // New percentages may be what the deployment that goes on lacks.
                let goes_on = ours && is_rolling(service) && !request.starts_deployment();
                match self.update(attempt, key, service, *request).await? {
                    None if goes_on => Ok(Some(self.going_on(bundle, service).await)),
                    target => Ok(target),
                }
            }
        }
    }

    /// The rollout of a service that goes on already.
    async fn going_on(&self, bundle: &Bundle, service: &Service) -> Target {
        // It was going on before this look, so what has ended is not it.
        let ended = self
            .listed(&bundle.cluster, &service.name, ListedDeployment::has_ended)
            .await;
        Target::of(&bundle.cluster, service, None, ended)
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
}

fn owned((key, value): (&String, &String)) -> (String, String) {
    (key.clone(), value.clone())
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
