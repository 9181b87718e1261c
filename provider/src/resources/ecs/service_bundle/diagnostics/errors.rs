//! Errors of the domain in words: what happened, and what to do.

use super::super::state::import_id;
use super::explained::Explained;
use crate::ecs::bundle::BUNDLE_TAG;
use crate::ecs::clock::Impatience;
use crate::ecs::error::{Awaited, BundleError, BundleIdentity, Migration, Taken};
use crate::resources::commands;

impl Explained for BundleError {
    /// One line for the head of the diagnostic.
    fn summary(&self) -> String {
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
            Self::Concurrent { .. } => "Another deployment is in progress".to_owned(),
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
    fn detail(&self) -> String {
        match self {
            Self::Aws { source, .. } => source.detail(""),
            Self::Rollout(failure) => failure.detail(),
            Self::Cluster { .. } => sentences(
                self,
                "Create the cluster first, or check its name and the region of the provider.",
            ),
            Self::Exists {
                bundle,
                taken,
                update,
                ..
            } => sentences(self, &how_to_own(taken, bundle, *update)),
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
            Self::Impatient { awaited, why } => sentences(self, &how_to_go_on(awaited, *why)),
        }
    }
}

/// Why a service is not taken over, and how to bring it into the state.
fn how_to_own(taken: &Taken, bundle: &BundleIdentity, update: bool) -> String {
    let owner = match taken {
        Taken::Unowned => format!("It has no tag {BUNDLE_TAG}, so no bundle has created it."),
        Taken::OtherBundle(name) => {
            format!("Its tag {BUNDLE_TAG} says that it belongs to the bundle {name}.")
        }
        Taken::OtherState => "It belongs to a bundle of this name whose creation has finished: another state holds it, \
             or a state that was lost. If the resource has a new address in this configuration, add a moved block."
            .to_owned(),
    };
    let leave = match update {
        true => format!("{}\n", commands::state_rm("ADDRESS")),
        false => String::new(),
    };
    let import = commands::import("ADDRESS", &import_id(bundle));
    format!(
        "{owner} The name of a service is unique in its cluster, so the service is not created, and it is only taken over \
         by an import. To manage it with this resource:\n\n{leave}{import}\n\nwhere \
         ADDRESS is the address of this resource, such as skreg_ecs_service_bundle.this. Otherwise specify another name."
    )
}

/// How to go on after waiting ended.
fn how_to_go_on(awaited: &Awaited, why: Impatience) -> String {
    let next = match why {
        Impatience::Cancelled => "Repeat the command to go on",
        Impatience::TimedOut => {
            "Repeat the command to go on, or raise the limit in the timeouts block"
        }
    };
    let replace = match awaited {
        Awaited::OtherAttempt(_) => {
            " With deployment.concurrent = \"replace\" an apply takes over what is unfinished."
        }
        Awaited::OtherDeployment { .. } => {
            " With deployment.concurrent = \"replace\" an apply takes the place of the other deployment."
        }
        Awaited::Other(_) => "",
    };
    format!("{next}.{replace}")
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
        [] => format!(
            "No other revision is registered: remove the entry from release.rollback_to. {kept}"
        ),
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
