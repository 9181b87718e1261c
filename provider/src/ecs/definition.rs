//! Task definition in canonical form. The form contains the values of modeled settings only, and omits order, nulls,
//! and server defaults.
//!
//! Two definitions are equal if ECS runs them in the same way. Only the names of unmodeled settings are kept, so a
//! definition with such a setting differs from every definition that this provider creates.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::drift::{Differences, Drift};
use super::image;

/// Parameters that ECS requires to run a task for a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskDefinition {
    /// Family, which is also the name of the service.
    pub family: String,
    /// CPU units. 1024 units are one vCPU.
    pub cpu: u32,
    /// Memory in MiB.
    pub memory: u32,
    /// CPU architecture: `X86_64` or `ARM64`.
    pub cpu_architecture: String,
    /// Operating system family: `LINUX` or one of the Windows families.
    pub operating_system_family: String,
    /// Role that ECS assumes to pull the image, read secrets, and write logs.
    pub execution_role_arn: String,
    /// Role that the application assumes.
    pub task_role_arn: Option<String>,
    /// Ephemeral storage, from 21 to 200 GiB. `None` for the server default of 20 GiB.
    pub ephemeral_storage_gib: Option<u32>,
    /// Main container of the service.
    pub container: Container,
    /// Sidecar containers by name.
    pub sidecars: BTreeMap<String, Container>,
    /// API names of settings that are present but not modeled. Empty in definitions that this provider creates.
    pub unmodelled: BTreeSet<String>,
}

/// A container in a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Container {
    /// Name. For the main container of a service, the service key.
    pub name: String,
    /// Image with a tag, a digest, or both. If a digest is present, images are compared by digest.
    pub image: String,
    /// Command. Empty for the command in the image.
    pub command: Vec<String>,
    /// Entry point. Empty for the entry point in the image.
    pub entry_point: Vec<String>,
    /// Plain-text environment variables.
    pub environment: BTreeMap<String, String>,
    /// Environment variables from secrets: the value of `valueFrom` by name.
    pub secrets: BTreeMap<String, String>,
    /// TCP port that the application listens on.
    pub port: Option<u16>,
    /// Port name, which Service Connect refers to. Ignored in comparisons if it is not configured.
    pub port_name: Option<String>,
    /// Application protocol of the port, used for Service Connect metrics: `http`, `http2`, or `grpc`.
    pub app_protocol: Option<String>,
    /// Health check that runs inside the container.
    pub health_check: Option<HealthCheck>,
    /// Options for the `awslogs` driver. `None` if logging is not configured.
    pub log: Option<Log>,
    /// Seconds between SIGTERM and SIGKILL, from 2 to 120. `None` for the server default of 30.
    pub stop_timeout: Option<u32>,
    /// Settings without a field in this type, by API name. Nulls and server defaults are omitted.
    pub overrides: BTreeMap<String, Value>,
}

/// Health check that runs inside the container. The defaults match the API defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// `CMD` or `CMD-SHELL`, followed by the arguments.
    pub command: Vec<String>,
    /// Seconds between checks.
    pub interval: u32,
    /// Seconds until a check counts as failed.
    pub timeout: u32,
    /// Number of failures until the container is unhealthy.
    pub retries: u32,
    /// Seconds during which failures are not counted.
    pub start_period: u32,
}

impl HealthCheck {
    /// Default number of seconds between checks.
    pub const INTERVAL: u32 = 30;
    /// Default number of seconds until a check counts as failed.
    pub const TIMEOUT: u32 = 5;
    /// Default number of failures until the container is unhealthy.
    pub const RETRIES: u32 = 3;
    /// Default number of seconds during which failures are not counted.
    pub const START_PERIOD: u32 = 0;

    /// Creates a check with the API defaults.
    #[must_use]
    pub fn new(command: Vec<String>) -> Self {
        Self {
            command,
            interval: Self::INTERVAL,
            timeout: Self::TIMEOUT,
            retries: Self::RETRIES,
            start_period: Self::START_PERIOD,
        }
    }
}

/// Log destination in CloudWatch Logs for a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Name of the log group.
    pub group: String,
    /// Region of the log group.
    pub region: String,
    /// Prefix of the log streams.
    pub stream_prefix: String,
    /// Mode, `blocking` or `non-blocking`. `None` for the account default.
    pub mode: Option<String>,
}

impl TaskDefinition {
    /// Returns the definition with the container that has this name as the main container, if such a container exists.
    /// ECS descriptions do not indicate the main container.
    #[must_use]
    pub fn with_main_container(mut self, own: &str) -> Self {
        if self.container.name != own
            && let Some(found) = self.sidecars.remove(own)
        {
            let other = std::mem::replace(&mut self.container, found);
            self.sidecars.insert(other.name.clone(), other);
        }
        self
    }

    /// Returns the differences between a running definition and this one. The list is empty if no differences exist.
    /// Values of environment variables are never included.
    #[must_use]
    pub fn differences(&self, running: &Self) -> Vec<Drift> {
        let running = &running.clone().with_main_container(&self.container.name);
        let mut found = Differences::default();
        let mut value = |path: &str, planned: &str, runs: &str| {
            found.value(path, Some(planned), Some(runs));
        };
        value("family", &self.family, &running.family);
        value("cpu", &self.cpu.to_string(), &running.cpu.to_string());
        value(
            "memory",
            &self.memory.to_string(),
            &running.memory.to_string(),
        );
        value(
            "runtimePlatform.cpuArchitecture",
            &self.cpu_architecture,
            &running.cpu_architecture,
        );
        value(
            "runtimePlatform.operatingSystemFamily",
            &self.operating_system_family,
            &running.operating_system_family,
        );
        value(
            "executionRoleArn",
            &self.execution_role_arn,
            &running.execution_role_arn,
        );
        let none = "unset";
        let role = |definition: &'_ Self| definition.task_role_arn.clone().unwrap_or(none.into());
        value("taskRoleArn", &role(self), &role(running));
        let storage = |definition: &'_ Self| {
            let size = definition.ephemeral_storage_gib;
            size.map_or_else(|| none.to_owned(), |size| size.to_string())
        };
        value(
            "ephemeralStorage.sizeInGiB",
            &storage(self),
            &storage(running),
        );
        self.container.compare(&running.container, &mut found);
        self.compare_sidecars(running, &mut found);
        for name in &running.unmodelled {
            found.push(Drift::Unmodelled(found.field(name)));
        }
        found.into_drift()
    }

    fn compare_sidecars(&self, running: &Self, found: &mut Differences) {
        let names: BTreeSet<&String> = self
            .sidecars
            .keys()
            .chain(running.sidecars.keys())
            .collect();
        for name in names {
            match (self.sidecars.get(name), running.sidecars.get(name)) {
                (Some(wanted), Some(runs)) => {
                    let mut own = Differences::of_sidecar(name);
                    wanted.compare(runs, &mut own);
                    found.extend(own);
                }
                (Some(_), None) => found.push(Drift::MissingSidecar(name.clone())),
                (None, _) => found.push(Drift::UnplannedSidecar(name.clone())),
            }
        }
    }
}

impl Container {
    /// Adds the differences from a running container.
    fn compare(&self, running: &Self, found: &mut Differences) {
        if !image::are_the_same(&self.image, &running.image) {
            found.values("image", &self.image, &running.image);
        }
        for name in differing_keys(&self.overrides, &running.overrides) {
            let field = found.field(name);
            found.push(match self.overrides.get(name) {
                Some(_) => Drift::Override(field),
                None => Drift::Unmodelled(field),
            });
        }
        found.note("name", self.name != running.name);
        found.note("command", self.command != running.command);
        found.note("entryPoint", self.entry_point != running.entry_point);
        found.note("portMappings.containerPort", self.port != running.port);
        let asked = |wanted: &Option<String>, runs: &Option<String>| {
            wanted.is_none() || wanted == runs || self.port != running.port
        };
        found.note(
            "portMappings.name",
            !asked(&self.port_name, &running.port_name),
        );
        let protocol = match self.port_name {
            // A published port without a protocol is TCP, even if it previously had a different protocol.
            Some(_) => self.app_protocol == running.app_protocol || self.port != running.port,
            None => asked(&self.app_protocol, &running.app_protocol),
        };
        found.note("portMappings.appProtocol", !protocol);
        found.note("healthCheck", self.health_check != running.health_check);
        // Differences in a log configuration that the overrides contain are already reported.
        let by_overrides = |container: &Self| container.overrides.contains_key("logConfiguration");
        let reported = by_overrides(self) || by_overrides(running);
        found.note("logConfiguration", self.log != running.log && !reported);
        found.note("stopTimeout", self.stop_timeout != running.stop_timeout);
        let environment = differing_keys(&self.environment, &running.environment);
        found.entries("environment", environment);
        found.entries("secrets", differing_keys(&self.secrets, &running.secrets));
    }
}

fn differing_keys<'a, V: PartialEq>(
    wanted: &'a BTreeMap<String, V>,
    running: &'a BTreeMap<String, V>,
) -> BTreeSet<&'a str> {
    let keys = wanted.keys().chain(running.keys());
    keys.filter(|key| wanted.get(*key) != running.get(*key))
        .map(String::as_str)
        .collect()
}

/// Encodes bytes as lowercase hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
