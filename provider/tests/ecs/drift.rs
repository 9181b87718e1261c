//! Tests of the drift that a read reports.

use skreg::ecs::bundle::Bundle;

use crate::fake::{End, Fake, FakeClock, Script};
use crate::{bundle, bundle_of, create, deployer, drift_texts, update};

/// Returns the drift of the API service.
async fn drift_of(fake: &Fake<'_>, clock: &FakeClock, bundle: &Bundle) -> Vec<String> {
    let read = deployer(fake, clock)
        .read(bundle)
        .await
        .expect("read succeeds");
    drift_texts(&read.services["api"].drift)
}

#[tokio::test]
async fn revision_other_than_the_pinned_one_is_drift() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    let wanted = bundle_of("registry/skreg:v2");
    assert!(update(&fake, &clock, &wanted).await.result.is_ok());
    let mut pinned = bundle_of("registry/skreg:v2");
    pinned.services.get_mut("api").expect("the API").pinned = Some(1);
    let said = "the task definition is skreg-api:2 instead of skreg-api:1";
    assert_eq!(drift_of(&fake, &clock, &pinned).await, [said]);
}

#[tokio::test]
async fn failed_deployment_is_drift() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.script("skreg-api", Script::ending(End::StaysFailed));
    let wanted = bundle_of("registry/skreg:v2");
    assert!(update(&fake, &clock, &wanted).await.result.is_err());
    let said = "the last deployment failed";
    assert_eq!(drift_of(&fake, &clock, &wanted).await, [said]);
}

#[tokio::test]
async fn deployment_in_progress_is_drift_if_awaited_and_not_external() {
    for (wait, keeps_image) in [(true, false), (true, true), (false, false), (false, true)] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
        fake.with(|state| {
            let hanging = Script::ending(End::Hangs);
            state.scripts.insert("skreg-api".into(), hanging);
            state.release("skreg-api", "registry/skreg:v2");
        });
        let mut wanted = Bundle {
            wait,
            ..bundle_of("registry/skreg:v2")
        };
        for spec in wanted.services.values_mut() {
            spec.keeps_image = keeps_image;
        }
        let drift = drift_of(&fake, &clock, &wanted).await;
        let said = drift.iter().any(|it| it.contains("in progress"));
        assert_eq!(
            said,
            wait && !keeps_image,
            "{wait} {keeps_image}: {drift:?}"
        );
        assert!(drift.len() <= 1, "{drift:?}");
    }
}
