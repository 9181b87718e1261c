//! The imported configuration of a root.

use tfplugin::Planned;

use super::model::{RootCaPlan, Subject};
use crate::aws::secrets::SecretDescription;
use crate::pki::Certificate;
use crate::resources::pki::authority_extensions::AuthorityExtensions;
use crate::resources::pki::issuer::default_usage;
use crate::resources::pki::path_length;
use crate::resources::pki::term::NOT_BEFORE_MARGIN_MINUTES;

/// Reconstructs the configuration of a stored root. Settings that are not stored have their default values.
pub(super) fn as_configured(certificate: &Certificate, secret: &SecretDescription) -> RootCaPlan {
    let certified = certificate.description();
    let length = certified.validity.days_and_minutes();
    // Earlier provider versions issued certificates without a margin.
    let margin = length
        .map(|(_, minutes)| minutes)
        .filter(|minutes| *minutes > 0);
    let days = length.map(|(days, _)| days);
    let end = certified.validity.not_after().to_string();
    let extensions = AuthorityExtensions::of(certified);
    let algorithm = certificate.public_key().algorithm();
    RootCaPlan {
        subject: Planned::Known(Subject::from(&certified.subject).into()),
        key_algorithm: algorithm.name().to_owned().into(),
        secrets_manager: Planned::Known(secret.into()),
        validity_days: days.into(),
        not_after: days.is_none().then_some(end).into(),
        not_before_margin_minutes: margin.unwrap_or(NOT_BEFORE_MARGIN_MINUTES).into(),
        path_length: path_length::attribute(certified.path_length()).into(),
        name_constraints: extensions.name_constraints(),
        policy_oids: extensions.policy_oids(),
        usage: Planned::Known(default_usage().into_iter().map(Planned::Known).collect()),
        deletion_protection: true.into(),
        ..RootCaPlan::default()
    }
}
