//! The imported configuration of an end-entity certificate.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tfplugin::{Diagnostics, Planned};

use super::model::{LeafCertificatePlan, Subject};
use super::{outputs, request, wording};
use crate::aws::secrets::SecretDescription;
use crate::pki::{
    AlternativeName, AuthorityInformationAccess, Certificate, CertificateKind,
    CrlDistributionPoints, KeyPurpose, Validity,
};
use crate::resources::pki::issuer::imported_form;
use crate::resources::pki::requested_import::RequestedImport;
use crate::resources::pki::term::NOT_BEFORE_MARGIN_MINUTES;

const SECONDS_PER_HOUR: i64 = 3600;

/// Reconstructs the configuration of a stored certificate. Settings that are not stored have their default values. The
/// issuer is reconstructed from the chain.
pub(super) fn as_configured(
    certificate: &Certificate,
    secret: &SecretDescription,
) -> LeafCertificatePlan {
    LeafCertificatePlan {
        secrets_manager: Planned::Known(secret.into()),
        ..as_certified(certificate)
    }
}

/// Returns the state of a certificate for a request. The import ID contains the request and the certificates.
pub(super) fn requested(id: &str, now: Timestamp) -> Result<LeafCertificatePlan, Diagnostics> {
    let resource_type = wording::WORDING.resource_type;
    let found = RequestedImport::read(id, CertificateKind::Leaf, resource_type)?;
    let mut plan = LeafCertificatePlan {
        csr_pem: found.csr_pem.clone().into(),
        tags: Planned::Known(BTreeMap::new()),
        previous_certificates: Planned::Known(Vec::new()),
        ..as_certified(&found.certificate)
    };
    request::set_outputs(&mut plan, &found.certificate, now);
    outputs::set_issued(&mut plan, &found.certificate, &found.chain());
    Ok(plan)
}

fn as_certified(certificate: &Certificate) -> LeafCertificatePlan {
    let certified = certificate.description();
    let names = &certified.subject_alternative_names;
    let texts = |text: fn(&AlternativeName) -> Option<String>| {
        let found = names.iter().filter_map(text).map(Planned::Known);
        Planned::Known(found.collect())
    };
    let list = |urls: &[String]| {
        let urls = urls.iter().cloned().map(Planned::Known);
        Planned::Known(urls.collect::<Vec<_>>())
    };
    let purposes = certified.extended_key_usage.iter().map(KeyPurpose::name);
    let subject = &certified.subject;
    let subject = (!subject.is_empty()).then(|| Subject::from(subject).into());
    let points = certified
        .extension::<CrlDistributionPoints>()
        .unwrap_or_default();
    let access = certified
        .extension::<AuthorityInformationAccess>()
        .unwrap_or_default();
    let hours = validity_hours(&certified.validity);
    let end = certified.validity.not_after().to_string();
    LeafCertificatePlan {
        key_algorithm: certificate
            .public_key()
            .algorithm()
            .name()
            .to_owned()
            .into(),
        subject: subject.into(),
        dns_names: texts(|name| match name {
            AlternativeName::Dns(name) => Some(name.clone()),
            _ => None,
        }),
        ip_addresses: texts(|name| match name {
            AlternativeName::Ip(address) => Some(address.to_string()),
            _ => None,
        }),
        uris: texts(|name| match name {
            AlternativeName::Uri(uri) => Some(uri.clone()),
            _ => None,
        }),
        email_addresses: texts(|name| match name {
            AlternativeName::Email(address) => Some(address.clone()),
            _ => None,
        }),
        extended_key_usage: Planned::Known(purposes.map(Planned::Known).collect()),
        validity_hours: hours.into(),
        not_after: hours.is_none().then_some(end).into(),
        not_before_margin_minutes: NOT_BEFORE_MARGIN_MINUTES.into(),
        not_after_behavior: "error".to_owned().into(),
        rotate_key_on_renewal: true.into(),
        allow_root_issuance: false.into(),
        allow_wildcard: false.into(),
        crl_distribution_points: list(points.urls()),
        ca_issuers_urls: list(access.ca_issuers()),
        ocsp_urls: list(access.ocsp()),
        revoke_on_destroy: true.into(),
        deletion_protection: false.into(),
        ..LeafCertificatePlan::default()
    }
}

/// Returns the plan with the issuer in an imported state, if the state represents the configured issuer.
pub(super) fn with_imported_issuer(
    prior: &LeafCertificatePlan,
    plan: &LeafCertificatePlan,
) -> Option<LeafCertificatePlan> {
    Some(LeafCertificatePlan {
        issuer: imported_form(&prior.issuer, &plan.issuer)?,
        ..plan.clone()
    })
}

/// Returns the hours of a validity period that begins with the default margin before the issuance.
fn validity_hours(validity: &Validity) -> Option<i64> {
    let length = validity.not_after().duration_since(validity.not_before());
    let seconds = length.as_secs() - NOT_BEFORE_MARGIN_MINUTES * 60;
    (seconds > 0 && seconds % SECONDS_PER_HOUR == 0).then_some(seconds / SECONDS_PER_HOUR)
}
