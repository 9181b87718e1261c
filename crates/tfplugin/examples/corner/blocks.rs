//! A resource that contains nested blocks in every nesting mode that a struct can express: single, list, set, and map.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::validate::{one_of, range};
use tfplugin::{
    Configured, Create, Delete, Diagnostics, Failure, Import, Imported, Outcome, Planned, Read,
    Resource, Schema, Stored, Update,
};

use super::store::{Store, settled};

/// A building.
#[derive(Schema)]
#[resource(name = "corner_blocks", version = 0)]
pub(crate) struct Blocks {
    /// Name of the building.
    #[attr(required)]
    name: String,
    /// Roof of the building.
    #[block]
    roof: Option<Roof>,
    /// Floors of the building, from the ground floor up.
    #[block]
    floor: Vec<Floor>,
    /// Trees around the building.
    #[block]
    tree: BTreeSet<Tree>,
    /// Doors of the building, by name.
    #[block]
    door: BTreeMap<String, Door>,
    /// Number of floors.
    #[attr(computed)]
    height: i64,
}

/// A roof.
#[derive(Schema)]
struct Roof {
    /// Material of the roof.
    #[attr(optional, default = "tile", validate = one_of(&["tile", "straw"]))]
    material: String,
}

/// A floor.
#[derive(Schema)]
struct Floor {
    /// Purpose of the floor.
    #[attr(required)]
    usage: String,
    /// Rooms on the floor, in order.
    #[block]
    room: Vec<Room>,
}

/// A room.
#[derive(Schema)]
struct Room {
    /// Number of windows.
    #[attr(optional, default = 1, validate = range(0..=9))]
    windows: i64,
    /// Name of the tenant.
    #[attr(optional)]
    tenant: Option<String>,
}

/// A tree.
#[derive(Schema, PartialEq, Eq, PartialOrd, Ord)]
struct Tree {
    /// Species of the tree.
    #[attr(required)]
    kind: String,
    /// Height of the tree in meters.
    #[attr(optional, default = 2)]
    metres: i64,
}

/// A door.
#[derive(Schema)]
struct Door {
    /// Room behind the door.
    #[attr(optional)]
    target: Option<String>,
}

/// Buildings in a store.
pub(crate) struct AllBlocks(pub(crate) Configured<Store>);

impl AllBlocks {
    fn write(&self, mut plan: BlocksPlan) -> Result<Stored<Blocks>, Diagnostics> {
        let name: String = plan.name.clone().settle(Blocks::paths().name())?;
        let floors = plan.floor.known().map_or(0, Vec::len);
        plan.height = Planned::Known(i64::try_from(floors).unwrap_or(i64::MAX));
        Ok(Stored::new(self.0.get()?.save(&name, settled(plan)?)?))
    }
}

impl Resource for AllBlocks {
    type Model = Blocks;

    async fn create(&self, request: Create<Blocks>) -> Outcome<Blocks> {
        self.write(request.plan).map_err(Failure::nothing)
    }

    async fn read(&self, request: Read<Blocks>) -> Result<Option<Stored<Blocks>>, Diagnostics> {
        let name: String = request.prior.name.settle(Blocks::paths().name())?;
        Ok(self.0.get()?.load(&name)?.map(Stored::new))
    }

    async fn update(&self, request: Update<Blocks>) -> Outcome<Blocks> {
        self.write(request.plan).map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<Blocks>) -> Result<(), Failure<Blocks>> {
        let name = request.prior.name.into_known().unwrap_or_default();
        self.0
            .get()
            .and_then(|store| store.remove("corner_blocks", &name))
            .map_err(Failure::unchanged)
    }

    async fn import(&self, request: Import) -> Result<Imported<Blocks>, Diagnostics> {
        Ok(Imported::new(BlocksPlan {
            name: Planned::Known(request.id),
            ..BlocksPlan::default()
        }))
    }
}
