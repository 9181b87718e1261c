//! Which services an attempt changes: those of its state, those it creates, and those that are marked as unfinished.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use skreg::aws::AwsError;
use skreg::ecs::api::{Service, ServiceStatus};
use skreg::ecs::attempt::Applied;
use skreg::ecs::bundle::{BUNDLE_TAG, Bundle, Concurrent, REVISIONS_TAG, UNFINISHED_TAG};
use skreg::ecs::clock::Clock as _;
use skreg::ecs::error::BundleError;

use super::told;
use crate::fake::{End, Fake, FakeClock, Script};
use crate::{bundle, bundle_of, create, deployer, error_of, names, update};
use skreg::resources::ecs::service_bundle::diagnostics::Explained;

const IMPORT: &str = "    import ADDRESS 'main/skreg'\n";

/// A create as the resource does it: what a failed attempt has made is deleted again.
async fn create_or_undo(fake: &Fake<'_>, clock: &FakeClock, bundle: &Bundle) -> Applied {
    let applied = create(fake, clock, bundle).await;
    if applied.result.is_err() {
        let left = deployer(fake, clock)
            .undo(&bundle.cluster, &applied.made)
            .await;
        assert_eq!(told(&left), Vec::<String>::new());
    }
    applied
}

/// The bundle after an attempt that ended at once after it created the worker.
async fn unfinished<'c>(clock: &'c FakeClock) -> Fake<'c> {
    let fake = Fake::new(clock);
    fake.crash_after("ecs:CreateService");
    let first = fake.survive(create(&fake, clock, &bundle())).await;
    assert!(first.is_none(), "it dies");
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

/// Checks that an attempt was refused because of a service, and that it changed nothing.
fn assert_refused(fake: &Fake<'_>, applied: Applied, parts: &[&str]) {
    assert!(applied.untouched && applied.made.services.is_empty());
    assert_eq!(applied.made.revisions, Vec::<String>::new());
    let error = error_of(applied);
    assert_eq!(error.summary(), "Service exists already");
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
async fn services_are_created_with_the_mark_and_a_successful_create_removes_it() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.script("skreg-api", Script::failing());
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
        let expected = format!("The service {name} exists already: an earlier attempt created it");
        let found = told(&applied.notices);
        let found = found.iter().filter(|it| it.starts_with(&expected));
        assert_eq!(found.count(), 1, "{:?}", told(&applied.notices));
    }
}

#[tokio::test]
async fn the_mark_is_removed_after_everything_else() {
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
async fn a_finished_service_is_refused_with_the_import_command_and_nothing_is_changed() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.calls();
    let applied = create(&fake, &clock, &bundle_of("registry/skreg:v2")).await;
    assert_refused(&fake, applied, &[IMPORT, "another state holds it", "moved"]);

    // A mark without the tag of the bundle is nothing, and a bundle of another name is another.
    for (owner, reason) in [
        (None, "no bundle has created it"),
        (Some("shop"), "it belongs to the bundle shop."),
    ] {
        tag(&fake, "skreg-api", BUNDLE_TAG, owner);
        tag(&fake, "skreg-api", UNFINISHED_TAG, Some("x"));
        tag(&fake, "skreg-worker", UNFINISHED_TAG, Some("x"));
        let applied = create(&fake, &clock, &bundle_of("registry/skreg:v2")).await;
        assert_refused(&fake, applied, &[IMPORT, reason]);
    }
}

#[tokio::test]
async fn a_service_that_was_imported_is_ours_without_any_tag() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.change_service("skreg-api", |service| service.tags.clear());
    tag(&fake, "skreg-worker", BUNDLE_TAG, Some("shop"));
    let applied = update(&fake, &clock, &bundle_of("registry/skreg:v2")).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(told(&applied.notices), Vec::<String>::new());
    for service in fake.active_services() {
        assert_eq!(service.tags[BUNDLE_TAG], "skreg");
    }
}

#[tokio::test]
async fn an_update_does_not_take_over_the_service_of_a_key_that_is_added() {
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
async fn a_mark_that_the_state_outlived_is_drift_and_the_next_update_removes_it() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    tag(&fake, "skreg-api", UNFINISHED_TAG, Some("x"));
    fake.calls();
    let applied = update(&fake, &clock, &bundle()).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(mark(&fake.service("skreg-api")), "");
    assert_eq!(applied.services["api"].drift, Vec::<String>::new());
    let calls = fake.calls();
    assert!(!calls.contains(&"ecs:UpdateService"), "{calls:?}");

    // A refusal to remove it is told, and found again.
    tag(&fake, "skreg-api", UNFINISHED_TAG, Some("x"));
    let denied = AwsError::service("ecs:UntagResource", "AccessDeniedException", "no");
    fake.with(|state| state.errors.insert("ecs:TagResource", [denied].into()));
    let applied = update(&fake, &clock, &bundle()).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    let notices = told(&applied.notices);
    let notice = notices.first().expect("it is told");
    assert!(notice.starts_with("The tag skreg:unfinished of the service skreg-api was not"));
    let drift = ["its creation has not finished (tag skreg:unfinished)"];
    assert_eq!(applied.services["api"].drift, drift);
}

#[tokio::test]
async fn the_deployment_of_an_unfinished_service_is_waited_for_and_its_mark_looked_at_again() {
    // Another attempt goes on with it and finishes while this one waits.
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
async fn a_deployment_of_an_unfinished_service_is_treated_as_configured() {
    let hanging = || Script {
        end: End::Hangs,
        ..Script::default()
    };
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
                assert!(matches!(error, BundleError::Impatient { .. }), "{error:?}");
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
async fn a_mark_that_is_described_late_is_waited_for_but_not_for_ever() {
    for (looks, visible) in [(4, true), (1000, false)] {
        let clock = FakeClock::new();
        let fake = unfinished(&clock).await;
        fake.with(|state| state.tags_behind = looks);
        let began = clock.slept();
        let applied = create(&fake, &clock, &bundle()).await;
        assert_eq!(applied.result.is_ok(), visible, "{:?}", applied.result);
        let slept = clock.slept() - began;
        assert!(slept > Duration::from_secs(3), "the other may still go on");
        if !visible {
            assert_eq!(error_of(applied).summary(), "Service exists already");
            assert!(slept < Duration::from_secs(90), "{slept:?}");
        }
    }
}

#[tokio::test]
async fn an_attempt_that_finishes_while_it_is_taken_over_wins_and_no_mark_is_left() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.script("skreg-api", Script::failing());
    let first = create(&fake, &clock, &bundle()).await;
    fake.script("skreg-api", Script::default());
    let other = async {
        // It ends the moment after the first service was claimed: the second one is no longer unfinished.
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
    assert_eq!(error_of(applied).summary(), "Service exists already");
    let marks = ["skreg-worker", "skreg-api"].map(|name| mark(&fake.service(name)));
    assert_eq!(marks, [String::new(), String::new()]);
    let calls = fake.calls();
    assert!(!calls.contains(&"ecs:UpdateService"), "{calls:?}");
}

#[tokio::test]
async fn an_attempt_that_loses_a_claim_leaves_the_mark_of_the_winner() {
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
    assert_eq!(error.summary(), "Service exists already");
    assert!(!error.detail().contains("state rm"), "{}", error.detail());
    assert_eq!(mark(&fake.service("skreg-worker")), "winner");
}

#[tokio::test]
async fn an_update_that_loses_a_claim_is_told_how_to_leave_its_state() {
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
async fn a_claim_that_aws_does_not_confirm_stays_so_that_the_next_attempt_takes_over() {
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
async fn of_three_creates_that_claim_the_same_services_one_succeeds() {
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
async fn a_create_whose_mark_cannot_be_removed_has_succeeded() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let denied = || AwsError::service("ecs:UntagResource", "AccessDeniedException", "no");
    fake.with(|state| {
        let refusals = [denied(), denied()].into();
        state.errors.insert("ecs:TagResource", refusals)
    });
    let applied = create(&fake, &clock, &bundle()).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(applied.notices.len(), 2, "{:?}", told(&applied.notices));
    for service in fake.active_services() {
        assert_eq!(mark(&service), applied.made.mark);
    }
}

#[tokio::test]
async fn of_two_creates_at_the_same_time_exactly_one_succeeds() {
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
        assert_eq!(error.summary(), "Service exists already", "seed {seed}");
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
    assert!(late[&true] > 300, "the one that began first: {late:?}");
}

#[tokio::test]
async fn an_attempt_whose_service_was_claimed_ends_and_leaves_it() {
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
    assert_eq!(error_of(applied).summary(), "Service exists already");
    let left: Vec<_> = fake.active_services();
    let left: Vec<_> = left.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(
        left,
        ["skreg-worker"],
        "what was made and not claimed is deleted"
    );
    assert_eq!(mark(&fake.service("skreg-worker")), "other");
    let runs = fake.service("skreg-worker").task_definition;
    let revisions = fake.revisions();
    assert!(revisions.iter().any(|revision| revision.arn == runs));
}

#[tokio::test]
async fn a_service_that_another_attempt_creates_meanwhile_is_not_ours() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.with(|state| state.answers_equal_creations = true);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    // It is not described at first, so the attempt creates it, and ECS answers the one that exists.
    fake.with(|state| {
        state.forget("skreg-api");
        state.hide("skreg-worker", 2)
    });
    fake.calls();
    let applied = create(&fake, &clock, &bundle()).await;
    assert!(fake.calls().contains(&"ecs:CreateService"));
    assert_eq!(applied.made.services, Vec::<String>::new());
    assert_eq!(error_of(applied).summary(), "Service exists already");
}

#[tokio::test]
async fn an_equal_service_that_appears_at_the_same_moment_is_not_ours() {
    // Made by hand without tags, which could be tags that are described late; or by another bundle.
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
        assert_eq!(error.summary(), "Service exists already", "{error:?}");
        let waited = (clock.slept() - slept).as_secs();
        assert!(fake.calls().contains(&"ecs:CreateService"));
        assert!((at_least..at_least + 30).contains(&waited), "{waited}");
    }
}

#[tokio::test]
async fn a_service_whose_tags_are_described_late_is_ours() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.with(|state| state.created_tags_behind = 3);
    let applied = create(&fake, &clock, &bundle()).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(applied.made.services, ["skreg-worker", "skreg-api"]);
    assert!(fake.active_services().iter().all(|it| mark(it).is_empty()));
}

#[tokio::test]
async fn a_key_may_change_while_the_service_stays() {
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
    assert_eq!(applied.services["web"].drift, Vec::<String>::new());
    let service = fake.service("skreg-api");
    assert_eq!(service.status, ServiceStatus::Active);
    assert_eq!(service.created_at, created.created_at);
    let calls = fake.calls();
    for call in ["ecs:DeleteService", "ecs:CreateService"] {
        assert!(!calls.contains(&call), "{calls:?}");
    }
    let updates = calls.iter().filter(|call| **call == "ecs:UpdateService");
    assert_eq!(updates.count(), 1, "in place");
    let runs = fake.revisions();
    let runs = runs.iter().find(|it| it.arn == service.task_definition);
    let container = runs.map(|revision| revision.definition.container.name.as_str());
    assert_eq!(container, Some("web"));
}

#[tokio::test]
async fn services_whose_marks_cannot_be_read_are_not_deleted_by_an_undo() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.script("skreg-api", Script::failing());
    let applied = create(&fake, &clock, &bundle()).await;
    assert_eq!(applied.made.services, ["skreg-worker", "skreg-api"]);
    let denied = AwsError::service("ecs:DescribeServices", "AccessDeniedException", "no");
    fake.with(|state| state.errors.insert("ecs:DescribeServices", [denied].into()));
    let undone = deployer(&fake, &clock).undo("main", &applied.made).await;
    let undone = super::told(&undone);
    let told = |name: &str| undone.iter().any(|line| line.contains(name));
    assert!(told("skreg-worker") && told("skreg-api"), "{undone:?}");
    assert_eq!(fake.active_services().len(), 2);
    assert_eq!(fake.revisions().len(), 2);
    // With the marks they are deleted.
    let undone = deployer(&fake, &clock).undo("main", &applied.made).await;
    let undone = super::told(&undone);
    assert_eq!(undone, Vec::<String>::new());
    assert!(fake.active_services().is_empty());
}
