//! A resource whose operations fail on request, and say each time what exists then.

use tfplugin::validate::one_of;
use tfplugin::{
    Configured, Create, Delete, Diagnostic, Diagnostics, Failure, Outcome, Planned, Read, Resource,
    Schema, Stored, Update,
};

use super::store::{Store, settled};

/// A thing that fails.
#[derive(Schema)]
#[resource(name = "corner_failing", version = 0)]
pub(crate) struct Thing {
    /// Its name.
    #[attr(required)]
    name: String,
    /// How far along it is.
    #[attr(optional, default = 0)]
    step: i64,
    /// A step that is taken after `step`.
    #[attr(optional, default = 0)]
    next_step: i64,
    /// What fails.
    #[attr(optional, validate = one_of(&["create nothing", "create partial", "update unchanged", "update partial", "delete"]))]
    fail: Option<String>,
    /// Names it once it exists.
    #[attr(computed, keep)]
    id: String,
    /// Filled in at the very end.
    #[attr(computed)]
    seal: String,
}

/// The things in a store.
pub(crate) struct Failing(pub(crate) Configured<Store>);

fn broken(what: &str) -> Diagnostic {
    let detail = format!("It was asked for: {what}. Remove the attribute and apply again.");
    Diagnostic::error("The thing broke", detail).at(Thing::paths().fail())
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
            Some("create nothing") => Err(Failure::nothing(broken("nothing was made"))),
            Some("create partial") => {
                let id = plan.name.clone().map(|name| format!("id-{name}"));
                let stored = self.write(plan.clone()).map_err(Failure::nothing)?;
                let partial = ThingPlan {
                    id,
                    seal: Planned::Unknown,
                    ..stored.state.into()
                };
                Err(Failure::partial(partial, broken("it was made in part")))
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
            Some("update unchanged") => Err(Failure::unchanged(broken("nothing was changed"))),
            Some("update partial") => {
                // The first step was taken, the second was not.
                let partial = ThingPlan {
                    step: plan.step,
                    ..prior
                };
                self.write(partial.clone()).map_err(Failure::unchanged)?;
                Err(Failure::partial(partial, broken("one step was taken")))
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
            return Err(Failure::unchanged(broken("it stays")));
        }
        let name = request.prior.name.into_known().unwrap_or_default();
        self.0
            .get()
            .and_then(|store| store.remove("corner_failing", &name))
            .map_err(Failure::unchanged)
    }
}
