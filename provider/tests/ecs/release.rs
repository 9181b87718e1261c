//! Tests of the running image: the configured image, the image that another process deployed, or the image of an
//! earlier revision.

use skreg::ecs::api::{EcsApi as _, UpdateService};
use skreg::ecs::bundle::Bundle;
use skreg::ecs::error::BundleError;

use crate::fake::{End, Fake, FakeClock, Script};
use crate::{bundle, bundle_of, create, deployer, error_of, update};
use skreg::resources::ecs::service_bundle::diagnostics::Explained;

/// Registers and deploys a different image for the API, as a CI/CD pipeline does.
async fn deploy_manually(fake: &Fake<'_>, image: &str) -> String {
    let running = fake.service("skreg-api").task_definition;
    let revision = fake
        .revision(&running)
        .await
        .expect("describe succeeds")
        .expect("a revision");
    let mut definition = revision.definition;
    definition.container.image = image.into();
    let arn = fake
        .register(&definition, &Default::default())
        .await
        .expect("registered");
    fake.script(
        "skreg-api",
        Script {
            looks: 0,
            ..Script::default()
        },
    );
    let request = UpdateService {
        cluster: "main".into(),
        name: "skreg-api".into(),
        task_definition: Some(arn.clone()),
        ..UpdateService::default()
    };
    fake.update_service(&request)
        .await
        .expect("update succeeds");
    fake.services("main", &["skreg-api".to_owned()])
        .await
        .expect("describe succeeds");
    arn
}

fn external(image: &str) -> Bundle {
    let mut bundle = bundle_of(image);
    bundle
        .services
        .values_mut()
        .for_each(|spec| spec.keeps_image = true);
    bundle
}

async fn image_of_api(fake: &Fake<'_>) -> String {
    let running = fake.service("skreg-api").task_definition;
    let revision = fake
        .revision(&running)
        .await
        .expect("describe succeeds")
        .expect("a revision");
    revision.definition.container.image
}

#[tokio::test]
async fn external_image_is_kept_and_only_other_changes_register_a_revision() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(
        create(&fake, &clock, &external("registry/skreg:v1"))
            .await
            .result
            .is_ok()
    );
    let manual = deploy_manually(&fake, "registry/skreg:ci-7").await;
    fake.calls();
    // A change to the configured image is ignored.
    let applied = update(&fake, &clock, &external("registry/skreg:v2")).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert!(
        applied.services["api"].drift.is_empty(),
        "{:?}",
        applied.services["api"]
    );
    assert_eq!(fake.service("skreg-api").task_definition, manual);
    assert!(!fake.calls().contains(&"ecs:RegisterTaskDefinition"));

    let mut bigger = external("registry/skreg:v2");
    let api = bigger.services.get_mut("api").expect("the API");
    api.definition.memory = 2048;
    assert!(update(&fake, &clock, &bigger).await.result.is_ok());
    assert_ne!(fake.service("skreg-api").task_definition, manual);
    assert_eq!(image_of_api(&fake).await, "registry/skreg:ci-7");
}

#[tokio::test]
async fn configured_image_replaces_an_image_from_another_process() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    deploy_manually(&fake, "registry/skreg:ci-7").await;
    assert!(update(&fake, &clock, &bundle()).await.result.is_ok());
    assert_eq!(image_of_api(&fake).await, "registry/skreg:v1");
}

#[tokio::test]
async fn new_service_requires_an_image() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let error = error_of(create(&fake, &clock, &external("")).await);
    assert!(
        matches!(&error, BundleError::NoImage { key } if key == "api"),
        "{error:?}"
    );
    assert!(
        error.detail().contains("Set `tag` or `digest`"),
        "{}",
        error.detail()
    );
    assert!(fake.active_services().is_empty());
}

#[tokio::test]
async fn pinned_revision_runs_and_is_kept_regardless_of_the_configuration() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    for image in ["registry/skreg:v2", "registry/skreg:v3"] {
        let mut wanted = bundle_of(image);
        wanted.keep_revisions = 5;
        assert!(update(&fake, &clock, &wanted).await.result.is_ok());
    }
    let mut back = bundle_of("registry/skreg:v4");
    back.services.get_mut("api").expect("the API").pinned = Some(1);
    for _ in 0..2 {
        let applied = update(&fake, &clock, &back).await;
        assert!(applied.result.is_ok(), "{:?}", applied.result);
        assert!(
            applied.services["api"].drift.is_empty(),
            "{:?}",
            applied.services["api"]
        );
        assert!(
            fake.service("skreg-api")
                .task_definition
                .ends_with("skreg-api:1")
        );
    }
    let kept = fake
        .revisions()
        .iter()
        .any(|revision| revision.arn.ends_with("skreg-api:1"));
    assert!(kept, "the running revision must stay registered");
    assert!(
        fake.service("skreg-worker")
            .task_definition
            .ends_with("skreg-worker:4")
    );

    // Without the pin, the configured definition is deployed again.
    assert!(
        update(&fake, &clock, &bundle_of("registry/skreg:v4"))
            .await
            .result
            .is_ok()
    );
    assert_eq!(image_of_api(&fake).await, "registry/skreg:v4");
}

#[tokio::test]
async fn error_for_an_unusable_revision_lists_the_active_ones() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    let mut back = bundle();
    back.services.get_mut("api").expect("the API").pinned = Some(9);
    let error = error_of(update(&fake, &clock, &back).await);
    assert_eq!(
        error.summary(),
        "Task definition revision is not registered"
    );
    let detail = error.detail();
    assert!(
        detail.contains("skreg-api:9") && detail.contains("Specify one of skreg-api:1"),
        "{detail}"
    );
}

/// Creates the bundle with an image that fails to start.
async fn create_broken(fake: &Fake<'_>, clock: &FakeClock) -> skreg::ecs::attempt::Made {
    let broken = Script {
        end: End::StaysFailed,
        drains: 5,
        ..Script::default()
    };
    fake.script("skreg-api", broken);
    let applied = create(fake, clock, &external("registry/skreg:broken")).await;
    assert!(applied.result.is_err());
    fake.script("skreg-api", Script::default());
    applied.made
}

#[tokio::test]
async fn configured_image_is_used_after_a_failed_create() {
    // The services still exist, or they are draining.
    for undone in [false, true] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        let made = create_broken(&fake, &clock).await;
        if undone {
            let left = deployer(&fake, &clock).undo("main", &made).await;
            assert!(left.is_empty(), "{left:?}");
        }
        let applied = create(&fake, &clock, &external("registry/skreg:v2")).await;
        assert!(applied.result.is_ok(), "{:?}", applied.result);
        assert_eq!(image_of_api(&fake).await, "registry/skreg:v2");
        let drift = &applied.services["api"].drift;
        assert!(drift.is_empty(), "{drift:?}");
    }
}

#[tokio::test]
async fn external_image_is_kept_after_a_failed_create() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    create_broken(&fake, &clock).await;
    deploy_manually(&fake, "registry/skreg:ci-7").await;
    let applied = create(&fake, &clock, &external("registry/skreg:v2")).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(image_of_api(&fake).await, "registry/skreg:ci-7");
}

#[tokio::test]
async fn service_that_replaces_a_draining_one_starts_with_the_configured_image() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let first = external("registry/skreg:v1");
    assert!(create(&fake, &clock, &first).await.result.is_ok());
    deploy_manually(&fake, "registry/skreg:ci-7").await;
    fake.change_service("skreg-api", |service| {
        service.settings.desired_count = Some(0);
    });
    let deleted = fake.delete_service("main", "skreg-api").await;
    assert!(deleted.is_ok(), "{deleted:?}");
    let applied = update(&fake, &clock, &external("registry/skreg:v2")).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(image_of_api(&fake).await, "registry/skreg:v2");
}
