//! Tests of the calls that an update makes: requests, retries, and lookups between them.

use skreg::aws::AwsError;
use skreg::ecs::api::UpdateService;
use skreg::ecs::bundle::{Bundle, DELETING_TAG};
use skreg::ecs::service::{CircuitBreaker, Platform, Threshold, ThresholdKind};

use crate::fake::{DeploymentsApi, End, Fake, FakeClock, PLATFORM, Script};
use crate::{bundle, bundle_of, create, error_of, update};
use skreg::resources::ecs::service_bundle::diagnostics::Explained;

const UPDATE: &str = "ecs:UpdateService";

/// Returns the updates that an apply sends.
async fn sent(fake: &Fake<'_>, clock: &FakeClock, wanted: &Bundle) -> Vec<UpdateService> {
    fake.with(|state| state.updates.clear());
    let applied = update(fake, clock, wanted).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    fake.with(|state| state.updates.clone())
}

fn with_settings(image: &str) -> Bundle {
    let mut bundle = bundle_of(image);
    for spec in bundle.services.values_mut() {
        spec.settings.options.enable_execute_command = true;
    }
    bundle
}

#[tokio::test]
async fn update_is_looked_up_before_a_retry_only_if_it_may_have_started_a_deployment() {
    let (busy, broken) = ("ThrottlingException", "ServerException");
    let (deploys, settings) = (
        bundle_of("registry/skreg:v2"),
        with_settings("registry/skreg:v1"),
    );
    for (wanted, code, looks) in [
        (&deploys, broken, true),
        (&deploys, busy, false),
        (&settings, broken, false),
        (&settings, busy, false),
    ] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
        fake.calls();
        fake.refuse(UPDATE, 0..1, code);
        assert!(update(&fake, &clock, wanted).await.result.is_ok());
        let calls = fake.calls();
        let refused = calls.iter().position(|call| *call == UPDATE);
        let next = calls[refused.expect("an update call") + 1];
        let expected = if looks {
            "ecs:DescribeServices"
        } else {
            UPDATE
        };
        assert_eq!(next, expected, "{code}: {calls:?}");
    }
}

#[tokio::test]
async fn change_without_deployment_does_not_list_deployments() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.calls();
    let updates = sent(&fake, &clock, &with_settings("registry/skreg:v1")).await;
    assert_eq!(updates.len(), 2);
    let calls = fake.calls();
    assert!(!calls.contains(&"ecs:ListServiceDeployments"), "{calls:?}");
}

#[tokio::test]
async fn previous_deployment_is_not_mistaken_for_an_unlisted_new_one() {
    let clock = FakeClock::new();
    let mut fake = Fake::new(&clock);
    fake.deployments_api = DeploymentsApi::Behind;
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    let failing = Script {
        looks: 5,
        end: End::RollsBack,
        ..Script::default()
    };
    fake.script("skreg-worker", failing);
    fake.meanwhile(UPDATE, |state| {
        state.change("skreg-worker", |service| service.current_deployment = None);
    });
    let failed = update(&fake, &clock, &bundle_of("registry/skreg:v2")).await;
    assert_eq!(
        error_of(failed).summary(),
        "Rollout of skreg-worker failed and was rolled back"
    );
}

#[tokio::test]
async fn failed_deployment_after_a_failed_one_fails_the_apply_although_the_api_lags() {
    let clock = FakeClock::new();
    let mut fake = Fake::new(&clock);
    fake.deployments_api = DeploymentsApi::Stale;
    fake.script("skreg-worker", Script::ending(End::StaysFailed));
    assert!(create(&fake, &clock, &bundle()).await.result.is_err());
    let slept = clock.slept();
    // No deployment has completed, so ECS has no rollback target.
    let failed = create(&fake, &clock, &bundle_of("registry/skreg:v2")).await;
    assert!(failed.result.is_err());
    let waited = (clock.slept() - slept).as_secs();
    assert!(waited < 60, "{waited}");
}

#[tokio::test]
async fn platform_version_is_sent_with_every_deployment() {
    let platform = |mut bundle: Bundle| {
        for spec in bundle.services.values_mut() {
            let asked = PLATFORM.to_owned();
            spec.settings.platform = Some(Platform { asked, runs: None });
        }
        bundle
    };
    let network = || {
        let mut bundle = bundle();
        for spec in bundle.services.values_mut() {
            spec.settings.network.subnets.insert("subnet-2".into());
        }
        bundle
    };
    let forced = || Bundle {
        force: true,
        ..bundle()
    };
    let marked = |fake: &Fake<'_>| {
        fake.change_service("skreg-worker", |service| {
            service.tags.insert(DELETING_TAG.into(), "1".into());
        });
    };
    let failed = |fake: &Fake<'_>| {
        fake.change_service("skreg-worker", |service| {
            service.deployments[0].rollout = Some(skreg::ecs::api::Rollout::Failed);
        });
    };
    type Before<'f> = &'f dyn Fn(&Fake<'_>);
    let cases: [(&str, Bundle, Before<'_>, bool); 6] = [
        ("a revision", bundle_of("registry/skreg:v2"), &|_| {}, true),
        ("the network", network(), &|_| {}, true),
        ("by force", forced(), &|_| {}, true),
        ("after a failure", bundle(), &failed, true),
        ("after an interrupted delete", bundle(), &marked, true),
        (
            "no deployment",
            with_settings("registry/skreg:v1"),
            &|_| {},
            false,
        ),
    ];
    for (reason, wanted, before, said) in cases {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        assert!(
            create(&fake, &clock, &platform(bundle()))
                .await
                .result
                .is_ok()
        );
        before(&fake);
        let updates = sent(&fake, &clock, &platform(wanted)).await;
        assert!(!updates.is_empty(), "{reason}");
        for sent in updates {
            let version = sent.platform_version.as_deref();
            assert_eq!(version, said.then_some(PLATFORM), "{reason}: {sent:?}");
        }
    }
}

#[tokio::test]
async fn throttling_does_not_fail_an_update() {
    for action in [
        "ecs:UpdateService",
        "ecs:TagResource",
        "ecs:RegisterTaskDefinition",
        "ecs:DescribeTaskDefinition",
        "ecs:DescribeServices",
        "ecs:DescribeClusters",
        "elasticloadbalancing:DescribeTargetGroups",
    ] {
        for (code, refusals) in [("ThrottlingException", 15), ("ServerException", 4)] {
            let clock = FakeClock::new();
            let fake = Fake::new(&clock);
            assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
            fake.refuse(action, 0..refusals, code);
            let mut wanted = bundle_of("registry/skreg:v2");
            wanted.tags.insert("stage".into(), "prod".into());
            let applied = update(&fake, &clock, &wanted).await;
            assert!(
                applied.result.is_ok(),
                "{action} {code}: {:?}",
                applied.result
            );
            let runs = fake.service("skreg-api").task_definition;
            assert!(runs.ends_with("skreg-api:2"), "{action} {code}: {runs}");
            assert_eq!(fake.service("skreg-api").tags["stage"], "prod");
        }
    }
}

#[tokio::test]
async fn update_with_lost_response_does_not_start_a_second_deployment() {
    for force in [true, false] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
        fake.with(|state| state.updates.clear());
        let lost = AwsError::service("ecs:UpdateService", "ServerException", "sorry");
        fake.with(|state| state.lost.insert("ecs:UpdateService", lost));
        let wanted = match force {
            true => Bundle { force, ..bundle() },
            false => bundle_of("registry/skreg:v2"),
        };
        let applied = update(&fake, &clock, &wanted).await;
        assert!(applied.result.is_ok(), "{:?}", applied.result);
        assert_eq!(
            fake.with(|state| state.updates.len()),
            2,
            "expected one deployment of each service"
        );
    }
}

#[tokio::test]
async fn update_without_effect_is_repeated() {
    // The response is an error, and the call did not take effect.
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.with(|state| state.updates.clear());
    fake.refuse("ecs:UpdateService", 0..2, "ServerException");
    let applied = update(
        &fake,
        &clock,
        &Bundle {
            force: true,
            ..bundle()
        },
    )
    .await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(fake.with(|state| state.updates.len()), 2);
}

#[tokio::test]
async fn circuit_breaker_settings_that_return_to_the_default_are_sent() {
    let tuned = |threshold, reset_on_healthy_task| CircuitBreaker {
        threshold,
        reset_on_healthy_task,
        ..CircuitBreaker::default()
    };
    let with = |breaker: CircuitBreaker| {
        let mut bundle = bundle();
        for spec in bundle.services.values_mut() {
            spec.settings.deployment.circuit_breaker = Some(breaker);
        }
        bundle
    };
    let two = Some(Threshold {
        kind: ThresholdKind::Count,
        value: 2,
    });
    for (before, after, explicit) in [
        (tuned(two, true), tuned(None, true), true),
        (tuned(None, false), tuned(None, true), true),
        (tuned(two, false), tuned(two, true), true),
        (tuned(None, true), tuned(two, false), false),
        (tuned(two, true), tuned(two, false), false),
        (tuned(two, true), tuned(two, true), false),
        (tuned(two, false), tuned(two, false), false),
    ] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        assert!(create(&fake, &clock, &with(before)).await.result.is_ok());
        fake.with(|state| state.updates.clear());
        let mut after_it = with(after);
        for spec in after_it.services.values_mut() {
            spec.definition.container.image = "registry/skreg:v2".into();
        }
        assert!(update(&fake, &clock, &after_it).await.result.is_ok());
        let updates = fake.with(|state| state.updates.clone());
        assert_eq!(updates.len(), 2, "{before:?} {after:?}");
        let sent = updates.iter().all(|update| update.explicit_circuit_breaker);
        assert_eq!(sent, explicit, "{before:?} {after:?}");
    }
}
