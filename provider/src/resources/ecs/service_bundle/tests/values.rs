//! Values that mean the same, values that are empty, and values that ECS would accept and never run.

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
    let refused = validate::illegal_configuration(&plan_of(change)).into_iter();
    refused.map(|refused| refused.detail).collect()
}

fn import_id() -> ServiceBundlePlan {
    ServiceBundlePlan {
        name: Planned::Known("skreg".into()),
        cluster: Planned::Known("main".into()),
        ..ServiceBundlePlan::default()
    }
}

async fn made(bundles: &Bundles, plan: &ServiceBundlePlan) -> ServiceBundlePlan {
    let stored = bundles.make(plan, &call()).await;
    stored.ok().expect("it is made").state.into()
}

/// The plan of a configuration for what a state says, with what its computed attributes were.
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

/// The API behind its sidecar: requests go to the proxy, which forwards them.
fn proxied(model: &mut ServiceBundle) {
    let api = api(model);
    api.sidecars = BTreeMap::from([("proxy".to_owned(), proxy(image("1.25")))]);
    let balancers = api.load_balancer.as_mut().expect("one");
    balancers[0].container = Some("proxy".into());
    balancers[0].container_port = Some(80);
}

fn balancer(model: &mut ServiceBundle) -> &mut LoadBalancer {
    &mut api(model).load_balancer.as_mut().expect("one")[0]
}

#[tokio::test]
async fn empty_text_in_maps_of_the_user_reaches_ecs_and_comes_back_by_import() {
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
    let state = made(&bundles, &plan).await;
    let registered = fake.revisions();
    let container = registered
        .iter()
        .map(|revision| &revision.definition.container)
        .find(|container| container.name == "api")
        .expect("the API");
    assert_eq!(container.overrides["dockerLabels"], labels);
    assert_eq!(container.overrides["logConfiguration"]["options"], options);
    assert_eq!(container.environment["EMPTY"], "");
    let again = refreshed(&bundles, &state).await.expect("it is there");
    assert!(again == state && !plans_an_update(&again));
    let imported = refreshed(&bundles, &import_id())
        .await
        .expect("it is there");
    assert!(!is_announced(&planned(&imported, &state)));
    assert!(imported.services == state.services);
}

#[test]
fn a_reference_to_a_part_of_a_secret_is_refused_in_another_form() {
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
                let sidecar = api(model).sidecars.get_mut("proxy").expect("it");
                sidecar.secrets = secrets;
            },
        ),
    ];
    for (path, set) in places {
        let refused = of_model(|model| set(model, secrets(":password")));
        assert_eq!(refused, one(path, "Secret reference is not valid"));
        let detail = details(|model| set(model, secrets(":password")));
        assert!(
            detail.contains(&format!("Write {SECRET}:password::.")),
            "{detail}"
        );
        for legal in ["", ":password::", ":::9d4cb84b", ":password:AWSPREVIOUS:"] {
            assert_eq!(of_model(|model| set(model, secrets(legal))), []);
        }
    }
    let unknown = refusals(|plan| {
        plan.secrets = Planned::Known(BTreeMap::from([("DB".to_owned(), Planned::Unknown)]));
    });
    assert_eq!(unknown, []);
}

#[test]
fn a_secret_is_an_arn_or_the_name_of_a_parameter() {
    let parameter = "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/db";
    let legal = [SECRET, parameter, "/shop/db", "/shop/db.url-1_2"];
    let illegal = [
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
    for text in legal {
        assert!(model::rules::is_secret_reference(text), "{text}");
    }
    for text in illegal {
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
fn percentages_are_refused_only_for_counts_with_which_no_task_can_be_replaced() {
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
    let stuck = || one("deployment.maximum_percent", "Rollout would be stuck");
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
    // The count is not known yet.
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
async fn a_rollout_that_hangs_for_its_percentages_ends_with_them() {
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
    let state = made(&bundles, &config("v1")).await;
    let event = "(service skreg-worker) was unable to stop or start tasks during a deployment because of the service \
                 deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.";
    let slow = Script {
        looks: 12,
        events: vec![event],
        ..Script::default()
    };
    fake.script("skreg-worker", slow);
    let failure = failed(bundles.change(&state, &config("v2"), &call()).await);
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
        panic!("stored as far as it went")
    };
    // The percentages are changed, and the rollout that goes on is waited for.
    let mut room = config("v2");
    room.deployment = Planned::Null;
    let stored = bundles.change(&left, &room, &call()).await;
    let after = ServiceBundlePlan::from(stored.ok().expect("it goes through").state);
    let worker = known_deployment(&after, "worker").expect("the worker");
    assert_eq!(
        (worker.status.as_str(), worker.drift.len()),
        ("SUCCESSFUL", 0)
    );
    let updates = fake.with(|state| state.updates.clone());
    let started = updates.iter().filter(|update| update.starts_deployment());
    assert_eq!(started.count(), 2, "one for each service");

    // With more tasks the same event does not end the rollout, since there is room.
    let (fake, bundles) = account();
    let state = made(&bundles, &config("v1")).await;
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
    let changed = bundles.change(&state, &config("v2"), &call()).await;
    assert!(changed.is_ok(), "it goes through");
}

#[tokio::test]
async fn a_tag_beside_a_digest_decides_nothing() {
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
    let state = made(&bundles, &config).await;
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
        .expect("it is there");
    assert!(!plans_an_update(&imported));
    imported.deployments = state.deployments.clone();
    assert!(imported == state, "{:?}", imported.encode());

    for tag in [Some("1.4.3"), None] {
        let plan = planned(&state, &pinned(tag));
        assert!(!is_announced(&plan), "{tag:?}");
        fake.calls();
        let changed = bundles.change(&state, &plan, &call()).await;
        let after = ServiceBundlePlan::from(changed.ok().expect("it goes through").state);
        assert!(after == plan, "what was planned");
        let calls = fake.calls();
        assert!(!calls.contains(&"ecs:UpdateService"), "{tag:?}: {calls:?}");
        let again = refreshed(&bundles, &after).await.expect("it is there");
        assert!(!plans_an_update(&again), "{tag:?}");
    }
    let other = plan_of(|model| {
        model.image = Some(Image {
            digest: Some(DIGEST.replace("e3b0", "0000")),
            ..image("1.4.2")
        });
    });
    assert!(is_announced(&planned(&state, &other)));
}

#[tokio::test]
async fn a_target_group_points_at_the_port_of_a_sidecar() {
    let (fake, bundles) = account();
    assert_eq!(of_model(proxied), []);
    let plan = plan_of(proxied);
    let state = made(&bundles, &plan).await;
    let target = |fake: &Fake<'_>| {
        let balancers = fake.service("skreg-api").settings.load_balancers;
        let balancer = balancers.into_iter().next().expect("one");
        (balancer.container_name, balancer.container_port)
    };
    assert_eq!(target(&fake), ("proxy".to_owned(), 80));
    let mut imported = refreshed(&bundles, &import_id())
        .await
        .expect("it is there");
    assert!(!plans_an_update(&imported));
    imported.deployments = state.deployments.clone();
    assert!(imported == state, "{:?}", imported.encode());

    // Without a port it is that of the sidecar, and named by its key it is the container of the service.
    let default = plan_of(|model| {
        proxied(model);
        balancer(model).container_port = None;
    });
    assert!(!is_announced(&planned(&state, &default)));
    let own = plan_of(|model| {
        proxied(model);
        let balancer = balancer(model);
        balancer.container = Some("api".into());
        balancer.container_port = None;
    });
    assert_eq!(refusals(|plan| *plan = own.clone()), []);
    let moved = planned(&state, &own);
    assert!(is_announced(&moved), "it starts a deployment");
    assert!(bundles.change(&state, &moved, &call()).await.is_ok());
    assert_eq!(target(&fake), ("api".to_owned(), 8080));
}

#[test]
fn a_target_group_is_checked_against_the_container_it_points_at() {
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
        let sidecar = api(model).sidecars.get_mut("proxy").expect("it");
        sidecar.port = None;
    });
    assert_eq!(refused, one(&path, "Load balancer without a port"));
    // The service's own port does not matter for a target group of a sidecar.
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

/// The keys of the attributes with an entry for each service, where they are known.
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
async fn keys_of_outputs_are_known_at_plan_and_kept_by_every_apply() {
    let both = || Some((vec!["api", "worker"], vec!["api", "worker"]));
    let mut plan = plan_of(|_| ());
    announce(&mut plan);
    assert_eq!(keys(&plan), both());
    assert!(is_announced(&plan));
    let mut unknown = plan.clone();
    unknown.services = Planned::Unknown;
    announce(&mut unknown);
    assert_eq!(keys(&unknown), None);
    let elements = ["api", "worker"].map(|key| (key.to_owned(), Planned::Unknown));
    unknown.services = Planned::Known(elements.into());
    announce(&mut unknown);
    assert_eq!(keys(&unknown), both(), "values may be unknown");

    let (_, bundles) = account();
    let state = made(&bundles, &plan_of(|_| ())).await;
    let changed = planned(&state, &v2());
    assert!(is_announced(&changed));
    assert_eq!(
        keys(&changed),
        both(),
        "also for a change of what is settled"
    );

    let (_, bundles) = account();
    let one_service = {
        let mut plan = plan_of(|model| drop(model.services.remove("worker")));
        announce(&mut plan);
        plan
    };
    let state = made(&bundles, &one_service).await;
    assert_eq!(keys(&state), Some((vec!["api"], vec!["api"])));
    let added = planned(&state, &plan_of(|_| ()));
    assert_eq!(keys(&added), both());
    let stored = bundles.change(&state, &added, &call()).await;
    let after = ServiceBundlePlan::from(stored.ok().expect("it goes through").state);
    assert_eq!(keys(&after), both());
    let arn = |key: &str| after.task_definition_arns.known().expect("known")[key].clone();
    let arn = arn("worker").into_known().expect("known");
    assert!(arn.ends_with("skreg-worker:1"), "{arn}");
    let again = refreshed(&bundles, &after).await.expect("it is there");
    assert!(!plans_an_update(&again));
}

#[tokio::test]
async fn a_create_that_is_interrupted_or_cannot_be_described_stores_every_planned_key() {
    let mut plan = plan_of(|_| ());
    announce(&mut plan);
    let (fake, bundles) = account();
    let slow = Script {
        looks: 5,
        ..Script::default()
    };
    fake.script("skreg-worker", slow);
    let interrupted = call();
    interrupted.cancel.cancel();
    let stored = bundles.make(&plan, &interrupted).await;
    let state = ServiceBundlePlan::from(stored.ok().expect("stored, not tainted").state);
    assert_eq!(keys(&state), keys(&plan));
    let api = known_deployment(&state, "api").expect("an entry");
    assert_eq!(api.status, "PENDING");
    assert!(api.service_arn.is_empty() && !api.drift.is_empty());
    assert!(plans_an_update(&state), "also without a refresh");
    let again = refreshed(&bundles, &state).await.expect("it is there");
    assert!(plans_an_update(&again));
    let next = planned(&again, &plan_of(|_| ()));
    let stored = bundles.change(&again, &next, &call()).await;
    let after = ServiceBundlePlan::from(stored.ok().expect("it goes on").state);
    assert_eq!(keys(&after), keys(&plan));
    let again = refreshed(&bundles, &after).await.expect("it is there");
    assert!(!plans_an_update(&again));
}

#[tokio::test]
async fn what_was_planned_as_known_is_stored_also_where_another_process_deploys_meanwhile() {
    let (_, bundles) = account();
    let state = made(&bundles, &plan_of(|_| ())).await;
    let plan = planned(&state, &plan_of(|model| model.keep_revisions = 9));
    assert!(!is_announced(&plan));
    let mut model = ServiceBundle::of(&state).expect("known");
    let other = |key: &str| (key.to_owned(), format!("{key}:7"));
    model.task_definition_arns = ["api", "worker", "other"].map(other).into();
    keep_promises(&mut model, &plan);
    let stored = ServiceBundlePlan::from(model);
    assert!(stored.task_definition_arns == plan.task_definition_arns);
    assert!(stored.deployments == plan.deployments);
}

#[tokio::test]
async fn json_is_compared_by_its_meaning() {
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
    let state = made(&bundles, &plan_of(with(written))).await;
    let mut imported = refreshed(&bundles, &import_id())
        .await
        .expect("it is there");
    imported.deployments = state.deployments.clone();
    assert!(
        imported == state,
        "as jsonencode writes it: {:?}",
        imported.encode()
    );

    let plan = planned(&state, &plan_of(with(by_hand)));
    assert!(plan.services == state.services, "the stored texts are kept");
    assert!(!is_announced(&plan));
    let other = r#"{"dockerLabels":{"docs":""},"user":"7"}"#;
    let plan = planned(&state, &plan_of(with(other)));
    assert!(plan.services != state.services);
    assert!(is_announced(&plan));
}
