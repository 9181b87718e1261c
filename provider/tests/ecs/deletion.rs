//! Tests of deletions: order of calls, convergence of repeated deletions, and transient errors.

use std::collections::BTreeSet;
use std::time::Duration;

use skreg::aws::AwsError;
use skreg::ecs::api::{EcsApi as _, ServiceStatus};
use skreg::ecs::bundle::{BUNDLE_TAG, DELETING_TAG};
use skreg::ecs::clock::{Schedule, WaitEnd, WaitLimit};
use skreg::ecs::error::BundleError;
use skreg::ecs::rollout::Deployer;
use tfplugin::CancellationToken;

use super::texts;
use crate::fake::{End, Fake, FakeClock, Moment, Script};
use crate::{bundle, bundle_of, create, delete, deletion, deployer, error_of, names, update};
use skreg::resources::ecs::service_bundle::diagnostics::Explained;

const TAG: &str = "ecs:TagResource";
const SCALE: &str = "ecs:UpdateService";
const DEREGISTER: &str = "ecs:DeregisterTaskDefinition";
const DELETE: &str = "ecs:DeleteService";

async fn created<'c>(clock: &'c FakeClock) -> Fake<'c> {
    let fake = Fake::new(clock);
    assert!(create(&fake, clock, &bundle()).await.result.is_ok());
    fake.calls();
    fake
}

fn all_are_deleted(fake: &Fake<'_>) -> bool {
    ["skreg-api", "skreg-worker"]
        .iter()
        .all(|name| fake.service(name).status == ServiceStatus::Inactive)
}

#[tokio::test]
async fn delete_marks_scales_deregisters_and_deletes_in_this_order() {
    let clock = FakeClock::new();
    let fake = created(&clock).await;
    assert_eq!(
        delete(&fake, &clock).await.expect("delete succeeds"),
        [""; 0]
    );
    let changing = [TAG, SCALE, DEREGISTER, DELETE];
    let calls: Vec<_> = fake
        .calls()
        .into_iter()
        .filter(|call| changing.contains(call))
        .collect();
    let expected = [
        TAG, SCALE, TAG, SCALE, DEREGISTER, DEREGISTER, DELETE, DELETE,
    ];
    assert_eq!(calls, expected);
    assert!(fake.revisions().is_empty() && all_are_deleted(&fake));
    assert_eq!(fake.service("skreg-api").tags[DELETING_TAG], "1");
}

#[tokio::test]
async fn destroy_killed_at_any_call_converges_although_draining_services_leave_the_state() {
    let mut killed = 0;
    for moment in [Moment::Before, Moment::After] {
        for call in 0.. {
            let clock = FakeClock::new();
            let fake = created(&clock).await;
            fake.crash_at(call, moment);
            let done = fake.survive(delete(&fake, &clock)).await.is_some();
            let context = format!("killed {moment:?} call {call}");
            // The next destroy operation starts with a refresh. Services that are not in the state are not destroyed.
            let read = deployer(&fake, &clock).read(&bundle()).await;
            let read = read.unwrap_or_else(|error| panic!("{context}: {error:?}"));
            if !read.services.is_empty() {
                let again = delete(&fake, &clock).await;
                assert!(again.is_ok(), "{context}: {again:?}");
                assert!(all_are_deleted(&fake), "{context}");
            }
            assert!(fake.revisions().is_empty(), "{context}");
            if done {
                break;
            }
            killed += 1;
        }
    }
    assert!(killed > 30, "{killed}");
}

#[tokio::test]
async fn draining_service_is_read_as_deleted_and_reported() {
    let clock = FakeClock::new();
    let fake = created(&clock).await;
    fake.change_service("skreg-api", |service| {
        service.settings.desired_count = Some(0);
    });
    fake.delete_service("main", "skreg-api")
        .await
        .expect("deleted");
    let read = deployer(&fake, &clock).read(&bundle()).await.expect("read");
    assert_eq!(read.services.keys().collect::<Vec<_>>(), ["worker"]);
    assert_eq!(read.draining, BTreeSet::from(["skreg-api".to_owned()]));
}

#[tokio::test]
async fn create_waits_for_a_draining_service_until_its_timeout() {
    for (drains, ends) in [(9, true), (usize::MAX, false)] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        let script = Script {
            drains,
            ..Script::default()
        };
        fake.script("skreg-api", script);
        assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
        fake.change_service("skreg-api", |service| {
            service.settings.desired_count = Some(0);
        });
        fake.delete_service("main", "skreg-api")
            .await
            .expect("deleted");
        let slept = clock.slept();
        let applied = update(&fake, &clock, &bundle()).await;
        if ends {
            assert!(applied.result.is_ok(), "{:?}", applied.result);
            assert_eq!(fake.service("skreg-api").status, ServiceStatus::Active);
        } else {
            let why = WaitEnd::TimedOut;
            let error = error_of(applied);
            assert!(
                matches!(&error, BundleError::WaitEnded { why: found, .. } if *found == why),
                "{error:?}"
            );
            let waited = (clock.slept() - slept).as_secs();
            assert!((1795..=1801).contains(&waited), "{waited}");
        }
    }
}

#[tokio::test]
async fn destroy_waits_for_services_that_are_already_being_deleted() {
    let clock = FakeClock::new();
    let fake = created(&clock).await;
    for name in ["skreg-api", "skreg-worker"] {
        fake.change_service(name, |service| service.settings.desired_count = Some(0));
        fake.delete_service("main", name).await.expect("deleted");
    }
    fake.calls();
    assert!(delete(&fake, &clock).await.is_ok());
    assert!(all_are_deleted(&fake) && fake.revisions().is_empty());
    let calls = fake.calls();
    assert!(!calls.contains(&DELETE) && !calls.contains(&SCALE) && !calls.contains(&TAG));
}

#[tokio::test]
async fn missing_services_are_ignored_and_other_errors_are_reported() {
    let gone = [
        "ServiceNotFoundException",
        "ServiceNotActiveException",
        "ResourceNotFoundException",
    ];
    for action in [TAG, SCALE, DELETE] {
        for code in gone {
            let clock = FakeClock::new();
            let fake = created(&clock).await;
            // Another process has just deleted the service.
            fake.with(|state| {
                let refused = AwsError::service(action, code, "gone");
                state.errors.insert(action, vec![refused].into());
            });
            fake.meanwhile(action, |state| state.drain("skreg-api"));
            let deleted = delete(&fake, &clock).await;
            assert!(deleted.is_ok(), "{action} {code}: {deleted:?}");
        }
    }
    for action in [SCALE, DELETE] {
        let clock = FakeClock::new();
        let fake = created(&clock).await;
        fake.refuse(action, 0..1, "InvalidParameterException");
        let error = delete(&fake, &clock)
            .await
            .expect_err("the delete must fail");
        assert_eq!(
            error.summary(),
            "Failed to delete the service skreg-api",
            "{action}"
        );
        assert_eq!(fake.service("skreg-api").status, ServiceStatus::Active);
    }
}

#[tokio::test]
async fn delete_continues_with_a_warning_if_services_cannot_be_marked() {
    for code in ["InvalidParameterException", "AccessDeniedException"] {
        let clock = FakeClock::new();
        let fake = created(&clock).await;
        fake.refuse(TAG, 0..usize::MAX, code);
        let notices = delete(&fake, &clock).await.expect("delete succeeds");
        assert!(
            all_are_deleted(&fake) && fake.revisions().is_empty(),
            "{code}"
        );
        let tagged = fake.calls().iter().filter(|call| **call == TAG).count();
        assert_eq!(tagged, 2, "a permanent error must not be retried");
        for (notice, name) in notices.iter().zip(names()) {
            for part in [DELETING_TAG, name.as_str(), code, "desired count"] {
                assert!(notice.contains(part), "{part}: {notice}");
            }
        }
        assert_eq!(notices.len(), 2, "{notices:?}");
    }
}

#[tokio::test]
async fn outage_during_marking_fails_the_delete_before_it_scales() {
    let clock = FakeClock::new();
    let fake = created(&clock).await;
    fake.refuse(TAG, 0..usize::MAX, "ServerException");
    let error = delete(&fake, &clock).await.expect_err("delete fails");
    assert_eq!(error.summary(), "Failed to delete the service skreg-api");
    assert!(!fake.calls().contains(&SCALE));
}

#[tokio::test]
async fn throttling_and_short_outages_do_not_fail_a_delete() {
    let everything = [TAG, SCALE, DELETE, "ecs:DescribeServices", DEREGISTER];
    for action in everything {
        for (code, refusals) in [("ThrottlingException", 20), ("ServerException", 5)] {
            let clock = FakeClock::new();
            let fake = created(&clock).await;
            let refusals = if action == DEREGISTER { 5 } else { refusals };
            fake.refuse(action, 0..refusals, code);
            let deleted = delete(&fake, &clock).await;
            assert_eq!(
                deleted.as_deref().ok(),
                Some(&[][..]),
                "{action} {code}: {deleted:?}"
            );
            assert!(
                all_are_deleted(&fake) && fake.revisions().is_empty(),
                "{action} {code}"
            );
        }
    }
}

#[tokio::test]
async fn long_outages_and_endless_throttling_are_reported() {
    for (code, at_least, at_most) in [
        ("ServerException", 110, 160),
        ("ThrottlingException", 1795, 1801),
    ] {
        let clock = FakeClock::new();
        let fake = created(&clock).await;
        let slept = clock.slept();
        fake.refuse(SCALE, 0..usize::MAX, code);
        let error = delete(&fake, &clock).await.expect_err("delete fails");
        assert_eq!(error.summary(), "Failed to delete the service skreg-api");
        assert!(error.detail().contains(code), "{}", error.detail());
        let waited = (clock.slept() - slept).as_secs();
        assert!((at_least..=at_most).contains(&waited), "{code}: {waited}");
    }
}

#[tokio::test]
async fn only_revisions_are_deleted_if_the_cluster_is_missing() {
    let clock = FakeClock::new();
    let fake = created(&clock).await;
    let mut missing = deletion();
    missing.cluster = "gone/main";
    let deleted = deployer(&fake, &clock).delete(&missing).await;
    assert!(deleted.is_ok(), "{deleted:?}");
    assert!(fake.revisions().is_empty());
    let calls = fake.calls();
    assert!(
        !calls.contains(&SCALE) && !calls.contains(&DELETE),
        "{calls:?}"
    );
}

#[tokio::test]
async fn warning_for_a_revision_that_cannot_be_deregistered_includes_the_command() {
    for action in [
        DEREGISTER,
        "ecs:ListTaskDefinitions",
        "ecs:DescribeTaskDefinition",
    ] {
        let clock = FakeClock::new();
        let fake = created(&clock).await;
        fake.refuse(action, 0..1, "AccessDeniedException");
        let notices = delete(&fake, &clock)
            .await
            .expect("the services are deleted");
        assert!(all_are_deleted(&fake), "{action}");
        let [notice] = notices.as_slice() else {
            panic!("{action}: {notices:?}")
        };
        for part in [
            "skreg-api stay registered",
            action,
            "aws ecs deregister-task-definition --task-definition skreg-api:REVISION",
        ] {
            assert!(notice.contains(part), "{part}: {notice}");
        }
        let left: Vec<String> = fake
            .revisions()
            .into_iter()
            .map(|it| it.definition.family)
            .collect();
        assert_eq!(left, ["skreg-api"], "the other family must be deregistered");
    }
}

#[tokio::test]
async fn throttled_deregistration_does_not_exhaust_the_delete_timeout() {
    let clock = FakeClock::new();
    let fake = created(&clock).await;
    let slept = clock.slept();
    fake.refuse(
        "ecs:DescribeTaskDefinition",
        1..usize::MAX,
        "ThrottlingException",
    );
    let notices = delete(&fake, &clock)
        .await
        .expect("the services are deleted");
    assert!(!notices.is_empty() && all_are_deleted(&fake));
    let waited = (clock.slept() - slept).as_secs();
    assert!((115..200).contains(&waited), "{waited}");
}

#[tokio::test]
async fn interruption_during_deregistration_keeps_the_services_for_the_next_attempt() {
    let clock = FakeClock::new();
    let fake = created(&clock).await;
    let cancel = CancellationToken::new();
    let interrupt = cancel.clone();
    fake.meanwhile(DEREGISTER, move |_| interrupt.cancel());
    let interrupted = Deployer {
        api: &fake,
        clock: &clock,
        wait_limit: WaitLimit::lasting(&clock, Duration::from_secs(1800), cancel),
        schedule: Schedule::ROLLOUT,
    };
    let error = interrupted
        .delete(&deletion())
        .await
        .expect_err("interrupted");
    assert!(error.is_cancelled(), "{error:?}");
    assert_eq!(fake.revisions().len(), 1);
    assert_eq!(
        fake.active_services().len(),
        2,
        "the services must still exist"
    );
    assert!(delete(&fake, &clock).await.is_ok());
    assert!(fake.revisions().is_empty() && all_are_deleted(&fake));
}

#[tokio::test]
async fn service_of_another_bundle_is_kept_and_reported() {
    let clock = FakeClock::new();
    let fake = created(&clock).await;
    fake.change_service("skreg-api", |service| {
        service.tags.insert(BUNDLE_TAG.into(), "another".into());
    });
    let notices = delete(&fake, &clock).await.expect("the other is deleted");
    assert_eq!(fake.service("skreg-api").settings.desired_count, Some(1));
    assert!(!fake.service("skreg-api").tags.contains_key(DELETING_TAG));
    let active: Vec<String> = fake
        .active_services()
        .into_iter()
        .map(|it| it.name)
        .collect();
    assert_eq!(active, ["skreg-api"]);
    let named = |notice: &String| {
        notice.contains("skreg-api was not deleted") && notice.contains("another")
    };
    assert!(notices.iter().any(named), "{notices:?}");

    // A service without tags was imported and is in the state.
    let fake = created(&clock).await;
    fake.change_service("skreg-api", |service| service.tags.clear());
    assert!(delete(&fake, &clock).await.is_ok());
    assert!(all_are_deleted(&fake));
}

#[tokio::test]
async fn revision_of_a_remaining_service_stays_registered() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let mut shared = bundle();
    for spec in shared.services.values_mut() {
        spec.definition = bundle().services["api"].definition.clone();
        spec.definition.family = "shared".into();
        spec.settings.load_balancers.clear();
    }
    assert!(create(&fake, &clock, &shared).await.result.is_ok());
    assert_eq!(
        fake.revisions().len(),
        1,
        "both services must run the same revision"
    );
    shared.services.remove("worker");
    assert!(update(&fake, &clock, &shared).await.result.is_ok());
    assert_eq!(fake.service("skreg-worker").status, ServiceStatus::Inactive);
    let runs = fake.service("skreg-api").task_definition;
    assert!(fake.revisions().iter().any(|revision| revision.arn == runs));
}

#[tokio::test]
async fn apply_after_an_interrupted_delete_restores_the_desired_count() {
    for (before, managed, expected) in [(7, None, 7), (0, None, 0), (7, Some(3), 3)] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        let mut wanted = bundle();
        for spec in wanted.services.values_mut() {
            spec.settings.desired_count = managed;
        }
        assert!(create(&fake, &clock, &wanted).await.result.is_ok());
        fake.change_service("skreg-api", |service| {
            service.settings.desired_count = Some(before);
        });
        fake.crash_after(SCALE);
        assert!(
            fake.survive(delete(&fake, &clock)).await.is_none(),
            "the process must be killed"
        );
        // A repeated delete that is killed again keeps the desired count.
        fake.crash_after(SCALE);
        assert!(
            fake.survive(delete(&fake, &clock)).await.is_none(),
            "the process must be killed"
        );
        let applied = update(&fake, &clock, &wanted).await;
        assert!(applied.result.is_ok(), "{:?}", applied.result);
        let service = fake.service("skreg-api");
        assert_eq!(service.settings.desired_count, Some(expected));
        assert_eq!(
            service.running_count, expected,
            "the rollout must be awaited"
        );
        assert!(!service.tags.contains_key(DELETING_TAG));
        assert_eq!(service.tags[BUNDLE_TAG], "skreg");
        assert!(applied.services["api"].drift.is_empty());
    }
}

#[tokio::test]
async fn deletion_mark_without_scaling_keeps_the_desired_count() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let mut wanted = bundle();
    for spec in wanted.services.values_mut() {
        spec.settings.desired_count = None;
    }
    assert!(create(&fake, &clock, &wanted).await.result.is_ok());
    fake.crash_after(TAG);
    assert!(
        fake.survive(delete(&fake, &clock)).await.is_none(),
        "the process must be killed"
    );
    fake.change_service("skreg-api", |service| {
        service.settings.desired_count = Some(4);
    });
    assert!(update(&fake, &clock, &wanted).await.result.is_ok());
    let service = fake.service("skreg-api");
    assert_eq!(service.settings.desired_count, Some(4));
    assert!(!service.tags.contains_key(DELETING_TAG));
}

#[tokio::test]
async fn service_scaled_to_zero_by_a_schedule_is_not_an_interrupted_delete() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let mut wanted = bundle();
    for spec in wanted.services.values_mut() {
        spec.settings.desired_count = None;
    }
    assert!(create(&fake, &clock, &wanted).await.result.is_ok());
    fake.change_service("skreg-api", |service| {
        service.settings.desired_count = Some(0);
    });
    let read = deployer(&fake, &clock).read(&wanted).await.expect("read");
    assert_eq!(read.services["api"].drift, []);
    assert!(update(&fake, &clock, &wanted).await.result.is_ok());
    assert_eq!(fake.service("skreg-api").settings.desired_count, Some(0));
}

#[tokio::test]
async fn undo_deregisters_before_it_deletes_and_converges_when_killed() {
    for moment in [Moment::Before, Moment::After] {
        for call in 0.. {
            let clock = FakeClock::new();
            let fake = Fake::new(&clock);
            fake.script("skreg-api", Script::ending(End::StaysFailed));
            let applied = create(&fake, &clock, &bundle()).await;
            assert!(applied.result.is_err());
            fake.calls();
            fake.crash_at(call, moment);
            let undoing = deployer(&fake, &clock);
            let left = fake.survive(undoing.undo("main", &applied.made)).await;
            let changing = [TAG, SCALE, DEREGISTER, DELETE];
            let mut calls = fake.calls();
            calls.retain(|call| changing.contains(call));
            assert!(
                calls.is_sorted_by_key(|call| changing[2..].iter().position(|it| it == call)),
                "{calls:?}"
            );
            fake.script("skreg-api", Script::default());
            let context = format!("killed {moment:?} call {call}");
            let again = create(&fake, &clock, &bundle_of("registry/skreg:v2")).await;
            assert!(again.result.is_ok(), "{context}: {:?}", again.result);
            for service in fake.active_services() {
                assert_eq!(service.running_count, 1, "{context}");
                assert!(!service.tags.contains_key(DELETING_TAG), "{context}");
            }
            assert_eq!(fake.active_services().len(), names().len(), "{context}");
            if let Some(left) = left {
                assert_eq!(texts(&left), [""; 0]);
                break;
            }
        }
    }
}

#[tokio::test]
async fn undo_reports_objects_that_could_not_be_deleted() {
    for (action, says) in [
        (SCALE, "The new service skreg-worker could not be deleted"),
        (DELETE, "The new service skreg-api could not be deleted"),
        (DEREGISTER, "skreg-api:1 could not be deregistered"),
    ] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        fake.script("skreg-api", Script::ending(End::StaysFailed));
        let applied = create(&fake, &clock, &bundle()).await;
        fake.refuse(action, 0..1, "AccessDeniedException");
        let left = deployer(&fake, &clock).undo("main", &applied.made).await;
        let left = texts(&left);
        let [left] = left.as_slice() else {
            panic!("{action}: {left:?}")
        };
        assert!(left.contains(says) && left.contains(action), "{left}");
        let running = usize::from(action != DEREGISTER);
        assert_eq!(
            fake.active_services().len(),
            running,
            "the other objects must be deleted"
        );
    }
}

#[tokio::test]
async fn undo_without_services_deregisters_even_if_services_cannot_be_described() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.refuse("ecs:CreateService", 0..1, "AccessDeniedException");
    let failed = create(&fake, &clock, &bundle()).await;
    assert!(failed.result.is_err() && failed.made.services.is_empty());
    assert_eq!(fake.revisions().len(), failed.made.revisions.len());
    fake.refuse("ecs:DescribeServices", 0..1, "AccessDeniedException");
    let left = deployer(&fake, &clock).undo("main", &failed.made).await;
    assert_eq!(texts(&left), [""; 0]);
    assert!(fake.revisions().is_empty());
}

#[tokio::test]
async fn undo_does_not_change_draining_services() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.script("skreg-api", Script::ending(End::StaysFailed));
    let failed = create(&fake, &clock, &bundle()).await;
    assert_eq!(failed.made.services, ["skreg-worker", "skreg-api"]);
    for name in names() {
        fake.with(|state| state.drain(&name));
    }
    fake.calls();
    let left = deployer(&fake, &clock).undo("main", &failed.made).await;
    assert_eq!(texts(&left), [""; 0]);
    let calls = fake.calls();
    for call in [TAG, SCALE] {
        assert!(!calls.contains(&call), "{calls:?}");
    }
    assert!(fake.revisions().is_empty());
}
