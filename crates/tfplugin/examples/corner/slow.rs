//! A resource whose create operation waits until its deadline, or until the user interrupts the run.

use std::time::Duration;

use tfplugin::{
    Configured, Create, Delete, Diagnostic, Diagnostics, Failure, Outcome, Planned, Read, Resource,
    Schema, Stored, Timeouts, Update,
};

use super::store::{Store, settled};

/// An object whose create operation is slow.
#[derive(Schema)]
#[resource(name = "corner_slow", version = 0, timeouts(create = "10m"))]
pub(crate) struct SlowObject {
    /// Name of the object.
    #[attr(required)]
    name: String,
    /// Whether the create operation waits for an event that never occurs.
    #[attr(optional, default = false)]
    waits: bool,
    /// Whether the create operation blocks its thread while it waits, as a synchronous library does.
    #[attr(optional, default = false)]
    blocks: bool,
    /// Identifier of the object.
    #[attr(computed, keep)]
    id: String,
    /// Time limits.
    #[block]
    timeouts: Option<Timeouts>,
}

/// Objects in a store.
pub(crate) struct Slow(pub(crate) Configured<Store>);

impl Resource for Slow {
    type Model = SlowObject;

    async fn create(&self, request: Create<SlowObject>) -> Outcome<SlowObject> {
        let Create { mut plan, call, .. } = request;
        let name = plan.name.clone().into_known().unwrap_or_default();
        plan.id = Planned::Known(format!("id-{name}"));
        let state = settled(plan.clone()).map_err(Failure::nothing)?;
        let store = self.0.get().map_err(Failure::nothing)?;
        let state: SlowObject = store.save(&name, state).map_err(Failure::nothing)?;
        if !state.waits {
            return Ok(Stored::new(state));
        }
        tracing::info!("creation waits");
        if state.blocks {
            while !call.cancel.is_cancelled() {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        tokio::select! {
            () = call.cancel.cancelled() => {
                let detail = "The object was partially created. Apply again to replace it.";
                Err(Failure::partial(plan, Diagnostic::error("Creation was interrupted", detail)))
            }
            () = tokio::time::sleep_until(call.deadline.into()) => {
                let detail = "Increase `create` in the `timeouts` block, and then apply again to replace the object.";
                let late = Diagnostic::error("Creation timed out", detail);
                Err(Failure::partial(plan, late.at(SlowObject::paths().timeouts())))
            }
        }
    }

    async fn read(
        &self,
        request: Read<SlowObject>,
    ) -> Result<Option<Stored<SlowObject>>, Diagnostics> {
        let name: String = request.prior.name.settle(SlowObject::paths().name())?;
        Ok(self.0.get()?.load(&name)?.map(Stored::new))
    }

    async fn update(&self, request: Update<SlowObject>) -> Outcome<SlowObject> {
        let name = request.plan.name.clone().into_known().unwrap_or_default();
        let saved = settled(request.plan).and_then(|state| self.0.get()?.save(&name, state));
        saved.map(Stored::new).map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<SlowObject>) -> Result<(), Failure<SlowObject>> {
        let name = request.prior.name.into_known().unwrap_or_default();
        self.0
            .get()
            .and_then(|store| store.remove("corner_slow", &name))
            .map_err(Failure::unchanged)
    }
}
