//! `skreg_ecs_service_bundle`: services on ECS that are rolled out together and tell the truth about it.
//!
//! This file maps the calls of the framework to the parts: [`checks`] refuses, [`desired`] says what should run,
//! [`crate::ecs`] makes it run. Rules that hold everywhere: no failure leaves a tainted resource; what was rolled back
//! has failed; the state says what runs, and what differs from it is planned again.

mod adopted;
mod checks;
mod container_checks;
mod containers;
mod deadline;
pub mod desired;
mod existing;
mod import_id;
pub mod model;
mod place;
mod planning;
mod promises;
mod settled;
mod tagged;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tfplugin::{
    Call, CancellationToken, Configured, Create, Delete, Diagnostic, Diagnostics, Failure, Import,
    Imported, Operation, Outcome, Plan, Planned, Read, Resource, Stored, Update, Validate,
};

use self::deadline::time_for;
use self::desired::Surroundings;
use self::import_id::ImportId;
use self::model::{KEEP, ServiceBundle, ServiceBundlePlan, ServicePlan, is_key};
use self::place::{
    refuse_distant_cluster, refuse_elsewhere, refuse_other_account, refuse_other_region,
};
use self::planning::{identity_of, refuse_protected};
use self::promises::{is_forced, keep_promises, known_deployment};
use self::settled::{
    after_keeping, after_undo, being_deleted, diagnostic, keep_verdicts, left_by_deletion, stored,
    unfinished,
};
use self::tagged::{drop_tags, found_tags, tagged};
use crate::aws::limits::{GRACE, during};
use crate::aws::tags::{PlannedTags, own_tags};
use crate::aws::{Connection, Identity};
use crate::ecs::api::EcsApi;
use crate::ecs::apply::Applied;
use crate::ecs::bundle::{Bundle, UNFINISHED_TAG, service_name};
use crate::ecs::clock::{Clock, Patience, Schedule, SystemClock};
use crate::ecs::delete::Deletion;
use crate::ecs::rollout::Deployer;
use crate::ecs::sdk::Aws;
use crate::resources::identities::Identities;

/// How long what a failed create has made may take to be deleted again.
const UNDO_TIME: Duration = Duration::from_secs(120);

/// Where the resource gets its way to ECS from, once the provider is configured.
pub trait EcsAccess: Send + Sync + 'static {
    /// The way.
    type Api: EcsApi;

    /// The way, connected, and what the provider's configuration says beside.
    ///
    /// # Errors
    /// The provider is not configured, or AWS cannot be reached.
    fn open(
        &self,
    ) -> impl Future<Output = Result<(Arc<Self::Api>, Surroundings), Diagnostics>> + Send;

    /// Tags of everything, as far as the provider's configuration is known; without a connection.
    fn planned_default_tags(&self) -> PlannedTags;

    /// Region and account of the connection.
    ///
    /// # Errors
    /// As [`Self::open`].
    fn identity(&self) -> impl Future<Output = Result<Arc<Identity>, Diagnostics>> + Send;
}

impl EcsAccess for Configured<Connection> {
    type Api = Aws;

    async fn open(&self) -> Result<(Arc<Aws>, Surroundings), Diagnostics> {
        let connection = self.get()?;
        let clients = connection.clients().await.map_err(Diagnostic::from)?;
        let surroundings = Surroundings {
            region: clients.region.clone(),
            default_tags: clients.default_tags.clone(),
        };
        Ok((Arc::new(Aws::new(&clients)), surroundings))
    }

    fn planned_default_tags(&self) -> PlannedTags {
        self.get()
            .map_or(Planned::Unknown, |connection| connection.default_tags())
    }

    async fn identity(&self) -> Result<Arc<Identity>, Diagnostics> {
        let clients = self.get()?.clients().await.map_err(Diagnostic::from)?;
        Ok(Arc::clone(&clients.identity))
    }
}

/// The resource type, over a way to ECS and a clock.
pub struct ServiceBundles<E, C = SystemClock> {
    access: E,
    clock: C,
    identities: Identities,
}

impl ServiceBundles<Configured<Connection>> {
    /// The resource type over the provider's connection and the identities that the process has seen.
    #[must_use]
    pub fn new(connection: Configured<Connection>, identities: Identities) -> Self {
        Self::over(connection, SystemClock, identities)
    }
}

impl<E: EcsAccess, C: Clock + 'static> ServiceBundles<E, C> {
    /// The resource type over any way to ECS and any clock.
    pub fn over(access: E, clock: C, identities: Identities) -> Self {
        Self {
            access,
            clock,
            identities,
        }
    }

    fn deployer<'a>(&'a self, api: &'a E::Api, call: &Call) -> Deployer<'a, E::Api, C> {
        let left = self.clock.left_until(call.deadline);
        self.patient(api, left, call.cancel.clone())
    }

    fn patient<'a>(
        &'a self,
        api: &'a E::Api,
        left: Duration,
        cancel: CancellationToken,
    ) -> Deployer<'a, E::Api, C> {
        let patience = Patience::lasting(&self.clock, left, cancel);
        Deployer {
            api,
            clock: &self.clock,
            patience,
            schedule: Schedule::ROLLOUT,
        }
    }

    async fn make(&self, plan: &ServiceBundlePlan, call: &Call) -> Outcome<ServiceBundle> {
        let model =
            ServiceBundle::of(plan).map_err(|error| Failure::nothing(Diagnostic::from(error)))?;
        let (api, surroundings) = self.access.open().await.map_err(Failure::nothing)?;
        let bundle = model.bundle(&surroundings).map_err(Failure::nothing)?;
        let identity = self.access.identity().await.map_err(Failure::nothing)?;
        let same_place = refuse_distant_cluster(&identity, &bundle.cluster).await;
        same_place.map_err(Failure::nothing)?;
        let applied = self
            .deployer(&api, call)
            .apply(&bundle, &BTreeSet::new())
            .await;
        let model = tagged(model, &bundle);
        let error = match &applied.result {
            Ok(()) => {
                let mut stored = stored(model, applied.services, applied.notices);
                keep_promises(&mut stored.state, plan);
                return Ok(stored);
            }
            Err(error) => error,
        };
        if error.is_cancelled() && !applied.services.is_empty() {
            // With an error the command line would taint what is only unfinished.
            let notice = format!(
                "{}\n\nWhat was made so far is in the state, and the next apply goes on from there.",
                error.detail()
            );
            let mut notices = vec![notice];
            notices.extend(
                self.leave_to_state(&api, &bundle, &applied, &BTreeSet::new())
                    .await,
            );
            let mut stored = stored(model, applied.services, notices);
            keep_promises(&mut stored.state, plan);
            return Ok(stored);
        }
        let mut diagnostic = diagnostic(error);
        if model.on_create_failure == KEEP {
            let kept = after_keeping(&bundle, &applied.made);
            diagnostic.detail.push_str(&kept);
            return Err(Failure::nothing(diagnostic));
        }
        let left = self
            .patient(&api, UNDO_TIME, CancellationToken::new())
            .undo(&bundle.cluster, &applied.made)
            .await;
        diagnostic
            .detail
            .push_str(&after_undo(&bundle, &applied.made, &left, error));
        Err(Failure::nothing(diagnostic))
    }

    /// Removes the marks from the services that are stored after an attempt that ended early: from those that the state
    /// held before, with any mark, and from those that the attempt created or claimed.
    async fn leave_to_state(
        &self,
        api: &E::Api,
        bundle: &Bundle,
        applied: &Applied,
        held: &BTreeSet<String>,
    ) -> Vec<String> {
        let made = &applied.made;
        let stored = bundle.service_names(applied.services.keys());
        let claimed = made.services.iter().chain(&made.taken_over);
        let claimed: BTreeSet<String> = claimed
            .filter(|name| stored.contains(*name))
            .cloned()
            .collect();
        let mut marked = bundle.service_names(
            applied
                .services
                .iter()
                .filter(|(_, deployed)| deployed.tags.contains_key(UNFINISHED_TAG))
                .map(|(key, _)| key),
        );
        marked.retain(|name| held.contains(name));
        if claimed.is_empty() && marked.is_empty() {
            return Vec::new();
        }
        self.patient(api, UNDO_TIME, CancellationToken::new())
            .leave_to_state(&bundle.cluster, &made.mark, &claimed, &marked)
            .await
    }

    async fn change(
        &self,
        prior: &ServiceBundlePlan,
        plan: &ServiceBundlePlan,
        call: &Call,
    ) -> Outcome<ServiceBundle> {
        let model =
            ServiceBundle::of(plan).map_err(|error| Failure::unchanged(Diagnostic::from(error)))?;
        let (api, surroundings) = self.access.open().await.map_err(Failure::unchanged)?;
        let mut bundle = model.bundle(&surroundings).map_err(Failure::unchanged)?;
        let identity = self.access.identity().await.map_err(Failure::unchanged)?;
        let same_place = refuse_elsewhere(&identity, prior).await;
        same_place.map_err(Failure::unchanged)?;
        drop_tags(&mut bundle, prior);
        bundle.names = names_of(prior).into_iter().chain(bundle.names).collect();
        bundle.own_deployments = deployments_of(prior);
        bundle.force = is_forced(prior, plan);
        let in_state = held_names(prior);
        let applied = self.deployer(&api, call).apply(&bundle, &in_state).await;
        let model = tagged(model, &bundle);
        match &applied.result {
            Ok(()) => {
                let mut stored = stored(model, applied.services, applied.notices);
                keep_promises(&mut stored.state, plan);
                Ok(stored)
            }
            // What is configured now is not what is there, and nothing would tell the next plan.
            Err(error) if applied.untouched => Err(Failure::unchanged(diagnostic(error))),
            Err(error) => {
                let mut diagnostic = diagnostic(error);
                for notice in self
                    .leave_to_state(&api, &bundle, &applied, &in_state)
                    .await
                {
                    diagnostic.detail.push_str("\n\n");
                    diagnostic.detail.push_str(&notice);
                }
                let services = applied.services.clone();
                let state = unfinished(model.with(services).into(), prior, &applied);
                Err(Failure::partial(state, diagnostic))
            }
        }
    }

    async fn refresh(
        &self,
        prior: ServiceBundlePlan,
        call: &Call,
    ) -> Result<Option<ServiceBundle>, Diagnostics> {
        let (api, surroundings) = self.access.open().await?;
        let identity = self.access.identity().await?;
        refuse_other_region(&identity, &prior)?;
        let deployer = self.deployer(&api, call);
        if prior.execution_role_arn.is_null() {
            return imported(&deployer, &prior, &surroundings).await.map(Some);
        }
        let mut model = ServiceBundle::of(&prior).map_err(Diagnostic::from)?;
        // It may be what a configuration asks for or what ECS made of nothing; the plan tells them apart.
        let said = model.platform_version.take();
        let mut bundle = model.bundle(&surroundings)?;
        model.platform_version = said;
        let held = held_names(&prior);
        let names = bundle.names.clone();
        bundle
            .services
            .retain(|key, _| names.get(key).is_some_and(|name| held.contains(name)));
        let found = deployer
            .read(&bundle)
            .await
            .map_err(|error| diagnostic(&error))?;
        let there = found.services;
        refuse_other_account(&identity, &prior, &there).await?;
        call.warnings
            .extend(found.draining.iter().map(being_deleted));
        if there.is_empty() {
            return Ok(None);
        }
        model.tags_all = found_tags(&there, &bundle.tags);
        let (found, default) = (model.tags_all.clone(), &surroundings.default_tags);
        model.tags = own_tags(&prior.tags, &prior.tags_all, found, default);
        let mut state = model.with(there);
        keep_verdicts(&mut state.deployments, &prior);
        Ok(Some(state))
    }

    async fn remove(&self, prior: &ServiceBundlePlan, call: &Call) -> Result<(), Diagnostics> {
        refuse_protected(prior)?;
        let (api, _) = self.access.open().await?;
        let identity = self.access.identity().await?;
        refuse_elsewhere(&identity, prior).await?;
        let (name, cluster) = (prior.name.known(), prior.cluster.known());
        let (Some(name), Some(cluster)) = (name, cluster) else {
            return Ok(());
        };
        let deletion = Deletion {
            cluster,
            bundle: name,
            names: held_names(prior),
            staying: BTreeSet::new(),
            keep_revisions: prior.keep_revisions.known().copied().unwrap_or_default(),
        };
        let deleted = self.deployer(&api, call).delete(&deletion).await;
        let notices = deleted.map_err(|error| diagnostic(&error))?;
        call.warnings
            .extend(notices.into_iter().map(left_by_deletion));
        if let Some(identity) = identity_of(prior) {
            self.identities.forget(&identity);
        }
        Ok(())
    }
}

impl<E: EcsAccess, C: Clock + 'static> Resource for ServiceBundles<E, C> {
    type Model = ServiceBundle;

    async fn create(&self, request: Create<ServiceBundle>) -> Outcome<ServiceBundle> {
        let work = self.make(&request.plan, &request.call);
        during(&request.call, GRACE, work).await
    }

    async fn read(
        &self,
        request: Read<ServiceBundle>,
    ) -> Result<Option<Stored<ServiceBundle>>, Diagnostics> {
        let identity = identity_of(&request.prior);
        let work = self.refresh(request.prior, &request.call);
        let state = during(&request.call, GRACE, work).await?;
        match (identity, &state) {
            (Some(identity), Some(_)) => self.identities.remember(identity),
            (Some(identity), None) => self.identities.forget(&identity),
            (None, _) => {}
        }
        Ok(state.map(Stored::new))
    }

    async fn update(&self, request: Update<ServiceBundle>) -> Outcome<ServiceBundle> {
        let work = self.change(&request.prior, &request.plan, &request.call);
        during(&request.call, GRACE, work).await
    }

    async fn delete(&self, request: Delete<ServiceBundle>) -> Result<(), Failure<ServiceBundle>> {
        let work = self.remove(&request.prior, &request.call);
        let removed = during(&request.call, GRACE, work).await;
        removed.map_err(Failure::unchanged)
    }

    fn default_timeout(
        &self,
        operation: Operation,
        object: &ServiceBundlePlan,
    ) -> Option<Duration> {
        time_for(operation, names_of(object).len())
    }

    fn validate(&self, request: Validate<ServiceBundle>) -> Diagnostics {
        checks::illegal_configuration(&request.config)
    }

    async fn plan(&self, request: &mut Plan<ServiceBundle>) -> Result<(), Diagnostics> {
        self.review(request).await
    }

    async fn import(&self, request: Import) -> Result<Imported<ServiceBundle>, Diagnostics> {
        let ImportId {
            cluster,
            bundle,
            services,
        } = ImportId::parse(&request.id)?;
        let named = services.into_iter().map(|(key, name)| {
            let service = ServicePlan {
                service_name: Planned::Known(name),
                ..ServicePlan::default()
            };
            (key, Planned::Known(service))
        });
        let named: BTreeMap<_, _> = named.collect();
        Ok(Imported::new(ServiceBundlePlan {
            name: Planned::Known(bundle),
            cluster: Planned::Known(cluster),
            services: match named.is_empty() {
                true => Planned::Null,
                false => Planned::Known(named),
            },
            ..ServiceBundlePlan::default()
        }))
    }
}

async fn imported<A: EcsApi, C: Clock>(
    deployer: &Deployer<'_, A, C>,
    prior: &ServiceBundlePlan,
    surroundings: &Surroundings,
) -> Result<ServiceBundle, Diagnostics> {
    let name = prior.name.known().cloned().unwrap_or_default();
    let cluster = prior.cluster.known().cloned().unwrap_or_default();
    let names = match prior.services.is_null() {
        false => names_of(prior),
        true => {
            let keys = deployer
                .discover(&cluster, &name)
                .await
                .map_err(|error| diagnostic(&error))?;
            let keys = keys.into_iter().filter(|key| is_key(key));
            keys.map(|key| (key.clone(), service_name(&name, &key)))
                .collect()
        }
    };
    let by_name = names.into_iter().map(|(key, name)| (name, key)).collect();
    let found = deployer
        .find(&cluster, &by_name)
        .await
        .map_err(|error| diagnostic(&error))?;
    if let Some((service, key)) = by_name.iter().find(|(_, key)| !found.contains_key(*key)) {
        let detail = format!(
            "The cluster {cluster} has no active service {service}, which the id names for the key {key}. Check the id."
        );
        return Err(Diagnostic::error("Nothing to import", detail).into());
    }
    let model = adopted::model_of(&name, &cluster, &found, surroundings).ok_or_else(|| {
        let detail = format!(
            "The cluster {cluster} has no active service with the tag skreg:bundle = {name}, and none that is named \
             {name}-<key>. Check the id: it is the cluster, a slash and the name of the bundle. Services of other names \
             follow it, such as '{cluster}/{name}?api=web,worker=jobs'."
        );
        Diagnostic::error("Nothing to import", detail)
    })?;
    let bundle: Bundle = model.bundle(surroundings)?;
    let read = deployer.read(&bundle).await;
    let mut there = read.map_err(|error| diagnostic(&error))?.services;
    for deployed in there.values_mut() {
        // A deployment that is in progress there was started by another process.
        deployed.service_deployment_arn = None;
    }
    let tags_all = found_tags(&there, &bundle.tags);
    Ok(ServiceBundle {
        tags_all,
        ..model.with(there)
    })
}

/// Keys of all services that the state may know.
fn keys_of(state: &ServiceBundlePlan) -> BTreeSet<String> {
    let services = state.services.known().into_iter().flat_map(BTreeMap::keys);
    let deployments = state
        .deployments
        .known()
        .into_iter()
        .flat_map(BTreeMap::keys);
    services.chain(deployments).cloned().collect()
}

/// Names of all services that the state may know, by key.
fn names_of(state: &ServiceBundlePlan) -> BTreeMap<String, String> {
    let bundle = state.name.known().cloned().unwrap_or_default();
    let name = |key: String| {
        let services = state.services.known();
        let service = services.and_then(|services| services.get(&key)?.known());
        let stored = service.and_then(|service| service.service_name.known());
        let name = stored
            .filter(|name| !name.is_empty())
            .cloned()
            .unwrap_or_else(|| service_name(&bundle, &key));
        (key, name)
    };
    keys_of(state).into_iter().map(name).collect()
}

/// Names of the services that the state holds: those whose ARN it knows. The attributes of an interrupted create name
/// services that were not created, and a service of such a name may be created from another state since.
fn held_names(state: &ServiceBundlePlan) -> BTreeSet<String> {
    let mut names = names_of(state);
    if state.deployments.known().is_some() {
        names.retain(|key, _| {
            known_deployment(state, key).is_some_and(|deployment| {
                let arn = deployment.service_arn;
                !arn.is_empty()
            })
        });
    }
    names.into_values().collect()
}

/// ARNs of the service deployments that the state knows.
fn deployments_of(state: &ServiceBundlePlan) -> BTreeSet<String> {
    let deployments = state.deployments.known().into_iter().flatten();
    let arns = deployments
        .filter_map(|(_, deployment)| deployment.known()?.service_deployment_arn.known().cloned());
    arns.collect()
}
