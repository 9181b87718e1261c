//! What is refused before anything happens: illegal configuration, changes of identity, unwanted deletion.
//!
//! Pure. The rule behind all of it: no plan may lead to another key by itself. So nothing here asks for replacement;
//! a change that would need another key is an error that says how to get one deliberately.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::intent::{end_of_validity, term_of};
use super::model::{RootCa, RootCaPlan, SecretsManagerPlan, SubjectPlan};
use super::refusals;
use crate::aws::secrets::{KmsKeys, compare_kms_keys};
pub(super) use crate::config::ROOT_KEY_TAG as KEY_TAG;
use crate::config::{is_reserved_tag, reserved_tag, root_key_tag};
/// The mark of an unfinished create, as of a bundle; its value names the run. Written with the secret, removed as the last
/// step.
pub(super) use crate::ecs::bundle::UNFINISHED_TAG;
use crate::pki::{SubjectAttribute, Validity, ValidityStatus, check_subject_attribute};

/// The tag by which an earlier version of the provider told which of several creations took over a stored key last. No
/// create writes it any more.
pub(super) const ADOPTION_TAG: &str = "skreg:adoption";

/// Checks configuration in which anything may be unknown.
pub(super) fn illegal_configuration(config: &RootCaPlan) -> Diagnostics {
    let paths = RootCa::paths();
    let mut found = Diagnostics::new();
    found.extend(one_end_of_validity(config));
    if let Some(text) = config.not_after.known() {
        found.extend(end_of_validity(text).err());
    }
    if let Some(subject) = config.subject.known() {
        found.extend(illegal_subject_attributes(subject));
    }
    let tags = paths.tags();
    for key in config.tags.known().into_iter().flat_map(BTreeMap::keys) {
        if key == KEY_TAG {
            found.push(root_key_tag(tags.key(key)));
        } else if is_reserved_tag(key) {
            found.push(reserved_tag(key, tags.key(key)));
        }
    }
    found
}

fn one_end_of_validity(config: &RootCaPlan) -> Option<Diagnostic> {
    let paths = RootCa::paths();
    let (days, end) = (&config.validity_days, &config.not_after);
    if days.is_null() && end.is_null() {
        let detail =
            "Set validity_days, such as 3650, or not_after, such as \"2036-01-01T00:00:00Z\".";
        return Some(Diagnostic::error("No end of validity", detail).at(paths.validity_days()));
    }
    // One that is not known yet may turn out to be null.
    if days.known().is_some() && end.known().is_some() {
        let detail = "Set either validity_days or not_after, not both.";
        return Some(Diagnostic::error("Two ends of validity", detail).at(paths.not_after()));
    }
    None
}

fn subject_attributes(
    subject: &SubjectPlan,
) -> [(SubjectAttribute, AttributePath, &Planned<String>); 6] {
    let paths = RootCa::paths().subject();
    [
        (
            SubjectAttribute::CommonName,
            paths.common_name(),
            &subject.common_name,
        ),
        (
            SubjectAttribute::Organization,
            paths.organization(),
            &subject.organization,
        ),
        (
            SubjectAttribute::OrganizationalUnit,
            paths.organizational_unit(),
            &subject.organizational_unit,
        ),
        (SubjectAttribute::Country, paths.country(), &subject.country),
        (
            SubjectAttribute::Locality,
            paths.locality(),
            &subject.locality,
        ),
        (
            SubjectAttribute::Province,
            paths.province(),
            &subject.province,
        ),
    ]
}

fn illegal_subject_attributes(subject: &SubjectPlan) -> impl Iterator<Item = Diagnostic> {
    subject_attributes(subject)
        .into_iter()
        .filter_map(|(attribute, path, value)| {
            let broken = check_subject_attribute(attribute, value.known()?).err()?;
            Some(
                Diagnostic::error(
                    "Illegal subject",
                    format!("The {attribute} is not allowed: {}.", broken.rule),
                )
                .at(path),
            )
        })
}

/// Checks the plan of a new authority: an end of validity that can be met from `now`.
pub(super) fn unmet_validity(plan: &RootCaPlan, now: Timestamp) -> Diagnostics {
    let parts = [
        plan.validity_days.is_unknown(),
        plan.not_after.is_unknown(),
        plan.not_before_margin_minutes.is_unknown(),
    ];
    if parts.contains(&true) {
        return Diagnostics::new();
    }
    let path = if plan.not_after.is_null() {
        RootCa::paths().validity_days()
    } else {
        RootCa::paths().not_after()
    };
    match term_of(plan).map(|term| term.from(now)) {
        Err(diagnostics) => diagnostics,
        Ok(Ok(_)) => Diagnostics::new(),
        Ok(Err(error)) => {
            let detail = format!("{error}. Choose a later or nearer end.");
            Diagnostic::error("Validity is out of range", detail)
                .at(path)
                .into()
        }
    }
}

/// Changes of what cannot be changed. Values that are not known yet are let pass; the apply asks again.
pub(super) fn locked_changes(prior: &RootCaPlan, plan: &RootCaPlan) -> Diagnostics {
    let paths = RootCa::paths();
    let text = |number: &Planned<i64>| number.map(|number| number.to_string());
    let mut locked = vec![
        (
            paths.key_algorithm(),
            prior.key_algorithm.clone(),
            plan.key_algorithm.clone(),
        ),
        (
            paths.path_length(),
            text(&prior.path_length),
            text(&plan.path_length),
        ),
    ];
    if let (Some(before), Some(after)) = (prior.subject.known(), plan.subject.known()) {
        let pairs = subject_attributes(before)
            .into_iter()
            .zip(subject_attributes(after));
        locked.extend(
            pairs.map(|((_, path, before), (_, _, after))| (path, before.clone(), after.clone())),
        );
    }
    if let (Some(before), Some(after)) =
        (prior.secrets_manager.known(), plan.secrets_manager.known())
    {
        let secret = paths.secrets_manager();
        locked.push((secret.name(), before.name.clone(), after.name.clone()));
        if !is_same_kms_key(before, after) {
            locked.push((
                secret.kms_key_id(),
                before.kms_key_id.clone(),
                after.kms_key_id.clone(),
            ));
        }
    }
    locked
        .into_iter()
        .filter(|(_, before, after)| !after.is_unknown() && before != after)
        .map(|(path, before, after)| locked_change(path, &before, &after))
        .collect()
}

fn is_same_kms_key(before: &SecretsManagerPlan, after: &SecretsManagerPlan) -> bool {
    let notation = |secret: &SecretsManagerPlan| secret.kms_key_id.known().cloned();
    let (before, after) = (notation(before), notation(after));
    compare_kms_keys(before.as_deref(), after.as_deref()) == KmsKeys::Same
}

fn locked_change(
    path: AttributePath,
    before: &Planned<String>,
    after: &Planned<String>,
) -> Diagnostic {
    let show = |value: &Planned<String>| {
        value
            .known()
            .map_or("unset".to_owned(), |text| format!("{text:?}"))
    };
    let detail = format!(
        "{path} of an existing root certificate authority cannot change from {} to {}: everything that trusts this \
         root trusts exactly this key and this name. Set it back to {}.\n\nFor a root that differs, create a new \
         generation: add another skreg_pki_root_ca with its own secret, distribute its certificate, move what is \
         signed over to it, and remove this one last.",
        show(before),
        show(after),
        show(before),
    );
    Diagnostic::error("The identity of a root cannot be changed", detail).at(path)
}

/// Warns that another validity does not change the certificate that exists.
pub(super) fn postponed_validity(prior: &RootCaPlan, plan: &RootCaPlan) -> Option<Diagnostic> {
    let paths = RootCa::paths();
    let path = if prior.validity_days != plan.validity_days {
        paths.validity_days()
    } else if prior.not_after != plan.not_after {
        paths.not_after()
    } else if prior.not_before_margin_minutes != plan.not_before_margin_minutes {
        paths.not_before_margin_minutes()
    } else {
        return None;
    };
    let instant =
        |value: &Planned<String>| value.known().map_or("unknown", String::as_str).to_owned();
    let detail = format!(
        "The existing certificate stays valid from {} to {}. The new value is stored and used when a certificate is next \
         issued for this key.",
        instant(&prior.not_before),
        instant(&prior.not_after_actual),
    );
    Some(Diagnostic::warning("The certificate does not change", detail).at(path))
}

/// Warns of a recovery window of 0 days where it is new.
pub(super) fn no_recovery(prior: Option<&RootCaPlan>, plan: &RootCaPlan) -> Option<Diagnostic> {
    let secret = plan.secrets_manager.known()?;
    let window = |secret: &SecretsManagerPlan| secret.recovery_window_in_days;
    let before = prior.and_then(|prior| prior.secrets_manager.known().map(window));
    let new = window(secret) == Planned::Known(0) && before != Some(Planned::Known(0));
    let name = secret.name.known().map_or("", String::as_str);
    new.then(|| refusals::no_recovery(name))
}

/// How close the end of the certificate in a state is at `now`.
pub(super) fn validity_status(state: &RootCaPlan, now: Timestamp) -> Option<ValidityStatus> {
    let instant = |value: &Planned<String>| value.known()?.parse::<Timestamp>().ok();
    let validity = Validity::new(
        instant(&state.not_before)?,
        instant(&state.not_after_actual)?,
    );
    Some(validity.ok()?.status_at(now))
}

/// Warns of a certificate that has expired or expires soon.
pub(super) fn ending_validity(state: &RootCaPlan, now: Timestamp) -> Option<Diagnostic> {
    let end = state.not_after_actual.known()?;
    refusals::validity_ends(validity_status(state, now)?, end)
}

/// Refuses to delete a key that is protected in the state. Anything but a stored `false` protects.
pub(super) fn protected_from_deletion(prior: &RootCaPlan) -> Option<Diagnostic> {
    if prior.deletion_protection == Planned::Known(false) {
        return None;
    }
    let secret = prior
        .secret_arn
        .known()
        .map_or("the secret", String::as_str);
    let detail = format!(
        "Deleting {secret} would delete the private key of this root: nothing could be signed or revoked by it any \
         more.\n\nIf that is meant, set deletion_protection = false, apply, and then delete. If the block was removed or \
         renamed by accident, put it back, or add a moved block. An object that the plan shows as deposed, left by an \
         earlier version of the provider, has no configuration to change: remove it from the state (tofu state rm ADDRESS) \
         and import the root again (tofu import ADDRESS 'secretsmanager:{secret}')."
    );
    Some(
        Diagnostic::error("The root key is protected from deletion", detail)
            .at(RootCa::paths().deletion_protection()),
    )
}
