//! The imported configuration of an intermediate authority.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tfplugin::{Diagnostics, Planned};

use super::model::IntermediateCaPlan;
use super::{outputs, wording};
use crate::aws::secrets::SecretDescription;
use crate::pki::{Certificate, CertificateKind};
use crate::resources::pki::authority_extensions::AuthorityExtensions;
use crate::resources::pki::issuer::{Usage, default_issuing_usage, imported_form, imported_issuer};
use crate::resources::pki::path_length;
use crate::resources::pki::requested_import::RequestedImport;
use crate::resources::pki::subject::Subject;
use crate::resources::pki::term::NOT_BEFORE_MARGIN_MINUTES;

/// Reconstructs the configuration of a stored authority. Settings that are not stored have their default values.
pub(super) fn as_configured(
    certificate: &Certificate,
    secret: &SecretDescription,
) -> IntermediateCaPlan {
    IntermediateCaPlan {
        secrets_manager: Planned::Known(secret.into()),
        ..as_certified(certificate)
    }
}

/// Returns the state of an authority for a request. The import ID contains the request and the certificates.
pub(super) fn requested(id: &str, now: Timestamp) -> Result<IntermediateCaPlan, Diagnostics> {
    let resource_type = wording::WORDING.resource_type;
    let found = RequestedImport::read(id, CertificateKind::Intermediate, resource_type)?;
    let signature = found.certificate.description().signature_algorithm;
    let mut plan = IntermediateCaPlan {
        signed_by: imported_issuer(&found.issuer, &found.above, signature, Usage::SignCa),
        csr_pem: found.csr_pem.clone().into(),
        certificate_revision: found.revision.into(),
        tags: Planned::Known(BTreeMap::new()),
        ..as_certified(&found.certificate)
    };
    outputs::set_for_request(None, &mut plan, &found.certificate, &found.chain(), now);
    Ok(plan)
}

fn as_certified(certificate: &Certificate) -> IntermediateCaPlan {
    let certified = certificate.description();
    let length = certified.validity.days_and_minutes();
    let days = length.map(|(days, _)| days);
    let margin = length.map(|(_, minutes)| minutes);
    let end = certified.validity.not_after().to_string();
    let extensions = AuthorityExtensions::of(certified);
    IntermediateCaPlan {
        subject: Planned::Known(Subject::from(&certified.subject).into()),
        key_algorithm: certificate
            .public_key()
            .algorithm()
            .name()
            .to_owned()
            .into(),
        validity_days: days.into(),
        not_after: days.is_none().then_some(end).into(),
        not_after_behavior: "error".to_owned().into(),
        not_before_margin_minutes: margin.unwrap_or(NOT_BEFORE_MARGIN_MINUTES).into(),
        path_length: path_length::attribute(certified.path_length()).into(),
        extended_key_usage: extensions.extended_key_usage(),
        name_constraints: extensions.name_constraints(),
        policy_oids: extensions.policy_oids(),
        crl_distribution_points: extensions.crl_distribution_points(),
        ca_issuers_urls: extensions.ca_issuers_urls(),
        ocsp_urls: extensions.ocsp_urls(),
        usage: Planned::Known(
            default_issuing_usage()
                .into_iter()
                .map(Planned::Known)
                .collect(),
        ),
        deletion_protection: true.into(),
        ..IntermediateCaPlan::default()
    }
}

/// Returns the plan with the issuer in an imported state, if the state represents the configured issuer.
pub(super) fn with_imported_issuer(
    prior: &IntermediateCaPlan,
    plan: &IntermediateCaPlan,
) -> Option<IntermediateCaPlan> {
    Some(IntermediateCaPlan {
        signed_by: imported_form(&prior.signed_by, &plan.signed_by)?,
        ..plan.clone()
    })
}
