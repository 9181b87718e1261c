//! Tests of equivalent values, empty values, and values that ECS accepts but cannot run.

use serde_json::json;

use super::model::{Deployment, Sidecar};
use super::*;

const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
type Texts = BTreeMap<String, String>;

const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db-AbCdEf";

fn one(path: &str, summary: &str) -> Vec<(String, String)> {
    vec![(path.to_owned(), summary.to_owned())]
}

fn details(change: impl FnOnce(&mut ServiceBundle)) -> String {
    let refused = validate::invalid_configuration(&plan_of(change)).into_iter();
    refused.map(|refused| refused.detail).collect()
}

fn import_id() -> ServiceBundlePlan {
    ServiceBundlePlan {
        name: Planned::Known("skreg".into()),
        cluster: Planned::Known("main".into()),
        ..ServiceBundlePlan::default()
    }
}

async fn created_from(bundles: &Bundles, plan: &ServiceBundlePlan) -> ServiceBundlePlan {
    let stored = bundles.create_bundle(plan, &call()).await;
    stored.ok().expect("the create succeeds").state.into()
}

/// Returns the plan for a configuration and a state. Computed attributes keep their prior values.
fn planned(state: &ServiceBundlePlan, config: &ServiceBundlePlan) -> ServiceBundlePlan {
    let mut plan = config.clone();
    plan.cluster_arn = state.cluster_arn.clone();
    plan.tags_all = state.tags_all.clone();
    keep_notation(state, &mut plan);
    predict_outputs(state, &mut plan);
    plan
}

fn proxy(image: Image) -> Sidecar {
    Sidecar {
        image,
        essential: true,
        cpu: None,
        memory: None,
        command: None,
        entry_point: None,
        environment: BTreeMap::new(),
        secrets: BTreeMap::new(),
        port: Some(80),
        health_check: None,
        stop_timeout: None,
        log: None,
        container_overrides_json: None,
    }
}

/// Adds a sidecar that receives the requests to the API.
fn proxied(model: &mut ServiceBundle) {
    let api = api(model);
    api.sidecars = BTreeMap::from([("proxy".to_owned(), proxy(image("1.25")))]);
    let balancers = api.load_balancer.as_mut().expect("a load balancer");
    balancers[0].container = Some("proxy".into());
    balancers[0].container_port = Some(80);
}

fn balancer(model: &mut ServiceBundle) -> &mut LoadBalancer {
    &mut api(model).load_balancer.as_mut().expect("a load balancer")[0]
}

#[tokio::test]
async fn empty_strings_in_maps_are_sent_to_ecs_and_imported() {
    let (fake, bundles) = account();
    let labels = json!({ "com.example.scrape": "", "versionConsistency": "enabled" });
    let options = json!({ "splunk-url": "https://splunk.example.test:8088", "tag": "" });
    let text = json!({
        "dockerLabels": labels,
        "logConfiguration": { "logDriver": "splunk", "options": options },
    })
    .to_string();
    let plan = plan_of(|model| {
        let api = api(model);
        api.container_overrides_json = Some(text.clone());
        api.environment.insert("EMPTY".into(), String::new());
    });
    let state = created_from(&bundles, &plan).await;
    let registered = fake.revisions();
    let container = registered
        .iter()
        .map(|revision| &revision.definition.container)
        .find(|container| container.name == "api")
        .expect("the API");
    assert_eq!(container.overrides["dockerLabels"], labels);
    assert_eq!(container.overrides["logConfiguration"]["options"], options);
    assert_eq!(container.environment["EMPTY"], "");
    let again = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    assert!(again == state && !plans_an_update(&again));
    let imported = refreshed(&bundles, &import_id())
        .await
        .expect("the bundle exists");
    assert!(!has_unknown_outputs(&planned(&imported, &state)));
    assert!(imported.services == state.services);
}

#[test]
fn malformed_secret_suffix_is_rejected() {
    let secrets = |suffix: &str| Texts::from([("DB".to_owned(), format!("{SECRET}{suffix}"))]);
    type Put = fn(&mut ServiceBundle, Texts);
    let places: [(&str, Put); 3] = [
        ("secrets[\"DB\"]", |model, secrets| model.secrets = secrets),
        ("services[\"api\"].secrets[\"DB\"]", |model, secrets| {
            api(model).secrets = secrets;
        }),
        (
            "services[\"api\"].sidecars[\"proxy\"].secrets[\"DB\"]",
            |model, secrets| {
                proxied(model);
                let sidecar = api(model).sidecars.get_mut("proxy").expect("the proxy");
                sidecar.secrets = secrets;
            },
        ),
    ];
    for (path, set) in places {
        let refused = of_model(|model| set(model, secrets(":password")));
        assert_eq!(refused, one(path, "Invalid secret reference"));
        let detail = details(|model| set(model, secrets(":password")));
        assert!(
            detail.contains(&format!("Use {SECRET}:password::.")),
            "{detail}"
        );
        for valid in ["", ":password::", ":::9d4cb84b", ":password:AWSPREVIOUS:"] {
            assert_eq!(of_model(|model| set(model, secrets(valid))), []);
        }
    }
    let unknown = refusals(|plan| {
        plan.secrets = Planned::Known(BTreeMap::from([("DB".to_owned(), Planned::Unknown)]));
    });
    assert_eq!(unknown, []);
}

#[test]
fn secret_reference_is_an_arn_or_a_parameter_name() {
    let parameter = "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/db";
    let valid = [SECRET, parameter, "/shop/db", "/shop/db.url-1_2"];
    let invalid = [
        "hunter2",
        "shop/db",
        "/",
        "/shop/db url",
        "",
        "arn:aws:s3:::bucket",
        "arn:aws:secretsmanager::123456789012:secret:x",
        "arn:aws:secretsmanager:eu-central-1:123:secret:x",
        "arn:aws:ssm:eu-central-1:123456789012:document/x",
    ];
    for text in valid {
        assert!(model::rules::is_secret_reference(text), "{text}");
    }
    for text in invalid {
        assert!(!model::rules::is_secret_reference(text), "{text}");
    }
    assert!(model::rules::is_secret_reference(&format!(
        "/{}",
        "a".repeat(1010)
    )));
    assert!(!model::rules::is_secret_reference(&format!(
        "/{}",
        "a".repeat(1011)
    )));
}

#[test]
fn percentages_are_rejected_only_if_no_task_can_be_replaced() {
    let rollout = |count: Option<u32>, minimum_healthy_percent, maximum_percent| {
        move |model: &mut ServiceBundle| {
            model.services.remove("worker");
            api(model).desired_count = count;
            model.deployment = Some(Deployment {
                minimum_healthy_percent,
                maximum_percent,
                ..Deployment::default()
            });
        }
    };
    let stuck = || one("deployment.maximum_percent", "Rollout cannot complete");
    for (count, minimum, maximum) in [
        (None, 50, 150),
        (None, 100, 101),
        (Some(2), 50, 150),
        (Some(0), 50, 150),
        (Some(1), 0, 150),
    ] {
        let refused = of_model(rollout(count, minimum, maximum));
        assert_eq!(refused, [], "{count:?} {minimum} {maximum}");
    }
    for (count, minimum, maximum) in [(Some(1), 50, 150), (Some(3), 80, 120), (None, 100, 100)] {
        let refused = of_model(rollout(count, minimum, maximum));
        assert_eq!(refused, stuck(), "{count:?} {minimum} {maximum}");
    }
    let detail = details(rollout(Some(1), 50, 150));
    for part in [
        "desired_count = 1",
        "a minimum of 50 % and a maximum of 150 %",
        "maximum_percent to at least 200",
    ] {
        assert!(detail.contains(part), "{part}: {detail}");
    }
    let detail = details(rollout(None, 100, 100));
    assert!(detail.contains("any number of tasks"), "{detail}");
    // The count is unknown.
    let unknown = refusals(|plan| {
        *plan = plan_of(rollout(Some(1), 50, 150));
        let Planned::Known(services) = &mut plan.services else {
            panic!("known")
        };
        let Some(Planned::Known(service)) = services.get_mut("api") else {
            panic!("known")
        };
        service.desired_count = Planned::Unknown;
    });
    assert_eq!(unknown, []);
}

#[tokio::test]
async fn rollout_that_cannot_replace_a_task_fails_with_the_percentages() {
    let (fake, bundles) = account();
    let config = |tag: &str| {
        plan_of(|model| {
            model.image = Some(image(tag));
            model.deployment = Some(Deployment {
                minimum_healthy_percent: 50,
                maximum_percent: 150,
                ..Deployment::default()
            });
            for service in model.services.values_mut() {
                service.desired_count = None;
            }
        })
    };
    let state = created_from(&bundles, &config("v1")).await;
    let event = "(service skreg-worker) was unable to stop or start tasks during a deployment because of the service \
                 deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.";
    let slow = Script {
        looks: 12,
        events: vec![event],
        ..Script::default()
    };
    fake.script("skreg-worker", slow);
    let failure = failed(bundles.update_bundle(&state, &config("v2"), &call()).await);
    let error = failure.diagnostics.iter().next().expect("an error");
    assert_eq!(
        error.summary,
        "Rollout of skreg-worker cannot replace a task"
    );
    for part in [
        "minimum_healthy_percent = 50 and maximum_percent = 150 with a desired count of 1",
        "maximum_percent to at least 200",
        event,
    ] {
        assert!(error.detail.contains(part), "{part}: {}", error.detail);
    }
    let Remains::Partial(left, None) = failure.remains else {
        panic!("expected a partial state")
    };
    // After the percentages change, the apply waits for the rollout in progress.
    let mut room = config("v2");
    room.deployment = Planned::Null;
    let stored = bundles.update_bundle(&left, &room, &call()).await;
    let after = ServiceBundlePlan::from(stored.ok().expect("the update succeeds").state);
    let worker = known_deployment(&after, "worker").expect("the worker");
    assert_eq!(
        (worker.status.as_str(), worker.drift.len()),
        ("SUCCESSFUL", 0)
    );
    let updates = fake.with(|state| state.updates.clone());
    let started = updates.iter().filter(|update| update.starts_deployment());
    assert_eq!(
        started.count(),
        2,
        "expected one deployment for each service"
    );

    // With more tasks, the same event does not end the rollout, because ECS can replace tasks.
    let (fake, bundles) = account();
    let state = created_from(&bundles, &config("v1")).await;
    fake.change_service("skreg-worker", |service| {
        service.settings.desired_count = Some(4);
    });
    let events = vec![event];
    fake.script(
        "skreg-worker",
        Script {
            events,
            ..Script::default()
        },
    );
    let changed = bundles.update_bundle(&state, &config("v2"), &call()).await;
    assert!(changed.is_ok(), "the update succeeds");
}

#[tokio::test]
async fn tag_has_no_effect_if_a_digest_is_set() {
    let (fake, bundles) = account();
    let pinned = |tag: Option<&str>| {
        plan_of(|model| {
            let image = Image {
                tag: tag.map(str::to_owned),
                digest: Some(DIGEST.to_owned()),
                ..image("")
            };
            model.image = Some(image.clone());
            api(model).sidecars = BTreeMap::from([("proxy".to_owned(), proxy(image))]);
        })
    };
    let config = pinned(Some("1.4.2"));
    assert_eq!(refusals(|plan| *plan = config.clone()), []);
    let state = created_from(&bundles, &config).await;
    let images: BTreeSet<String> = fake
        .revisions()
        .into_iter()
        .map(|revision| revision.definition.container.image)
        .collect();
    assert_eq!(
        images,
        BTreeSet::from([format!("registry/skreg:1.4.2@{DIGEST}")])
    );
    let mut imported = refreshed(&bundles, &import_id())
        .await
        .expect("the bundle exists");
    assert!(!plans_an_update(&imported));
    imported.deployments = state.deployments.clone();
    assert!(imported == state, "{:?}", imported.encode());

    for tag in [Some("1.4.3"), None] {
        let plan = planned(&state, &pinned(tag));
        assert!(!has_unknown_outputs(&plan), "{tag:?}");
        fake.calls();
        let changed = bundles.update_bundle(&state, &plan, &call()).await;
        let after = ServiceBundlePlan::from(changed.ok().expect("the update succeeds").state);
        assert!(after == plan, "the state must match the plan");
        let calls = fake.calls();
        assert!(!calls.contains(&"ecs:UpdateService"), "{tag:?}: {calls:?}");
        let again = refreshed(&bundles, &after)
            .await
            .expect("the bundle exists");
        assert!(!plans_an_update(&again), "{tag:?}");
    }
    let other = plan_of(|model| {
        model.image = Some(Image {
            digest: Some(DIGEST.replace("e3b0", "0000")),
            ..image("1.4.2")
        });
    });
    assert!(has_unknown_outputs(&planned(&state, &other)));
}

#[tokio::test]
async fn target_group_can_use_the_port_of_a_sidecar() {
    let (fake, bundles) = account();
    assert_eq!(of_model(proxied), []);
    let plan = plan_of(proxied);
    let state = created_from(&bundles, &plan).await;
    let target = |fake: &Fake<'_>| {
        let balancers = fake.service("skreg-api").settings.load_balancers;
        let balancer = balancers.into_iter().next().expect("a load balancer");
        (balancer.container_name, balancer.container_port)
    };
    assert_eq!(target(&fake), ("proxy".to_owned(), 80));
    let mut imported = refreshed(&bundles, &import_id())
        .await
        .expect("the bundle exists");
    assert!(!plans_an_update(&imported));
    imported.deployments = state.deployments.clone();
    assert!(imported == state, "{:?}", imported.encode());

    // The port defaults to the sidecar port. The service key selects the main container of the service.
    let default = plan_of(|model| {
        proxied(model);
        balancer(model).container_port = None;
    });
    assert!(!has_unknown_outputs(&planned(&state, &default)));
    let own = plan_of(|model| {
        proxied(model);
        let balancer = balancer(model);
        balancer.container = Some("api".into());
        balancer.container_port = None;
    });
    assert_eq!(refusals(|plan| *plan = own.clone()), []);
    let moved = planned(&state, &own);
    assert!(
        has_unknown_outputs(&moved),
        "the change must start a deployment"
    );
    assert!(bundles.update_bundle(&state, &moved, &call()).await.is_ok());
    assert_eq!(target(&fake), ("api".to_owned(), 8080));
}

#[test]
fn target_group_is_validated_against_its_container() {
    let at = |rest: &str| format!("services[\"api\"].load_balancer[0].{rest}");
    let with = |change: fn(&mut ServiceBundle)| {
        of_model(|model| {
            proxied(model);
            change(model);
        })
    };
    let refused = with(|model| balancer(model).container = Some("envoy".into()));
    assert_eq!(refused, one(&at("container"), "Container does not exist"));
    let refused = with(|model| balancer(model).container_port = Some(8080));
    let path = at("container_port");
    assert_eq!(refused, one(&path, "Unknown container port"));
    let refused = with(|model| {
        let sidecar = api(model).sidecars.get_mut("proxy").expect("the proxy");
        sidecar.port = None;
    });
    assert_eq!(refused, one(&path, "Load balancer without a port"));
    // The service port does not affect a target group for a sidecar.
    assert_eq!(with(|model| api(model).port = None), []);
    assert_eq!(with(|model| balancer(model).container_port = None), []);
    let detail = details(|model| balancer(model).container_port = Some(80));
    assert!(detail.contains("opens only port 8080"), "{detail}");

    let unknown = |change: fn(&mut ServicePlan)| {
        refusals(|plan| {
            *plan = plan_of(|model| {
                proxied(model);
                balancer(model).container_port = Some(1);
            });
            let Planned::Known(services) = &mut plan.services else {
                panic!("known")
            };
            let Some(Planned::Known(service)) = services.get_mut("api") else {
                panic!("known")
            };
            change(service);
        })
    };
    assert_eq!(unknown(|service| service.sidecars = Planned::Unknown), []);
    assert_eq!(
        unknown(|service| {
            let sidecars = BTreeMap::from([("proxy".to_owned(), Planned::Unknown)]);
            service.sidecars = Planned::Known(sidecars);
        }),
        []
    );
    assert_eq!(
        unknown(|service| {
            let Planned::Known(balancers) = &mut service.load_balancer else {
                panic!("known")
            };
            let Planned::Known(balancer) = &mut balancers[0] else {
                panic!("known")
            };
            balancer.container = Planned::Unknown;
        }),
        []
    );
}

/// Returns the keys of attributes with one entry per service, if the keys are known.
fn keys(plan: &ServiceBundlePlan) -> Option<(Vec<&str>, Vec<&str>)> {
    let deployments = plan.deployments.known()?.keys().map(String::as_str);
    let arns = plan
        .task_definition_arns
        .known()?
        .keys()
        .map(String::as_str);
    Some((deployments.collect(), arns.collect()))
}

#[tokio::test]
async fn output_keys_are_known_at_plan_time_and_kept_by_every_apply() {
    let both = || Some((vec!["api", "worker"], vec!["api", "worker"]));
    let mut plan = plan_of(|_| ());
    plan_unknown_outputs(&mut plan);
    assert_eq!(keys(&plan), both());
    assert!(has_unknown_outputs(&plan));
    let mut unknown = plan.clone();
    unknown.services = Planned::Unknown;
    plan_unknown_outputs(&mut unknown);
    assert_eq!(keys(&unknown), None);
    let elements = ["api", "worker"].map(|key| (key.to_owned(), Planned::Unknown));
    unknown.services = Planned::Known(elements.into());
    plan_unknown_outputs(&mut unknown);
    assert_eq!(
        keys(&unknown),
        both(),
        "the keys must be known although the values are unknown"
    );

    let (_, bundles) = account();
    let state = created_from(&bundles, &plan_of(|_| ())).await;
    let changed = planned(&state, &v2());
    assert!(has_unknown_outputs(&changed));
    assert_eq!(
        keys(&changed),
        both(),
        "the keys must stay known if services change"
    );

    let (_, bundles) = account();
    let one_service = {
        let mut plan = plan_of(|model| drop(model.services.remove("worker")));
        plan_unknown_outputs(&mut plan);
        plan
    };
    let state = created_from(&bundles, &one_service).await;
    assert_eq!(keys(&state), Some((vec!["api"], vec!["api"])));
    let added = planned(&state, &plan_of(|_| ()));
    assert_eq!(keys(&added), both());
    let stored = bundles.update_bundle(&state, &added, &call()).await;
    let after = ServiceBundlePlan::from(stored.ok().expect("the update succeeds").state);
    assert_eq!(keys(&after), both());
    let arn = |key: &str| after.task_definition_arns.known().expect("known")[key].clone();
    let arn = arn("worker").into_known().expect("known");
    assert!(arn.ends_with("skreg-worker:1"), "{arn}");
    let again = refreshed(&bundles, &after)
        .await
        .expect("the bundle exists");
    assert!(!plans_an_update(&again));
}

#[tokio::test]
async fn interrupted_create_stores_every_planned_key() {
    let mut plan = plan_of(|_| ());
    plan_unknown_outputs(&mut plan);
    let (fake, bundles) = account();
    let slow = Script {
        looks: 5,
        ..Script::default()
    };
    fake.script("skreg-worker", slow);
    let interrupted = call();
    interrupted.cancel.cancel();
    let stored = bundles.create_bundle(&plan, &interrupted).await;
    let state = ServiceBundlePlan::from(
        stored
            .ok()
            .expect("the state is stored without an error")
            .state,
    );
    assert_eq!(keys(&state), keys(&plan));
    let api = known_deployment(&state, "api").expect("an entry");
    assert_eq!(api.status, "PENDING");
    assert!(api.service_arn.is_empty() && !api.drift.is_empty());
    assert!(
        plans_an_update(&state),
        "an update must be planned without a refresh"
    );
    let again = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    assert!(plans_an_update(&again));
    let next = planned(&again, &plan_of(|_| ()));
    let stored = bundles.update_bundle(&again, &next, &call()).await;
    let after = ServiceBundlePlan::from(stored.ok().expect("the apply succeeds").state);
    assert_eq!(keys(&after), keys(&plan));
    let again = refreshed(&bundles, &after)
        .await
        .expect("the bundle exists");
    assert!(!plans_an_update(&again));
}

#[tokio::test]
async fn known_planned_values_are_stored_despite_a_deployment_by_another_process() {
    let (_, bundles) = account();
    let state = created_from(&bundles, &plan_of(|_| ())).await;
    let plan = planned(&state, &plan_of(|model| model.keep_revisions = 9));
    assert!(!has_unknown_outputs(&plan));
    let mut model = ServiceBundle::of(&state).expect("known");
    let other = |key: &str| (key.to_owned(), format!("{key}:7"));
    model.task_definition_arns = ["api", "worker", "other"].map(other).into();
    keep_planned_values(&mut model, &plan);
    let stored = ServiceBundlePlan::from(model);
    assert!(stored.task_definition_arns == plan.task_definition_arns);
    assert!(stored.deployments == plan.deployments);
}

#[tokio::test]
async fn equivalent_json_is_not_a_change() {
    let (_, bundles) = account();
    let written = r#"{"dockerLabels":{"docs":"https://docs.example.test/?a=1\u0026b=\u003c2\u003e"},"user":"7"}"#;
    let by_hand = "{ \"user\": \"7\", \"privileged\": false,\n  \"dockerLabels\": { \"docs\": \
                   \"https://docs.example.test/?a=1&b=<2>\" } }";
    let with = |text: &'static str| {
        move |model: &mut ServiceBundle| {
            let mut sidecar = proxy(image("1.25"));
            sidecar.container_overrides_json = Some(text.into());
            let api = api(model);
            api.container_overrides_json = Some(text.into());
            api.sidecars = BTreeMap::from([("proxy".to_owned(), sidecar)]);
        }
    };
    let state = created_from(&bundles, &plan_of(with(written))).await;
    let mut imported = refreshed(&bundles, &import_id())
        .await
        .expect("the bundle exists");
    imported.deployments = state.deployments.clone();
    assert!(
        imported == state,
        "the stored JSON must match the output of jsonencode: {:?}",
        imported.encode()
    );

    let plan = planned(&state, &plan_of(with(by_hand)));
    assert!(
        plan.services == state.services,
        "the stored strings must be kept"
    );
    assert!(!has_unknown_outputs(&plan));
    let other = r#"{"dockerLabels":{"docs":""},"user":"7"}"#;
    let plan = planned(&state, &plan_of(with(other)));
    assert!(plan.services != state.services);
    assert!(has_unknown_outputs(&plan));
}
