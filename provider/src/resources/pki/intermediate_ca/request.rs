//! Certificates for the key in a certificate signing request. The state is their only location, and no secret exists.
//!
//! If a run ends after the signature and before the state is written, the certificate existed only in the memory of the
//! provider. No verifier can receive it, so it does not have to be revoked, and the next apply signs another one.

use tfplugin::{Call, Diagnostic, Diagnostics, Plan};

use super::diagnostics;
use super::import;
use super::intent::IntermediateCertificate;
use super::model::{IntermediateCa, IntermediateCaPlan};
use super::outputs;
use super::plan;
use super::resource_type::IntermediateCas;
use crate::pki::{CertificateKind, SerialNumber, issue};
use crate::resources::pki::calls::{not_connected, within};
use crate::resources::pki::key_source::{refuse_protected, request_key};
use crate::resources::pki::stored_key::{
    CertificateIntent, KeyState, KeyStores, expiry_warning, locked_changes,
};
use crate::resources::settled::settled;

impl<S: KeyStores> IntermediateCas<S> {
    /// Checks the plan of an authority for a request, and sets the computed attributes.
    pub(super) fn review_request(
        &self,
        request: &mut Plan<IntermediateCa>,
    ) -> Result<(), Diagnostics> {
        let now = (self.now)();
        let prior = request.prior.as_ref();
        let Some(plan) = request.plan.as_mut() else {
            let Some(prior) = prior else { return Ok(()) };
            request.warnings.push(diagnostics::remains_valid(prior));
            return refuse_protected(&prior.deletion_protection);
        };
        let issued = prior.is_none_or(|prior| plan::is_reissue(prior, plan));
        outputs::planned_for_request(prior, plan, issued)?;
        if let Some(prior) = prior {
            let postponed = plan::postponed_validity(prior, plan);
            request.warnings.extend(postponed);
            locked_changes::<IntermediateCa>(prior, plan).into_result()?;
        }
        match prior.filter(|_| !issued) {
            None => plan::invalid_issuance(plan, now).into_result().map(drop),
            Some(prior) => {
                request
                    .call
                    .warnings
                    .extend(expiry_warning::<IntermediateCa>(prior, now));
                let imported = import::with_imported_issuer(prior, plan);
                if let Some(imported) = imported.filter(|imported| imported == prior) {
                    *plan = imported;
                }
                Ok(())
            }
        }
    }

    /// Issues the certificate for the key in the request of a plan.
    pub(super) async fn issue_for_request(
        &self,
        prior: Option<&IntermediateCaPlan>,
        mut plan: IntermediateCaPlan,
        call: &Call,
    ) -> Result<IntermediateCa, Diagnostics> {
        let key = request_key(&plan.csr_pem, CertificateKind::Intermediate)?
            .ok_or_else(|| Diagnostic::bug("The request is missing", "csr_pem is null."))?;
        plan.key_algorithm = key.algorithm().name().to_owned().into();
        let intent = IntermediateCertificate::of(&plan)?;
        let now = Some(self.now);
        let signer = intent.authority().open_at(&self.stores, call, now);
        let signer = signer.await?;
        let serial_number = SerialNumber::random(self.entropy.as_ref())
            .map_err(|error| Diagnostic::bug("Serial number could not be generated", &error))?;
        let description = intent.describe(serial_number, (self.now)())?;
        intent.check(&description, &key)?;
        let issued = within(call, issue(&description, &key, &signer)).await;
        let certificate = issued
            .map_err(not_connected)?
            .map_err(|error| diagnostics::not_issued(&error))?;
        let chain = intent.authority().certificates();
        outputs::set_for_request(prior, &mut plan, &certificate, &chain, (self.now)());
        settled(plan)
    }

    /// Applies a change that does not issue a certificate.
    pub(super) fn change_request(
        &self,
        mut plan: IntermediateCaPlan,
    ) -> Result<IntermediateCa, Diagnostics> {
        let root = IntermediateCertificate::of(&plan)?;
        outputs::set_chain(&mut plan, &root.authority().certificates());
        self.refreshed(plan)
    }

    /// Returns the state after a refresh, which depends on the time only.
    pub(super) fn refreshed(
        &self,
        mut prior: IntermediateCaPlan,
    ) -> Result<IntermediateCa, Diagnostics> {
        let status = outputs::status(&prior, (self.now)());
        prior.set_validity_status(status);
        settled(prior)
    }
}
