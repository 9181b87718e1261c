//! Creates or updates one service: determines its revision, sends the request, and waits for its rollout.

use std::collections::BTreeSet;

use super::api::{
    CreateService, EcsApi, ListedDeployment, Rollout, Service, ServiceStatus, Tags, UpdateService,
};
use super::attempt::{Attempt, Prepared};
use super::bundle::{Bundle, DELETING_TAG, REVISIONS_TAG, ServiceSpec, UNFINISHED_TAG};
use super::clock::Clock;
use super::concurrent::{is_ours, is_rolling};
use super::create::is_not_visible_yet;
use super::error::BundleError;
use super::notice::Notice;
use super::recorded::Recorded;
use super::repeat::{is_lost, is_passing};
use super::retire::is_active;
use super::revisions::Running;
use super::rollout::Deployer;
use super::service::FIRST_COUNT;
use super::target::Target;

/// Step that brings a service to its planned state.
enum Step {
    Nothing,
    /// A deployment of the planned revision is already in progress.
    Await,
    Update(Box<UpdateService>),
}

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Finds or registers the revision that a service must run, and returns it. If another process is deploying the
    /// service, first waits for that deployment to end.
    pub(super) async fn prepare(
        &self,
        attempt: &mut Attempt<'_>,
        key: &str,
        spec: &ServiceSpec,
    ) -> Result<Prepared, BundleError> {
        let bundle = attempt.bundle;
        // The revision of a service that is being deleted is irrelevant.
        let running = |attempt: &Attempt<'_>| {
            let present = attempt
                .present
                .get(key)
                .filter(|service| is_active(service))?;
            Some(Running {
                revision: present.task_definition.clone(),
                in_state: attempt.is_in_state(key),
            })
        };
        let mut choice = self.choose(bundle, key, spec, running(attempt)).await?;
        let usable = choice.usable.as_ref().map(|usable| usable.arn.as_str());
        if let Some(service) = attempt
            .present
            .get(key)
            .filter(|service| is_active(service))
            && will_deploy(bundle, spec, service, usable)
            && let Some(after) = self.resolve_concurrent(bundle, key, service).await?
        {
            attempt.present.insert(key.to_owned(), after);
            // The deployment may have changed the image.
            choice = self.choose(bundle, key, spec, running(attempt)).await?;
        }
        let registered = attempt.progress.get(key);
        let registered = registered.and_then(|progress| progress.prepared.as_ref());
        // ECS might not describe a recently registered revision as the newest revision yet.
        let same = registered.filter(|prepared| prepared.definition == choice.definition);
        let (arn, ours) = match (choice.usable, same) {
            (Some(usable), _) => (usable.arn, usable.ours),
            (None, Some(prepared)) => (prepared.arn.clone(), prepared.ours),
            (None, None) => {
                let arn = self.register(bundle, &choice.definition).await?;
                attempt.made.revisions.push(arn.clone());
                (arn, true)
            }
        };
        let definition = choice.definition;
        let prepared = Prepared {
            definition,
            arn,
            ours,
        };
        attempt.note(key).prepared = Some(prepared.clone());
        Ok(prepared)
    }

    /// Describes a service again immediately before it is changed, because another process may have changed it during
    /// the rollout of other services.
    async fn refresh(&self, attempt: &mut Attempt<'_>, key: &str) -> Result<(), BundleError> {
        let bundle = attempt.bundle;
        let name = bundle.service_name(key);
        let described = self.services_of(&bundle.cluster, &[name]).await?;
        let there = |service: &Service| service.status != ServiceStatus::Inactive;
        match described.into_iter().find(there) {
            Some(service) => attempt.present.insert(key.to_owned(), service),
            None => attempt.present.remove(key),
        };
        // Another state may have created the service in the meantime.
        self.claim(attempt).await
    }

    /// Creates or changes one service and waits for its rollout.
    pub(super) async fn deploy_service(
        &self,
        attempt: &mut Attempt<'_>,
        key: &str,
        spec: &ServiceSpec,
    ) -> Result<(), BundleError> {
        let target = loop {
            self.refresh(attempt, key).await?;
            let wanted = self.prepare(attempt, key, spec).await?;
            match attempt.present.get(key).cloned() {
                Some(service) if service.status == ServiceStatus::Active => {
                    break self.change(attempt, key, spec, &service, &wanted).await?;
                }
                Some(draining) => {
                    self.await_deletion(&attempt.bundle.cluster, &[draining.name])
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
            attempt.note(key).rolled = Some(rolled);
        }
        // A service that was rolled back does not count as deployed.
        attempt.note(key).deployed = true;
        Ok(())
    }

    /// Creates a service. Returns `None` if another attempt has created the service in the meantime. In that case, the
    /// service is added to the present services, and is claimed if it is active.
    async fn create(
        &self,
        attempt: &mut Attempt<'_>,
        key: &str,
        spec: &ServiceSpec,
        wanted: &Prepared,
    ) -> Result<Option<Target>, BundleError> {
        let bundle = attempt.bundle;
        let mut tags = recorded_with(bundle.service_tags(), Recorded::default(), wanted);
        let mark = attempt.ownership.mark().to_owned();
        tags.insert(UNFINISHED_TAG.to_owned(), mark);
        let request = CreateService {
            cluster: bundle.cluster.clone(),
            name: bundle.service_name(key),
            task_definition: wanted.arn.clone(),
            settings: spec.settings.clone(),
            client_token: self.api.client_token().map_err(BundleError::aws(format!(
                "create the service {}",
                bundle.service_name(key)
            )))?,
            tags,
        };
        attempt.note(key).started = true;
        if let Some(service) = self.create_with_retries(&request).await?
            && self.has_created(attempt, key, &service).await?
        {
            attempt.ownership.note(&request.name);
            attempt.made.services.push(request.name);
            attempt.note(key).tagged = true;
            let known = Some(BTreeSet::new());
            return Ok(Some(Target::of(&bundle.cluster, &service, known)));
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
        wanted: &Prepared,
    ) -> Result<Option<Target>, BundleError> {
        let bundle = attempt.bundle;
        self.retag(bundle, service, wanted).await?;
        attempt.note(key).tagged = true;
        // If the image is managed outside of this provider, deployments by other processes are not awaited.
        let ours = !spec.keeps_image || !attempt.is_in_state(key) || is_ours(bundle, service);
        match step(bundle, spec, service, &wanted.arn) {
            Step::Await if !ours => Ok(None),
            Step::Nothing => Ok(None),
            Step::Await => Ok(Some(self.rollout_in_progress(bundle, service).await)),
            Step::Update(request) => {
                // The deployment in progress may depend on the new percentages.
                let in_progress = ours && is_rolling(service) && !request.starts_deployment();
                match self.update(attempt, key, service, *request).await? {
                    None if in_progress => {
                        Ok(Some(self.rollout_in_progress(bundle, service).await))
                    }
                    target => Ok(target),
                }
            }
        }
    }

    /// Returns the target for a rollout that is already in progress.
    async fn rollout_in_progress(&self, bundle: &Bundle, service: &Service) -> Target {
        // The rollout was in progress before this call, so deployments that have ended do not belong to it.
        let ended = self
            .listed(&bundle.cluster, &service.name, ListedDeployment::has_ended)
            .await;
        Target::of(&bundle.cluster, service, ended)
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
            attempt.notices.push(Notice::Replaced {
                service: service.name.clone(),
            });
        }
        if expected {
            attempt.note(key).started = true;
        }
        // The call cannot have started a deployment that is listed before the call.
        let expected = expected && attempt.bundle.wait;
        let known = match expected {
            true => self.listed(&request.cluster, &service.name, |_| true).await,
            false => None,
        };
        let updated = self.update_with_retries(&request, service).await?;
        if is_marked(service) {
            let mark = [DELETING_TAG.to_owned()];
            self.write_tags(service, &Tags::new(), &mark).await?;
        }
        Ok(expected.then(|| Target::of(&request.cluster, &updated, known)))
    }

    /// Updates a service and retries after transient errors. If the response to a call was lost, its deployment is
    /// looked up before a retry to prevent a second deployment.
    async fn update_with_retries(
        &self,
        request: &UpdateService,
        before: &Service,
    ) -> Result<Service, BundleError> {
        let doing = format!("update the service {}", request.name);
        let began = self.clock.now();
        let mut pauses = self.schedule.pauses();
        loop {
            let error = match self.api.update_service(request).await {
                Ok(updated) => return Ok(updated),
                Err(error) => error,
            };
            let age = self.clock.now().duration_since(began);
            if !is_passing(&error, age) && !is_not_visible_yet(&error, age) {
                return Err(BundleError::aws(doing)(error));
            }
            let lost = is_lost(&error) && request.starts_deployment();
            self.pause_before_retry(&doing, pauses.take(), error)
                .await?;
            if lost && let Some(updated) = self.updated_before(request, before).await? {
                return Ok(updated);
            }
        }
    }

    /// Returns the service if a deployment of the requested revision has started since the service was last described.
    async fn updated_before(
        &self,
        request: &UpdateService,
        before: &Service,
    ) -> Result<Option<Service>, BundleError> {
        let names = [request.name.clone()];
        let present = self.services_of(&request.cluster, &names).await?;
        let primary = |service: &Service| service.primary().map(|primary| primary.id.clone());
        let asked = request.task_definition.as_ref();
        let asked = asked.unwrap_or(&before.task_definition);
        let updated = present.into_iter().find(|service| {
            is_active(service)
                && primary(service) != primary(before)
                && service.task_definition == *asked
        });
        Ok(updated)
    }

    /// Returns the ARNs of the service deployments that satisfy `fits`, or `None` if the service deployments cannot be
    /// listed.
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

    async fn retag(
        &self,
        bundle: &Bundle,
        service: &Service,
        revision: &Prepared,
    ) -> Result<(), BundleError> {
        let recorded = Recorded::of(&service.tags);
        let wanted = recorded_with(bundle.service_tags(), recorded, revision);
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
        self.write_tags(service, &set, &remove).await
    }
}

fn owned((key, value): (&String, &String)) -> (String, String) {
    (key.clone(), value.clone())
}

/// Returns whether a change to a service starts a deployment. `usable` is the matching revision, if one was found.
fn will_deploy(
    bundle: &Bundle,
    spec: &ServiceSpec,
    service: &Service,
    usable: Option<&str>,
) -> bool {
    // If a deployment of the planned revision is in progress, no new deployment is required.
    let other = usable != Some(service.task_definition.as_str());
    let changes = spec.settings.changes_from(&service.settings);
    other || bundle.force || changes.deploys() || is_marked(service)
}

/// Returns the change that the service requires to run the planned revision.
fn step(bundle: &Bundle, spec: &ServiceSpec, service: &Service, wanted: &str) -> Step {
    let changes = spec.settings.changes_from(&service.settings);
    let new_revision = service.task_definition != wanted;
    let failed = has_failed(service);
    let restart = is_marked(service);
    if !new_revision && changes.is_empty() && !failed && !restart && !bundle.force {
        return if is_rolling(service) {
            Step::Await
        } else {
            Step::Nothing
        };
    }
    let settings = &spec.settings;
    let deploys = new_revision || failed || bundle.force || changes.deploys() || restart;
    // The requested platform version is sent with every deployment. Otherwise, the deployment would depend on the
    // default.
    let platform = settings.platform.as_ref().filter(|_| deploys);
    // The same revision is deployed again if the last deployment failed or an interrupted deletion stopped the tasks.
    let repeat = failed || restart;
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
        deployment: (!changes.is_empty()).then(|| settings.deployment.clone()),
        options: (!changes.is_empty()).then(|| settings.options.clone()),
        desired_count: settings.desired_count.or_else(|| count_before(service)),
        explicit_circuit_breaker: settings
            .deployment
            .returns_to_default(&service.settings.deployment),
        force_new_deployment: bundle.force || changes.capacity || (repeat && !new_revision),
    }))
}

/// Returns the tags. If this bundle registered the revision, the tags include a record that lists it.
fn recorded_with(mut tags: Tags, mut recorded: Recorded, revision: &Prepared) -> Tags {
    if revision.ours {
        recorded.insert(&revision.arn);
        tags.insert(REVISIONS_TAG.to_owned(), recorded.value());
    }
    tags
}

/// Returns whether a deletion of the service was started but not completed.
fn is_marked(service: &Service) -> bool {
    service.tags.contains_key(DELETING_TAG)
}

/// Returns the desired count before an interrupted deletion, if the deletion scaled the service to zero.
fn count_before(service: &Service) -> Option<u32> {
    let mark = service.tags.get(DELETING_TAG)?;
    let scaled = service.settings.desired_count == Some(0);
    scaled.then(|| mark.parse().unwrap_or(FIRST_COUNT))
}

fn has_failed(service: &Service) -> bool {
    let primary = service.primary();
    primary.is_some_and(|primary| primary.rollout == Some(Rollout::Failed))
}
