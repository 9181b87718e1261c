//! Maps framework calls to operations on a stored key.

use tfplugin::{
    Create, Delete, Diagnostics, Failure, Import, Imported, Outcome, Plan, Read, Resource, Stored,
    Update, Validate,
};

use super::key_store::KeyStores;
use super::plan::{locked_changes, refuse_protected};
use super::resource_type::{StoredKeyType, StoredKeys};
use super::supplied_key::{invalid_arguments, private_key};
use super::tags::reserved_tags;

impl<T: StoredKeyType, S: KeyStores> Resource for StoredKeys<T, S> {
    type Model = T;

    async fn create(&self, request: Create<T>) -> Outcome<T> {
        let private_key = private_key::<T>(&request.config, &request.plan);
        let private_key = private_key.map_err(Failure::nothing)?;
        let state = Box::pin(self.create_with(request.plan, private_key, &request.call)).await;
        state.map(Stored::new).map_err(Failure::nothing)
    }

    async fn read(&self, request: Read<T>) -> Result<Option<Stored<T>>, Diagnostics> {
        let state = self.refresh(request.prior, &request.call).await?;
        Ok(state.map(Stored::new))
    }

    async fn update(&self, request: Update<T>) -> Outcome<T> {
        let locked = locked_changes::<T>(&request.prior, &request.plan);
        if locked.has_errors() {
            return Err(Failure::unchanged(locked));
        }
        let state = Box::pin(self.change(&request.prior, request.plan, &request.call)).await;
        state.map(Stored::new).map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<T>) -> Result<(), Failure<T>> {
        refuse_protected::<T>(&request.prior).map_err(Failure::unchanged)?;
        self.remove(&request.prior, &request.private, &request.call)
            .await
            .map_err(Failure::unchanged)
    }

    fn validate(&self, request: Validate<T>) -> Diagnostics {
        let mut found = T::invalid_configuration(&request.config);
        found.extend(invalid_arguments::<T>(&request.config));
        found.extend(reserved_tags(&request.config));
        found
    }

    async fn plan(&self, request: &mut Plan<T>) -> Result<(), Diagnostics> {
        Box::pin(self.review(request)).await
    }

    async fn import(&self, request: Import) -> Result<Imported<T>, Diagnostics> {
        self.find(&request.id, &request.call).await
    }
}
