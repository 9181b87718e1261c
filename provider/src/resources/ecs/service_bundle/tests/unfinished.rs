//! Tests of the state, the errors, and the next plan after an operation that did not complete.

use super::*;
use crate::aws::AwsError;

fn partial(outcome: Outcome<ServiceBundle>) -> ServiceBundlePlan {
    match failed(outcome).remains {
        Remains::Partial(state, None) => *state,
        _ => panic!("expected a partial state"),
    }
}

fn failing(end: End) -> Script {
    Script {
        end,
        ..Script::default()
    }
}

fn only_api() -> ServiceBundlePlan {
    plan_of(|model| {
        model.services.remove("worker");
        model.image = Some(image("v2"));
    })
}

#[tokio::test]
async fn service_whose_removal_failed_is_removed_by_the_next_apply() {
    let (fake, bundles) = account();
    let before = created(&bundles).await;
    fake.script("skreg-api", failing(End::RollsBack));
    let state = partial(bundles.update_bundle(&before, &only_api(), &call()).await);
    assert!(
        state
            .services
            .known()
            .is_some_and(|services| services.contains_key("worker")),
        "the state must contain the worker"
    );
    let again = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    assert!(known_deployment(&again, "worker").is_some());
    fake.script("skreg-api", Script::default());
    assert!(
        bundles
            .update_bundle(&again, &only_api(), &call())
            .await
            .is_ok()
    );
    let names: Vec<String> = fake
        .active_services()
        .into_iter()
        .map(|service| service.name)
        .collect();
    assert_eq!(names, ["skreg-api"]);
}

#[tokio::test]
async fn deleted_service_is_not_restored_in_the_state_if_its_removal_fails() {
    let (fake, bundles) = account();
    let before = created(&bundles).await;
    fake.meanwhile("ecs:DeleteService", |state| {
        state.forget("skreg-worker");
        let action = "ecs:DescribeServices";
        let refused = AwsError::service(action, "AccessDeniedException", "no");
        state.errors.insert(action, vec![refused].into());
    });
    let state = partial(bundles.update_bundle(&before, &only_api(), &call()).await);
    let services = state.services.known().expect("known");
    assert_eq!(services.keys().collect::<Vec<_>>(), ["api"]);
}

#[tokio::test]
async fn tags_that_were_not_written_are_planned_again() {
    let (fake, bundles) = account();
    let before = created(&bundles).await;
    let tagged = || plan_of(|model| model.tags = BTreeMap::from([("stage".into(), "prod".into())]));
    let refused = AwsError::service("ecs:TagResource", "AccessDeniedException", "no");
    fake.with(|state| state.errors.insert("ecs:TagResource", vec![refused].into()));
    let state = partial(bundles.update_bundle(&before, &tagged(), &call()).await);
    assert!(state.tags == before.tags, "{:?}", state.tags.known());
    let stored = bundles.update_bundle(&state, &tagged(), &call()).await;
    let stored = ServiceBundlePlan::from(stored.ok().expect("the update succeeds").state);
    assert!(stored.tags == tagged().tags);
    for name in ["skreg-api", "skreg-worker"] {
        let tags = fake.service(name).tags;
        let keys: Vec<_> = tags.keys().collect();
        assert_eq!(
            keys,
            ["cost", "skreg:bundle", "skreg:revisions", "stage"],
            "{name}"
        );
    }
}

#[tokio::test]
async fn repeated_failed_create_reports_the_remaining_services() {
    let (fake, bundles) = account();
    fake.crash_after("ecs:CreateService");
    let plan = plan_of(|_| ());
    let first = fake.survive(bundles.create_bundle(&plan, &call())).await;
    assert!(first.is_none(), "the process crashes");
    fake.script("skreg-api", failing(End::StaysFailed));
    let failure = failed(bundles.create_bundle(&plan, &call()).await);
    assert!(matches!(failure.remains, Remains::Nothing));
    let error = failure.diagnostics.iter().next().expect("an error");
    let parts = [
        "not in the state: skreg-worker.",
        "import ADDRESS 'main/skreg'",
    ];
    for part in parts {
        assert!(error.detail.contains(part), "{}", error.detail);
    }
    assert_eq!(fake.active_services().len(), 1);
}

/// Returns a plan that changes all services and fails during a deployment by another process.
fn fail_if_concurrent(trigger: Option<&str>) -> ServiceBundlePlan {
    plan_of(|model| {
        model.image = Some(image("v2"));
        model.deployment = Some(model::Deployment {
            concurrent: model::FAIL.into(),
            force_new_deployment_trigger: trigger.map(str::to_owned),
            ..model::Deployment::default()
        });
    })
}

#[tokio::test]
async fn read_does_not_claim_a_deployment_by_another_process() {
    let (fake, bundles) = account();
    let before = created(&bundles).await;
    fake.script("skreg-api", failing(End::Hangs));
    let by_hand = crate::ecs::api::UpdateService {
        cluster: "main".into(),
        name: "skreg-api".into(),
        force_new_deployment: true,
        ..Default::default()
    };
    fake.update_service(&by_hand)
        .await
        .expect("ECS accepts the update");
    fake.with(|state| state.updates.clear());
    let mut state = before;
    for attempt in 1..=2 {
        let failure = failed(
            bundles
                .update_bundle(&state, &fail_if_concurrent(None), &call())
                .await,
        );
        let error = failure.diagnostics.iter().next().expect("an error");
        assert_eq!(
            error.summary, "Another deployment is in progress",
            "attempt {attempt}"
        );
        let Remains::Partial(left, None) = failure.remains else {
            panic!("expected a partial state")
        };
        state = refreshed(&bundles, &left).await.expect("the bundle exists");
    }
    assert!(fake.with(|state| state.updates.is_empty()));
    // An import does not claim the deployment either.
    let id = ServiceBundlePlan {
        name: Planned::Known("skreg".into()),
        cluster: Planned::Known("main".into()),
        ..ServiceBundlePlan::default()
    };
    let imported = refreshed(&bundles, &id).await.expect("the bundle exists");
    assert_eq!(deployments_of(&imported), BTreeSet::new());
}

#[tokio::test]
async fn next_apply_replaces_a_hanging_deployment_of_this_resource() {
    let (fake, bundles) = account();
    let before = created(&bundles).await;
    fake.script("skreg-api", failing(End::Hangs));
    let state = partial(
        bundles
            .update_bundle(&before, &fail_if_concurrent(None), &call())
            .await,
    );
    let state = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    fake.script("skreg-api", Script::default());
    let next = plan_of(|model| {
        model.image = Some(image("v3"));
        model.deployment = Some(model::Deployment {
            concurrent: model::FAIL.into(),
            ..model::Deployment::default()
        });
    });
    assert!(bundles.update_bundle(&state, &next, &call()).await.is_ok());
}

#[tokio::test]
async fn a_forced_deployment_that_was_rolled_back_is_planned_again() {
    let (fake, bundles) = account();
    let before = created(&bundles).await;
    fake.script("skreg-api", failing(End::RollsBack));
    let mut next = fail_if_concurrent(Some("1"));
    next.image = before.image.clone();
    let state = partial(bundles.update_bundle(&before, &next, &call()).await);
    let state = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    predict_outputs(&state, &mut next);
    assert!(has_unknown_outputs(&next), "the outputs must be unknown");
    fake.script("skreg-api", Script::default());
    fake.with(|state| state.updates.clear());
    assert!(bundles.update_bundle(&state, &next, &call()).await.is_ok());
    assert!(fake.with(|state| state.updates.iter().all(|it| it.force_new_deployment)));
    assert_eq!(fake.with(|state| state.updates.len()), 2);
}

/// Returns a plan for another state that contains only one of the services.
fn only(key: &'static str) -> ServiceBundlePlan {
    plan_of(move |model| {
        model.services.retain(|other, _| other == key);
        model.deletion_protection = false;
    })
}

async fn stored(bundles: &Bundles, plan: &ServiceBundlePlan) -> ServiceBundlePlan {
    let stored = bundles.create_bundle(plan, &call()).await;
    stored.ok().expect("the create succeeds").state.into()
}

/// Returns a plan that updates both services, beginning with the API.
fn api_first() -> ServiceBundlePlan {
    plan_of(|model| {
        model.image = Some(image("v2"));
        model.deletion_protection = false;
        model.deployment = Some(model::Deployment {
            order: Some(vec!["api".into(), "worker".into()]),
            ..model::Deployment::default()
        });
    })
}

/// Asserts that a state does not read, take over, or delete a service that belongs to another state.
async fn assert_not_managed(
    fake: &Fake<'_>,
    bundles: &Bundles,
    state: &ServiceBundlePlan,
    plan: &ServiceBundlePlan,
    key: &str,
) {
    let name = format!("skreg-{key}");
    let before = fake.service(&name);
    let again = refreshed(bundles, state)
        .await
        .expect("the other service exists");
    assert!(
        known_deployment(&again, key).is_none(),
        "the service must not be read"
    );
    for state in [state, &again] {
        let planned = bundles.refuse_existing(Some(state), plan).await;
        assert!(planned.is_err(), "the plan must reject the service");
        let applied = failed(bundles.update_bundle(state, plan, &call()).await);
        let error = applied.diagnostics.iter().next().expect("an error");
        assert_eq!(error.summary, "Service already exists");
        let mut open = state.clone();
        open.deletion_protection = Planned::Known(false);
        assert!(bundles.delete_bundle(&open, &call()).await.is_ok());
    }
    let after = fake.service(&name);
    assert_eq!(after.task_definition, before.task_definition);
    assert_eq!((after.status, after.tags), (before.status, before.tags));
}

#[tokio::test]
async fn an_interrupted_wait_for_another_create_stores_none_of_its_services() {
    let (fake, bundles) = account();
    fake.crash_after("ecs:CreateService");
    let plan = plan_of(|_| ());
    let other = fake.survive(bundles.create_bundle(&plan, &call())).await;
    assert!(other.is_none(), "the other create must not complete");
    let before = fake.service("skreg-worker");
    let interrupted = call();
    interrupted.cancel.cancel();
    let failure = failed(bundles.create_bundle(&plan, &interrupted).await);
    assert!(matches!(failure.remains, Remains::Nothing));
    let after = fake.service("skreg-worker");
    assert_eq!((after.status, after.tags), (before.status, before.tags));
}

#[tokio::test]
async fn service_that_a_failed_update_did_not_create_is_not_managed() {
    let (fake, bundles) = account();
    let before = stored(&bundles, &only("api")).await;
    fake.script("skreg-api", failing(End::RollsBack));
    let state = partial(bundles.update_bundle(&before, &api_first(), &call()).await);
    let services = state.services.known().expect("known");
    assert_eq!(services.keys().collect::<Vec<_>>(), ["api"]);
    fake.script("skreg-api", Script::default());
    drop(stored(&bundles, &only("worker")).await);
    assert_not_managed(&fake, &bundles, &state, &api_first(), "worker").await;
}

#[tokio::test]
async fn service_that_an_interrupted_create_did_not_create_is_not_managed() {
    let (fake, bundles) = account();
    let interrupted = call();
    interrupted.cancel.cancel();
    let state = bundles.create_bundle(&v2(), &interrupted).await;
    let state = ServiceBundlePlan::from(
        state
            .ok()
            .expect("the state is stored without an error")
            .state,
    );
    assert_eq!(fake.active_services().len(), 1, "the worker");
    drop(stored(&bundles, &only("api")).await);
    assert_not_managed(&fake, &bundles, &state, &v2(), "api").await;
}

#[tokio::test]
async fn service_that_another_state_creates_during_an_update_is_not_managed() {
    let (fake, bundles) = account();
    let before = stored(&bundles, &only("api")).await;
    drop(stored(&bundles, &only("worker")).await);
    // ECS returns the service only after the update has started.
    fake.change_service("skreg-worker", |service| service.name = "hidden".into());
    fake.meanwhile("ecs:RegisterTaskDefinition", |state| {
        state.change("skreg-worker", |service| {
            service.name = "skreg-worker".into();
        });
    });
    let state = partial(bundles.update_bundle(&before, &api_first(), &call()).await);
    let services = state.services.known().expect("known");
    assert_eq!(services.keys().collect::<Vec<_>>(), ["api"]);
    assert_not_managed(&fake, &bundles, &state, &api_first(), "worker").await;
}

#[tokio::test]
async fn service_that_is_not_described_after_an_update_is_still_managed() {
    let (fake, bundles) = account();
    let before = created(&bundles).await;
    fake.script("skreg-api", failing(End::RollsBack));
    fake.meanwhile("ecs:UpdateService", |state| {
        state.change("skreg-worker", |service| service.name = "hidden".into());
    });
    let mut plan = api_first();
    plan.deletion_protection = Planned::Known(true);
    let state = partial(bundles.update_bundle(&before, &plan, &call()).await);
    fake.script("skreg-api", Script::default());
    fake.change_service("skreg-worker", |service| {
        service.name = "skreg-worker".into();
    });
    assert!(plans_an_update(&state));
    let again = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    assert!(known_deployment(&again, "worker").is_some());
    assert!(bundles.update_bundle(&again, &plan, &call()).await.is_ok());
}

#[tokio::test]
async fn stored_services_do_not_have_the_unfinished_tag() {
    use crate::ecs::bundle::UNFINISHED_TAG;
    let (fake, bundles) = account();
    let marked = |name: &str| fake.service(name).tags.contains_key(UNFINISHED_TAG);
    let interrupted = call();
    interrupted.cancel.cancel();
    let stored = bundles.create_bundle(&plan_of(|_| ()), &interrupted).await;
    let stored = stored.ok().expect("the state is stored without an error");
    assert_eq!(stored.state.deployments["worker"].status, "IN_PROGRESS");
    assert!(!marked("skreg-worker"), "after an interrupted create");

    let (fake, bundles) = account();
    let marked = |name: &str| fake.service(name).tags.contains_key(UNFINISHED_TAG);
    let before = self::stored(&bundles, &only("api")).await;
    fake.script("skreg-worker", failing(End::StaysFailed));
    let state = partial(bundles.update_bundle(&before, &api_first(), &call()).await);
    assert!(known_deployment(&state, "worker").is_some());
    assert!(!marked("skreg-worker"), "after a failed update");
}

#[tokio::test]
async fn failed_update_removes_the_unfinished_tag_from_imported_services() {
    use crate::ecs::bundle::UNFINISHED_TAG;
    let (fake, bundles) = account();
    fake.script("skreg-api", failing(End::StaysFailed));
    let kept = plan_of(|model| model.on_create_failure = model::KEEP.into());
    drop(failed(bundles.create_bundle(&kept, &call()).await));
    let id = ServiceBundlePlan {
        name: Planned::Known("skreg".into()),
        cluster: Planned::Known("main".into()),
        ..ServiceBundlePlan::default()
    };
    let imported = refreshed(&bundles, &id).await.expect("the services exist");
    // Another attempt, which uses a different state, has claimed one of the services.
    fake.change_service("skreg-worker", |service| {
        drop(service.tags.insert(UNFINISHED_TAG.into(), "x".into()));
    });
    drop(partial(
        bundles.update_bundle(&imported, &v2(), &call()).await,
    ));
    for name in ["skreg-api", "skreg-worker"] {
        let tags = fake.service(name).tags;
        assert!(!tags.contains_key(UNFINISHED_TAG), "{name}: {tags:?}");
    }
}
