//! `skreg_pki_certificate`: an end-entity certificate for a generated key, for a key in AWS KMS, or for the key in a
//! certificate signing request.
//!
//! For a key that the provider stores or refers to, [`stored_key`](super::stored_key) contains the operations. A certificate
//! for a request has no secret, so [`request`] contains its operations.
//!
//! The plan decides whether the next certificate is issued, and marks it by an unknown serial number, which the apply follows.
//! Terraform plans a changed resource again before it applies the change. If the renewal window begins between both plans,
//! only the second one issues a certificate. Terraform then reports an inconsistent plan, and the next run issues the
//! certificate. The decision depends on the clock nevertheless: if it depended on the last refresh only, a plan without a
//! refresh would let the certificate expire.
//!
//! If an apply was interrupted after it stored a certificate, a refresh sets `ready_for_renewal`. The next plan then issues a
//! certificate, and the apply adopts the stored one if it is the configured one.

mod diagnostics;
mod import;
mod intent;
mod ledger;
mod location;
pub mod model;
mod names;
mod outputs;
mod plan;
mod previous;
mod records;
mod request;
mod resource_type;
mod term;
#[cfg(test)]
mod tests;
mod validate;
mod wording;

use jiff::Timestamp;
use tfplugin::{
    Call, Create, Delete, Diagnostic, Diagnostics, Failure, Import, Imported, Outcome, Plan,
    Planned, Read, Resource, Stored, Update, Validate,
};

use self::intent::LeafIntent;
use self::model::{LeafCertificate, LeafCertificatePlan};
use self::plan::Decision;
pub use self::resource_type::{LeafCertificates, LeafStores};
use super::key_source;
use super::requested_import::RequestedImport;
use super::stored_key::{
    Issued, KeyState, LockedAttribute, StoredKeyType, Wording, expiry_warning, refuse_protected,
};
use crate::aws::secrets::SecretDescription;
use crate::pki::Certificate;
use crate::resources::settled::settled;

impl<S: LeafStores> LeafCertificates<S> {
    /// Decides whether the next certificate of an existing object is issued, and plans the outputs accordingly.
    async fn plan_change(
        &self,
        prior: &LeafCertificatePlan,
        config: Option<&LeafCertificatePlan>,
        plan: &mut LeafCertificatePlan,
        call: &Call,
    ) -> Result<Option<Diagnostic>, Diagnostics> {
        if prior.has_request() != plan.has_request() {
            return Err(key_source::changed("skreg_pki_certificate").into());
        }
        let now = (self.now)();
        let interrupted = prior.ready_for_renewal == Planned::Known(true)
            && !prior.has_request()
            && self.keys.is_succeeded(prior, call).await?;
        let decision = match plan::decide(prior, plan, now)? {
            Decision::Keep(_) if interrupted => Decision::Issue(Some(diagnostics::completion())),
            decision => decision,
        };
        match decision {
            Decision::Keep(warning) => {
                outputs::planned_kept(prior, plan, now);
                if plan.has_request() {
                    outputs::plan_key(config, plan);
                }
                Ok(warning)
            }
            Decision::Issue(warning) => {
                // The interrupted apply possibly created another key.
                let new_key = plan.rotates_key() || plan.has_request() || interrupted;
                plan.set_outputs_unknown(new_key);
                outputs::planned_new(plan);
                outputs::plan_key(config, plan);
                Ok(warning)
            }
        }
    }
}

impl<S: LeafStores> Resource for LeafCertificates<S> {
    type Model = LeafCertificate;

    async fn create(&self, mut request: Create<LeafCertificate>) -> Outcome<LeafCertificate> {
        request.plan.issuance_record_uri = Planned::Null;
        request.plan.previous_certificates = Planned::Known(Vec::new());
        let call = request.call.clone();
        let issuer = intent::issuer(&request.plan).map_err(Failure::nothing)?;
        let mut stored = match request.plan.has_request() {
            false => Box::pin(self.keys.create(request)).await?,
            true => {
                let issued = self.issue_for_request(None, request.plan, &call).await;
                Stored::new(issued.map_err(Failure::nothing)?)
            }
        };
        self.record(&mut stored.state, &issuer, &call).await;
        Ok(stored)
    }

    async fn read(
        &self,
        request: Read<LeafCertificate>,
    ) -> Result<Option<Stored<LeafCertificate>>, Diagnostics> {
        if request.prior.has_request() {
            return self.refreshed(request.prior).map(Stored::new).map(Some);
        }
        let mut request = request;
        request.prior.ready_for_renewal = outputs::is_ready(&request.prior, (self.now)()).into();
        self.keys.read(request).await
    }

    async fn update(&self, mut request: Update<LeafCertificate>) -> Outcome<LeafCertificate> {
        if request.plan.issuance_record_uri.is_unknown() {
            request.plan.issuance_record_uri = Planned::Null;
        }
        let call = request.call.clone();
        if request.plan.serial_number.is_unknown() {
            let missing = match request.prior.ready_for_renewal {
                Planned::Known(true) => self.missing(&request.prior, &call).await,
                _ => Ok(None),
            };
            let missing = missing.map_err(Failure::unchanged)?;
            let previous = previous::superseded(&request.prior, missing, (self.now)());
            request.plan.previous_certificates = previous.map_err(Failure::unchanged)?;
        }
        let issuer = intent::issuer(&request.plan).map_err(Failure::unchanged)?;
        let plan = &request.plan;
        let mut stored = match (plan.has_request(), plan.serial_number.is_unknown()) {
            (false, _) => Box::pin(self.keys.update(request)).await?,
            (true, true) => {
                let prior = Some(&request.prior);
                let issued = self.issue_for_request(prior, request.plan, &call).await;
                Stored::new(issued.map_err(Failure::unchanged)?)
            }
            (true, false) => {
                let kept = settled(request.plan);
                Stored::new(kept.map_err(Failure::unchanged)?)
            }
        };
        // The apply possibly adopted the missing certificate.
        let current = &stored.state.serial_number;
        if let Some(previous) = &mut stored.state.previous_certificates {
            previous.retain(|certificate| certificate.serial_number != *current);
        }
        self.record(&mut stored.state, &issuer, &call).await;
        Ok(stored)
    }

    async fn delete(
        &self,
        request: Delete<LeafCertificate>,
    ) -> Result<(), Failure<LeafCertificate>> {
        let prior = &request.prior;
        let refused = match prior.has_request() {
            true => key_source::refuse_protected(&prior.deletion_protection),
            false => refuse_protected::<LeafCertificate>(prior),
        };
        refused.map_err(Failure::unchanged)?;
        // The revocation precedes the deletion: a refresh would remove a deleted object from the state.
        self.revoke(&request.prior, &request.call)
            .await
            .map_err(Failure::unchanged)?;
        match request.prior.has_request() {
            true => Ok(()),
            false => self.keys.delete(request).await,
        }
    }

    fn validate(&self, request: Validate<LeafCertificate>) -> Diagnostics {
        self.keys.validate(request)
    }

    async fn plan(&self, request: &mut Plan<LeafCertificate>) -> Result<(), Diagnostics> {
        let now = (self.now)();
        match (&request.prior, &mut request.plan) {
            (Some(prior), None) => request.warnings.extend(plan::unrevoked(prior, now)),
            (Some(prior), Some(plan)) => {
                let config = request.config.as_ref();
                let change = self.plan_change(prior, config, plan, &request.call);
                let warning = Box::pin(change).await?;
                request.warnings.extend(warning);
            }
            (None, Some(plan)) => {
                outputs::planned_new(plan);
                outputs::plan_key(request.config.as_ref(), plan);
            }
            (None, None) => {}
        }
        let planned = request.plan.as_ref().or(request.prior.as_ref());
        if !planned.is_some_and(LeafCertificatePlan::has_request) {
            return self.keys.plan(request).await;
        }
        match (&request.prior, &request.plan) {
            (Some(prior), None) => key_source::refuse_protected(&prior.deletion_protection),
            (None, Some(plan)) => plan::invalid_creation(plan, now).into_result().map(drop),
            (Some(prior), Some(plan)) if !plan.serial_number.is_unknown() => {
                let expiry = expiry_warning::<LeafCertificate>(prior, now);
                let imported = import::with_imported_issuer(prior, plan);
                let imported = imported.filter(|imported| imported == prior);
                request.warnings.extend(expiry);
                if let Some(imported) = imported {
                    request.plan = Some(imported);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn import(&self, request: Import) -> Result<Imported<LeafCertificate>, Diagnostics> {
        match RequestedImport::is_meant(&request.id) {
            true => import::requested(&request.id, (self.now)()).map(Imported::new),
            false => self.keys.import(request).await,
        }
    }
}

impl StoredKeyType for LeafCertificate {
    type Certificate = LeafIntent;

    const WORDING: Wording = wording::WORDING;

    fn certificate(plan: &LeafCertificatePlan) -> Result<LeafIntent, Diagnostics> {
        LeafIntent::of(plan)
    }

    fn invalid_configuration(config: &LeafCertificatePlan) -> Diagnostics {
        validate::invalid_configuration(config)
    }

    fn invalid_creation(plan: &LeafCertificatePlan, now: Timestamp) -> Diagnostics {
        plan::invalid_creation(plan, now)
    }

    fn locked_attributes(_: &LeafCertificatePlan, _: &LeafCertificatePlan) -> Vec<LockedAttribute> {
        Vec::new()
    }

    fn change_warnings(_: &LeafCertificatePlan, _: &LeafCertificatePlan) -> Option<Diagnostic> {
        None
    }

    fn is_reissue(_: &LeafCertificatePlan, plan: &LeafCertificatePlan) -> bool {
        plan.serial_number.is_unknown()
    }

    fn rotates_key(plan: &LeafCertificatePlan) -> bool {
        plan.rotates_key()
    }

    fn invalid_change(prior: &LeafCertificatePlan, plan: &LeafCertificatePlan) -> Diagnostics {
        plan::invalid_change(prior, plan)
    }

    fn mark_interrupted(state: &mut LeafCertificatePlan) {
        state.ready_for_renewal = true.into();
    }

    fn set_outputs(plan: &mut LeafCertificatePlan, issued: &Issued) {
        outputs::set(plan, issued);
    }

    fn imported(certificate: &Certificate, secret: &SecretDescription) -> LeafCertificatePlan {
        import::as_configured(certificate, secret)
    }

    fn with_imported_issuer(
        prior: &LeafCertificatePlan,
        plan: &LeafCertificatePlan,
    ) -> Option<LeafCertificatePlan> {
        import::with_imported_issuer(prior, plan)
    }
}
