//! Changes to a root during planning.

use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::intent;
use super::model::{RootCa, RootCaPlan};
use crate::resources::pki::stored_key::LockedAttribute;
use crate::resources::pki::{certificate_revision, certificate_room, signature_algorithm, subject};

/// Returns the attributes of a root certificate that cannot be changed.
pub(super) fn locked_attributes(prior: &RootCaPlan, plan: &RootCaPlan) -> Vec<LockedAttribute> {
    let text = |number: &Planned<i64>| number.map(|number| number.to_string());
    let mut locked = vec![LockedAttribute {
        path: RootCa::paths().path_length(),
        before: text(&prior.path_length),
        after: text(&plan.path_length),
    }];
    // The argument can be removed, because the key is ignored after creation.
    if !plan.private_key_pem_wo_version.is_null() {
        locked.push(LockedAttribute {
            path: RootCa::paths().private_key_pem_wo_version(),
            before: text(&prior.private_key_pem_wo_version),
            after: text(&plan.private_key_pem_wo_version),
        });
    }
    locked.extend(subject::locked_attributes(&prior.subject, &plan.subject));
    locked
}

/// Returns whether a change issues the next certificate.
pub(super) fn is_reissue(prior: &RootCaPlan, plan: &RootCaPlan) -> bool {
    certificate_revision::is_next(&prior.certificate_revision, &plan.certificate_revision)
}

/// Returns the errors in a change of the revision, and in a change that requires a new revision.
pub(super) fn invalid_change(prior: &RootCaPlan, plan: &RootCaPlan) -> Diagnostics {
    let mut found = Diagnostics::new();
    found.extend(certificate_revision::invalid_change(
        &prior.certificate_revision,
        &plan.certificate_revision,
    ));
    if !is_reissue(prior, plan) {
        found.extend(signature_algorithm::invalid_change(
            &prior.signature_algorithm,
            &plan.signature_algorithm,
        ));
        let changed = plan.extensions().changed_since(prior.extensions());
        found.extend(changed.into_iter().map(certificate_revision::required_for));
        return found;
    }
    found.extend(certificate_room::no_room(&prior.certificate_history, ""));
    found.extend(
        intent::signature_algorithm(plan)
            .err()
            .into_iter()
            .flatten(),
    );
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
