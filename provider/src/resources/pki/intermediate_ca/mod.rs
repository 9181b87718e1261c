//! `skreg_pki_intermediate_ca`: a certificate authority whose certificate another authority signs, and whose key is created
//! once and stored in AWS Secrets Manager.
//!
//! [`stored_key`](super::stored_key) contains the operations. This folder contains what is specific to intermediate
//! authorities.

mod diagnostics;
mod import;
mod intent;
pub mod model;
mod outputs;
mod plan;
#[cfg(test)]
mod tests;
mod validate;
mod wording;

use jiff::Timestamp;
use tfplugin::{Diagnostic, Diagnostics};

use self::intent::IntermediateCertificate;
use self::model::{IntermediateCa, IntermediateCaPlan};
use super::stored_key::{Issued, LockedAttribute, StoredKeyType, StoredKeys, Wording};
use crate::aws::secrets::SecretDescription;
use crate::pki::{Certificate, SignatureAlgorithm};

/// The resource type `skreg_pki_intermediate_ca`.
pub type IntermediateCas<S> = StoredKeys<IntermediateCa, S>;

impl StoredKeyType for IntermediateCa {
    type Certificate = IntermediateCertificate;

    const WORDING: Wording = wording::WORDING;

    fn certificate(plan: &IntermediateCaPlan) -> Result<IntermediateCertificate, Diagnostics> {
        IntermediateCertificate::of(plan)
    }

    fn invalid_configuration(config: &IntermediateCaPlan) -> Diagnostics {
        validate::invalid_configuration(config)
    }

    fn invalid_creation(plan: &IntermediateCaPlan, now: Timestamp) -> Diagnostics {
        plan::invalid_issuance(plan, now)
    }

    fn locked_attributes(
        prior: &IntermediateCaPlan,
        plan: &IntermediateCaPlan,
    ) -> Vec<LockedAttribute> {
        plan::locked_attributes(prior, plan)
    }

    fn change_warnings(
        prior: &IntermediateCaPlan,
        plan: &IntermediateCaPlan,
    ) -> Option<Diagnostic> {
        plan::postponed_validity(prior, plan)
    }

    fn is_reissue(prior: &IntermediateCaPlan, plan: &IntermediateCaPlan) -> bool {
        plan::is_reissue(prior, plan)
    }

    fn replaces_chain(prior: &IntermediateCaPlan, plan: &IntermediateCaPlan) -> bool {
        plan::replaces_chain(prior, plan)
    }

    fn signature_algorithm(plan: &IntermediateCaPlan) -> Option<SignatureAlgorithm> {
        intent::configured_signature_algorithm(plan).ok()
    }

    fn invalid_change(prior: &IntermediateCaPlan, plan: &IntermediateCaPlan) -> Diagnostics {
        plan::invalid_change(prior, plan)
    }

    fn invalid_reissue(plan: &IntermediateCaPlan, now: Timestamp) -> Diagnostics {
        plan::invalid_issuance(plan, now)
    }

    fn plan_outputs(plan: &mut IntermediateCaPlan, reissue: bool) {
        outputs::planned(plan, reissue);
    }

    fn set_outputs(plan: &mut IntermediateCaPlan, issued: &Issued) {
        outputs::set(plan, issued);
    }

    fn imported(certificate: &Certificate, secret: &SecretDescription) -> IntermediateCaPlan {
        import::as_configured(certificate, secret)
    }
}
