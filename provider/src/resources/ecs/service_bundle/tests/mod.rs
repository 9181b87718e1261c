//! Tests of the resource: validation, the state after successful and failed operations, and the next plan.

mod agreement;
mod attributes;
mod connection;
mod deleted;
mod drift;
mod existing;
#[path = "../../../../../tests/ecs/fake/mod.rs"]
#[expect(dead_code, reason = "only the integration tests simulate crashes")]
mod fake;
mod unfinished;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tfplugin::{Call, CancellationToken, Codec, Diagnostic, Planned, Remains};

use self::fake::{End, Fake, FakeClock, Script};
use super::apply::outcome::keep_planned_values;
use super::model::{Image, LoadBalancer, Log, Network, Service, ServicePlan};
use super::plan::{
    has_unknown_outputs, is_another_cluster, keep_notation, plan_unknown_outputs, predict_outputs,
    refuse_protected, refuse_renamed,
};
use super::provider_settings::ProviderSettings;
use super::state::{deployments_of, known_deployment};
use super::*;
use crate::aws::Identity;
use crate::aws::tags::{PlannedTags, planned_tags};
use crate::ecs::api::EcsApi;
use crate::resources::identities::Identities;
use crate::resources::tagged::plan_tags;

const ROLE: &str = "arn:aws:iam::123456789012:role/execution";

/// Fake account with a separate clock.
#[derive(Clone)]
struct Account {
    fake: Arc<Fake<'static>>,
    connected: Arc<Mutex<Connected>>,
}

/// Connection settings.
struct Connected {
    region: &'static str,
    /// Account ID, or `None` if STS does not return it.
    account: Option<&'static str>,
    default_tags: BTreeMap<String, String>,
}

impl Account {
    fn connected<T>(&self, look: impl FnOnce(&mut Connected) -> T) -> T {
        look(&mut self.connected.lock().expect("the lock is not poisoned"))
    }
}

impl EcsAccess for Account {
    type Api = Fake<'static>;

    async fn open(&self) -> Result<(Arc<Fake<'static>>, ProviderSettings), Diagnostics> {
        let (region, default_tags) =
            self.connected(|to| (to.region.to_owned(), to.default_tags.clone()));
        Ok((
            Arc::clone(&self.fake),
            ProviderSettings {
                region,
                default_tags,
            },
        ))
    }

    fn planned_default_tags(&self) -> PlannedTags {
        planned_tags(self.connected(|to| to.default_tags.clone()))
    }

    async fn identity(&self) -> Result<Arc<Identity>, Diagnostics> {
        let (region, account) = self.connected(|to| (to.region, to.account));
        Ok(Arc::new(Identity::known(region, account)))
    }
}

impl Clock for &'static FakeClock {
    fn now(&self) -> jiff::Timestamp {
        FakeClock::now(self)
    }

    fn left_until(&self, deadline: Instant) -> Duration {
        FakeClock::left_until(self, deadline)
    }

    async fn sleep(&self, duration: Duration) {
        FakeClock::sleep(self, duration).await;
    }
}

type Bundles = ServiceBundles<Account, &'static FakeClock>;

fn account() -> (Arc<Fake<'static>>, Bundles) {
    let clock: &'static FakeClock = Box::leak(Box::new(FakeClock::new()));
    let fake = Arc::new(Fake::new(clock));
    let connected = Connected {
        region: "eu-central-1",
        account: Some("123456789012"),
        default_tags: BTreeMap::from([("cost".to_owned(), "registry".to_owned())]),
    };
    let account = Account {
        fake: Arc::clone(&fake),
        connected: Arc::new(Mutex::new(connected)),
    };
    (
        fake,
        ServiceBundles::over(account, clock, Identities::default()),
    )
}

fn call() -> Call {
    Call::new(
        CancellationToken::new(),
        Instant::now() + Duration::from_secs(1800),
    )
}

fn image(tag: &str) -> Image {
    Image {
        repository_url: "registry/skreg".into(),
        tag: Some(tag.into()),
        digest: None,
    }
}

fn service(key: &str) -> Service {
    let balancer = LoadBalancer {
        target_group_arn: "arn:tg/api".into(),
        container: None,
        container_port: Some(8080),
    };
    Service {
        service_name: format!("skreg-{key}"),
        cpu: 512,
        memory: 1024,
        desired_count: Some(1),
        environment: BTreeMap::from([("ROLE".to_owned(), key.to_owned())]),
        port: (key == "api").then_some(8080),
        load_balancer: (key == "api").then(|| vec![balancer]),
        ..Service::default()
    }
}

fn model() -> ServiceBundle {
    ServiceBundle {
        name: "skreg".into(),
        cluster: "main".into(),
        image: Some(image("v1")),
        execution_role_arn: ROLE.into(),
        network: Network {
            subnets: BTreeSet::from(["subnet-1".to_owned()]),
            ..Network::default()
        },
        environment: BTreeMap::from([("LOG_LEVEL".to_owned(), "info".to_owned())]),
        log: Some(Log {
            group: "/ecs/skreg".into(),
            stream_prefix: None,
            region: None,
            create: false,
            mode: None,
        }),
        services: ["api", "worker"]
            .map(|key| (key.to_owned(), service(key)))
            .into(),
        tags: BTreeMap::from([("team".to_owned(), "platform".to_owned())]),
        ..ServiceBundle::default()
    }
}

fn plan_of(change: impl FnOnce(&mut ServiceBundle)) -> ServiceBundlePlan {
    let mut model = model();
    change(&mut model);
    let mut plan = ServiceBundlePlan::from(model);
    plan.cluster_arn = Planned::Unknown;
    if plan.platform_version.is_null() {
        plan.platform_version = Planned::Unknown;
    }
    plan.deployments = Planned::Unknown;
    plan.task_definition_arns = Planned::Unknown;
    plan.tags_all = Planned::Unknown;
    plan
}

fn v2() -> ServiceBundlePlan {
    plan_of(|model| model.image = Some(image("v2")))
}

async fn created(bundles: &Bundles) -> ServiceBundlePlan {
    match bundles.create_bundle(&plan_of(|_| ()), &call()).await {
        Ok(stored) => stored.state.into(),
        Err(failure) => panic!("{:?}", failure.diagnostics),
    }
}

fn failed(outcome: Outcome<ServiceBundle>) -> Failure<ServiceBundle> {
    match outcome {
        Err(failure) => failure,
        Ok(_) => panic!("expected a failure"),
    }
}

async fn refreshed(bundles: &Bundles, state: &ServiceBundlePlan) -> Option<ServiceBundlePlan> {
    let read = bundles.refresh(state.clone(), &call()).await;
    read.unwrap_or_else(|refused| panic!("{refused:?}"))
        .map(ServiceBundlePlan::from)
}

/// Asserts that an import returns the state, except for the results of the last rollouts, which ECS does not store.
async fn assert_imported_as(bundles: &Bundles, state: &ServiceBundlePlan) {
    let id = ServiceBundlePlan {
        name: Planned::Known("skreg".into()),
        cluster: Planned::Known("main".into()),
        ..ServiceBundlePlan::default()
    };
    let mut imported = refreshed(bundles, &id).await.expect("the bundle exists");
    assert!(!plans_an_update(&imported));
    imported.deployments = state.deployments.clone();
    assert!(
        imported == *state,
        "found {:?}\nnot {:?}",
        imported.encode(),
        state.clone().encode()
    );
}

/// Returns whether an unchanged configuration results in a planned update of a state.
fn plans_an_update(state: &ServiceBundlePlan) -> bool {
    let mut plan = state.clone();
    keep_notation(state, &mut plan);
    predict_outputs(state, &mut plan);
    has_unknown_outputs(&plan)
}

fn refusals(change: impl FnOnce(&mut ServiceBundlePlan)) -> Vec<(String, String)> {
    let mut plan = plan_of(|_| ());
    change(&mut plan);
    let all = validate::invalid_configuration(&plan).into_iter();
    all.map(|refused| (refused.path.to_string(), refused.summary))
        .collect()
}

fn of_model(change: impl FnOnce(&mut ServiceBundle)) -> Vec<(String, String)> {
    refusals(|plan| *plan = plan_of(change))
}

fn api(model: &mut ServiceBundle) -> &mut Service {
    model.services.get_mut("api").expect("the API")
}

#[test]
fn invalid_values_are_rejected_at_their_attribute_path() {
    let one = |path: &str, summary: &str| vec![(path.to_owned(), summary.to_owned())];
    let (at, texts) = (
        |rest: &str| format!("services[\"api\"].{rest}"),
        |name: &str| BTreeMap::from([(name.to_owned(), "x".to_owned())]),
    );
    assert_eq!(of_model(|_| ()), []);
    assert_eq!(
        of_model(|model| api(model).memory = 768),
        one(&at("memory"), "Invalid task size")
    );
    assert_eq!(
        of_model(|model| api(model).cpu = 300),
        one(&at("cpu"), "Invalid task size")
    );
    assert_eq!(
        of_model(|model| model.image = Some(Image {
            tag: None,
            ..image("")
        })),
        one("image.tag", "Invalid image")
    );
    let missing = of_model(|model| model.image = None);
    assert_eq!(
        missing
            .iter()
            .map(|(path, _)| path.as_str())
            .collect::<Vec<_>>(),
        ["services[\"api\"].image", "services[\"worker\"].image"]
    );
    assert_eq!(of_model(|model| model.log = None).len(), 2);
    assert_eq!(
        of_model(|model| model.environment = texts("DB_PASSWORD")),
        one("environment[\"DB_PASSWORD\"]", "Secret in plain text")
    );
    assert_eq!(
        of_model(|model| api(model).environment = texts("API_KEY")),
        one(&at("environment[\"API_KEY\"]"), "Secret in plain text")
    );
    let allowed = of_model(|model| {
        (model.environment, api(model).environment) = (texts("DB_PASSWORD"), texts("API_KEY"));
        model.allow_plaintext_environment = Some(["API_KEY".to_owned()].into());
    });
    assert_eq!(
        allowed,
        one("environment[\"DB_PASSWORD\"]", "Secret in plain text")
    );
    let port = of_model(|model| api(model).port = None);
    assert_eq!(
        port,
        one(
            &at("load_balancer[0].container_port"),
            "Load balancer without a port"
        )
    );
    assert_eq!(
        of_model(|model| api(model).port = Some(9090)),
        one(
            &at("load_balancer[0].container_port"),
            "Unknown container port"
        )
    );
    let grace = |model: &mut ServiceBundle| {
        model
            .services
            .get_mut("worker")
            .expect("the worker")
            .health_check_grace_period_seconds = Some(5)
    };
    let path = "services[\"worker\"].health_check_grace_period_seconds";
    assert_eq!(
        of_model(grace),
        one(path, "Grace period without a load balancer")
    );
    let clash = of_model(|model| {
        model.secrets = texts("ROLE");
        model.services.remove("worker");
    });
    assert_eq!(
        clash,
        one(
            &at("environment[\"ROLE\"]"),
            "Duplicate environment variable"
        )
    );
    assert_eq!(
        of_model(|model| drop(model.tags.insert("skreg:bundle".into(), "x".into()))),
        one("tags[\"skreg:bundle\"]", "Reserved tag")
    );
}

#[test]
fn rollout_that_cannot_complete_is_rejected() {
    let rollout = |minimum_healthy_percent, maximum_percent, order: Option<&str>| {
        of_model(|model| {
            model.services.remove("worker");
            let order = order.map(|key| vec![key.to_owned()]);
            let defaults = model::Deployment::default();
            model.deployment = Some(model::Deployment {
                minimum_healthy_percent,
                maximum_percent,
                order,
                ..defaults
            });
        })
    };
    let one = |path: &str, summary: &str| vec![(path.to_owned(), summary.to_owned())];
    assert_eq!(rollout(100, 200, Some("api")), []);
    assert_eq!(
        rollout(100, 100, None),
        one("deployment.maximum_percent", "Rollout cannot complete")
    );
    assert_eq!(
        rollout(0, 100, None),
        one(
            "deployment.maximum_percent",
            "Rebalancing requires a higher maximum_percent"
        )
    );
    assert_eq!(
        rollout(100, 200, Some("ap")),
        one("deployment.order[0]", "Unknown service")
    );
}

#[test]
fn unknown_values_pass_validation() {
    let nothing_known = |plan: &mut ServiceBundlePlan| {
        plan.image = Planned::Unknown;
        plan.log = Planned::Unknown;
        plan.deployment = Planned::Unknown;
        let services = plan.services.clone().into_known().expect("services");
        let unknown = services.into_keys().map(|key| (key, Planned::Unknown));
        plan.services = Planned::Known(unknown.collect());
    };
    assert_eq!(refusals(nothing_known), []);
    assert_eq!(refusals(|plan| plan.services = Planned::Unknown), []);
}

#[tokio::test]
async fn created_bundle_has_no_drift() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    let deployments = state.deployments.known().expect("known");
    assert_eq!(deployments.keys().collect::<Vec<_>>(), ["api", "worker"]);
    let again = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    assert!(again == state, "a refresh must not change the state");
    assert!(!plans_an_update(&again));
    let tags = fake.service("skreg-api").tags;
    assert_eq!(
        tags.keys().collect::<Vec<_>>(),
        ["cost", "skreg:bundle", "skreg:revisions", "team"]
    );
}

#[tokio::test]
async fn failed_create_deletes_its_services_and_reports_the_cause() {
    let (fake, bundles) = account();
    fake.script(
        "skreg-api",
        Script {
            end: End::StaysFailed,
            ..Script::default()
        },
    );
    let failure = failed(bundles.create_bundle(&plan_of(|_| ()), &call()).await);
    assert!(
        matches!(failure.remains, Remains::Nothing),
        "the bundle must not be tainted, because a tainted bundle is replaced"
    );
    assert!(fake.active_services().is_empty() && fake.revisions().is_empty());
    let error = failure.diagnostics.iter().next().expect("an error");
    assert_eq!(error.summary, "Rollout of skreg-api was stopped");
    assert!(error.detail.contains("were deleted"), "{}", error.detail);
}

#[tokio::test]
async fn interrupted_create_is_stored_and_continued_by_the_next_apply() {
    let (fake, bundles) = account();
    fake.script(
        "skreg-worker",
        Script {
            looks: 5,
            ..Script::default()
        },
    );
    let interrupted = call();
    interrupted.cancel.cancel();
    let stored = bundles
        .create_bundle(&plan_of(|_| ()), &interrupted)
        .await
        .ok()
        .expect("the state is stored without an error");
    assert!(!stored.warnings.is_empty());
    let state = ServiceBundlePlan::from(stored.state);
    assert!(plans_an_update(
        &refreshed(&bundles, &state)
            .await
            .expect("the bundle exists")
    ));
    assert!(
        bundles
            .update_bundle(&state, &plan_of(|_| ()), &call())
            .await
            .is_ok()
    );
    assert_eq!(fake.active_services().len(), 2);
}

#[tokio::test]
async fn rolled_back_update_stores_the_running_revision_and_is_planned_again() {
    let (fake, bundles) = account();
    let before = created(&bundles).await;
    fake.script(
        "skreg-api",
        Script {
            end: End::RollsBack,
            ..Script::default()
        },
    );
    let failure = failed(bundles.update_bundle(&before, &v2(), &call()).await);
    let Remains::Partial(state, None) = failure.remains else {
        panic!("expected a partial state")
    };
    let arns = state.task_definition_arns.known().expect("known");
    assert!(
        arns["api"]
            .known()
            .is_some_and(|arn| arn.ends_with("skreg-api:1")),
        "expected the running revision"
    );
    assert!(
        arns["worker"]
            .known()
            .is_some_and(|arn| arn.ends_with("skreg-worker:2")),
        "expected the running revision"
    );

    let again = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    let status =
        |state: &ServiceBundlePlan| known_deployment(state, "api").expect("the API").status;
    assert_eq!(
        status(&again),
        "ROLLBACK_SUCCESSFUL",
        "a refresh must keep the result of the last rollout"
    );
    assert!(plans_an_update(&again));
    fake.script("skreg-api", Script::default());
    let stored = bundles
        .update_bundle(&again, &v2(), &call())
        .await
        .ok()
        .expect("the update succeeds");
    let settled = refreshed(&bundles, &stored.state.into())
        .await
        .expect("the bundle exists");
    assert_eq!(status(&settled), "SUCCESSFUL");
    assert!(!plans_an_update(&settled));
}

#[tokio::test]
async fn update_that_fails_and_cannot_be_read_is_planned_again() {
    let (fake, bundles) = account();
    let before = created(&bundles).await;
    let expired =
        |action| crate::aws::AwsError::service(action, "ExpiredTokenException", "expired");
    fake.with(|state| {
        state.errors.insert(
            "ecs:RegisterTaskDefinition",
            vec![expired("ecs:RegisterTaskDefinition")].into(),
        );
        state.errors.insert("ecs:ListTasks", Default::default());
    });
    let failure = failed(bundles.update_bundle(&before, &v2(), &call()).await);
    let Remains::Partial(state, None) = failure.remains else {
        panic!("expected a partial state")
    };
    assert!(plans_an_update(&state));
    let error = failure.diagnostics.iter().next().expect("an error");
    assert!(
        error.detail.contains("temporary credentials have expired"),
        "{}",
        error.detail
    );
}

#[tokio::test]
async fn missing_services_are_planned_again() {
    use crate::ecs::api::ServiceStatus;
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    fake.change_service("skreg-worker", |service| {
        service.status = ServiceStatus::Inactive
    });
    assert!(plans_an_update(
        &refreshed(&bundles, &state).await.expect("the API exists")
    ));
    fake.change_service("skreg-api", |service| {
        service.status = ServiceStatus::Inactive
    });
    assert!(
        refreshed(&bundles, &state).await.is_none(),
        "expected no services"
    );
}

#[tokio::test]
async fn only_changes_of_running_services_make_outputs_unknown() {
    let (_, bundles) = account();
    let state = created(&bundles).await;
    let predicted = |mut plan: ServiceBundlePlan| {
        predict_outputs(&state, &mut plan);
        has_unknown_outputs(&plan)
    };
    assert!(!predicted(plan_of(|model| model.keep_revisions = 9)));
    assert!(!predicted(plan_of(|model| drop(
        model.tags.insert("a".into(), "b".into())
    ))));
    assert!(predicted(v2()));
    assert!(predicted(plan_of(|model| drop(
        model.services.remove("worker")
    ))));
}

#[tokio::test]
async fn deletion_protection_rejects_plan_and_apply() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    for protects in [Planned::Known(true), Planned::Null, Planned::Unknown] {
        let mut state = state.clone();
        state.deletion_protection = protects;
        assert!(refuse_protected(&state).is_err(), "{protects:?}");
        assert!(bundles.delete_bundle(&state, &call()).await.is_err());
    }
    assert_eq!(fake.active_services().len(), 2);
    let mut open = state.clone();
    open.deletion_protection = Planned::Known(false);
    assert!(bundles.delete_bundle(&open, &call()).await.is_ok());
    assert!(fake.active_services().is_empty() && fake.revisions().is_empty());
}

#[tokio::test]
async fn import_stores_the_original_configuration() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    for untagged in [false, true] {
        if untagged {
            for name in ["skreg-api", "skreg-worker"] {
                fake.change_service(name, |service| drop(service.tags.remove("skreg:bundle")));
            }
        }
        assert_imported_as(&bundles, &state).await;
    }
    let id = ServiceBundlePlan {
        name: Planned::Known("other".into()),
        cluster: Planned::Known("main".into()),
        ..ServiceBundlePlan::default()
    };
    let refused = bundles
        .refresh(id, &call())
        .await
        .err()
        .expect("the bundle does not exist");
    assert_eq!(
        refused.iter().next().map(|error| error.summary.as_str()),
        Some("No services to import")
    );
}

#[tokio::test]
async fn target_group_without_a_listener_is_reported_at_the_attribute_path_of_its_service() {
    let (fake, bundles) = account();
    fake.with(|state| state.target_groups[0].load_balancers.clear());
    let failure = failed(bundles.create_bundle(&plan_of(|_| ()), &call()).await);
    let error = failure.diagnostics.iter().next().expect("an error");
    assert_eq!(error.path.to_string(), "services[\"api\"].load_balancer");
    assert!(matches!(failure.remains, Remains::Nothing));
}
