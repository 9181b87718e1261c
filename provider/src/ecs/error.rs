//! What can go wrong with a bundle.

use std::collections::BTreeMap;
use std::fmt;

use super::api::{LogGroup, TargetGroup};
use super::clock::Impatience;
use super::verdict::RolloutFailure;
use crate::aws::AwsError;
use crate::aws::arn::Arn;

/// Why an operation on a bundle did not do what it was asked for.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BundleError {
    /// AWS refused a call.
    #[error("{doing}")]
    Aws {
        /// What was being done, as the end of "failed to".
        doing: String,
        /// The refusal.
        #[source]
        source: AwsError,
    },
    /// There is no such cluster, or it is not active.
    #[error("the cluster {cluster} is {status}")]
    Cluster {
        /// The cluster as configured.
        cluster: String,
        /// Its status; `missing` if there is none.
        status: String,
    },
    /// A service of that name exists, the state does not know it, and it is not unfinished.
    #[error("the service {service} exists already")]
    Exists {
        /// Key of the service in the bundle.
        key: String,
        /// Name of the service.
        service: String,
        /// The bundle that should have the service.
        bundle: Box<BundleIdentity>,
        /// Why it is not taken over.
        taken: Taken,
        /// Whether services of the bundle are known already.
        update: bool,
    },
    /// A service has an ARN without the cluster, so that ECS refuses to tag it.
    #[error("the service {service} has a short ARN, {arn}")]
    Untaggable {
        /// Name of the service.
        service: String,
        /// Its ARN.
        arn: String,
        /// What its migration needs.
        migration: Box<Migration>,
    },
    /// A target group does not exist.
    #[error("the target group {arn} does not exist")]
    NoTargetGroup {
        /// Key of the service in the bundle.
        key: String,
        /// The ARN as configured.
        arn: String,
    },
    /// A target group has no listener, or takes something else than addresses.
    #[error("the target group {} cannot take the tasks", group.arn)]
    TargetGroup {
        /// Key of the service in the bundle.
        key: String,
        /// What it looks like.
        group: TargetGroup,
    },
    /// A capacity provider does not belong to the cluster.
    #[error("the cluster {cluster} has no capacity provider {provider}")]
    NoCapacityProvider {
        /// The provider as configured.
        provider: String,
        /// The cluster as configured.
        cluster: String,
    },
    /// A log group does not exist, and nobody says that it is to be made.
    #[error("the log group {} does not exist in {}", group.name, group.region)]
    NoLogGroup {
        /// Key of the first service that writes to it.
        key: String,
        /// The group.
        group: LogGroup,
    },
    /// A new service has no image to start with.
    #[error("the service {key} does not run yet, and its image has neither a tag nor a digest")]
    NoImage {
        /// Key of the service in the bundle.
        key: String,
    },
    /// The revision to go back to cannot be run.
    #[error("the task definition {revision} does not exist or is deregistered")]
    NoRevision {
        /// Key of the service in the bundle.
        key: String,
        /// The revision, such as `skreg-api:7`.
        revision: String,
        /// Those that could be run, newest first.
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
        /// Id of the deployment.
        deployment: String,
    },
    /// A service vanished while it was worked on.
    #[error("the service {service} no longer exists")]
    Vanished {
        /// Name of the service.
        service: String,
    },
    /// A rollout failed, was rolled back, or took too long.
    #[error("the deployment of {} ended with the status {}", .0.service, .0.status)]
    Rollout(Box<RolloutFailure>),
    /// Waiting ended before what was waited for came.
    #[error("stopped waiting for {awaited}: {}", match why { Impatience::Cancelled => "interrupted", Impatience::TimedOut => "out of time" })]
    Impatient {
        /// What was waited for.
        awaited: Awaited,
        /// Why waiting ended.
        why: Impatience,
    },
}

/// What was waited for when waiting ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Awaited {
    /// The end of another attempt that creates services of these names.
    OtherAttempt(Vec<String>),
    /// The end of a deployment that another process started.
    OtherDeployment {
        /// Id of the deployment.
        deployment: String,
        /// Name of the service.
        service: String,
    },
    /// Anything else, in words.
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
                "the end of the deployment {deployment} of {service}, which was going on already"
            ),
            Self::Other(words) => f.write_str(words),
        }
    }
}

/// What identifies a bundle with its services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleIdentity {
    /// Cluster, by name or ARN.
    pub cluster: String,
    /// Name of the bundle.
    pub name: String,
    /// Names of the services by key; empty while they are not known.
    pub services: BTreeMap<String, String>,
}

/// What the migration of a service to a long ARN needs. Source: "Migrate an Amazon ECS short service ARN to a
/// long ARN", Amazon ECS Developer Guide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// The ARN that the service has afterwards.
    pub arn: Arn,
    /// Name of the bundle.
    pub bundle: String,
}

/// Why a service that the state does not know is not claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It belongs to no bundle.
    Unowned,
    /// It belongs to the bundle of this name.
    OtherBundle(String),
    /// It belongs to a bundle of the same name and is not unfinished: another state holds it, or one that was lost.
    OtherState,
}

impl BundleError {
    /// An error of AWS while something was being done.
    pub fn aws(doing: impl Into<String>) -> impl FnOnce(AwsError) -> Self {
        let doing = doing.into();
        move |source| Self::Aws { doing, source }
    }

    /// Whether the user interrupted.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Impatient {
                why: Impatience::Cancelled,
                ..
            }
        )
    }
}
