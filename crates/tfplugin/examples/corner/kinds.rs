//! A resource that has an attribute of every kind. Configured values must be stored exactly as configured.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::schema::{Number, Value};
use tfplugin::{
    Configured, Create, Delete, Diagnostics, Failure, Import, Imported, Outcome, Planned, Read,
    Resource, Schema, Stored, Update,
};

use super::store::{Store, settled};

/// An object that has an attribute of every kind.
#[derive(Schema)]
#[resource(name = "corner_kinds", version = 0)]
pub(crate) struct Kinds {
    /// Name of the object.
    #[attr(required, requires_replace)]
    pub(crate) name: String,
    /// A string.
    #[attr(optional)]
    pub(crate) text: Option<String>,
    /// A Boolean value.
    #[attr(optional)]
    flag: Option<bool>,
    /// An integer.
    #[attr(optional)]
    whole: Option<i64>,
    /// A port number.
    #[attr(optional)]
    port: Option<u16>,
    /// A number with arbitrary precision.
    #[attr(optional)]
    number: Option<Number>,
    /// Ordered strings.
    #[attr(optional)]
    words: Option<Vec<String>>,
    /// Unordered strings.
    #[attr(optional)]
    bag: Option<BTreeSet<String>>,
    /// Strings by name.
    #[attr(optional)]
    labels: Option<BTreeMap<String, String>>,
    /// Ordered numbers, by name.
    #[attr(optional)]
    table: Option<BTreeMap<String, Vec<Number>>>,
    /// A value of any type.
    #[attr(optional)]
    anything: Option<Value>,
    /// A part.
    #[attr(optional)]
    part: Option<Part>,
    /// Ordered parts.
    #[attr(optional)]
    parts: Option<Vec<Part>>,
    /// Parts by name.
    #[attr(optional)]
    part_map: Option<BTreeMap<String, Part>>,
    /// Unordered parts.
    #[attr(optional)]
    part_set: Option<BTreeSet<Marked>>,
    /// Identifier of the object.
    #[attr(computed, keep)]
    id: String,
    /// Number of times that the object was written.
    #[attr(computed)]
    revision: i64,
}

/// A part with nested parts.
#[derive(Schema)]
pub(crate) struct Part {
    /// Label of the part.
    #[attr(required)]
    label: String,
    /// Size of the part.
    #[attr(optional)]
    size: Option<Number>,
    /// Code that the provider assigns to the part.
    #[attr(computed)]
    code: String,
    /// Screws in the part, by name.
    #[attr(optional)]
    screws: Option<BTreeMap<String, Screw>>,
}

/// A screw.
#[derive(Schema)]
pub(crate) struct Screw {
    /// Length of the screw.
    #[attr(required)]
    length: Number,
}

/// A part that is identified by its mark.
#[derive(Schema, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Marked {
    /// Mark of the part.
    #[attr(required)]
    mark: String,
    /// Code that the provider assigns to the part.
    #[attr(computed)]
    code: String,
}

/// Objects in a store.
pub(crate) struct AllKinds(pub(crate) Configured<Store>);

impl AllKinds {
    fn write(&self, mut plan: KindsPlan, revision: i64) -> Result<Stored<Kinds>, Diagnostics> {
        let name: String = plan.name.clone().settle(Kinds::paths().name())?;
        plan.id = Planned::Known(format!("id-{name}"));
        plan.revision = Planned::Known(revision);
        let single = known(&mut plan.part).into_iter();
        let listed = known(&mut plan.parts)
            .into_iter()
            .flatten()
            .filter_map(known);
        let mapped = known(&mut plan.part_map)
            .into_iter()
            .flat_map(BTreeMap::values_mut)
            .filter_map(known);
        for part in single.chain(listed).chain(mapped) {
            part.code = part.label.clone().map(|label| format!("code-{label}"));
        }
        plan.part_set = plan
            .part_set
            .map(|set| set.into_iter().map(|marked| marked.map(coded)).collect());
        Ok(Stored::new(self.0.get()?.save(&name, settled(plan)?)?))
    }
}

fn known<T>(value: &mut Planned<T>) -> Option<&mut T> {
    match value {
        Planned::Known(value) => Some(value),
        Planned::Null | Planned::Unknown => None,
    }
}

fn coded(mut marked: MarkedPlan) -> MarkedPlan {
    marked.code = marked.mark.clone().map(|mark| format!("code-{mark}"));
    marked
}

impl Resource for AllKinds {
    type Model = Kinds;

    async fn create(&self, request: Create<Kinds>) -> Outcome<Kinds> {
        self.write(request.plan, 1).map_err(Failure::nothing)
    }

    async fn read(&self, request: Read<Kinds>) -> Result<Option<Stored<Kinds>>, Diagnostics> {
        let name: String = request.prior.name.settle(Kinds::paths().name())?;
        Ok(self.0.get()?.load(&name)?.map(Stored::new))
    }

    async fn update(&self, request: Update<Kinds>) -> Outcome<Kinds> {
        let revision = request
            .prior
            .revision
            .known()
            .map_or(1, |revision| revision + 1);
        self.write(request.plan, revision)
            .map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<Kinds>) -> Result<(), Failure<Kinds>> {
        let name = request.prior.name.into_known().unwrap_or_default();
        self.0
            .get()
            .and_then(|store| store.remove("corner_kinds", &name))
            .map_err(Failure::unchanged)
    }

    async fn import(&self, request: Import) -> Result<Imported<Kinds>, Diagnostics> {
        Ok(Imported::new(KindsPlan {
            name: Planned::Known(request.id),
            ..KindsPlan::default()
        }))
    }
}
