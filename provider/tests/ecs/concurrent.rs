//! Tests of deployments in progress that another process started.

use std::collections::BTreeSet;
use std::time::Duration;

use skreg::ecs::api::{EcsApi as _, UpdateService};
use skreg::ecs::bundle::{Bundle, Concurrent};
use skreg::ecs::clock::Clock as _;
use skreg::ecs::error::BundleError;

use super::texts;
use crate::fake::{End, Fake, FakeClock, Script};
use crate::{bundle, bundle_of, create, error_of, update};
use skreg::resources::ecs::service_bundle::diagnostics::Explained;

/// Starts a manual deployment of the API service. The deployment ends after the specified number of polls.
async fn deploy_manually(fake: &Fake<'_>, looks: usize, end: End) -> String {
    let script = Script {
        looks,
        end,
        ..Script::default()
    };
    fake.script("skreg-api", script);
    let request = UpdateService {
        cluster: "main".into(),
        name: "skreg-api".into(),
        force_new_deployment: true,
        ..UpdateService::default()
    };
    let service = fake
        .update_service(&request)
        .await
        .expect("update succeeds");
    fake.with(|state| state.updates.clear());
    fake.script("skreg-api", Script::default());
    service.current_deployment.expect("deployment in progress")
}

fn wanted(concurrent: Concurrent) -> Bundle {
    Bundle {
        concurrent,
        ..bundle_of("registry/skreg:v2")
    }
}

#[tokio::test]
async fn wait_starts_our_deployment_after_the_other_has_ended() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    deploy_manually(&fake, 7, End::Succeeds).await;
    let applied = update(&fake, &clock, &wanted(Concurrent::Wait)).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert!(
        applied.notices.is_empty(),
        "no deployment must be replaced: {:?}",
        applied.notices
    );
    assert!(
        fake.service("skreg-api")
            .task_definition
            .ends_with("skreg-api:2")
    );
}

#[tokio::test]
async fn error_for_an_endless_deployment_names_it_and_the_remedy() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    deploy_manually(&fake, 1, End::Hangs).await;
    let deployment = fake.service("skreg-api").deployments[0].id.clone();
    let error = error_of(update(&fake, &clock, &wanted(Concurrent::Wait)).await);
    assert!(matches!(error, BundleError::WaitEnded { .. }), "{error:?}");
    let named = format!("the deployment {deployment} of skreg-api");
    for part in [&named, "deployment.concurrent = \"replace\""] {
        assert!(error.detail().contains(part), "{}", error.detail());
    }
    assert!(
        fake.with(|state| state.updates.is_empty()),
        "the service must not be updated"
    );
}

#[tokio::test]
async fn fail_ends_the_attempt_before_the_service_is_changed() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    deploy_manually(&fake, 7, End::Succeeds).await;
    let error = error_of(update(&fake, &clock, &wanted(Concurrent::Fail)).await);
    assert_eq!(error.summary(), "Another deployment is in progress");
    let deployment = &fake.service("skreg-api").deployments[0].id;
    for part in [deployment, "\"wait\" or \"replace\""] {
        assert!(error.detail().contains(part), "{}", error.detail());
    }
    assert!(
        fake.service("skreg-api")
            .task_definition
            .ends_with("skreg-api:1")
    );
}

#[tokio::test]
async fn deployment_is_replaced_if_configured_or_started_by_an_earlier_attempt() {
    for ours in [false, true] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
        let going = deploy_manually(&fake, 1, End::Hangs).await;
        let wanted = match ours {
            true => Bundle {
                own_deployments: BTreeSet::from([going]),
                ..wanted(Concurrent::Fail)
            },
            false => wanted(Concurrent::Replace),
        };
        let applied = update(&fake, &clock, &wanted).await;
        assert!(applied.result.is_ok(), "{:?}", applied.result);
        assert!(
            texts(&applied.notices)
                .iter()
                .any(|notice| notice.contains("was in progress and was replaced")),
            "{:?}",
            applied.notices
        );
    }
}

#[tokio::test]
async fn change_without_deployment_ignores_other_deployments() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    deploy_manually(&fake, 2, End::Succeeds).await;
    let mut wanted = Bundle {
        concurrent: Concurrent::Fail,
        ..bundle()
    };
    for spec in wanted.services.values_mut() {
        spec.settings.options.enable_execute_command = true;
    }
    let applied = update(&fake, &clock, &wanted).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert!(applied.notices.is_empty(), "{:?}", texts(&applied.notices));
}

#[tokio::test]
async fn deployments_with_externally_managed_images_are_not_awaited() {
    for (end, keeps_image) in [(End::Hangs, true), (End::Succeeds, false)] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
        deploy_manually(&fake, 5, end).await;
        let slept = clock.slept();
        let mut wanted = bundle();
        for spec in wanted.services.values_mut() {
            spec.keeps_image = keeps_image;
        }
        let applied = update(&fake, &clock, &wanted).await;
        assert!(applied.result.is_ok(), "{:?}", applied.result);
        assert_eq!(clock.slept() == slept, keeps_image);
    }
}

#[tokio::test]
async fn change_without_deployment_does_not_wait_for_externally_managed_images() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    deploy_manually(&fake, 1, End::Hangs).await;
    let slept = clock.slept();
    let mut wanted = bundle();
    for spec in wanted.services.values_mut() {
        spec.keeps_image = true;
        spec.settings.options.enable_execute_command = true;
    }
    let applied = update(&fake, &clock, &wanted).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(fake.with(|state| state.updates.len()), 2);
    assert_eq!(clock.slept(), slept);
}

#[tokio::test]
async fn service_deleted_during_the_wait_for_its_deployment_is_recreated() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    deploy_manually(&fake, 1, End::Hangs).await;
    let deletes = async {
        clock.sleep(Duration::from_secs(60)).await;
        // ECS still describes the deployment of a draining service as in progress.
        fake.with(|state| state.drain("skreg-api"));
    };
    let wanted = wanted(Concurrent::Wait);
    let (applied, ()) = clock
        .together(5, update(&fake, &clock, &wanted), deletes)
        .await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(applied.made.services, ["skreg-api"]);
}

/// Makes another process deploy the API during the rollout of the worker. The deployment ends after the specified
/// number of polls.
fn released_meanwhile(fake: &Fake<'_>, looks: usize) {
    fake.meanwhile("ecs:UpdateService", move |state| {
        let script = Script {
            looks,
            ..Script::default()
        };
        state.scripts.insert("skreg-api".into(), script);
        state.release("skreg-api", "registry/skreg:ci-9");
        state.scripts.remove("skreg-api");
    });
}

async fn image_of_api(fake: &Fake<'_>) -> String {
    let runs = fake.service("skreg-api").task_definition;
    let revisions = fake.with(|state| state.revisions.clone());
    let runs = revisions.into_iter().find(|revision| revision.arn == runs);
    runs.expect("registered revision")
        .definition
        .container
        .image
}

#[tokio::test]
async fn release_by_another_process_during_the_apply_is_kept() {
    for looks in [0, 20] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        let external = |memory| {
            let mut bundle = bundle();
            for spec in bundle.services.values_mut() {
                spec.keeps_image = true;
                spec.definition.memory = memory;
            }
            bundle
        };
        assert!(create(&fake, &clock, &external(1024)).await.result.is_ok());
        released_meanwhile(&fake, looks);
        let applied = update(&fake, &clock, &external(2048)).await;
        assert!(applied.result.is_ok(), "{:?}", applied.result);
        assert_eq!(image_of_api(&fake).await, "registry/skreg:ci-9");
        let runs = fake.service("skreg-api").task_definition;
        let revisions = fake.revisions();
        let runs = revisions.iter().find(|revision| revision.arn == runs);
        assert_eq!(
            runs.expect("active revision").definition.memory,
            2048,
            "our change must also be deployed"
        );
        let replaced = |notice: &String| notice.contains("was in progress and was replaced");
        assert!(
            !texts(&applied.notices).iter().any(replaced),
            "{:?}",
            applied.notices
        );
    }
}

#[tokio::test]
async fn deployment_started_during_the_apply_fails_it_if_configured() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    released_meanwhile(&fake, 50);
    let error = error_of(update(&fake, &clock, &wanted(Concurrent::Fail)).await);
    assert_eq!(error.summary(), "Another deployment is in progress");
    assert_eq!(image_of_api(&fake).await, "registry/skreg:ci-9");
    assert!(
        fake.service("skreg-worker")
            .task_definition
            .ends_with("skreg-worker:2")
    );
}

#[tokio::test]
async fn service_deleted_during_the_apply_is_recreated() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.meanwhile("ecs:UpdateService", |state| state.forget("skreg-api"));
    let applied = update(&fake, &clock, &wanted(Concurrent::Wait)).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(
        applied.made.services,
        ["skreg-api"],
        "the service must be recreated"
    );
}
