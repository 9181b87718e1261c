//! Tests of deregistering old revisions: few calls, only revisions of the bundle, and no effect on the operation
//! timeout.

use std::time::Duration;

use skreg::ecs::api::{Revision, Tags};
use skreg::ecs::bundle::{BUNDLE_TAG, Bundle, REVISIONS_TAG};
use skreg::ecs::clock::{Schedule, WaitLimit};
use skreg::ecs::rollout::Deployer;
use tfplugin::CancellationToken;

use super::texts;
use crate::fake::{Fake, FakeClock};
use crate::{bundle, bundle_of, create, delete, deletion, deployer, names, update};

const DESCRIBE: &str = "ecs:DescribeTaskDefinition";
const LIST: &str = "ecs:ListTaskDefinitions";
const DEREGISTER: &str = "ecs:DeregisterTaskDefinition";

/// Registers the specified number of revisions in every family for other bundles.
fn register_others(fake: &Fake<'_>, count: usize) {
    let definitions = bundle().services.into_values().map(|spec| spec.definition);
    for definition in definitions {
        for _ in 0..count {
            fake.with(|state| state.register(&definition, &Tags::new()));
        }
    }
}

fn count(calls: &[&str], action: &str) -> usize {
    calls.iter().filter(|call| **call == action).count()
}

/// Returns the active revisions of this bundle or of other bundles.
fn active(fake: &Fake<'_>, ours: bool) -> Vec<Revision> {
    let mut all = fake.revisions();
    all.retain(|revision| revision.tags.contains_key(BUNDLE_TAG) == ours);
    all
}

#[tokio::test]
async fn number_of_calls_is_independent_of_revisions_of_other_bundles() {
    let mut numbers = Vec::new();
    for others in [30, 300] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
        register_others(&fake, others);
        fake.calls();
        let applied = update(&fake, &clock, &bundle_of("registry/skreg:v2")).await;
        assert!(
            applied.result.is_ok() && applied.notices.is_empty(),
            "{:?}",
            applied.notices
        );
        let of_apply = fake.calls();
        fake.refuse(DESCRIBE, 3..6, "ThrottlingException");
        assert_eq!(
            delete(&fake, &clock).await.expect("delete succeeds"),
            [""; 0]
        );
        let of_destroy = fake.calls();
        assert_eq!(
            active(&fake, true),
            [],
            "no revision of the bundle must remain"
        );
        assert_eq!(
            active(&fake, false).len(),
            2 * others,
            "revisions of other bundles must remain"
        );
        assert!(
            count(&of_apply, DESCRIBE) < 30,
            "{}",
            count(&of_apply, DESCRIBE)
        );
        assert!(
            count(&of_destroy, DESCRIBE) < 30,
            "{}",
            count(&of_destroy, DESCRIBE)
        );
        numbers.push((of_apply.len(), of_destroy.len()));
    }
    assert_eq!(numbers[0], numbers[1]);
}

#[tokio::test]
async fn record_finds_revisions_older_than_many_revisions_of_other_bundles() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let external = |image: &str| {
        let mut bundle = bundle_of(image);
        let specs = bundle.services.values_mut();
        specs.for_each(|spec| spec.keeps_image = true);
        bundle
    };
    assert!(
        create(&fake, &clock, &external("registry/skreg:v1"))
            .await
            .result
            .is_ok()
    );
    for memory in [2048, 4096] {
        register_others(&fake, 50);
        for name in ["skreg-api", "skreg-worker"] {
            fake.with(|state| state.release(name, "registry/skreg:ci"));
        }
        let mut wanted = external("registry/skreg:v1");
        for spec in wanted.services.values_mut() {
            spec.definition.memory = memory;
        }
        assert!(update(&fake, &clock, &wanted).await.result.is_ok());
    }
    register_others(&fake, 50);
    let numbers = |fake: &Fake<'_>| {
        let all = active(fake, true).into_iter().map(|revision| revision.arn);
        let all = all.filter(|arn| arn.contains("skreg-api"));
        all.map(|arn| arn.rsplit(':').next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(&fake), ["53", "105"], "two revisions must be kept");
    assert!(delete(&fake, &clock).await.is_ok());
    assert_eq!(numbers(&fake), [""; 0]);
}

#[tokio::test]
async fn unrecorded_revision_of_a_killed_attempt_is_deregistered() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.crash_after("ecs:RegisterTaskDefinition");
    let dies = fake
        .survive(update(&fake, &clock, &bundle_of("registry/skreg:bad")))
        .await;
    assert!(dies.is_none());
    for image in ["registry/skreg:v2", "registry/skreg:v3"] {
        assert!(
            update(&fake, &clock, &bundle_of(image))
                .await
                .result
                .is_ok()
        );
    }
    let api = |revision: &Revision| revision.definition.family == "skreg-api";
    let kept: Vec<String> = active(&fake, true)
        .into_iter()
        .filter(api)
        .map(|revision| revision.definition.container.image)
        .collect();
    assert_eq!(kept, ["registry/skreg:v2", "registry/skreg:v3"]);
    assert_eq!(
        fake.service("skreg-api").tags[REVISIONS_TAG],
        "skreg-api:4 3 2"
    );
}

#[tokio::test]
async fn record_is_corrected_only_if_inaccurate() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    // This state was written by an older version of the provider.
    fake.change_service("skreg-api", |service| {
        drop(service.tags.remove(REVISIONS_TAG))
    });
    assert!(update(&fake, &clock, &bundle()).await.result.is_ok());
    assert_eq!(fake.service("skreg-api").tags[REVISIONS_TAG], "skreg-api:1");
    for number in 2..=40 {
        fake.calls();
        let applied = update(
            &fake,
            &clock,
            &bundle_of(&format!("registry/skreg:v{number}")),
        )
        .await;
        assert!(applied.result.is_ok());
        let calls = fake.calls();
        assert!(
            count(&calls, DESCRIBE) < 40,
            "{number}: {}",
            count(&calls, DESCRIBE)
        );
        assert!(count(&calls, "ecs:TagResource") <= 4, "{calls:?}");
        assert_eq!(
            active(&fake, true).len(),
            4,
            "expected two revisions of each family"
        );
    }
    let record = fake.service("skreg-api").tags[REVISIONS_TAG].clone();
    assert!(
        record.starts_with("skreg-api:40 39") && record.len() < 50,
        "{record}"
    );
    fake.calls();
    assert!(
        update(&fake, &clock, &bundle_of("registry/skreg:v40"))
            .await
            .result
            .is_ok()
    );
    assert_eq!(count(&fake.calls(), "ecs:TagResource"), 0);
}

#[tokio::test]
async fn destroy_finds_all_revisions_if_all_are_kept() {
    for recorded in [true, false] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        let keeping = |image: &str| Bundle {
            keep_revisions: 0,
            ..bundle_of(image)
        };
        assert!(create(&fake, &clock, &keeping("v0")).await.result.is_ok());
        for number in 1..100 {
            assert!(
                update(&fake, &clock, &keeping(&format!("v{number}")))
                    .await
                    .result
                    .is_ok()
            );
        }
        assert_eq!(active(&fake, true).len(), 200);
        if !recorded {
            for name in ["skreg-api", "skreg-worker"] {
                fake.change_service(name, |service| drop(service.tags.remove(REVISIONS_TAG)));
            }
        }
        let mut all = deletion();
        all.keep_revisions = 0;
        assert!(deployer(&fake, &clock).delete(&all).await.is_ok());
        assert_eq!(active(&fake, true), []);
    }
}

#[tokio::test]
async fn failed_deregistration_is_a_warning_of_the_apply() {
    for (action, calls) in [
        (LIST, 0..1),
        (DEREGISTER, 0..1),
        ("ecs:DescribeServices", 0..1),
    ] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        for image in ["v1", "v2"] {
            assert!(
                update(&fake, &clock, &bundle_of(image))
                    .await
                    .result
                    .is_ok()
            );
        }
        let calls = match action {
            // Calls before the deregistration describe all services at the start, and each service before its change
            // and during its rollout.
            "ecs:DescribeServices" => {
                fake.calls();
                assert!(update(&fake, &clock, &bundle_of("v3")).await.result.is_ok());
                let describes = count(&fake.calls(), action);
                // After the deregistration, the bundle is read once.
                describes - 2..describes - 1
            }
            _ => calls,
        };
        fake.refuse(action, calls, "AccessDeniedException");
        let applied = update(&fake, &clock, &bundle_of("v4")).await;
        assert!(applied.result.is_ok(), "{action}: {:?}", applied.result);
        let notices = texts(&applied.notices);
        let [notice] = notices.as_slice() else {
            panic!("{action}: {:?}", texts(&applied.notices))
        };
        assert!(
            notice.contains("stay registered") && notice.contains(action),
            "{notice}"
        );
    }
}

#[tokio::test]
async fn interruption_and_timeout_end_the_deregistration_but_not_the_apply() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    for image in ["v1", "v2"] {
        assert!(
            update(&fake, &clock, &bundle_of(image))
                .await
                .result
                .is_ok()
        );
    }
    let cancel = CancellationToken::new();
    let interrupt = cancel.clone();
    fake.meanwhile(DEREGISTER, move |_| interrupt.cancel());
    let interrupted = Deployer {
        api: &fake,
        clock: &clock,
        wait_limit: WaitLimit::lasting(&clock, Duration::from_secs(1800), cancel),
        schedule: Schedule::ROLLOUT,
    };
    let applied = interrupted.apply(&bundle_of("v3"), &names()).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    let notices = texts(&applied.notices);
    let [notice] = notices.as_slice() else {
        panic!("{:?}", texts(&applied.notices))
    };
    assert!(notice.contains("skreg-worker"), "{notice}");
    assert_eq!(
        active(&fake, true).len(),
        5,
        "one of two revisions must be deregistered"
    );

    let slept = clock.slept();
    fake.refuse(DEREGISTER, 0..usize::MAX, "ThrottlingException");
    let applied = update(&fake, &clock, &bundle_of("v4")).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(applied.notices.len(), 2);
    let waited = (clock.slept() - slept).as_secs();
    assert!((115..200).contains(&waited), "{waited}");
}

#[tokio::test]
async fn only_the_newest_revisions_are_described_without_a_record() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    register_others(&fake, 100);
    for name in names() {
        fake.change_service(&name, |service| drop(service.tags.remove(REVISIONS_TAG)));
    }
    fake.calls();
    let applied = update(&fake, &clock, &bundle_of("registry/skreg:v2")).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    let described = count(&fake.calls(), DESCRIBE);
    assert!(described < 40, "{described}");
}

#[tokio::test]
async fn lower_limit_also_deregisters_unrecorded_revisions() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let keeping = |image: &str, keep_revisions| Bundle {
        keep_revisions,
        ..bundle_of(image)
    };
    assert!(
        create(&fake, &clock, &keeping("v0", 0))
            .await
            .result
            .is_ok()
    );
    for number in 1..100 {
        let wanted = keeping(&format!("v{number}"), 0);
        assert!(update(&fake, &clock, &wanted).await.result.is_ok());
    }
    assert!(fake.service("skreg-api").tags[REVISIONS_TAG].ends_with('+'));
    let applied = update(&fake, &clock, &keeping("v100", 3)).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(
        active(&fake, true).len(),
        6,
        "expected three revisions of each family"
    );
    let record = &fake.service("skreg-api").tags[REVISIONS_TAG];
    assert_eq!(record, "skreg-api:101 100 99");
}

#[tokio::test]
async fn record_is_corrected_if_it_exceeds_twice_the_limit_plus_five() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let mut most = 0;
    for number in 0..40 {
        let wanted = Bundle {
            keep_revisions: 3,
            ..bundle_of(&format!("v{number}"))
        };
        assert!(update(&fake, &clock, &wanted).await.result.is_ok());
        let record = fake.service("skreg-api").tags[REVISIONS_TAG].clone();
        most = most.max(record.split(' ').count());
    }
    assert_eq!(most, 11);
}

#[tokio::test]
async fn destroy_uses_the_record_if_all_revisions_are_kept() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let keeping = Bundle {
        keep_revisions: 0,
        ..bundle()
    };
    assert!(create(&fake, &clock, &keeping).await.result.is_ok());
    register_others(&fake, 100);
    fake.calls();
    let mut all = deletion();
    all.keep_revisions = 0;
    assert!(deployer(&fake, &clock).delete(&all).await.is_ok());
    let described = count(&fake.calls(), DESCRIBE);
    assert!(described < 40, "{described}");
    assert_eq!(active(&fake, true), []);
}
