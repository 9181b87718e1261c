//! When a rollout counts as done, and what the user is told when it does not.

use std::collections::BTreeSet;
use std::time::Duration;

use skreg::aws::AwsError;
use skreg::ecs::api::{
    Deployment, Rollout, Service, ServiceDeployment, StoppedContainer, StoppedTask,
};
use skreg::ecs::clock::{Clock as _, Impatience, Patience, Schedule};
use skreg::ecs::error::BundleError;
use skreg::ecs::rollout::{Deployer, Verdict, judge};
use skreg::ecs::target::Target;
use skreg::ecs::verdict::RolloutFailure;
use tfplugin::CancellationToken;

use crate::fake::{DeploymentsApi, End, Fake, FakeClock, Script};
use crate::{bundle, bundle_of, create, error_of, update};
use skreg::resources::ecs::service_bundle::diagnostics::Explained;

const EVERY_API: [DeploymentsApi; 4] = [
    DeploymentsApi::Available,
    DeploymentsApi::Denied,
    DeploymentsApi::Empty,
    DeploymentsApi::Behind,
];

fn crashed(arn: &str) -> StoppedTask {
    StoppedTask {
        arn: arn.into(),
        started_by: None,
        task_definition: "arn:td".into(),
        stop_code: Some("EssentialContainerExited".into()),
        reason: Some("Essential container in task exited".into()),
        containers: vec![StoppedContainer {
            name: "api".into(),
            exit_code: Some(1),
            reason: None,
        }],
    }
}

fn failing(end: End) -> Script {
    let unpulled = StoppedTask {
        stop_code: Some("TaskFailedToStart".into()),
        reason: Some("CannotPullContainerError: manifest unknown".into()),
        containers: vec![StoppedContainer {
            name: "api".into(),
            exit_code: None,
            reason: None,
        }],
        ..crashed("task-c")
    };
    Script {
        looks: 3,
        end,
        tasks: vec![crashed("task-a"), crashed("task-b"), unpulled],
        events: vec!["is unable to consistently start tasks successfully."],
        ..Script::default()
    }
}

fn rollout_failure(error: BundleError) -> RolloutFailure {
    match error {
        BundleError::Rollout(failure) => *failure,
        other => panic!("not a rollout failure: {other:?}"),
    }
}

#[tokio::test]
async fn a_rollout_that_succeeds_is_done_with_and_without_the_deployments_api() {
    for api in EVERY_API {
        let clock = FakeClock::new();
        let mut fake = Fake::new(&clock);
        fake.deployments_api = api;
        let applied = create(&fake, &clock, &bundle()).await;
        assert!(applied.result.is_ok(), "{:?}", applied.result);
        for deployed in applied.services.values() {
            assert_eq!(
                (deployed.status.as_str(), deployed.drift.len()),
                ("SUCCESSFUL", 0),
                "{deployed:?}"
            );
        }
        assert!(
            update(&fake, &clock, &bundle_of("registry/skreg:v2"))
                .await
                .result
                .is_ok()
        );
        assert_eq!(fake.service("skreg-api").running_count, 1);
    }
}

#[tokio::test]
async fn a_rollout_that_was_rolled_back_is_a_failure_although_the_service_is_steady() {
    for api in EVERY_API {
        let clock = FakeClock::new();
        let mut fake = Fake::new(&clock);
        fake.deployments_api = api;
        assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
        fake.script("skreg-api", failing(End::RollsBack));

        let applied = update(&fake, &clock, &bundle_of("registry/skreg:v2")).await;
        let api = &applied.services["api"];
        assert_eq!(api.status, "ROLLBACK_SUCCESSFUL");
        assert!(
            api.task_definition_arn.ends_with("skreg-api:1"),
            "the state says what runs: {api:?}"
        );
        assert!(
            api.drift
                .iter()
                .any(|drift| drift.contains("v1 instead of registry/skreg:v2")),
            "{api:?}"
        );
        let failure = rollout_failure(error_of(applied));
        assert_eq!(failure.status, "ROLLBACK_SUCCESSFUL");
        assert_eq!(failure.runs.as_deref(), Some("skreg-api:1"));
    }
}

#[tokio::test]
async fn a_rollout_that_fails_and_stays_is_a_failure_and_is_tried_again() {
    for api in EVERY_API {
        let clock = FakeClock::new();
        let mut fake = Fake::new(&clock);
        fake.deployments_api = api;
        assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
        fake.script("skreg-worker", failing(End::StaysFailed));
        let wanted = bundle_of("registry/skreg:v2");
        assert!(matches!(
            update(&fake, &clock, &wanted).await.result,
            Err(BundleError::Rollout(_))
        ));

        // Nothing differs any more, and yet it must not be called done.
        assert!(matches!(
            update(&fake, &clock, &wanted).await.result,
            Err(BundleError::Rollout(_))
        ));
        fake.script("skreg-worker", Script::default());
        assert!(update(&fake, &clock, &wanted).await.result.is_ok());
    }
}

#[tokio::test]
async fn the_error_tells_what_was_seen_while_it_failed() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.script("skreg-api", failing(End::RollsBack));
    let error = error_of(update(&fake, &clock, &bundle_of("registry/skreg:v2")).await);

    assert_eq!(
        error.summary(),
        "Rollout of skreg-api failed and was rolled back"
    );
    let detail = error.detail();
    let parts = [
        "ROLLBACK_SUCCESSFUL: ECS deployment circuit breaker: tasks failed to start.",
        "Circuit breaker: 3 of 3 failed tasks (TRIGGERED)",
        "  2 x EssentialContainerExited: Essential container in task exited",
        "      container api: exit code 1 (error of the program)",
        "  1 x TaskFailedToStart: CannotPullContainerError: manifest unknown",
        "      container api: never started",
        "  10.0.10.7:8080 is unhealthy: Target.ResponseCodeMismatch",
        "(service skreg-api) is unable to consistently start tasks successfully.",
        "The service now runs skreg-api:1.",
        "The image cannot be pulled.",
        "https://eu-central-1.console.aws.amazon.com/ecs/v2/clusters/main/services/skreg-api/",
    ];
    let mut rest = detail.as_str();
    for part in parts {
        let at = rest
            .find(part)
            .unwrap_or_else(|| panic!("{part:?} is missing or out of place in:\n{detail}"));
        rest = &rest[at + part.len()..];
    }
}

#[tokio::test]
async fn events_of_the_rollout_before_are_not_shown() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.script(
        "skreg-api",
        Script {
            events: vec!["was unable to place a task."],
            ..Script::default()
        },
    );
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    skreg::ecs::clock::Clock::sleep(&clock, Duration::from_secs(3600)).await;
    fake.script("skreg-api", failing(End::RollsBack));
    let failure = rollout_failure(error_of(update(&fake, &clock, &bundle_of("v2:v2")).await));
    assert!(!failure.events.is_empty());
    assert!(
        failure
            .events
            .iter()
            .all(|event| !event.message.contains("unable to place")),
        "{:?}",
        failure.events
    );
}

#[tokio::test]
async fn a_service_that_is_missing_at_first_is_waited_for() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.script(
        "skreg-api",
        Script {
            missing: 5,
            ..Script::default()
        },
    );
    let applied = create(&fake, &clock, &bundle()).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
}

#[tokio::test]
async fn a_service_that_stays_missing_is_not_waited_for_for_ever() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.script(
        "skreg-worker",
        Script {
            missing: usize::MAX,
            ..Script::default()
        },
    );
    let error = error_of(create(&fake, &clock, &bundle()).await);
    assert!(matches!(error, BundleError::Vanished { .. }), "{error:?}");
    assert!(
        clock.slept() < Duration::from_secs(180),
        "{:?}",
        clock.slept()
    );
}

#[tokio::test]
async fn running_out_of_time_tells_the_reasons_seen_so_far() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.script("skreg-worker", failing(End::Hangs));
    let failure = rollout_failure(error_of(create(&fake, &clock, &bundle()).await));
    assert_eq!(failure.status, "TIMED_OUT");
    assert_eq!(failure.tasks.len(), 2);
    assert!(
        (1795..=1801).contains(&clock.slept().as_secs()),
        "{:?}",
        clock.slept()
    );
}

#[tokio::test]
async fn an_interruption_ends_the_waiting_and_tells_what_is_there() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.script(
        "skreg-worker",
        Script {
            end: End::Hangs,
            ..Script::default()
        },
    );
    let cancel = CancellationToken::new();
    cancel.cancel();
    let patience = Patience::lasting(&clock, Duration::from_secs(1800), cancel);
    let deployer = Deployer {
        api: &fake,
        clock: &clock,
        patience,
        schedule: Schedule::ROLLOUT,
    };
    let applied = deployer.apply(&bundle(), &BTreeSet::new()).await;
    assert_eq!(applied.services.keys().collect::<Vec<_>>(), ["worker"]);
    assert_eq!(applied.services["worker"].status, "IN_PROGRESS");
    let error = error_of(applied);
    assert!(
        matches!(
            error,
            BundleError::Impatient {
                why: Impatience::Cancelled,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(clock.slept(), Duration::ZERO);
}

#[tokio::test]
async fn throttling_and_a_short_outage_during_the_wait_are_no_failure() {
    for code in ["ThrottlingException", "ServerException"] {
        let (clock, slow) = (
            FakeClock::new(),
            Script {
                looks: 6,
                ..Script::default()
            },
        );
        let fake = Fake::new(&clock);
        fake.script("skreg-worker", slow);
        let mut wanted = bundle();
        wanted.wait = false;
        assert!(create(&fake, &clock, &wanted).await.result.is_ok());
        let busy = |action| AwsError::service(action, code, "try again");
        fake.with(|state| {
            for action in [
                "ecs:DescribeServices",
                "ecs:ListServiceDeployments",
                "ecs:ListTasks",
            ] {
                let errors = vec![busy(action), busy(action)];
                state.errors.insert(action, errors.into());
            }
        });
        let known = Some(BTreeSet::new());
        let target = Target::of("main", &fake.service("skreg-worker"), known);
        let rolled = crate::deployer(&fake, &clock).watch(&target).await;
        assert!(rolled.is_ok(), "{rolled:?}");
    }
}

#[tokio::test]
async fn a_deployment_that_someone_else_replaced_is_not_called_ours() {
    let clock = FakeClock::new();
    let mut fake = Fake::new(&clock);
    fake.deployments_api = DeploymentsApi::Denied;
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    let deployer = crate::deployer(&fake, &clock);
    let service = fake.service("skreg-api");
    let mut target = Target::of("main", &service, Some(BTreeSet::new()));
    target.deployment = Some("ecs-svc/of-yesterday".into());
    let failure = rollout_failure(deployer.watch(&target).await.expect_err("it is not ours"));
    assert_eq!(failure.status, "REPLACED");
    assert!(
        failure
            .blind_spots
            .iter()
            .any(|spot| spot.contains("AccessDenied")),
        "{:?}",
        failure.blind_spots
    );
}

#[tokio::test]
async fn a_rollout_that_goes_on_after_a_crash_is_waited_for_and_judged() {
    for api in EVERY_API {
        let clock = FakeClock::new();
        let mut fake = Fake::new(&clock);
        fake.deployments_api = api;
        assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
        fake.script(
            "skreg-worker",
            Script {
                looks: 6,
                ..failing(End::RollsBack)
            },
        );
        fake.crash_after("ecs:UpdateService");
        let wanted = bundle_of("registry/skreg:v2");
        assert!(
            fake.survive(update(&fake, &clock, &wanted)).await.is_none(),
            "it dies"
        );
        let failure = rollout_failure(error_of(update(&fake, &clock, &wanted).await));
        assert_eq!(failure.status, "ROLLBACK_SUCCESSFUL");
    }
}

#[tokio::test]
async fn an_older_deployment_is_not_taken_for_ours_when_the_list_failed_once() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.script("skreg-worker", failing(End::RollsBack));
    let busy = AwsError::service(
        "ecs:ListServiceDeployments",
        "ThrottlingException",
        "Rate exceeded",
    );
    fake.with(|state| {
        state
            .errors
            .insert("ecs:ListServiceDeployments", vec![busy].into())
    });
    let failure = rollout_failure(error_of(
        update(&fake, &clock, &bundle_of("registry/skreg:v2")).await,
    ));
    assert_eq!(failure.status, "ROLLBACK_SUCCESSFUL");
}

#[tokio::test]
async fn a_first_deployment_that_fails_ends_with_the_failure_although_the_deployments_api_is_behind()
 {
    for looks in [0, 3] {
        let clock = FakeClock::new();
        let mut fake = Fake::new(&clock);
        fake.deployments_api = DeploymentsApi::Stale;
        let script = Script {
            looks,
            ..failing(End::RollsBack)
        };
        fake.script("skreg-worker", script);
        let failure = rollout_failure(error_of(create(&fake, &clock, &bundle()).await));
        assert_eq!(failure.status, "FAILED");
        let reason = failure.reason.as_deref().unwrap_or_default();
        assert!(reason.contains("circuit breaker"), "{reason}");
        assert!(clock.slept().as_secs() < 60, "{:?}", clock.slept());
    }
}

#[tokio::test]
async fn a_rollback_goes_to_the_deployment_that_was_completed_last() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    let mut service = fake.service("skreg-api");
    let completed = service.deployments[0].clone();
    let listed = |number: i64, rollout| Deployment {
        id: format!("ecs-svc/{number}"),
        is_primary: number == 4,
        task_definition: format!("arn:skreg-api:{number}"),
        rollout: Some(rollout),
        created_at: Some(clock.now() + jiff::SignedDuration::from_secs(number)),
        ..completed.clone()
    };
    service.deployments = vec![
        listed(4, Rollout::InProgress),
        listed(3, Rollout::Failed),
        listed(1, Rollout::Completed),
        listed(2, Rollout::Completed),
    ];
    let target = |service: &Service| Target::of("main", service, Some(BTreeSet::new()));
    assert_eq!(
        target(&service).previous.as_deref(),
        Some("arn:skreg-api:2")
    );
    service.deployments.truncate(2);
    assert_eq!(target(&service).previous, None, "one that failed is none");
}

#[test]
fn a_failed_deployment_is_judged_by_what_ecs_goes_back_to() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    assert!(
        runtime
            .block_on(create(&fake, &clock, &bundle()))
            .result
            .is_ok()
    );
    let mut service = fake.service("skreg-api");
    service.deployments[0].rollout = Some(Rollout::Failed);
    let behind = ServiceDeployment {
        arn: "arn:service-deployment".into(),
        status: "IN_PROGRESS".into(),
        reason: Some("behind".into()),
        rollback_reason: None,
        circuit_breaker: None,
        revision: None,
    };
    let target = |previous: Option<&str>| Target {
        previous: previous.map(str::to_owned),
        ..Target::of("main", &service, Some(BTreeSet::new()))
    };
    let judged = |target: &Target, service: &Service| judge(target, service, Some(&behind), true);
    let going = Verdict::Going("IN_PROGRESS".into());
    let failed = Verdict::Failed {
        status: "FAILED".into(),
        reason: Some("behind".into()),
    };
    let (first, later) = (target(None), target(Some("arn:skreg-api:0")));
    assert_eq!(judged(&first, &service), failed);
    assert_eq!(
        judged(&later, &service),
        going,
        "the rollback is waited for"
    );

    let mut staying = service.clone();
    let breaker = staying
        .settings
        .circuit_breaker
        .as_mut()
        .expect("a breaker");
    breaker.rollback = false;
    assert_eq!(judged(&later, &staying), failed, "there is no rollback");

    let mut replaced = service.clone();
    replaced.deployments[0].is_primary = false;
    assert_eq!(
        judged(&first, &replaced),
        going,
        "another one took its place"
    );

    let mut fine = service.clone();
    fine.deployments[0].rollout = Some(Rollout::InProgress);
    assert_eq!(judged(&first, &fine), going);
}
