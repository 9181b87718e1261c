//! Resource type `skreg_ecs_service_bundle`: ECS services that are deployed together.
//!
//! This module maps framework calls to operations. All operations follow these rules: a failure does not taint the
//! resource; a deployment that was rolled back is a failure; the state describes the running services; and a difference
//! from the configuration results in a planned update.

mod access;
mod apply;
mod containers;
mod deadline;
mod desired;
pub mod diagnostics;
mod import;
mod location;
pub mod model;
mod plan;
pub mod provider_settings;
mod read;
mod resource_type;
mod state;
mod tags;
#[cfg(test)]
mod tests;
mod validate;

use std::time::Duration;

use tfplugin::{
    Create, Delete, Diagnostics, Failure, Import, Imported, Operation, Outcome, Plan, Read,
    Resource, Stored, Update, Validate,
};

pub use self::access::EcsAccess;
use self::deadline::time_for;
use self::model::{ServiceBundle, ServiceBundlePlan};
pub use self::resource_type::ServiceBundles;
use self::state::{identity_of, names_of};
use crate::aws::limits::{GRACE, during};
use crate::ecs::clock::Clock;

impl<E: EcsAccess, C: Clock + 'static> Resource for ServiceBundles<E, C> {
    type Model = ServiceBundle;

    async fn create(&self, request: Create<ServiceBundle>) -> Outcome<ServiceBundle> {
        let work = self.create_bundle(&request.plan, &request.call);
        during(&request.call, GRACE, work).await
    }

    async fn read(
        &self,
        request: Read<ServiceBundle>,
    ) -> Result<Option<Stored<ServiceBundle>>, Diagnostics> {
        let identity = identity_of(&request.prior);
        let work = self.refresh(request.prior, &request.call);
        let state = during(&request.call, GRACE, work).await?;
        match (identity, &state) {
            (Some(identity), Some(_)) => self.identities.remember(identity),
            (Some(identity), None) => self.identities.forget(&identity),
            (None, _) => {}
        }
        Ok(state.map(Stored::new))
    }

    async fn update(&self, request: Update<ServiceBundle>) -> Outcome<ServiceBundle> {
        let work = self.update_bundle(&request.prior, &request.plan, &request.call);
        during(&request.call, GRACE, work).await
    }

    async fn delete(&self, request: Delete<ServiceBundle>) -> Result<(), Failure<ServiceBundle>> {
        let work = self.delete_bundle(&request.prior, &request.call);
        let removed = during(&request.call, GRACE, work).await;
        removed.map_err(Failure::unchanged)
    }

    fn default_timeout(
        &self,
        operation: Operation,
        object: &ServiceBundlePlan,
    ) -> Option<Duration> {
        time_for(operation, names_of(object).len())
    }

    fn validate(&self, request: Validate<ServiceBundle>) -> Diagnostics {
        validate::invalid_configuration(&request.config)
    }

    async fn plan(&self, request: &mut Plan<ServiceBundle>) -> Result<(), Diagnostics> {
        self.adjust_plan(request).await
    }

    async fn import(&self, request: Import) -> Result<Imported<ServiceBundle>, Diagnostics> {
        import::state_of(&request.id)
    }
}
