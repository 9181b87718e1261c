//! Schema of `skreg_ecs_service_bundle`, and the conversion of options to and from the settings of a service.
//!
//! A default in the schema applies only if the enclosing object is configured. The constants in [`defaults`] therefore
//! also serve as the values of omitted objects.

mod capacity;
pub mod defaults;
mod load_balancer;
mod rollout;
pub(super) mod rules;
mod service;
mod service_connect;

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::validate::{each, elements, keys, length, one_of, range, test, text};
use tfplugin::{Schema, Timeouts};

pub use self::capacity::{Capacity, CapacityProvider, CapacityProviderPlan};
pub use self::load_balancer::{LoadBalancer, LoadBalancerPaths, LoadBalancerPlan};
pub use self::rollout::{
    CircuitBreaker, Deployment, DeploymentPlan, DeploymentState, DeploymentStatePlan, Release,
};
pub use self::rules::{
    ENABLED, EXTERNAL, FAIL, FARGATE, KEEP, REPLACE, ROLLBACK, TERRAFORM, TERRAFORM_ONCE, WAIT,
    is_key,
};
use self::rules::{
    KEY_RULE, NAME_RULE, OPERATING_SYSTEMS, PLATFORM_RULE, ROLE_RULE, SECRET_RULE, is_name,
    is_platform_version, is_secret_reference, keeps_enough,
};
pub use self::service::{
    HealthCheck, Image, ImagePaths, ImagePlan, Log, Service, ServicePaths, ServicePlan, Sidecar,
    SidecarPaths, SidecarPlan,
};
pub use self::service_connect::{PublishedPort, ServiceConnect};

use crate::ecs::service::ServiceOptions;

type Texts = BTreeMap<String, String>;

/// Services on Amazon ECS (Fargate) that are rolled out together, such as an API and its worker, with their task
/// definitions. By default, an apply succeeds only if ECS reports that each deployment succeeded.
///
/// If ECS rolls back a deployment, the apply fails. The error contains the service events, the stopped tasks with their
/// exit codes, and the health of the targets. A failed create operation does not taint the bundle. By default, the
/// provider deletes the services that it created. After a failed update, the state describes the running services. Only
/// changes to `name` and `cluster` force a new resource.
#[derive(Schema)]
#[resource(
    name = "skreg_ecs_service_bundle",
    version = 0,
    timeouts(create = "30m", update = "30m", delete = "20m")
)]
pub struct ServiceBundle {
    /// Name of the bundle. Services and task definition families are named `<name>-<key>`. Changing this forces a new
    /// resource.
    #[attr(required, requires_replace, validate = text(NAME_RULE, is_name))]
    pub name: String,
    /// Name or ARN of the ECS cluster. An ARN must be in the provider's region and account. Changing this to a
    /// different cluster forces a new resource. Changing the name to the ARN of the same cluster does not.
    #[attr(required, validate = length(1..=2048))]
    pub cluster: String,
    /// ARN of the cluster.
    #[attr(computed, keep)]
    pub cluster_arn: String,
    /// Image for services that do not specify `image`.
    #[attr(optional)]
    pub image: Option<Image>,
    /// Release configuration: the process that controls the image, and the revisions to roll back to.
    #[attr(optional)]
    pub release: Option<Release>,
    /// CPU architecture of the images.
    #[attr(optional, default = defaults::CPU_ARCHITECTURE, validate = one_of(&["X86_64", "ARM64"]))]
    pub cpu_architecture: String,
    /// Operating system of the images.
    #[attr(optional, default = defaults::OPERATING_SYSTEM_FAMILY, validate = one_of(&OPERATING_SYSTEMS))]
    pub operating_system_family: String,
    /// ARN of the task execution role that ECS uses to pull images, read secrets, and write logs.
    #[attr(required, validate = text(ROLE_RULE, crate::config::is_role_arn))]
    pub execution_role_arn: String,
    /// ARN of the task role for services that do not specify `task_role_arn`.
    #[attr(optional, validate = text(ROLE_RULE, crate::config::is_role_arn))]
    pub task_role_arn: Option<String>,
    /// Network configuration for the tasks.
    #[attr(required)]
    pub network: Network,
    /// Capacity for the tasks. Changing this updates the services in place with a forced deployment. Defaults to
    /// Fargate.
    #[attr(optional)]
    pub capacity: Option<Capacity>,
    /// Fargate platform version, such as `1.4.0`, or `LATEST`. If omitted, each deployment of a new service uses the
    /// latest version, and the attribute contains the version in use. Removing the argument does not change the
    /// version. To use the latest version again, set it to `LATEST`.
    #[attr(optional, computed, validate = text(PLATFORM_RULE, is_platform_version))]
    pub platform_version: Option<String>,
    /// Environment variables for all services. Every principal with the `ecs:DescribeTaskDefinition` permission can
    /// read them.
    #[attr(optional, default = Texts::new())]
    pub environment: Texts,
    /// Names of environment variables that do not contain secrets although their names suggest it. Applies to
    /// `environment` of the bundle and its services.
    #[attr(optional)]
    pub allow_plaintext_environment: Option<BTreeSet<String>>,
    /// Environment variables for all services, with values that ECS reads from Secrets Manager or Parameter Store.
    /// Specify the ARN of a secret or parameter, or the name of a parameter in the same region, starting with `/`.
    /// `<arn>:<json-key>::` selects a key in a JSON secret. If the reference includes the version ID
    /// (`<arn>:<json-key>::<version-id>`), changing the version ID starts a rollout.
    #[attr(optional, default = Texts::new(), validate = each(text(SECRET_RULE, is_secret_reference)))]
    pub secrets: Texts,
    /// CloudWatch Logs configuration for services that do not specify `log`.
    #[attr(optional)]
    pub log: Option<Log>,
    /// Services by key. The key is also the container name. Adding or removing a key does not change other services.
    #[attr(required, validate = elements(1..=10), validate = keys(text(KEY_RULE, is_key)))]
    pub services: BTreeMap<String, Service>,
    /// Rollout configuration.
    #[attr(optional)]
    pub deployment: Option<Deployment>,
    /// How a failed create operation is handled. `rollback` deletes the services that the apply created. `keep` keeps
    /// them for inspection, and the next apply adopts them. In both cases, the bundle is not stored in the state,
    /// because Terraform and OpenTofu would otherwise mark the bundle as tainted and replace it.
    #[attr(optional, default = defaults::ON_CREATE_FAILURE, validate = one_of(&[ROLLBACK, KEEP]))]
    pub on_create_failure: String,
    /// Maximum number of log lines from failed tasks in an error. Log lines can contain secrets if your programs log
    /// them. To prevent the provider from reading logs, set this to 0.
    #[attr(optional, default = defaults::ERROR_LOG_LINES, validate = range(0..=100))]
    pub error_log_lines: u32,
    /// How failed pre-flight checks are handled: `error` stops the apply, `warn` reports a warning, and `off` skips the
    /// checks. The checks cover the cluster (must be `ACTIVE`), its capacity providers, target groups (must have target
    /// type `ip` and a listener), and log groups (unless `log.create` is `true`). They do not cover roles.
    #[attr(optional, default = defaults::VERIFY, validate = one_of(&["error", "warn", "off"]))]
    pub verify: String,
    /// Number of task definition revisions to keep registered for each service, or 0 to keep all revisions.
    #[attr(optional, default = defaults::KEEP_REVISIONS, validate = test("be 0, or at least 2", keeps_enough))]
    pub keep_revisions: u32,
    /// Whether to prevent deletion of the bundle. If `true`, a plan or apply that would delete the bundle fails. The
    /// provider reads the value from the state: set it to `false` and apply before you destroy the bundle.
    #[attr(optional, default = defaults::DELETION_PROTECTION)]
    pub deletion_protection: bool,
    /// Tags for services and task definitions. They take precedence over the provider's `default_tags`. The provider
    /// removes all other tags from the services. To keep tags that other tools add, set
    /// `lifecycle { ignore_changes = [tags] }`.
    #[attr(optional, default = Texts::new())]
    pub tags: Texts,
    /// All tags of services and task definitions except reserved tags, including tags from the provider's
    /// `default_tags`. Changes apply to existing services and to task definitions that are registered later.
    #[attr(computed)]
    pub tags_all: Texts,
    /// Source of the tags for tasks.
    #[attr(optional, default = defaults::PROPAGATE_TAGS, validate = one_of(&["SERVICE", "TASK_DEFINITION", "NONE"]))]
    pub propagate_tags: String,
    /// ARNs of the task definitions that the services run, by service key. The keys are known at plan time, so
    /// `for_each` can use them before the first apply.
    #[attr(computed)]
    pub task_definition_arns: Texts,
    /// Current deployment of each service, by service key. The keys are known at plan time.
    #[attr(computed)]
    pub deployments: BTreeMap<String, DeploymentState>,
    /// Operation timeouts. Services are rolled out sequentially, so the defaults increase with the number of services:
    /// `create` and `update` by 10 minutes, and `delete` by 5 minutes, for each service after the first.
    #[block]
    pub timeouts: Option<Timeouts>,
}

impl ServiceBundle {
    /// Returns the options that all services share.
    #[must_use]
    pub fn options(&self) -> ServiceOptions {
        ServiceOptions {
            propagate_tags: Some(self.propagate_tags.clone()),
            ..ServiceOptions::default()
        }
    }

    /// Returns a bundle with the options of a running service. The other attributes are omitted.
    #[must_use]
    pub fn with_options_of(found: &ServiceOptions) -> Self {
        let propagate_tags = found.propagate_tags.clone();
        Self {
            propagate_tags: propagate_tags.unwrap_or_else(|| "NONE".to_owned()),
            ..Self::default()
        }
    }
}

/// A bundle without any attributes, including the required ones.
impl Default for ServiceBundle {
    fn default() -> Self {
        Self {
            name: String::new(),
            cluster: String::new(),
            cluster_arn: String::new(),
            image: None,
            release: None,
            cpu_architecture: defaults::CPU_ARCHITECTURE.to_owned(),
            operating_system_family: defaults::OPERATING_SYSTEM_FAMILY.to_owned(),
            execution_role_arn: String::new(),
            task_role_arn: None,
            network: Network::default(),
            capacity: None,
            platform_version: None,
            environment: Texts::new(),
            allow_plaintext_environment: None,
            secrets: Texts::new(),
            log: None,
            services: BTreeMap::new(),
            deployment: None,
            on_create_failure: defaults::ON_CREATE_FAILURE.to_owned(),
            error_log_lines: defaults::ERROR_LOG_LINES,
            verify: defaults::VERIFY.to_owned(),
            keep_revisions: defaults::KEEP_REVISIONS,
            deletion_protection: defaults::DELETION_PROTECTION,
            tags: Texts::new(),
            tags_all: Texts::new(),
            propagate_tags: defaults::PROPAGATE_TAGS.to_owned(),
            task_definition_arns: Texts::new(),
            deployments: BTreeMap::new(),
            timeouts: None,
        }
    }
}

/// Network configuration for the tasks.
#[derive(Schema, Default)]
pub struct Network {
    /// IDs of the subnets. All subnets must be in one VPC.
    #[attr(required, validate = elements(1..=16))]
    pub subnets: BTreeSet<String>,
    /// IDs of the security groups. Defaults to the default security group of the VPC.
    #[attr(optional, default = BTreeSet::<String>::new(), validate = elements(..=5))]
    pub security_groups: BTreeSet<String>,
    /// Whether to assign a public IP address to the tasks.
    #[attr(optional, default = false)]
    pub assign_public_ip: bool,
}
