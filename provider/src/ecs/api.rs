//! Interface to AWS: the calls that a rollout requires, and their results as types of this crate.
//!
//! [`super::sdk`] implements the interface with the AWS SDK. Tests implement it in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use jiff::Timestamp;

use super::definition::TaskDefinition;
use super::service::{
    Capacity, DeploymentConfiguration, LoadBalancer, Network, ServiceConnect, ServiceOptions,
    ServiceSettings,
};
use crate::aws::AwsError;

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// Result of a call.
pub type Answer<T> = Result<T, AwsError>;

/// Calls to ECS, Elastic Load Balancing v2, and CloudWatch Logs. Most methods are named after the API actions.
pub trait EcsApi: Send + Sync {
    /// Calls `DescribeClusters` for one cluster. Returns `None` if no cluster has this name or ARN.
    fn cluster(&self, cluster: &str) -> impl Future<Output = Answer<Option<Cluster>>> + Send;

    /// Calls `RegisterTaskDefinition`, which has no idempotency token. Returns the ARN of the new revision.
    fn register(
        &self,
        definition: &TaskDefinition,
        tags: &Tags,
    ) -> impl Future<Output = Answer<String>> + Send;

    /// Calls `DescribeTaskDefinition` with an ARN, or with a family to describe its newest active revision. Returns
    /// `None` if the revision does not exist.
    fn revision(&self, id: &str) -> impl Future<Output = Answer<Option<Revision>>> + Send;

    /// Calls `ListTaskDefinitions`. Returns the ARNs of the active revisions of exactly this family, newest first.
    /// `newest` limits the number of revisions.
    fn active_revisions(
        &self,
        family: &str,
        newest: Option<usize>,
    ) -> impl Future<Output = Answer<Vec<String>>> + Send;

    /// Calls `DeregisterTaskDefinition`. Succeeds if the revision no longer exists.
    fn deregister(&self, arn: &str) -> impl Future<Output = Answer<()>> + Send;

    /// Returns a unique token for `CreateService`.
    ///
    /// # Errors
    /// Returns an error if the random number generator of the operating system is not available.
    fn client_token(&self) -> Answer<String>;

    /// Calls `CreateService`.
    fn create_service(
        &self,
        request: &CreateService,
    ) -> impl Future<Output = Answer<Service>> + Send;

    /// Calls `UpdateService`.
    fn update_service(
        &self,
        request: &UpdateService,
    ) -> impl Future<Output = Answer<Service>> + Send;

    /// Calls `DeleteService` with `force`.
    fn delete_service(
        &self,
        cluster: &str,
        service: &str,
    ) -> impl Future<Output = Answer<()>> + Send;

    /// Calls `DescribeServices` and includes tags. Omits missing services.
    fn services(
        &self,
        cluster: &str,
        names: &[String],
    ) -> impl Future<Output = Answer<Vec<Service>>> + Send;

    /// Calls `ListServices`. Returns the ARNs of all active services in a cluster.
    fn service_arns(&self, cluster: &str) -> impl Future<Output = Answer<Vec<String>>> + Send;

    /// Calls `TagResource` and `UntagResource` for a service.
    fn retag(
        &self,
        arn: &str,
        set: &Tags,
        remove: &[String],
    ) -> impl Future<Output = Answer<()>> + Send;

    /// Calls `ListServiceDeployments`. Returns the deployments, newest first. The result can include deployments of a
    /// deleted service with the same name.
    fn service_deployments(
        &self,
        cluster: &str,
        service: &str,
    ) -> impl Future<Output = Answer<Vec<ListedDeployment>>> + Send;

    /// Calls `DescribeServiceDeployments` for one deployment.
    fn service_deployment(
        &self,
        arn: &str,
    ) -> impl Future<Output = Answer<Option<ServiceDeployment>>> + Send;

    /// Calls `DescribeServiceRevisions`. Omits missing revisions.
    fn service_revisions(
        &self,
        arns: &[String],
    ) -> impl Future<Output = Answer<Vec<ServiceRevision>>> + Send;

    /// Calls `ListTasks` with `desiredStatus=STOPPED`, then `DescribeTasks`. ECS keeps stopped tasks for about an hour.
    fn stopped_tasks(
        &self,
        cluster: &str,
        service: &str,
    ) -> impl Future<Output = Answer<Vec<StoppedTask>>> + Send;

    /// Calls `DescribeTargetGroups`. Omits missing target groups.
    fn target_groups(
        &self,
        arns: &[String],
    ) -> impl Future<Output = Answer<Vec<TargetGroup>>> + Send;

    /// Calls `DescribeTargetHealth`.
    fn target_health(
        &self,
        target_group: &str,
    ) -> impl Future<Output = Answer<Vec<TargetHealth>>> + Send;

    /// Calls `DescribeLogGroups` of CloudWatch Logs. Returns whether a log group with exactly this name exists.
    fn has_log_group(&self, group: &LogGroup) -> impl Future<Output = Answer<bool>> + Send;

    /// Calls `CreateLogGroup` of CloudWatch Logs. Succeeds without changes if the log group already exists.
    fn create_log_group(
        &self,
        group: &LogGroup,
        tags: &Tags,
    ) -> impl Future<Output = Answer<()>> + Send;

    /// Calls `GetLogEvents` of CloudWatch Logs. Returns the last lines of a log stream, oldest first.
    fn log_tail(
        &self,
        group: &LogGroup,
        stream: &str,
        lines: u32,
    ) -> impl Future<Output = Answer<Vec<String>>> + Send;
}

/// A log group in CloudWatch Logs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogGroup {
    /// Name of the log group.
    pub name: String,
    /// Region of the log group.
    pub region: String,
}

/// A cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// ARN of the cluster.
    pub arn: String,
    /// `ACTIVE`, `PROVISIONING`, `DEPROVISIONING`, `FAILED`, or `INACTIVE`.
    pub status: String,
    /// Capacity providers of the cluster.
    pub capacity_providers: Vec<String>,
}

/// A registered task definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// ARN of the revision, which ends in `family:revision`.
    pub arn: String,
    /// Task definition of the revision.
    pub definition: TaskDefinition,
    /// Tags of the revision.
    pub tags: Tags,
    /// Whether new services can use the revision. Services that already run an inactive revision continue to run it.
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
    /// Idempotency token with at most 36 characters. All retries of one creation use the same token. A token is never
    /// reused for another creation, because ECS could confuse the new service with a deleted one.
    pub client_token: String,
    /// Tags for the service.
    pub tags: Tags,
}

/// Request to change a service. `None` leaves a setting unchanged.
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
    /// Target groups. An empty set detaches the service from its load balancer.
    pub load_balancers: Option<BTreeSet<LoadBalancer>>,
    /// Placement of the tasks. ECS accepts a change only together with `force_new_deployment`.
    pub capacity: Option<Capacity>,
    /// Fargate platform version.
    pub platform_version: Option<String>,
    /// Service Connect configuration. `Some(None)` disables Service Connect.
    pub service_connect: Option<Option<ServiceConnect>>,
    /// Deployment configuration. Changing it does not start a deployment.
    pub deployment: Option<DeploymentConfiguration>,
    /// Options. Changing them does not start a deployment.
    pub options: Option<ServiceOptions>,
    /// Desired number of tasks.
    pub desired_count: Option<u32>,
    /// Whether to start a deployment even if nothing changed.
    pub force_new_deployment: bool,
    /// Whether to include circuit breaker settings that have their default values. Required if the current settings
    /// differ from the defaults.
    pub explicit_circuit_breaker: bool,
}

impl UpdateService {
    /// Returns whether this request causes ECS to start a deployment. Source: UpdateService, API reference.
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
    /// ARN of the service.
    pub arn: String,
    /// Name of the service.
    pub name: String,
    /// ARN of its cluster.
    pub cluster_arn: String,
    /// Lifecycle status.
    pub status: ServiceStatus,
    /// Settings of the service.
    pub settings: ServiceSettings,
    /// ARN of the task definition to run.
    pub task_definition: String,
    /// Number of running tasks.
    pub running_count: u32,
    /// Current deployments. If no rollout is in progress, the service has one deployment.
    pub deployments: Vec<Deployment>,
    /// Newest events, at most 100.
    pub events: Vec<Event>,
    /// ARN of the service deployment in progress.
    pub current_deployment: Option<String>,
    /// ARN of the service revision with the most running tasks.
    pub current_revision: Option<String>,
    /// Creation time.
    pub created_at: Option<Timestamp>,
    /// Tags of the service.
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
    /// The service was deleted, and its tasks are stopping. Its name is still in use.
    Draining,
    /// The service no longer exists.
    Inactive,
}

/// A deployment as `DescribeServices` returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// ID, such as `ecs-svc/1234567890123456789`. The tasks of the deployment have this ID in `startedBy`.
    pub id: String,
    /// Whether the status of the deployment is `PRIMARY`.
    pub is_primary: bool,
    /// ARN of its task definition.
    pub task_definition: String,
    /// `rolloutState`. Absent if the deployment controller is not ECS.
    pub rollout: Option<Rollout>,
    /// `rolloutStateReason`.
    pub reason: Option<String>,
    /// Fargate platform version of its tasks.
    pub platform_version: Option<String>,
    /// Number of consecutive tasks that failed to start.
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
    /// ARN of the service deployment.
    pub arn: String,
    /// API status of the service deployment.
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
    /// ARN of the service deployment.
    pub arn: String,
    /// API status of the service deployment, such as `SUCCESSFUL` or `ROLLBACK_IN_PROGRESS`.
    pub status: String,
    /// `statusReason`.
    pub reason: Option<String>,
    /// Reason for the rollback, if a rollback occurred.
    pub rollback_reason: Option<String>,
    /// Failure count of the circuit breaker.
    pub circuit_breaker: Option<BreakerCount>,
    /// ARN of the service revision that the deployment rolls out.
    pub revision: Option<String>,
}

/// A service revision: a snapshot of the service configuration at the time of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRevision {
    /// ARN of the service revision.
    pub arn: String,
    /// Image digests, by container.
    pub digests: BTreeMap<String, String>,
}

/// Failure count and threshold of the circuit breaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakerCount {
    /// Status, such as `MONITORING` or `TRIGGERED`.
    pub status: String,
    /// Number of failed tasks.
    pub failures: u32,
    /// Number of failed tasks at which the circuit breaker triggers.
    pub threshold: u32,
}

/// An entry in the event log of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// ID of the event.
    pub id: String,
    /// Time of the event.
    pub at: Timestamp,
    /// Message, which begins with the service name in parentheses.
    pub message: String,
}

/// A task that has stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoppedTask {
    /// ARN of the task.
    pub arn: String,
    /// ID of the deployment that started the task.
    pub started_by: Option<String>,
    /// ARN of its task definition.
    pub task_definition: String,
    /// `stopCode`, such as `EssentialContainerExited`.
    pub stop_code: Option<String>,
    /// `stoppedReason`.
    pub reason: Option<String>,
    /// Containers of the task.
    pub containers: Vec<StoppedContainer>,
}

/// A container of a stopped task.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StoppedContainer {
    /// Name of the container.
    pub name: String,
    /// Exit code. Absent if the container never started.
    pub exit_code: Option<i32>,
    /// Message from the container runtime.
    pub reason: Option<String>,
}

/// A target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    /// ARN of the target group.
    pub arn: String,
    /// Load balancers with a listener or rule that forwards requests to the target group.
    pub load_balancers: Vec<String>,
    /// Target type: `ip`, `instance`, `lambda`, or `alb`.
    pub target_type: Option<String>,
}

/// Health of a registered target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetHealth {
    /// Address and port.
    pub target: String,
    /// State, such as `healthy`, `unhealthy`, or `initial`.
    pub state: String,
    /// Reason code and description.
    pub reason: Option<String>,
}
