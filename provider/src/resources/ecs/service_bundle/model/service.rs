//! What a service of a bundle is: its containers, and how others reach it.

use std::collections::{BTreeMap, BTreeSet};
use tfplugin::validate::{each, keys, length, one_of, range, text};

use tfplugin::Schema;

use super::rules::{
    ENABLED, KEY_RULE, ROLE_RULE, SECRET_RULE, TARGET_GROUP_RULE, is_key, is_secret_reference,
    is_target_group_arn,
};

type Texts = BTreeMap<String, String>;

const STORED_NAME_RULE: &str = "be 1 to 255 letters, digits, hyphens and underscores";
const DNS_RULE: &str = "be a name of 1 to 127 lower-case letters, digits, hyphens and dots";

/// An image: a repository, and a tag, a digest, or both.
#[derive(Schema, Clone, PartialEq)]
pub struct Image {
    /// The repository, such as `123456789012.dkr.ecr.eu-central-1.amazonaws.com/skreg-api`.
    #[attr(required)]
    pub repository_url: String,
    /// Tag. This, `digest` or both must be set, unless `release.owner` is `external`.
    #[attr(optional)]
    pub tag: Option<String>,
    /// Digest, `sha256:` and 64 hexadecimal digits, which always means the same image. Beside a tag the digest decides
    /// which image runs: another tag with the same digest deploys nothing.
    #[attr(optional)]
    pub digest: Option<String>,
}

/// A log group.
#[derive(Schema, Clone, PartialEq)]
pub struct Log {
    /// Name of the log group, which must exist unless `create` is true.
    #[attr(required, validate = length(1..=512))]
    pub group: String,
    /// Prefix of the log streams; the name of the bundle by default.
    #[attr(optional, validate = length(1..))]
    pub stream_prefix: Option<String>,
    /// Region of the log group; that of the provider by default.
    #[attr(optional, validate = length(1..))]
    pub region: Option<String>,
    /// Whether the log group is made if it does not exist, with the tags of the bundle and without an end of retention. It
    /// outlives the bundle: a destroy leaves it, and its retention is never touched.
    #[attr(optional, default = false)]
    pub create: bool,
    /// What a container does when its lines cannot be written fast enough: `blocking` waits, `non-blocking` loses lines.
    /// The account's default without it.
    #[attr(optional, validate = one_of(&["blocking", "non-blocking"]))]
    pub mode: Option<String>,
}

/// A service.
#[derive(Schema)]
pub struct Service {
    /// Name of the service in ECS, and of the family of its task definitions: `<name>-<key>` unless it is said here or was
    /// imported by another name. It cannot be changed: a service has one name for life.
    #[attr(optional, computed, keep, validate = text(STORED_NAME_RULE, is_stored_name))]
    pub service_name: String,
    /// CPU units of a task; 1024 are one vCPU. Fargate has 256, 512, 1024, 2048, 4096, 8192 and 16384.
    #[attr(required)]
    pub cpu: u32,
    /// Memory of a task in MiB; which amounts are possible depends on `cpu`.
    #[attr(required)]
    pub memory: u32,
    /// The image, if it is not that of the bundle.
    #[attr(optional)]
    pub image: Option<Image>,
    /// Arguments of the program; those of the image by default.
    #[attr(optional)]
    pub command: Option<Vec<String>>,
    /// The program; that of the image by default.
    #[attr(optional)]
    pub entry_point: Option<Vec<String>>,
    /// How many tasks run. Without it one is started and the number is then left to others, such as autoscaling; but
    /// not that none runs: for that say 0 here.
    #[attr(optional, validate = range(0..=5000))]
    pub desired_count: Option<u32>,
    /// Environment variables beside those of the bundle, which they win over.
    #[attr(optional, default = Texts::new())]
    pub environment: Texts,
    /// Environment variables from secrets beside those of the bundle, which they win over.
    #[attr(optional, default = Texts::new(), validate = each(text(SECRET_RULE, is_secret_reference)))]
    pub secrets: Texts,
    /// Security groups of the tasks beside those of the bundle; at most 5 together.
    #[attr(optional, default = BTreeSet::<String>::new(), validate = length(..=5))]
    pub security_groups: BTreeSet<String>,
    /// TCP port the program listens on.
    #[attr(optional, validate = range(1..=65535))]
    pub port: Option<u16>,
    /// Health check that runs inside the container.
    #[attr(optional)]
    pub health_check: Option<HealthCheck>,
    /// Target groups the tasks register with, at most 5. Each must be the target of a listener already.
    #[attr(optional, validate = length(..=5))]
    pub load_balancer: Option<Vec<LoadBalancer>>,
    /// Seconds during which failed load balancer checks of a new task do not count.
    #[attr(optional, validate = range(0..=2_147_483_647))]
    pub health_check_grace_period_seconds: Option<u32>,
    /// Seconds between SIGTERM and SIGKILL, 2 to 120.
    #[attr(optional, validate = range(2..=120))]
    pub stop_timeout: Option<u32>,
    /// How other services of the cluster reach this one, and this one them, by name (ECS Service Connect).
    #[attr(optional)]
    pub service_connect: Option<ServiceConnect>,
    /// Containers beside that of the service in the same task, at most 9, by name.
    #[attr(optional, default = BTreeMap::<String, Sidecar>::new(), validate = length(..=9), validate = keys(text(KEY_RULE, is_key)))]
    pub sidecars: BTreeMap<String, Sidecar>,
    /// Ephemeral storage of a task in GiB, 21 to 200; 20 without it.
    #[attr(optional, validate = range(21..=200))]
    pub ephemeral_storage_gib: Option<u32>,
    /// Settings of the container that have no attribute here, as a JSON object of fields of the API's
    /// ContainerDefinition, such as `jsonencode({ readonlyRootFilesystem = true })`. A field that has an attribute is
    /// refused. `logConfiguration` takes the place of `log`, for drivers and options that `log` has not.
    #[attr(optional)]
    pub container_overrides_json: Option<String>,
    /// Role that the program has, if it is not that of the bundle.
    #[attr(optional, validate = text(ROLE_RULE, crate::config::is_role_arn))]
    pub task_role_arn: Option<String>,
    /// Where the service logs to, if not where the bundle does.
    #[attr(optional)]
    pub log: Option<Log>,
    /// Whether a shell can be opened in the containers (ECS Exec).
    #[attr(optional, default = false)]
    pub enable_execute_command: bool,
    /// Whether ECS moves tasks to keep availability zones in balance: `ENABLED` or `DISABLED`.
    #[attr(optional, default = ENABLED, validate = one_of(&[ENABLED, "DISABLED"]))]
    pub availability_zone_rebalancing: String,
}

/// A container beside that of the service.
#[derive(Schema)]
pub struct Sidecar {
    /// The image.
    #[attr(required)]
    pub image: Image,
    /// Whether the whole task stops when this container does.
    #[attr(optional, default = true)]
    pub essential: bool,
    /// CPU units reserved for it, of those of the task.
    #[attr(optional, validate = range(1..=16384))]
    pub cpu: Option<u32>,
    /// MiB of memory at which it is killed, of those of the task.
    #[attr(optional, validate = range(6..=122_880))]
    pub memory: Option<u32>,
    /// Arguments of the program; those of the image by default.
    #[attr(optional)]
    pub command: Option<Vec<String>>,
    /// The program; that of the image by default.
    #[attr(optional)]
    pub entry_point: Option<Vec<String>>,
    /// Environment variables. Those of the bundle and of the service are not among them.
    #[attr(optional, default = Texts::new())]
    pub environment: Texts,
    /// Environment variables from secrets. Those of the bundle and of the service are not among them.
    #[attr(optional, default = Texts::new(), validate = each(text(SECRET_RULE, is_secret_reference)))]
    pub secrets: Texts,
    /// TCP port the program listens on.
    #[attr(optional, validate = range(1..=65535))]
    pub port: Option<u16>,
    /// Health check that runs inside the container.
    #[attr(optional)]
    pub health_check: Option<HealthCheck>,
    /// Seconds between SIGTERM and SIGKILL, 2 to 120.
    #[attr(optional, validate = range(2..=120))]
    pub stop_timeout: Option<u32>,
    /// Where it logs to, if not where the service does.
    #[attr(optional)]
    pub log: Option<Log>,
    /// Settings that have no attribute here, as in the service.
    #[attr(optional)]
    pub container_overrides_json: Option<String>,
}

/// Service Connect of a service.
#[derive(Schema)]
pub struct ServiceConnect {
    /// Cloud Map namespace, by name or ARN; that of the cluster by default.
    #[attr(optional, validate = length(1..=1024))]
    pub namespace: Option<String>,
    /// What others reach. Without it the service only reaches others.
    #[attr(optional)]
    pub publish: Option<PublishedPort>,
}

/// What other services of the namespace reach: the service's `port`.
#[derive(Schema)]
pub struct PublishedPort {
    /// Name of the service in Cloud Map; its key by default.
    #[attr(optional, validate = text(DNS_RULE, is_dns_name))]
    pub discovery_name: Option<String>,
    /// The name that clients connect to; `<discovery_name>.<namespace>` by default.
    #[attr(optional, validate = text(DNS_RULE, is_dns_name))]
    pub dns_name: Option<String>,
    /// The port that clients connect to; `port` of the service by default.
    #[attr(optional, validate = range(1..=65535))]
    pub port: Option<u16>,
    /// What is spoken, by which requests are counted: `http`, `http2` or `grpc`; nothing but TCP by default.
    #[attr(optional, validate = one_of(&["http", "http2", "grpc"]))]
    pub app_protocol: Option<String>,
    /// The port that the proxy in the task listens on; chosen by ECS by default.
    #[attr(optional, validate = range(1..=65535))]
    pub ingress_port: Option<u16>,
}

/// A health check inside the container.
#[derive(Schema)]
pub struct HealthCheck {
    /// `CMD` or `CMD-SHELL`, then the command.
    #[attr(required, validate = length(2..))]
    pub command: Vec<String>,
    /// Seconds between checks.
    #[attr(optional, default = 30_u32, validate = range(5..=300))]
    pub interval: u32,
    /// Seconds until a check counts as failed.
    #[attr(optional, default = 5_u32, validate = range(2..=60))]
    pub timeout: u32,
    /// Failures until the container is unhealthy.
    #[attr(optional, default = 3_u32, validate = range(1..=10))]
    pub retries: u32,
    /// Seconds during which failures do not count.
    #[attr(optional, default = 0_u32, validate = range(0..=300))]
    pub start_period: u32,
}

/// A target group of a service.
#[derive(Schema)]
pub struct LoadBalancer {
    /// The target group, of target type `ip`.
    #[attr(required, validate = text(TARGET_GROUP_RULE, is_target_group_arn))]
    pub target_group_arn: String,
    /// Name of the container that receives the requests: the key of a sidecar, or that of the service, which is the
    /// default. Changing this starts a deployment.
    #[attr(optional, validate = text(KEY_RULE, is_key))]
    pub container: Option<String>,
    /// Port of the container; the `port` that is set for the container by default.
    #[attr(optional, validate = range(1..=65535))]
    pub container_port: Option<u16>,
}

fn is_stored_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=255).contains(&text.len()) && text.chars().all(allowed)
}

fn is_dns_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    (1..=127).contains(&text.len()) && text.chars().all(allowed)
}
