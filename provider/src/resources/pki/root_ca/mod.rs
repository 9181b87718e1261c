//! `skreg_pki_root_ca`: a root certificate authority whose key is created once and stored in AWS Secrets Manager.
//!
//! This file maps framework calls to operations. The operations comply with the following rules:
//!
//! - A refresh never reads the value of the secret. It removes a resource from the state only if `deletion_protection`
//!   is false and the secret is deleted or scheduled for deletion.
//! - Failures never result in a tainted resource.
//! - No attribute requires replacement.

mod apply;
mod calls;
mod diagnostics;
mod import;
mod intent;
pub mod model;
mod ownership;
mod plan;
mod read;
mod resource_type;
mod state;
mod tags;
#[cfg(test)]
mod tests;
mod validate;

use tfplugin::{
    Create, Delete, Diagnostics, Failure, Import, Imported, Outcome, Plan, Read, Resource, Stored,
    Update, Validate,
};

use self::model::RootCa;
pub use self::resource_type::RootCas;
use crate::aws::secrets::SecretStores;

impl<S: SecretStores> Resource for RootCas<S> {
    type Model = RootCa;

    async fn create(&self, request: Create<RootCa>) -> Outcome<RootCa> {
        let state = self.create_authority(request.plan, &request.call).await;
        state.map(Stored::new).map_err(Failure::nothing)
    }

    async fn read(&self, request: Read<RootCa>) -> Result<Option<Stored<RootCa>>, Diagnostics> {
        let state = self.refresh(request.prior, &request.call).await?;
        Ok(state.map(Stored::new))
    }

    async fn update(&self, request: Update<RootCa>) -> Outcome<RootCa> {
        let locked = plan::locked_changes(&request.prior, &request.plan);
        if locked.has_errors() {
            return Err(Failure::unchanged(locked));
        }
        let state = self
            .retag(&request.prior, request.plan, &request.call)
            .await;
        state.map(Stored::new).map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<RootCa>) -> Result<(), Failure<RootCa>> {
        plan::refuse_protected(&request.prior).map_err(Failure::unchanged)?;
        self.remove(&request.prior, &request.private, &request.call)
            .await
            .map_err(Failure::unchanged)
    }

    fn validate(&self, request: Validate<RootCa>) -> Diagnostics {
        validate::invalid_configuration(&request.config)
    }

    async fn plan(&self, request: &mut Plan<RootCa>) -> Result<(), Diagnostics> {
        self.review(request).await
    }

    async fn import(&self, request: Import) -> Result<Imported<RootCa>, Diagnostics> {
        self.find(&request.id, &request.call).await
    }
}
