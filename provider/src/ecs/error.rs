//! Errors from operations on a bundle.

use std::collections::BTreeMap;
use std::fmt;

use super::api::{LogGroup, TargetGroup};
use super::clock::WaitEnd;
use super::verdict::RolloutFailure;
use crate::aws::AwsError;
use crate::aws::arn::Arn;

/// Error from an operation on a bundle.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BundleError {
    /// A call to AWS failed.
    #[error("{doing}")]
    Aws {
        /// Failed step, phrased to complete "failed to".
        doing: String,
        /// Error from the call.
        #[source]
        source: AwsError,
    },
    /// The cluster does not exist or is not active.
    #[error("the cluster {cluster} is {status}")]
    Cluster {
        /// Configured cluster.
        cluster: String,
        /// Status of the cluster, or `missing` if the cluster does not exist.
        status: String,
    },
    /// A service with this name exists, is not in the state, and is not unfinished.
    #[error("the service {service} already exists")]
    Exists {
        /// Key of the service in the bundle.
        key: String,
        /// Name of the service.
        service: String,
        /// Bundle that contains the service in the configuration.
        bundle: Box<BundleIdentity>,
        /// Reason why the service is not claimed.
        taken: Taken,
        /// Whether the state already contains services of the bundle.
        update: bool,
    },
    /// A service has a short ARN, which does not contain the cluster name, so ECS cannot tag the service.
    #[error("the service {service} has a short ARN, {arn}")]
    Untaggable {
        /// Name of the service.
        service: String,
        /// ARN of the service.
        arn: String,
        /// Details for the migration to a long ARN.
        migration: Box<Migration>,
    },
    /// A target group does not exist.
    #[error("the target group {arn} does not exist")]
    NoTargetGroup {
        /// Key of the service in the bundle.
        key: String,
        /// Configured ARN.
        arn: String,
    },
    /// A target group has no listener, or its target type is not `ip`.
    #[error("the tasks cannot be registered with the target group {}", group.arn)]
    TargetGroup {
        /// Key of the service in the bundle.
        key: String,
        /// Target group.
        group: TargetGroup,
    },
    /// A capacity provider is not associated with the cluster.
    #[error("the capacity provider {provider} is not associated with the cluster {cluster}")]
    NoCapacityProvider {
        /// Configured capacity provider.
        provider: String,
        /// Configured cluster.
        cluster: String,
    },
    /// A log group does not exist, and the configuration does not create it.
    #[error("the log group {} does not exist in {}", group.name, group.region)]
    NoLogGroup {
        /// Key of the first service that writes to the log group.
        key: String,
        /// Log group.
        group: LogGroup,
    },
    /// The image of a new service has neither a tag nor a digest.
    #[error("the service {key} does not exist yet, and its image has neither a tag nor a digest")]
    NoImage {
        /// Key of the service in the bundle.
        key: String,
    },
    /// The revision to roll back to is not available.
    #[error("the task definition {revision} does not exist or is deregistered")]
    NoRevision {
        /// Key of the service in the bundle.
        key: String,
        /// Revision, such as `skreg-api:7`.
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
    /// Another process deleted a service during the operation.
    #[error("the service {service} no longer exists")]
    Vanished {
        /// Name of the service.
        service: String,
    },
    /// A rollout failed, was rolled back, or timed out.
    #[error("the deployment of {} ended with the status {}", .0.service, .0.status)]
    Rollout(Box<RolloutFailure>),
    /// Waiting ended before the awaited condition was met.
    #[error("stopped waiting for {awaited}: {}", match why { WaitEnd::Cancelled => "interrupted", WaitEnd::TimedOut => "timed out" })]
    WaitEnded {
        /// Awaited condition.
        awaited: Awaited,
        /// Reason why waiting ended.
        why: WaitEnd,
    },
}

/// Condition that an operation was waiting for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Awaited {
    /// End of another attempt that creates these services.
    OtherAttempt(Vec<String>),
    /// End of a deployment that another process started.
    OtherDeployment {
        /// ID of the deployment.
        deployment: String,
        /// Name of the service.
        service: String,
    },
    /// Another condition, as a noun phrase.
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
    /// Cluster, specified by name or ARN.
    pub cluster: String,
    /// Name of the bundle.
    pub name: String,
    /// Names of the services by key. Empty if the names are unknown.
    pub services: BTreeMap<String, String>,
}

/// Details for migrating a service to a long ARN. Source: "Migrate an Amazon ECS short service ARN to a long ARN",
/// Amazon ECS Developer Guide.
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
    /// The service does not belong to a bundle.
    Unowned,
    /// The service belongs to the bundle with this name.
    OtherBundle(String),
    /// The service belongs to a bundle with the same name and is not unfinished, so it is in another state or in a
    /// state that was lost.
    OtherState,
}

impl BundleError {
    /// Returns a conversion from an AWS error that occurred during the described step.
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
