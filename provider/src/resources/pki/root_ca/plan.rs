//! Changes to a root during planning.

use tfplugin::{Diagnostic, Planned};

use super::model::{RootCa, RootCaPlan};
use crate::resources::pki::stored_key::LockedAttribute;
use crate::resources::pki::subject;

/// Returns the attributes of a root certificate that cannot be changed.
pub(super) fn locked_attributes(prior: &RootCaPlan, plan: &RootCaPlan) -> Vec<LockedAttribute> {
    let text = |number: &Planned<i64>| number.map(|number| number.to_string());
    let mut locked = vec![LockedAttribute {
        path: RootCa::paths().path_length(),
        before: text(&prior.path_length),
        after: text(&plan.path_length),
    }];
    locked.extend(subject::locked_attributes(&prior.subject, &plan.subject));
    locked
}

/// Warns that a change to the validity period does not affect the existing certificate.
pub(super) fn postponed_validity(prior: &RootCaPlan, plan: &RootCaPlan) -> Option<Diagnostic> {
    let path = plan.term().changed_since(prior.term())?;
    let instant =
        |value: &Planned<String>| value.known().map_or("unknown", String::as_str).to_owned();
    let detail = format!(
        "The existing certificate remains valid from {} to {}. The new value applies to the next certificate that is \
         issued for this key.",
        instant(&prior.not_before),
        instant(&prior.not_after_actual),
    );
    Some(Diagnostic::warning("Change does not affect the existing certificate", detail).at(path))
}
