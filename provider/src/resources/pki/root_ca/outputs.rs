//! Outputs that only certificate authorities have: the issuer object and the history of certificates.
//!
//! These functions are pure.

use tfplugin::Planned;

use super::model::RootCaPlan;
use crate::resources::pki::certificate_revision::{self, CertificateRevisionPlan};
use crate::resources::pki::issuer::IssuerOutputPlan;
use crate::resources::pki::signature_algorithm;
use crate::resources::pki::stored_key::Issued;

/// Plans the outputs. They are unknown if a certificate is issued.
pub(super) fn planned(plan: &mut RootCaPlan, issued: bool) {
    if plan.signature_algorithm.is_unknown() {
        plan.signature_algorithm = signature_algorithm::default_of(&plan.key_algorithm);
    }
    if issued {
        plan.certificate_history = Planned::Unknown;
    }
    match &mut plan.issuer {
        Planned::Known(issuer) => {
            issuer.usage = plan.usage.clone();
            if issued {
                issuer.certificate_pem = Planned::Unknown;
                issuer.signature_algorithm = plan.signature_algorithm.clone();
            }
        }
        Planned::Null if issued => plan.issuer = Planned::Unknown,
        Planned::Null | Planned::Unknown => {}
    }
}

/// Sets the outputs after a certificate was issued or imported.
pub(super) fn set(plan: &mut RootCaPlan, issued: &Issued) {
    let history = issued.history();
    plan.signature_algorithm = issued.signature_algorithm.name().to_owned().into();
    plan.certificate_history = certificate_revision::history(history);
    if plan.certificate_revision.is_null() {
        plan.certificate_revision = i64::try_from(history.len()).unwrap_or(i64::MAX).into();
    }
    plan.issuer = issuer(plan);
}

/// Adds the outputs to a state from an earlier provider version, whose only certificate is revision 1.
pub(super) fn refreshed(state: &mut RootCaPlan) {
    if state.signature_algorithm.is_null() {
        state.signature_algorithm = signature_algorithm::default_of(&state.key_algorithm);
    }
    if state.certificate_history.is_null() && state.certificate_revision == Planned::Known(1) {
        let revision = CertificateRevisionPlan {
            revision: 1.into(),
            certificate_pem: state.certificate_pem.clone(),
            serial_number: state.serial_number.clone(),
            not_after: state.not_after_actual.clone(),
        };
        state.certificate_history = Planned::Known(vec![Planned::Known(revision)]);
    }
    if state.issuer.is_null() {
        state.issuer = issuer(state);
    }
}

/// Returns the `issuer` object for the certificate in a plan or state.
fn issuer(plan: &RootCaPlan) -> Planned<IssuerOutputPlan> {
    let kms_key_arn = match &plan.kms {
        Planned::Known(kms) => kms.key_arn.clone(),
        Planned::Null | Planned::Unknown => Planned::Null,
    };
    Planned::Known(IssuerOutputPlan {
        certificate_pem: plan.certificate_pem.clone(),
        chain_pem: String::new().into(),
        secret_arn: plan.secret_arn.clone(),
        kms_key_arn,
        signature_algorithm: plan.signature_algorithm.clone(),
        usage: plan.usage.clone(),
        spki_sha256: plan.spki_sha256.clone(),
    })
}
