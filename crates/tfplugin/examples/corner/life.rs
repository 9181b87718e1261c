//! A resource that demonstrates the lifecycle of an object: private state, protection, drift, import, a move from another
//! type, and state from an earlier version.

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
    /// Name of the life.
    #[attr(required, requires_replace, validate = length(1..=20))]
    name: String,
    /// Note about the life.
    #[attr(optional)]
    pub(crate) note: Option<String>,
    /// Whether the life is protected from deletion.
    #[attr(optional, default = false)]
    protected: bool,
    /// Number of times that the life was written. The count is kept in private state.
    #[attr(computed)]
    written: i64,
    /// Identifier of the life.
    #[attr(computed, keep)]
    id: String,
}

/// Lives in a store.
pub(crate) struct Lives(pub(crate) Configured<Store>);

impl Lives {
    fn write(&self, mut plan: LifePlan, mut private: Private) -> Result<Stored<Life>, Diagnostics> {
        let name: String = plan.name.clone().settle(Life::paths().name())?;
        let planned = private.get("planned_note").cloned();
        if planned != Some(json!(plan.note.known())) {
            let detail = format!("The private state contains the planned note {planned:?}.");
            return Err(Diagnostic::bug("Private state from the plan is missing", detail).into());
        }
        let written = counted(&private)?.unwrap_or(0) + 1;
        private.set("written", json!(written));
        plan.written = Planned::Known(written);
        plan.id = Planned::Known(format!("id-{name}"));
        Ok(Stored::new(self.0.get()?.save(&name, settled(plan)?)?).private(private))
    }
}

/// Returns the number of times that the life was written. Returns `None` before the first write.
fn counted(private: &Private) -> Result<Option<i64>, Diagnostics> {
    let count = |fact: &serde_json::Value| {
        fact.as_i64().ok_or_else(|| {
            Diagnostic::bug(
                "Private state is invalid",
                format!("{fact} is not a count."),
            )
        })
    };
    Ok(private.get("written").map(count).transpose()?)
}

fn adopted(name: String, note: Planned<String>, written: i64) -> Imported<Life> {
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
                "Private state is missing",
                "The private state of an existing life does not contain `written`.",
            )
            .into());
        };
        let name: String = request.prior.name.settle(Life::paths().name())?;
        let found = self.0.get()?.load::<Life>(&name)?;
        Ok(found.map(|life| {
            let stored = Stored::new(Life { written, ..life });
            match &stored.state.note {
                Some(note) if note.contains("gossip") => {
                    let warning = Diagnostic::warning(
                        "Note contains gossip",
                        "Remove the gossip from the note.",
                    );
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
                let detail = "Set `protected` to false, apply that change, and then try again.";
                return Err(Diagnostic::error("Life is protected", detail)
                    .at(Life::paths().protected())
                    .into());
            }
            return Ok(());
        };
        if request.prior.is_some() && counted(&request.private)?.is_none() {
            return Err(Diagnostic::bug(
                "Private state is missing",
                "The prior private state does not contain `written`.",
            )
            .into());
        }
        request
            .private
            .set("planned_note", json!(plan.note.known()));
        Ok(())
    }

    async fn import(&self, request: Import) -> Result<Imported<Life>, Diagnostics> {
        if request.id.contains('/') {
            let detail = format!(
                "{:?} contains a slash. Specify a name such as `cat`.",
                request.id
            );
            return Err(Diagnostic::error("Import ID is not a name", detail).into());
        }
        Ok(adopted(request.id, Planned::Null, 100))
    }

    fn moved(&self, request: Moved) -> Result<Imported<Life>, Diagnostics> {
        let text = |name: &str| request.source_state[name].as_str().map(str::to_owned);
        match (request.source_type.as_str(), text("name")) {
            ("corner_kinds", Some(name)) if request.source_provider.ends_with(ADDRESS) => {
                let written = counted(&request.source_private)?.unwrap_or(50);
                Ok(adopted(name, text("text").into(), written))
            }
            _ => {
                let detail = format!(
                    "An object of type {} cannot be moved to type corner_life. Only objects of type corner_kinds can be moved.",
                    request.source_type
                );
                Err(Diagnostic::error("Move from this type is not supported", detail).into())
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
