//! A resource whose operations fail on request and report the remaining state.

use tfplugin::validate::one_of;
use tfplugin::{
    Configured, Create, Delete, Diagnostic, Diagnostics, Failure, Outcome, Planned, Read, Resource,
    Schema, Stored, Update,
};

use super::store::{Store, settled};

/// A thing whose operations can fail.
#[derive(Schema)]
#[resource(name = "corner_failing", version = 0)]
pub(crate) struct Thing {
    /// Name of the thing.
    #[attr(required)]
    name: String,
    /// Number of the first step.
    #[attr(optional, default = 0)]
    step: i64,
    /// Number of the second step, which is applied after `step`.
    #[attr(optional, default = 0)]
    next_step: i64,
    /// Operation that fails.
    #[attr(optional, validate = one_of(&["create nothing", "create partial", "update unchanged", "update partial", "delete"]))]
    fail: Option<String>,
    /// Identifier of the thing.
    #[attr(computed, keep)]
    id: String,
    /// Value that is set after the thing is created.
    #[attr(computed)]
    seal: String,
}

/// Things in a store.
pub(crate) struct Failing(pub(crate) Configured<Store>);

fn requested(result: &str) -> Diagnostic {
    let detail = format!(
        "The configuration requests this failure: {result}. Remove `fail` and apply again."
    );
    Diagnostic::error("Operation failed on request", detail).at(Thing::paths().fail())
}

impl Failing {
    fn write(&self, mut plan: ThingPlan) -> Result<Stored<Thing>, Diagnostics> {
        let name: String = plan.name.clone().settle(Thing::paths().name())?;
        plan.id = Planned::Known(format!("id-{name}"));
        plan.seal = Planned::Known("sealed".to_owned());
        Ok(Stored::new(self.0.get()?.save(&name, settled(plan)?)?))
    }
}

impl Resource for Failing {
    type Model = Thing;

    async fn create(&self, request: Create<Thing>) -> Outcome<Thing> {
        let plan = request.plan;
        match plan.fail.known().map(String::as_str) {
            Some("create nothing") => Err(Failure::nothing(requested("nothing was created"))),
            Some("create partial") => {
                let id = plan.name.clone().map(|name| format!("id-{name}"));
                let stored = self.write(plan.clone()).map_err(Failure::nothing)?;
                let partial = ThingPlan {
                    id,
                    seal: Planned::Unknown,
                    ..stored.state.into()
                };
                Err(Failure::partial(
                    partial,
                    requested("the thing was partially created"),
                ))
            }
            _ => self.write(plan).map_err(Failure::nothing),
        }
    }

    async fn read(&self, request: Read<Thing>) -> Result<Option<Stored<Thing>>, Diagnostics> {
        let name: String = request.prior.name.settle(Thing::paths().name())?;
        Ok(self.0.get()?.load(&name)?.map(Stored::new))
    }

    async fn update(&self, request: Update<Thing>) -> Outcome<Thing> {
        let Update { prior, plan, .. } = request;
        match plan.fail.known().map(String::as_str) {
            Some("update unchanged") => Err(Failure::unchanged(requested("nothing was changed"))),
            Some("update partial") => {
                // Only the first step is applied.
                let partial = ThingPlan {
                    step: plan.step,
                    ..prior
                };
                self.write(partial.clone()).map_err(Failure::unchanged)?;
                Err(Failure::partial(
                    partial,
                    requested("one of two steps was applied"),
                ))
            }
            _ => self.write(plan).map_err(Failure::unchanged),
        }
    }

    async fn delete(&self, request: Delete<Thing>) -> Result<(), Failure<Thing>> {
        if request
            .prior
            .fail
            .known()
            .is_some_and(|fail| fail == "delete")
        {
            return Err(Failure::unchanged(requested("the thing was not deleted")));
        }
        let name = request.prior.name.into_known().unwrap_or_default();
        self.0
            .get()
            .and_then(|store| store.remove("corner_failing", &name))
            .map_err(Failure::unchanged)
    }
}
