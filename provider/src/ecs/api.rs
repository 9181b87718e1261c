//! The port to AWS: the calls a rollout needs, and what they answer, in our own types.
//!
//! [`super::sdk`] implements it with the SDK; tests implement it in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use jiff::Timestamp;

use super::definition::TaskDefinition;
use super::service::{Capacity, LoadBalancer, Network, ServiceConnect, ServiceSettings};
use crate::aws::AwsError;

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// The answer of a call.
pub type Answer<T> = Result<T, AwsError>;

/// The calls of ECS and Elastic Load Balancing v2 that are used, named after the API's actions.
pub trait EcsApi: Send + Sync {
    /// `DescribeClusters` for one cluster; `None` if there is none of that name or ARN.
    fn cluster(&self, cluster: &str) -> impl Future<Output = Answer<Option<Cluster>>> + Send;

    /// `RegisterTaskDefinition`; answers the ARN of the new revision. It has no idempotency token.
    fn register(
        &self,
        definition: &TaskDefinition,
        tags: &Tags,
    ) -> impl Future<Output = Answer<String>> + Send;

    /// `DescribeTaskDefinition` by ARN, or by family for its newest active revision; `None` if there is none.
    fn revision(&self, id: &str) -> impl Future<Output = Answer<Option<Revision>>> + Send;

    /// `ListTaskDefinitions`: ARNs of the active revisions of exactly this family, newest first; only so many of the newest,
    /// if a number is given.
    fn active_revisions(
        &self,
        family: &str,
        newest: Option<usize>,
    ) -> impl Future<Output = Answer<Vec<String>>> + Send;

    /// `DeregisterTaskDefinition`; a revision that is gone already is no error.
    fn deregister(&self, arn: &str) -> impl Future<Output = Answer<()>> + Send;

    /// A token for `CreateService` that was never used before.
    ///
    /// # Errors
    /// Where there is no randomness to make it of.
    fn client_token(&self) -> Answer<String>;

    /// `CreateService`.
    fn create_service(
        &self,
        request: &CreateService,
    ) -> impl Future<Output = Answer<Service>> + Send;

    /// `UpdateService`.
    fn update_service(
        &self,
        request: &UpdateService,
    ) -> impl Future<Output = Answer<Service>> + Send;

    /// `DeleteService` with force.
    fn delete_service(
        &self,
        cluster: &str,
        service: &str,
    ) -> impl Future<Output = Answer<()>> + Send;

    /// `DescribeServices` with tags; services that are missing are left out.
    fn services(
        &self,
        cluster: &str,
        names: &[String],
    ) -> impl Future<Output = Answer<Vec<Service>>> + Send;

    /// `ListServices`: ARNs of all active services of a cluster.
    fn service_arns(&self, cluster: &str) -> impl Future<Output = Answer<Vec<String>>> + Send;

    /// `TagResource` and `UntagResource` of a service.
    fn retag(
        &self,
        arn: &str,
        set: &Tags,
        remove: &[String],
    ) -> impl Future<Output = Answer<()>> + Send;

    /// `ListServiceDeployments`, newest first. Those of a deleted service of the same name may be among them.
    fn service_deployments(
        &self,
        cluster: &str,
        service: &str,
    ) -> impl Future<Output = Answer<Vec<ListedDeployment>>> + Send;

    /// `DescribeServiceDeployments` for one deployment.
    fn service_deployment(
        &self,
        arn: &str,
    ) -> impl Future<Output = Answer<Option<ServiceDeployment>>> + Send;

    /// `DescribeServiceRevisions`; revisions that are missing are left out.
    fn service_revisions(
        &self,
        arns: &[String],
    ) -> impl Future<Output = Answer<Vec<ServiceRevision>>> + Send;

    /// `ListTasks` with `desiredStatus=STOPPED`, then `DescribeTasks`. Stopped tasks are kept for about an hour.
    fn stopped_tasks(
        &self,
        cluster: &str,
        service: &str,
    ) -> impl Future<Output = Answer<Vec<StoppedTask>>> + Send;

    /// `DescribeTargetGroups`; groups that do not exist are left out.
    fn target_groups(
        &self,
        arns: &[String],
    ) -> impl Future<Output = Answer<Vec<TargetGroup>>> + Send;

    /// `DescribeTargetHealth`.
    fn target_health(
        &self,
        target_group: &str,
    ) -> impl Future<Output = Answer<Vec<TargetHealth>>> + Send;

    /// `DescribeLogGroups` of CloudWatch Logs: whether there is a group of exactly this name.
    fn has_log_group(&self, group: &LogGroup) -> impl Future<Output = Answer<bool>> + Send;

    /// `CreateLogGroup` of CloudWatch Logs; a group that exists already is no error, and stays as it is.
    fn create_log_group(
        &self,
        group: &LogGroup,
        tags: &Tags,
    ) -> impl Future<Output = Answer<()>> + Send;

    /// `GetLogEvents` of CloudWatch Logs: the last lines of a stream, oldest first.
    fn log_tail(
        &self,
        group: &LogGroup,
        stream: &str,
        lines: u32,
    ) -> impl Future<Output = Answer<Vec<String>>> + Send;
}

/// A log group of CloudWatch Logs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogGroup {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
}

/// A cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Its ARN.
    pub arn: String,
    /// `ACTIVE`, `PROVISIONING`, `DEPROVISIONING`, `FAILED` or `INACTIVE`.
    pub status: String,
    /// Capacity providers that its services may use.
    pub capacity_providers: Vec<String>,
}

/// A registered task definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its ARN, which ends in `family:revision`.
    pub arn: String,
    /// What it says.
    pub definition: TaskDefinition,
    /// Its tags.
    pub tags: Tags,
    /// Whether it can be used for new services; an inactive one still runs where it runs.
    pub active: bool,
}

/// Asks for a new service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateService {
    /// Cluster, by name or ARN.
    pub cluster: String,
    /// Name of the service.
    pub name: String,
    /// ARN of the task definition.
    pub task_definition: String,
    /// Everything else.
    pub settings: ServiceSettings,
    /// Idempotency token, at most 36 characters: the same while one creation is repeated, and never used again, so
    /// that a service made anew is not mistaken for a deleted one.
    pub client_token: String,
    /// Tags of the service.
    pub tags: Tags,
}

/// Asks for changes of a service; `None` leaves things as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateService {
    /// Cluster, by name or ARN.
    pub cluster: String,
    /// Name of the service.
    pub name: String,
    /// ARN of the task definition.
    pub task_definition: Option<String>,
    /// Network of the tasks.
    pub network: Option<Network>,
    /// Target groups; an empty set takes the service off its load balancer.
    pub load_balancers: Option<BTreeSet<LoadBalancer>>,
    /// Where tasks are placed; ECS takes a change only together with `force_new_deployment`.
    pub capacity: Option<Capacity>,
    /// Version of the Fargate platform.
    pub platform_version: Option<String>,
    /// Service Connect; `Some(None)` turns it off.
    pub service_connect: Option<Option<ServiceConnect>>,
    /// The settings that start no deployment; network, load balancers and desired count in it are not sent.
    pub settings: Option<ServiceSettings>,
    /// How many tasks should run.
    pub desired_count: Option<u32>,
    /// Starts a deployment although nothing changed.
    pub force_new_deployment: bool,
    /// Sends settings of the circuit breaker that are the default too, because those that are present are not.
    pub explicit_circuit_breaker: bool,
}

impl UpdateService {
    /// Whether ECS starts a deployment for it. Source: UpdateService, API reference.
    #[must_use]
    pub fn starts_deployment(&self) -> bool {
        self.force_new_deployment
            || self.task_definition.is_some()
            || self.network.is_some()
            || self.load_balancers.is_some()
            || self.platform_version.is_some()
            || self.service_connect.is_some()
    }
}

/// A service as ECS describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// ARN of its cluster.
    pub cluster_arn: String,
    /// Where it is in its life.
    pub status: ServiceStatus,
    /// What it was told.
    pub settings: ServiceSettings,
    /// ARN of the task definition it should run.
    pub task_definition: String,
    /// How many tasks run.
    pub running_count: u32,
    /// Deployments that are still there; one when nothing is going on.
    pub deployments: Vec<Deployment>,
    /// The newest events, up to 100.
    pub events: Vec<Event>,
    /// ARN of the service deployment that is going on.
    pub current_deployment: Option<String>,
    /// ARN of the service revision with the most running tasks.
    pub current_revision: Option<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Its tags.
    pub tags: Tags,
}

impl Service {
    /// The deployment ECS is steering towards.
    #[must_use]
    pub fn primary(&self) -> Option<&Deployment> {
        self.deployments
            .iter()
            .find(|deployment| deployment.is_primary)
    }
}

/// Where a service is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceStatus {
    /// It exists.
    Active,
    /// It was deleted and still stops tasks; its name is taken.
    Draining,
    /// It is gone.
    Inactive,
}

/// A deployment as `DescribeServices` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Such as `ecs-svc/1234567890123456789`; tasks are `startedBy` it.
    pub id: String,
    /// Whether its status is `PRIMARY`.
    pub is_primary: bool,
    /// ARN of its task definition.
    pub task_definition: String,
    /// `rolloutState`; absent where the deployment controller is not ECS.
    pub rollout: Option<Rollout>,
    /// `rolloutStateReason`.
    pub reason: Option<String>,
    /// Version of the Fargate platform its tasks run on.
    pub platform_version: Option<String>,
    /// Tasks that failed to start, since the last one that started.
    pub failed_tasks: u32,
    /// When it began.
    pub created_at: Option<Timestamp>,
}

/// `rolloutState` of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rollout {
    /// Going on.
    InProgress,
    /// Done.
    Completed,
    /// Given up.
    Failed,
}

/// A service deployment as `ListServiceDeployments` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDeployment {
    /// Its ARN.
    pub arn: String,
    /// Its status in the API's word.
    pub status: String,
    /// When it was made.
    pub created_at: Option<Timestamp>,
}

impl ListedDeployment {
    /// Whether nothing will change about it any more.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        ENDED.contains(&self.status.as_str())
    }
}

/// The statuses in which a service deployment stays.
const ENDED: [&str; 4] = [
    "SUCCESSFUL",
    "STOPPED",
    "ROLLBACK_SUCCESSFUL",
    "ROLLBACK_FAILED",
];

/// A service deployment as `DescribeServiceDeployments` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceDeployment {
    /// Its ARN.
    pub arn: String,
    /// Its status in the API's word, such as `SUCCESSFUL` or `ROLLBACK_IN_PROGRESS`.
    pub status: String,
    /// `statusReason`.
    pub reason: Option<String>,
    /// Why ECS rolled back, if it did.
    pub rollback_reason: Option<String>,
    /// The circuit breaker's count.
    pub circuit_breaker: Option<BreakerCount>,
    /// ARN of the service revision that it rolls out.
    pub revision: Option<String>,
}

/// A service revision: what ECS made of a service's configuration at the moment of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRevision {
    /// Its ARN.
    pub arn: String,
    /// Digests of the images, by container.
    pub digests: BTreeMap<String, String>,
}

/// How near the circuit breaker was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakerCount {
    /// `MONITORING`, `TRIGGERED` and so on.
    pub status: String,
    /// Failed tasks.
    pub failures: u32,
    /// Failed tasks at which it triggers.
    pub threshold: u32,
}

/// A line of a service's event log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// The text, which begins with the service's name in brackets.
    pub message: String,
}

/// A task that has stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoppedTask {
    /// Its ARN.
    pub arn: String,
    /// The deployment that started it.
    pub started_by: Option<String>,
    /// ARN of its task definition.
    pub task_definition: String,
    /// `stopCode`, such as `EssentialContainerExited`.
    pub stop_code: Option<String>,
    /// `stoppedReason`.
    pub reason: Option<String>,
    /// Its containers.
    pub containers: Vec<StoppedContainer>,
}

/// A container of a stopped task.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StoppedContainer {
    /// Its name.
    pub name: String,
    /// Absent if it never started.
    pub exit_code: Option<i32>,
    /// What the runtime says.
    pub reason: Option<String>,
}

/// A target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    /// Its ARN.
    pub arn: String,
    /// Load balancers with a listener or rule that forwards to it.
    pub load_balancers: Vec<String>,
    /// `ip`, `instance`, `lambda` or `alb`.
    pub target_type: Option<String>,
}

/// The health of a registered target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetHealth {
    /// Address and port.
    pub target: String,
    /// `healthy`, `unhealthy`, `initial` and so on.
    pub state: String,
    /// Reason code and description.
    pub reason: Option<String>,
}
