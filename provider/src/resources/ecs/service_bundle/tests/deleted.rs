//! Tests of services that are being deleted, interrupted deletions, and timeouts.

use super::*;

/// Returns the summary and the detail of each warning from a call.
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
async fn draining_services_count_as_deleted_and_cause_warnings() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    drain(&fake, "skreg-api");
    let refresh = call();
    let read = bundles.refresh(state.clone(), &refresh).await;
    let left = read
        .unwrap_or_else(|refused| panic!("{refused:?}"))
        .expect("the worker exists");
    assert_eq!(left.deployments.keys().collect::<Vec<_>>(), ["worker"]);
    let collected = warnings(&refresh);
    assert_eq!(collected.len(), 1, "{collected:?}");
    assert_eq!(collected[0].0, "Service is being deleted");
    assert!(
        collected[0].1.contains("skreg-api") && collected[0].1.contains("DRAINING"),
        "{collected:?}"
    );
    assert!(
        plans_an_update(&left.into()),
        "the service must be created again"
    );

    drain(&fake, "skreg-worker");
    let refresh = call();
    let read = bundles.refresh(state.clone(), &refresh).await;
    assert!(
        read.unwrap_or_else(|refused| panic!("{refused:?}"))
            .is_none()
    );
    assert_eq!(warnings(&refresh).len(), 2);

    // A single apply creates the bundle again.
    assert!(
        bundles
            .create_bundle(&plan_of(|_| ()), &call())
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn interrupted_destroy_plans_an_update_and_can_be_repeated() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    fake.crash_after("ecs:UpdateService");
    let protected = unprotected(&state);
    let destroy = call();
    let died = fake
        .survive(bundles.delete_bundle(&protected, &destroy))
        .await;
    assert!(died.is_none(), "the process crashes");
    let again = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    assert!(plans_an_update(&again));
    let drift = known_deployment(&again, "api").expect("the API").drift;
    assert!(
        drift.contains(&"the deletion of the service was started but not completed".to_owned()),
        "{drift:?}"
    );
    let destroy = call();
    assert!(
        bundles
            .delete_bundle(&unprotected(&again), &destroy)
            .await
            .is_ok()
    );
    assert!(fake.active_services().is_empty() && fake.revisions().is_empty());
    assert_eq!(warnings(&destroy), []);
}

#[tokio::test]
async fn destroy_warns_about_revisions_that_stay_registered() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    fake.refuse(
        "ecs:DeregisterTaskDefinition",
        0..1,
        "AccessDeniedException",
    );
    let destroy = call();
    assert!(
        bundles
            .delete_bundle(&unprotected(&state), &destroy)
            .await
            .is_ok()
    );
    let collected = warnings(&destroy);
    assert_eq!(collected.len(), 1, "{collected:?}");
    assert!(
        collected[0]
            .1
            .contains("aws ecs deregister-task-definition"),
        "{collected:?}"
    );
    assert!(fake.active_services().is_empty());
}

#[tokio::test]
async fn destroy_uses_keep_revisions_to_find_all_revisions() {
    let (fake, bundles) = account();
    let keeping = |tag: &str| {
        plan_of(|model| {
            model.keep_revisions = 0;
            model.image = Some(image(tag));
        })
    };
    let mut state = match bundles.create_bundle(&keeping("v0"), &call()).await {
        Ok(stored) => ServiceBundlePlan::from(stored.state),
        Err(failure) => panic!("{:?}", failure.diagnostics),
    };
    for number in 1..12 {
        let changed = bundles
            .update_bundle(&state, &keeping(&format!("v{number}")), &call())
            .await;
        state = changed.ok().expect("the update succeeds").state.into();
    }
    for name in ["skreg-api", "skreg-worker"] {
        // Older versions of the provider do not write this tag.
        fake.change_service(name, |service| drop(service.tags.remove("skreg:revisions")));
    }
    assert_eq!(fake.revisions().len(), 24);
    assert!(
        bundles
            .delete_bundle(&unprotected(&state), &call())
            .await
            .is_ok()
    );
    assert!(fake.revisions().is_empty());
}

#[test]
fn default_timeout_depends_on_the_number_of_services() {
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
async fn hanging_create_fails_at_the_deadline_of_the_call() {
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
    let failure = failed(bundles.create_bundle(&plan_of(|_| {}), &call()).await);
    assert!(matches!(failure.remains, Remains::Nothing));
    let slept = clock.slept().as_secs() / 60;
    assert!((29..=30).contains(&slept), "{slept} minutes");
}
