//! Imports objects by ID, and moves objects from other resource types.

use tfschema::Value;

use super::erased::StoredState;
use super::request::Moved;
use super::resource_type::ResourceType;
use crate::call::Runner;
use crate::diagnostics::Diagnostics;
use crate::timeouts::Operation;

impl ResourceType {
    /// Finds an existing object by ID. Returns the object and the warnings. The host reads the object next.
    ///
    /// # Errors
    /// Returns an error if the ID is malformed, or if the type does not support import.
    pub(crate) async fn import(
        &self,
        runner: &Runner,
        id: String,
    ) -> Result<(StoredState, Diagnostics), Diagnostics> {
        let call = self.call(runner, Operation::Read, &Value::Null);
        let warnings = call.warnings.clone();
        let found = self.erased().import(id, call.clone());
        let found = runner.handled("ImportResourceState", &call, found).await;
        warnings.attach(found.and_then(|kept| self.checked(runner, "The imported state", kept)))
    }

    /// Converts the state of an object that has another type. Returns the state and the warnings.
    ///
    /// # Errors
    /// Returns an error if the type does not support a move from the other type.
    pub(crate) fn move_state(
        &self,
        runner: &Runner,
        request: Moved,
    ) -> Result<(StoredState, Diagnostics), Diagnostics> {
        let warnings = request.warnings.clone();
        let moved = self.erased().moved(request);
        warnings.attach(moved.and_then(|kept| self.checked(runner, "The moved state", kept)))
    }
}
