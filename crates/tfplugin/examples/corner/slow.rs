//! A resource that takes its time: until its deadline, or until the user interrupts the run.

use std::time::Duration;

use tfplugin::{
    Configured, Create, Delete, Diagnostic, Diagnostics, Failure, Outcome, Planned, Read, Resource,
    Schema, Stored, Timeouts, Update,
};

use super::store::{Store, settled};

/// A thing that takes its time.
#[derive(Schema)]
#[resource(name = "corner_slow", version = 0, timeouts(create = "10m"))]
pub(crate) struct Snail {
    /// Its name.
    #[attr(required)]
    name: String,
    /// Whether creation waits for something that never comes.
    #[attr(optional, default = false)]
    waits: bool,
    /// Whether it keeps its thread while it waits, as a library does that knows no other way.
    #[attr(optional, default = false)]
    blocks: bool,
    /// Names it once it exists.
    #[attr(computed, keep)]
    id: String,
    /// How long it may take.
    #[block]
    timeouts: Option<Timeouts>,
}

/// The snails in a store.
pub(crate) struct Slow(pub(crate) Configured<Store>);

impl Resource for Slow {
    type Model = Snail;

    async fn create(&self, request: Create<Snail>) -> Outcome<Snail> {
        let Create { mut plan, call, .. } = request;
        let name = plan.name.clone().into_known().unwrap_or_default();
        plan.id = Planned::Known(format!("id-{name}"));
        let state = settled(plan.clone()).map_err(Failure::nothing)?;
        let store = self.0.get().map_err(Failure::nothing)?;
        let state: Snail = store.save(&name, state).map_err(Failure::nothing)?;
        if !state.waits {
            return Ok(Stored::new(state));
        }
        tracing::info!("the snail waits");
        if state.blocks {
            while !call.cancel.is_cancelled() {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        tokio::select! {
            () = call.cancel.cancelled() => {
                let detail = "It was half-way. Apply again: it will be replaced.";
                Err(Failure::partial(plan, Diagnostic::error("The snail was interrupted", detail)))
            }
            () = tokio::time::sleep_until(call.deadline.into()) => {
                let detail = "Allow more time in the block `timeouts`, then apply again: it will be replaced.";
                let late = Diagnostic::error("The snail did not arrive in time", detail);
                Err(Failure::partial(plan, late.at(Snail::paths().timeouts())))
            }
        }
    }

    async fn read(&self, request: Read<Snail>) -> Result<Option<Stored<Snail>>, Diagnostics> {
        let name: String = request.prior.name.settle(Snail::paths().name())?;
        Ok(self.0.get()?.load(&name)?.map(Stored::new))
    }

    async fn update(&self, request: Update<Snail>) -> Outcome<Snail> {
        let name = request.plan.name.clone().into_known().unwrap_or_default();
        let saved = settled(request.plan).and_then(|state| self.0.get()?.save(&name, state));
        saved.map(Stored::new).map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<Snail>) -> Result<(), Failure<Snail>> {
        let name = request.prior.name.into_known().unwrap_or_default();
        self.0
            .get()
            .and_then(|store| store.remove("corner_slow", &name))
            .map_err(Failure::unchanged)
    }
}
