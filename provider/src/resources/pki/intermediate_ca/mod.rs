//! `skreg_pki_intermediate_ca`: a certificate authority whose certificate another authority signs. Its key is created once
//! and stored in AWS Secrets Manager, is in AWS KMS, or is the key in a certificate signing request.
//!
//! For a key that the provider stores or refers to, [`stored_key`](super::stored_key) contains the operations. A certificate
//! for a request has no secret, so [`request`] contains its operations.

mod diagnostics;
mod import;
mod intent;
pub mod model;
mod outputs;
mod plan;
mod request;
mod resource_type;
#[cfg(test)]
mod tests;
mod validate;
mod wording;

use jiff::Timestamp;
use tfplugin::{
    Create, Delete, Diagnostic, Diagnostics, Failure, Import, Imported, Outcome, Plan, Read,
    Resource, Stored, Update, Validate,
};

use self::intent::IntermediateCertificate;
use self::model::{IntermediateCa, IntermediateCaPlan};
pub use self::resource_type::{IntermediateCas, StoredIntermediates};
use super::key_source;
use super::requested_import::RequestedImport;
use super::stored_key::{
    Issued, KeyStores, LockedAttribute, StoredKeyType, Wording, locked_changes,
};
use crate::aws::secrets::SecretDescription;
use crate::pki::{Certificate, SignatureAlgorithm};

/// Key algorithm if none is configured.
const DEFAULT_KEY_ALGORITHM: &str = "RSA_4096";

impl<S: KeyStores + Clone> Resource for IntermediateCas<S> {
    type Model = IntermediateCa;

    async fn create(&self, request: Create<IntermediateCa>) -> Outcome<IntermediateCa> {
        if !request.plan.has_request() {
            return self.keys.create(request).await;
        }
        let issued = self.issue_for_request(None, request.plan, &request.call);
        let state = Box::pin(issued).await;
        state.map(Stored::new).map_err(Failure::nothing)
    }

    async fn read(
        &self,
        request: Read<IntermediateCa>,
    ) -> Result<Option<Stored<IntermediateCa>>, Diagnostics> {
        match request.prior.has_request() {
            true => self.refreshed(request.prior).map(Stored::new).map(Some),
            false => self.keys.read(request).await,
        }
    }

    async fn update(&self, request: Update<IntermediateCa>) -> Outcome<IntermediateCa> {
        let (prior, plan) = (&request.prior, &request.plan);
        if !plan.has_request() {
            return self.keys.update(request).await;
        }
        let locked = locked_changes::<IntermediateCa>(prior, plan);
        if locked.has_errors() {
            return Err(Failure::unchanged(locked));
        }
        let state = match plan::is_reissue(prior, plan) {
            true => {
                let issued = self.issue_for_request(Some(prior), plan.clone(), &request.call);
                Box::pin(issued).await
            }
            false => self.change_request(request.plan),
        };
        state.map(Stored::new).map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<IntermediateCa>) -> Result<(), Failure<IntermediateCa>> {
        match request.prior.has_request() {
            true => key_source::refuse_protected(&request.prior.deletion_protection)
                .map_err(Failure::unchanged),
            false => self.keys.delete(request).await,
        }
    }

    fn validate(&self, request: Validate<IntermediateCa>) -> Diagnostics {
        self.keys.validate(request)
    }

    async fn plan(&self, request: &mut Plan<IntermediateCa>) -> Result<(), Diagnostics> {
        if let (Some(prior), Some(plan)) = (&request.prior, &request.plan)
            && prior.has_request() != plan.has_request()
        {
            return Err(key_source::changed("skreg_pki_intermediate_ca").into());
        }
        let planned = request.plan.as_ref().or(request.prior.as_ref());
        if planned.is_some_and(IntermediateCaPlan::has_request) {
            return self.review_request(request);
        }
        // An unknown configured value remains unknown.
        if let (Some(plan), Some(config)) = (&mut request.plan, &request.config)
            && plan.key_algorithm.is_unknown()
            && config.key_algorithm.is_null()
        {
            plan.key_algorithm = DEFAULT_KEY_ALGORITHM.to_owned().into();
        }
        self.keys.plan(request).await
    }

    async fn import(&self, request: Import) -> Result<Imported<IntermediateCa>, Diagnostics> {
        match RequestedImport::is_meant(&request.id) {
            true => import::requested(&request.id, (self.now)()).map(Imported::new),
            false => self.keys.import(request).await,
        }
    }
}

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

    fn with_imported_issuer(
        prior: &IntermediateCaPlan,
        plan: &IntermediateCaPlan,
    ) -> Option<IntermediateCaPlan> {
        import::with_imported_issuer(prior, plan)
    }
}
