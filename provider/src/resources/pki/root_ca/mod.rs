//! `skreg_pki_root_ca`: a root certificate authority whose key is created once and stored in AWS Secrets Manager.
//!
//! [`stored_key`](super::stored_key) contains the operations. This folder contains what is specific to roots.

mod import;
mod intent;
pub mod model;
mod plan;
#[cfg(test)]
mod tests;
mod validate;
mod wording;

use jiff::Timestamp;
use tfplugin::{Diagnostic, Diagnostics};

use self::intent::RootCertificate;
use self::model::{RootCa, RootCaPlan};
use super::stored_key::{LockedAttribute, StoredKeyType, StoredKeys, Wording};
use crate::aws::secrets::SecretDescription;
use crate::pki::Certificate;

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
        plan.term().errors(now)
    }

    fn locked_attributes(prior: &RootCaPlan, plan: &RootCaPlan) -> Vec<LockedAttribute> {
        plan::locked_attributes(prior, plan)
    }

    fn change_warnings(prior: &RootCaPlan, plan: &RootCaPlan) -> Option<Diagnostic> {
        plan::postponed_validity(prior, plan)
    }

    fn imported(certificate: &Certificate, secret: &SecretDescription) -> RootCaPlan {
        import::as_configured(certificate, secret)
    }
}
