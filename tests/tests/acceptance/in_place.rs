//! Compares a bundle with the API: after creation, after each change, after drift, and after import.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;

use crate::bundle::{
    ADDRESS, API, WORKER, bundle, expect_one_set, expect_planned_update, image, runs, services,
};
use crate::deployed;
use crate::infrastructure::{CLUSTER, Infrastructure, text};
use crate::scenario::with_one_cli;

#[test]
fn task_definitions_and_services_match_the_configuration() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let stack = bundle(cli, aws, &infrastructure).apply()?;
        expect_one_set(aws, &stack, 1)?;
        let definition = deployed::running(aws, CLUSTER, API)?;
        let expected = [
            ("/family", json!(API)),
            ("/cpu", json!("512")),
            ("/memory", json!("1024")),
            ("/executionRoleArn", json!(infrastructure.execution_role)),
            (
                "/containerDefinitions/0/image",
                json!("public.ecr.aws/docker/library/busybox:1.36"),
            ),
            (
                "/containerDefinitions/0/command",
                json!(["httpd", "-f", "-p", "8080"]),
            ),
            (
                "/containerDefinitions/0/portMappings/0/containerPort",
                json!(8080),
            ),
            (
                "/containerDefinitions/0/logConfiguration/options/awslogs-group",
                json!(infrastructure.log_group),
            ),
            ("/containerDefinitions/1", Value::Null),
        ];
        deployed::expect("the task definition", &definition, &expected)?;
        let container = &definition["containerDefinitions"][0];
        for (list, expected) in [
            (
                "environment",
                json!({ "BIND_ADDR": "0.0.0.0:8080", "LOG_LEVEL": "info" }),
            ),
            ("secrets", json!({ "QUEUE_TOKEN": infrastructure.secret })),
        ] {
            let found = deployed::pairs(&container[list]);
            ensure!(
                found == expected,
                "expected DescribeTaskDefinition to return {expected} as {list}, found {found}"
            );
        }
        let service = deployed::service(aws, CLUSTER, API)?;
        let network = "/networkConfiguration/awsvpcConfiguration";
        let expected = [
            (
                "/loadBalancers/0/targetGroupArn",
                json!(infrastructure.target_group),
            ),
            ("/loadBalancers/0/containerName", json!("api")),
            ("/loadBalancers/0/containerPort", json!(8080)),
            (
                &format!("{network}/securityGroups"),
                json!([infrastructure.security_group]),
            ),
        ];
        deployed::expect("the service", &service, &expected)
    })
}

/// A change to the configuration, and its expected effect on the API.
struct Change {
    what: &'static str,
    variable: &'static str,
    value: Value,
    service: &'static str,
    at: &'static str,
    expected: Value,
    new_revision: bool,
}

fn changes(infrastructure: &Infrastructure) -> Vec<Change> {
    let with = |pointer: &str, value: Value| {
        let mut services = services(infrastructure);
        if let Some((parent, key)) = pointer.rsplit_once('/')
            && let Some(object) = services.pointer_mut(parent)
        {
            object[key] = value;
        }
        services
    };
    let of_service = |what, pointer, value: Value, at, expected, new_revision| Change {
        what,
        variable: "services",
        value: with(pointer, value),
        service: API,
        at,
        expected,
        new_revision,
    };
    let busybox = "public.ecr.aws/docker/library/busybox";
    let digest = format!("sha256:{}", "a".repeat(64));
    vec![
        of_service(
            "the number of tasks",
            "/api/desired_count",
            json!(3),
            "/desiredCount",
            json!(3),
            false,
        ),
        Change {
            what: "another tag",
            variable: "image",
            value: image("1.37"),
            service: API,
            at: "/taskDefinition/containerDefinitions/0/image",
            expected: json!(format!("{busybox}:1.37")),
            new_revision: true,
        },
        Change {
            what: "a digest",
            variable: "image",
            value: json!({ "repository_url": busybox, "digest": digest }),
            service: WORKER,
            at: "/taskDefinition/containerDefinitions/0/image",
            expected: json!(format!("{busybox}@{digest}")),
            new_revision: true,
        },
        of_service(
            "cpu",
            "/api/cpu",
            json!(256),
            "/taskDefinition/cpu",
            json!("256"),
            true,
        ),
        of_service(
            "memory",
            "/api/memory",
            json!(2048),
            "/taskDefinition/memory",
            json!("2048"),
            true,
        ),
        of_service(
            "the command",
            "/api/command",
            json!(["true"]),
            "/taskDefinition/containerDefinitions/0/command",
            json!(["true"]),
            true,
        ),
        of_service(
            "the environment",
            "/api/environment",
            json!({ "LOG_LEVEL": "debug" }),
            "/taskDefinition/containerDefinitions/0/environment",
            json!([{ "name": "LOG_LEVEL", "value": "debug" }]),
            true,
        ),
        of_service(
            "the secrets",
            "/api/secrets",
            Value::Null,
            "/taskDefinition/containerDefinitions/0/secrets",
            Value::Null,
            true,
        ),
    ]
}

#[test]
fn every_change_is_an_update_in_place() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let mut stack = bundle(cli, aws, &infrastructure).apply()?;
        for change in changes(&infrastructure) {
            let Change {
                what,
                variable,
                value,
                service,
                at,
                expected,
                new_revision,
            } = change;
            let before = deployed::service(aws, CLUSTER, service)?;
            stack.set_var(variable, value);
            expect_planned_update(&stack).context(what)?;
            stack.apply().context(what)?;
            let mut after = deployed::service(aws, CLUSTER, service)?;
            let same = before["serviceArn"] == after["serviceArn"]
                && before["createdAt"] == after["createdAt"];
            ensure!(
                same,
                "{what}: expected the same service, found {after:#} instead of {before:#}"
            );
            let revision = text(&after, "/taskDefinition")?;
            let moved = before["taskDefinition"] != after["taskDefinition"];
            ensure!(
                moved == new_revision,
                "{what}: expected a new revision: {new_revision}, found {revision}"
            );
            after["taskDefinition"] = deployed::task_definition(aws, &revision)?;
            deployed::expect(what, &after, &[(at, expected)])?;
        }
        Ok(())
    })
}

#[test]
fn services_are_added_and_removed_in_place() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let mut stack = bundle(cli, aws, &infrastructure).apply()?;
        let api = deployed::service(aws, CLUSTER, API)?;
        let mut more = services(&infrastructure);
        more["mailer"] = json!({ "cpu": 256, "memory": 512, "command": ["sleep", "1"] });
        stack.set_var("services", more);
        expect_planned_update(&stack)?;
        stack.apply()?;
        let names = deployed::service_names(aws, CLUSTER)?;
        ensure!(
            names == [API, "shop-mailer", WORKER],
            "expected ListServices to return three services, found {names:?}"
        );
        let mailer = deployed::service(aws, CLUSTER, "shop-mailer")?;
        deployed::expect(
            "the mailer",
            &mailer,
            &[("/desiredCount", json!(1)), ("/runningCount", json!(1))],
        )?;

        let mut fewer = services(&infrastructure);
        fewer
            .as_object_mut()
            .context("services are not an object")?
            .remove("worker");
        stack.set_var("services", fewer);
        expect_planned_update(&stack)?;
        stack.apply()?;
        let names = deployed::service_names(aws, CLUSTER)?;
        ensure!(
            names == [API],
            "expected ListServices to return only the API, found {names:?}"
        );
        for gone in [WORKER, "shop-mailer"] {
            let service = deployed::service(aws, CLUSTER, gone)?;
            deployed::expect(
                gone,
                &service,
                &[("/status", json!("INACTIVE")), ("/runningCount", json!(0))],
            )?;
            let revisions = deployed::revisions(aws, gone)?;
            ensure!(
                revisions.is_empty(),
                "expected no active revision for {gone}, found {revisions:?}"
            );
        }
        let after = deployed::service(aws, CLUSTER, API)?;
        let same = api["taskDefinition"] == after["taskDefinition"]
            && api["createdAt"] == after["createdAt"];
        ensure!(
            same,
            "expected the API to be unchanged, found {after:#} instead of {api:#}"
        );
        Ok(())
    })
}

#[test]
fn drift_is_corrected_and_unmanaged_values_are_ignored() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let mut unmanaged = services(&infrastructure);
        unmanaged["worker"]["desired_count"] = Value::Null;
        let stack = bundle(cli, aws, &infrastructure)
            .var("services", unmanaged)
            .apply()?;
        let scale = |service: &str, count: u8| {
            let parameters =
                json!({ "cluster": CLUSTER, "service": service, "desiredCount": count });
            aws.call("ecs", "UpdateService", parameters)
        };
        // An autoscaler scales the worker, which has no configured count.
        scale(WORKER, 5)?;
        stack
            .expect_empty_plan()
            .context("after the worker was scaled")?;
        scale(API, 7)?;
        expect_planned_update(&stack).context("after the API was scaled")?;
        stack.apply()?;
        let counts = [API, WORKER].map(|name| deployed::service(aws, CLUSTER, name));
        for (service, expected) in counts.into_iter().zip([2, 5]) {
            deployed::expect(
                "a service",
                &service?,
                &[("/desiredCount", json!(expected))],
            )?;
        }

        // Another process deploys a different image.
        let ours = runs(aws, API)?;
        let mut foreign = deployed::task_definition(aws, &ours)?;
        foreign["containerDefinitions"][0]["image"] =
            json!("public.ecr.aws/docker/library/busybox:foreign");
        let fields = [
            "family",
            "cpu",
            "memory",
            "networkMode",
            "requiresCompatibilities",
            "executionRoleArn",
        ];
        let mut register: Value = fields
            .iter()
            .map(|field| ((*field).to_owned(), foreign[*field].clone()))
            .collect();
        register["containerDefinitions"] = foreign["containerDefinitions"].clone();
        let registered = aws.call("ecs", "RegisterTaskDefinition", register)?;
        let revision = text(&registered, "/taskDefinition/taskDefinitionArn")?;
        let update = json!({ "cluster": CLUSTER, "service": API, "taskDefinition": revision });
        aws.call("ecs", "UpdateService", update)?;
        expect_planned_update(&stack).context("after a different image was deployed")?;
        stack.apply()?;
        let definition = deployed::running(aws, CLUSTER, API)?;
        let expected = json!("public.ecr.aws/docker/library/busybox:1.36");
        deployed::expect(
            "the API",
            &definition,
            &[("/containerDefinitions/0/image", expected)],
        )
    })
}

#[test]
fn import_by_cluster_and_name_has_an_empty_plan() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut infrastructure = Infrastructure::create(aws)?;
        let first = bundle(cli, aws, &infrastructure).apply()?;
        let arn = infrastructure.cluster.clone();
        let calls = [
            "CreateService",
            "UpdateService",
            "RegisterTaskDefinition",
            "DeleteService",
        ];
        let writes = || calls.map(|action| aws.count("ecs", action));
        let before = writes();
        // The name and the ARN of the cluster are equivalent. The state contains the form that the ID uses.
        for cluster in [CLUSTER, &arn] {
            infrastructure.cluster = cluster.to_owned();
            let second = bundle(cli, aws, &infrastructure)
                .var("deletion_protection", true)
                .init()?;
            second.import(ADDRESS, &format!("{cluster}/shop"))?;
            second
                .expect_empty_plan()
                .with_context(|| format!("after the import of {cluster}/shop"))?;
            let values =
                |stack: &Stack| anyhow::Ok(stack.show()?.resources[ADDRESS].values.clone());
            let (made, imported) = (values(&first)?, values(&second)?);
            for attribute in [
                "task_definition_arns",
                "services",
                "network",
                "image",
                "name",
            ] {
                let (made, imported) = (&made[attribute], &imported[attribute]);
                ensure!(
                    made == imported,
                    "expected {attribute} after import to be {made}, found {imported}"
                );
            }
        }
        ensure!(
            before == writes(),
            "expected the import to leave the objects unchanged, found {before:?} then {:?}",
            writes()
        );
        Ok(())
    })
}
