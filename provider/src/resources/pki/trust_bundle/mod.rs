//! `skreg_pki_trust_bundle`: the roots that relying parties trust, published in Amazon S3.
//!
//! The following rules apply to all operations:
//!
//! - The version of the published bundle never falls, and rises with every change of the content. [`publication`] describes how
//!   two writers of the same objects comply with this rule.
//! - Every bundle is a permitted successor of the published one ([`TrustBundle::successor`]).
//! - An interrupted operation leaves a valid JSON document. The next apply writes the objects that are derived from it.
//! - Failures never result in a tainted resource, and no attribute requires replacement.
//!
//! [`publication`]: super::publication
//! [`TrustBundle::successor`]: crate::pki::trust::TrustBundle::successor

mod apply;
mod diagnostics;
mod import;
pub mod model;
mod outputs;
mod plan;
mod read;
mod settings;
#[cfg(test)]
mod tests;
mod validate;

use jiff::Timestamp;
use tfplugin::{
    Create, Delete, Diagnostics, Failure, Import, Imported, Outcome, Plan, Read, Resource, Stored,
    Update, Validate,
};

use self::model::TrustBundle;
use crate::aws::objects::ObjectStores;

/// The resource type `skreg_pki_trust_bundle`.
pub struct TrustBundles<S> {
    stores: S,
    now: fn() -> Timestamp,
}

impl<S: ObjectStores> TrustBundles<S> {
    /// Creates the resource type with its dependencies.
    pub fn new(stores: S, now: fn() -> Timestamp) -> Self {
        Self { stores, now }
    }
}

impl<S: ObjectStores> Resource for TrustBundles<S> {
    type Model = TrustBundle;

    async fn create(&self, request: Create<TrustBundle>) -> Outcome<TrustBundle> {
        let state = self.publish(None, request.plan, &request.call).await;
        state.map(Stored::new).map_err(Failure::nothing)
    }

    async fn read(
        &self,
        request: Read<TrustBundle>,
    ) -> Result<Option<Stored<TrustBundle>>, Diagnostics> {
        let state = self.refresh(request.prior, &request.call).await?;
        Ok(Some(Stored::new(state)))
    }

    async fn update(&self, request: Update<TrustBundle>) -> Outcome<TrustBundle> {
        let state = self
            .publish(Some(&request.prior), request.plan, &request.call)
            .await;
        state.map(Stored::new).map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<TrustBundle>) -> Result<(), Failure<TrustBundle>> {
        let removed = self.remove(&request.prior, &request.call).await;
        removed.map_err(Failure::unchanged)
    }

    fn validate(&self, request: Validate<TrustBundle>) -> Diagnostics {
        validate::invalid_configuration(&request.config)
    }

    async fn plan(&self, request: &mut Plan<TrustBundle>) -> Result<(), Diagnostics> {
        self.review(request).await
    }

    async fn import(&self, request: Import) -> Result<Imported<TrustBundle>, Diagnostics> {
        self.find(&request.id, &request.call).await
    }
}
