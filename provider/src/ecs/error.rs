//! Errors of operations on a bundle.

use std::collections::BTreeMap;
use std::fmt;

use super::api::{LogGroup, TargetGroup};
use super::clock::WaitEnd;
use super::verdict::RolloutFailure;
use crate::aws::AwsError;
use crate::aws::arn::Arn;

/// Error of an operation on a bundle.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BundleError {
    /// A call to AWS failed.
    #[error("{doing}")]
    Aws {
        /// Description of the step, as the end of "failed to".
        doing: String,
        /// Error of the call.
        #[source]
        source: AwsError,
    },
    /// The cluster does not exist or is not active.
    #[error("the cluster {cluster} is {status}")]
    Cluster {
        /// The configured cluster.
        cluster: String,
        /// Its status; `missing` if it does not exist.
        status: String,
    },
    /// A service of that name exists, is not in the state, and is not unfinished.
    #[error("the service {service} already exists")]
    Exists {
        /// Key of the service in the bundle.
        key: String,
        /// Name of the service.
        service: String,
        /// The bundle that contains the service in the configuration.
        bundle: Box<BundleIdentity>,
        /// Reason why the service is not claimed.
        taken: Taken,
        /// Whether the state already contains services of the bundle.
        update: bool,
    },
    /// A service has a short ARN without the cluster, so ECS cannot tag it.
    #[error("the service {service} has a short ARN, {arn}")]
    Untaggable {
        /// Name of the service.
        service: String,
        /// Its ARN.
        arn: String,
        /// Details for the migration.
        migration: Box<Migration>,
    },
    /// A target group does not exist.
    #[error("the target group {arn} does not exist")]
    NoTargetGroup {
        /// Key of the service in the bundle.
        key: String,
        /// The configured ARN.
        arn: String,
    },
    /// A target group has no listener, or its target type is not `ip`.
    #[error("the tasks cannot be registered with the target group {}", group.arn)]
    TargetGroup {
        /// Key of the service in the bundle.
        key: String,
        /// The target group.
        group: TargetGroup,
    },
    /// A capacity provider does not belong to the cluster.
    #[error("the cluster {cluster} has no capacity provider {provider}")]
    NoCapacityProvider {
        /// The configured provider.
        provider: String,
        /// The configured cluster.
        cluster: String,
    },
    /// A log group does not exist, and is not configured to be created.
    #[error("the log group {} does not exist in {}", group.name, group.region)]
    NoLogGroup {
        /// Key of the first service that writes to it.
        key: String,
        /// The group.
        group: LogGroup,
    },
    /// The image of a new service has neither a tag nor a digest.
    #[error("the service {key} does not run yet, and its image has neither a tag nor a digest")]
    NoImage {
        /// Key of the service in the bundle.
        key: String,
    },
    /// The revision to roll back to cannot be run.
    #[error("the task definition {revision} does not exist or is deregistered")]
    NoRevision {
        /// Key of the service in the bundle.
        key: String,
        /// The revision, such as `skreg-api:7`.
        revision: String,
        /// Active revisions of the family, newest first.
        active: Vec<String>,
    },
    /// A deployment by another process is in progress.
    #[error(
        "the deployment {deployment} of {service}, which another process started, is in progress"
    )]
    Concurrent {
        /// Key of the service in the bundle.
        key: String,
        /// Name of the service.
        service: String,
        /// ID of the deployment.
        deployment: String,
    },
    /// A service was deleted by another process during the operation.
    #[error("the service {service} no longer exists")]
    Vanished {
        /// Name of the service.
        service: String,
    },
    /// A rollout failed, was rolled back, or took too long.
    #[error("the deployment of {} ended with the status {}", .0.service, .0.status)]
    Rollout(Box<RolloutFailure>),
    /// Waiting ended before the awaited condition was met.
    #[error("stopped waiting for {awaited}: {}", match why { WaitEnd::Cancelled => "interrupted", WaitEnd::TimedOut => "timed out" })]
    WaitEnded {
        /// The awaited condition.
        awaited: Awaited,
        /// Reason why waiting ended.
        why: WaitEnd,
    },
}

/// The condition that an operation was waiting for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Awaited {
    /// The end of another attempt that creates these services.
    OtherAttempt(Vec<String>),
    /// The end of a deployment that another process started.
    OtherDeployment {
        /// ID of the deployment.
        deployment: String,
        /// Name of the service.
        service: String,
    },
    /// Another condition, as text.
    Other(String),
}

impl From<String> for Awaited {
    fn from(words: String) -> Self {
        Self::Other(words)
    }
}

impl fmt::Display for Awaited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherAttempt(services) => {
                let services = services.join(", ");
                write!(f, "the end of another attempt that creates {services}")
            }
            Self::OtherDeployment {
                deployment,
                service,
            } => write!(
                f,
                "the end of the deployment {deployment} of {service}, which was already in progress"
            ),
            Self::Other(words) => f.write_str(words),
        }
    }
}

/// Identity of a bundle and its services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleIdentity {
    /// Cluster, by name or ARN.
    pub cluster: String,
    /// Name of the bundle.
    pub name: String,
    /// Names of the services by key; empty if they are unknown.
    pub services: BTreeMap<String, String>,
}

/// Details for the migration of a service to a long ARN. Source: "Migrate an Amazon ECS short service ARN to a long
/// ARN", Amazon ECS Developer Guide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// ARN of the service after the migration.
    pub arn: Arn,
    /// Name of the bundle.
    pub bundle: String,
}

/// Reason why a service that is not in the state is not claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It does not belong to a bundle.
    Unowned,
    /// It belongs to the bundle of this name.
    OtherBundle(String),
    /// It belongs to a bundle of the same name and is not unfinished, so it is in another state, or in a state that was
    /// lost.
    OtherState,
}

impl BundleError {
    /// Returns a conversion from an AWS error during the described step.
    pub fn aws(doing: impl Into<String>) -> impl FnOnce(AwsError) -> Self {
        let doing = doing.into();
        move |source| Self::Aws { doing, source }
    }

    /// Returns whether the user interrupted the operation.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::WaitEnded {
                why: WaitEnd::Cancelled,
                ..
            }
        )
    }
}
