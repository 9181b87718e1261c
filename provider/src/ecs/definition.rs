//! A task definition in canonical form: the part of it we model, without order, nulls and server defaults.
//!
//! Two definitions that ECS would run alike are equal here and have the same hash. What we do not model is kept by
//! name, so that a definition with such a setting equals none of ours.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;

/// Everything ECS needs to run a task of a service.
///
/// Fields that are absent or empty are left out of the hash, so that a new field with an empty default changes no
/// hash of an older release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_role_arn: Option<String>,
    /// The one container.
    pub container: Container,
    /// Settings that were found but are not modelled, by their name in the API; empty in what we write.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub unmodelled: BTreeSet<String>,
}

/// The container of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Container {
    /// Its name, which is the key of the service.
    pub name: String,
    /// The image with its tag or digest.
    pub image: String,
    /// Arguments; empty for those of the image.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Program; empty for that of the image.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entry_point: Vec<String>,
    /// Environment variables in plain text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// Environment variables from a secret, as name and `valueFrom`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, String>,
    /// The TCP port the program listens on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The health check inside the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheck>,
    /// Options of the `awslogs` driver; `None` if nothing is logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<Log>,
    /// Seconds between SIGTERM and SIGKILL, 2 to 120; `None` for the server's 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_timeout: Option<u32>,
}

/// A health check that runs inside the container. The defaults are those of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    /// A check with the defaults of the API: every 30 s, 5 s each, 3 failures, no start period.
    #[must_use]
    pub fn new(command: Vec<String>) -> Self {
        Self {
            command,
            interval: 30,
            timeout: 5,
            retries: 3,
            start_period: 0,
        }
    }
}

/// Where the container logs to (CloudWatch Logs).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Log {
    /// The log group.
    pub group: String,
    /// The region of the log group.
    pub region: String,
    /// Prefix of the log streams.
    pub stream_prefix: String,
}

impl TaskDefinition {
    /// SHA-256 over the canonical JSON, 64 hexadecimal digits. It is the same for equal definitions, on every
    /// machine and in every release that models the same settings.
    #[must_use]
    pub fn hash(&self) -> String {
        let json = serde_json::to_vec(self)
            .expect("strings, numbers and maps with string keys always make JSON");
        hex(digest(&SHA256, &json).as_ref())
    }

    /// How a running definition differs from this one, in the user's words; empty if it does not. Values of
    /// environment variables are never shown.
    #[must_use]
    pub fn differences(&self, running: &Self) -> Vec<String> {
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
        self.container.differences(&running.container, &mut found);
        found.extend(
            running
                .unmodelled
                .iter()
                .map(|name| format!("{name} is set, which this resource does not manage")),
        );
        found
    }
}

impl Container {
    fn differences(&self, running: &Self, found: &mut Vec<String>) {
        if self.image != running.image {
            found.push(format!(
                "image is {} instead of {}",
                running.image, self.image
            ));
        }
        let mut changed = |name: &str, same: bool| {
            if !same {
                found.push(format!("{name} is different"));
            }
        };
        changed("the container's name", self.name == running.name);
        changed("command", self.command == running.command);
        changed("entry_point", self.entry_point == running.entry_point);
        changed("port", self.port == running.port);
        changed("health_check", self.health_check == running.health_check);
        changed("log", self.log == running.log);
        changed("stop_timeout", self.stop_timeout == running.stop_timeout);
        for name in differing_keys(&self.environment, &running.environment) {
            changed(&format!("environment[{name:?}]"), false);
        }
        for name in differing_keys(&self.secrets, &running.secrets) {
            changed(&format!("secrets[{name:?}]"), false);
        }
    }
}

fn differing_keys<'a>(
    wanted: &'a BTreeMap<String, String>,
    running: &'a BTreeMap<String, String>,
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
