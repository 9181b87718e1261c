//! Stores objects of one type by name. Uses only the attributes name and id.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tfplugin::schema::AttributePath;
use tfplugin::{
    Codec, Create, Delete, Diagnostics, Failure, Model, Outcome, Planned, Read, Resource, Stored,
    Update,
};

/// A model for objects that can be stored in memory.
pub(crate) trait StoredModel: Model + Clone {
    /// Returns the name of an object.
    fn name(&self) -> &str;

    /// Returns the name in a plan or in state.
    fn planned_name(plan: &Self::Plan) -> Option<&str>;

    /// Returns the ID in a plan.
    fn id(plan: &mut Self::Plan) -> &mut Planned<String>;
}

/// Objects by name.
pub(crate) struct Memory<M>(Mutex<BTreeMap<String, M>>);

impl<M> Default for Memory<M> {
    fn default() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }
}

impl<M: StoredModel> Memory<M> {
    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, M>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self, mut plan: M::Plan) -> Result<Stored<M>, Diagnostics> {
        let name = M::planned_name(&plan).unwrap_or_default();
        *M::id(&mut plan) = Planned::Known(format!("id-{name}"));
        let object = M::decode(plan.encode(), &AttributePath::root())?;
        self.objects()
            .insert(object.name().to_owned(), object.clone());
        Ok(Stored::new(object))
    }
}

impl<M: StoredModel> Resource for Memory<M> {
    type Model = M;

    async fn create(&self, request: Create<M>) -> Outcome<M> {
        self.store(request.plan).map_err(Failure::nothing)
    }

    async fn read(&self, request: Read<M>) -> Result<Option<Stored<M>>, Diagnostics> {
        let name = M::planned_name(&request.prior).unwrap_or_default();
        Ok(self.objects().get(name).cloned().map(Stored::new))
    }

    async fn update(&self, request: Update<M>) -> Outcome<M> {
        self.store(request.plan).map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<M>) -> Result<(), Failure<M>> {
        let name = M::planned_name(&request.prior).unwrap_or_default();
        self.objects().remove(name);
        Ok(())
    }
}
