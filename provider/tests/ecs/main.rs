//! Tests of rollouts with an in-memory ECS: results, reasons, and convergence after a crash at any call.

mod concurrent;
mod converge;
mod deletion;
mod drift;
mod evidence;
mod failure_text;
mod fake;
mod ownership;
mod registration;
mod release;
mod retire;
mod rollouts;
mod surroundings;
mod updates;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use skreg::ecs::attempt::Applied;
use skreg::ecs::bundle::{Bundle, Concurrent, ServiceSpec, Verify};
use skreg::ecs::clock::{Schedule, WaitLimit};
use skreg::ecs::definition::{Container, Log, TaskDefinition};
use skreg::ecs::delete::Deletion;
use skreg::ecs::error::BundleError;
use skreg::ecs::notice::Notice;
use skreg::ecs::rollout::Deployer;
use skreg::ecs::service::{
    CircuitBreaker, DeploymentConfiguration, LoadBalancer, Network, ServiceOptions, ServiceSettings,
};
use skreg::resources::ecs::service_bundle::diagnostics::{drift_texts, text_of};
use tfplugin::CancellationToken;

use fake::{Fake, FakeClock};

/// Returns the skreg bundle, which consists of an API behind a load balancer and a worker.
fn bundle() -> Bundle {
    let services = ["api", "worker"].map(|key| (key.to_owned(), spec(key)));
    Bundle {
        name: "skreg".into(),
        cluster: "main".into(),
        services: BTreeMap::from(services),
        names: BTreeMap::new(),
        order: Vec::new(),
        wait: true,
        keep_revisions: 2,
        tags: BTreeMap::from([("team".to_owned(), "registry".to_owned())]),
        dropped_tags: BTreeSet::new(),
        log_groups: BTreeSet::new(),
        verify: Verify::Error,
        concurrent: Concurrent::Wait,
        own_deployments: BTreeSet::new(),
        force: false,
        error_log_lines: 20,
    }
}

fn spec(key: &str) -> ServiceSpec {
    let balancer = LoadBalancer {
        target_group_arn: "arn:tg/api".into(),
        container_name: "api".into(),
        container_port: 8080,
    };
    let mut spec = ServiceSpec {
        definition: TaskDefinition {
            family: format!("skreg-{key}"),
            cpu: 512,
            memory: 1024,
            cpu_architecture: "X86_64".into(),
            operating_system_family: "LINUX".into(),
            execution_role_arn: "arn:aws:iam::123456789012:role/execution".into(),
            task_role_arn: None,
            container: Container {
                name: key.into(),
                image: "registry/skreg:v1".into(),
                port: (key == "api").then_some(8080),
                log: Some(Log {
                    group: format!("/ecs/skreg-{key}"),
                    region: "eu-central-1".into(),
                    stream_prefix: "ecs".into(),
                    mode: None,
                }),
                ..Container::default()
            },
            ephemeral_storage_gib: None,
            sidecars: BTreeMap::new(),
            unmodelled: BTreeSet::new(),
        },
        settings: ServiceSettings {
            desired_count: Some(1),
            network: Network {
                subnets: BTreeSet::from(["subnet-1".to_owned()]),
                ..Network::default()
            },
            load_balancers: (key == "api").then_some(balancer).into_iter().collect(),
            deployment: DeploymentConfiguration {
                minimum_healthy_percent: Some(100),
                maximum_percent: Some(200),
                ..DeploymentConfiguration::default()
            },
            options: ServiceOptions {
                availability_zone_rebalancing: Some(true),
                ..ServiceOptions::default()
            },
            ..ServiceSettings::default()
        },
        keeps_image: false,
        keeps_family: false,
        pinned: None,
    };
    spec.settings.deployment.circuit_breaker = Some(CircuitBreaker::default());
    spec
}

/// Returns the same bundle with a different image.
fn bundle_of(image: &str) -> Bundle {
    let mut bundle = bundle();
    for spec in bundle.services.values_mut() {
        spec.definition.container.image = image.into();
    }
    bundle
}

/// Returns the names of the services.
fn names() -> BTreeSet<String> {
    BTreeSet::from(["skreg-api".to_owned(), "skreg-worker".to_owned()])
}

fn deployer<'a>(fake: &'a Fake<'a>, clock: &'a FakeClock) -> Deployer<'a, Fake<'a>, FakeClock> {
    let wait_limit = WaitLimit::lasting(clock, Duration::from_secs(1800), CancellationToken::new());
    Deployer {
        api: fake,
        clock,
        wait_limit,
        schedule: Schedule::ROLLOUT,
    }
}

async fn create(fake: &Fake<'_>, clock: &FakeClock, bundle: &Bundle) -> Applied {
    deployer(fake, clock).apply(bundle, &BTreeSet::new()).await
}

async fn update(fake: &Fake<'_>, clock: &FakeClock, bundle: &Bundle) -> Applied {
    deployer(fake, clock).apply(bundle, &names()).await
}

/// Returns the parameters for deleting the entire bundle.
fn deletion() -> Deletion<'static> {
    Deletion {
        cluster: "main",
        bundle: "skreg",
        names: names(),
        staying: BTreeSet::new(),
        keep_revisions: 2,
    }
}

async fn delete(fake: &Fake<'_>, clock: &FakeClock) -> Result<Vec<String>, BundleError> {
    let notices = deployer(fake, clock).delete(&deletion()).await?;
    Ok(texts(&notices))
}

/// Returns the messages for notices.
fn texts(notices: &[Notice]) -> Vec<String> {
    notices.iter().map(text_of).collect()
}

fn error_of(applied: Applied) -> BundleError {
    applied.result.expect_err("the attempt must fail")
}
