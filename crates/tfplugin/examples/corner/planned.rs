//! A resource that demonstrates the planning rules: defaults, computed values that remain known or become unknown,
//! replacement, and write-only arguments with version numbers that trigger their changes.

use std::collections::BTreeSet;

use tfplugin::validate::{length, range};
use tfplugin::{
    Configured, Create, Delete, Diagnostics, Failure, Outcome, Plan, Planned, Read, Resource,
    Schema, Secret, Stored, Update, WriteOnly,
};

use super::store::{Store, settled};

/// An engine.
#[derive(Schema)]
#[resource(name = "corner_planned", version = 0)]
pub(crate) struct Engine {
    /// Name of the engine.
    #[attr(required, validate = length(1..=20))]
    name: String,
    /// Speed of the engine.
    #[attr(optional, default = 5, validate = range(0..=10))]
    speed: i64,
    /// Sound that the engine makes when it starts.
    #[attr(optional, default = "brumm")]
    sound: String,
    /// Whether the engine runs.
    #[attr(optional, default = true)]
    running: bool,
    /// Engine settings.
    #[attr(optional)]
    settings: Option<Settings>,
    /// Pipes in the engine.
    #[attr(optional)]
    pipes: Option<BTreeSet<Pipe>>,
    /// Fuel of the engine. Changing this forces a new resource.
    #[attr(optional, requires_replace)]
    fuel: Option<String>,
    /// Key that unlocks the engine.
    #[attr(optional, write_only)]
    key: WriteOnly<Secret>,
    /// Version of the key. Increment it to send the key again.
    #[attr(optional)]
    key_version: Option<i64>,
    /// Seed of the engine.
    #[attr(optional, write_only)]
    seed: WriteOnly<Secret>,
    /// Version of the seed. Changing this forces a new resource.
    #[attr(optional)]
    seed_version: Option<i64>,
    /// Text on the engine's sticker.
    #[attr(optional, sensitive)]
    sticker: Option<String>,
    /// Location of the engine. The provider chooses a location if you do not specify one.
    #[attr(optional, computed)]
    place: String,
    /// Identifier of the engine.
    #[attr(computed, keep)]
    id: String,
    /// Number of times that the engine was written.
    #[attr(computed)]
    revision: i64,
    /// Number of characters in the key that was last sent.
    #[attr(computed)]
    key_length: i64,
}

/// Engine settings.
#[derive(Schema)]
struct Settings {
    /// Temperature of the engine.
    #[attr(optional, default = 90)]
    heat: i64,
    /// Type of oil. Changing this forces a new resource.
    #[attr(optional, requires_replace)]
    oil: Option<String>,
    /// Value that the engine measures.
    #[attr(computed)]
    measured: String,
}

/// A pipe.
#[derive(Schema, PartialEq, Eq, PartialOrd, Ord)]
struct Pipe {
    /// Width of the pipe.
    #[attr(required)]
    width: i64,
    /// Material of the pipe.
    #[attr(optional, default = "steel")]
    metal: String,
    /// Label that the engine assigns to the pipe.
    #[attr(computed)]
    mark: String,
}

/// Engines in a store.
pub(crate) struct AllRules(pub(crate) Configured<Store>);

impl AllRules {
    fn write(
        &self,
        mut plan: EnginePlan,
        config: EnginePlan,
        revision: i64,
    ) -> Result<Stored<Engine>, Diagnostics> {
        let name: String = plan.name.clone().settle(Engine::paths().name())?;
        let settle = |value: &mut Planned<_>, known| {
            if value.is_unknown() {
                *value = Planned::Known(known);
            }
        };
        settle(&mut plan.id, format!("id-{name}"));
        settle(&mut plan.place, format!("place-{name}"));
        if let Planned::Known(settings) = &mut plan.settings {
            settle(&mut settings.measured, format!("measured-{revision}"));
        }
        plan.pipes = plan
            .pipes
            .map(|pipes| pipes.into_iter().map(|pipe| pipe.map(marked)).collect());
        plan.revision = Planned::Known(revision);
        let characters = config
            .key
            .known()
            .map_or(0, |key| key.reveal().chars().count());
        plan.key_length = Planned::Known(i64::try_from(characters).unwrap_or(i64::MAX));
        Ok(Stored::new(self.0.get()?.save(&name, settled(plan)?)?))
    }
}

fn marked(mut pipe: PipePlan) -> PipePlan {
    let (width, metal) = (pipe.width.known(), pipe.metal.known());
    pipe.mark = Planned::Known(format!(
        "{} {}",
        width.copied().unwrap_or_default(),
        metal.map_or("", String::as_str)
    ));
    pipe
}

impl Resource for AllRules {
    type Model = Engine;

    async fn plan(&self, request: &mut Plan<Engine>) -> Result<(), Diagnostics> {
        // A write-only argument is null in both states. Only its version number indicates a change.
        if let (Some(prior), Some(plan)) = (&request.prior, &request.plan)
            && prior.seed_version != plan.seed_version
        {
            request.requires_replace.push(Engine::paths().seed());
        }
        Ok(())
    }

    async fn create(&self, request: Create<Engine>) -> Outcome<Engine> {
        self.write(request.plan, request.config, 1)
            .map_err(Failure::nothing)
    }

    async fn read(&self, request: Read<Engine>) -> Result<Option<Stored<Engine>>, Diagnostics> {
        let name: String = request.prior.name.settle(Engine::paths().name())?;
        Ok(self.0.get()?.load(&name)?.map(Stored::new))
    }

    async fn update(&self, request: Update<Engine>) -> Outcome<Engine> {
        let revision = request
            .prior
            .revision
            .known()
            .map_or(1, |revision| revision + 1);
        self.write(request.plan, request.config, revision)
            .map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<Engine>) -> Result<(), Failure<Engine>> {
        let name = request.prior.name.into_known().unwrap_or_default();
        self.0
            .get()
            .and_then(|store| store.remove("corner_planned", &name))
            .map_err(Failure::unchanged)
    }
}
