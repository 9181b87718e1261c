//! Services that are being deleted or whose deletion was interrupted, and how long an operation may take.

use super::*;

/// Summaries and details of the warnings of a call.
fn warnings(call: &Call) -> Vec<(String, String)> {
    let all = call.warnings.collected();
    let texts = all
        .iter()
        .map(|warning| (warning.summary.clone(), warning.detail.clone()));
    texts.collect()
}

fn drain(fake: &Fake<'_>, name: &'static str) {
    fake.with(|state| state.drain(name));
}

fn unprotected(state: &ServiceBundlePlan) -> ServiceBundlePlan {
    let mut state = state.clone();
    state.deletion_protection = Planned::Known(false);
    state
}

#[tokio::test]
async fn a_bundle_whose_services_drain_is_gone_with_a_warning_for_each() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    drain(&fake, "skreg-api");
    let refresh = call();
    let read = bundles.refresh(state.clone(), &refresh).await;
    let left = read
        .unwrap_or_else(|refused| panic!("{refused:?}"))
        .expect("the worker is there");
    assert_eq!(left.deployments.keys().collect::<Vec<_>>(), ["worker"]);
    let told = warnings(&refresh);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, "Service is being deleted");
    assert!(
        told[0].1.contains("skreg-api") && told[0].1.contains("DRAINING"),
        "{told:?}"
    );
    assert!(plans_an_update(&left.into()), "the service is made again");

    drain(&fake, "skreg-worker");
    let refresh = call();
    let read = bundles.refresh(state.clone(), &refresh).await;
    assert!(
        read.unwrap_or_else(|refused| panic!("{refused:?}"))
            .is_none()
    );
    assert_eq!(warnings(&refresh).len(), 2);

    // It is created again in one go.
    assert!(bundles.make(&plan_of(|_| ()), &call()).await.is_ok());
}

#[tokio::test]
async fn a_destroy_that_was_interrupted_is_planned_as_an_update_and_can_be_repeated() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    fake.crash_after("ecs:UpdateService");
    let protected = unprotected(&state);
    let destroy = call();
    let died = fake.survive(bundles.remove(&protected, &destroy)).await;
    assert!(died.is_none(), "it dies");
    let again = refreshed(&bundles, &state).await.expect("it is there");
    assert!(plans_an_update(&again));
    let drift = known_deployment(&again, "api").expect("it is there").drift;
    assert!(
        drift.contains(&"its deletion was begun and not finished".to_owned()),
        "{drift:?}"
    );
    let destroy = call();
    assert!(bundles.remove(&unprotected(&again), &destroy).await.is_ok());
    assert!(fake.active_services().is_empty() && fake.revisions().is_empty());
    assert_eq!(warnings(&destroy), []);
}

#[tokio::test]
async fn a_revision_that_stays_registered_is_a_warning_of_the_destroy() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    fake.refuse(
        "ecs:DeregisterTaskDefinition",
        0..1,
        "AccessDeniedException",
    );
    let destroy = call();
    assert!(bundles.remove(&unprotected(&state), &destroy).await.is_ok());
    let told = warnings(&destroy);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].1.contains("aws ecs deregister-task-definition"),
        "{told:?}"
    );
    assert!(fake.active_services().is_empty());
}

#[tokio::test]
async fn the_number_that_is_kept_tells_a_destroy_where_to_look() {
    let (fake, bundles) = account();
    let keeping = |tag: &str| {
        plan_of(|model| {
            model.keep_revisions = 0;
            model.image = Some(image(tag));
        })
    };
    let mut state = match bundles.make(&keeping("v0"), &call()).await {
        Ok(stored) => ServiceBundlePlan::from(stored.state),
        Err(failure) => panic!("{:?}", failure.diagnostics),
    };
    for number in 1..12 {
        let changed = bundles
            .change(&state, &keeping(&format!("v{number}")), &call())
            .await;
        state = changed.ok().expect("it goes through").state.into();
    }
    for name in ["skreg-api", "skreg-worker"] {
        // As an older version of the provider leaves it.
        fake.change_service(name, |service| drop(service.tags.remove("skreg:revisions")));
    }
    assert_eq!(fake.revisions().len(), 24);
    assert!(bundles.remove(&unprotected(&state), &call()).await.is_ok());
    assert!(fake.revisions().is_empty());
}

#[test]
fn the_default_timeout_counts_every_service() {
    let (_, bundles) = account();
    let plan = plan_of(|_| {});
    let minutes = |operation| {
        let time = Resource::default_timeout(&bundles, operation, &plan);
        time.map(|time| time.as_secs() / 60)
    };
    let operations = [
        Operation::Create,
        Operation::Update,
        Operation::Delete,
        Operation::Read,
    ];
    assert_eq!(
        operations.map(minutes),
        [Some(40), Some(40), Some(25), None]
    );
}

#[tokio::test]
async fn a_create_that_hangs_ends_at_the_deadline_of_its_call() {
    let (fake, bundles) = account();
    let clock = bundles.clock;
    let end = End::Hangs;
    fake.script(
        "skreg-worker",
        Script {
            end,
            ..Script::default()
        },
    );
    let failure = failed(bundles.make(&plan_of(|_| {}), &call()).await);
    assert!(matches!(failure.remains, Remains::Nothing));
    let slept = clock.slept().as_secs() / 60;
    assert!((29..=30).contains(&slept), "{slept} minutes");
}
