//! Tests of attributes: validation, stored values, and planned changes.

use super::model::{
    Capacity, CapacityProvider, CircuitBreaker, Deployment, EXTERNAL, KEEP, PublishedPort, Release,
    ServiceConnect, Sidecar, TERRAFORM_ONCE,
};
use super::*;

fn worker(model: &mut ServiceBundle) -> &mut Service {
    model.services.get_mut("worker").expect("the worker")
}

fn sidecar() -> Sidecar {
    Sidecar {
        image: image("1.25"),
        essential: false,
        cpu: Some(64),
        memory: Some(128),
        command: None,
        entry_point: None,
        environment: BTreeMap::new(),
        secrets: BTreeMap::new(),
        port: None,
        health_check: None,
        stop_timeout: None,
        log: None,
        container_overrides_json: Some(r#"{"user":"101"}"#.into()),
    }
}

fn breaker(kind: Option<&str>, value: Option<u32>) -> Option<Deployment> {
    let breaker = CircuitBreaker {
        threshold_type: kind.map(str::to_owned),
        threshold_value: value,
        ..CircuitBreaker::default()
    };
    Some(Deployment {
        circuit_breaker: Some(breaker),
        ..Deployment::default()
    })
}

fn owned_by(owner: &str, rollback_to: &[(&str, u32)]) -> Option<Release> {
    let rollback_to = rollback_to
        .iter()
        .map(|(key, revision)| ((*key).to_owned(), *revision));
    Some(Release {
        owner: owner.to_owned(),
        rollback_to: rollback_to.collect(),
    })
}

fn providers(all: &[(&str, u32, u32)]) -> Option<Capacity> {
    let all = all.iter().map(|(name, weight, base)| {
        let (weight, base) = (*weight, *base);
        ((*name).to_owned(), CapacityProvider { weight, base })
    });
    Some(Capacity {
        launch_type: None,
        providers: Some(all.collect()),
    })
}

fn groups(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// Sets all optional attributes of a bundle.
fn everything(model: &mut ServiceBundle) {
    model.capacity = providers(&[("FARGATE", 1, 1), ("FARGATE_SPOT", 3, 0)]);
    model.platform_version = Some("1.4.0".into());
    model.deployment = breaker(Some("COUNT"), Some(2));
    let deployment = model.deployment.as_mut().expect("a deployment");
    (
        deployment.minimum_healthy_percent,
        deployment.maximum_percent,
    ) = (0, 150);
    model.propagate_tags = "TASK_DEFINITION".into();
    model.network.security_groups = groups(&["sg-database"]);
    worker(model).security_groups = groups(&["sg-worker"]);
    let api = api(model);
    api.security_groups = groups(&["sg-api", "sg-web"]);
    api.service_connect = Some(ServiceConnect {
        namespace: Some("shop.local".into()),
        publish: Some(PublishedPort {
            discovery_name: None,
            dns_name: Some("api.shop.local".into()),
            port: Some(80),
            app_protocol: Some("http".into()),
            ingress_port: None,
        }),
    });
    api.sidecars = BTreeMap::from([("proxy".to_owned(), sidecar())]);
    api.ephemeral_storage_gib = Some(50);
    api.health_check_grace_period_seconds = Some(60);
    api.enable_execute_command = true;
    api.availability_zone_rebalancing = "DISABLED".into();
    api.container_overrides_json = Some(r#"{"readonlyRootFilesystem":true,"user":"1000"}"#.into());
    let log = model.log.as_mut().expect("a log");
    log.mode = Some("non-blocking".into());
}

fn with_providers(fake: &Fake<'_>) {
    fake.with(|state| state.capacity_providers = vec!["FARGATE".into(), "FARGATE_SPOT".into()]);
}

#[test]
fn invalid_attributes_are_rejected_at_their_path() {
    let one = |path: &str, summary: &str| vec![(path.to_owned(), summary.to_owned())];
    assert_eq!(of_model(everything), []);
    let none = Some(Capacity {
        launch_type: None,
        providers: None,
    });
    assert_eq!(
        of_model(|model| model.capacity = none),
        one("capacity", "Invalid capacity")
    );
    let both = |model: &mut ServiceBundle| {
        model.capacity = providers(&[("FARGATE", 1, 0)]);
        model.capacity.as_mut().expect("a capacity").launch_type = Some("FARGATE".into());
    };
    assert_eq!(of_model(both), one("capacity", "Invalid capacity"));
    let bases =
        of_model(|model| model.capacity = providers(&[("FARGATE", 1, 1), ("FARGATE_SPOT", 1, 1)]));
    assert_eq!(
        bases,
        one(
            "capacity.providers[\"FARGATE_SPOT\"].base",
            "Multiple capacity providers with a base"
        )
    );
    let weights = of_model(|model| model.capacity = providers(&[("FARGATE", 0, 1)]));
    assert_eq!(
        weights,
        one(
            "capacity.providers",
            "All capacity providers have a weight of 0"
        )
    );
    let half = of_model(|model| model.deployment = breaker(Some("COUNT"), None));
    assert_eq!(
        half,
        one(
            "deployment.circuit_breaker.threshold_type",
            "Incomplete threshold"
        )
    );
    let half = of_model(|model| model.deployment = breaker(None, Some(2)));
    assert_eq!(
        half,
        one(
            "deployment.circuit_breaker.threshold_value",
            "Incomplete threshold"
        )
    );
    let rollback = of_model(|model| model.release = owned_by("terraform", &[("ap", 1)]));
    assert_eq!(
        rollback,
        one("release.rollback_to[\"ap\"]", "Unknown service")
    );
    let publish = |model: &mut ServiceBundle| {
        everything(model);
        worker(model).service_connect = api(model).service_connect.take();
    };
    let at = "services[\"worker\"].service_connect.publish";
    assert_eq!(of_model(publish), one(at, "Published service has no port"));
    let crowded = |model: &mut ServiceBundle| {
        model.network.security_groups = groups(&["sg-1", "sg-2", "sg-3"]);
        worker(model).security_groups = groups(&["sg-3", "sg-4", "sg-5"]);
        api(model).security_groups = groups(&["sg-4", "sg-5", "sg-6"]);
    };
    let at = "services[\"api\"].security_groups";
    assert_eq!(of_model(crowded), one(at, "Too many security groups"));
    let duplicate = |model: &mut ServiceBundle| worker(model).service_name = "skreg-api".into();
    let at = "services[\"worker\"].service_name";
    assert_eq!(of_model(duplicate), one(at, "Duplicate service name"));
}

#[test]
fn invalid_containers_are_rejected_at_their_path() {
    let one = |path: &str, summary: &str| vec![(path.to_owned(), summary.to_owned())];
    let at = |rest: &str| format!("services[\"api\"].{rest}");
    for json in [
        "{",
        "[]",
        r#"{"nope":1}"#,
        r#"{"image":"x"}"#,
        r#"{"privileged":"yes"}"#,
    ] {
        let refused = of_model(|model| api(model).container_overrides_json = Some(json.into()));
        let expected = one(
            &at("container_overrides_json"),
            "Invalid container settings",
        );
        assert_eq!(refused, expected, "{json}");
    }
    let beside = |name: &str, change: fn(&mut Sidecar)| {
        of_model(|model| {
            let mut sidecar = sidecar();
            change(&mut sidecar);
            api(model).sidecars.insert(name.to_owned(), sidecar);
        })
    };
    let proxy = |rest: &str| at(&format!("sidecars[\"proxy\"].{rest}"));
    assert_eq!(beside("proxy", |_| ()), []);
    assert_eq!(
        beside("api", |_| ()),
        one(&at("sidecars[\"api\"]"), "Duplicate container name")
    );
    let size = beside("proxy", |sidecar| sidecar.cpu = Some(1024));
    assert_eq!(
        size,
        one(&at("sidecars"), "Sidecars reserve too many CPU units")
    );
    let huge = of_model(|model| {
        let huge = |name: &str| {
            let cpu = Some(u32::MAX);
            (name.to_owned(), Sidecar { cpu, ..sidecar() })
        };
        api(model).sidecars = ["one", "two"].map(huge).into();
    });
    assert_eq!(
        huge,
        one(&at("sidecars"), "Sidecars reserve too many CPU units")
    );
    let unversioned = beside("proxy", |sidecar| sidecar.image.tag = None);
    assert_eq!(unversioned, one(&proxy("image.tag"), "Invalid image"));
    let secret = beside("proxy", |sidecar| {
        sidecar.environment.insert("API_TOKEN".into(), "x".into());
    });
    assert_eq!(
        secret,
        one(&proxy("environment[\"API_TOKEN\"]"), "Secret in plain text")
    );
    let duplicate = beside("proxy", |sidecar| {
        sidecar.container_overrides_json = Some(r#"{"memory":64}"#.into());
    });
    let path = proxy("container_overrides_json");
    assert_eq!(duplicate, one(&path, "Invalid container settings"));
    // A container whose overrides configure logging does not require `log`.
    let fluent = r#"{"logConfiguration":{"logDriver":"awsfirelens"}}"#;
    let otherwise = of_model(|model| {
        model.log = None;
        for service in model.services.values_mut() {
            service.container_overrides_json = Some(fluent.into());
        }
    });
    assert_eq!(otherwise, []);
}

#[test]
fn image_version_is_optional_only_if_another_process_deploys() {
    let unversioned = |owner: &str| {
        of_model(|model| {
            model.release = owned_by(owner, &[]);
            model.image = Some(Image {
                tag: None,
                ..image("")
            });
        })
    };
    assert_eq!(unversioned(EXTERNAL), []);
    for owner in ["terraform", TERRAFORM_ONCE] {
        assert_eq!(unversioned(owner).len(), 1, "{owner}");
    }
}

#[tokio::test]
async fn all_attributes_are_applied_and_imported_without_drift() {
    let (fake, bundles) = account();
    with_providers(&fake);
    let plan = plan_of(everything);
    let stored = bundles
        .create_bundle(&plan, &call())
        .await
        .ok()
        .expect("the create succeeds");
    let state = ServiceBundlePlan::from(stored.state);
    let again = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    assert!(again == state, "a refresh must not change the state");
    assert!(!plans_an_update(&again));
    assert_imported_as(&bundles, &state).await;
}

#[tokio::test]
async fn outputs_describe_the_running_service() {
    let (_, bundles) = account();
    let state = created(&bundles).await;
    let deployment = known_deployment(&state, "api").expect("the API");
    let revision = deployment.service_revision_arn.expect("ECS reports it");
    assert!(
        revision.contains(":service-revision/main/skreg-api/"),
        "{revision}"
    );
    let digest = deployment.running_digest.expect("ECS reports it");
    assert!(digest.starts_with("sha256:"), "{digest}");
    assert!(
        state
            .cluster_arn
            .known()
            .is_some_and(|arn| arn == fake::CLUSTER_ARN)
    );
    assert!(
        state
            .platform_version
            .known()
            .is_some_and(|version| version == fake::PLATFORM)
    );
}

#[tokio::test]
async fn platform_version_that_is_not_configured_is_reported_but_not_pinned() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    assert!(bundles.update_bundle(&state, &v2(), &call()).await.is_ok());
    let updates = fake.with(|state| state.updates.clone());
    assert!(
        !updates.is_empty()
            && updates
                .iter()
                .all(|update| update.platform_version.is_none())
    );

    // Configuring the running version is not a change. Configuring a different version starts a rollout.
    let mut same = plan_of(|model| model.platform_version = Some(fake::PLATFORM.into()));
    predict_outputs(&state, &mut same);
    assert!(!has_unknown_outputs(&same));
    let mut other = plan_of(|model| model.platform_version = Some("1.3.0".into()));
    predict_outputs(&state, &mut other);
    assert!(has_unknown_outputs(&other));
    fake.with(|state| state.updates.clear());
    let stored = bundles
        .update_bundle(&state, &other, &call())
        .await
        .ok()
        .expect("the update succeeds");
    assert_eq!(stored.state.platform_version.as_deref(), Some("1.3.0"));
    let updates = fake.with(|state| state.updates.clone());
    assert!(
        updates
            .iter()
            .all(|update| update.platform_version.as_deref() == Some("1.3.0"))
    );
    let state = ServiceBundlePlan::from(stored.state);
    let again = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    assert!(!plans_an_update(&again));

    // Another process restores the previous version.
    fake.change_service("skreg-api", |service| {
        let asked = "LATEST".to_owned();
        let runs = Some(fake::PLATFORM.to_owned());
        service.settings.platform = Some(crate::ecs::service::Platform { asked, runs });
    });
    let found = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    assert!(
        found
            .platform_version
            .known()
            .is_some_and(|version| version == fake::PLATFORM)
    );
}

#[tokio::test]
async fn each_change_of_a_service_is_planned_and_applied_without_drift() {
    let changes: [fn(&mut ServiceBundle); 6] = [
        |model| model.capacity = providers(&[("FARGATE_SPOT", 1, 0)]),
        |model| model.deployment = breaker(Some("UNBOUNDED_PERCENT"), Some(10)),
        |model| api(model).ephemeral_storage_gib = Some(21),
        |model| {
            api(model).service_connect = Some(ServiceConnect {
                namespace: None,
                publish: None,
            })
        },
        |model| drop(api(model).sidecars.insert("proxy".into(), sidecar())),
        |model| worker(model).container_overrides_json = Some(r#"{"user":"7"}"#.into()),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let (fake, bundles) = account();
        with_providers(&fake);
        let state = created(&bundles).await;
        for plan in [plan_of(change), plan_of(|_| ())] {
            let state = refreshed(&bundles, &state)
                .await
                .expect("the bundle exists");
            let mut announced = plan.clone();
            predict_outputs(&state, &mut announced);
            if announced.services != state.services || announced.capacity != state.capacity {
                assert!(has_unknown_outputs(&announced), "change {number}");
            }
            let stored = bundles.update_bundle(&state, &plan, &call()).await;
            let after = ServiceBundlePlan::from(stored.ok().expect("the update succeeds").state);
            let again = refreshed(&bundles, &after)
                .await
                .expect("the bundle exists");
            assert!(
                !plans_an_update(&again),
                "change {number}: {:?}",
                again.encode()
            );
        }
    }
}

#[tokio::test]
async fn new_trigger_deploys_all_services_once() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    let triggered = |trigger: Option<&str>| {
        let trigger = trigger.map(str::to_owned);
        plan_of(|model| {
            model.deployment = Some(Deployment {
                force_new_deployment_trigger: trigger,
                ..Deployment::default()
            });
        })
    };
    let mut announced = triggered(Some("1"));
    predict_outputs(&state, &mut announced);
    assert!(has_unknown_outputs(&announced));
    let after = |outcome: Outcome<ServiceBundle>| {
        ServiceBundlePlan::from(outcome.ok().expect("the update succeeds").state)
    };
    let first = after(
        bundles
            .update_bundle(&state, &triggered(Some("1")), &call())
            .await,
    );
    let updates = fake.with(|state| std::mem::take(&mut state.updates));
    assert!(updates.len() == 2 && updates.iter().all(|update| update.force_new_deployment));
    let second = after(
        bundles
            .update_bundle(&first, &triggered(Some("1")), &call())
            .await,
    );
    after(
        bundles
            .update_bundle(&second, &triggered(None), &call())
            .await,
    );
    assert!(
        fake.with(|state| state.updates.is_empty()),
        "the update must not start a deployment"
    );

    // The next apply repeats a forced deployment that failed.
    fake.with(|state| {
        let refused =
            crate::aws::AwsError::service("ecs:UpdateService", "AccessDeniedException", "no");
        state
            .errors
            .insert("ecs:UpdateService", vec![refused].into());
    });
    let failure = failed(
        bundles
            .update_bundle(&second, &triggered(Some("2")), &call())
            .await,
    );
    let Remains::Partial(left, None) = failure.remains else {
        panic!("expected a partial state")
    };
    let mut next = triggered(Some("2"));
    predict_outputs(&left, &mut next);
    assert!(has_unknown_outputs(&next));
}

#[tokio::test]
async fn failed_create_can_keep_its_services_for_the_next_apply() {
    let (fake, bundles) = account();
    let failing = Script {
        end: End::StaysFailed,
        ..Script::default()
    };
    fake.script("skreg-api", failing);
    let plan = plan_of(|model| model.on_create_failure = KEEP.into());
    let failure = failed(bundles.create_bundle(&plan, &call()).await);
    assert!(
        matches!(failure.remains, Remains::Nothing),
        "the bundle must not be tainted"
    );
    assert_eq!(fake.active_services().len(), 2, "the services must be kept");
    let error = failure.diagnostics.iter().next().expect("an error");
    for part in [
        "skreg-worker, skreg-api",
        "the next apply takes them over",
        "'main/skreg'",
    ] {
        assert!(error.detail.contains(part), "{part}: {}", error.detail);
    }
    fake.script("skreg-api", Script::default());
    let stored = bundles
        .create_bundle(&plan, &call())
        .await
        .ok()
        .expect("the apply succeeds");
    let state = ServiceBundlePlan::from(stored.state);
    let again = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    assert!(!plans_an_update(&again));
    assert_eq!(
        fake.revisions().len(),
        2,
        "each revision must be registered only once"
    );
}

#[tokio::test]
async fn update_that_fails_before_the_first_change_keeps_the_prior_state() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    fake.with(|state| state.target_groups.clear());
    let failure = failed(bundles.update_bundle(&state, &v2(), &call()).await);
    assert!(matches!(failure.remains, Remains::Unchanged));
}

#[tokio::test]
async fn cluster_name_and_arn_refer_to_the_same_cluster_in_one_region() {
    let (_, bundles) = account();
    let state = created(&bundles).await;
    let other = |cluster: &str| {
        is_another_cluster(&state, &plan_of(|model| model.cluster = cluster.into()))
    };
    assert!(!other("main") && !other(fake::CLUSTER_ARN));
    assert!(other("second"));
    assert!(other(
        &fake::CLUSTER_ARN.replace("eu-central-1", "eu-west-1")
    ));
    // Older versions of the provider did not store the ARN.
    let mut old = state.clone();
    old.cluster_arn = Planned::Null;
    assert!(!is_another_cluster(
        &old,
        &plan_of(|model| model.cluster = fake::CLUSTER_ARN.into())
    ));
    let read = refreshed(&bundles, &old).await.expect("the bundle exists");
    assert!(read == state, "a refresh must set the ARN");
}

#[tokio::test]
async fn services_with_other_names_are_imported_and_keep_their_names() {
    let (fake, bundles) = account();
    created(&bundles).await;
    fake.with(|state| state.revisions.iter_mut().for_each(|it| it.tags.clear()));
    let services = [("api", "skreg-api"), ("jobs", "skreg-worker")].map(|(key, name)| {
        let service_name = Planned::Known(name.to_owned());
        let service = model::ServicePlan {
            service_name,
            ..Default::default()
        };
        (key.to_owned(), Planned::Known(service))
    });
    let id = |name: &str| ServiceBundlePlan {
        name: Planned::Known(name.into()),
        cluster: Planned::Known("main".into()),
        services: Planned::Known(services.clone().into()),
        ..ServiceBundlePlan::default()
    };
    let imported = refreshed(&bundles, &id("shop"))
        .await
        .expect("the services exist");
    let names: Vec<_> = names_of(&imported).into_iter().collect();
    let pair = |key: &str, name: &str| (key.to_owned(), name.to_owned());
    assert_eq!(
        names,
        [pair("api", "skreg-api"), pair("jobs", "skreg-worker")]
    );
    let drift = known_deployment(&imported, "api").expect("the API").drift;
    assert_eq!(
        drift,
        Vec::<String>::new(),
        "a family with another name must be kept"
    );

    // The key is the name of the container, so the update registers a new revision for the key `jobs`.
    let mut plan = imported.clone();
    plan.deletion_protection = Planned::Known(false);
    let stored = bundles
        .update_bundle(&imported, &plan, &call())
        .await
        .ok()
        .expect("the update succeeds");
    let state = ServiceBundlePlan::from(stored.state);
    let again = refreshed(&bundles, &state)
        .await
        .expect("the services exist");
    assert!(!plans_an_update(&again));
    assert!(
        fake.service("skreg-worker")
            .task_definition
            .ends_with("skreg-worker:2")
    );
    assert!(bundles.delete_bundle(&again, &call()).await.is_ok());
    assert!(fake.active_services().is_empty());

    let mut renamed = again.clone();
    set_name(&mut renamed, "api", "other");
    assert!(refuse_renamed(&again, &renamed).is_err());
    let missing = refreshed_error(&bundles, &id("shop")).await;
    assert_eq!(missing, "No services to import");
}

fn set_name(plan: &mut ServiceBundlePlan, key: &str, name: &str) {
    let Planned::Known(services) = &mut plan.services else {
        panic!("known")
    };
    let Some(Planned::Known(service)) = services.get_mut(key) else {
        panic!("known")
    };
    service.service_name = Planned::Known(name.to_owned());
}

async fn refreshed_error(bundles: &Bundles, id: &ServiceBundlePlan) -> String {
    let refused = bundles
        .refresh(id.clone(), &call())
        .await
        .err()
        .expect("no service exists");
    refused.iter().map(|error| error.summary.clone()).collect()
}
