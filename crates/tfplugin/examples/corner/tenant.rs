//! A resource that receives the token of a lease as a write-only argument. Its create operation waits until the lease is
//! renewed.

use std::time::Duration;

use tfplugin::{
    Call, Configured, Create, Delete, Diagnostics, Failure, Outcome, Read, Resource, Schema,
    Secret, Stored, Update, WriteOnly,
};

use super::store::{Store, settled};

/// A tenant that holds a lease.
#[derive(Schema)]
#[resource(name = "corner_tenant", version = 0)]
pub(crate) struct Tenant {
    /// Name of the lease.
    #[attr(required, requires_replace)]
    lease: String,
    /// Token of the lease. The lease remains open until the tenant is created.
    #[attr(required, write_only)]
    token: WriteOnly<Secret>,
}

/// Tenants in a store.
pub(crate) struct Tenants(pub(crate) Configured<Store>);

impl Tenants {
    async fn created(&self, plan: TenantPlan, call: &Call) -> Result<Stored<Tenant>, Diagnostics> {
        let store = self.0.get()?;
        let tenant: Tenant = settled(plan)?;
        while !store
            .journal("corner_lease", &tenant.lease)?
            .contains("renew")
        {
            tokio::select! {
                () = call.cancel.cancelled() => break,
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
        }
        let lease = tenant.lease.clone();
        Ok(Stored::new(store.save(&lease, tenant)?))
    }
}

impl Resource for Tenants {
    type Model = Tenant;

    async fn create(&self, request: Create<Tenant>) -> Outcome<Tenant> {
        let created = self.created(request.plan, &request.call).await;
        created.map_err(Failure::nothing)
    }

    async fn read(&self, request: Read<Tenant>) -> Result<Option<Stored<Tenant>>, Diagnostics> {
        let lease: String = request.prior.lease.settle(Tenant::paths().lease())?;
        Ok(self.0.get()?.load(&lease)?.map(Stored::new))
    }

    async fn update(&self, request: Update<Tenant>) -> Outcome<Tenant> {
        let tenant = settled(request.plan).map_err(Failure::unchanged)?;
        Ok(Stored::new(tenant))
    }

    async fn delete(&self, request: Delete<Tenant>) -> Result<(), Failure<Tenant>> {
        let lease = request.prior.lease.into_known().unwrap_or_default();
        self.0
            .get()
            .and_then(|store| store.remove("corner_tenant", &lease))
            .map_err(Failure::unchanged)
    }
}
