//! Errors and warnings of a bundle: what was found, why it matters, and what to do next.

mod errors;
mod explained;
mod notices;
mod remedies;
mod rollout;

use tfplugin::Diagnostic;

pub use self::explained::Explained;
pub use self::notices::text as text_of;
pub use self::remedies::{Remedy, percentages};

use super::model::{ServiceBundle, ServiceBundlePlan};
use super::state::{import_id, names_of, place_of};
use crate::aws::arn::Arn;
use crate::aws::identity::Elsewhere;
use crate::ecs::attempt::Made;
use crate::ecs::bundle::Bundle;
use crate::ecs::error::{BundleError, BundleIdentity};
use crate::ecs::notice::Notice;
use crate::resources::commands;

/// Returns notices as sentences.
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

/// Says that a service which is being deleted counts as deleted.
pub(super) fn being_deleted(name: &String) -> Diagnostic {
    let detail = format!(
        "The service {name} has the status DRAINING: it is being deleted, and ECS stops its tasks, which takes as long \
         as the deregistration delay of its target group. The service counts as deleted. Its name cannot be used until its \
         status is INACTIVE. An apply that creates the service again waits for this status."
    );
    Diagnostic::warning("Service is being deleted", detail)
}

/// Says what a deletion left that succeeded otherwise.
pub(super) fn left_by_deletion(notice: &Notice) -> Diagnostic {
    Diagnostic::warning("Deletion is incomplete", text_of(notice))
}

/// What is left after a failed create, for the end of the error.
pub(super) fn after_undo(
    bundle: &Bundle,
    made: &Made,
    left: &[Notice],
    error: &BundleError,
) -> String {
    let mut text = String::new();
    if !made.services.is_empty() {
        text.push_str(
            "\n\nThe services that this apply created were deleted. The state contains nothing.",
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
            "\n\nThese services still exist but are not in the state, because an earlier apply created them: {names}. Apply \
             again to continue with them, or import them, so that a destroy deletes them:\n\n{import}"
        ));
    }
    text
}

/// What is left after a failed create of which everything is kept, for the end of the error.
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
        "\n\nThese services were kept, because on_create_failure is \"keep\": {}. They are not in the state, so nothing is \
         tainted: the next apply takes them over. To destroy them instead, import them first:\n\n{}",
        names.join(", "),
        import_command(bundle)
    )
}

pub(super) fn distant_cluster(error: &Elsewhere) -> Diagnostic {
    let (summary, remedy) = match error {
        Elsewhere::Region {
            stored, connected, ..
        } => (
            "Cluster is in another region",
            format!(
                "Set cluster to a cluster in the region {connected}, or set region = \"{stored}\" in the provider block \
                 that this resource uses (give each region its own block with an alias)."
            ),
        ),
        Elsewhere::Account {
            stored, connected, ..
        } => (
            "Cluster is in another account",
            format!(
                "Set cluster to a cluster of the account {connected}, or use credentials of the account {stored} (profile, \
                 assume_role or the AWS_* variables), and check them with:\n\n    aws sts get-caller-identity"
            ),
        ),
    };
    let detail = format!(
        "{error}. Services are created in the region and the account of the provider, so nothing was created.\n\n{remedy}"
    );
    Diagnostic::error(summary, detail).at(ServiceBundle::paths().cluster())
}

pub(super) fn replaced(plan: &ServiceBundlePlan) -> Diagnostic {
    let (name, cluster) = place_of(plan);
    let detail = format!(
        "The state holds the bundle {name} in the cluster {} already, and this plan creates a bundle of the same name. \
         Names of services are unique in a cluster, so the new services cannot exist beside the old ones.\n\nTo deploy all \
         services again, set deployment.force_new_deployment_trigger to a new value instead of -replace or \
         replace_triggered_by. If the resource is tainted:\n\n{}\n\nIf the resource has a new \
         address, add a moved block. To delete the services and create them again, which interrupts them:\n\n    destroy -target=ADDRESS\n    apply\n\nwhere ADDRESS is the address of the resource in the state.",
        Arn::name_in(&cluster),
        commands::untaint("ADDRESS"),
    );
    Diagnostic::error("Bundle cannot be replaced under its name", detail)
        .at(ServiceBundle::paths().name())
}

pub(super) fn held_twice(state: &ServiceBundlePlan) -> Diagnostic {
    let (name, cluster) = place_of(state);
    let detail = format!(
        "The state holds two objects for the bundle {name} in the cluster {}, and this plan deletes one of them and keeps \
         the other. Both are the same services, so the deletion would delete services that are in use. An older version of \
         this provider left such a deposed object when the resource was replaced with create_before_destroy.\n\n{}",
        Arn::name_in(&cluster),
        leave_the_state(state)
    );
    Diagnostic::error("Bundle is in the state twice", detail).at(ServiceBundle::paths().name())
}

/// What the deletion of a protected bundle would destroy, and how to delete it deliberately.
pub(super) fn protected(state: &ServiceBundlePlan) -> String {
    let (name, _) = place_of(state);
    format!(
        "Deleting the bundle {name} would stop its services. To delete it deliberately, set deletion_protection = false, \
         apply, and repeat the command.\n\nThat cannot be applied to a deposed object, which the plan shows with a key. An \
         older version of this provider left such an object when the resource was replaced, and its services are those of \
         the object that replaced it. {}",
        leave_the_state(state)
    )
}

fn import_command(bundle: &Bundle) -> String {
    commands::import("ADDRESS", &import_id(&bundle.identity()))
}

/// How to be rid of an object in the state without a deletion.
pub(super) fn leave_the_state(state: &ServiceBundlePlan) -> String {
    let (name, cluster) = place_of(state);
    let bundle = BundleIdentity {
        services: names_of(state),
        cluster,
        name,
    };
    format!(
        "Remove the objects from the state and import the bundle again; the services are not changed by that:\n\n{}\n{}\n\n\
         where ADDRESS is the address of the resource.",
        commands::state_rm("ADDRESS"),
        commands::import("ADDRESS", &import_id(&bundle)),
    )
}
