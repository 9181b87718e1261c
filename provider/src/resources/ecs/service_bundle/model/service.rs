//! Service of a bundle and its containers: the schema, and the conversion of options to and from the settings of a
//! service.

use std::collections::{BTreeMap, BTreeSet};
use tfplugin::validate::{each, elements, keys, length, one_of, range, text};

use tfplugin::Schema;

use super::load_balancer::LoadBalancer;
use super::rules::{
    DISABLED, ENABLED, KEY_RULE, ROLE_RULE, SECRET_RULE, is_key, is_secret_reference,
};
use super::service_connect::ServiceConnect;

use crate::ecs::definition;
use crate::ecs::service::ServiceOptions;

type Texts = BTreeMap<String, String>;

const STORED_NAME_RULE: &str = "be 1 to 255 letters, digits, hyphens and underscores";

/// Container image: a repository with a tag, a digest, or both.
#[derive(Schema, Clone, PartialEq)]
pub struct Image {
    /// URL of the repository, such as `123456789012.dkr.ecr.eu-central-1.amazonaws.com/skreg-api`.
    #[attr(required)]
    pub repository_url: String,
    /// Tag of the image. At least one of `tag` and `digest` must be set unless `release.owner` is `external`.
    #[attr(optional)]
    pub tag: Option<String>,
    /// Digest of the image: `sha256:` followed by 64 hexadecimal digits. The digest takes precedence over `tag`, so
    /// changing only the tag does not start a deployment.
    #[attr(optional)]
    pub digest: Option<String>,
}

/// CloudWatch Logs configuration.
#[derive(Schema, Clone, PartialEq)]
pub struct Log {
    /// Name of the log group. The log group must exist unless `create` is `true`.
    #[attr(required, validate = length(1..=512))]
    pub group: String,
    /// Prefix for the log streams. Defaults to the bundle name.
    #[attr(optional, validate = length(1..))]
    pub stream_prefix: Option<String>,
    /// Region of the log group. Defaults to the provider's region.
    #[attr(optional, validate = length(1..))]
    pub region: Option<String>,
    /// Whether to create the log group if it does not exist. The new log group has the tags of the bundle and no
    /// retention period. Destroying the bundle does not delete the log group, and the provider does not change its
    /// retention period.
    #[attr(optional, default = false)]
    pub create: bool,
    /// Behavior of the log driver if it cannot deliver logs fast enough: `blocking` blocks the container, and
    /// `non-blocking` drops log lines. Defaults to the account setting.
    #[attr(optional, validate = one_of(&["blocking", "non-blocking"]))]
    pub mode: Option<String>,
}

/// Service of a bundle.
#[derive(Schema)]
pub struct Service {
    /// Name of the service and its task definition family. Cannot be changed after creation. Defaults to
    /// `<name>-<key>`, or to the existing name of an imported service.
    #[attr(optional, computed, keep, validate = text(STORED_NAME_RULE, is_stored_name))]
    pub service_name: String,
    /// CPU units of a task, where 1024 units are one vCPU. Fargate supports 256, 512, 1024, 2048, 4096, 8192, and 16384
    /// units.
    #[attr(required)]
    pub cpu: u32,
    /// Memory of a task in MiB. The supported values depend on `cpu`.
    #[attr(required)]
    pub memory: u32,
    /// Image for the service. Defaults to the image of the bundle.
    #[attr(optional)]
    pub image: Option<Image>,
    /// Command of the container. Defaults to the command of the image.
    #[attr(optional)]
    pub command: Option<Vec<String>>,
    /// Entry point of the container. Defaults to the entry point of the image.
    #[attr(optional)]
    pub entry_point: Option<Vec<String>>,
    /// Number of tasks. If omitted, a new service starts one task, and other tools, such as autoscaling, can change the
    /// number. To run no tasks, set this to 0.
    #[attr(optional, validate = range(0..=5000))]
    pub desired_count: Option<u32>,
    /// Environment variables for the service. They take precedence over the environment variables of the bundle.
    #[attr(optional, default = Texts::new())]
    pub environment: Texts,
    /// Environment variables for the service, with values that ECS reads from Secrets Manager or Parameter Store. They
    /// take precedence over `secrets` of the bundle.
    #[attr(optional, default = Texts::new(), validate = each(text(SECRET_RULE, is_secret_reference)))]
    pub secrets: Texts,
    /// IDs of additional security groups for the tasks. A task can have at most 5 security groups, including the
    /// security groups of the bundle.
    #[attr(optional, default = BTreeSet::<String>::new(), validate = elements(..=5))]
    pub security_groups: BTreeSet<String>,
    /// TCP port of the container.
    #[attr(optional, validate = range(1..=65535))]
    pub port: Option<u16>,
    /// Health check that ECS runs inside the container.
    #[attr(optional)]
    pub health_check: Option<HealthCheck>,
    /// Target groups for the tasks. Each target group must already be associated with a listener.
    #[attr(optional, validate = elements(..=5))]
    pub load_balancer: Option<Vec<LoadBalancer>>,
    /// Grace period in seconds during which ECS ignores failed health checks of a new task.
    #[attr(optional, validate = range(0..=2_147_483_647))]
    pub health_check_grace_period_seconds: Option<u32>,
    /// Seconds between SIGTERM and SIGKILL when a container stops.
    #[attr(optional, validate = range(2..=120))]
    pub stop_timeout: Option<u32>,
    /// ECS Service Connect configuration for the service.
    #[attr(optional)]
    pub service_connect: Option<ServiceConnect>,
    /// Additional containers of the task by name.
    #[attr(optional, default = BTreeMap::<String, Sidecar>::new(), validate = elements(..=9), validate = keys(text(KEY_RULE, is_key)))]
    pub sidecars: BTreeMap<String, Sidecar>,
    /// Ephemeral storage of a task in GiB. If omitted, a task has 20 GiB of storage.
    #[attr(optional, validate = range(21..=200))]
    pub ephemeral_storage_gib: Option<u32>,
    /// Additional container settings as a JSON object with fields of the API type `ContainerDefinition`, such as
    /// `jsonencode({ readonlyRootFilesystem = true })`. Fields that have a corresponding attribute are not allowed. The
    /// exception is `logConfiguration`, which replaces `log`. Use it for drivers and options that `log` does not
    /// support.
    #[attr(optional)]
    pub container_overrides_json: Option<String>,
    /// ARN of the task role for the service. Defaults to the task role of the bundle.
    #[attr(optional, validate = text(ROLE_RULE, crate::config::is_role_arn))]
    pub task_role_arn: Option<String>,
    /// CloudWatch Logs configuration for the service. Defaults to the configuration of the bundle.
    #[attr(optional)]
    pub log: Option<Log>,
    /// Whether to enable ECS Exec.
    #[attr(optional, default = false)]
    pub enable_execute_command: bool,
    /// Whether ECS balances the tasks across Availability Zones.
    #[attr(optional, default = ENABLED, validate = one_of(&[ENABLED, DISABLED]))]
    pub availability_zone_rebalancing: String,
}

impl Service {
    /// Returns the options of the service. `common` contains the options that all services of the bundle share.
    #[must_use]
    pub fn options(&self, common: ServiceOptions) -> ServiceOptions {
        let balanced = self
            .load_balancer
            .as_ref()
            .is_some_and(|all| !all.is_empty());
        let grace = self.health_check_grace_period_seconds;
        ServiceOptions {
            health_check_grace_period_seconds: balanced.then(|| grace.unwrap_or_default()),
            enable_execute_command: self.enable_execute_command,
            availability_zone_rebalancing: Some(self.availability_zone_rebalancing == ENABLED),
            ..common
        }
    }

    /// Returns a service with the options of a running service. The other attributes are omitted.
    #[must_use]
    pub fn of(found: &ServiceOptions) -> Self {
        let grace = found.health_check_grace_period_seconds;
        Self {
            health_check_grace_period_seconds: grace.filter(|seconds| *seconds > 0),
            enable_execute_command: found.enable_execute_command,
            availability_zone_rebalancing: match found.availability_zone_rebalancing {
                Some(false) => DISABLED.to_owned(),
                Some(true) | None => ENABLED.to_owned(),
            },
            ..Self::default()
        }
    }
}

/// A service without any attributes, including the required ones.
impl Default for Service {
    fn default() -> Self {
        Self {
            service_name: String::new(),
            cpu: 0,
            memory: 0,
            image: None,
            command: None,
            entry_point: None,
            desired_count: None,
            environment: Texts::new(),
            secrets: Texts::new(),
            security_groups: BTreeSet::new(),
            port: None,
            health_check: None,
            load_balancer: None,
            health_check_grace_period_seconds: None,
            stop_timeout: None,
            service_connect: None,
            sidecars: BTreeMap::new(),
            ephemeral_storage_gib: None,
            container_overrides_json: None,
            task_role_arn: None,
            log: None,
            enable_execute_command: false,
            availability_zone_rebalancing: ENABLED.to_owned(),
        }
    }
}

/// Additional container of a task.
#[derive(Schema)]
pub struct Sidecar {
    /// Image for the container.
    #[attr(required)]
    pub image: Image,
    /// Whether the task stops when this container stops.
    #[attr(optional, default = true)]
    pub essential: bool,
    /// Number of the task's CPU units to reserve for the container.
    #[attr(optional, validate = range(1..=16384))]
    pub cpu: Option<u32>,
    /// Memory limit of the container in MiB.
    #[attr(optional, validate = range(6..=122_880))]
    pub memory: Option<u32>,
    /// Command of the container. Defaults to the command of the image.
    #[attr(optional)]
    pub command: Option<Vec<String>>,
    /// Entry point of the container. Defaults to the entry point of the image.
    #[attr(optional)]
    pub entry_point: Option<Vec<String>>,
    /// Environment variables for the container. The container does not inherit the environment variables of the bundle
    /// or the service.
    #[attr(optional, default = Texts::new())]
    pub environment: Texts,
    /// Environment variables for the container, with values that ECS reads from Secrets Manager or Parameter Store. The
    /// container does not inherit `secrets` of the bundle or the service.
    #[attr(optional, default = Texts::new(), validate = each(text(SECRET_RULE, is_secret_reference)))]
    pub secrets: Texts,
    /// TCP port of the container.
    #[attr(optional, validate = range(1..=65535))]
    pub port: Option<u16>,
    /// Health check that ECS runs inside the container.
    #[attr(optional)]
    pub health_check: Option<HealthCheck>,
    /// Seconds between SIGTERM and SIGKILL when a container stops.
    #[attr(optional, validate = range(2..=120))]
    pub stop_timeout: Option<u32>,
    /// CloudWatch Logs configuration for the container. Defaults to the configuration of the service.
    #[attr(optional)]
    pub log: Option<Log>,
    /// Additional container settings, in the same format as `container_overrides_json` of the service.
    #[attr(optional)]
    pub container_overrides_json: Option<String>,
}

/// Container health check.
#[derive(Schema)]
pub struct HealthCheck {
    /// Health check command, which starts with `CMD` or `CMD-SHELL`.
    #[attr(required, validate = elements(2..))]
    pub command: Vec<String>,
    /// Seconds between checks.
    #[attr(optional, default = definition::HealthCheck::INTERVAL, validate = range(5..=300))]
    pub interval: u32,
    /// Timeout of a check in seconds.
    #[attr(optional, default = definition::HealthCheck::TIMEOUT, validate = range(2..=60))]
    pub timeout: u32,
    /// Number of failed checks after which the container is unhealthy.
    #[attr(optional, default = definition::HealthCheck::RETRIES, validate = range(1..=10))]
    pub retries: u32,
    /// Seconds after the container starts during which failed checks do not count.
    #[attr(optional, default = definition::HealthCheck::START_PERIOD, validate = range(0..=300))]
    pub start_period: u32,
}

fn is_stored_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=255).contains(&text.len()) && text.chars().all(allowed)
}
