//! What a read says about a service that is not as it was configured.

use skreg::ecs::bundle::Bundle;

use crate::fake::{End, Fake, FakeClock, Script};
use crate::{bundle, bundle_of, create, deployer, update};

/// What is said about the API.
async fn drift_of(fake: &Fake<'_>, clock: &FakeClock, bundle: &Bundle) -> Vec<String> {
    let read = deployer(fake, clock).read(bundle).await.expect("an answer");
    read.services["api"].drift.clone()
}

#[tokio::test]
async fn a_revision_that_is_not_the_pinned_one_is_named() {
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
async fn a_deployment_that_failed_is_said() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    fake.script("skreg-api", Script::failing());
    let wanted = bundle_of("registry/skreg:v2");
    assert!(update(&fake, &clock, &wanted).await.result.is_err());
    let said = "the last deployment failed";
    assert_eq!(drift_of(&fake, &clock, &wanted).await, [said]);
}

#[tokio::test]
async fn a_deployment_that_goes_on_is_said_where_its_end_is_waited_for_and_it_is_ours() {
    for (wait, keeps_image) in [(true, false), (true, true), (false, false), (false, true)] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
        fake.with(|state| {
            let hanging = Script {
                end: End::Hangs,
                ..Script::default()
            };
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
        let said = drift.iter().any(|it| it.contains("going on"));
        assert_eq!(
            said,
            wait && !keeps_image,
            "{wait} {keeps_image}: {drift:?}"
        );
        assert!(drift.len() <= 1, "{drift:?}");
    }
}
