//! The schema of `skreg_ecs_service_bundle`.
//!
//! Defaults of nested objects that may be left out as a whole stand beside their structs, because a default in the
//! schema only applies within an object that is there.

mod rollout;
pub(super) mod rules;
mod service;

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::validate::{each, keys, length, one_of, range, test, text};
use tfplugin::{Schema, Timeouts};

pub use self::rollout::{
    Capacity, CapacityProvider, CapacityProviderPlan, CircuitBreaker, Deployment, DeploymentPlan,
    DeploymentState, DeploymentStatePlan, EXTERNAL, FAIL, FARGATE, REPLACE, Release, TERRAFORM,
    TERRAFORM_ONCE, WAIT,
};
pub use self::rules::{ENABLED, KEEP, ROLLBACK, is_key};
use self::rules::{
    KEY_RULE, NAME_RULE, OPERATING_SYSTEMS, PLATFORM_RULE, ROLE_RULE, SECRET_RULE, is_name,
    is_platform_version, is_secret_reference, keeps_enough,
};
pub use self::service::{
    HealthCheck, Image, ImagePaths, ImagePlan, LoadBalancer, LoadBalancerPaths, LoadBalancerPlan,
    Log, PublishedPort, Service, ServiceConnect, ServicePaths, ServicePlan, Sidecar, SidecarPaths,
    SidecarPlan,
};

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
    /// Cluster, by name or ARN. An ARN must name the region and the account of the provider. The value is stored as it is
    /// written here, and `cluster_arn` is the ARN of the cluster: another cluster forces a new resource, another notation
    /// of the same one does not.
    #[attr(required, validate = length(1..=2048))]
    pub cluster: String,
    /// ARN of the cluster.
    #[attr(computed, keep)]
    pub cluster_arn: String,
    /// The image of every service that does not name its own. Services of one program share it; where the API and the
    /// worker are different images, give each service its `image` and leave this out.
    #[attr(optional)]
    pub image: Option<Image>,
    /// Who decides which image runs.
    #[attr(optional)]
    pub release: Option<Release>,
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
    /// What the tasks run on: Fargate, unless it is said here. A change is made in place, by a forced deployment.
    #[attr(optional)]
    pub capacity: Option<Capacity>,
    /// Version of the Fargate platform: `LATEST`, or one such as `1.4.0`. Without it a new service takes the latest with
    /// every deployment, and this says which one runs. Taking a version away leaves it in force: to be rid of it, write
    /// `LATEST`.
    #[attr(optional, computed, validate = text(PLATFORM_RULE, is_platform_version))]
    pub platform_version: Option<String>,
    /// Environment variables of every service, in plain text for everyone who may describe a task definition.
    #[attr(optional, default = Texts::new())]
    pub environment: Texts,
    /// Names of environment variables, here and in `services`, that look like those of secrets and yet are none.
    #[attr(optional)]
    pub allow_plaintext_environment: Option<BTreeSet<String>>,
    /// Environment variables of every service that ECS reads from Secrets Manager or Parameter Store, by ARN, or by the
    /// name `/…` of a parameter in the same region. A single key of a secret is `<arn>:<json-key>::`. With the version in the ARN
    /// (`<arn>:<json-key>::<version-id>`) a rotation becomes a rollout.
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
    /// What happens if the bundle cannot be created: `rollback` deletes again what was made; `keep` leaves it for you to
    /// look at, and the next apply takes it over and goes on with it. Either way nothing is in the state, because the
    /// command line would mark it as tainted and replace it.
    #[attr(optional, default = ROLLBACK, validate = one_of(&[ROLLBACK, KEEP]))]
    pub on_create_failure: String,
    /// How many of the last log lines of failed tasks an error shows, 0 to 100. The error shows what the programs
    /// have logged: with 0 nothing is read.
    #[attr(optional, default = 20_u32, validate = range(0..=100))]
    pub error_log_lines: u32,
    /// What a finding means before anything is made: `error` ends the apply, `warn` tells it, `off` looks at nothing.
    /// Looked at are the cluster (`ACTIVE`), its capacity providers, target groups (there, of target type `ip`, behind a
    /// listener) and log groups (there, unless `log.create` is true). Roles are not looked at.
    #[attr(optional, default = "error", validate = one_of(&["error", "warn", "off"]))]
    pub verify: String,
    /// How many revisions of each task definition stay registered: at least 2, or 0 for all.
    #[attr(optional, default = 5_u32, validate = test("be 0, or at least 2", keeps_enough))]
    pub keep_revisions: u32,
    /// Refuses every plan and every apply that would delete the bundle. What counts is the value in the state: set it
    /// to `false` and apply before you destroy.
    #[attr(optional, default = true)]
    pub deletion_protection: bool,
    /// Tags of services and task definitions. They win over the provider's `default_tags`. A plan removes other tags of
    /// the services; to keep those that other tools write, set `lifecycle { ignore_changes = [tags] }`.
    #[attr(optional, default = Texts::new())]
    pub tags: Texts,
    /// Tags of services and task definitions, including those of the provider's `default_tags`, without reserved ones. A
    /// change tags the services that exist and the task definitions that are registered next.
    #[attr(computed)]
    pub tags_all: Texts,
    /// Where tasks get their tags from: `SERVICE`, `TASK_DEFINITION` or `NONE`.
    #[attr(optional, default = "SERVICE", validate = one_of(&["SERVICE", "TASK_DEFINITION", "NONE"]))]
    pub propagate_tags: String,
    /// ARN of the task definition that each service runs, by key. The keys are known at plan, so `for_each` can use them
    /// before the first apply.
    #[attr(computed)]
    pub task_definition_arns: Texts,
    /// What is there of each service, by key. The keys are known at plan, as those of `task_definition_arns` are.
    #[attr(computed)]
    pub deployments: BTreeMap<String, DeploymentState>,
    /// How long operations may take. Services are rolled out one after the other, so the default grows with their number:
    /// `create` and `update` by 10 minutes and `delete` by 5 minutes for every service after the first.
    #[block]
    pub timeouts: Option<Timeouts>,
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
