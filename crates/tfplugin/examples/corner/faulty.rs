//! A resource that contains bugs, which its configuration selects: panics, and responses that violate the protocol. Users
//! must receive a diagnostic that identifies the bug in the provider and its location.

use tfplugin::schema::AttributePath;
use tfplugin::{
    Configured, Create, Delete, Diagnostic, Diagnostics, Failure, Outcome, Plan, Planned, Private,
    Read, Resource, Schema, Stored, Update, Validate,
};

use super::store::{Store, settled};

/// An object that triggers a bug.
#[derive(Schema)]
#[resource(name = "corner_faulty", version = 0)]
pub(crate) struct Bug {
    /// Name of the object.
    #[attr(required)]
    name: String,
    /// Bug to trigger.
    #[attr(optional)]
    misbehave: Option<String>,
    /// Remark about the object.
    #[attr(optional)]
    remark: Option<String>,
    /// Remark about the object.
    #[attr(optional, deprecated = "Use `remark` instead.")]
    note: Option<String>,
    /// Legs of the object, in order.
    #[attr(optional)]
    legs: Option<Vec<String>>,
    /// Identifier of the object.
    #[attr(computed, keep)]
    id: String,
}

/// Objects in a store.
pub(crate) struct Faulty(pub(crate) Configured<Store>);

fn has(bug: &BugPlan, misbehave: &str) -> bool {
    bug.misbehave
        .known()
        .is_some_and(|chosen| chosen == misbehave)
}

impl Faulty {
    fn write(&self, mut plan: BugPlan) -> Result<Stored<Bug>, Diagnostics> {
        let name: String = plan.name.clone().settle(Bug::paths().name())?;
        plan.id = Planned::Known(format!("id-{name}"));
        let saved = self.0.get()?.save(&name, settled::<Bug>(plan.clone())?)?;
        let returned = match saved.misbehave.as_deref() {
            Some("omit a leg") => Bug {
                legs: Some(vec!["front".to_owned()]),
                ..saved
            },
            Some("return another remark") => Bug {
                remark: Some("something else".to_owned()),
                ..saved
            },
            _ => saved,
        };
        let mut private = Private::default();
        private.set("alive", true.into());
        Ok(Stored::new(returned).private(private))
    }
}

impl Resource for Faulty {
    type Model = Bug;

    fn validate(&self, request: Validate<Bug>) -> Diagnostics {
        assert!(
            !has(&request.config, "panic in validate"),
            "requested panic in validate"
        );
        Diagnostics::new()
    }

    async fn plan(&self, request: &mut Plan<Bug>) -> Result<(), Diagnostics> {
        let Some(plan) = &mut request.plan else {
            return Ok(());
        };
        assert!(!has(plan, "panic in plan"), "requested panic in plan");
        if has(plan, "plan another remark") {
            plan.remark = Planned::Known("not in the configuration".to_owned());
        }
        if has(plan, "plan more legs") {
            plan.legs = Planned::Known(vec![Planned::Known("sixth".to_owned())]);
        }
        if has(plan, "replace unknown attribute") {
            request
                .requires_replace
                .push(AttributePath::root().attribute("unknown"));
        }
        Ok(())
    }

    async fn create(&self, request: Create<Bug>) -> Outcome<Bug> {
        assert!(
            !has(&request.plan, "panic in create"),
            "requested panic in create"
        );
        let late = has(&request.plan, "panic after create");
        let stored = self.write(request.plan).map_err(Failure::nothing)?;
        if late {
            let mut private = Private::default();
            private.set("alive", true.into());
            request.progress.record_private(private);
            request.progress.record(stored.state.into());
            panic!("requested panic after create");
        }
        Ok(stored)
    }

    async fn read(&self, request: Read<Bug>) -> Result<Option<Stored<Bug>>, Diagnostics> {
        if request.private.get("alive").is_none() {
            return Err(Diagnostic::bug(
                "Private state is missing",
                "The prior private state does not contain `alive`.",
            )
            .into());
        }
        let name: String = request.prior.name.settle(Bug::paths().name())?;
        Ok(self.0.get()?.load(&name)?.map(Stored::new))
    }

    async fn update(&self, request: Update<Bug>) -> Outcome<Bug> {
        assert!(
            !has(&request.plan, "panic in update"),
            "requested panic in update"
        );
        self.write(request.plan).map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<Bug>) -> Result<(), Failure<Bug>> {
        if has(&request.prior, "leave a trace") {
            let detail = "A trace of the object remains. Remove it manually.";
            let warning = Diagnostic::warning("Deletion is incomplete", detail);
            request.call.warnings.push(warning);
        }
        let name = request.prior.name.into_known().unwrap_or_default();
        self.0
            .get()
            .and_then(|store| store.remove("corner_faulty", &name))
            .map_err(Failure::unchanged)
    }
}
