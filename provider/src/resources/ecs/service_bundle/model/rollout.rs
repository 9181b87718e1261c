//! How a bundle gets onto ECS: whose image it runs, on what, how a rollout goes, and what is there afterwards.

use std::collections::BTreeMap;
use tfplugin::validate::{each, length, one_of, range};

use tfplugin::Schema;

/// Who decides which image runs.
#[derive(Schema)]
pub struct Release {
    /// `terraform`: the image that is configured runs, and what others deploy is put back. `external`: another process
    /// deploys; a service that runs keeps its image, and only other changes register a revision. `terraform_once`: as
    /// `external`, but what is configured is what a new service starts with, and so must have a tag or a digest. Images of
    /// sidecars are always those that are configured.
    #[attr(optional, default = TERRAFORM, validate = one_of(&[TERRAFORM, EXTERNAL, TERRAFORM_ONCE]))]
    pub owner: String,
    /// Revisions of task definitions to go back to, by key of the service, such as `{ api = 12 }`. As long as an entry is
    /// there the service runs that revision, whatever its image and its containers are configured to be.
    #[attr(optional, default = BTreeMap::<String, u32>::new(), validate = each(range(1..=2_147_483_647)))]
    pub rollback_to: BTreeMap<String, u32>,
}

/// What tasks run on: exactly one of its attributes.
#[derive(Schema)]
pub struct Capacity {
    /// `FARGATE`. Services get to Fargate Spot or to EC2 by capacity providers, because the launch type of a service
    /// cannot be changed in place.
    #[attr(optional, validate = one_of(&[FARGATE]))]
    pub launch_type: Option<String>,
    /// Capacity providers of the cluster by name, such as `FARGATE` and `FARGATE_SPOT`, at most 20.
    #[attr(optional, validate = length(1..=20))]
    pub providers: Option<BTreeMap<String, CapacityProvider>>,
}

/// The share of a capacity provider.
#[derive(Schema)]
pub struct CapacityProvider {
    /// Its part of the tasks beyond the base, relative to the weights of the others.
    #[attr(optional, default = 1_u32, validate = range(0..=1000))]
    pub weight: u32,
    /// How many tasks it runs at least. Only one provider may have a base.
    #[attr(optional, default = 0_u32, validate = range(0..=100_000))]
    pub base: u32,
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
    /// What happens to a deployment of a service that another process started and that is in progress when it should be
    /// changed: `wait` for its end, `fail`, or `replace` it. One that this resource started is always replaced.
    #[attr(optional, default = WAIT, validate = one_of(&[WAIT, FAIL, REPLACE]))]
    pub concurrent: String,
    /// Any text: another one than last time deploys every service anew, although nothing else changed. Taking it away
    /// deploys nothing.
    #[attr(optional)]
    pub force_new_deployment_trigger: Option<String>,
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
    /// What `threshold_value` counts: `COUNT` failed tasks, or percent of the desired count, at least 3 and at most 200
    /// tasks (`BOUNDED_PERCENT`) or without bounds (`UNBOUNDED_PERCENT`).
    #[attr(optional, validate = one_of(&["COUNT", "BOUNDED_PERCENT", "UNBOUNDED_PERCENT"]))]
    pub threshold_type: Option<String>,
    /// How many are too many; 50 percent within bounds without both.
    #[attr(optional, validate = range(1..=2_147_483_647))]
    pub threshold_value: Option<u32>,
    /// Whether a task that becomes healthy sets the count of failed ones back.
    #[attr(optional, default = true)]
    pub reset_on_healthy_task: bool,
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
    /// ARN of the service revision that runs, where ECS tells it.
    #[attr(computed)]
    pub service_revision_arn: Option<String>,
    /// Digest of the image that runs, where ECS tells it.
    #[attr(computed)]
    pub running_digest: Option<String>,
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
            concurrent: WAIT.to_owned(),
            force_new_deployment_trigger: None,
        }
    }
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self {
            enable: true,
            rollback: true,
            threshold_type: None,
            threshold_value: None,
            reset_on_healthy_task: true,
        }
    }
}

/// The owner that decides the image by configuration.
pub const TERRAFORM: &str = "terraform";
/// The owner that is another process.
pub const EXTERNAL: &str = "external";
/// The owner that decides the image of a new service only.
pub const TERRAFORM_ONCE: &str = "terraform_once";
/// The launch type without servers.
pub const FARGATE: &str = "FARGATE";
/// Waits for the end of a deployment by another process.
pub const WAIT: &str = "wait";
/// Fails because of a deployment by another process.
pub const FAIL: &str = "fail";
/// Replaces a deployment by another process.
pub const REPLACE: &str = "replace";
