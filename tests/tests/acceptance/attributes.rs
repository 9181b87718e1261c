//! Optional attributes of a bundle: applied, changed in place, imported, and added to older state.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws};

use crate::bundle::{ADDRESS, API, WORKER, bundle, expect_planned_update, services};
use crate::deployed;
use crate::diagnostic::{APPLY, Saying, expect_refused, expect_warned};
use crate::infrastructure::{CLUSTER, Infrastructure};
use crate::scenario::with_one_cli;

/// Creates infrastructure with a cluster that provides Fargate Spot in addition to Fargate.
fn infrastructure(aws: &LocalAws) -> Result<Infrastructure> {
    let infrastructure = Infrastructure::create(aws)?;
    let parameters = json!({
        "cluster": CLUSTER, "capacityProviders": ["FARGATE", "FARGATE_SPOT"], "defaultCapacityProviderStrategy": [],
    });
    aws.call("ecs", "PutClusterCapacityProviders", parameters)?;
    Ok(infrastructure)
}

fn more(weight: u8, platform: &str, threshold: u8, trigger: &str) -> Value {
    json!({
        "capacity": { "providers": {
            "FARGATE": { "weight": 1, "base": 1 }, "FARGATE_SPOT": { "weight": weight },
        } },
        "platform_version": platform,
        "error_log_lines": 50,
        "verify": "error",
        "on_create_failure": "keep",
        "deployment": {
            "circuit_breaker": {
                "threshold_type": "COUNT", "threshold_value": threshold, "reset_on_healthy_task": false,
            },
            "concurrent": "replace",
            "force_new_deployment_trigger": trigger,
        },
    })
}

fn rich_services(infrastructure: &Infrastructure, alias: u16, storage: u8, user: &str) -> Value {
    let mut services = services(infrastructure);
    services["api"]["service_connect"] = json!({
        "namespace": "shop.local",
        "publish": { "port": alias, "dns_name": "api.shop.local", "app_protocol": "http" },
    });
    services["api"]["sidecars"] = json!({ "proxy": {
        "image": { "repository_url": "public.ecr.aws/envoy", "tag": "1" },
        "essential": false, "memory": 128, "environment": { "LOG_LEVEL": "info" },
        "container_overrides_json": json!({ "user": user }).to_string(),
    } });
    services["api"]["ephemeral_storage_gib"] = json!(storage);
    let overrides = json!({ "readonlyRootFilesystem": true, "user": user });
    services["api"]["container_overrides_json"] = json!(overrides.to_string());
    services
}

fn rich(cli: &Cli, aws: &LocalAws, infrastructure: &Infrastructure) -> Result<Stack> {
    let workspace = bundle(cli, aws, infrastructure)
        .var("services", rich_services(infrastructure, 80, 21, "1000"))
        .var("more", more(3, "1.4.0", 2, "1"))
        .var("log", json!({ "mode": "non-blocking" }));
    Ok(workspace.apply()?)
}

/// Checks the API for a bundle that [`rich`] created with these values.
fn expect_rich(aws: &LocalAws, values: (u8, &str, u8, u16, u8, &str)) -> Result<()> {
    let (weight, platform, threshold, alias, storage, user) = values;
    let mut service = deployed::service(aws, CLUSTER, API)?;
    if let Some(items) = service["capacityProviderStrategy"].as_array_mut() {
        items.sort_by_key(|item| item["capacityProvider"].to_string());
    }
    let connect = "/deployments/0/serviceConnectConfiguration";
    let breaker = "/deploymentConfiguration/deploymentCircuitBreaker";
    let expected = [
        (
            "/capacityProviderStrategy/0/capacityProvider",
            json!("FARGATE"),
        ),
        ("/capacityProviderStrategy/0/base", json!(1)),
        ("/capacityProviderStrategy/1/weight", json!(weight)),
        ("/platformVersion", json!(platform)),
        ("/deployments/0/platformVersion", json!(platform)),
        (
            &format!("{breaker}/thresholdConfiguration"),
            json!({ "type": "COUNT", "value": threshold }),
        ),
        (&format!("{breaker}/resetOnHealthyTask"), json!(false)),
        (&format!("{connect}/namespace"), json!("shop.local")),
        (&format!("{connect}/services/0/portName"), json!("api")),
        (
            &format!("{connect}/services/0/clientAliases/0"),
            json!({ "port": alias, "dnsName": "api.shop.local" }),
        ),
    ];
    deployed::expect("the service", &service, &expected)?;
    let definition = deployed::running(aws, CLUSTER, API)?;
    let (own, proxy) = ("/containerDefinitions/0", "/containerDefinitions/1");
    let expected = [
        ("/ephemeralStorage/sizeInGiB", json!(storage)),
        (&format!("{own}/portMappings/0/name"), json!("api")),
        (&format!("{own}/portMappings/0/appProtocol"), json!("http")),
        (&format!("{own}/readonlyRootFilesystem"), json!(true)),
        (&format!("{own}/user"), json!(user)),
        (
            &format!("{own}/logConfiguration/options/mode"),
            json!("non-blocking"),
        ),
        (&format!("{proxy}/name"), json!("proxy")),
        (&format!("{proxy}/image"), json!("public.ecr.aws/envoy:1")),
        (&format!("{proxy}/essential"), json!(false)),
        (&format!("{proxy}/memory"), json!(128)),
        (&format!("{proxy}/user"), json!(user)),
        ("/containerDefinitions/2", Value::Null),
    ];
    deployed::expect("the task definition", &definition, &expected)
}

#[test]
fn every_attribute_can_be_set_changed_and_removed_in_place() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = infrastructure(aws)?;
        let mut stack = rich(cli, aws, &infrastructure)?;
        expect_rich(aws, (3, "1.4.0", 2, 80, 21, "1000"))?;
        let before = deployed::service(aws, CLUSTER, API)?;

        stack.set_var("services", rich_services(&infrastructure, 8080, 50, "2000"));
        stack.set_var("more", more(1, "1.3.0", 5, "2"));
        expect_planned_update(&stack)?;
        stack.apply().context("changing every attribute")?;
        expect_rich(aws, (1, "1.3.0", 5, 8080, 50, "2000"))?;

        stack.set_var("services", services(&infrastructure));
        stack.set_var("more", json!({}));
        stack.set_var("log", json!({}));
        expect_planned_update(&stack)?;
        stack.apply().context("removing every attribute")?;
        let after = deployed::service(aws, CLUSTER, API)?;
        let expected = [
            ("/createdAt", before["createdAt"].clone()),
            ("/capacityProviderStrategy", Value::Null),
            (
                // UpdateService keeps the value of an omitted parameter, so the provider sends the default.
                "/deploymentConfiguration/deploymentCircuitBreaker/thresholdConfiguration",
                json!({ "type": "BOUNDED_PERCENT", "value": 50 }),
            ),
            (
                "/deployments/0/serviceConnectConfiguration/enabled",
                json!(false),
            ),
        ];
        deployed::expect("the service", &after, &expected)?;
        let definition = deployed::running(aws, CLUSTER, API)?;
        let expected = [
            ("/ephemeralStorage", Value::Null),
            ("/containerDefinitions/0/user", Value::Null),
            ("/containerDefinitions/1", Value::Null),
        ];
        deployed::expect("the task definition", &definition, &expected)
    })
}

#[test]
fn trigger_starts_a_deployment_without_changes() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let mut stack = bundle(cli, aws, &infrastructure).apply()?;
        let deployment = |name: &str| {
            let service = deployed::service(aws, CLUSTER, name)?;
            anyhow::Ok((
                service["deployments"][0]["id"].clone(),
                service["taskDefinition"].clone(),
            ))
        };
        let before = [deployment(API)?, deployment(WORKER)?];
        let trigger = json!({ "deployment": { "force_new_deployment_trigger": "once more" } });
        stack.set_var("more", trigger);
        expect_planned_update(&stack)?;
        stack.apply()?;
        let after = [deployment(API)?, deployment(WORKER)?];
        for (before, after) in before.iter().zip(&after) {
            ensure!(
                before.0 != after.0 && before.1 == after.1,
                "expected a new deployment of the same revision, found {after:?} after {before:?}"
            );
        }
        // Removing the trigger does not start a deployment.
        stack.set_var("more", json!({}));
        stack.apply()?;
        ensure!(
            after[0] == deployment(API)?,
            "expected no further deployment"
        );
        Ok(())
    })
}

#[test]
fn outputs_describe_cluster_and_running_revisions() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut infrastructure = Infrastructure::create(aws)?;
        let arn = std::mem::replace(&mut infrastructure.cluster, CLUSTER.to_owned());
        let stack = bundle(cli, aws, &infrastructure).apply()?;
        let values = stack.show()?.resources[ADDRESS].values.clone();
        ensure!(
            values["cluster"] == json!(CLUSTER) && values["cluster_arn"] == json!(arn),
            "found {values}"
        );
        ensure!(
            values["platform_version"] == json!("1.4.0"),
            "found {}",
            values["platform_version"]
        );
        let service = deployed::service(aws, CLUSTER, API)?;
        let revision = service["currentServiceRevisions"][0]["arn"].clone();
        let ask = json!({ "serviceRevisionArns": [revision] });
        let described = aws.call("ecs", "DescribeServiceRevisions", ask)?;
        let image = &described["serviceRevisions"][0]["containerImages"][0];
        let deployment = &values["deployments"]["api"];
        ensure!(
            deployment["service_revision_arn"] == revision
                && deployment["running_digest"] == image["imageDigest"]
                && image["imageDigest"].is_string(),
            "expected {revision} and {image}, found {deployment}"
        );
        Ok(())
    })
}

#[test]
fn log_group_is_created_on_request_and_outlives_the_bundle() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut infrastructure = Infrastructure::create(aws)?;
        infrastructure.log_group = "/ecs/new".to_owned();
        let mut stack = bundle(cli, aws, &infrastructure).init()?;
        let saying = Saying {
            at: Some("log"),
            says: &["Log group does not exist", "/ecs/new", "log.create = true"],
        };
        expect_refused(&stack, APPLY, &saying)?;
        let says = ["Service bundle needs attention"];
        stack.set_var("more", json!({ "verify": "warn" }));
        expect_warned(
            &stack,
            APPLY,
            &Saying {
                at: Some("resource"),
                says: &says,
            },
        )?;
        stack.set_var("more", json!({}));
        stack.set_var("log", json!({ "create": true }));
        stack.apply()?;
        let groups = || {
            let ask = json!({ "logGroupNamePrefix": "/ecs/new" });
            aws.call("logs", "DescribeLogGroups", ask)
        };
        let retention = json!({ "logGroupName": "/ecs/new", "retentionInDays": 7 });
        aws.call("logs", "PutRetentionPolicy", retention)?;
        stack.set_var(
            "more",
            json!({ "deployment": { "force_new_deployment_trigger": "1" } }),
        );
        stack.apply()?;
        stack.destroy()?;
        let expected = [
            ("/logGroups/0/logGroupName", json!("/ecs/new")),
            ("/logGroups/0/retentionInDays", json!(7)),
        ];
        deployed::expect("the log groups", &groups()?, &expected)
    })
}

#[test]
fn import_of_every_attribute_has_an_empty_plan() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = infrastructure(aws)?;
        let first = rich(cli, aws, &infrastructure)?;
        let mut more = more(3, "1.4.0", 2, "1");
        // The API does not return these attributes, so an import cannot set them.
        for unknown in ["on_create_failure", "error_log_lines"] {
            more[unknown] = Value::Null;
        }
        more["deployment"]["concurrent"] = Value::Null;
        more["deployment"]["force_new_deployment_trigger"] = Value::Null;
        let id = format!("{}/shop", infrastructure.cluster);
        for id in [id.clone(), format!("{id}?api=shop-api,worker=shop-worker")] {
            let second = bundle(cli, aws, &infrastructure)
                .var("services", rich_services(&infrastructure, 80, 21, "1000"))
                .var("more", more.clone())
                .var("log", json!({ "mode": "non-blocking" }))
                .var("deletion_protection", true)
                .init()?;
            second.import(ADDRESS, &id)?;
            second.expect_empty_plan().with_context(|| id.clone())?;
            let services = |stack: &Stack| {
                anyhow::Ok(stack.show()?.resources[ADDRESS].values["services"].clone())
            };
            let (made, imported) = (services(&first)?, services(&second)?);
            ensure!(made == imported, "expected {made}, found {imported}");
        }
        Ok(())
    })
}

#[test]
fn services_with_custom_names_are_imported() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let first = bundle(cli, aws, &infrastructure).apply()?;
        let second = bundle(cli, aws, &infrastructure)
            .var("name", "store")
            .var("deletion_protection", true)
            .init()?;
        let bad = second.run(&["import", ADDRESS, "infrastructure/store?api"])?;
        ensure!(
            bad.code() == Some(1),
            "expected an error for a malformed ID"
        );
        second.import(
            ADDRESS,
            &format!("{}/store?api={API},worker={WORKER}", infrastructure.cluster),
        )?;
        let values = second.show()?.resources[ADDRESS].values.clone();
        let name = &values["services"]["api"]["service_name"];
        ensure!(
            *name == json!(API),
            "expected the service to keep its name, found {name}"
        );
        let drift = &values["deployments"]["api"]["drift"];
        ensure!(*drift == json!([]), "expected no difference, found {drift}");
        drop(first);
        Ok(())
    })
}

/// Removes the attributes that did not exist in an earlier version from a state.
fn forget(state: &mut Value) {
    let attributes = &mut state["resources"][0]["instances"][0]["attributes"];
    let take = |object: &mut Value, names: &[&str]| {
        if let Some(object) = object.as_object_mut() {
            object.retain(|name, _| !names.contains(&name.as_str()));
        }
    };
    let new = [
        "cluster_arn",
        "release",
        "capacity",
        "platform_version",
        "on_create_failure",
        "error_log_lines",
        "verify",
    ];
    take(attributes, &new);
    take(&mut attributes["log"], &["create", "mode"]);
    for service in attributes["services"].as_object_mut().into_iter().flatten() {
        let new = [
            "service_name",
            "service_connect",
            "sidecars",
            "ephemeral_storage_gib",
            "container_overrides_json",
        ];
        take(service.1, &new);
        let balancers = &mut service.1["load_balancer"];
        for balancer in balancers.as_array_mut().into_iter().flatten() {
            take(balancer, &["container"]);
        }
    }
    for deployment in attributes["deployments"]
        .as_object_mut()
        .into_iter()
        .flatten()
    {
        take(deployment.1, &["service_revision_arn", "running_digest"]);
    }
}

#[test]
fn state_without_newer_attributes_is_upgraded() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let stack = bundle(cli, aws, &infrastructure).apply()?;
        let text = stack.state_text()?;
        let mut state: Value = serde_json::from_str(&text)?;
        forget(&mut state);
        state["serial"] = json!(state["serial"].as_u64().unwrap_or_default() + 1);
        ensure!(
            state.to_string().len() + 500 < text.len(),
            "expected the state to change"
        );
        stack.write("terraform.tfstate", &state.to_string())?;
        stack.expect_empty_plan()?;
        stack
            .apply()
            .context("applying the unchanged configuration")?;
        let values = stack.show()?.resources[ADDRESS].values.clone();
        ensure!(values["verify"] == json!("error"), "found {values}");
        Ok(())
    })
}
