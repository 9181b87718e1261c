//! Tests of service ownership: an attempt changes services in its state, services that it creates, and services that
//! are marked as unfinished.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use skreg::aws::AwsError;
use skreg::ecs::api::{Service, ServiceStatus};
use skreg::ecs::attempt::Applied;
use skreg::ecs::bundle::{BUNDLE_TAG, Bundle, Concurrent, REVISIONS_TAG, UNFINISHED_TAG};
use skreg::ecs::clock::Clock as _;
use skreg::ecs::error::BundleError;

use super::texts;
use crate::fake::{End, Fake, FakeClock, Script};
use crate::{bundle, bundle_of, create, deployer, drift_texts, error_of, names, update};
use skreg::resources::ecs::service_bundle::diagnostics::Explained;

const IMPORT: &str = "    import ADDRESS 'main/skreg'\n";

/// Creates a bundle in the same way as the resource. After a failure, the created objects are deleted.
async fn create_or_undo(fake: &Fake<'_>, clock: &FakeClock, bundle: &Bundle) -> Applied {
    let applied = create(fake, clock, bundle).await;
    if applied.result.is_err() {
        let left = deployer(fake, clock)
            .undo(&bundle.cluster, &applied.made)
            .await;
        assert_eq!(texts(&left), Vec::<String>::new());
    }
    applied
}

/// Returns a fake ECS after an attempt that was killed immediately after it created the worker.
async fn unfinished<'c>(clock: &'c FakeClock) -> Fake<'c> {
    let fake = Fake::new(clock);
    fake.crash_after("ecs:CreateService");
    let first = fake.survive(create(&fake, clock, &bundle())).await;
    assert!(first.is_none(), "the process must be killed");
    assert_eq!(mark(&fake.service("skreg-worker")).len(), "token-1".len());
    fake.calls();
    fake
}

fn mark(service: &Service) -> String {
    let mark = service.tags.get(UNFINISHED_TAG);
    mark.cloned().unwrap_or_default()
}

fn tag(fake: &Fake<'_>, service: &str, key: &str, value: Option<&str>) {
    fake.change_service(service, |service| match value {
        Some(value) => drop(service.tags.insert(key.to_owned(), value.to_owned())),
        None => drop(service.tags.remove(key)),
    });
}

/// Asserts that an attempt failed because of an existing service and made no changes.
fn assert_refused(fake: &Fake<'_>, applied: Applied, parts: &[&str]) {
    assert!(applied.untouched && applied.made.services.is_empty());
    assert_eq!(applied.made.revisions, Vec::<String>::new());
    let error = error_of(applied);
    assert_eq!(error.summary(), "Service already exists");
    for part in parts {
        assert!(error.detail().contains(part), "{}", error.detail());
    }
    let changing = [
        "ecs:CreateService",
        "ecs:UpdateService",
        "ecs:DeleteService",
        "ecs:RegisterTaskDefinition",
        "ecs:TagResource",
        "logs:CreateLogGroup",
    ];
    let calls = fake.calls();
    let changed: Vec<_> = calls.iter().filter(|it| changing.contains(it)).collect();
    assert!(changed.is_empty(), "{changed:?}");
}

#[tokio::test]
async fn create_sets_the_mark_and_removes_it_on_success() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.script("skreg-api", Script::ending(End::StaysFailed));
    let failed = create(&fake, &clock, &bundle()).await;
    assert!(failed.result.is_err());
    let marks = ["skreg-worker", "skreg-api"].map(|name| mark(&fake.service(name)));
    assert_eq!(marks, [failed.made.mark.clone(), failed.made.mark.clone()]);
    assert!(!failed.made.mark.is_empty());

    fake.script("skreg-api", Script::default());
    let applied = create(&fake, &clock, &bundle()).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_ne!(applied.made.mark, failed.made.mark);
    assert_eq!(applied.made.taken_over, ["skreg-api", "skreg-worker"]);
    for service in fake.active_services() {
        let keys: Vec<_> = service.tags.keys().map(String::as_str).collect();
        let expected = [BUNDLE_TAG, REVISIONS_TAG, "team"];
        assert_eq!(keys, expected, "{}", service.name);
    }
    for name in names() {
        let expected =
            format!("The service {name} already exists, because an earlier attempt created it");
        let found = texts(&applied.notices);
        let found = found.iter().filter(|it| it.starts_with(&expected));
        assert_eq!(found.count(), 1, "{:?}", texts(&applied.notices));
    }
}

#[tokio::test]
async fn mark_is_removed_last() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    let calls = fake.calls();
    let last = |action: &str| calls.iter().rposition(|call| *call == action);
    let unmarked = calls.iter().position(|call| *call == "ecs:TagResource");
    assert!(unmarked > last("ecs:CreateService"));
    assert!(unmarked > last("ecs:ListTaskDefinitions"));
    let untagged = calls.iter().filter(|call| **call == "ecs:TagResource");
    assert_eq!(untagged.count(), 2, "{calls:?}");
}

#[tokio::test]
async fn error_for_a_finished_service_includes_the_import_command() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.calls();
    let applied = create(&fake, &clock, &bundle_of("registry/skreg:v2")).await;
    assert_refused(&fake, applied, &[IMPORT, "is in another state", "moved"]);

    // A mark without the bundle tag is ignored, and a bundle with another name is a different bundle.
    for (owner, reason) in [
        (None, "no bundle created it"),
        (Some("shop"), "the service belongs to the bundle shop."),
    ] {
        tag(&fake, "skreg-api", BUNDLE_TAG, owner);
        tag(&fake, "skreg-api", UNFINISHED_TAG, Some("x"));
        tag(&fake, "skreg-worker", UNFINISHED_TAG, Some("x"));
        let applied = create(&fake, &clock, &bundle_of("registry/skreg:v2")).await;
        assert_refused(&fake, applied, &[IMPORT, reason]);
    }
}

#[tokio::test]
async fn imported_service_is_owned_without_tags() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.change_service("skreg-api", |service| service.tags.clear());
    tag(&fake, "skreg-worker", BUNDLE_TAG, Some("shop"));
    let applied = update(&fake, &clock, &bundle_of("registry/skreg:v2")).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(texts(&applied.notices), Vec::<String>::new());
    for service in fake.active_services() {
        assert_eq!(service.tags[BUNDLE_TAG], "skreg");
    }
}

#[tokio::test]
async fn update_does_not_take_over_a_finished_service_of_an_added_key() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.calls();
    let in_state = BTreeSet::from(["skreg-api".to_owned()]);
    let attempt = deployer(&fake, &clock);
    let applied = attempt.apply(&bundle_of("v2"), &in_state).await;
    let leave = format!("    state rm ADDRESS\n{IMPORT}");
    assert_refused(&fake, applied, &[&leave]);

    tag(&fake, "skreg-worker", UNFINISHED_TAG, Some("x"));
    let applied = attempt.apply(&bundle_of("v2"), &in_state).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(applied.made.taken_over, ["skreg-worker"]);
    assert_eq!(mark(&fake.service("skreg-worker")), "");
}

#[tokio::test]
async fn remaining_mark_is_drift_and_the_next_update_removes_it() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    tag(&fake, "skreg-api", UNFINISHED_TAG, Some("x"));
    fake.calls();
    let applied = update(&fake, &clock, &bundle()).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(mark(&fake.service("skreg-api")), "");
    assert_eq!(applied.services["api"].drift, []);
    let calls = fake.calls();
    assert!(!calls.contains(&"ecs:UpdateService"), "{calls:?}");

    // A mark that cannot be removed is reported and remains as drift.
    tag(&fake, "skreg-api", UNFINISHED_TAG, Some("x"));
    let denied = AwsError::service("ecs:UntagResource", "AccessDeniedException", "no");
    fake.with(|state| state.errors.insert("ecs:TagResource", [denied].into()));
    let applied = update(&fake, &clock, &bundle()).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    let notices = texts(&applied.notices);
    let notice = notices.first().expect("a notice");
    assert!(notice.starts_with("The tag skreg:unfinished was not removed from the service"));
    let drift =
        ["the creation of the service was started but not completed (tag skreg:unfinished)"];
    assert_eq!(drift_texts(&applied.services["api"].drift), drift);
}

#[tokio::test]
async fn mark_is_checked_again_after_the_wait_for_an_unfinished_service() {
    // Another attempt continues to create the service and finishes while this attempt waits.
    for finished in [false, true] {
        let clock = FakeClock::new();
        let fake = unfinished(&clock).await;
        let script = Script {
            looks: 6,
            ..Script::default()
        };
        fake.script("skreg-api", script);
        let other = async {
            clock.sleep(Duration::from_secs(1)).await;
            if finished {
                tag(&fake, "skreg-worker", UNFINISHED_TAG, None);
            }
        };
        let wanted = bundle();
        let (applied, ()) = clock
            .together(7, create(&fake, &clock, &wanted), other)
            .await;
        match finished {
            false => assert!(applied.result.is_ok(), "{:?}", applied.result),
            true => assert_refused(&fake, applied, &[IMPORT]),
        }
    }
}

#[tokio::test]
async fn deployment_of_an_unfinished_service_is_handled_as_configured() {
    let hanging = || Script::ending(End::Hangs);
    for concurrent in [Concurrent::Wait, Concurrent::Fail, Concurrent::Replace] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        fake.script("skreg-worker", hanging());
        fake.crash_after("ecs:CreateService");
        assert!(
            fake.survive(create(&fake, &clock, &bundle()))
                .await
                .is_none()
        );
        fake.script("skreg-worker", Script::default());
        let before = mark(&fake.service("skreg-worker"));
        let wanted = Bundle {
            concurrent,
            ..bundle_of("registry/skreg:v2")
        };
        let applied = create(&fake, &clock, &wanted).await;
        match concurrent {
            Concurrent::Replace => assert!(applied.result.is_ok(), "{:?}", applied.result),
            Concurrent::Fail => {
                let error = error_of(applied);
                assert!(matches!(error, BundleError::Concurrent { .. }), "{error:?}");
                assert_eq!(mark(&fake.service("skreg-worker")), before);
            }
            Concurrent::Wait => {
                let error = error_of(applied);
                assert!(matches!(error, BundleError::WaitEnded { .. }), "{error:?}");
                let awaited = "the end of another attempt that creates skreg-worker";
                assert!(error.to_string().contains(awaited), "{error}");
                let way_out = "With deployment.concurrent = \"replace\"";
                assert!(error.detail().contains(way_out), "{}", error.detail());
                assert_eq!(mark(&fake.service("skreg-worker")), before);
            }
        }
    }
}

#[tokio::test]
async fn mark_that_is_described_late_is_awaited_for_a_limited_time() {
    for (looks, visible) in [(4, true), (1000, false)] {
        let clock = FakeClock::new();
        let fake = unfinished(&clock).await;
        fake.with(|state| state.tags_behind = looks);
        let began = clock.slept();
        let applied = create(&fake, &clock, &bundle()).await;
        assert_eq!(applied.result.is_ok(), visible, "{:?}", applied.result);
        let slept = clock.slept() - began;
        assert!(
            slept > Duration::from_secs(3),
            "the other attempt may still be in progress"
        );
        if !visible {
            assert_eq!(error_of(applied).summary(), "Service already exists");
            assert!(slept < Duration::from_secs(90), "{slept:?}");
        }
    }
}

#[tokio::test]
async fn attempt_that_finishes_during_a_takeover_wins_and_no_mark_remains() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.script("skreg-api", Script::ending(End::StaysFailed));
    let first = create(&fake, &clock, &bundle()).await;
    fake.script("skreg-api", Script::default());
    let other = async {
        // The attempt ends immediately after the first service is claimed, so the second service is no longer
        // unfinished.
        while mark(&fake.service("skreg-api")) == first.made.mark {
            clock.sleep(Duration::from_millis(1)).await;
        }
        tag(&fake, "skreg-worker", UNFINISHED_TAG, None);
    };
    let wanted = bundle();
    fake.calls();
    let (applied, ()) = clock
        .together(3, create(&fake, &clock, &wanted), other)
        .await;
    assert!(applied.untouched);
    assert_eq!(error_of(applied).summary(), "Service already exists");
    let marks = ["skreg-worker", "skreg-api"].map(|name| mark(&fake.service(name)));
    assert_eq!(marks, [String::new(), String::new()]);
    let calls = fake.calls();
    assert!(!calls.contains(&"ecs:UpdateService"), "{calls:?}");
}

#[tokio::test]
async fn attempt_that_loses_a_claim_keeps_the_mark_of_the_winner() {
    let clock = FakeClock::new();
    let fake = unfinished(&clock).await;
    fake.meanwhile("ecs:TagResource", |state| {
        state.change("skreg-worker", |service| {
            let winner = (UNFINISHED_TAG.to_owned(), "winner".to_owned());
            service.tags.extend([winner]);
        });
    });
    let loser = create(&fake, &clock, &bundle()).await;
    assert!(loser.untouched);
    let error = error_of(loser);
    assert_eq!(error.summary(), "Service already exists");
    assert!(!error.detail().contains("state rm"), "{}", error.detail());
    assert_eq!(mark(&fake.service("skreg-worker")), "winner");
}

#[tokio::test]
async fn error_for_an_update_that_loses_a_claim_includes_the_state_commands() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    tag(&fake, "skreg-worker", UNFINISHED_TAG, Some("x"));
    fake.meanwhile("ecs:TagResource", |state| {
        state.change("skreg-worker", |service| {
            let winner = (UNFINISHED_TAG.to_owned(), "winner".to_owned());
            service.tags.extend([winner]);
        });
    });
    let in_state = BTreeSet::from(["skreg-api".to_owned()]);
    let attempt = deployer(&fake, &clock);
    let error = error_of(attempt.apply(&bundle(), &in_state).await);
    let leave = format!("    state rm ADDRESS\n{IMPORT}");
    assert!(error.detail().contains(&leave), "{}", error.detail());
}

#[tokio::test]
async fn unconfirmed_claim_is_kept_for_the_next_attempt() {
    let clock = FakeClock::new();
    let fake = unfinished(&clock).await;
    fake.meanwhile("ecs:TagResource", |state| {
        let denied = AwsError::service("ecs:DescribeServices", "AccessDeniedException", "no");
        state.errors.insert("ecs:DescribeServices", [denied].into());
    });
    let failed = create(&fake, &clock, &bundle()).await;
    assert!(failed.untouched);
    let error = error_of(failed);
    assert!(matches!(error, BundleError::Aws { .. }), "{error:?}");
    assert_ne!(mark(&fake.service("skreg-worker")), "");
    let applied = create(&fake, &clock, &bundle()).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(applied.made.taken_over, ["skreg-worker"]);
}

#[tokio::test]
async fn exactly_one_of_three_creates_that_claim_the_same_services_succeeds() {
    for seed in 0..200_u64 {
        let clock = FakeClock::new();
        let fake = unfinished(&clock).await;
        let wanted = bundle();
        let attempt = |delay: u64| {
            let (clock, fake, wanted) = (&clock, &fake, &wanted);
            async move {
                clock.sleep(Duration::from_millis(delay)).await;
                create_or_undo(fake, clock, wanted).await
            }
        };
        let others = async { tokio::join!(attempt(seed * 7), attempt(seed * 13)) };
        let (first, (second, third)) = clock.together(seed, attempt(0), others).await;
        let ends = [&first, &second, &third].map(|applied| applied.result.is_ok());
        let winners = ends.iter().filter(|end| **end).count();
        assert_eq!(
            winners, 1,
            "seed {seed}: {first:#?}\n{second:#?}\n{third:#?}"
        );
        let services = fake.active_services();
        assert_eq!(services.len(), 2, "seed {seed}");
        assert!(services.iter().all(|service| mark(service).is_empty()));
    }
}

#[tokio::test]
async fn create_succeeds_although_its_mark_cannot_be_removed() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let denied = || AwsError::service("ecs:UntagResource", "AccessDeniedException", "no");
    fake.with(|state| {
        let refusals = [denied(), denied()].into();
        state.errors.insert("ecs:TagResource", refusals)
    });
    let applied = create(&fake, &clock, &bundle()).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(applied.notices.len(), 2, "{:?}", texts(&applied.notices));
    for service in fake.active_services() {
        assert_eq!(mark(&service), applied.made.mark);
    }
}

#[tokio::test]
async fn exactly_one_of_two_concurrent_creates_succeeds() {
    let mut late = BTreeMap::new();
    for seed in 0..400_u64 {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        fake.with(|state| state.answers_equal_creations = seed % 2 == 0);
        let looks = usize::try_from(seed % 9).expect("small");
        for name in names() {
            let script = Script {
                looks,
                ..Script::default()
            };
            fake.script(&name, script);
        }
        let (wanted, images) = (bundle(), ["registry/skreg:v1", "registry/skreg:v2"]);
        let other = bundle_of(images[usize::from(seed % 3 == 0)]);
        let second = async {
            clock.sleep(Duration::from_millis(seed * 41)).await;
            create_or_undo(&fake, &clock, &other).await
        };
        let first = create_or_undo(&fake, &clock, &wanted);
        let (first, second) = clock.together(seed, first, second).await;
        let winners = [&first, &second].map(|applied| applied.result.is_ok());
        assert_ne!(
            winners[0], winners[1],
            "seed {seed}: {first:#?}\n{second:#?}"
        );
        *late.entry(winners[0]).or_insert(0) += 1;
        let (winner, loser) = match winners[0] {
            true => (&wanted, second),
            false => (&other, first),
        };
        let error = error_of(loser);
        assert_eq!(error.summary(), "Service already exists", "seed {seed}");
        assert!(error.detail().contains(IMPORT), "{}", error.detail());

        let services = fake.active_services();
        let active: Vec<_> = services.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(active, ["skreg-api", "skreg-worker"], "seed {seed}");
        assert!(services.iter().all(|service| mark(service).is_empty()));
        fake.calls();
        let again = update(&fake, &clock, winner).await;
        assert!(again.result.is_ok(), "seed {seed}: {:?}", again.result);
        let calls = fake.calls();
        for call in [
            "ecs:UpdateService",
            "ecs:CreateService",
            "ecs:RegisterTaskDefinition",
        ] {
            assert!(!calls.contains(&call), "seed {seed}: {calls:?}");
        }
    }
    assert!(
        late[&true] > 300,
        "the attempt that started first must usually win: {late:?}"
    );
}

#[tokio::test]
async fn attempt_whose_service_was_claimed_fails_and_keeps_the_service() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let claim = async {
        clock.sleep(Duration::from_secs(3)).await;
        tag(&fake, "skreg-worker", UNFINISHED_TAG, Some("other"));
    };
    for name in names() {
        let script = Script {
            looks: 8,
            ..Script::default()
        };
        fake.script(&name, script);
    }
    let wanted = bundle();
    let first = create_or_undo(&fake, &clock, &wanted);
    let (applied, ()) = clock.together(1, first, claim).await;
    assert_eq!(applied.made.services, ["skreg-worker", "skreg-api"]);
    assert_eq!(error_of(applied).summary(), "Service already exists");
    let left: Vec<_> = fake.active_services();
    let left: Vec<_> = left.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(
        left,
        ["skreg-worker"],
        "a created service must be deleted unless another attempt has claimed it"
    );
    assert_eq!(mark(&fake.service("skreg-worker")), "other");
    let runs = fake.service("skreg-worker").task_definition;
    let revisions = fake.revisions();
    assert!(revisions.iter().any(|revision| revision.arn == runs));
}

#[tokio::test]
async fn service_created_meanwhile_by_another_attempt_is_not_owned() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.with(|state| state.answers_equal_creations = true);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    // ECS does not describe the service at first, so the attempt creates it, and ECS returns the existing service.
    fake.with(|state| {
        state.forget("skreg-api");
        state.hide("skreg-worker", 2)
    });
    fake.calls();
    let applied = create(&fake, &clock, &bundle()).await;
    assert!(fake.calls().contains(&"ecs:CreateService"));
    assert_eq!(applied.made.services, Vec::<String>::new());
    assert_eq!(error_of(applied).summary(), "Service already exists");
}

#[tokio::test]
async fn identical_service_created_at_the_same_time_is_not_owned() {
    // The service was created by another bundle, or manually without tags. Missing tags could also mean that ECS
    // returns the tags late.
    for (owner, at_least) in [(None, 30), (Some("shop"), 0)] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        fake.with(|state| state.answers_equal_creations = true);
        assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
        for (key, value) in [(UNFINISHED_TAG, None), (BUNDLE_TAG, owner)] {
            tag(&fake, "skreg-worker", key, value);
        }
        fake.with(|state| {
            state.forget("skreg-api");
            state.hide("skreg-worker", 2)
        });
        fake.calls();
        let slept = clock.slept();
        let error = error_of(create(&fake, &clock, &bundle()).await);
        assert_eq!(error.summary(), "Service already exists", "{error:?}");
        let waited = (clock.slept() - slept).as_secs();
        assert!(fake.calls().contains(&"ecs:CreateService"));
        assert!((at_least..at_least + 30).contains(&waited), "{waited}");
    }
}

#[tokio::test]
async fn service_whose_tags_are_described_late_is_owned() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.with(|state| state.created_tags_behind = 3);
    let applied = create(&fake, &clock, &bundle()).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(applied.made.services, ["skreg-worker", "skreg-api"]);
    assert!(fake.active_services().iter().all(|it| mark(it).is_empty()));
}

#[tokio::test]
async fn key_change_keeps_the_service() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let mut before = bundle();
    before.services.remove("worker");
    assert!(create(&fake, &clock, &before).await.result.is_ok());
    let created = fake.service("skreg-api");

    let mut after = before.clone();
    let mut spec = after.services.remove("api").expect("the API");
    spec.definition.container.name = "web".into();
    spec.keeps_family = true;
    let balancers = std::mem::take(&mut spec.settings.load_balancers);
    spec.settings.load_balancers = balancers
        .into_iter()
        .map(|mut balancer| {
            balancer.container_name = "web".into();
            balancer
        })
        .collect();
    after.services.insert("web".into(), spec);
    let name = "skreg-api".to_owned();
    after.names = ["api", "web"]
        .map(|key| (key.to_owned(), name.clone()))
        .into();
    fake.calls();
    let attempt = deployer(&fake, &clock);
    let applied = attempt.apply(&after, &BTreeSet::from([name])).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(applied.services.keys().collect::<Vec<_>>(), ["web"]);
    assert_eq!(applied.services["web"].drift, []);
    let service = fake.service("skreg-api");
    assert_eq!(service.status, ServiceStatus::Active);
    assert_eq!(service.created_at, created.created_at);
    let calls = fake.calls();
    for call in ["ecs:DeleteService", "ecs:CreateService"] {
        assert!(!calls.contains(&call), "{calls:?}");
    }
    let updates = calls.iter().filter(|call| **call == "ecs:UpdateService");
    assert_eq!(updates.count(), 1, "the service must be updated in place");
    let runs = fake.revisions();
    let runs = runs.iter().find(|it| it.arn == service.task_definition);
    let container = runs.map(|revision| revision.definition.container.name.as_str());
    assert_eq!(container, Some("web"));
}

#[tokio::test]
async fn undo_does_not_delete_services_whose_marks_cannot_be_read() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.script("skreg-api", Script::ending(End::StaysFailed));
    let applied = create(&fake, &clock, &bundle()).await;
    assert_eq!(applied.made.services, ["skreg-worker", "skreg-api"]);
    let denied = AwsError::service("ecs:DescribeServices", "AccessDeniedException", "no");
    fake.with(|state| state.errors.insert("ecs:DescribeServices", [denied].into()));
    let undone = deployer(&fake, &clock).undo("main", &applied.made).await;
    let undone = super::texts(&undone);
    let reported = |name: &str| undone.iter().any(|line| line.contains(name));
    assert!(
        reported("skreg-worker") && reported("skreg-api"),
        "{undone:?}"
    );
    assert_eq!(fake.active_services().len(), 2);
    assert_eq!(fake.revisions().len(), 2);
    // Once the marks can be read, the services are deleted.
    let undone = deployer(&fake, &clock).undo("main", &applied.made).await;
    let undone = super::texts(&undone);
    assert_eq!(undone, Vec::<String>::new());
    assert!(fake.active_services().is_empty());
}
