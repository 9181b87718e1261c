//! A resource for the rules of planning: defaults, computed values that stay or become unknown, replacement, and
//! write-only arguments with the number that tells when they change.

use std::collections::BTreeSet;

use tfplugin::validate::{length, range};
use tfplugin::{
    Configured, Create, Delete, Diagnostics, Failure, Outcome, Plan, Planned, Read, Resource,
    Schema, Secret, Stored, Update, WriteOnly,
};

use super::store::{Store, settled};

/// An engine that is planned before it is built.
#[derive(Schema)]
#[resource(name = "corner_planned", version = 0)]
pub(crate) struct Engine {
    /// Its name.
    #[attr(required, validate = length(1..=20))]
    name: String,
    /// How fast it turns.
    #[attr(optional, default = 5, validate = range(0..=10))]
    speed: i64,
    /// What it says when it starts.
    #[attr(optional, default = "brumm")]
    sound: String,
    /// Whether it runs.
    #[attr(optional, default = true)]
    running: bool,
    /// How it is set.
    #[attr(optional)]
    settings: Option<Settings>,
    /// Pipes that lead to it.
    #[attr(optional)]
    pipes: Option<BTreeSet<Pipe>>,
    /// What it burns. Another fuel needs another engine.
    #[attr(optional, requires_replace)]
    fuel: Option<String>,
    /// What opens it.
    #[attr(optional, write_only)]
    key: WriteOnly<Secret>,
    /// Counts the keys. A new number hands over the key again.
    #[attr(optional)]
    key_version: Option<i64>,
    /// What it grows from.
    #[attr(optional, write_only)]
    seed: WriteOnly<Secret>,
    /// Counts the seeds. A new number needs another engine.
    #[attr(optional)]
    seed_version: Option<i64>,
    /// A sticker that should not be read aloud.
    #[attr(optional, sensitive)]
    sticker: Option<String>,
    /// Where it can be seen; the engine chooses a place where none is given.
    #[attr(optional, computed)]
    place: String,
    /// Names it once it exists.
    #[attr(computed, keep)]
    id: String,
    /// Counts the changes.
    #[attr(computed)]
    revision: i64,
    /// How many characters the key had that was handed over last.
    #[attr(computed)]
    key_length: i64,
}

/// Settings of an engine.
#[derive(Schema)]
struct Settings {
    /// How warm it gets.
    #[attr(optional, default = 90)]
    heat: i64,
    /// Where its oil comes from. Other oil needs another engine.
    #[attr(optional, requires_replace)]
    oil: Option<String>,
    /// What it measures by itself.
    #[attr(computed)]
    measured: String,
}

/// A pipe.
#[derive(Schema, PartialEq, Eq, PartialOrd, Ord)]
struct Pipe {
    /// Its width.
    #[attr(required)]
    width: i64,
    /// What it is made of.
    #[attr(optional, default = "steel")]
    metal: String,
    /// What the engine writes on it.
    #[attr(computed)]
    mark: String,
}

/// The engines in a store.
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
        // A write-only argument is null on both sides; its number tells that it changed.
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
