//! The schema of `skreg_ecs_service_bundle`.
//!
//! Defaults of nested objects that may be left out as a whole stand beside their structs, because a default in the
//! schema only applies within an object that is there.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::{Schema, Timeouts};

type Texts = BTreeMap<String, String>;

/// Services on Amazon ECS (Fargate) that are rolled out together, such as an API and its worker: their task
/// definitions, their services, and a rollout that is only called done when ECS says that the deployment succeeded.
///
/// A deployment that ECS rolled back is an error, with the reasons that were seen while it failed: events, stopped
/// tasks, exit codes, target health. After a failed create everything that was made is deleted again, so that nothing
/// is tainted; after a failed update the state says what really runs. Only `name` and `cluster` require replacement.
#[derive(Schema)]
#[resource(
    name = "skreg_ecs_service_bundle",
    version = 0,
    timeouts(create = "30m", update = "30m", delete = "20m")
)]
pub struct ServiceBundle {
    /// Name of the bundle. Services and task definition families are named `<name>-<key>`. Changing it makes a new
    /// bundle.
    #[attr(required, requires_replace, validate = text(NAME_RULE, is_name))]
    pub name: String,
    /// Cluster, by name or ARN. Another cluster makes a new bundle; name and ARN of the same cluster are the same.
    #[attr(required, validate = length(1..=2048))]
    pub cluster: String,
    /// The image of every service that does not name its own. Services of one program share it; where the API and the
    /// worker are different images, give each service its `image` and leave this out.
    #[attr(optional)]
    pub image: Option<Image>,
    /// Architecture the images are built for: `X86_64` or `ARM64`.
    #[attr(optional, default = "X86_64", validate = one_of(&["X86_64", "ARM64"]))]
    pub cpu_architecture: String,
    /// Operating system of the images.
    #[attr(optional, default = "LINUX", validate = one_of(&OPERATING_SYSTEMS))]
    pub operating_system_family: String,
    /// Role that ECS takes to pull images, read secrets and write logs.
    #[attr(required, validate = text(ROLE_RULE, crate::config::is_role_arn))]
    pub execution_role_arn: String,
    /// Role that the programs have, unless a service names its own.
    #[attr(optional, validate = text(ROLE_RULE, crate::config::is_role_arn))]
    pub task_role_arn: Option<String>,
    /// Where the tasks run.
    #[attr(required)]
    pub network: Network,
    /// Environment variables of every service, in plain text for everyone who may describe a task definition.
    #[attr(optional, default = Texts::new())]
    pub environment: Texts,
    /// Names of environment variables, here and in `services`, that look like those of secrets and yet are none.
    #[attr(optional)]
    pub allow_plaintext_environment: Option<BTreeSet<String>>,
    /// Environment variables of every service that ECS reads from Secrets Manager or Parameter Store, by ARN. With
    /// the version in the ARN (`<arn>:<json-key>::<version-id>`) a rotation becomes a rollout.
    #[attr(optional, default = Texts::new(), validate = each(text(SECRET_RULE, is_secret_reference)))]
    pub secrets: Texts,
    /// Where every service logs to (CloudWatch Logs), unless it says otherwise.
    #[attr(optional)]
    pub log: Option<Log>,
    /// The services by key, 1 to 10. A key is 1 to 31 lower-case letters, digits and hyphens, starting with a letter;
    /// it names the container too. Keys may come and go: no other service is touched.
    #[attr(required, validate = length(1..=10), validate = keys(text(KEY_RULE, is_key)))]
    pub services: BTreeMap<String, Service>,
    /// How rollouts go.
    #[attr(optional)]
    pub deployment: Option<Deployment>,
    /// How many revisions of each task definition stay registered: at least 2, or 0 for all.
    #[attr(optional, default = 5_u32, validate = test("be 0, or at least 2", keeps_enough))]
    pub keep_revisions: u32,
    /// Refuses every plan and every apply that would delete the bundle. What counts is the value in the state: set it
    /// to `false` and apply before you destroy.
    #[attr(optional, default = true)]
    pub deletion_protection: bool,
    /// Tags of services and task definitions.
    #[attr(optional, default = Texts::new())]
    pub tags: Texts,
    /// Where tasks get their tags from: `SERVICE`, `TASK_DEFINITION` or `NONE`.
    #[attr(optional, default = "SERVICE", validate = one_of(&["SERVICE", "TASK_DEFINITION", "NONE"]))]
    pub propagate_tags: String,
    /// ARN of the task definition that each service runs, by key.
    #[attr(computed)]
    pub task_definition_arns: Texts,
    /// What is there of each service, by key.
    #[attr(computed)]
    pub deployments: BTreeMap<String, DeploymentState>,
    /// How long operations may take.
    #[block]
    pub timeouts: Option<Timeouts>,
}

/// An image: a repository, and either a tag or a digest.
#[derive(Schema, Clone, PartialEq)]
pub struct Image {
    /// The repository, such as `123456789012.dkr.ecr.eu-central-1.amazonaws.com/skreg-api`.
    #[attr(required)]
    pub repository_url: String,
    /// Tag. Either this or `digest` must be set.
    #[attr(optional)]
    pub tag: Option<String>,
    /// Digest, `sha256:` and 64 hexadecimal digits, which always means the same image.
    #[attr(optional)]
    pub digest: Option<String>,
}

/// The network of the tasks.
#[derive(Schema)]
pub struct Network {
    /// Subnets, at most 16, all in one VPC.
    #[attr(required, validate = length(1..=16))]
    pub subnets: BTreeSet<String>,
    /// Security groups, at most 5; the default group of the VPC if there are none.
    #[attr(optional, default = BTreeSet::<String>::new(), validate = length(..=5))]
    pub security_groups: BTreeSet<String>,
    /// Whether tasks get a public address.
    #[attr(optional, default = false)]
    pub assign_public_ip: bool,
}

/// A log group.
#[derive(Schema, Clone, PartialEq)]
pub struct Log {
    /// Name of the log group, which must exist.
    #[attr(required, validate = length(1..=512))]
    pub group: String,
    /// Prefix of the log streams; the name of the bundle by default.
    #[attr(optional, validate = length(1..))]
    pub stream_prefix: Option<String>,
    /// Region of the log group; that of the provider by default.
    #[attr(optional, validate = length(1..))]
    pub region: Option<String>,
}

/// A service.
#[derive(Schema)]
pub struct Service {
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
    /// Port of the container; `port` of the service by default.
    #[attr(optional, validate = range(1..=65535))]
    pub container_port: Option<u16>,
}

/// How rollouts go.
#[derive(Schema)]
pub struct Deployment {
    /// Percentage of the desired count that stays healthy.
    #[attr(optional, default = 100_u32, validate = range(0..=100))]
    pub minimum_healthy_percent: u32,
    /// Percentage of the desired count that may run at once.
    #[attr(optional, default = 200_u32, validate = range(100..=200))]
    pub maximum_percent: u32,
    /// When ECS gives up a rollout.
    #[attr(optional)]
    pub circuit_breaker: Option<CircuitBreaker>,
    /// Keys of the services in the order in which they are rolled out. Those that are not listed follow: first
    /// services without a load balancer, then those with one.
    #[attr(optional)]
    pub order: Option<Vec<String>>,
    /// Whether to wait for the end of each rollout. Without it nobody is told when one fails.
    #[attr(optional, default = true)]
    pub wait: bool,
}

/// When ECS gives up a rollout.
#[derive(Schema)]
pub struct CircuitBreaker {
    /// Whether a rollout whose tasks keep failing is given up.
    #[attr(optional, default = true)]
    pub enable: bool,
    /// Whether what ran before is then rolled out again.
    #[attr(optional, default = true)]
    pub rollback: bool,
}

/// What is there of a service.
#[derive(Schema, Clone, PartialEq)]
pub struct DeploymentState {
    /// ARN of the service.
    #[attr(computed)]
    pub service_arn: String,
    /// ARN of the last service deployment that was waited for, where ECS tells it.
    #[attr(computed)]
    pub service_deployment_arn: Option<String>,
    /// How the deployment of what runs stands, such as `SUCCESSFUL`, `IN_PROGRESS` or `ROLLBACK_SUCCESSFUL`.
    #[attr(computed)]
    pub status: String,
    /// What ECS says about it.
    #[attr(computed)]
    pub status_reason: Option<String>,
    /// How what runs differs from what is configured; empty if it does not. A difference plans an update.
    #[attr(computed)]
    pub drift: Vec<String>,
}

impl Default for Deployment {
    fn default() -> Self {
        Self {
            minimum_healthy_percent: 100,
            maximum_percent: 200,
            circuit_breaker: None,
            order: None,
            wait: true,
        }
    }
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self {
            enable: true,
            rollback: true,
        }
    }
}

/// The value of `availability_zone_rebalancing` that turns it on.
pub const ENABLED: &str = "ENABLED";

const OPERATING_SYSTEMS: [&str; 5] = [
    "LINUX",
    "WINDOWS_SERVER_2019_CORE",
    "WINDOWS_SERVER_2019_FULL",
    "WINDOWS_SERVER_2022_CORE",
    "WINDOWS_SERVER_2022_FULL",
];
const NAME_RULE: &str = "be 1 to 200 letters, digits, hyphens and underscores";
const KEY_RULE: &str = "be 1 to 31 lower-case letters, digits and hyphens, starting with a letter";
const ROLE_RULE: &str = "be the ARN of a role, such as arn:aws:iam::123456789012:role/skreg";
const SECRET_RULE: &str = "be the ARN of a Secrets Manager secret or a Parameter Store parameter";
const TARGET_GROUP_RULE: &str = "be the ARN of a target group";

fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=200).contains(&text.len()) && text.chars().all(allowed)
}

/// Whether a text is the key of a service.
#[must_use]
pub fn is_key(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let first = text.chars().next().is_some_and(|c| c.is_ascii_lowercase());
    first && text.len() <= 31 && text.chars().all(allowed)
}

/// Whether an ARN is one of this service whose resource part begins so.
fn is_arn(text: &str, service: &str, resource: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, _, found, region, account, rest] = parts[..] else {
        return false;
    };
    arn == "arn"
        && found == service
        && !region.is_empty()
        && account.len() == 12
        && rest.starts_with(resource)
}

fn is_secret_reference(text: &str) -> bool {
    is_arn(text, "secretsmanager", "secret:") || is_arn(text, "ssm", "parameter/")
}

fn is_target_group_arn(text: &str) -> bool {
    is_arn(text, "elasticloadbalancing", "targetgroup/")
}

fn keeps_enough(value: &tfplugin::schema::Value) -> bool {
    use tfplugin::schema::Value;
    matches!(value, Value::Number(number) if number.as_i64().is_some_and(|number| number == 0 || number >= 2))
}
