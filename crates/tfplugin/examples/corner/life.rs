//! A resource for what happens to an object over its life: private state, protection, drift, import, a move from
//! another type, and state of an older version.

use serde_json::json;
use tfplugin::schema::Value;
use tfplugin::validate::length;
use tfplugin::{
    Configured, Create, Delete, Diagnostic, Diagnostics, Failure, Import, Imported, Moved, Outcome,
    Plan, Planned, Private, Read, Resource, Schema, Stored, Update, Upgrade,
};

use super::store::{Store, settled};

const ADDRESS: &str = "corner/corner";

/// A life.
#[derive(Schema)]
#[resource(name = "corner_life", version = 1)]
pub(crate) struct Life {
    /// Its name.
    #[attr(required, requires_replace, validate = length(1..=20))]
    name: String,
    /// What is noted about it.
    #[attr(optional)]
    pub(crate) note: Option<String>,
    /// A life that is protected cannot be destroyed.
    #[attr(optional, default = false)]
    protected: bool,
    /// How often it was written, as private state remembers.
    #[attr(computed)]
    written: i64,
    /// Names it once it exists.
    #[attr(computed, keep)]
    id: String,
}

/// The lives in a store.
pub(crate) struct Lives(pub(crate) Configured<Store>);

impl Lives {
    fn write(&self, mut plan: LifePlan, mut private: Private) -> Result<Stored<Life>, Diagnostics> {
        let name: String = plan.name.clone().settle(Life::paths().name())?;
        let planned = private.get("planned_note").cloned();
        if planned != Some(json!(plan.note.known())) {
            let detail = format!("The plan was made for the note {planned:?}.");
            return Err(Diagnostic::bug("Private state of the plan is lost", detail).into());
        }
        let written = counted(&private)?.unwrap_or(0) + 1;
        private.set("written", json!(written));
        plan.written = Planned::Known(written);
        plan.id = Planned::Known(format!("id-{name}"));
        Ok(Stored::new(self.0.get()?.save(&name, settled(plan)?)?).private(private))
    }
}

/// How often the life was written; `None` before the first time.
fn counted(private: &Private) -> Result<Option<i64>, Diagnostics> {
    let count = |fact: &serde_json::Value| {
        fact.as_i64().ok_or_else(|| {
            Diagnostic::bug("Private state is damaged", format!("{fact} is no count."))
        })
    };
    Ok(private.get("written").map(count).transpose()?)
}

fn taken_over(name: String, note: Planned<String>, written: i64) -> Imported<Life> {
    let state = LifePlan {
        name: Planned::Known(name),
        note,
        ..LifePlan::default()
    };
    let mut private = Private::default();
    private.set("written", json!(written));
    Imported::new(state).private(private)
}

impl Resource for Lives {
    type Model = Life;

    async fn create(&self, request: Create<Life>) -> Outcome<Life> {
        self.write(request.plan, request.private)
            .map_err(Failure::nothing)
    }

    async fn read(&self, request: Read<Life>) -> Result<Option<Stored<Life>>, Diagnostics> {
        let Some(written) = counted(&request.private)? else {
            return Err(Diagnostic::bug(
                "Private state is lost",
                "The life was written, but nobody knows.",
            )
            .into());
        };
        let name: String = request.prior.name.settle(Life::paths().name())?;
        let found = self.0.get()?.load::<Life>(&name)?;
        Ok(found.map(|life| {
            let stored = Stored::new(Life { written, ..life });
            match &stored.state.note {
                Some(note) if note.contains("gossip") => {
                    let warning =
                        Diagnostic::warning("Gossip was found", "Somebody talks about this life.");
                    stored.warn(warning.at(Life::paths().note()))
                }
                _ => stored,
            }
        }))
    }

    async fn update(&self, request: Update<Life>) -> Outcome<Life> {
        self.write(request.plan, request.private)
            .map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<Life>) -> Result<(), Failure<Life>> {
        let name = request.prior.name.into_known().unwrap_or_default();
        self.0
            .get()
            .and_then(|store| store.remove("corner_life", &name))
            .map_err(Failure::unchanged)
    }

    async fn plan(&self, request: &mut Plan<Life>) -> Result<(), Diagnostics> {
        let Some(plan) = &request.plan else {
            let prior = request.prior.take().unwrap_or_default();
            if prior.protected == Planned::Known(true) {
                let detail = "Set protected to false and apply that first.";
                return Err(Diagnostic::error("The life is protected", detail)
                    .at(Life::paths().protected())
                    .into());
            }
            return Ok(());
        };
        if request.prior.is_some() && counted(&request.private)?.is_none() {
            return Err(Diagnostic::bug("Private state is lost", "A plan without memory.").into());
        }
        request
            .private
            .set("planned_note", json!(plan.note.known()));
        Ok(())
    }

    async fn import(&self, request: Import) -> Result<Imported<Life>, Diagnostics> {
        if request.id.contains('/') {
            let detail = format!(
                "{:?} has a slash. Give the name of the life, such as `cat`.",
                request.id
            );
            return Err(Diagnostic::error("The id is not a name", detail).into());
        }
        Ok(taken_over(request.id, Planned::Null, 100))
    }

    fn moved(&self, request: Moved) -> Result<Imported<Life>, Diagnostics> {
        let text = |name: &str| request.source_state[name].as_str().map(str::to_owned);
        match (request.source_type.as_str(), text("name")) {
            ("corner_kinds", Some(name)) if request.source_provider.ends_with(ADDRESS) => {
                let written = counted(&request.source_private)?.unwrap_or(50);
                Ok(taken_over(name, text("text").into(), written))
            }
            _ => {
                let detail = format!(
                    "A {} is nothing that lives. Only corner_kinds can be moved.",
                    request.source_type
                );
                Err(Diagnostic::error("It cannot become a life", detail).into())
            }
        }
    }

    fn upgrade(&self, request: Upgrade) -> Result<Value, Diagnostics> {
        let title = request.state["title"].as_str().unwrap_or_default();
        let notes = request.state["notes"].as_array().into_iter().flatten();
        let note = notes
            .filter_map(serde_json::Value::as_str)
            .collect::<Vec<_>>()
            .join(", ");
        Ok(Value::object([
            ("name", Value::from(title)),
            ("note", Value::from(note)),
            ("protected", Value::from(false)),
            ("written", Value::from(1)),
            ("id", Value::from(format!("id-{title}"))),
        ]))
    }
}
