//! Diagnostics for bundle errors: the finding and the remedy.

use super::super::state::import_id;
use super::explained::Explained;
use crate::ecs::bundle::BUNDLE_TAG;
use crate::ecs::clock::WaitEnd;
use crate::ecs::error::{Awaited, BundleError, BundleIdentity, Migration, Taken};
use crate::resources::commands;

impl Explained for BundleError {
    fn summary(&self) -> String {
        match self {
            Self::Aws { doing, .. } => format!("Failed to {doing}"),
            Self::Rollout(failure) => failure.summary(),
            Self::TargetGroup { group, .. } if group.load_balancers.is_empty() => {
                "Target group has no listener".to_owned()
            }
            Self::TargetGroup { .. } => "Target group does not have the target type ip".to_owned(),
            Self::NoTargetGroup { .. } => "Target group does not exist".to_owned(),
            Self::NoCapacityProvider { .. } => {
                "Capacity provider is not associated with the cluster".to_owned()
            }
            Self::NoLogGroup { .. } => "Log group does not exist".to_owned(),
            Self::NoImage { .. } => "New service has no image tag or digest".to_owned(),
            Self::NoRevision { .. } => "Task definition revision is not registered".to_owned(),
            Self::Concurrent { .. } => "Another deployment is in progress".to_owned(),
            Self::Cluster { .. } => "Cluster cannot be used".to_owned(),
            Self::Exists { .. } => "Service already exists".to_owned(),
            Self::Untaggable { .. } => "Service cannot be tagged".to_owned(),
            Self::Vanished { .. } => "Service no longer exists".to_owned(),
            Self::WaitEnded {
                why: WaitEnd::Cancelled,
                ..
            } => "Operation was interrupted".to_owned(),
            Self::WaitEnded {
                why: WaitEnd::TimedOut,
                ..
            } => "Operation timed out".to_owned(),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Aws { source, .. } => source.detail(""),
            Self::Rollout(failure) => failure.detail(),
            Self::Cluster { .. } => sentences(
                self,
                "Create the cluster first, or check its name and the provider region.",
            ),
            Self::Exists {
                bundle,
                taken,
                update,
                ..
            } => sentences(self, &import_instructions(taken, bundle, *update)),
            Self::Untaggable { migration, .. } => {
                sentences(self, &migration_instructions(migration))
            }
            Self::NoTargetGroup { .. } => sentences(
                self,
                "Check the ARN, and check the region and the account of the provider.",
            ),
            Self::TargetGroup { group, .. } if group.load_balancers.is_empty() => sentences(
                self,
                "No listener or listener rule forwards to the target group, and ECS rejects such a target group. \
                 Create the listener, and add it to depends_on in this resource.",
            ),
            Self::TargetGroup { group, .. } => sentences(
                self,
                &format!(
                    "The target type is {}, but Fargate tasks are registered by IP address. Use a target group with \
                     target_type = \"ip\".",
                    group.target_type.as_deref().unwrap_or("unknown")
                ),
            ),
            Self::NoCapacityProvider { .. } => sentences(
                self,
                "Associate it with the cluster (aws_ecs_cluster_capacity_providers), and add that resource to \
                 depends_on in this resource. Alternatively, specify a different capacity provider.",
            ),
            Self::NoLogGroup { .. } => sentences(
                self,
                "Tasks cannot start without the log group. Create the log group, check its name and region, or set \
                 log.create = true.",
            ),
            Self::NoImage { .. } => sentences(
                self,
                "If release.owner is \"external\", an existing service keeps its image, but a new service requires an \
                 image version. Set `tag` or `digest` in its image.",
            ),
            Self::NoRevision { active, .. } => sentences(self, &revisions_to_choose(active)),
            Self::Concurrent { .. } => sentences(
                self,
                "Wait until the deployment ends and then run the command again, or set deployment.concurrent to \
                 \"wait\" or \"replace\".",
            ),
            Self::Vanished { .. } => sentences(
                self,
                "Another process deleted the service. To create the service again, run the command again.",
            ),
            Self::WaitEnded { awaited, why } => {
                sentences(self, &continue_instructions(awaited, *why))
            }
        }
    }
}

/// Returns the reason why a service is not taken over, and instructions for importing it.
fn import_instructions(taken: &Taken, bundle: &BundleIdentity, update: bool) -> String {
    let owner = match taken {
        Taken::Unowned => format!("The service does not have the tag {BUNDLE_TAG}, so no bundle created it."),
        Taken::OtherBundle(name) => {
            format!("According to its tag {BUNDLE_TAG}, the service belongs to the bundle {name}.")
        }
        Taken::OtherState => "The service belongs to a completely created bundle with this name, which is in another \
            state or was in a state that was lost. If the resource has a new address in this configuration, add a \
            moved block."
            .to_owned(),
    };
    let import = commands::import("ADDRESS", &import_id(bundle));
    let steps = match update {
        true => commands::listing(&[commands::state_rm("ADDRESS"), import]),
        false => commands::listing(&[import]),
    };
    format!(
        "{owner} Service names are unique in a cluster, so the service cannot be created. To manage the existing \
         service with this resource, import it:\n\n{steps} \
         ADDRESS is the address of this resource, such as skreg_ecs_service_bundle.this. Alternatively, specify a \
         different name."
    )
}

/// Returns instructions for continuing after an operation stopped waiting.
fn continue_instructions(awaited: &Awaited, why: WaitEnd) -> String {
    let next = match why {
        WaitEnd::Cancelled => "To continue, run the command again",
        WaitEnd::TimedOut => {
            "To continue, run the command again. If the operation requires more time, increase the limit in the timeouts block"
        }
    };
    let replace = match awaited {
        Awaited::OtherAttempt(_) => {
            " With deployment.concurrent = \"replace\", an apply takes over incomplete services."
        }
        Awaited::OtherDeployment { .. } => {
            " With deployment.concurrent = \"replace\", an apply replaces the other deployment."
        }
        Awaited::Other(_) => "",
    };
    format!("{next}.{replace}")
}

fn migration_instructions(migration: &Migration) -> String {
    let Migration { arn, bundle } = migration;
    let region = &arn.region;
    format!(
        "A bundle identifies its services by tags, and ECS supports tags only for services with a long ARN, which \
         contains the cluster name. Nothing was changed. Migrate the service to the long ARN. Its tasks continue to \
         run. The migration cannot be reversed.\n\n\
         First, update IAM policies that contain the short ARN. Then run these commands, and apply again. Run the \
         first command as the principal that created the service, or as the root user with --principal-arn:\n\n    \
         aws ecs put-account-setting --region {region} --name serviceLongArnFormat --value enabled\n    \
         aws ecs tag-resource --region {region} --resource-arn {arn} --tags key={BUNDLE_TAG},value={bundle}"
    )
}

fn revisions_to_choose(active: &[String]) -> String {
    let kept = "The provider deregisters revisions beyond keep_revisions. To keep more revisions, increase keep_revisions.";
    match active {
        [] => format!(
            "No other revision is registered. Remove the entry from release.rollback_to. {kept}"
        ),
        some => format!("Specify one of {}. {kept}", some.join(", ")),
    }
}

/// Returns the error as a sentence, followed by the remedy.
fn sentences(error: &BundleError, remedy: &str) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.\n\n{remedy}", letters.as_str())
}
