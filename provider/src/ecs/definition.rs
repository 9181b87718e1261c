//! Task definition in canonical form: its modelled part, without order, nulls and server defaults.
//!
//! Two definitions that ECS runs in the same way are equal. Settings that are not modelled are kept by name, so that a
//! definition with such a setting differs from every definition of this provider.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::image;

/// Parameters that ECS requires to run a task of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskDefinition {
    /// Family, which is the name of the service.
    pub family: String,
    /// CPU units; 1024 units are one vCPU.
    pub cpu: u32,
    /// Memory in MiB.
    pub memory: u32,
    /// `X86_64` or `ARM64`.
    pub cpu_architecture: String,
    /// `LINUX` or one of the Windows families.
    pub operating_system_family: String,
    /// Role that ECS assumes to pull the image, read secrets and write the log.
    pub execution_role_arn: String,
    /// Role of the application.
    pub task_role_arn: Option<String>,
    /// Ephemeral storage in GiB, 21 to 200; `None` for the server's 20.
    pub ephemeral_storage_gib: Option<u32>,
    /// The container of the service.
    pub container: Container,
    /// Sidecar containers by name.
    pub sidecars: BTreeMap<String, Container>,
    /// Present settings that are not modelled, by API name; empty in definitions of this provider.
    pub unmodelled: BTreeSet<String>,
}

/// A container of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Container {
    /// Name; for the main container of a service, the key of the service.
    pub name: String,
    /// Image with its tag, its digest, or both; compared by digest if there is one.
    pub image: String,
    /// Command; empty for that of the image.
    pub command: Vec<String>,
    /// Entry point; empty for that of the image.
    pub entry_point: Vec<String>,
    /// Environment variables in plain text.
    pub environment: BTreeMap<String, String>,
    /// Environment variables from secrets, as name and `valueFrom`.
    pub secrets: BTreeMap<String, String>,
    /// TCP port that the application listens on.
    pub port: Option<u16>,
    /// Name of the port, which Service Connect refers to; ignored in comparisons if it is not configured.
    pub port_name: Option<String>,
    /// Application protocol of the port, for metrics of Service Connect: `http`, `http2` or `grpc`.
    pub app_protocol: Option<String>,
    /// The health check inside the container.
    pub health_check: Option<HealthCheck>,
    /// Options of the `awslogs` driver; `None` without logging.
    pub log: Option<Log>,
    /// Seconds between SIGTERM and SIGKILL, 2 to 120; `None` for the server's 30.
    pub stop_timeout: Option<u32>,
    /// Settings without a field in this type, by API name, without nulls and server defaults.
    pub overrides: BTreeMap<String, Value>,
}

/// Health check that runs inside the container. The defaults are those of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// `CMD` or `CMD-SHELL` and its arguments.
    pub command: Vec<String>,
    /// Seconds between checks.
    pub interval: u32,
    /// Seconds until a check counts as failed.
    pub timeout: u32,
    /// Failures until the container is unhealthy.
    pub retries: u32,
    /// Seconds during which failures do not count.
    pub start_period: u32,
}

impl HealthCheck {
    /// Default number of seconds between checks.
    pub const INTERVAL: u32 = 30;
    /// Default number of seconds until a check counts as failed.
    pub const TIMEOUT: u32 = 5;
    /// Default number of failures until the container is unhealthy.
    pub const RETRIES: u32 = 3;
    /// Default number of seconds during which failures do not count.
    pub const START_PERIOD: u32 = 0;

    /// Creates a check with the defaults of the API.
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

/// Log destination of a container (CloudWatch Logs).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The log group.
    pub group: String,
    /// The region of the log group.
    pub region: String,
    /// Prefix of the log streams.
    pub stream_prefix: String,
    /// `blocking` or `non-blocking`; `None` for the account's default.
    pub mode: Option<String>,
}

impl TaskDefinition {
    /// Returns the definition with the container of this name as the main container, if it exists. Descriptions by ECS
    /// do not indicate the main container.
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

    /// Returns the differences between a running definition and this one, as texts for the user; empty if there are
    /// none. Values of environment variables are never included.
    #[must_use]
    pub fn differences(&self, running: &Self) -> Vec<String> {
        let running = &running.clone().with_main_container(&self.container.name);
        let mut found = Vec::new();
        let mut value = |name: &str, wanted: &str, runs: &str| {
            if wanted != runs {
                found.push(format!("{name} is {runs} instead of {wanted}"));
            }
        };
        value("family", &self.family, &running.family);
        value("cpu", &self.cpu.to_string(), &running.cpu.to_string());
        value(
            "memory",
            &self.memory.to_string(),
            &running.memory.to_string(),
        );
        value(
            "cpu_architecture",
            &self.cpu_architecture,
            &running.cpu_architecture,
        );
        value(
            "operating_system_family",
            &self.operating_system_family,
            &running.operating_system_family,
        );
        value(
            "execution_role_arn",
            &self.execution_role_arn,
            &running.execution_role_arn,
        );
        let none = "unset";
        let role = |definition: &'_ Self| definition.task_role_arn.clone().unwrap_or(none.into());
        value("task_role_arn", &role(self), &role(running));
        let storage = |definition: &'_ Self| {
            let size = definition.ephemeral_storage_gib;
            size.map_or_else(|| none.to_owned(), |size| size.to_string())
        };
        value("ephemeral_storage_gib", &storage(self), &storage(running));
        self.container
            .differences(&running.container, "", &mut found);
        self.sidecar_differences(running, &mut found);
        found.extend(
            running
                .unmodelled
                .iter()
                .map(|name| format!("{name} is set, which this resource does not manage")),
        );
        found
    }

    fn sidecar_differences(&self, running: &Self, found: &mut Vec<String>) {
        let names: BTreeSet<&String> = self
            .sidecars
            .keys()
            .chain(running.sidecars.keys())
            .collect();
        for name in names {
            match (self.sidecars.get(name), running.sidecars.get(name)) {
                (Some(wanted), Some(runs)) => {
                    wanted.differences(runs, &format!("sidecars[{name:?}]."), found);
                }
                (Some(_), None) => found.push(format!("sidecars[{name:?}] is missing")),
                (None, _) => found.push(format!("the sidecar container {name} is not configured")),
            }
        }
    }
}

impl Container {
    /// Adds the differences, with the path of each within the service.
    fn differences(&self, running: &Self, place: &str, found: &mut Vec<String>) {
        if !image::are_the_same(&self.image, &running.image) {
            found.push(format!(
                "{place}image is {} instead of {}",
                running.image, self.image
            ));
        }
        for name in differing_keys(&self.overrides, &running.overrides) {
            found.push(match self.overrides.get(name) {
                Some(_) => format!("{place}container_overrides_json is different in {name}"),
                None => format!("{place}{name} is set, which this resource does not manage"),
            });
        }
        let mut changed = |name: &str, same: bool| {
            if !same {
                found.push(format!("{place}{name} is different"));
            }
        };
        changed("the container's name", self.name == running.name);
        changed("command", self.command == running.command);
        changed("entry_point", self.entry_point == running.entry_point);
        changed("port", self.port == running.port);
        let asked = |wanted: &Option<String>, runs: &Option<String>| {
            wanted.is_none() || wanted == runs || self.port != running.port
        };
        changed(
            "the port's name",
            asked(&self.port_name, &running.port_name),
        );
        let protocol = match self.port_name {
            // A published port without a protocol is TCP, even if it had another protocol before.
            Some(_) => self.app_protocol == running.app_protocol || self.port != running.port,
            None => asked(&self.app_protocol, &running.app_protocol),
        };
        changed("the port's protocol", protocol);
        changed("health_check", self.health_check == running.health_check);
        // Differences in a log that is configured in the overrides are already reported.
        let by_overrides = |container: &Self| container.overrides.contains_key("logConfiguration");
        let reported = by_overrides(self) || by_overrides(running);
        changed("log", self.log == running.log || reported);
        changed("stop_timeout", self.stop_timeout == running.stop_timeout);
        for name in differing_keys(&self.environment, &running.environment) {
            changed(&format!("environment[{name:?}]"), false);
        }
        for name in differing_keys(&self.secrets, &running.secrets) {
            changed(&format!("secrets[{name:?}]"), false);
        }
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
