//! What can go wrong with a bundle, and what the user can do about it.

use super::api::{LogGroup, TargetGroup};
use super::bundle::BUNDLE_TAG;
use super::clock::Impatience;
use super::ownership::Taken;
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
        /// The id to import.
        import_id: String,
        /// Why it is not taken over.
        taken: Taken,
        /// Whether the bundle is in the state, so that it must leave it before an import.
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
    #[error("the task definition {revision} is not there, or deregistered")]
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
    #[error("the service {service} is not there any more")]
    Vanished {
        /// Name of the service.
        service: String,
    },
    /// A rollout failed, was rolled back, or took too long.
    #[error("{0}")]
    Rollout(Box<RolloutFailure>),
    /// Waiting ended before what was waited for came.
    #[error("stopped waiting for {awaited}: {}", match why { Impatience::Cancelled => "interrupted", Impatience::TimedOut => "out of time" })]
    Impatient {
        /// What was waited for.
        awaited: String,
        /// Why waiting ended.
        why: Impatience,
    },
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

impl BundleError {
    /// An error of AWS while something was being done.
    pub fn aws(doing: impl Into<String>) -> impl FnOnce(AwsError) -> Self {
        let doing = doing.into();
        move |source| Self::Aws { doing, source }
    }

    /// One line for the head of the diagnostic.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::Aws { doing, .. } => format!("Failed to {doing}"),
            Self::Rollout(failure) => failure.summary(),
            Self::TargetGroup { group, .. } if group.load_balancers.is_empty() => {
                "Target group has no listener".to_owned()
            }
            Self::TargetGroup { .. } => "Target group takes no addresses".to_owned(),
            Self::NoTargetGroup { .. } => "Target group does not exist".to_owned(),
            Self::NoCapacityProvider { .. } => "Cluster has no such capacity provider".to_owned(),
            Self::NoLogGroup { .. } => "Log group does not exist".to_owned(),
            Self::NoImage { .. } => "No image to start with".to_owned(),
            Self::NoRevision { .. } => "Task definition cannot be run again".to_owned(),
            Self::Concurrent { .. } => "Another deployment is going on".to_owned(),
            Self::Cluster { .. } => "Cluster cannot be used".to_owned(),
            Self::Exists { .. } => "Service exists already".to_owned(),
            Self::Untaggable { .. } => "Service cannot be tagged".to_owned(),
            Self::Vanished { .. } => "Service has vanished".to_owned(),
            Self::Impatient {
                why: Impatience::Cancelled,
                ..
            } => "Interrupted".to_owned(),
            Self::Impatient {
                why: Impatience::TimedOut,
                ..
            } => "Out of time".to_owned(),
        }
    }

    /// What happened and what to do, for the body of the diagnostic.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::Aws { source, .. } => source.detail(""),
            Self::Rollout(failure) => failure.to_string(),
            Self::Cluster { .. } => sentences(
                self,
                "Create the cluster first, or check its name and the region of the provider.",
            ),
            Self::Exists {
                import_id,
                taken,
                update,
                ..
            } => sentences(self, &how_to_own(taken, import_id, *update)),
            Self::Untaggable { migration, .. } => sentences(self, &how_to_migrate(migration)),
            Self::NoTargetGroup { .. } => sentences(
                self,
                "Check the ARN, and the region and account of the provider.",
            ),
            Self::TargetGroup { group, .. } if group.load_balancers.is_empty() => sentences(
                self,
                "No listener or listener rule forwards to it, and ECS refuses such a target group. Create the \
                 listener, and let this resource depend on it (depends_on).",
            ),
            Self::TargetGroup { group, .. } => sentences(
                self,
                &format!(
                    "Its target type is {}, but Fargate tasks register by address. Use a target group with target_type \
                     = \"ip\".",
                    group.target_type.as_deref().unwrap_or("unknown")
                ),
            ),
            Self::NoCapacityProvider { .. } => sentences(
                self,
                "Add it to the cluster (aws_ecs_cluster_capacity_providers) and let this resource depend on that, or name \
                 another.",
            ),
            Self::NoLogGroup { .. } => sentences(
                self,
                "Tasks could not start without it. Create it, check its name and region, or set log.create = true.",
            ),
            Self::NoImage { .. } => sentences(
                self,
                "Where release.owner is \"external\", a service that runs keeps its image, but a new one needs one: set \
                 `tag` or `digest` of its image.",
            ),
            Self::NoRevision { active, .. } => sentences(self, &revisions_to_choose(active)),
            Self::Concurrent { .. } => sentences(
                self,
                "Wait until it has ended and repeat the command, or set deployment.concurrent to \"wait\" or \"replace\".",
            ),
            Self::Vanished { .. } => sentences(
                self,
                "Something else has deleted it. Repeat the command to create it again.",
            ),
            Self::Impatient {
                why: Impatience::Cancelled,
                ..
            } => sentences(self, "Repeat the command to go on."),
            Self::Impatient {
                why: Impatience::TimedOut,
                ..
            } => sentences(
                self,
                "Repeat the command to go on, or raise the limit in the timeouts block.",
            ),
        }
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

/// Why a service is not taken over, and how to bring it into the state.
fn how_to_own(taken: &Taken, import_id: &str, update: bool) -> String {
    let owner = match taken {
        Taken::Unowned => format!("It has no tag {BUNDLE_TAG}, so no bundle has created it."),
        Taken::OtherBundle(name) => {
            format!("Its tag {BUNDLE_TAG} says that it belongs to the bundle {name}.")
        }
        Taken::OtherState => "It belongs to a bundle of this name whose creation has finished: another state holds it, \
             or a state that was lost. If the resource has a new address in this configuration, add a moved block."
            .to_owned(),
    };
    let leave = if update {
        "    terraform state rm ADDRESS\n"
    } else {
        ""
    };
    format!(
        "{owner} The name of a service is unique in its cluster, so the service is not created, and it is only taken over \
         by an import. To manage it with this resource:\n\n{leave}    terraform import ADDRESS '{import_id}'\n\nwhere \
         ADDRESS is the address of this resource, such as skreg_ecs_service_bundle.this. Otherwise specify another name."
    )
}

fn how_to_migrate(migration: &Migration) -> String {
    let Migration { arn, bundle } = migration;
    let region = &arn.region;
    format!(
        "A bundle marks its services by tags, and ECS tags only services with a long ARN, which contains the name of the \
         cluster. Nothing was changed. Migrate the service to the long ARN: its tasks go on running, and the migration cannot be \
         undone.\n\n\
         First change IAM policies that contain the short ARN. Then run these commands, the first one as the principal that \
         created the service, or as the root user with --principal-arn, and apply again:\n\n    \
         aws ecs put-account-setting --region {region} --name serviceLongArnFormat --value enabled\n    \
         aws ecs tag-resource --region {region} --resource-arn {arn} --tags key={BUNDLE_TAG},value={bundle}"
    )
}

fn revisions_to_choose(active: &[String]) -> String {
    let kept =
        "Revisions beyond keep_revisions are deregistered: raise it to be able to go back further.";
    match active {
        [] => format!("There is no other one: remove the entry from release.rollback_to. {kept}"),
        some => format!("Choose one of {}. {kept}", some.join(", ")),
    }
}

/// The error as a sentence, then what to do.
fn sentences(error: &BundleError, remedy: &str) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.\n\n{remedy}", letters.as_str())
}
