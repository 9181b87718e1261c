//! `skreg_pki_root_ca`: a root certificate authority whose key is created once and stored in AWS Secrets Manager.
//!
//! [`stored_key`](super::stored_key) contains the operations. This folder contains what is specific to roots.

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

use self::intent::RootCertificate;
use self::model::{RootCa, RootCaPlan};
use super::stored_key::{
    Issued, KeyArguments, LockedAttribute, StoredKeyType, StoredKeys, Wording,
};
use crate::aws::secrets::SecretDescription;
use crate::pki::{Certificate, SignatureAlgorithm};

/// The resource type `skreg_pki_root_ca`.
pub type RootCas<S> = StoredKeys<RootCa, S>;

impl StoredKeyType for RootCa {
    type Certificate = RootCertificate;

    const WORDING: Wording = wording::WORDING;

    fn certificate(plan: &RootCaPlan) -> Result<RootCertificate, Diagnostics> {
        RootCertificate::of(plan)
    }

    fn invalid_configuration(config: &RootCaPlan) -> Diagnostics {
        validate::invalid_configuration(config)
    }

    fn invalid_creation(plan: &RootCaPlan, now: Timestamp) -> Diagnostics {
        let mut found = plan.term().errors(now);
        if !plan.key_algorithm.is_unknown() {
            found.extend(
                intent::signature_algorithm(plan)
                    .err()
                    .into_iter()
                    .flatten(),
            );
        }
        found
    }

    fn locked_attributes(prior: &RootCaPlan, plan: &RootCaPlan) -> Vec<LockedAttribute> {
        plan::locked_attributes(prior, plan)
    }

    fn change_warnings(prior: &RootCaPlan, plan: &RootCaPlan) -> Option<Diagnostic> {
        plan::postponed_validity(prior, plan)
    }

    fn is_reissue(prior: &RootCaPlan, plan: &RootCaPlan) -> bool {
        plan::is_reissue(prior, plan)
    }

    fn key_arguments(config: &RootCaPlan) -> Option<KeyArguments<'_>> {
        Some(KeyArguments {
            private_key: &config.private_key_pem_wo,
            version: &config.private_key_pem_wo_version,
        })
    }

    fn signature_algorithm(plan: &RootCaPlan) -> Option<SignatureAlgorithm> {
        intent::signature_algorithm(plan).ok()
    }

    fn invalid_change(prior: &RootCaPlan, plan: &RootCaPlan) -> Diagnostics {
        plan::invalid_change(prior, plan)
    }

    fn plan_outputs(plan: &mut RootCaPlan, reissue: bool) {
        outputs::planned(plan, reissue);
    }

    fn refresh_outputs(state: &mut RootCaPlan) {
        outputs::refreshed(state);
    }

    fn set_outputs(plan: &mut RootCaPlan, issued: &Issued) {
        outputs::set(plan, issued);
    }

    fn imported(certificate: &Certificate, secret: &SecretDescription) -> RootCaPlan {
        import::as_configured(certificate, secret)
    }
}
