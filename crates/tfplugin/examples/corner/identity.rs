//! A resource that can be imported by ID or by identity.

use tfplugin::schema::Value;
use tfplugin::{
    Configured, Create, Delete, Diagnostic, Diagnostics, Failure, Import, Imported, Outcome,
    Planned, Read, Resource, Schema, Stored, Update, UpgradeIdentity,
};

use super::store::{Store, settled};

/// A place in a country.
#[derive(Schema)]
#[resource(name = "corner_place", version = 0, identity_version = 1)]
pub(crate) struct Place {
    /// Name of the place.
    #[attr(required, requires_replace, identity)]
    name: String,
    /// Country that contains the place.
    #[attr(optional, default = "France", requires_replace, optional_identity)]
    country: String,
    /// Streets in the place. They become part of the identity when the place is created.
    #[attr(computed, keep, optional_identity)]
    streets: Vec<String>,
    /// Note about the place.
    #[attr(optional)]
    note: Option<String>,
    /// Failure to cause.
    #[attr(optional)]
    misbehave: Option<String>,
}

/// Places in a store.
pub(crate) struct Places(pub(crate) Configured<Store>);

impl Places {
    fn write(&self, mut plan: PlacePlan) -> Result<Stored<Place>, Diagnostics> {
        let name: String = plan.name.clone().settle(Place::paths().name())?;
        let street = Planned::Known(format!("{name} street"));
        plan.streets = Planned::Known(vec![street]);
        Ok(Stored::new(self.0.get()?.save(&name, settled(plan)?)?))
    }
}

impl Resource for Places {
    type Model = Place;

    async fn create(&self, request: Create<Place>) -> Outcome<Place> {
        self.write(request.plan).map_err(Failure::nothing)
    }

    async fn read(&self, request: Read<Place>) -> Result<Option<Stored<Place>>, Diagnostics> {
        let name: String = request.prior.name.settle(Place::paths().name())?;
        let found = self.0.get()?.load::<Place>(&name)?;
        Ok(found.map(|place| match place.misbehave.as_deref() {
            Some("move away") => Stored::new(Place {
                country: "Spain".to_owned(),
                ..place
            }),
            _ => Stored::new(place),
        }))
    }

    async fn update(&self, request: Update<Place>) -> Outcome<Place> {
        self.write(request.plan).map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<Place>) -> Result<(), Failure<Place>> {
        let name = request.prior.name.into_known().unwrap_or_default();
        self.0
            .get()
            .and_then(|store| store.remove("corner_place", &name))
            .map_err(Failure::unchanged)
    }

    async fn import(&self, request: Import) -> Result<Imported<Place>, Diagnostics> {
        Ok(Imported::new(PlacePlan {
            name: Planned::Known(request.id),
            ..PlacePlan::default()
        }))
    }

    fn upgrade_identity(&self, request: UpgradeIdentity) -> Result<Value, Diagnostics> {
        match request.identity["title"].as_str() {
            Some(title) => Ok(Value::object([
                ("name", Value::from(title)),
                ("country", Value::from("France")),
                ("streets", Value::Null),
            ])),
            None => Err(Diagnostic::error(
                "Identity has no title",
                "Remove the resource from the state, and then import it again.",
            )
            .into()),
        }
    }
}
