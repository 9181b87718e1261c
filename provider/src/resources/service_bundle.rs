//! `skreg_ecs_service_bundle`: services on ECS that are rolled out together and tell the truth about it.
//!
//! This file maps the calls of the framework to the parts: [`checks`] refuses, [`desired`] says what should run,
//! [`crate::ecs`] makes it run. Rules that hold everywhere: no failure leaves a tainted resource; what was rolled back
//! has failed; the state says what runs, and what differs from it is planned again.

mod adopted;
mod checks;
pub mod desired;
pub mod model;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tfplugin::{
    Call, CancellationToken, Configured, Create, Delete, Diagnostic, Diagnostics, Failure, Import,
    Imported, Outcome, Plan, Planned, Read, Resource, Stored, Update, Validate,
};

use self::desired::Surroundings;
use self::model::{DeploymentState, ServiceBundle, ServiceBundlePlan, is_key};
use crate::aws::Connection;
use crate::ecs::api::EcsApi;
use crate::ecs::apply::Made;
use crate::ecs::bundle::{Bundle, short};
use crate::ecs::clock::{Clock, Patience, Schedule, SystemClock};
use crate::ecs::error::BundleError;
use crate::ecs::rollout::Deployer;
use crate::ecs::sdk::Aws;

/// How long what a failed create has made may take to be deleted again.
const UNDO_TIME: Duration = Duration::from_secs(120);

/// Where the resource gets its way to ECS from, once the provider is configured.
pub trait EcsAccess: Send + Sync + 'static {
    /// The way.
    type Api: EcsApi;

    /// The way, connected, and what the provider's configuration says beside.
    ///
    /// # Errors
    /// The provider is not configured, or there is no way to AWS.
    fn open(
        &self,
    ) -> impl Future<Output = Result<(Arc<Self::Api>, Surroundings), Diagnostics>> + Send;
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
}

/// The resource type, over a way to ECS and a clock.
pub struct ServiceBundles<E, C = SystemClock> {
    access: E,
    clock: C,
}

impl ServiceBundles<Configured<Connection>> {
    /// The resource type over the provider's connection.
    #[must_use]
    pub fn new(connection: Configured<Connection>) -> Self {
        Self::over(connection, SystemClock)
    }
}

impl<E: EcsAccess, C: Clock + 'static> ServiceBundles<E, C> {
    /// The resource type over any way to ECS and any clock.
    pub fn over(access: E, clock: C) -> Self {
        Self { access, clock }
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
        let applied = self
            .deployer(&api, call)
            .apply(&bundle, &BTreeSet::new())
            .await;
        let error = match applied.result {
            Ok(()) => return Ok(stored(model, applied.services, applied.notices)),
            Err(error) => error,
        };
        if error.is_cancelled() && !applied.services.is_empty() {
            // With an error the command line would taint what is only unfinished.
            let notice = format!(
                "{}\n\nWhat was made so far is in the state, and the next apply goes on from there.",
                error.detail()
            );
            return Ok(stored(model, applied.services, vec![notice]));
        }
        let mut diagnostic = diagnostic(&error);
        let left = self
            .patient(&api, UNDO_TIME, CancellationToken::new())
            .undo(&bundle.cluster, &applied.made)
            .await;
        diagnostic
            .detail
            .push_str(&after_undo(&bundle, &applied.made, &left));
        Err(Failure::nothing(diagnostic))
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
        let before = prior.tags.known().into_iter().flat_map(BTreeMap::keys);
        bundle.dropped_tags = before
            .filter(|key| !bundle.tags.contains_key(*key))
            .cloned()
            .collect();
        let applied = self
            .deployer(&api, call)
            .apply(&bundle, &keys_of(prior))
            .await;
        match applied.result {
            Ok(()) => {
                let mut stored = stored(model, applied.services, applied.notices);
                keep_promises(&mut stored.state, plan);
                Ok(stored)
            }
            Err(error) => {
                let state = model.with(applied.services).into();
                let state = unfinished(state, prior, &applied.not_removed, applied.tagged);
                Err(Failure::partial(state, diagnostic(&error)))
            }
        }
    }

    async fn refresh(
        &self,
        prior: ServiceBundlePlan,
        call: &Call,
    ) -> Result<Option<ServiceBundle>, Diagnostics> {
        let (api, surroundings) = self.access.open().await?;
        let deployer = self.deployer(&api, call);
        if prior.services.is_null() {
            return imported(&deployer, &prior, &surroundings).await.map(Some);
        }
        let model = ServiceBundle::of(&prior).map_err(Diagnostic::from)?;
        let bundle = model.bundle(&surroundings)?;
        let there = deployer
            .read(&bundle)
            .await
            .map_err(|error| diagnostic(&error))?;
        if there.is_empty() {
            return Ok(None);
        }
        let mut state = model.with(there);
        keep_verdicts(&mut state.deployments, &prior);
        Ok(Some(state))
    }

    async fn remove(&self, prior: &ServiceBundlePlan, call: &Call) -> Result<(), Diagnostics> {
        refuse_protected(prior)?;
        let (api, _) = self.access.open().await?;
        let (name, cluster) = (prior.name.known(), prior.cluster.known());
        let (Some(name), Some(cluster)) = (name, cluster) else {
            return Ok(());
        };
        let deleted = self
            .deployer(&api, call)
            .delete(cluster, name, &keys_of(prior))
            .await;
        deleted.map_err(|error| diagnostic(&error).into())
    }
}

impl<E: EcsAccess, C: Clock + 'static> Resource for ServiceBundles<E, C> {
    type Model = ServiceBundle;

    async fn create(&self, request: Create<ServiceBundle>) -> Outcome<ServiceBundle> {
        self.make(&request.plan, &request.call).await
    }

    async fn read(
        &self,
        request: Read<ServiceBundle>,
    ) -> Result<Option<Stored<ServiceBundle>>, Diagnostics> {
        let state = self.refresh(request.prior, &request.call).await?;
        Ok(state.map(Stored::new))
    }

    async fn update(&self, request: Update<ServiceBundle>) -> Outcome<ServiceBundle> {
        self.change(&request.prior, &request.plan, &request.call)
            .await
    }

    async fn delete(&self, request: Delete<ServiceBundle>) -> Result<(), Failure<ServiceBundle>> {
        self.remove(&request.prior, &request.call)
            .await
            .map_err(Failure::unchanged)
    }

    fn validate(&self, request: Validate<ServiceBundle>) -> Diagnostics {
        checks::illegal_configuration(&request.config)
    }

    async fn plan(&self, request: &mut Plan<ServiceBundle>) -> Result<(), Diagnostics> {
        let Some(prior) = &request.prior else {
            return Ok(());
        };
        let Some(plan) = &mut request.plan else {
            return refuse_protected(prior);
        };
        let (before, after) = (prior.cluster.known(), plan.cluster.known());
        if let (Some(before), Some(after)) = (before, after)
            && short(before) != short(after)
        {
            request
                .requires_replace
                .push(ServiceBundle::paths().cluster());
        }
        if before.is_some() && plan.cluster.is_unknown() {
            request
                .requires_replace
                .push(ServiceBundle::paths().cluster());
        }
        if !request.requires_replace.is_empty() {
            return refuse_protected(prior);
        }
        predict_outputs(prior, plan);
        Ok(())
    }

    async fn import(&self, request: Import) -> Result<Imported<ServiceBundle>, Diagnostics> {
        let (cluster, name) = request.id.rsplit_once('/').filter(|(cluster, name)| !cluster.is_empty() && !name.is_empty()).ok_or_else(|| {
            let detail = "The import id is the cluster (name or ARN), a slash and the name of the bundle, such as \
                          'shop/shop'.";
            Diagnostic::error("Malformed import id", detail)
        })?;
        Ok(Imported::new(ServiceBundlePlan {
            name: Planned::Known(name.to_owned()),
            cluster: Planned::Known(cluster.to_owned()),
            ..ServiceBundlePlan::default()
        }))
    }
}

/// State and warnings of an operation that succeeded.
fn stored(
    model: ServiceBundle,
    there: BTreeMap<String, crate::ecs::bundle::Deployed>,
    notices: Vec<String>,
) -> Stored<ServiceBundle> {
    let warning = |notice| Diagnostic::warning("Not everything was as expected", notice);
    notices
        .into_iter()
        .fold(Stored::new(model.with(there)), |stored, notice| {
            stored.warn(warning(notice))
        })
}

/// The state after an update that failed: what was not done yet is as before, so that it is planned again.
fn unfinished(
    mut state: ServiceBundlePlan,
    prior: &ServiceBundlePlan,
    not_removed: &BTreeSet<String>,
    tagged: bool,
) -> ServiceBundlePlan {
    fn put_back<T: Clone>(
        keys: &BTreeSet<String>,
        into: &mut Planned<BTreeMap<String, T>>,
        from: &Planned<BTreeMap<String, T>>,
    ) {
        if let (Planned::Known(into), Planned::Known(from)) = (into, from) {
            let kept = from.iter().filter(|(key, _)| keys.contains(*key));
            into.extend(kept.map(|(key, value)| (key.clone(), value.clone())));
        }
    }
    put_back(not_removed, &mut state.services, &prior.services);
    put_back(not_removed, &mut state.deployments, &prior.deployments);
    let arns = &mut state.task_definition_arns;
    put_back(not_removed, arns, &prior.task_definition_arns);
    if !tagged {
        state.tags = prior.tags.clone();
    }
    state
}

async fn imported<A: EcsApi, C: Clock>(
    deployer: &Deployer<'_, A, C>,
    prior: &ServiceBundlePlan,
    surroundings: &Surroundings,
) -> Result<ServiceBundle, Diagnostics> {
    let name = prior.name.known().cloned().unwrap_or_default();
    let cluster = prior.cluster.known().cloned().unwrap_or_default();
    let keys = deployer
        .discover(&cluster, &name)
        .await
        .map_err(|error| diagnostic(&error))?;
    let keys = keys.into_iter().filter(|key| is_key(key)).collect();
    let found = deployer
        .find(&cluster, &name, &keys)
        .await
        .map_err(|error| diagnostic(&error))?;
    let model = adopted::model_of(&name, &cluster, &found, surroundings).ok_or_else(|| {
        let detail = format!(
            "The cluster {cluster} has no active service with the tag skreg:bundle = {name}, and none that is named \
             {name}-<key>. Check the id: it is the cluster, a slash and the name of the bundle."
        );
        Diagnostic::error("Nothing to import", detail)
    })?;
    let bundle: Bundle = model.bundle(surroundings)?;
    let there = deployer
        .read(&bundle)
        .await
        .map_err(|error| diagnostic(&error))?;
    Ok(model.with(there))
}

/// What the computed attributes will be: unknown if something is not as configured, what they were if nothing that
/// runs will change.
fn predict_outputs(prior: &ServiceBundlePlan, plan: &mut ServiceBundlePlan) {
    let settled = prior.deployments.known().is_some_and(|deployments| {
        let wanted = plan
            .services
            .known()
            .is_some_and(|services| services.keys().eq(deployments.keys()));
        let drift = |deployment: &Planned<model::DeploymentStatePlan>| {
            deployment.known().is_none_or(|deployment| {
                deployment
                    .drift
                    .known()
                    .is_none_or(|drift| !drift.is_empty())
            })
        };
        wanted && !deployments.values().any(drift)
    });
    if settled && runs_the_same(prior, plan) {
        plan.deployments = prior.deployments.clone();
        plan.task_definition_arns = prior.task_definition_arns.clone();
    } else if !settled {
        plan.deployments = Planned::Unknown;
        plan.task_definition_arns = Planned::Unknown;
    }
}

fn runs_the_same(prior: &ServiceBundlePlan, plan: &ServiceBundlePlan) -> bool {
    let anywhere = Surroundings::default();
    let bundle = |plan| ServiceBundle::of(plan).ok()?.bundle(&anywhere).ok();
    bundle(prior)
        .zip(bundle(plan))
        .is_some_and(|(before, after)| before.services == after.services)
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

fn known_deployment(state: &ServiceBundlePlan, key: &str) -> Option<DeploymentState> {
    let deployment = state.deployments.known()?.get(key)?.clone();
    deployment
        .settle(ServiceBundle::paths().deployments().key(key))
        .ok()
}

/// What the plan knew is what the state says, as Terraform demands. What has become otherwise meanwhile, such as a
/// rollout that nobody waits for, is told by the next refresh.
fn keep_promises(state: &mut ServiceBundle, plan: &ServiceBundlePlan) {
    if let Some(planned) = plan.deployments.known() {
        let known = planned
            .keys()
            .filter_map(|key| Some((key.clone(), known_deployment(plan, key)?)));
        state.deployments = known.collect();
    }
    if let Some(planned) = plan.task_definition_arns.known() {
        let known = planned
            .iter()
            .filter_map(|(key, arn)| Some((key.clone(), arn.known()?.clone())));
        state.task_definition_arns = known.collect();
    }
}

/// [`keep_verdict`] for every service.
fn keep_verdicts(present: &mut BTreeMap<String, DeploymentState>, before: &ServiceBundlePlan) {
    for (key, deployment) in present {
        keep_verdict(deployment, known_deployment(before, key));
    }
}

/// A steady service does not tell how its last rollout ended, so the verdict in the state stands while the same
/// service is steady.
fn keep_verdict(present: &mut DeploymentState, before: Option<DeploymentState>) {
    let Some(before) = before.filter(|before| before.service_arn == present.service_arn) else {
        return;
    };
    let steady = present.status == "SUCCESSFUL";
    if steady
        && (before.status == "SUCCESSFUL" || !present.drift.is_empty())
        && before.status != "IN_PROGRESS"
    {
        present.status = before.status;
        present.status_reason = before.status_reason;
        present.service_deployment_arn = before.service_deployment_arn;
    }
}

fn refuse_protected(prior: &ServiceBundlePlan) -> Result<(), Diagnostics> {
    if prior.deletion_protection.known() != Some(&true) {
        return Ok(());
    }
    let name = prior.name.known().cloned().unwrap_or_default();
    let detail = format!(
        "The bundle {name} is protected: its services would be stopped. If that is meant, set deletion_protection = \
         false, apply, and then repeat this."
    );
    Err(Diagnostic::error("Deletion is refused", detail)
        .at(ServiceBundle::paths().deletion_protection())
        .into())
}

/// What is left after a failed create, for the end of the error.
fn after_undo(bundle: &Bundle, made: &Made, left: &[String]) -> String {
    let mut text = String::new();
    if !made.services.is_empty() {
        text.push_str(
            "\n\nThe services made by this attempt were deleted again; nothing is in the state.",
        );
    }
    for line in left {
        text.push('\n');
        text.push_str(line);
    }
    if !made.taken_over.is_empty() {
        let (names, import_id) = (made.taken_over.join(", "), bundle.import_id());
        text.push_str(&format!(
            "\n\nStill there, but not in the state, because an earlier attempt made them: {names}. Repeat the command to \
             go on with them, or import them, which brings them under terraform destroy:\n\n    terraform import \
             ADDRESS '{import_id}'"
        ));
    }
    text
}

fn diagnostic(error: &BundleError) -> Diagnostic {
    let paths = ServiceBundle::paths();
    let diagnostic = Diagnostic::error(error.summary(), error.detail());
    match error {
        BundleError::Cluster { .. } => diagnostic.at(paths.cluster()),
        BundleError::Exists { key, .. } => diagnostic.at(paths.services().key(key)),
        BundleError::NoTargetGroup { key, .. } | BundleError::TargetGroup { key, .. } => {
            diagnostic.at(paths.services().key(key).load_balancer())
        }
        _ => diagnostic,
    }
}
