//! Tests that the next attempt converges after any earlier failure, with exactly one set of services.

use std::collections::{BTreeMap, BTreeSet};

use skreg::aws::AwsError;
use skreg::ecs::api::{ServiceStatus, TargetGroup};
use skreg::ecs::bundle::{BUNDLE_TAG, CLUSTER_TAG, Concurrent};

use crate::fake::{DeploymentsApi, End, Fake, FakeClock, Moment, Script};
use crate::{bundle, bundle_of, create, delete, deployer, drift_texts, error_of, update};
use skreg::resources::ecs::service_bundle::diagnostics::Explained;

const CHANGING: [&str; 6] = [
    "ecs:CreateService",
    "ecs:UpdateService",
    "ecs:DeleteService",
    "ecs:RegisterTaskDefinition",
    "ecs:DeregisterTaskDefinition",
    "ecs:TagResource",
];

/// Asserts that exactly one set of services runs the planned image, and that another attempt makes no changes.
async fn assert_settled(
    fake: &Fake<'_>,
    clock: &FakeClock,
    image: &str,
    revisions: usize,
    context: &str,
) {
    let names: Vec<String> = fake
        .active_services()
        .into_iter()
        .map(|service| service.name)
        .collect();
    assert_eq!(names, ["skreg-api", "skreg-worker"], "{context}");
    for service in fake.active_services() {
        let all = fake.revisions();
        let revision = all
            .iter()
            .find(|revision| revision.arn == service.task_definition);
        let revision = revision
            .unwrap_or_else(|| panic!("{context}: {} runs an inactive revision", service.name));
        assert_eq!(revision.definition.container.image, image, "{context}");
        let family = |arn: &str| arn.contains(&format!("/{}:", service.name));
        let registered = all.iter().filter(|revision| family(&revision.arn)).count();
        assert_eq!(
            registered, revisions,
            "{context}: unexpected revisions of {}",
            service.name
        );
    }
    fake.calls();
    let again = update(fake, clock, &bundle_of(image)).await;
    assert!(
        again.result.is_ok()
            && again
                .services
                .values()
                .all(|deployed| deployed.drift.is_empty()),
        "{context}"
    );
    let changed: Vec<_> = fake
        .calls()
        .into_iter()
        .filter(|call| CHANGING.contains(call))
        .collect();
    assert!(
        changed.is_empty(),
        "{context}: a converged bundle must not be changed: {changed:?}"
    );
}

#[tokio::test]
async fn create_killed_at_any_call_converges_when_repeated() {
    let (mut survived, mut refused) = (0, 0);
    for moment in [Moment::Before, Moment::After] {
        for call in 0.. {
            let clock = FakeClock::new();
            let fake = Fake::new(&clock);
            fake.crash_at(call, moment);
            let wanted = bundle();
            if fake.survive(create(&fake, &clock, &wanted)).await.is_some() {
                assert!(call > 15, "the attempt must make more than 15 calls");
                break;
            }
            survived += 1;
            let context = format!("killed {moment:?} call {call}");
            let dead = fake.calls();
            let again = create(&fake, &clock, &wanted).await;
            if let Err(error) = again.result {
                // All objects were created, and only the state is missing. An import restores the state.
                assert_eq!(error.summary(), "Service already exists", "{context}");
                assert!(error.detail().contains("import ADDRESS"), "{context}");
                assert!(update(&fake, &clock, &wanted).await.result.is_ok());
                assert!(dead.contains(&"ecs:TagResource"), "{context}: {dead:?}");
                refused += 1;
            }
            assert_settled(&fake, &clock, "registry/skreg:v1", 1, &context).await;
        }
    }
    assert!(survived > 30);
    assert!((1..20).contains(&refused), "{refused}");
}

#[tokio::test]
async fn update_killed_at_any_call_converges_when_repeated() {
    for api in [DeploymentsApi::Available, DeploymentsApi::Empty] {
        for moment in [Moment::Before, Moment::After] {
            for call in 0.. {
                let clock = FakeClock::new();
                let mut fake = Fake::new(&clock);
                fake.deployments_api = api;
                assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
                fake.crash_at(call, moment);
                let wanted = bundle_of("registry/skreg:v2");
                if fake.survive(update(&fake, &clock, &wanted)).await.is_some() {
                    break;
                }
                let context = format!("killed {moment:?} call {call}");
                let again = update(&fake, &clock, &wanted).await;
                assert!(again.result.is_ok(), "{context}: {:?}", again.result);
                assert_settled(&fake, &clock, "registry/skreg:v2", 2, &context).await;
            }
        }
    }
}

#[tokio::test]
async fn delete_killed_at_any_call_converges_when_repeated() {
    for moment in [Moment::Before, Moment::After] {
        for call in 0.. {
            let clock = FakeClock::new();
            let fake = Fake::new(&clock);
            assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
            fake.crash_at(call, moment);
            let done = fake.survive(delete(&fake, &clock)).await.is_some();
            if !done {
                let again = delete(&fake, &clock).await;
                assert!(again.is_ok(), "killed {moment:?} call {call}: {again:?}");
            }
            for name in ["skreg-api", "skreg-worker"] {
                assert_eq!(
                    fake.service(name).status,
                    ServiceStatus::Inactive,
                    "killed {moment:?} call {call}"
                );
            }
            assert!(fake.revisions().is_empty(), "killed {moment:?} call {call}");
            if done {
                break;
            }
        }
    }
}

#[tokio::test]
async fn failed_create_can_be_undone_and_repeated_while_services_drain() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.script(
        "skreg-api",
        Script {
            end: End::StaysFailed,
            drains: 9,
            ..Script::default()
        },
    );
    let applied = create(&fake, &clock, &bundle()).await;
    assert!(applied.result.is_err());
    assert_eq!(
        applied.made.services,
        ["skreg-worker", "skreg-api"],
        "expected the worker first, then the service that receives requests"
    );
    assert!(
        deployer(&fake, &clock)
            .undo("main", &applied.made)
            .await
            .is_empty()
    );
    assert!(fake.active_services().is_empty() && fake.revisions().is_empty());

    fake.script("skreg-api", Script::default());
    let again = create(&fake, &clock, &bundle()).await;
    assert!(again.result.is_ok(), "{:?}", again.result);
    assert_settled(&fake, &clock, "registry/skreg:v1", 1, "after draining").await;
}

#[tokio::test]
async fn unusable_target_group_fails_the_attempt_before_anything_is_created() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let group = |load_balancers: Vec<String>, target_type: &str| {
        let target_type = Some(target_type.to_owned());
        vec![TargetGroup {
            arn: "arn:tg/api".into(),
            load_balancers,
            target_type,
        }]
    };
    for (groups, summary) in [
        (group(vec![], "ip"), "Target group has no listener"),
        (
            group(vec!["arn:lb".into()], "instance"),
            "Target group does not have the target type ip",
        ),
        (vec![], "Target group does not exist"),
    ] {
        fake.with(|state| state.target_groups = groups);
        let applied = create(&fake, &clock, &bundle()).await;
        assert!(applied.made.revisions.is_empty());
        assert_eq!(error_of(applied).summary(), summary);
    }
    assert!(!fake.calls().iter().any(|call| CHANGING.contains(call)));
}

#[tokio::test]
async fn error_names_the_missing_cluster() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let mut wanted = bundle();
    wanted.cluster = "staging".into();
    let error = error_of(create(&fake, &clock, &wanted).await);
    assert_eq!(error.summary(), "Cluster cannot be used");
    assert!(
        error
            .detail()
            .starts_with("The cluster staging is missing."),
        "{}",
        error.detail()
    );
}

#[tokio::test]
async fn role_that_is_not_visible_yet_is_retried_for_a_limited_time() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let lag = || {
        let text = "Unable to assume the service linked role. Please verify that the ECS service linked role exists.";
        AwsError::service("ecs:CreateService", "InvalidParameterException", text)
    };
    fake.with(|state| {
        state
            .errors
            .insert("ecs:CreateService", vec![lag(), lag()].into())
    });
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());

    let (clock, many) = (FakeClock::new(), std::iter::repeat_with(lag).take(1000));
    let fake = Fake::new(&clock);
    fake.with(|state| state.errors.insert("ecs:CreateService", many.collect()));
    assert_eq!(
        error_of(create(&fake, &clock, &bundle()).await).summary(),
        "Failed to create the service skreg-worker"
    );
    assert!(clock.slept().as_secs() < 150, "{:?}", clock.slept());
}

#[tokio::test]
async fn update_sends_only_changes_and_waits_only_for_deployments() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    let slept = clock.slept();
    let mut wanted = bundle();
    wanted
        .services
        .get_mut("api")
        .expect("api")
        .settings
        .options
        .enable_execute_command = true;
    wanted.tags.clear();
    wanted.dropped_tags.insert("team".into());
    fake.change_service("skreg-api", |service| {
        drop(service.tags.insert("cost".into(), "external".into()))
    });
    fake.calls();
    assert!(update(&fake, &clock, &wanted).await.result.is_ok());
    assert_eq!(
        clock.slept(),
        slept,
        "an update without a deployment must not wait"
    );
    let calls = fake.calls();
    assert_eq!(
        calls
            .iter()
            .filter(|call| **call == "ecs:UpdateService")
            .count(),
        1
    );
    assert!(!calls.contains(&"ecs:RegisterTaskDefinition"));
    let tags = fake.service("skreg-api").tags;
    assert!(
        !tags.contains_key("team") && tags.contains_key("cost"),
        "{tags:?}"
    );
    assert_eq!(fake.service("skreg-api").deployments.len(), 1);
}

#[tokio::test]
async fn unmanaged_desired_count_is_not_changed() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let mut wanted = bundle();
    wanted
        .services
        .get_mut("api")
        .expect("api")
        .settings
        .desired_count = None;
    assert!(create(&fake, &clock, &wanted).await.result.is_ok());
    fake.change_service("skreg-api", |service| {
        service.settings.desired_count = Some(7)
    });
    wanted
        .services
        .get_mut("api")
        .expect("api")
        .definition
        .container
        .image = "registry/skreg:v2".into();
    let applied = update(&fake, &clock, &wanted).await;
    assert!(
        applied.services["api"].drift.is_empty(),
        "{:?}",
        applied.services["api"].drift
    );
    assert_eq!(fake.service("skreg-api").settings.desired_count, Some(7));
}

#[tokio::test]
async fn only_old_revisions_of_the_bundle_are_deregistered() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    for version in ["v1", "v2", "v3", "v4"] {
        assert!(
            update(&fake, &clock, &bundle_of(version))
                .await
                .result
                .is_ok()
        );
        if version == "v1" {
            fake.with(|state| {
                state
                    .revisions
                    .iter_mut()
                    .for_each(|revision| revision.tags.clear())
            });
        }
    }
    let numbers = |fake: &Fake<'_>| {
        let mut arns: Vec<String> = fake
            .revisions()
            .into_iter()
            .map(|revision| revision.arn)
            .collect();
        arns.retain(|arn| arn.contains("skreg-api"));
        arns.iter()
            .map(|arn| arn.rsplit(':').next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        numbers(&fake),
        ["1", "3", "4"],
        "a revision without our tag must stay registered"
    );
}

#[tokio::test]
async fn reverting_the_configuration_after_a_failed_rollout_changes_nothing() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.script("skreg-worker", Script::ending(End::RollsBack));
    assert!(
        update(&fake, &clock, &bundle_of("registry/skreg:v2"))
            .await
            .result
            .is_err()
    );
    fake.calls();
    assert!(update(&fake, &clock, &bundle()).await.result.is_ok());
    assert!(
        !fake
            .calls()
            .iter()
            .any(|call| *call == "ecs:UpdateService" || *call == "ecs:RegisterTaskDefinition")
    );
}

#[tokio::test]
async fn service_removed_from_the_bundle_is_deleted_after_the_others_are_deployed() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    let mut smaller = bundle();
    smaller.services.remove("worker");
    let applied = update(&fake, &clock, &smaller).await;
    assert!(applied.result.is_ok());
    assert_eq!(applied.services.keys().collect::<Vec<_>>(), ["api"]);
    assert_eq!(fake.service("skreg-worker").status, ServiceStatus::Inactive);
    assert!(
        fake.revisions()
            .iter()
            .all(|revision| revision.definition.family == "skreg-api")
    );
}

#[tokio::test]
async fn read_reports_drift_and_omits_deleted_services() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.change_service("skreg-worker", |service| {
        service.status = ServiceStatus::Inactive
    });
    fake.change_service("skreg-api", |service| {
        service.settings.desired_count = Some(5)
    });
    let mut wanted = bundle();
    let container = &mut wanted
        .services
        .get_mut("api")
        .expect("api")
        .definition
        .container;
    container.environment = BTreeMap::from([("MODE".to_owned(), "hidden-value".to_owned())]);
    let read = deployer(&fake, &clock)
        .read(&wanted)
        .await
        .expect("read succeeds");
    assert_eq!(read.services.keys().collect::<Vec<_>>(), ["api"]);
    assert_eq!(
        drift_texts(&read.services["api"].drift),
        [
            "desired_count is 5 instead of 1",
            "environment[\"MODE\"] is different"
        ]
    );
}

#[tokio::test]
async fn discovery_uses_the_bundle_tag_and_falls_back_to_names() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    let names = |keys: &[&str]| {
        keys.iter()
            .map(|key| (*key).to_owned())
            .collect::<BTreeSet<_>>()
    };
    let untag = |service: &mut skreg::ecs::api::Service| service.tags.clear();
    fake.change_service("skreg-worker", untag);
    assert_eq!(
        deployer(&fake, &clock)
            .discover("main", "skreg")
            .await
            .expect("keys"),
        names(&["api"])
    );
    fake.change_service("skreg-api", untag);
    assert_eq!(
        deployer(&fake, &clock)
            .discover("main", "skreg")
            .await
            .expect("keys"),
        names(&["api", "worker"])
    );
    assert!(
        deployer(&fake, &clock)
            .discover("main", "other")
            .await
            .expect("keys")
            .is_empty()
    );
    // A service of another bundle is not discovered, regardless of its name.
    fake.change_service("skreg-api", |service| {
        service.tags.insert(BUNDLE_TAG.into(), "another".into());
    });
    assert_eq!(
        deployer(&fake, &clock)
            .discover("main", "skreg")
            .await
            .expect("keys"),
        names(&["worker"])
    );
}

#[tokio::test]
async fn revisions_of_a_bundle_with_the_same_name_in_another_cluster_are_kept() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.with(|state| {
        for revision in &mut state.revisions {
            let tag = revision.tags.insert(CLUSTER_TAG.into(), "staging".into());
            assert_eq!(tag.as_deref(), Some("main"));
        }
    });
    let of_staging = fake.revisions();
    for version in ["v2", "v3", "v4"] {
        let applied = update(&fake, &clock, &bundle_of(version)).await;
        assert!(applied.result.is_ok());
    }
    assert_eq!(
        fake.revisions().len(),
        6,
        "expected two revisions of each family, and the revisions of staging"
    );
    let deleted = delete(&fake, &clock).await;
    assert!(deleted.is_ok(), "{deleted:?}");
    assert_eq!(fake.revisions(), of_staging);

    // The staging revisions match, but the staging bundle can deregister them at any time.
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    let runs = fake.service("skreg-api").task_definition;
    assert!(of_staging.iter().all(|revision| revision.arn != runs));
}

#[tokio::test]
async fn revision_of_a_deployment_in_progress_is_not_deregistered() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    for name in ["skreg-api", "skreg-worker"] {
        fake.script(name, Script::ending(End::Hangs));
    }
    for version in ["v2", "v3"] {
        let mut wanted = bundle_of(version);
        (wanted.wait, wanted.concurrent) = (false, Concurrent::Replace);
        assert!(update(&fake, &clock, &wanted).await.result.is_ok());
    }
    assert_eq!(fake.service("skreg-api").deployments.len(), 3);
    assert_eq!(fake.revisions().len(), 6);
}

#[tokio::test]
async fn undo_keeps_the_revision_of_a_service_that_was_taken_over() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.crash_after("ecs:CreateService");
    let first = fake.survive(create(&fake, &clock, &bundle())).await;
    assert!(first.is_none(), "the process must be killed");
    fake.script("skreg-worker", Script::ending(End::StaysFailed));
    let again = create(&fake, &clock, &bundle_of("v2")).await;
    assert!(again.result.is_err());
    let left = deployer(&fake, &clock).undo("main", &again.made).await;
    assert!(left.is_empty(), "{left:?}");
    let runs = fake.service("skreg-worker").task_definition;
    let active = fake.revisions();
    assert!(active.iter().any(|revision| revision.arn == runs), "{runs}");
}

#[tokio::test]
async fn manually_deleted_service_is_recreated() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.change_service("skreg-api", |service| {
        service.status = ServiceStatus::Inactive
    });
    let again = update(&fake, &clock, &bundle()).await;
    assert!(again.result.is_ok(), "{:?}", again.result);
    assert_settled(&fake, &clock, "registry/skreg:v1", 1, "recreated").await;
}

#[tokio::test]
async fn create_with_lost_response_is_repeated_and_recorded() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let lost = AwsError::service("ecs:CreateService", "ServerException", "sorry");
    fake.with(|state| state.lost.insert("ecs:CreateService", lost));
    let applied = create(&fake, &clock, &bundle()).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(applied.made.services, ["skreg-worker", "skreg-api"]);
    assert!(applied.made.taken_over.is_empty());
}
