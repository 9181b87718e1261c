//! Interface to AWS: the calls that a rollout needs, and their results in types of this crate.
//!
//! [`super::sdk`] implements the interface with the SDK; tests implement it in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use jiff::Timestamp;

use super::definition::TaskDefinition;
use super::service::{Capacity, LoadBalancer, Network, ServiceConnect, ServiceSettings};
use crate::aws::AwsError;

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// Result of a call.
pub type Answer<T> = Result<T, AwsError>;

/// The calls of ECS and Elastic Load Balancing v2, named after the API actions.
pub trait EcsApi: Send + Sync {
    /// `DescribeClusters` for one cluster; `None` if no cluster has this name or ARN.
    fn cluster(&self, cluster: &str) -> impl Future<Output = Answer<Option<Cluster>>> + Send;

    /// `RegisterTaskDefinition`; returns the ARN of the new revision. The call has no idempotency token.
    fn register(
        &self,
        definition: &TaskDefinition,
        tags: &Tags,
    ) -> impl Future<Output = Answer<String>> + Send;

    /// `DescribeTaskDefinition` by ARN, or by family for its newest active revision; `None` if the revision does not
    /// exist.
    fn revision(&self, id: &str) -> impl Future<Output = Answer<Option<Revision>>> + Send;

    /// `ListTaskDefinitions`: ARNs of the active revisions of exactly this family, newest first. `newest` limits their
    /// number.
    fn active_revisions(
        &self,
        family: &str,
        newest: Option<usize>,
    ) -> impl Future<Output = Answer<Vec<String>>> + Send;

    /// `DeregisterTaskDefinition`; succeeds if the revision no longer exists.
    fn deregister(&self, arn: &str) -> impl Future<Output = Answer<()>> + Send;

    /// Returns a unique token for `CreateService`.
    ///
    /// # Errors
    /// The random number generator of the system is not available.
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

    /// `DescribeServices` with tags; missing services are omitted.
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

    /// `ListServiceDeployments`, newest first. The result may include deployments of a deleted service of the same
    /// name.
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

    /// `DescribeServiceRevisions`; missing revisions are omitted.
    fn service_revisions(
        &self,
        arns: &[String],
    ) -> impl Future<Output = Answer<Vec<ServiceRevision>>> + Send;

    /// `ListTasks` with `desiredStatus=STOPPED`, then `DescribeTasks`. ECS keeps stopped tasks for about an hour.
    fn stopped_tasks(
        &self,
        cluster: &str,
        service: &str,
    ) -> impl Future<Output = Answer<Vec<StoppedTask>>> + Send;

    /// `DescribeTargetGroups`; groups that do not exist are omitted.
    fn target_groups(
        &self,
        arns: &[String],
    ) -> impl Future<Output = Answer<Vec<TargetGroup>>> + Send;

    /// `DescribeTargetHealth`.
    fn target_health(
        &self,
        target_group: &str,
    ) -> impl Future<Output = Answer<Vec<TargetHealth>>> + Send;

    /// `DescribeLogGroups` of CloudWatch Logs: whether a group of exactly this name exists.
    fn has_log_group(&self, group: &LogGroup) -> impl Future<Output = Answer<bool>> + Send;

    /// `CreateLogGroup` of CloudWatch Logs; succeeds without changes if the group already exists.
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
    /// Capacity providers of the cluster.
    pub capacity_providers: Vec<String>,
}

/// A registered task definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its ARN, which ends in `family:revision`.
    pub arn: String,
    /// Its definition.
    pub definition: TaskDefinition,
    /// Its tags.
    pub tags: Tags,
    /// Whether new services can use it; services that already run an inactive revision continue to run it.
    pub active: bool,
}

/// Request to create a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateService {
    /// Cluster, by name or ARN.
    pub cluster: String,
    /// Name of the service.
    pub name: String,
    /// ARN of the task definition.
    pub task_definition: String,
    /// Other settings.
    pub settings: ServiceSettings,
    /// Idempotency token, at most 36 characters. All retries of one creation use the same token; a token is never
    /// reused for another creation, so that ECS does not confuse a new service with a deleted one.
    pub client_token: String,
    /// Tags of the service.
    pub tags: Tags,
}

/// Request to change a service; `None` leaves a setting unchanged.
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
    /// Target groups; an empty set detaches the service from its load balancer.
    pub load_balancers: Option<BTreeSet<LoadBalancer>>,
    /// Placement of the tasks; ECS accepts a change only together with `force_new_deployment`.
    pub capacity: Option<Capacity>,
    /// Version of the Fargate platform.
    pub platform_version: Option<String>,
    /// Service Connect; `Some(None)` disables it.
    pub service_connect: Option<Option<ServiceConnect>>,
    /// Settings whose changes start no deployment; its network, load balancers and desired count are not sent.
    pub settings: Option<ServiceSettings>,
    /// Desired number of tasks.
    pub desired_count: Option<u32>,
    /// Whether to start a deployment even if nothing changed.
    pub force_new_deployment: bool,
    /// Whether to also send default settings of the circuit breaker, because the present settings differ from the
    /// defaults.
    pub explicit_circuit_breaker: bool,
}

impl UpdateService {
    /// Returns whether ECS starts a deployment for this request. Source: UpdateService, API reference.
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
    /// Lifecycle status.
    pub status: ServiceStatus,
    /// Its settings.
    pub settings: ServiceSettings,
    /// ARN of the task definition to run.
    pub task_definition: String,
    /// Number of running tasks.
    pub running_count: u32,
    /// Current deployments; one if no rollout is in progress.
    pub deployments: Vec<Deployment>,
    /// Newest events, up to 100.
    pub events: Vec<Event>,
    /// ARN of the service deployment in progress.
    pub current_deployment: Option<String>,
    /// ARN of the service revision with the most running tasks.
    pub current_revision: Option<String>,
    /// Creation time.
    pub created_at: Option<Timestamp>,
    /// Its tags.
    pub tags: Tags,
}

impl Service {
    /// Returns the primary deployment.
    #[must_use]
    pub fn primary(&self) -> Option<&Deployment> {
        self.deployments
            .iter()
            .find(|deployment| deployment.is_primary)
    }
}

/// Lifecycle status of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceStatus {
    /// The service is active.
    Active,
    /// The service was deleted and its tasks are stopping; its name is still in use.
    Draining,
    /// The service no longer exists.
    Inactive,
}

/// A deployment as `DescribeServices` returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// ID, such as `ecs-svc/1234567890123456789`; `startedBy` of its tasks.
    pub id: String,
    /// Whether its status is `PRIMARY`.
    pub is_primary: bool,
    /// ARN of its task definition.
    pub task_definition: String,
    /// `rolloutState`; absent if the deployment controller is not ECS.
    pub rollout: Option<Rollout>,
    /// `rolloutStateReason`.
    pub reason: Option<String>,
    /// Version of the Fargate platform its tasks run on.
    pub platform_version: Option<String>,
    /// Number of tasks that failed to start since the last task that started.
    pub failed_tasks: u32,
    /// Start time.
    pub created_at: Option<Timestamp>,
}

/// `rolloutState` of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rollout {
    /// In progress.
    InProgress,
    /// Completed.
    Completed,
    /// Failed.
    Failed,
}

/// A service deployment as `ListServiceDeployments` returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDeployment {
    /// Its ARN.
    pub arn: String,
    /// Its API status.
    pub status: String,
    /// Creation time.
    pub created_at: Option<Timestamp>,
}

impl ListedDeployment {
    /// Returns whether the status is final.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        ENDED.contains(&self.status.as_str())
    }
}

/// Final statuses of a service deployment.
const ENDED: [&str; 4] = [
    "SUCCESSFUL",
    "STOPPED",
    "ROLLBACK_SUCCESSFUL",
    "ROLLBACK_FAILED",
];

/// A service deployment as `DescribeServiceDeployments` returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceDeployment {
    /// Its ARN.
    pub arn: String,
    /// Its API status, such as `SUCCESSFUL` or `ROLLBACK_IN_PROGRESS`.
    pub status: String,
    /// `statusReason`.
    pub reason: Option<String>,
    /// Reason of the rollback, if there was one.
    pub rollback_reason: Option<String>,
    /// Failure count of the circuit breaker.
    pub circuit_breaker: Option<BreakerCount>,
    /// ARN of the service revision that it rolls out.
    pub revision: Option<String>,
}

/// A service revision: snapshot of the configuration of a service at the time of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRevision {
    /// Its ARN.
    pub arn: String,
    /// Digests of the images, by container.
    pub digests: BTreeMap<String, String>,
}

/// Failure count and threshold of the circuit breaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakerCount {
    /// `MONITORING`, `TRIGGERED` and so on.
    pub status: String,
    /// Number of failed tasks.
    pub failures: u32,
    /// Number of failed tasks that triggers the circuit breaker.
    pub threshold: u32,
}

/// An entry of the event log of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its ID.
    pub id: String,
    /// Time of the event.
    pub at: Timestamp,
    /// Message, which begins with the name of the service in parentheses.
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
    /// Exit code; absent if the container never started.
    pub exit_code: Option<i32>,
    /// Message of the container runtime.
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
