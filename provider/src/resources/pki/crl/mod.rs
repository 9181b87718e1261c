//! `skreg_pki_crl`: a certificate revocation list that is signed by an authority and published in Amazon S3.
//!
//! The following rules apply to all operations:
//!
//! - Every list has a higher number than all lists before it, in the state and in the bucket. [`publication`] describes how two
//!   writers of the same objects comply with this rule.
//! - A list is never published without an entry that the published list contains, unless [`entries`] allows it.
//! - An interrupted operation leaves a valid list. The next refresh reads the list, and the next apply issues its successor.
//! - Failures never result in a tainted resource, and no attribute requires replacement.
//!
//! [`publication`]: super::publication
//! [`entries`]: crate::pki::revocation::entries

mod apply;
mod diagnostics;
mod import;
mod ledger;
pub mod model;
mod outputs;
mod plan;
mod read;
mod serial_number;
mod settings;
mod successor;
#[cfg(test)]
mod tests;
mod validate;

use jiff::Timestamp;
use tfplugin::{
    Create, Delete, Diagnostics, Failure, Import, Imported, Outcome, Plan, Read, Resource, Stored,
    Update, Validate,
};

use self::model::Crl;
use crate::aws::objects::ObjectStores;
use crate::resources::pki::stored_key::KeyStores;

/// Access to the issuer's key and to S3.
pub trait CrlStores: KeyStores + ObjectStores {}

impl<S: KeyStores + ObjectStores> CrlStores for S {}

/// The resource type `skreg_pki_crl`.
pub struct RevocationLists<S> {
    stores: S,
    now: fn() -> Timestamp,
}

impl<S: CrlStores> RevocationLists<S> {
    /// Creates the resource type with its dependencies.
    pub fn new(stores: S, now: fn() -> Timestamp) -> Self {
        Self { stores, now }
    }
}

impl<S: CrlStores> Resource for RevocationLists<S> {
    type Model = Crl;

    async fn create(&self, request: Create<Crl>) -> Outcome<Crl> {
        let state = self.publish(None, request.plan, &request.call).await;
        state.map(Stored::new).map_err(Failure::nothing)
    }

    async fn read(&self, request: Read<Crl>) -> Result<Option<Stored<Crl>>, Diagnostics> {
        let state = self.refresh(request.prior, &request.call).await?;
        Ok(Some(Stored::new(state)))
    }

    async fn update(&self, request: Update<Crl>) -> Outcome<Crl> {
        let state = self
            .publish(Some(&request.prior), request.plan, &request.call)
            .await;
        state.map(Stored::new).map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<Crl>) -> Result<(), Failure<Crl>> {
        let removed = self.remove(&request.prior, &request.call).await;
        removed.map_err(Failure::unchanged)
    }

    fn validate(&self, request: Validate<Crl>) -> Diagnostics {
        validate::invalid_configuration(&request.config)
    }

    async fn plan(&self, request: &mut Plan<Crl>) -> Result<(), Diagnostics> {
        self.review(request).await
    }

    async fn import(&self, request: Import) -> Result<Imported<Crl>, Diagnostics> {
        self.find(&request.id, &request.call).await
    }
}
