//! Changes to a root during planning.

use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::intent::signature_algorithm;
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

/// Returns whether a change issues the next certificate.
pub(super) fn is_reissue(prior: &RootCaPlan, plan: &RootCaPlan) -> bool {
    let revisions = (
        prior.certificate_revision.known(),
        plan.certificate_revision.known(),
    );
    matches!(revisions, (Some(before), Some(after)) if *after == before + 1)
}

/// Returns the errors in a change of the revision, and in a change that requires a new revision.
pub(super) fn invalid_change(prior: &RootCaPlan, plan: &RootCaPlan) -> Diagnostics {
    let paths = RootCa::paths();
    let mut found = Diagnostics::new();
    let revisions = (
        prior.certificate_revision.known(),
        plan.certificate_revision.known(),
    );
    if let (Some(before), Some(after)) = revisions
        && after != before
        && !is_reissue(prior, plan)
    {
        let detail = format!(
            "certificate_revision is {before} and cannot be changed to {after}. Each revision is one certificate, and \
             issued certificates cannot be withdrawn by a lower revision.\n\nTo issue the next certificate, set \
             certificate_revision to {}. To keep the current certificate, set it to {before}.",
            before + 1
        );
        let error = Diagnostic::error("Revision must rise by 1", detail);
        found.push(error.at(paths.certificate_revision()));
    }
    let algorithms = (
        prior.signature_algorithm.known(),
        plan.signature_algorithm.known(),
    );
    if let (Some(before), Some(after)) = algorithms
        && before != after
        && !is_reissue(prior, plan)
    {
        let detail = format!(
            "signature_algorithm cannot be changed from {before} to {after} without a new certificate, because the \
             existing certificate is signed with {before}.\n\nRaise certificate_revision by 1 to issue the next \
             certificate, or set signature_algorithm back to {before}."
        );
        let error = Diagnostic::error("Signature algorithm requires a new certificate", detail);
        found.push(error.at(paths.signature_algorithm()));
    }
    if is_reissue(prior, plan) {
        found.extend(signature_algorithm(plan).err().into_iter().flatten());
    }
    found
}

/// Warns that a change to the validity period does not affect the existing certificate.
pub(super) fn postponed_validity(prior: &RootCaPlan, plan: &RootCaPlan) -> Option<Diagnostic> {
    if is_reissue(prior, plan) {
        return None;
    }
    let path = plan.term().changed_since(prior.term())?;
    let instant =
        |value: &Planned<String>| value.known().map_or("unknown", String::as_str).to_owned();
    let detail = format!(
        "The existing certificate remains valid from {} to {}. The new value applies to the next certificate that is \
         issued for this key. To issue it, raise certificate_revision by 1.",
        instant(&prior.not_before),
        instant(&prior.not_after_actual),
    );
    Some(Diagnostic::warning("Change does not affect the existing certificate", detail).at(path))
}
