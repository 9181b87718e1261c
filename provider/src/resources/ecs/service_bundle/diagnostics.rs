//! Diagnostics for a bundle. Each diagnostic describes the finding, its effect, and the remedy.

mod attributes;
pub(super) mod drift;
mod errors;
mod explained;
mod notices;
mod remedies;
mod rollout;

use tfplugin::Diagnostic;

pub use self::drift::texts as drift_texts;
pub use self::explained::Explained;
pub use self::notices::text as text_of;
pub use self::remedies::{Remedy, percentages};

use super::model::{ServiceBundle, ServiceBundlePlan};
use super::state::{import_id, name_and_cluster, names_of};
use crate::aws::arn::Arn;
use crate::aws::identity::IdentityMismatch;
use crate::ecs::attempt::Made;
use crate::ecs::bundle::Bundle;
use crate::ecs::error::{BundleError, BundleIdentity};
use crate::ecs::notice::Notice;
use crate::resources::commands;

/// Returns the messages for notices.
pub(super) fn texts_of(notices: &[Notice]) -> Vec<String> {
    notices.iter().map(text_of).collect()
}

pub(super) fn diagnostic(error: &BundleError) -> Diagnostic {
    let paths = ServiceBundle::paths();
    let diagnostic = Diagnostic::error(error.summary(), error.detail());
    match error {
        BundleError::Cluster { .. } => diagnostic.at(paths.cluster()),
        BundleError::Exists { key, .. } => diagnostic.at(paths.services().key(key)),
        BundleError::NoCapacityProvider { provider, .. } => {
            diagnostic.at(paths.capacity().providers().key(provider))
        }
        BundleError::NoImage { key } => diagnostic.at(paths.services().key(key).image()),
        BundleError::NoLogGroup { key, .. } => diagnostic.at(paths.services().key(key).log()),
        BundleError::NoRevision { key, .. } => {
            diagnostic.at(paths.release().rollback_to().key(key))
        }
        BundleError::Concurrent { .. } => diagnostic.at(paths.deployment().concurrent()),
        BundleError::NoTargetGroup { key, .. } | BundleError::TargetGroup { key, .. } => {
            diagnostic.at(paths.services().key(key).load_balancer())
        }
        _ => diagnostic,
    }
}

/// Returns the warning for a service that counts as deleted because its status is `DRAINING`.
pub(super) fn being_deleted(name: &String) -> Diagnostic {
    let detail = format!(
        "The service {name} is being deleted and has the status DRAINING. ECS is stopping its tasks, which can take as \
         long as the deregistration delay of its target group. The provider treats the service as deleted. The service \
         name cannot be reused until the status is INACTIVE. An apply that creates the service again waits for this \
         status."
    );
    Diagnostic::warning("Service is being deleted", detail)
}

/// Returns the warning for objects that remain after a successful deletion.
pub(super) fn left_by_deletion(notice: &Notice) -> Diagnostic {
    Diagnostic::warning("Deletion is incomplete", text_of(notice))
}

/// Returns the end of the error message for a failed create, which lists the objects that remain after the rollback.
pub(super) fn after_undo(
    bundle: &Bundle,
    made: &Made,
    left: &[Notice],
    error: &BundleError,
) -> String {
    let mut text = String::new();
    if !made.services.is_empty() {
        text.push_str(
            "\n\nThe services that this apply created were deleted. The bundle is not in the state.",
        );
    }
    for notice in left {
        text.push('\n');
        text.push_str(&text_of(notice));
    }
    let is_lost = matches!(error, BundleError::Exists { .. });
    if !made.taken_over.is_empty() && !is_lost {
        let (names, import) = (made.taken_over.join(", "), import_command(bundle));
        text.push_str(&format!(
            "\n\nAn earlier apply created these services, which still exist but are not in the state: {names}. To keep \
             these services, apply again. To delete them instead, import them first:\n\n{import}"
        ));
    }
    text
}

/// Returns the end of the error message for a failed create whose services are kept.
pub(super) fn after_keeping(bundle: &Bundle, made: &Made) -> String {
    let names: Vec<&str> = made
        .services
        .iter()
        .chain(&made.taken_over)
        .map(String::as_str)
        .collect();
    if names.is_empty() {
        return String::new();
    }
    format!(
        "\n\nThese services were kept, because on_create_failure is \"keep\": {}. They are not in the state, so the bundle is \
         not tainted, and the next apply takes them over. To delete them instead, import them first:\n\n{}",
        names.join(", "),
        import_command(bundle)
    )
}

pub(super) fn other_cluster_location(error: &IdentityMismatch) -> Diagnostic {
    let (summary, remedy) = match error {
        IdentityMismatch::Region {
            stored, connected, ..
        } => (
            "Cluster is in another region",
            format!(
                "Set `cluster` to a cluster in the region {connected}, or set region = \"{stored}\" in the provider \
                 block that this resource uses (use a separate block with an alias for each region)."
            ),
        ),
        IdentityMismatch::Account {
            stored, connected, ..
        } => (
            "Cluster is in another account",
            format!(
                "Set `cluster` to a cluster in the account {connected}, or use credentials for the account {stored} \
                 (profile, assume_role, or the AWS_* variables). To check the credentials, run:\n\n    \
                 aws sts get-caller-identity"
            ),
        ),
    };
    let detail = format!(
        "{error}. The provider creates services only in its configured region and account, so nothing was \
         created.\n\n{remedy}"
    );
    Diagnostic::error(summary, detail).at(ServiceBundle::paths().cluster())
}

pub(super) fn replaced(plan: &ServiceBundlePlan) -> Diagnostic {
    let (name, cluster) = name_and_cluster(plan);
    let detail = format!(
        "The state already contains the bundle {name} in the cluster {}, and this plan creates a bundle with the same \
         name. Service names are unique in a cluster, so the old services and the new services cannot exist at the \
         same time.\n\nTo deploy all services again, set deployment.force_new_deployment_trigger to a new value \
         instead of using -replace or replace_triggered_by. If the resource is tainted, run:\n\n{}\n\nIf the resource \
         has a new address, add a moved block. To delete the services and create them again, which causes an outage, \
         run:\n\n{} ADDRESS is the resource address in the state.",
        Arn::name_in(&cluster),
        commands::untaint("ADDRESS"),
        commands::listing(&[commands::destroy("ADDRESS"), commands::apply()]),
    );
    Diagnostic::error("Bundle cannot be replaced under the same name", detail)
        .at(ServiceBundle::paths().name())
}

pub(super) fn duplicate_in_state(state: &ServiceBundlePlan) -> Diagnostic {
    let (name, cluster) = name_and_cluster(state);
    let detail = format!(
        "The state contains two objects for the bundle {name} in the cluster {}. This plan deletes one object and \
         keeps the other. Both objects refer to the same services, so the deletion would delete services that are in \
         use. Older versions of this provider created such a deposed object when they replaced a resource with \
         create_before_destroy.\n\n{}",
        Arn::name_in(&cluster),
        reimport_instructions(state)
    );
    Diagnostic::error("Bundle is in the state twice", detail).at(ServiceBundle::paths().name())
}

/// Returns the effect of deleting a protected bundle, and instructions for deleting the bundle intentionally.
pub(super) fn protected(state: &ServiceBundlePlan) -> String {
    let (name, _) = name_and_cluster(state);
    format!(
        "Deleting the bundle {name} would delete its services. To delete the bundle intentionally, set \
         deletion_protection = false, apply, and then run the command again.\n\nThis procedure does not work for a \
         deposed object, which the plan displays with a key. Older versions of this provider created such an object \
         when they replaced a resource. The deposed object refers to the services of the current object. {}",
        reimport_instructions(state)
    )
}

fn import_command(bundle: &Bundle) -> String {
    commands::listing(&[commands::import("ADDRESS", &import_id(&bundle.identity()))])
}

/// Returns instructions for removing an object from the state without deleting the services.
pub(super) fn reimport_instructions(state: &ServiceBundlePlan) -> String {
    let (name, cluster) = name_and_cluster(state);
    let bundle = BundleIdentity {
        services: names_of(state),
        cluster,
        name,
    };
    format!(
        "Remove the objects from the state and import the bundle again. This does not change the services:\n\n{} ADDRESS \
         is the resource address.",
        commands::listing(&[
            commands::state_rm("ADDRESS"),
            commands::import("ADDRESS", &import_id(&bundle)),
        ]),
    )
}
