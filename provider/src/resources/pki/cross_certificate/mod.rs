//! `skreg_pki_cross_certificate`: another certificate for an existing certificate authority.
//!
//! The state is the only place of the certificate. If a run ends after the signature and before the state is written, the
//! signed certificate existed only in the memory of the provider: no verifier can receive it, so it does not have to be
//! revoked, and the next apply signs another one. Storing the certificate in a secret before the state would add an object
//! with its own owner, tags, and deletion for a document that is public and can be issued again at any time.

mod apply;
mod diagnostics;
mod import;
mod intent;
pub mod model;
mod outputs;
mod plan;
mod resource_type;
#[cfg(test)]
mod tests;

use tfplugin::{
    Create, Delete, Diagnostics, Failure, Import, Imported, Outcome, Plan, Read, Resource, Stored,
    Update, Validate,
};

use self::model::CrossCertificate;
pub use self::resource_type::CrossCertificates;
use super::stored_key::KeyStores;
use crate::resources::settled::settled;

impl<S: KeyStores + Send + Sync + 'static> Resource for CrossCertificates<S> {
    type Model = CrossCertificate;

    async fn create(&self, request: Create<CrossCertificate>) -> Outcome<CrossCertificate> {
        let state = self.certify(request.plan, &request.call).await;
        state.map(Stored::new).map_err(Failure::nothing)
    }

    async fn read(
        &self,
        request: Read<CrossCertificate>,
    ) -> Result<Option<Stored<CrossCertificate>>, Diagnostics> {
        let mut state = request.prior;
        outputs::refresh(&mut state, (self.now)());
        settled(state).map(|state| Some(Stored::new(state)))
    }

    async fn update(&self, request: Update<CrossCertificate>) -> Outcome<CrossCertificate> {
        let (prior, mut plan) = (request.prior, request.plan);
        let state = match plan::is_reissue(&prior, &plan) {
            true => self.certify(plan, &request.call).await,
            false => match plan::invalid_change(&prior, &plan).into_result() {
                Ok(_) => {
                    outputs::planned(&mut plan, false);
                    settled(plan)
                }
                Err(errors) => Err(errors),
            },
        };
        state.map(Stored::new).map_err(Failure::unchanged)
    }

    /// There is no object outside of the state.
    async fn delete(
        &self,
        _request: Delete<CrossCertificate>,
    ) -> Result<(), Failure<CrossCertificate>> {
        Ok(())
    }

    fn validate(&self, request: Validate<CrossCertificate>) -> Diagnostics {
        request.config.term().invalid_configuration()
    }

    async fn plan(&self, request: &mut Plan<CrossCertificate>) -> Result<(), Diagnostics> {
        let now = (self.now)();
        let (prior, Some(plan)) = (request.prior.as_ref(), request.plan.as_mut()) else {
            let remains = request.prior.as_ref().map(diagnostics::remains_valid);
            request.call.warnings.extend(remains);
            return Ok(());
        };
        let issued = match prior {
            Some(prior) if !plan::is_reissue(prior, plan) => {
                let postponed = plan::postponed_validity(prior, plan);
                request.call.warnings.extend(postponed);
                plan::invalid_change(prior, plan).into_result()?;
                false
            }
            _ => {
                plan::invalid_issuance(plan, now).into_result()?;
                true
            }
        };
        outputs::planned(plan, issued);
        let imported = prior.and_then(|prior| import::unchanged_since_import(prior, plan));
        if let Some(imported) = imported {
            *plan = imported;
        }
        Ok(())
    }

    async fn import(&self, request: Import) -> Result<Imported<CrossCertificate>, Diagnostics> {
        import::imported(&request.id, (self.now)()).map(Imported::new)
    }
}
