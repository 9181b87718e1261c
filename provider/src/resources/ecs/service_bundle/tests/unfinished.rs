//! What is stored and said when only a part was done, and what is planned next.

use super::*;
use crate::aws::AwsError;

fn partial(outcome: Outcome<ServiceBundle>) -> ServiceBundlePlan {
    match failed(outcome).remains {
        Remains::Partial(state, None) => *state,
        _ => panic!("stored as far as it went"),
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
async fn a_service_whose_removal_did_not_happen_is_removed_by_the_next_apply() {
    let (fake, bundles) = account();
    let before = created(&bundles).await;
    fake.script("skreg-api", failing(End::RollsBack));
    let state = partial(bundles.change(&before, &only_api(), &call()).await);
    assert!(
        state
            .services
            .known()
            .is_some_and(|services| services.contains_key("worker")),
        "the worker is still there"
    );
    let again = refreshed(&bundles, &state).await.expect("it is there");
    assert!(known_deployment(&again, "worker").is_some());
    fake.script("skreg-api", Script::default());
    assert!(bundles.change(&again, &only_api(), &call()).await.is_ok());
    let names: Vec<String> = fake
        .active_services()
        .into_iter()
        .map(|service| service.name)
        .collect();
    assert_eq!(names, ["skreg-api"]);
}

#[tokio::test]
async fn a_service_that_is_gone_when_its_removal_fails_is_not_put_back() {
    let (fake, bundles) = account();
    let before = created(&bundles).await;
    fake.meanwhile("ecs:DeleteService", |state| {
        state.forget("skreg-worker");
        let action = "ecs:DescribeServices";
        let refused = AwsError::service(action, "AccessDeniedException", "no");
        state.errors.insert(action, vec![refused].into());
    });
    let state = partial(bundles.change(&before, &only_api(), &call()).await);
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
    let state = partial(bundles.change(&before, &tagged(), &call()).await);
    assert!(state.tags == before.tags, "{:?}", state.tags.known());
    let stored = bundles.change(&state, &tagged(), &call()).await;
    let stored = ServiceBundlePlan::from(stored.ok().expect("it goes through").state);
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
async fn a_repeated_create_that_fails_names_the_services_it_leaves() {
    let (fake, bundles) = account();
    fake.crash_after("ecs:CreateService");
    let plan = plan_of(|_| ());
    let first = fake.survive(bundles.make(&plan, &call())).await;
    assert!(first.is_none(), "it dies");
    fake.script("skreg-api", failing(End::StaysFailed));
    let failure = failed(bundles.make(&plan, &call()).await);
    assert!(matches!(failure.remains, Remains::Nothing));
    let error = failure.diagnostics.iter().next().expect("an error");
    let parts = ["created them: skreg-worker.", "import ADDRESS 'main/skreg'"];
    for part in parts {
        assert!(error.detail.contains(part), "{}", error.detail);
    }
    assert_eq!(fake.active_services().len(), 1);
}

/// A change of everything that leaves alone what another process deploys.
fn polite(trigger: Option<&str>) -> ServiceBundlePlan {
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
async fn a_deployment_of_somebody_else_does_not_become_ours_by_being_seen() {
    let (fake, bundles) = account();
    let before = created(&bundles).await;
    fake.script("skreg-api", failing(End::Hangs));
    let by_hand = crate::ecs::api::UpdateService {
        cluster: "main".into(),
        name: "skreg-api".into(),
        force_new_deployment: true,
        ..Default::default()
    };
    fake.update_service(&by_hand).await.expect("it is taken");
    fake.with(|state| state.updates.clear());
    let mut state = before;
    for attempt in 1..=2 {
        let failure = failed(bundles.change(&state, &polite(None), &call()).await);
        let error = failure.diagnostics.iter().next().expect("an error");
        assert_eq!(
            error.summary, "Another deployment is in progress",
            "attempt {attempt}"
        );
        let Remains::Partial(left, None) = failure.remains else {
            panic!("stored as far as it went")
        };
        state = refreshed(&bundles, &left).await.expect("it is there");
    }
    assert!(fake.with(|state| state.updates.is_empty()));
    // Nor by being there at an import.
    let id = ServiceBundlePlan {
        name: Planned::Known("skreg".into()),
        cluster: Planned::Known("main".into()),
        ..ServiceBundlePlan::default()
    };
    let imported = refreshed(&bundles, &id).await.expect("it is there");
    assert_eq!(deployments_of(&imported), BTreeSet::new());
}

#[tokio::test]
async fn a_deployment_of_ours_that_hangs_is_still_ours_at_the_next_apply() {
    let (fake, bundles) = account();
    let before = created(&bundles).await;
    fake.script("skreg-api", failing(End::Hangs));
    let state = partial(bundles.change(&before, &polite(None), &call()).await);
    let state = refreshed(&bundles, &state).await.expect("it is there");
    fake.script("skreg-api", Script::default());
    let next = plan_of(|model| {
        model.image = Some(image("v3"));
        model.deployment = Some(model::Deployment {
            concurrent: model::FAIL.into(),
            ..model::Deployment::default()
        });
    });
    assert!(bundles.change(&state, &next, &call()).await.is_ok());
}

#[tokio::test]
async fn a_forced_deployment_that_was_rolled_back_is_planned_again() {
    let (fake, bundles) = account();
    let before = created(&bundles).await;
    fake.script("skreg-api", failing(End::RollsBack));
    let mut next = polite(Some("1"));
    next.image = before.image.clone();
    let state = partial(bundles.change(&before, &next, &call()).await);
    let state = refreshed(&bundles, &state).await.expect("it is there");
    predict_outputs(&state, &mut next);
    assert!(is_announced(&next), "it is announced");
    fake.script("skreg-api", Script::default());
    fake.with(|state| state.updates.clear());
    assert!(bundles.change(&state, &next, &call()).await.is_ok());
    assert!(fake.with(|state| state.updates.iter().all(|it| it.force_new_deployment)));
    assert_eq!(fake.with(|state| state.updates.len()), 2);
}

/// The plan of another state for one of the services.
fn only(key: &'static str) -> ServiceBundlePlan {
    plan_of(move |model| {
        model.services.retain(|other, _| other == key);
        model.deletion_protection = false;
    })
}

async fn stored(bundles: &Bundles, plan: &ServiceBundlePlan) -> ServiceBundlePlan {
    let stored = bundles.make(plan, &call()).await;
    stored.ok().expect("it is created").state.into()
}

/// Version 2 of both services, the API first.
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

/// Checks that a service which another state holds is neither read, nor taken over, nor deleted by this state.
async fn assert_not_held(
    fake: &Fake<'_>,
    bundles: &Bundles,
    state: &ServiceBundlePlan,
    plan: &ServiceBundlePlan,
    key: &str,
) {
    let name = format!("skreg-{key}");
    let before = fake.service(&name);
    let again = refreshed(bundles, state).await.expect("the other is there");
    assert!(known_deployment(&again, key).is_none(), "it is not read");
    for state in [state, &again] {
        let planned = bundles.refuse_existing(Some(state), plan).await;
        assert!(planned.is_err(), "the plan looks it up");
        let applied = failed(bundles.change(state, plan, &call()).await);
        let error = applied.diagnostics.iter().next().expect("an error");
        assert_eq!(error.summary, "Service exists already");
        let mut open = state.clone();
        open.deletion_protection = Planned::Known(false);
        assert!(bundles.remove(&open, &call()).await.is_ok());
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
    let other = fake.survive(bundles.make(&plan, &call())).await;
    assert!(other.is_none(), "it goes on elsewhere");
    let before = fake.service("skreg-worker");
    let interrupted = call();
    interrupted.cancel.cancel();
    let failure = failed(bundles.make(&plan, &interrupted).await);
    assert!(matches!(failure.remains, Remains::Nothing));
    let after = fake.service("skreg-worker");
    assert_eq!((after.status, after.tags), (before.status, before.tags));
}

#[tokio::test]
async fn a_service_that_a_failed_update_did_not_create_is_not_held() {
    let (fake, bundles) = account();
    let before = stored(&bundles, &only("api")).await;
    fake.script("skreg-api", failing(End::RollsBack));
    let state = partial(bundles.change(&before, &api_first(), &call()).await);
    let services = state.services.known().expect("known");
    assert_eq!(services.keys().collect::<Vec<_>>(), ["api"]);
    fake.script("skreg-api", Script::default());
    drop(stored(&bundles, &only("worker")).await);
    assert_not_held(&fake, &bundles, &state, &api_first(), "worker").await;
}

#[tokio::test]
async fn a_service_that_an_interrupted_create_did_not_create_is_not_held() {
    let (fake, bundles) = account();
    let interrupted = call();
    interrupted.cancel.cancel();
    let state = bundles.make(&v2(), &interrupted).await;
    let state = ServiceBundlePlan::from(state.ok().expect("stored, not tainted").state);
    assert_eq!(fake.active_services().len(), 1, "the worker");
    drop(stored(&bundles, &only("api")).await);
    assert_not_held(&fake, &bundles, &state, &v2(), "api").await;
}

#[tokio::test]
async fn a_service_that_another_state_creates_during_an_update_is_not_held() {
    let (fake, bundles) = account();
    let before = stored(&bundles, &only("api")).await;
    drop(stored(&bundles, &only("worker")).await);
    // It is not described until the update has begun.
    fake.change_service("skreg-worker", |service| service.name = "hidden".into());
    fake.meanwhile("ecs:RegisterTaskDefinition", |state| {
        state.change("skreg-worker", |service| {
            service.name = "skreg-worker".into();
        });
    });
    let state = partial(bundles.change(&before, &api_first(), &call()).await);
    let services = state.services.known().expect("known");
    assert_eq!(services.keys().collect::<Vec<_>>(), ["api"]);
    assert_not_held(&fake, &bundles, &state, &api_first(), "worker").await;
}

#[tokio::test]
async fn a_service_that_is_not_described_after_an_update_is_still_held() {
    let (fake, bundles) = account();
    let before = created(&bundles).await;
    fake.script("skreg-api", failing(End::RollsBack));
    fake.meanwhile("ecs:UpdateService", |state| {
        state.change("skreg-worker", |service| service.name = "hidden".into());
    });
    let mut plan = api_first();
    plan.deletion_protection = Planned::Known(true);
    let state = partial(bundles.change(&before, &plan, &call()).await);
    fake.script("skreg-api", Script::default());
    fake.change_service("skreg-worker", |service| {
        service.name = "skreg-worker".into();
    });
    assert!(plans_an_update(&state));
    let again = refreshed(&bundles, &state).await.expect("it is there");
    assert!(known_deployment(&again, "worker").is_some());
    assert!(bundles.change(&again, &plan, &call()).await.is_ok());
}

#[tokio::test]
async fn services_that_the_state_holds_are_not_marked_as_unfinished() {
    use crate::ecs::bundle::UNFINISHED_TAG;
    let (fake, bundles) = account();
    let marked = |name: &str| fake.service(name).tags.contains_key(UNFINISHED_TAG);
    let interrupted = call();
    interrupted.cancel.cancel();
    let stored = bundles.make(&plan_of(|_| ()), &interrupted).await;
    let stored = stored.ok().expect("stored, not tainted");
    assert_eq!(stored.state.deployments["worker"].status, "IN_PROGRESS");
    assert!(!marked("skreg-worker"), "after an interrupted create");

    let (fake, bundles) = account();
    let marked = |name: &str| fake.service(name).tags.contains_key(UNFINISHED_TAG);
    let before = self::stored(&bundles, &only("api")).await;
    fake.script("skreg-worker", failing(End::StaysFailed));
    let state = partial(bundles.change(&before, &api_first(), &call()).await);
    assert!(known_deployment(&state, "worker").is_some());
    assert!(!marked("skreg-worker"), "after a failed update");
}

#[tokio::test]
async fn services_that_were_kept_and_imported_lose_the_mark_although_the_update_fails() {
    use crate::ecs::bundle::UNFINISHED_TAG;
    let (fake, bundles) = account();
    fake.script("skreg-api", failing(End::StaysFailed));
    let kept = plan_of(|model| model.on_create_failure = model::KEEP.into());
    drop(failed(bundles.make(&kept, &call()).await));
    let id = ServiceBundlePlan {
        name: Planned::Known("skreg".into()),
        cluster: Planned::Known("main".into()),
        ..ServiceBundlePlan::default()
    };
    let imported = refreshed(&bundles, &id).await.expect("they are there");
    // One of them another attempt has claimed, which does not know this state.
    fake.change_service("skreg-worker", |service| {
        drop(service.tags.insert(UNFINISHED_TAG.into(), "x".into()));
    });
    drop(partial(bundles.change(&imported, &v2(), &call()).await));
    for name in ["skreg-api", "skreg-worker"] {
        let tags = fake.service(name).tags;
        assert!(!tags.contains_key(UNFINISHED_TAG), "{name}: {tags:?}");
    }
}
