//! A task definition in canonical form: the part of it we model, without order, nulls and server defaults.
//!
//! Two definitions that ECS would run alike are equal here. What we do not model is kept by name, so that a definition
//! with such a setting equals none of ours.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::image;

/// Everything ECS needs to run a task of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskDefinition {
    /// The family, which is the name of the service.
    pub family: String,
    /// CPU units; 1024 are one vCPU.
    pub cpu: u32,
    /// Memory in MiB.
    pub memory: u32,
    /// `X86_64` or `ARM64`.
    pub cpu_architecture: String,
    /// `LINUX` or one of the Windows families.
    pub operating_system_family: String,
    /// The role ECS takes to pull the image, read secrets and write the log.
    pub execution_role_arn: String,
    /// The role the program has.
    pub task_role_arn: Option<String>,
    /// Ephemeral storage in GiB, 21 to 200; `None` for the server's 20.
    pub ephemeral_storage_gib: Option<u32>,
    /// The container of the service.
    pub container: Container,
    /// Containers beside it, by name.
    pub sidecars: BTreeMap<String, Container>,
    /// Settings that were found but are not modelled, by their name in the API; empty in what we write.
    pub unmodelled: BTreeSet<String>,
}

/// A container of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Container {
    /// Its name; that of a service's own container is the key of the service.
    pub name: String,
    /// The image with its tag, its digest, or both; compared by the digest where there is one.
    pub image: String,
    /// Arguments; empty for those of the image.
    pub command: Vec<String>,
    /// Program; empty for that of the image.
    pub entry_point: Vec<String>,
    /// Environment variables in plain text.
    pub environment: BTreeMap<String, String>,
    /// Environment variables from a secret, as name and `valueFrom`.
    pub secrets: BTreeMap<String, String>,
    /// The TCP port the program listens on.
    pub port: Option<u16>,
    /// The name of the port, by which Service Connect finds it; no difference where it is not asked for.
    pub port_name: Option<String>,
    /// What is spoken on the port, which Service Connect measures by: `http`, `http2` or `grpc`.
    pub app_protocol: Option<String>,
    /// The health check inside the container.
    pub health_check: Option<HealthCheck>,
    /// Options of the `awslogs` driver; `None` if nothing is logged.
    pub log: Option<Log>,
    /// Seconds between SIGTERM and SIGKILL, 2 to 120; `None` for the server's 30.
    pub stop_timeout: Option<u32>,
    /// Settings that have no field here, by their names in the API, without nulls and the server's defaults.
    pub overrides: BTreeMap<String, Value>,
}

/// A health check that runs inside the container. The defaults are those of the API.
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
    /// Seconds between checks, by default.
    pub const INTERVAL: u32 = 30;
    /// Seconds until a check counts as failed, by default.
    pub const TIMEOUT: u32 = 5;
    /// Failures until the container is unhealthy, by default.
    pub const RETRIES: u32 = 3;
    /// Seconds during which failures do not count, by default.
    pub const START_PERIOD: u32 = 0;

    /// A check with the defaults of the API.
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

/// Where the container logs to (CloudWatch Logs).
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
    /// The same with the container of this name as that of the service, if there is one. What ECS describes does not
    /// tell which of its containers that is.
    #[must_use]
    pub fn around(mut self, own: &str) -> Self {
        if self.container.name != own
            && let Some(found) = self.sidecars.remove(own)
        {
            let other = std::mem::replace(&mut self.container, found);
            self.sidecars.insert(other.name.clone(), other);
        }
        self
    }

    /// How a running definition differs from this one, in the user's words; empty if it does not. Values of
    /// environment variables are never shown.
    #[must_use]
    pub fn differences(&self, running: &Self) -> Vec<String> {
        let running = &running.clone().around(&self.container.name);
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
                (None, _) => found.push(format!(
                    "the container {name} runs beside, which is not configured"
                )),
            }
        }
    }
}

impl Container {
    /// Adds what differs, each named after its place within the service.
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
            // What is published without a protocol is TCP, also where it was another once.
            Some(_) => self.app_protocol == running.app_protocol || self.port != running.port,
            None => asked(&self.app_protocol, &running.app_protocol),
        };
        changed("the port's protocol", protocol);
        changed("health_check", self.health_check == running.health_check);
        // Who logs by settings without a field has been told above.
        let by_settings = |container: &Self| container.overrides.contains_key("logConfiguration");
        let told = by_settings(self) || by_settings(running);
        changed("log", self.log == running.log || told);
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

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
