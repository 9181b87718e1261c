//! Tests that the canonical form is independent of server defaults and of the order in server responses.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use super::super::overrides::{Overrides, parse};
use super::*;
use crate::ecs::definition::Log;
use crate::resources::ecs::service_bundle::diagnostics::drift_texts;

fn texts() -> impl Strategy<Value = BTreeMap<String, String>> {
    btree_map("[A-Z_]{1,6}", "[a-z0-9=]{0,6}", 0..5)
}

fn checks() -> impl Strategy<Value = HealthCheck> {
    (
        vec("[a-z]{1,4}", 1..3),
        5..300u32,
        2..60u32,
        1..10u32,
        0..300u32,
    )
        .prop_map(
            |(command, interval, timeout, retries, start_period)| HealthCheck {
                command,
                interval,
                timeout,
                retries,
                start_period,
            },
        )
}

fn containers() -> impl Strategy<Value = Container> {
    let words = || vec("[a-z]{1,4}", 0..3);
    let mode = proptest::option::of(Just("non-blocking".to_owned()));
    let logs = ("[a-z/]{1,6}", "[a-z]{2}-[a-z]{4}-[1-9]", "[a-z]{1,4}", mode);
    let log = logs.prop_map(|(group, region, stream_prefix, mode)| Log {
        group,
        region,
        stream_prefix,
        mode,
    });
    let texts = (texts(), texts());
    let rest = (
        (any::<Option<u16>>(), any::<bool>(), overrides()),
        proptest::option::of(checks()),
        proptest::option::of(log),
        proptest::option::of(2..120u32),
    );
    (
        "[a-z]{1,6}",
        "[a-z]{1,6}:[a-z0-9]{1,6}",
        words(),
        words(),
        texts,
        rest,
    )
        .prop_map(
            |(
                name,
                image,
                command,
                entry_point,
                (environment, secrets),
                ((port, named, overrides), health_check, log, stop_timeout),
            )| Container {
                port_name: port.filter(|_| named).map(|_| name.clone()),
                app_protocol: port.filter(|_| named).map(|_| "http2".to_owned()),
                overrides,
                name,
                image,
                command,
                entry_point,
                environment,
                secrets,
                port,
                health_check,
                log,
                stop_timeout,
            },
        )
}

/// Generates settings without an attribute.
fn overrides() -> impl Strategy<Value = Overrides> {
    let texts = [
        "{}",
        r#"{ "user": "1000", "readonlyRootFilesystem": true }"#,
        r#"{ "linuxParameters": { "initProcessEnabled": true }, "dnsServers": ["10.0.0.2"] }"#,
    ];
    (0..texts.len()).prop_map(move |which| parse(texts[which]).expect("valid settings"))
}

fn definitions() -> impl Strategy<Value = TaskDefinition> {
    (
        containers(),
        (
            256..16_384u32,
            proptest::option::of(21..200u32),
            proptest::option::of(containers()),
        ),
        512..122_880u32,
        any::<bool>(),
        proptest::option::of("arn:[a-z]{1,6}"),
    )
        .prop_map(
            |(container, (cpu, ephemeral_storage_gib, sidecar), memory, arm, task_role_arn)| {
                TaskDefinition {
                    ephemeral_storage_gib,
                    sidecars: sidecar
                        .into_iter()
                        .map(|sidecar| {
                            let name = format!("{}-sidecar", container.name);
                            (name.clone(), Container { name, ..sidecar })
                        })
                        .collect(),
                    family: format!("shop-{}", container.name),
                    cpu,
                    memory,
                    cpu_architecture: if arm { "ARM64" } else { "X86_64" }.to_owned(),
                    operating_system_family: "LINUX".to_owned(),
                    execution_role_arn: "arn:execution".to_owned(),
                    task_role_arn,
                    container,
                    unmodelled: BTreeSet::new(),
                }
            },
        )
}

/// Returns the description of a registered definition. If `fills_in` is true, the server adds defaults.
fn described(definition: &TaskDefinition, fills_in: bool) -> ecs::TaskDefinition {
    let own = described_container(&definition.container, fills_in);
    // A server can return the containers in any order.
    let sidecars = definition.sidecars.values();
    let mut containers: Vec<_> = sidecars
        .map(|sidecar| described_container(sidecar, fills_in))
        .collect();
    containers.push(own);
    let storage = definition.ephemeral_storage_gib.or(fills_in.then_some(20));
    let storage = storage.map(|size| {
        ecs::EphemeralStorage::builder()
            .size_in_gib(number(size))
            .build()
    });
    let platform = ecs::RuntimePlatform::builder()
        .cpu_architecture(definition.cpu_architecture.as_str().into())
        .operating_system_family(ecs::OsFamily::Linux);
    let usual = definition.cpu_architecture == "X86_64" && !fills_in;
    ecs::TaskDefinition::builder()
        .family(&definition.family)
        .revision(7)
        .cpu(definition.cpu.to_string())
        .memory(definition.memory.to_string())
        .set_runtime_platform((!usual).then(|| platform.build()))
        .execution_role_arn(&definition.execution_role_arn)
        .set_task_role_arn(definition.task_role_arn.clone())
        .set_network_mode(fills_in.then_some(ecs::NetworkMode::Awsvpc))
        .set_volumes(fills_in.then(Vec::new))
        .set_placement_constraints(fills_in.then(Vec::new))
        .compatibilities(ecs::Compatibility::Fargate)
        .registered_by("arn:other-principal")
        .set_ephemeral_storage(storage)
        .set_container_definitions(Some(containers))
        .build()
}

fn described_container(wanted: &Container, fills_in: bool) -> ecs::ContainerDefinition {
    let mut container = merged(container(wanted), &wanted.overrides).expect("mergeable settings");
    if let Some(environment) = &mut container.environment {
        environment.reverse();
    }
    if let Some(secrets) = &mut container.secrets {
        secrets.reverse();
    }
    if fills_in {
        fill_in(&mut container);
    }
    container
}

/// Adds the defaults and empty lists that ECS returns.
fn fill_in(container: &mut ecs::ContainerDefinition) {
    container.command.get_or_insert_default();
    container.entry_point.get_or_insert_default();
    container.environment.get_or_insert_default();
    container.secrets.get_or_insert_default();
    container.mount_points.get_or_insert_default();
    container.volumes_from.get_or_insert_default();
    container.system_controls.get_or_insert_default();
    container.docker_labels.get_or_insert_default();
    container.user.get_or_insert_default();
    container.privileged.get_or_insert(false);
    container
        .version_consistency
        .get_or_insert(ecs::VersionConsistency::Enabled);
    let nothing = ecs::KernelCapabilities::builder()
        .set_add(Some(Vec::new()))
        .set_drop(Some(Vec::new()))
        .build();
    let wanted = container.linux_parameters.take();
    let linux = ecs::LinuxParameters::builder()
        .capabilities(nothing)
        .set_init_process_enabled(wanted.and_then(|wanted| wanted.init_process_enabled));
    container.linux_parameters = Some(linux.build());
    for mapping in container.port_mappings.get_or_insert_default() {
        mapping.host_port = mapping.container_port;
    }
    if let Some(check) = &mut container.health_check {
        check.start_period.get_or_insert(0);
    }
}

proptest! {
    #[test]
    fn order_nulls_and_server_defaults_are_not_differences(definition in definitions(), fills_in in any::<bool>()) {
        let found = canonical(&described(&definition, fills_in));
        prop_assert_eq!(&found, &definition);
        prop_assert!(definition.differences(&found).is_empty());
    }

    #[test]
    fn every_single_change_is_reported(definition in definitions(), which in 0..CHANGES.len()) {
        let (name, change) = CHANGES[which];
        let mut changed = definition.clone();
        change(&mut changed);
        let found = canonical(&described(&changed, true));
        let differences = drift_texts(&definition.differences(&found));
        prop_assert!(differences.len() == 1 && differences[0].starts_with(name), "{}: {:?}", name, differences);
    }
}

#[test]
fn main_container_is_identified_by_its_key_and_not_by_its_family() {
    let named = |name: &str| Container {
        name: name.to_owned(),
        image: format!("{name}:1"),
        ..Container::default()
    };
    // The family name also ends with the sidecar name.
    let definition = TaskDefinition {
        family: "shop-log-router".to_owned(),
        container: named("router"),
        sidecars: BTreeMap::from([("log-router".to_owned(), named("log-router"))]),
        ..plain()
    };
    let found = canonical(&described(&definition, true));
    assert_eq!(definition.differences(&found), []);
    assert_eq!(found.with_main_container("router"), definition);
}

#[test]
fn a_published_port_without_a_protocol_differs_from_one_with_a_protocol() {
    let published = |protocol: Option<&str>| {
        let mut definition = plain();
        definition.container.port = Some(80);
        definition.container.port_name = Some("api".to_owned());
        definition.container.app_protocol = protocol.map(str::to_owned);
        definition
    };
    let runs = canonical(&described(&published(Some("http")), true));
    let different = drift_texts(&published(None).differences(&runs));
    assert_eq!(different, ["the port protocol is different"]);
    let mut unpublished = published(None);
    unpublished.container.port_name = None;
    assert_eq!(unpublished.differences(&runs), []);
}

fn plain() -> TaskDefinition {
    TaskDefinition {
        family: "shop-api".to_owned(),
        cpu: 256,
        memory: 512,
        cpu_architecture: "X86_64".to_owned(),
        operating_system_family: "LINUX".to_owned(),
        execution_role_arn: "arn:execution".to_owned(),
        task_role_arn: None,
        ephemeral_storage_gib: None,
        container: Container {
            name: "api".to_owned(),
            image: "api:1".to_owned(),
            ..Container::default()
        },
        sidecars: BTreeMap::new(),
        unmodelled: BTreeSet::new(),
    }
}

type Change = fn(&mut TaskDefinition);

/// Changes to each modeled setting, with the name that the reported difference contains.
const CHANGES: [(&str, Change); 18] = [
    ("cpu", |changed| changed.cpu += 1),
    ("memory", |changed| changed.memory += 1),
    ("cpu_architecture", |changed| {
        changed.cpu_architecture = other(&changed.cpu_architecture).to_owned()
    }),
    ("execution_role_arn", |changed| {
        changed.execution_role_arn.push('x')
    }),
    ("task_role_arn", |changed| {
        changed.task_role_arn.get_or_insert_default().push('x')
    }),
    ("image", |changed| changed.container.image.push('x')),
    ("command", |changed| {
        changed.container.command.push("x".to_owned())
    }),
    ("entry_point", |changed| {
        changed.container.entry_point.push("x".to_owned())
    }),
    ("environment[\"LONGNAME\"]", |changed| {
        insert(&mut changed.container.environment)
    }),
    ("secrets[\"LONGNAME\"]", |changed| {
        insert(&mut changed.container.secrets)
    }),
    ("port", |changed| {
        changed.container.port = changed.container.port.map_or(Some(1), |_| None)
    }),
    ("health_check", |changed| {
        toggle(&mut changed.container.health_check, || {
            HealthCheck::new(vec!["true".to_owned()])
        })
    }),
    ("log", |changed| {
        toggle(&mut changed.container.log, || Log {
            group: "g".to_owned(),
            region: "r".to_owned(),
            stream_prefix: "p".to_owned(),
            mode: None,
        })
    }),
    ("ephemeral_storage_gib", |changed| {
        toggle(&mut changed.ephemeral_storage_gib, || 30)
    }),
    (
        "the sidecar container log-router is not configured",
        |changed| {
            let name = "log-router".to_owned();
            let sidecar = Container {
                name: name.clone(),
                image: "x:1".to_owned(),
                ..Container::default()
            };
            changed.sidecars.insert(name, sidecar);
        },
    ),
    (
        "hostname is set, but this resource does not manage it",
        |changed| {
            let hostname = "shop".into();
            changed
                .container
                .overrides
                .insert("hostname".to_owned(), hostname);
        },
    ),
    (
        "logConfiguration is set, but this resource does not manage it",
        |changed| {
            let fluent = serde_json::json!({ "logDriver": "awsfirelens" });
            changed.container.log = None;
            changed
                .container
                .overrides
                .insert(LOG_CONFIGURATION.to_owned(), fluent);
        },
    ),
    ("stop_timeout", |changed| {
        toggle(&mut changed.container.stop_timeout, || 60)
    }),
];

fn other(architecture: &str) -> &'static str {
    if architecture == "ARM64" {
        "X86_64"
    } else {
        "ARM64"
    }
}

fn insert(texts: &mut BTreeMap<String, String>) {
    texts.insert("LONGNAME".to_owned(), "x".to_owned());
}

fn toggle<T>(setting: &mut Option<T>, value: fn() -> T) {
    *setting = if setting.is_some() {
        None
    } else {
        Some(value())
    };
}

#[test]
fn unmodelled_settings_are_reported_as_differences() {
    let mut definition = definitions()
        .new_tree(&mut Default::default())
        .expect("a definition")
        .current();
    definition.container.overrides.clear();
    type Change = fn(&mut ecs::TaskDefinition);
    let changes: [(&str, Change); 6] = [
        ("volumes", |found| {
            found.volumes = Some(vec![ecs::Volume::builder().name("v").build()])
        }),
        ("networkMode", |found| {
            found.network_mode = Some(ecs::NetworkMode::Host)
        }),
        ("user", |found| own(found).user = Some("root".into())),
        ("ulimits", |found| {
            let limit = ecs::Ulimit::builder()
                .name(ecs::UlimitName::Nofile)
                .soft_limit(1)
                .hard_limit(1)
                .build();
            own(found).ulimits = limit.ok().map(|limit| vec![limit]);
        }),
        ("memory", |found| own(found).memory = Some(64)),
        ("the sidecar container", |found| {
            let sidecar = own(found).clone();
            containers_of(found).push(sidecar);
        }),
    ];
    for (name, change) in changes {
        let mut found = described(&definition, true);
        change(&mut found);
        let differences = drift_texts(&definition.differences(&canonical(&found)));
        assert!(
            differences
                .iter()
                .any(|difference| difference.starts_with(name)),
            "{name}: {differences:?}"
        );
    }
}

/// Returns the main container, which is the last container in these descriptions.
fn own(found: &mut ecs::TaskDefinition) -> &mut ecs::ContainerDefinition {
    containers_of(found).last_mut().expect("a container")
}

fn containers_of(found: &mut ecs::TaskDefinition) -> &mut Vec<ecs::ContainerDefinition> {
    found.container_definitions.as_mut().expect("containers")
}
