//! Tests of the result of a rollout, and of the error if the rollout does not succeed.

use std::collections::BTreeSet;
use std::time::Duration;

use skreg::aws::AwsError;
use skreg::ecs::api::{
    Deployment, Rollout, Service, ServiceDeployment, StoppedContainer, StoppedTask,
};
use skreg::ecs::clock::{Clock as _, Schedule, WaitEnd, WaitLimit};
use skreg::ecs::error::BundleError;
use skreg::ecs::rollout::{Deployer, Verdict, evaluate};
use skreg::ecs::target::Target;
use skreg::ecs::verdict::RolloutFailure;
use tfplugin::CancellationToken;

use crate::fake::{DeploymentsApi, End, Fake, FakeClock, Script};
use crate::{bundle, bundle_of, create, drift_texts, error_of, update};
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
async fn successful_rollout_is_detected_with_and_without_the_deployments_api() {
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
async fn rolled_back_deployment_fails_the_apply_although_the_service_is_steady() {
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
            "the state must contain the running revision: {api:?}"
        );
        assert!(
            drift_texts(&api.drift)
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
async fn failed_deployment_without_rollback_fails_the_apply_and_is_repeated() {
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

        // The service has no differences, but the apply must still fail.
        assert!(matches!(
            update(&fake, &clock, &wanted).await.result,
            Err(BundleError::Rollout(_))
        ));
        fake.script("skreg-worker", Script::default());
        assert!(update(&fake, &clock, &wanted).await.result.is_ok());
    }
}

#[tokio::test]
async fn error_includes_the_collected_evidence() {
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
        "      container api: exit code 1 (application error)",
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
        let at = rest.find(part).unwrap_or_else(|| {
            panic!("{part:?} is missing or not in the expected order in:\n{detail}")
        });
        rest = &rest[at + part.len()..];
    }
}

#[tokio::test]
async fn events_of_the_previous_rollout_are_omitted() {
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
async fn service_that_is_not_visible_yet_is_awaited() {
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
async fn missing_service_is_awaited_for_a_limited_time() {
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
async fn timeout_error_includes_the_evidence_so_far() {
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
async fn interruption_ends_the_wait_and_returns_the_existing_services() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.script("skreg-worker", Script::ending(End::Hangs));
    let cancel = CancellationToken::new();
    cancel.cancel();
    let wait_limit = WaitLimit::lasting(&clock, Duration::from_secs(1800), cancel);
    let deployer = Deployer {
        api: &fake,
        clock: &clock,
        wait_limit,
        schedule: Schedule::ROLLOUT,
    };
    let applied = deployer.apply(&bundle(), &BTreeSet::new()).await;
    assert_eq!(applied.services.keys().collect::<Vec<_>>(), ["worker"]);
    assert_eq!(applied.services["worker"].status, "IN_PROGRESS");
    let error = error_of(applied);
    assert!(
        matches!(
            error,
            BundleError::WaitEnded {
                why: WaitEnd::Cancelled,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(clock.slept(), Duration::ZERO);
}

#[tokio::test]
async fn throttling_and_short_outages_during_the_wait_are_not_failures() {
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
async fn deployment_replaced_by_another_process_is_a_failure() {
    let clock = FakeClock::new();
    let mut fake = Fake::new(&clock);
    fake.deployments_api = DeploymentsApi::Denied;
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    let deployer = crate::deployer(&fake, &clock);
    let service = fake.service("skreg-api");
    let mut target = Target::of("main", &service, Some(BTreeSet::new()));
    target.deployment = Some("ecs-svc/of-yesterday".into());
    let failure = rollout_failure(
        deployer
            .watch(&target)
            .await
            .expect_err("another deployment"),
    );
    assert_eq!(failure.status, "REPLACED");
    assert!(
        failure
            .unavailable
            .iter()
            .any(|spot| spot.contains("AccessDenied")),
        "{:?}",
        failure.unavailable
    );
}

#[tokio::test]
async fn rollout_in_progress_after_a_crash_is_awaited() {
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
            "the process must be killed"
        );
        let failure = rollout_failure(error_of(update(&fake, &clock, &wanted).await));
        assert_eq!(failure.status, "ROLLBACK_SUCCESSFUL");
    }
}

#[tokio::test]
async fn older_deployment_is_not_mistaken_for_ours_after_a_failed_list() {
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
async fn failed_first_deployment_fails_the_apply_although_the_deployments_api_lags() {
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
async fn rollback_target_is_the_last_completed_deployment() {
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
    assert_eq!(
        target(&service).previous,
        None,
        "a failed deployment must not be a rollback target"
    );
}

#[test]
fn result_of_a_failed_deployment_depends_on_its_rollback_target() {
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
    let evaluated =
        |target: &Target, service: &Service| evaluate(target, service, Some(&behind), true);
    let going = Verdict::InProgress("IN_PROGRESS".into());
    let failed = Verdict::Failed {
        status: "FAILED".into(),
        reason: Some("behind".into()),
    };
    let (first, later) = (target(None), target(Some("arn:skreg-api:0")));
    assert_eq!(evaluated(&first, &service), failed);
    assert_eq!(
        evaluated(&later, &service),
        going,
        "the rollback must be awaited"
    );

    let mut staying = service.clone();
    let breaker = staying
        .settings
        .deployment
        .circuit_breaker
        .as_mut()
        .expect("a breaker");
    breaker.rollback = false;
    assert_eq!(evaluated(&later, &staying), failed, "rollback is disabled");

    let mut replaced = service.clone();
    replaced.deployments[0].is_primary = false;
    assert_eq!(
        evaluated(&first, &replaced),
        going,
        "another deployment must be primary"
    );

    let mut fine = service.clone();
    fine.deployments[0].rollout = Some(Rollout::InProgress);
    assert_eq!(evaluated(&first, &fine), going);
}
