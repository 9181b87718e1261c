//! Messages in the attribute `drift`.

use super::attributes::attribute_of;
use crate::ecs::bundle::UNFINISHED_TAG;
use crate::ecs::drift::{Drift, Field, Values};

/// Returns the message for each difference.
#[must_use]
pub fn texts(drift: &[Drift]) -> Vec<String> {
    drift.iter().map(text).collect()
}

/// Returns the message for a difference.
#[must_use]
pub(in super::super) fn text(drift: &Drift) -> String {
    match drift {
        Drift::Differs {
            field,
            values: Some(values),
        } => format!("{} is {}", attribute(field), instead(values)),
        Drift::Differs {
            field,
            values: None,
        } => format!("{} is different", attribute(field)),
        Drift::Override(field) => format!(
            "{}container_overrides_json is different in {}",
            place(field),
            field.path
        ),
        Drift::Unmodelled(field) => format!(
            "{}{} is set, but this resource does not manage it",
            place(field),
            field.path
        ),
        Drift::MissingSidecar(name) => format!("sidecars[{name:?}] is missing"),
        Drift::UnplannedSidecar(name) => {
            format!("the sidecar container {name} is not configured")
        }
        Drift::Revision(values) => format!("the task definition is {}", instead(values)),
        Drift::Deregistered(name) => format!("the task definition {name} was deregistered"),
        Drift::NoTaskDefinition => "the task definition no longer exists".to_owned(),
        Drift::DeletionStarted => {
            "the deletion of the service was started but not completed".to_owned()
        }
        Drift::CreationStarted => {
            format!(
                "the creation of the service was started but not completed (tag {UNFINISHED_TAG})"
            )
        }
        Drift::DeploymentFailed => "the last deployment failed".to_owned(),
        Drift::DeploymentInProgress => "a deployment is in progress".to_owned(),
        Drift::NotDescribed => "the service has not been described since the last apply".to_owned(),
    }
}

fn instead(values: &Values) -> String {
    format!("{} instead of {}", values.running, values.planned)
}

/// Returns the path of the attribute that configures a field, relative to the service.
fn attribute(field: &Field) -> String {
    let path = format!("{}{}", place(field), attribute_of(&field.path));
    match &field.entry {
        Some(entry) => format!("{path}[{entry:?}]"),
        None => path,
    }
}

/// Returns the path prefix for a field in a sidecar container.
fn place(field: &Field) -> String {
    let sidecar = field.sidecar.as_ref();
    sidecar.map_or_else(String::new, |name| format!("sidecars[{name:?}]."))
}
