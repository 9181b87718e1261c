//! Tests of the texts of `drift`: every difference that a refresh can report, with the names of attributes.

use tfplugin::Model as _;
use tfplugin::schema::{Attribute, AttributeKind};

use super::model::{HealthCheck, PublishedPort, ServiceConnect, Sidecar};
use super::*;
use crate::ecs::api::{Revision, Rollout};
use crate::ecs::definition::{Container, TaskDefinition};
use crate::ecs::service::{Capacity, CircuitBreaker};

fn sidecar() -> Sidecar {
    Sidecar {
        image: image("1.25"),
        essential: true,
        cpu: None,
        memory: None,
        command: None,
        entry_point: None,
        environment: BTreeMap::new(),
        secrets: BTreeMap::new(),
        port: Some(9090),
        health_check: None,
        stop_timeout: None,
        log: None,
        container_overrides_json: None,
    }
}

/// Sets an attribute for every field that is compared.
fn configured(model: &mut ServiceBundle) {
    let role = "arn:aws:iam::123456789012:role/task";
    let api = api(model);
    api.task_role_arn = Some(role.into());
    api.ephemeral_storage_gib = Some(50);
    api.health_check_grace_period_seconds = Some(60);
    api.container_overrides_json = Some(r#"{"user":"1000"}"#.into());
    api.service_connect = Some(ServiceConnect {
        namespace: None,
        publish: Some(PublishedPort {
            discovery_name: None,
            dns_name: None,
            port: None,
            app_protocol: Some("http".into()),
            ingress_port: None,
        }),
    });
    api.health_check = Some(HealthCheck {
        command: vec!["CMD".into(), "true".into()],
        interval: 30,
        timeout: 5,
        retries: 3,
        start_period: 0,
    });
    api.sidecars = ["proxy", "router"]
        .map(|name| (name.to_owned(), sidecar()))
        .into();
}

fn change_container(container: &mut Container) {
    container.name = "web".into();
    container.image = "registry/skreg:v9".into();
    container.command = vec!["serve".into()];
    container.entry_point = vec!["/bin/sh".into()];
    container.environment.insert("MODE".into(), "x".into());
    container.secrets.insert("TOKEN".into(), "arn:x".into());
    container.port_name = Some("other".into());
    container.app_protocol = None;
    container.health_check = None;
    container.log = None;
    container.stop_timeout = Some(7);
    container.overrides = [("user", "7".into()), ("privileged", true.into())]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
}

fn change_definition(definition: &mut TaskDefinition) {
    definition.family = "other".into();
    definition.cpu = 256;
    definition.memory = 512;
    definition.cpu_architecture = "ARM64".into();
    definition.operating_system_family = "WINDOWS_SERVER_2022_CORE".into();
    definition.execution_role_arn = "arn:x".into();
    definition.task_role_arn = None;
    definition.ephemeral_storage_gib = None;
    definition.unmodelled.insert("volumes".into());
    change_container(&mut definition.container);
    definition.sidecars.remove("router");
    let proxy = definition.sidecars.get_mut("proxy").expect("the proxy");
    proxy.port = Some(80);
    proxy.environment.insert("MODE".into(), "x".into());
    let agent = Container {
        name: "agent".into(),
        ..Container::default()
    };
    definition.sidecars.insert("agent".into(), agent);
}

fn change_service(service: &mut crate::ecs::api::Service) {
    for tag in ["skreg:deleting", "skreg:unfinished"] {
        service.tags.insert(tag.to_owned(), "1".to_owned());
    }
    service.deployments[0].rollout = Some(Rollout::Failed);
    let settings = &mut service.settings;
    settings.desired_count = Some(7);
    settings.network.subnets.insert("subnet-9".into());
    settings.capacity = Some(Capacity::LaunchType("EC2".into()));
    settings.service_connect = None;
    settings.deployment.minimum_healthy_percent = Some(50);
    settings.deployment.maximum_percent = Some(150);
    settings.deployment.circuit_breaker = Some(CircuitBreaker {
        rollback: false,
        ..CircuitBreaker::DEFAULT
    });
    settings.options.health_check_grace_period_seconds = Some(90);
    settings.options.enable_execute_command = true;
    settings.options.availability_zone_rebalancing = Some(false);
    settings.options.propagate_tags = Some("NONE".into());
    let mut balancers = std::mem::take(&mut settings.load_balancers).into_iter();
    let mut balancer = balancers.next().expect("a load balancer");
    balancer.container_port = 80;
    settings.load_balancers.insert(balancer);
}

/// Returns the drift of the API service after every compared field has changed.
async fn drift() -> Vec<String> {
    let (fake, bundles) = account();
    let stored = bundles.create_bundle(&plan_of(configured), &call()).await;
    let state = ServiceBundlePlan::from(stored.ok().expect("the create succeeds").state);
    let is_of_api = |revision: &&mut Revision| revision.definition.family == "skreg-api";
    fake.with(|state| {
        let revision = state.revisions.iter_mut().find(is_of_api).expect("the API");
        revision.active = false;
        change_definition(&mut revision.definition);
    });
    fake.change_service("skreg-api", change_service);
    let found = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    known_deployment(&found, "api").expect("the API").drift
}

#[tokio::test]
async fn every_difference_is_reported_with_the_name_of_its_attribute() {
    assert_eq!(
        drift().await,
        [
            "network is different",
            "load_balancer is different",
            "capacity is different",
            "service_connect is different",
            "desired_count is 7 instead of 1",
            "minimum_healthy_percent is 50 instead of 100",
            "maximum_percent is 150 instead of 200",
            "circuit_breaker is different",
            "health_check_grace_period_seconds is different",
            "enable_execute_command is different",
            "availability_zone_rebalancing is false instead of true",
            "propagate_tags is NONE instead of SERVICE",
            "the deletion of the service was started but not completed",
            "family is other instead of skreg-api",
            "cpu is 256 instead of 512",
            "memory is 512 instead of 1024",
            "cpu_architecture is ARM64 instead of X86_64",
            "operating_system_family is WINDOWS_SERVER_2022_CORE instead of LINUX",
            "execution_role_arn is arn:x instead of arn:aws:iam::123456789012:role/execution",
            "task_role_arn is unset instead of arn:aws:iam::123456789012:role/task",
            "ephemeral_storage_gib is unset instead of 50",
            "image is registry/skreg:v9 instead of registry/skreg:v1",
            "privileged is set, but this resource does not manage it",
            "container_overrides_json is different in user",
            "the container name is different",
            "command is different",
            "entry_point is different",
            "the port name is different",
            "the port protocol is different",
            "health_check is different",
            "log is different",
            "stop_timeout is different",
            "environment[\"MODE\"] is different",
            "secrets[\"TOKEN\"] is different",
            "the sidecar container agent is not configured",
            "sidecars[\"proxy\"].port is different",
            "sidecars[\"proxy\"].environment[\"MODE\"] is different",
            "sidecars[\"router\"] is missing",
            "volumes is set, but this resource does not manage it",
            "the task definition skreg-api:1 was deregistered",
            "the creation of the service was started but not completed (tag skreg:unfinished)",
            "the last deployment failed",
        ]
    );
}

/// Returns the names of attributes and of their nested attributes.
fn names(attributes: &BTreeMap<String, Attribute>) -> BTreeSet<&str> {
    let nested = attributes
        .values()
        .filter_map(|attribute| match &attribute.kind {
            AttributeKind::Nested(nested) => Some(names(&nested.attributes)),
            AttributeKind::Type(_) => None,
        });
    let own = attributes.keys().map(String::as_str);
    own.chain(nested.flatten()).collect()
}

#[tokio::test]
async fn reported_names_are_attributes_of_the_schema() {
    let definition = ServiceBundle::definition();
    let attributes = names(&definition.schema.block.attributes);
    // The other texts are sentences without the name of an attribute.
    let texts = drift().await;
    let reported = texts.iter().filter_map(|text| {
        let (subject, _) = text.split_once(" is ")?;
        let path = subject.split_once("].").map_or(subject, |(_, name)| name);
        let name = path.split('[').next()?;
        (!name.contains(' ')).then_some(name)
    });
    let unknown: Vec<&str> = reported.filter(|name| !attributes.contains(name)).collect();
    // The family is the name of the service. The other two are settings without an attribute.
    assert_eq!(unknown, ["family", "privileged", "volumes"]);
}
